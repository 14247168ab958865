import { encodeMessage } from '../log/codec.js'
import { replivec } from '../log/schema.js'
import type { KeyValueReader, KeyValueWrite } from './key-value.js'
import { CHUNK_NUMBERS, NumberChunk } from './number-chunk.js'
import { collectionKey, fieldKey, idKey, liveKey, recordKey, STATE_KEY, vectorKey } from './record-keys.js'
import { VECTOR_HEADER_BYTES } from './record-reader.js'
import { openValue, sealInPlace, sealValue } from './sealed-value.js'

/**
 * Collects the writes of one transaction on the record store. Sets of record numbers are read from the store once
 * per chunk, changed in memory, and written back by `finish`; so a batch must be committed before the next begins.
 */
export class RecordBatch {
  readonly #reader: KeyValueReader
  readonly #writes: KeyValueWrite[] = []
  readonly #chunks = new Map<string, { key: Uint8Array; chunk: NumberChunk }>()

  constructor(reader: KeyValueReader) {
    this.#reader = reader
  }

  putState(state: replivec.v1.StoreState.$Properties): void {
    this.#put(STATE_KEY, encodeMessage(replivec.v1.StoreState, state))
  }

  putCollection(collection: number, settings: replivec.v1.StoredCollection.$Properties): void {
    this.#put(collectionKey(collection), encodeMessage(replivec.v1.StoredCollection, settings))
  }

  deleteCollection(collection: number): void {
    this.#delete(collectionKey(collection))
  }

  putRecord(collection: number, number: number, record: replivec.v1.StoredRecord.$Properties): void {
    const value = encodeMessage(replivec.v1.StoredRecord, record, 4)
    const key = recordKey(collection, number)
    this.#writes.push({ key, value: sealInPlace(key, value) })
  }

  putVector(collection: number, number: number, seq: number, vector: Float32Array): void {
    const value = Buffer.allocUnsafe(VECTOR_HEADER_BYTES + vector.byteLength)
    value.writeUInt32LE(0, 4)
    value.writeUInt32LE(seq % 2 ** 32, 8)
    value.writeUInt32LE(Math.floor(seq / 2 ** 32), 12)
    value.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength), VECTOR_HEADER_BYTES)
    const key = vectorKey(collection, number)
    this.#writes.push({ key, value: sealInPlace(key, value) })
  }

  /** Gives an id its record number and counts the number as used. */
  putId(collection: number, id: string, number: number): void {
    const payload = new Uint8Array(4)
    new DataView(payload.buffer).setUint32(0, number, true)
    this.#put(idKey(collection, id), payload)
    this.#chunk(liveKey(collection, Math.floor(number / CHUNK_NUMBERS))).add(number % CHUNK_NUMBERS)
  }

  /** Removes a record with its id and vector; its index entries are the caller's to remove. */
  deleteRecord(collection: number, id: string, number: number): void {
    this.#delete(idKey(collection, id))
    this.#delete(recordKey(collection, number))
    this.#delete(vectorKey(collection, number))
    this.#chunk(liveKey(collection, Math.floor(number / CHUNK_NUMBERS))).delete(number % CHUNK_NUMBERS)
  }

  /** The records of one chunk that have an index entry `value`; changes to it are written by `finish`. */
  entry(collection: number, field: number, value: Uint8Array, chunk: number): NumberChunk {
    return this.#chunk(fieldKey(collection, field, value, chunk))
  }

  /** Removes one key as it stands, for sweeping what a dropped collection or index left. */
  deleteKey(key: Uint8Array): void {
    this.#delete(Uint8Array.from(key))
  }

  /**
   * All writes, in order. The batch is spent.
   *
   * @param pace - called between steps; when it returns a promise, that is awaited first
   */
  async finish(pace?: { step(): Promise<void> | undefined }): Promise<KeyValueWrite[]> {
    for (const { key, chunk } of this.#chunks.values()) {
      const pause = pace?.step()
      if (pause) await pause
      const payload = chunk.encode()
      if (payload) this.#put(key, payload)
      else this.#delete(key)
    }
    return this.#writes
  }

  #chunk(key: Uint8Array): NumberChunk {
    const name = Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
    let entry = this.#chunks.get(name)
    if (!entry) {
      const stored = this.#reader.get(key)
      entry = { key, chunk: NumberChunk.decode(stored ? openValue(key, stored) : undefined) }
      this.#chunks.set(name, entry)
    }
    return entry.chunk
  }

  #put(key: Uint8Array, payload: Uint8Array): void {
    this.#writes.push({ key, value: sealValue(key, payload) })
  }

  #delete(key: Uint8Array): void {
    this.#writes.push({ key, value: undefined })
  }
}
