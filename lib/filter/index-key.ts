import type { RangeTest, Scalar } from './ast.js'

/** Longest key, in bytes. */
export const INDEX_KEY_BYTES_MAX = 200

/**
 * The leading byte of a key: what it stands for. Markers say something about a record that no single value does.
 * The format is stored, so the numbers never change meaning.
 */
export const KeyType = { marker: 1, null: 2, boolean: 3, number: 4, string: 5, date: 6 } as const

/** One of the types of `KeyType`. */
export type KeyTypeByte = (typeof KeyType)[keyof typeof KeyType]

/** A key of a field index. */
export interface IndexKey {
  readonly key: Uint8Array
  /** No other value has this key. False for a long string, whose key is that of its beginning. */
  readonly exact: boolean
}

/** The keys from `start` up to, not including, `end`. */
export interface KeyRange {
  readonly start: Uint8Array
  readonly end: Uint8Array
  /** Every key in the range stands only for values in it. */
  readonly exact: boolean
}

// A type byte, the content and a terminator.
const STRING_BYTES_MAX = INDEX_KEY_BYTES_MAX - 2

// Below anything that continues a string, and below the terminator of a longer string cut at the same place.
const END_OF_STRING = 0
const END_OF_CUT_STRING = 1

/**
 * Encodes a value so that byte order is the order of values within a type (strings by UTF-16 code unit), and no key
 * is a prefix of another, so that something may be appended to keys.
 *
 * Long strings are cut. A cut key still sorts right against every uncut one and is equal to none of them; only
 * strings that begin alike share one.
 */
export function encodeIndexKey(value: Scalar): IndexKey {
  if (value === null) return { key: Uint8Array.of(KeyType.null), exact: true }
  switch (typeof value) {
    case 'boolean':
      return { key: Uint8Array.of(KeyType.boolean, value ? 1 : 0), exact: true }
    case 'number':
      return { key: numberKey(KeyType.number, value), exact: true }
    case 'string':
      return stringKey(value)
    default:
      return { key: numberKey(KeyType.date, value.getTime()), exact: true }
  }
}

/** The leading byte of the key of a value. */
export function keyType(value: Scalar): KeyTypeByte {
  if (value === null) return KeyType.null
  if (value instanceof Date) return KeyType.date
  if (typeof value === 'string') return KeyType.string
  return typeof value === 'number' ? KeyType.number : KeyType.boolean
}

/** A key that stands for a fact about the record instead of a value; `code` is one byte. */
export function markerKey(code: number): Uint8Array {
  return Uint8Array.of(KeyType.marker, code)
}

/** The least byte string above `key` and above everything that begins with it. Keys never begin with 0xff. */
export function keyAfter(key: Uint8Array): Uint8Array {
  let length = key.length
  while (key[length - 1] === 0xff) length--
  const after = key.slice(0, length)
  after[length - 1] = (after[length - 1] as number) + 1
  return after
}

/** All keys of one type. */
export function typeRange(type: KeyTypeByte): KeyRange {
  return { start: Uint8Array.of(type), end: Uint8Array.of(type + 1), exact: true }
}

/** The keys of the values within a range test: from one of its ends, or from both, which are then of one type. */
export function boundsRange({ lower, upper }: RangeTest): KeyRange {
  const low = lower && encodeIndexKey(lower.value)
  const high = upper && encodeIndexKey(upper.value)
  const whole = typeRange(keyType(lower?.value ?? upper?.value ?? null))
  // The values that share a cut key lie on either side of the bound, so that key must stay in.
  const start = low && (lower?.inclusive || !low.exact ? low.key : keyAfter(low.key))
  const end = high && (upper?.inclusive || !high.exact ? keyAfter(high.key) : high.key)
  return {
    start: start ?? whole.start,
    end: end ?? whole.end,
    exact: low?.exact !== false && high?.exact !== false,
  }
}

/** The keys of the strings that begin with `prefix`. */
export function prefixRange(prefix: string): KeyRange {
  const content = stringContent(prefix)
  const cut = content.subarray(0, STRING_BYTES_MAX)
  const start = new Uint8Array(1 + cut.length)
  start[0] = KeyType.string
  start.set(cut, 1)
  return { start, end: keyAfter(start), exact: content.length <= STRING_BYTES_MAX }
}

/** An IEEE double, big-endian, with its bits turned so that bytes sort like numbers. */
function numberKey(type: KeyTypeByte, value: number): Uint8Array {
  const key = new Uint8Array(9)
  const view = new DataView(key.buffer)
  // Adding zero makes −0 the 0 that it equals.
  view.setFloat64(1, value + 0)
  const high = view.getUint32(1)
  if (high >= 0x80000000) {
    view.setUint32(1, ~high)
    view.setUint32(5, ~view.getUint32(5))
  } else {
    view.setUint32(1, high | 0x80000000)
  }
  key[0] = type
  return key
}

function stringKey(value: string): IndexKey {
  const content = stringContent(value)
  const exact = content.length <= STRING_BYTES_MAX
  const length = exact ? content.length : STRING_BYTES_MAX
  const key = new Uint8Array(length + 2)
  key[0] = KeyType.string
  key.set(exact ? content : content.subarray(0, length), 1)
  key[length + 1] = exact ? END_OF_STRING : END_OF_CUT_STRING
  return { key, exact }
}

/**
 * The bytes of a string, as far as a key can hold them and at least one byte further. UTF-8 sorts code points, and
 * only surrogates sort differently by code unit, so every code unit is written by itself (as CESU-8 does). 0 is
 * written 1 1 and 1 is written 1 2, which leaves 0 to the terminator.
 */
function stringContent(value: string): Uint8Array {
  const head = value.length > STRING_BYTES_MAX ? value.slice(0, STRING_BYTES_MAX + 1) : value
  if (!/[\u0000\u0001\ud800-\udfff]/.test(head)) return Buffer.from(head, 'utf8')
  const bytes: number[] = []
  for (let i = 0; i < head.length; i++) {
    const unit = head.charCodeAt(i)
    if (unit < 2) bytes.push(1, unit + 1)
    else if (unit < 0x80) bytes.push(unit)
    else if (unit < 0x800) bytes.push(0xc0 | (unit >> 6), 0x80 | (unit & 63))
    else bytes.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 63), 0x80 | (unit & 63))
  }
  return Uint8Array.from(bytes)
}
