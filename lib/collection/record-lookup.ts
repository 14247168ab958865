import type { ReplivecError } from '../errors.js'
import { copyMetadata, decodeMetadata, type Metadata } from '../records/metadata.js'
import type { RecordReader } from '../records/record-reader.js'
import { recordsDamaged } from '../records/sealed-value.js'
import type { CollectionState } from './collection-state.js'
import type { Version } from './versions.js'

/** A record as one view sees it, still encoded. */
export interface FoundRecord {
  readonly id: string
  readonly number: number
  /** Encoded metadata. */
  readonly metadata: string
}

/** A record as callers see it. */
export interface DecodedRecord {
  readonly id: string
  readonly metadata: Metadata
}

/** Reads records of one collection at one instant: the overlay where it has something to say, else the record store. */
export class RecordLookup {
  readonly #state: CollectionState
  readonly #records: RecordReader
  readonly #seq: number

  constructor(state: CollectionState, view: { readonly seq: number; readonly records: RecordReader }) {
    this.#state = state
    this.#records = view.records
    this.#seq = view.seq
  }

  byId(id: string): FoundRecord | undefined {
    const version = this.#state.versions.at(id, this.#seq)
    if (version) return this.#ofVersion(version)
    const number = this.#records.numberOf(this.#state.number, id)
    return number === undefined ? undefined : this.#stored(number)
  }

  byNumber(number: number): FoundRecord | undefined {
    const version = this.#state.versions.ofNumber(number, this.#seq)
    if (version) return this.#ofVersion(version)
    const record = this.#records.record(this.#state.number, number)
    return record ? { id: record.id, number, metadata: record.metadata } : undefined
  }

  /**
   * A record this view must see, with metadata of the caller's own; kept for the next who looks for it.
   *
   * @throws `RECORDS_DAMAGED` when it is not there
   */
  decoded(number: number): DecodedRecord {
    const { number: collection, recordCache, versions } = this.#state
    // Where the overlay has a version, the record store may be behind it, or this view.
    const isSettled = !versions.hasNumber(number)
    const known = isSettled ? recordCache?.get(collection, number) : undefined
    if (known) return { id: known.id, metadata: copyMetadata(known.metadata) }
    const { id, metadata: json } = this.existing(number)
    const metadata = decodeMetadata(json)
    if (!isSettled || !recordCache?.keep(collection, number, { id, metadata })) return { id, metadata }
    // What is kept was allocated first: of what V8 sees kept it would take the copies for old as well.
    return { id, metadata: copyMetadata(metadata) }
  }

  /** A record this view must see. @throws `RECORDS_DAMAGED` when it is not there */
  existing(number: number): FoundRecord {
    const record = this.byNumber(number)
    if (!record) throw this.#missing(number)
    return record
  }

  /** A fresh copy of the vector of a record this view sees. */
  vector(number: number): Float32Array {
    const vector = new Float32Array(this.#state.dimensions)
    this.vectorInto(number, vector, 0)
    return vector
  }

  /** Copies a record's vector to float `offset` of `target`; returns the operation that wrote it. */
  vectorInto(number: number, target: Float32Array, offset: number): number {
    const version = this.#state.versions.ofNumber(number, this.#seq)
    if (version?.vector) {
      target.set(version.vector, offset)
      return version.vectorSeq
    }
    return this.#records.vectorInto(this.#state.number, number, target, offset, this.#state.dimensions)
  }

  /** The operation that wrote a record's vector. */
  vectorSeq(number: number): number {
    const version = this.#state.versions.ofNumber(number, this.#seq)
    if (version?.vector) return version.vectorSeq
    return this.#records.vectorSeq(this.#state.number, number)
  }

  #ofVersion(version: Version): FoundRecord | undefined {
    if (!version.alive) return undefined
    const { id, number, metadata } = version
    return metadata === undefined ? this.#stored(number) : { id, number, metadata }
  }

  #stored(number: number): FoundRecord {
    const record = this.#records.record(this.#state.number, number)
    if (!record) throw this.#missing(number)
    return { id: record.id, number, metadata: record.metadata }
  }

  #missing(number: number): ReplivecError {
    const collection = this.#state.name
    return recordsDamaged(`record ${number} of collection '${collection}' is missing`, { collection, number })
  }
}
