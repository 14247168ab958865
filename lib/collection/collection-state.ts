import type { CollectionIndex } from '../index/collection-index.js'
import type { Metric } from '../index/metric.js'
import type { replivec } from '../log/schema.js'
import { mergeMetadata } from '../records/metadata.js'
import type { RecordReader } from '../records/record-reader.js'
import type { CollectionInfo, IndexedField } from './collection-settings.js'
import { type CollectionStats, OperationCounts } from './collection-stats.js'
import type { CollectionCache } from './query-cache.js'
import type { RecordNumbers } from './record-numbers.js'
import { Version, type VersionContent, Versions } from './versions.js'

export interface CollectionStateOptions {
  /** The sequence number of the operation that created the collection: its number everywhere. */
  readonly number: number
  readonly name: string
  readonly dimensions: number
  readonly metric: Metric
  readonly backend: string
  readonly fields: readonly IndexedField[]
  readonly nextField: number
  readonly records: RecordReader
  readonly numbers: RecordNumbers
  readonly liveCount: number
  readonly index: CollectionIndex
  readonly fallbackReason: string | undefined
  readonly retiredFields?: readonly number[]
  readonly unknownFields?: readonly Uint8Array[] | undefined
  readonly cache?: CollectionCache | undefined
}

/** What the record store keeps of a collection besides its records. */
export type CollectionSettings = Omit<replivec.v1.StoredCollection.$Properties, 'fields'> & {
  fields: IndexedField[]
}

/**
 * The one owner of what a collection holds right now: its settings, its overlay of versions, its record numbers and
 * its index. Operations are staged in sequence order, and published, in the same order, once they are durable.
 */
export class CollectionState {
  readonly number: number
  readonly name: string
  readonly dimensions: number
  readonly metric: Metric
  readonly versions = new Versions()
  /** The part of the query cache, where the store has one. */
  readonly cache: CollectionCache | undefined
  backend: string
  fields: readonly IndexedField[]
  nextField: number
  index: CollectionIndex
  /** Fields no longer indexed whose entries are still to be removed. */
  retiredFields: readonly number[]
  /** Settings as sequenced, ahead of those that are visible. */
  pendingBackend: string
  /** The host's own backend object that was given for it. */
  pendingOwnBackend: object | undefined
  pendingIndexed: readonly string[]
  /** Settings as the record store has them: those of the last operation applied. Everything else here is ahead. */
  stored: CollectionSettings
  /** The operation that dropped the collection is visible. */
  dropped = false
  readonly #records: RecordReader
  readonly #numbers: RecordNumbers
  /** Settings of a later version, kept as they are. */
  readonly #unknownFields: readonly Uint8Array[] | undefined
  #liveCount: number
  readonly counts = new OperationCounts()
  /** Why the backend that answers is not the one asked for. */
  fallbackReason: string | undefined
  /** Puts and removals go to the index only once it is being filled. */
  #indexFilling = false
  #filling: Promise<void> | undefined
  #isFilled = false

  constructor(options: CollectionStateOptions) {
    this.number = options.number
    this.name = options.name
    this.dimensions = options.dimensions
    this.metric = options.metric
    this.backend = options.backend
    this.fields = options.fields
    this.pendingBackend = options.backend
    this.pendingIndexed = options.fields.map(({ path }) => path)
    this.nextField = options.nextField
    this.index = options.index
    this.#records = options.records
    this.#numbers = options.numbers
    this.#liveCount = options.liveCount
    this.fallbackReason = options.fallbackReason
    this.retiredFields = options.retiredFields ?? []
    this.#unknownFields = options.unknownFields
    this.cache = options.cache
    this.stored = this.settings()
  }

  /** Records that a read at this moment finds. */
  get liveCount(): number {
    return this.#liveCount
  }

  /** The index has every record. */
  get isFilled(): boolean {
    return this.#isFilled
  }

  /** From now on published versions go to the index. */
  beginFilling(): void {
    this.#indexFilling = true
  }

  /** Declares the index complete: the collection has no records yet. */
  startEmpty(): void {
    this.#indexFilling = true
    this.#isFilled = true
  }

