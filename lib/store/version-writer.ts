import type { CollectionState } from '../collection/collection-state.js'
import type { Version } from '../collection/versions.js'
import { FieldIndexWriter } from '../records/field-index-writer.js'
import { decodeMetadata } from '../records/metadata.js'
import type { RecordBatch } from '../records/record-batch.js'
import type { RecordReader } from '../records/record-reader.js'

/** Adds to a batch what versions of records change in the record store and its field indexes. */
export class VersionWriter {
  readonly #batch: RecordBatch
  readonly #records: RecordReader
  /** The field indexes of each collection, as it had them when the batch began. */
  readonly #fields = new Map<CollectionState, FieldIndexWriter[]>()

  /** @param records - what is stored before the batch */
  constructor(batch: RecordBatch, records: RecordReader) {
    this.#batch = batch
    this.#records = records
  }

  write(state: CollectionState, version: Version): void {
    const batch = this.#batch
    const records = this.#records
    const fields = this.#fieldsOf(state)
    const { id, number, seq, alive, vector, vectorSeq, metadata } = version
    const storedNumber = version.isNew ? undefined : records.numberOf(state.number, id)
    const stored = storedNumber === undefined ? undefined : records.record(state.number, storedNumber)
    if (stored && storedNumber !== undefined && (!alive || storedNumber !== number)) {
      changeEntries(fields, storedNumber, stored.metadata, undefined)
      batch.deleteRecord(state.number, id, storedNumber)
    }
    if (!alive) return
    const previous = storedNumber === number ? stored : undefined
    if (metadata !== undefined) {
      if (previous?.metadata !== metadata) changeEntries(fields, number, previous?.metadata, metadata)
      const unknowns = previous?.$unknowns
      batch.putRecord(state.number, number, {
        id,
        seq,
        metadata,
        ...(unknowns ? { $unknowns: unknowns } : {}),
      })
    }
    if (vector) batch.putVector(state.number, number, vectorSeq, vector)
    if (!previous) batch.putId(state.number, id, number)
  }

  #fieldsOf(state: CollectionState): readonly FieldIndexWriter[] {
    let fields = this.#fields.get(state)
    if (!fields) {
      fields = state.stored.fields.map((field) => new FieldIndexWriter(this.#batch, state.number, field))
      this.#fields.set(state, fields)
    }
    return fields
  }
}

/** Moves a record from the entries of its old metadata to those of its new one. */
function changeEntries(
  fields: readonly FieldIndexWriter[],
  number: number,
  before: string | undefined,
  after: string | undefined,
): void {
  if (fields.length === 0) return
  const old = before === undefined ? undefined : decodeMetadata(before)
  const fresh = after === undefined ? undefined : decodeMetadata(after)
  for (const field of fields) {
    if (old) field.remove(number, old)
    if (fresh) field.add(number, fresh)
  }
}
