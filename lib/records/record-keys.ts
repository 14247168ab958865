import { orderedStringBytes } from './ordered-string.js'

/**
 * Where everything of the record store lies. All keys of a collection share its prefix, so that a dropped one is one
 * range:
 *
 * ```
 * 00                                              store state
 * 01 | collection                                 collection settings
 * 02 | collection | 01 | number                   record: id and metadata
 * 02 | collection | 02 | number                   vector
 * 02 | collection | 03 | id                       record number of an id, in id order
 * 02 | collection | 04 | chunk                    which record numbers are in use
 * 02 | collection | 05 | field | value | chunk    which records have a value
 * ```
 *
 * collection is a big-endian u48 (the sequence number that created it), number and field a u32, chunk a u16 that
 * counts runs of 65 536 record numbers.
 */
export const STATE_KEY = Uint8Array.of(0)

const PREFIX_BYTES = 8

enum Kind {
  record = 1,
  vector = 2,
  id = 3,
  live = 4,
  field = 5,
}

export interface KeyRange {
  readonly start: Uint8Array
  readonly end: Uint8Array
}

export const collectionRange: KeyRange = { start: Uint8Array.of(1), end: Uint8Array.of(2) }

export function collectionKey(collection: number): Uint8Array {
  const key = Buffer.allocUnsafe(7)
  key[0] = 1
  key.writeUIntBE(collection, 1, 6)
  return key
}

export function collectionOfKey(key: Uint8Array): number {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).readUIntBE(1, 6)
}

/** Everything a collection holds, without its settings. */
export function contentRange(collection: number): KeyRange {
  return { start: prefixed(collection, 0, 0), end: prefixed(collection, 0xff, 0) }
}

export function recordKey(collection: number, number: number): Uint8Array {
  return numbered(collection, Kind.record, number)
}

export function vectorKey(collection: number, number: number): Uint8Array {
  return numbered(collection, Kind.vector, number)
}

export function idKey(collection: number, id: string): Uint8Array {
  const bytes = orderedStringBytes(id)
  const key = prefixed(collection, Kind.id, bytes.byteLength)
  key.set(bytes, PREFIX_BYTES)
  return key
}

/** All ids of a collection, in order. */
export function idRange(collection: number): KeyRange {
  return { start: prefixed(collection, Kind.id, 0), end: prefixed(collection, Kind.live, 0) }
}

export function liveKey(collection: number, chunk: number): Uint8Array {
  const key = prefixed(collection, Kind.live, 2)
  key.writeUInt16BE(chunk, PREFIX_BYTES)
  return key
}

export function liveRange(collection: number): KeyRange {
  return { start: prefixed(collection, Kind.live, 0), end: prefixed(collection, Kind.field, 0) }
}

export function fieldKey(collection: number, field: number, value: Uint8Array, chunk: number): Uint8Array {
  const key = fieldPrefix(collection, field, value, 2)
  key.writeUInt16BE(chunk, key.byteLength - 2)
  return key
}

/** The entries of a field from value `start` up to, not including, value `end`. */
export function fieldValueRange(
  collection: number,
  field: number,
  start: Uint8Array,
  end: Uint8Array,
): KeyRange {
  return { start: fieldPrefix(collection, field, start, 0), end: fieldPrefix(collection, field, end, 0) }
}

/** All entries of a field. */
export function fieldRange(collection: number, field: number): KeyRange {
  const none = new Uint8Array(0)
  return { start: fieldPrefix(collection, field, none, 0), end: fieldPrefix(collection, field + 1, none, 0) }
}

/** The chunk number that ends a live or field key. */
export function chunkOfKey(key: Uint8Array): number {
  const last = key.byteLength - 1
  return ((key[last - 1] as number) << 8) | (key[last] as number)
}

function prefixed(collection: number, kind: number, extraBytes: number): Buffer {
  const key = Buffer.allocUnsafe(PREFIX_BYTES + extraBytes)
  key[0] = 2
  key.writeUIntBE(collection, 1, 6)
  key[7] = kind
  return key
}

function numbered(collection: number, kind: Kind, number: number): Uint8Array {
  const key = prefixed(collection, kind, 4)
  key.writeUInt32BE(number, PREFIX_BYTES)
  return key
}

function fieldPrefix(collection: number, field: number, value: Uint8Array, extraBytes: number): Buffer {
  const key = prefixed(collection, Kind.field, 4 + value.byteLength + extraBytes)
  key.writeUInt32BE(field, PREFIX_BYTES)
  key.set(value, PREFIX_BYTES + 4)
  return key
}