  /** Fills the index when it is not; a promise as long as that is going on. A failure is tried again at the next call. */
  filled(fill: () => Promise<void>): Promise<void> | undefined {
    if (this.#isFilled) return undefined
    const { index } = this
    this.#filling ??= fill()
      .then(() => {
        if (this.index === index) this.#isFilled = true
      })
      .finally(() => {
        if (this.index === index) this.#filling = undefined
      })
    return this.#filling
  }

  /** Exchanges the index for an empty one, to be filled at the next search. */
  replaceIndex(index: CollectionIndex, backend: string, fallbackReason: string | undefined): void {
    this.index = index
    this.backend = backend
    this.fallbackReason = fallbackReason
    this.#indexFilling = false
    this.#isFilled = false
    this.#filling = undefined
  }

  /** What the record store keeps of the collection besides its records. */
  settings(): CollectionSettings {
    const { name, dimensions, metric, backend, fields, nextField, dropped } = this
    return {
      name,
      dimensions,
      metric,
      backend,
      fields: fields.map((field) => ({ ...field })),
      nextField,
      dropped,
      retiredFields: [...this.retiredFields],
      ...(this.#unknownFields ? { $unknowns: [...this.#unknownFields] } : {}),
    }
  }

  info(): CollectionInfo {
    const { name, dimensions, metric, backend } = this
    return { name, dimensions, metric, backend, indexed: this.fields.map(({ path }) => path) }
  }

  stats(): CollectionStats {
    const { name, dimensions, metric, backend, index } = this
    const fallbackReason = index.trouble?.message ?? this.fallbackReason
    const { indexed, dead, segments, bytes } = index
    const pending = this.#isFilled ? index.pending : this.#liveCount - indexed
    return {
      name,
      dimensions,
      metric,
      backend,
      records: { live: this.#liveCount },
      index: { kind: index.kind, indexed, pending, dead, segments },
      bytes,
      operations: this.counts.copy(),
      cache: this.cache?.stats() ?? { hits: 0, misses: 0, evictions: 0 },
      ...(fallbackReason === undefined ? {} : { fallbackReason }),
    }
  }

  /** The number of a record in the pending state: everything sequenced, visible or not. */
  pendingNumber(id: string): number | undefined {
    const version = this.versions.newest(id)
    if (version) return version.alive ? version.number : undefined
    return this.#records.numberOf(this.number, id)
  }

  /** The encoded metadata of a record in the pending state. */
  pendingMetadata(id: string): string | undefined {
    const number = this.pendingNumber(id)
    if (number === undefined) return undefined
    return this.versions.newest(id)?.metadata ?? this.#records.record(this.number, number)?.metadata ?? '{}'
  }

  stagePut(seq: number, id: string, vector: Float32Array, metadata: string): Version {
    const number = this.pendingNumber(id)
    return this.#stage({
      id,
      number: number ?? this.#numbers.take(),
      seq,
      alive: true,
      replaces: number !== undefined,
      isNew: number === undefined && !this.versions.newest(id),
      vector,
      vectorSeq: seq,
      metadata,
    })
  }

  /** @returns `undefined` when there is no such record; then nothing is staged */
  stageVector(seq: number, id: string, vector: Float32Array): Version | undefined {
    const number = this.pendingNumber(id)
    if (number === undefined) return undefined
    const metadata = this.versions.newest(id)?.metadata
    return this.#stage({ ...EXISTING, id, number, seq, vector, vectorSeq: seq, metadata })
  }

  /**
   * @param set - encoded metadata with the top-level fields to set
   * @returns `undefined` when there is no such record; then nothing is staged
   * @throws `METADATA_INVALID` when the merged metadata is too large
   */
  stageMetadata(seq: number, id: string, set: string, unset: readonly string[]): Version | undefined {
    const current = this.pendingMetadata(id)
    if (current === undefined) return undefined
    return this.stageMergedMetadata(seq, id, mergeMetadata(current, set, unset))
  }

  /** Vector and metadata in one version; otherwise as `stageMetadata`. */
  stageBoth(
    seq: number,
    id: string,
    vector: Float32Array,
    set: string,
    unset: readonly string[],
  ): Version | undefined {
    const current = this.pendingMetadata(id)
    if (current === undefined) return undefined
    return this.stagePut(seq, id, vector, mergeMetadata(current, set, unset))
  }

  /** Stages metadata that was already merged. The record must exist. */
  stageMergedMetadata(seq: number, id: string, metadata: string): Version {
    const newest = this.versions.newest(id)
    const number = newest?.number ?? this.#records.numberOf(this.number, id) ?? 0
    const { vector, vectorSeq } = newest ?? { vector: undefined, vectorSeq: 0 }
    return this.#stage({ ...EXISTING, id, number, seq, vector, vectorSeq, metadata })
  }

  /** @returns `undefined` when there is no such record; then nothing is staged */
  stageDelete(seq: number, id: string): Version | undefined {
    const number = this.pendingNumber(id)
    if (number === undefined) return undefined
    const gone = { vector: undefined, vectorSeq: 0, metadata: undefined }
    return this.#stage({ ...EXISTING, id, number, seq, ...gone, alive: false })
  }

  /** Makes a staged version what reads find. */
  publish(version: Version): void {
    if (version.alive !== version.replaces) this.#liveCount += version.alive ? 1 : -1
    if (!this.#indexFilling) return
    if (!version.alive) this.index.remove(version.number, version.seq)
    else if (version.vector && version.vectorSeq === version.seq) {
      this.index.put(version.number, version.seq, version.vector)
    }
  }

  /** Forgets a version that the record store now holds for every reader. */
  drop(version: Version): void {
    this.versions.drop(version)
    if (!version.alive) this.#numbers.giveBack(version.number)
  }

  #stage(content: VersionContent): Version {
    const version = new Version(content)
    this.versions.add(version)
    return version
  }
}

/** A version of a record that was there before. */
const EXISTING = { alive: true, replaces: true, isNew: false } as const
