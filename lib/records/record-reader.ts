import { Bitmap } from '../bitmap.js'
import { ReplivecError } from '../errors.js'
import { coverRange } from '../filter/range-runs.js'
import { decodeMessage } from '../log/codec.js'
import { replivec } from '../log/schema.js'
import type { KeyValueReader } from './key-value.js'
import { CHUNK_NUMBERS, NumberChunk } from './number-chunk.js'
import {
  chunkOfKey,
  collectionOfKey,
  collectionRange,
  fieldKey,
  fieldValueRange,
  idKey,
  idRange,
  liveRange,
  recordKey,
  STATE_KEY,
  vectorKey,
} from './record-keys.js'
import { openValue, recordsDamaged } from './sealed-value.js'

/** Format of the record store's content, in its state value. */
export const RECORDS_FORMAT = 1
/** A range over more index entries than this is left to evaluation: reading them would hold the event loop. */
const RANGE_ENTRIES_MAX = 16_384
/** Bytes in front of a stored vector: seal, reserved flags, sequence number. */
export const VECTOR_HEADER_BYTES = 16

export type StoreState = replivec.v1.StoreState
export type StoredCollection = replivec.v1.StoredCollection
export type StoredRecord = replivec.v1.StoredRecord

/** A record's vector and the operation that wrote it. */
export interface StoredVector {
  readonly seq: number
  readonly vector: Float32Array
}

/** Typed, checksummed reads of one instant of the record store. Every value is checked before it is believed. */
export class RecordReader {
  readonly #reader: KeyValueReader

  constructor(reader: KeyValueReader) {
    this.#reader = reader
  }

  /** What the store has applied and whose it is; `undefined` before anything was applied. */
  state(): StoreState | undefined {
    const payload = this.#payload(STATE_KEY)
    if (!payload) return undefined
    const state = decode(replivec.v1.StoreState, payload, 'the store state')
    if (state.format !== RECORDS_FORMAT) {
      throw new ReplivecError(
        'FORMAT_UNSUPPORTED',
        `The record store has format ${state.format}; this version reads format ${RECORDS_FORMAT}. Open it with the version that wrote it, or upgrade.`,
        { details: { format: state.format, supported: RECORDS_FORMAT } },
      )
    }
    return state
  }

  *collections(): Generator<[number, StoredCollection]> {
    for (const { key, value } of this.#reader.range(collectionRange)) {
      const payload = openValue(key, value)
      yield [collectionOfKey(key), decode(replivec.v1.StoredCollection, payload, 'a collection')]
    }
  }

  numberOf(collection: number, id: string): number | undefined {
    const payload = this.#payload(idKey(collection, id))
    return payload ? readNumber(payload) : undefined
  }

  record(collection: number, number: number): StoredRecord | undefined {
    const payload = this.#payload(recordKey(collection, number))
    return payload ? decode(replivec.v1.StoredRecord, payload, `record ${number}`) : undefined
  }

  /** A fresh copy of a record's vector. */
  vector(collection: number, number: number, dimensions: number): StoredVector | undefined {
    const key = vectorKey(collection, number)
    const value = this.#reader.get(key)
    if (!value) return undefined
    openValue(key, value)
    if (value.byteLength !== VECTOR_HEADER_BYTES + dimensions * 4) {
      throw recordsDamaged(`the vector of record ${number} has the wrong length`, { collection, number })
    }
    const seq = vectorSeq(value)
    const vector = new Float32Array(dimensions)
    new Uint8Array(vector.buffer).set(value.subarray(VECTOR_HEADER_BYTES))
    return { seq, vector }
  }

  /** Copies a record's vector into `target` at float `offset`; returns the operation that wrote it. */
  vectorInto(
    collection: number,
    number: number,
    target: Float32Array,
    offset: number,
    dimensions: number,
  ): number {
    const key = vectorKey(collection, number)
    const value = this.#reader.get(key)
    if (value?.byteLength !== VECTOR_HEADER_BYTES + dimensions * 4) {
      throw recordsDamaged(`the vector of record ${number} is missing or has the wrong length`, {
        collection,
        number,
      })
    }
    openValue(key, value)
    const bytes = new Uint8Array(target.buffer, target.byteOffset + offset * 4, dimensions * 4)
    bytes.set(value.subarray(VECTOR_HEADER_BYTES))
    return vectorSeq(value)
  }

  /** The operation that wrote a record's vector, checked as the vector is. */
  vectorSeq(collection: number, number: number): number {
    const key = vectorKey(collection, number)
    const value = this.#reader.get(key)
    if (!value || value.byteLength < VECTOR_HEADER_BYTES) {
      throw recordsDamaged(`the vector of record ${number} is missing`, { collection, number })
    }
    openValue(key, value)
    return vectorSeq(value)
  }

  /** The record numbers in use. */
  live(collection: number): Bitmap {
    return this.#union(liveRange(collection))
  }

  /** Record numbers in id order, `limit` at most, from the id after `after`. */
  *numbersById(
    collection: number,
    after: string | undefined,
    limit: number,
  ): Generator<{ number: number; key: Uint8Array }> {
    const range = idRange(collection)
    const start =
      after === undefined ? range.start : Buffer.concat([idKey(collection, after), Uint8Array.of(0)])
    for (const { key, value } of this.#reader.range({ start, end: range.end, limit })) {
      yield { number: readNumber(openValue(key, value)), key }
    }
  }

  /** The records that have an index entry `value` in `field`. */
  lookup(collection: number, field: number, value: Uint8Array): Bitmap {
    const start = fieldKey(collection, field, value, 0)
    const end = Buffer.concat([fieldKey(collection, field, value, CHUNK_NUMBERS - 1), Uint8Array.of(0)])
    return this.#union({ start, end })
  }

  /** The records that have an index entry in [start, end); `undefined` when there are too many entries to read. */
  lookupRange(collection: number, field: number, start: Uint8Array, end: Uint8Array): Bitmap | undefined {
    const rows = new Bitmap()
    let entries = 0
    for (const piece of coverRange(start, end)) {
      const range = fieldValueRange(collection, field, piece.start, piece.end)
      for (const { key, value } of this.#reader.range(range)) {
        entries += 1
        if (entries > RANGE_ENTRIES_MAX) return undefined
        addChunk(rows, key, value)
      }
    }
    return rows
  }

  #union(range: { start: Uint8Array; end: Uint8Array }): Bitmap {
    const rows = new Bitmap()
    for (const { key, value } of this.#reader.range(range)) addChunk(rows, key, value)
    return rows
  }

  #payload(key: Uint8Array): Uint8Array | undefined {
    const value = this.#reader.get(key)
    return value ? openValue(key, value) : undefined
  }
}

function addChunk(rows: Bitmap, key: Uint8Array, value: Uint8Array): void {
  const chunk = chunkOfKey(key)
  rows.reserve((chunk + 1) * CHUNK_NUMBERS)
  NumberChunk.decodeInto(openValue(key, value), rows.words, chunk * (CHUNK_NUMBERS / 32))
}

function vectorSeq(value: Uint8Array): number {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
  return view.getUint32(8, true) + view.getUint32(12, true) * 2 ** 32
}

function readNumber(payload: Uint8Array): number {
  return new DataView(payload.buffer, payload.byteOffset, payload.byteLength).getUint32(0, true)
}

function decode<Message>(
  type: Parameters<typeof decodeMessage<Message>>[0],
  payload: Uint8Array,
  what: string,
): Message {
  try {
    return decodeMessage(type, payload)
  } catch (cause) {
    throw recordsDamaged(`${what} cannot be decoded`, { what }, cause)
  }
}
