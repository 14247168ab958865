import type { Scalar } from '../filter/ast.js'
import { parseFieldPath } from '../filter/field-path.js'
import { type EntryVisitor, visitEntries } from '../filter/field-values.js'
import { encodeIndexKey } from '../filter/index-key.js'
import { runKeys } from '../filter/range-runs.js'
import { CHUNK_NUMBERS, type NumberChunk } from './number-chunk.js'
import type { Metadata } from './metadata.js'
import type { RecordBatch } from './record-batch.js'

type Change = 'add' | 'delete'

/**
 * Enters records into the index of one field, within one batch. Values repeat from record to record, so the set of
 * records of a value is looked up once a batch and not once a record.
 */
export class FieldIndexWriter {
  readonly #batch: RecordBatch
  readonly #collection: number
  readonly #field: number
  readonly #path: ReturnType<typeof parseFieldPath>
  /** By chunk, then by value: a date by its time under `dates`. */
  readonly #values = new Map<number, Map<unknown, readonly NumberChunk[]>>()
  readonly #dates = new Map<number, Map<unknown, readonly NumberChunk[]>>()

  constructor(
    batch: RecordBatch,
    collection: number,
    field: { readonly path: string; readonly field: number },
  ) {
    this.#batch = batch
    this.#collection = collection
    this.#field = field.field
    this.#path = parseFieldPath(field.path)
  }

  add(number: number, metadata: Metadata): void {
    visitEntries(metadata, this.#path, this.#visitor(number, 'add'))
  }

  remove(number: number, metadata: Metadata): void {
    visitEntries(metadata, this.#path, this.#visitor(number, 'delete'))
  }

  #visitor(number: number, change: Change): EntryVisitor {
    const chunk = Math.floor(number / CHUNK_NUMBERS)
    const member = number % CHUNK_NUMBERS
    const enter = (entries: readonly NumberChunk[]): void => {
      for (const members of entries) members[change](member)
    }
    return {
      scalar: (value) => enter(this.#ofScalar(value, chunk)),
      marker: (key) => enter(this.#of(this.#values, key, chunk, () => [key])),
    }
  }

  #ofScalar(value: Scalar, chunk: number): readonly NumberChunk[] {
    const encode = (): Uint8Array[] => {
      const { key } = encodeIndexKey(value)
      return [key, ...runKeys(key)]
    }
    if (value instanceof Date) return this.#of(this.#dates, value.getTime(), chunk, encode)
    return this.#of(this.#values, value, chunk, encode)
  }

  #of(
    known: Map<number, Map<unknown, readonly NumberChunk[]>>,
    value: unknown,
    chunk: number,
    encode: () => Uint8Array[],
  ): readonly NumberChunk[] {
    let ofChunk = known.get(chunk)
    if (!ofChunk) {
      ofChunk = new Map()
      known.set(chunk, ofChunk)
    }
    let entries = ofChunk.get(value)
    if (!entries) {
      entries = encode().map((key) => this.#batch.entry(this.#collection, this.#field, key, chunk))
      ofChunk.set(value, entries)
    }
    return entries
  }
}
