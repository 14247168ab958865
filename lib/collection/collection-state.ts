import type { CollectionIndex } from '../index/collection-index.js'
import type { Metric } from '../index/metric.js'
import type { replivec } from '../log/schema.js'
import { mergeMetadata } from '../records/metadata.js'
import type { RecordCache } from '../records/record-cache.js'
import type { RecordReader } from '../records/record-reader.js'
import type { CollectionInfo, IndexedField } from './collection-settings.js'
import { type CollectionStats, OperationCounts } from './collection-stats.js'
import type { CollectionFilters } from './filter-cache.js'
import type { LiveIndex } from './live-index.js'
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
  readonly live: LiveIndex
  readonly retiredFields?: readonly number[]
  readonly unknownFields?: readonly Uint8Array[] | undefined
  readonly cache?: CollectionCache | undefined
  readonly filters: CollectionFilters
  readonly recordCache?: RecordCache | undefined
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
  /** The part of the filter cache. */
  readonly filters: CollectionFilters
  backend: string
  fields: readonly IndexedField[]
  nextField: number
  /** The index that answers. */
  live: LiveIndex
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
  readonly recordCache: RecordCache | undefined
  readonly #records: RecordReader
  readonly #numbers: RecordNumbers
  /** Settings of a later version, kept as they are. */
  readonly #unknownFields: readonly Uint8Array[] | undefined
  #liveCount: number
  readonly counts = new OperationCounts()
  /** The index that is being made to replace it. */
  #next: LiveIndex | undefined
  /** Why the one that was asked for last is not made. */
  #givenUp: string | undefined
  #rebuilt: Promise<void> | undefined

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
    this.live = options.live
    this.#records = options.records
    this.#numbers = options.numbers
    this.#liveCount = options.liveCount
    this.retiredFields = options.retiredFields ?? []
    this.#unknownFields = options.unknownFields
    this.cache = options.cache
    this.filters = options.filters
    this.recordCache = options.recordCache
    this.stored = this.settings()
  }

  /** Records that a read at this moment finds. */
  get liveCount(): number {
    return this.#liveCount
  }

  /** The index that answers. */
  get index(): CollectionIndex {
    return this.live.index
  }

  /** The index that is being made to replace it. */
  get next(): LiveIndex | undefined {
    return this.#next
  }

  /** Resolves when no other index is being made any more. */
  get rebuilt(): Promise<void> | undefined {
    return this.#rebuilt
  }

  /** An index is the one that answers, or is going to. */
  uses(live: LiveIndex): boolean {
    return !this.dropped && !live.isEnded && (live === this.live || live === this.#next)
  }

  /**
   * A promise while too much waits to be indexed: by the index that answers, or by the one that is to, of what was written since it
   * was filled. Until then nothing is built of it that could be waited for, and it takes in what the collection has anyway.
   */
  room(): Promise<void> | undefined {
    return this.index.room() ?? (this.#next?.isFilled ? this.#next.index.room(false) : undefined)
  }

  /**
   * Another index is to answer: at once where the present one knows nothing yet, otherwise once it is complete.
   *
   * @returns the indexes that are not needed any more
   */
  changeIndex(live: LiveIndex, backend: string): CollectionIndex[] {
    const unneeded = this.#next ? [this.#next.index] : []
    this.backend = backend
    this.#next = undefined
    this.#givenUp = undefined
    if (this.live.isFilled) {
      this.#next = live
      return unneeded
    }
    unneeded.push(this.index)
    this.live = live
    return unneeded
  }

  /** Another index is being made. @param rebuilt - ends with that; it must not reject */
  awaitRebuild(rebuilt: Promise<void>): void {
    const current = rebuilt.finally(() => {
      if (this.#rebuilt === current) this.#rebuilt = undefined
    })
    this.#rebuilt = current
  }

  /** Lets the index that was being made answer. @returns the one it replaces; `undefined` when it is not wanted any more */
  adoptNext(next: LiveIndex): CollectionIndex | undefined {
    if (this.#next !== next) return undefined
    const { index } = this
    this.live = next
    this.#next = undefined
    this.cache?.invalidate()
    return index
  }

  /** The index that answers stays. @returns the one that was being made */
  giveUpNext(reason: string): CollectionIndex | undefined {
    const index = this.#next?.index
    this.#next = undefined
    this.#givenUp = reason
    return index
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
    const { name, dimensions, metric, backend, index, live } = this
    const rebuild = this.#next && `'${backend}' is being built; '${index.kind}' answers meanwhile`
    const { names: forms, reason } = index.forms
    const fallbackReason = index.trouble?.message ?? rebuild ?? this.#givenUp ?? live.fallbackReason ?? reason
    const { indexed, dead, segments, bytes } = index
    const pending = live.isFilled ? index.pending : this.#liveCount - indexed
    return {
      name,
      dimensions,
      metric,
      backend,
      records: { live: this.#liveCount },
      index: { kind: index.kind, indexed, pending, dead, segments, forms },
      bytes,
      operations: this.counts.copy(),
      cache: this.cache?.stats() ?? { hits: 0, misses: 0, evictions: 0 },
      ...(fallbackReason === undefined ? {} : { fallbackReason }),
    }
  }

  /** The number of a record in the pending state: everything sequenced, visible or not. */
  pendingNumber(id: string): number | undefined {
    return this.#numberOf(id, this.versions.newest(id))
  }

  /** @param newest - its newest version */
  #numberOf(id: string, newest: Version | undefined): number | undefined {
    if (newest) return newest.alive ? newest.number : undefined
    return this.#records.numberOf(this.number, id)
  }

  /** The encoded metadata of a record in the pending state. */
  pendingMetadata(id: string): string | undefined {
    const number = this.pendingNumber(id)
    if (number === undefined) return undefined
    return this.versions.newest(id)?.metadata ?? this.#records.record(this.number, number)?.metadata ?? '{}'
  }

  stagePut(seq: number, id: string, vector: Float32Array, metadata: string): Version {
    // Looked for once: in an overlay of a burst that takes as long as to look into the record store.
    const newest = this.versions.newest(id)
    const number = this.#numberOf(id, newest)
    const content = {
      id,
      number: number ?? this.#numbers.take(),
      seq,
      alive: true,
      replaces: number !== undefined,
      isNew: number === undefined && !newest,
      vector,
      vectorSeq: seq,
      metadata,
    }
    return this.#stage(content, newest)
  }

  /** @returns `undefined` when there is no such record; then nothing is staged */
  stageVector(seq: number, id: string, vector: Float32Array): Version | undefined {
    const newest = this.versions.newest(id)
    const number = this.#numberOf(id, newest)
    if (number === undefined) return undefined
    const content = { id, number, seq, vector, vectorSeq: seq, metadata: newest?.metadata, ...EXISTING }
    return this.#stage(content, newest)
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
    return this.#stage({ id, number, seq, vector, vectorSeq, metadata, ...EXISTING }, newest)
  }

  /** @returns `undefined` when there is no such record; then nothing is staged */
  stageDelete(seq: number, id: string): Version | undefined {
    const newest = this.versions.newest(id)
    const number = this.#numberOf(id, newest)
    if (number === undefined) return undefined
    const gone = { vector: undefined, vectorSeq: 0, metadata: undefined }
    return this.#stage({ id, number, seq, ...gone, ...EXISTING, alive: false }, newest)
  }

  /** Makes a staged version what reads find. */
  publish(version: Version): void {
    if (version.alive !== version.replaces) this.#liveCount += version.alive ? 1 : -1
    this.recordCache?.forget(this.number, version.number)
    this.filters.invalidate()
    this.live.publish(version)
    this.#next?.publish(version)
  }

  /** Forgets a version that the record store now holds for every reader. */
  drop(version: Version): void {
    this.versions.drop(version)
    if (!version.alive) this.#numbers.giveBack(version.number)
  }

  #stage(content: VersionContent, newest: Version | undefined): Version {
    const version = new Version(content)
    this.versions.add(version, newest)
    return version
  }
}

/** A version of a record that was there before. */
const EXISTING = { alive: true, replaces: true, isNew: false } as const
