import { type KeyRange, KeyType } from './index-key.js'

/**
 * Numbers and dates have further index entries beside the one of their value: of the run of values that share its
 * first bits. A range over a field of many different values then reads a few runs instead of every value, as a
 * dyadic decomposition of the range (de Berg et al., Computational Geometry, 10.1, segment trees).
 *
 * For numbers the runs are powers of two, sixteenths and two hundred and fifty-sixths of one. Dates all lie within
 * few powers of two: theirs are about two years, three days, 17 minutes and four seconds long.
 */
const LEVEL_BITS: Readonly<Record<number, readonly number[]>> = {
  [KeyType.number]: [12, 16, 20],
  [KeyType.date]: [16, 24, 32, 40],
}
const VALUE_BITS = 64
const VALUE_END = 1n << BigInt(VALUE_BITS)
/** Leading bytes of run keys: above those of all value types, one for each type and level. */
const RUN_KEYS = 0x80
const LEVELS_MAX = 4

/** The keys of the runs that the value of a key belongs to; none for values without an order to speak of. */
export function runKeys(key: Uint8Array): Uint8Array[] {
  const type = key[0] as number
  const levels = LEVEL_BITS[type]
  if (!levels) return []
  return levels.map((bits, level) => {
    const run = key.slice(0, 1 + Math.ceil(bits / 8))
    run[0] = leadingByte(type, level)
    const spareBits = (8 - (bits % 8)) % 8
    run[run.length - 1] = (run[run.length - 1] as number) & (0xff << spareBits)
    return run
  })
}

/**
 * Key ranges that together hold an entry of exactly the records with a value key in [start, end): runs where the range
 * covers them whole, single values at its ends.
 */
export function coverRange(start: Uint8Array, end: Uint8Array): Pick<KeyRange, 'start' | 'end'>[] {
  const type = start[0] as number
  const levels = LEVEL_BITS[type]
  const isOneType = end[0] === type || (end[0] === type + 1 && end.length === 1)
  if (!levels || !isOneType) return [{ start, end }]
  const pieces: Pick<KeyRange, 'start' | 'end'>[] = []
  const cover = (low: bigint, high: bigint, level: number): void => {
    if (low >= high) return
    const bits = levels[level]
    if (bits === undefined) {
      pieces.push(pieceOf(type, VALUE_BITS, low, high))
      return
    }
    const width = 1n << BigInt(VALUE_BITS - bits)
    const first = ((low + width - 1n) / width) * width
    const last = (high / width) * width
    if (first < last) {
      pieces.push(pieceOf(leadingByte(type, level), bits, first, last))
      cover(low, first, level + 1)
      cover(last, high, level + 1)
    } else cover(low, high, level + 1)
  }
  cover(bitsOf(start), end[0] === type ? bitsOf(end) : VALUE_END, 0)
  return pieces
}

function leadingByte(type: number, level: number): number {
  return RUN_KEYS + type * LEVELS_MAX + level
}

/** What follows the type byte, as a number; missing bytes are zero, as they sort. */
function bitsOf(key: Uint8Array): bigint {
  let value = 0n
  for (let i = 1; i <= VALUE_BITS / 8; i++) value = (value << 8n) | BigInt(key[i] ?? 0)
  return value
}

function pieceOf(leading: number, bits: number, low: bigint, high: bigint): Pick<KeyRange, 'start' | 'end'> {
  const keyOf = (value: bigint): Uint8Array => {
    if (value === VALUE_END) return Uint8Array.of(leading + 1)
    const key = new Uint8Array(1 + Math.ceil(bits / 8))
    key[0] = leading
    for (let i = 1; i < key.length; i++) key[i] = Number((value >> BigInt(VALUE_BITS - 8 * i)) & 0xffn)
    return key
  }
  return { start: keyOf(low), end: keyOf(high) }
}
