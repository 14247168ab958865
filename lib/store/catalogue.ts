import { Bitmap } from '../bitmap.js'
import { Collection } from '../collection/collection.js'
import type { CollectionHost, WriteOptions, WriteResult } from '../collection/collection-host.js'
import type {
  CollectionInfo,
  CollectionOptions,
  ConfigureOptions,
  IndexedField,
} from '../collection/collection-settings.js'
import { CollectionState } from '../collection/collection-state.js'
import { rebuildIndex } from '../collection/index-rebuild.js'
import { FilterCache } from '../collection/filter-cache.js'
import { LiveIndex } from '../collection/live-index.js'
import type { QueryCache } from '../collection/query-cache.js'
import { RecordNumbers } from '../collection/record-numbers.js'
import { ReplivecError } from '../errors.js'
import { CollectionIndex } from '../index/collection-index.js'
import type { SegmentEvent } from '../index/segment-event.js'
import type { GraphBackends } from '../index/backends/choose.js'
import type { Metric } from '../index/metric.js'
import type { SegmentStore } from '../index/segment-store.js'
import type { KeyValue } from '../records/key-value.js'
import { RecordCache } from '../records/record-cache.js'
import type { RecordReader, StoredCollection } from '../records/record-reader.js'
import type { Clock } from '../runtime/clock.js'
import type { Applier } from './applier.js'
import { Backends, type NamedBackend } from './backends.js'
import { notFound } from './missing-collection.js'
import { buildFieldJob, sweepCollectionJob, sweepFieldJob } from './background-jobs.js'
import type { CommitPath, StagedCommit } from './commit-path.js'

export interface CatalogueOptions {
  readonly clock: Clock
  readonly keyValues: KeyValue
  readonly records: RecordReader
  readonly applier: Applier
  readonly host: CollectionHost
  /** The approximate backends, or why there are none. */
  readonly graphs: GraphBackends | string
  /** Where the segments of a collection lie; `undefined` where they live in memory. */
  readonly segmentsOf: (collection: number) => SegmentStore | undefined
  readonly queryCache: QueryCache | undefined
  readonly onSegment: (collection: string, event: SegmentEvent) => void
  readonly onFailure: (collection: string, error: ReplivecError) => void
}

/** Which collections there are: the visible ones by name, and what is sequenced but not visible yet. */
export class Catalogue {
  readonly #options: CatalogueOptions
  readonly #byNumber = new Map<number, CollectionState>()
  /** What reads find, by name. */
  readonly #visible = new Map<string, VisibleCollection>()
  /** What the next commit finds, by name. */
  readonly #pending = new Map<string, CollectionState>()
  readonly #backends: Backends
  readonly #recordCache = new RecordCache()
  readonly #filterCache = new FilterCache()
  /** The collections of an earlier run are being brought back. */
  #isLoading = true
  readonly #segments = new Map<number, SegmentStore | undefined>()
  /** Indexes of dropped collections and former backends on their way out. */
  readonly #closing = new Set<Promise<void>>()

  constructor(options: CatalogueOptions) {
    this.#options = options
    this.#backends = new Backends(options.graphs)
  }

  /** Brings back the collections of the record store, and what was to be done on them. */
  load(): void {
    const { records, applier, keyValues } = this.#options
    for (const [number, stored] of records.collections()) {
      const state = this.#restore(number, stored)
      this.#byNumber.set(number, state)
      if (stored.dropped) {
        state.dropped = true
        state.stored = state.settings()
        applier.addJob(sweepCollectionJob(state, keyValues))
        continue
      }
      this.#pending.set(state.name, state)
      this.#show(state)
      for (const field of state.fields) if (!field.ready) applier.addJob(buildFieldJob(state, field, records))
      for (const field of state.retiredFields) applier.addJob(sweepFieldJob(state, field, keyValues))
    }
  }

  /** All collections of an earlier run are there: those created from now on are empty. */
  endLoading(): void {
    this.#isLoading = false
  }

  get(name: string): Collection | undefined {
    return this.#visible.get(name)?.handle
  }

  /** The state of a collection that was created by operation `number`, unless it is gone. */
  state(number: number): CollectionState | undefined {
    const state = this.#byNumber.get(number)
    return state?.dropped ? undefined : state
  }

  /** The state that the next commit on a collection finds, unless it is being dropped. */
  pendingState(number: number): CollectionState | undefined {
    const state = this.state(number)
    return state && this.#pending.get(state.name) === state ? state : undefined
  }

  /** The name a collection has or had, for messages. */
  nameOf(number: number): string {
    return this.#byNumber.get(number)?.name ?? String(number)
  }

  /** A collection was created by operation `number`, even if it was dropped since. */
  knows(number: number): boolean {
    return this.#byNumber.has(number)
  }

  /** The visible collections, by name. */
  states(): CollectionState[] {
    const states = [...this.#visible.values()].map(({ state }) => state)
    return states.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  list(): CollectionInfo[] {
    return this.states().map((state) => state.info())
  }

  /** @throws `COLLECTION_EXISTS`, `OPTIONS_INVALID` */
  async create(
    commitPath: CommitPath,
    name: string,
    options: CollectionOptions,
    writeOptions: WriteOptions,
  ): Promise<Collection> {
    const chosen = this.#backends.choose(options.backend ?? 'cpu', options.metric)
    let created: CollectionState | undefined
    await commitPath.commit(writeOptions, (firstSeq) => {
      if (this.#pending.has(name)) {
        throw new ReplivecError(
          'COLLECTION_EXISTS',
          `A collection '${name}' exists. Use openCollection or getOrCreateCollection to get it.`,
          { details: { name } },
        )
      }
      const staged = this.stageCreate(firstSeq, name, options, chosen)
      created = staged.state
      return staged
    })
    // It may have been dropped by now, by a call that was made before this one was answered.
    const visible = this.#visible.get(name)
    return visible && visible.state === created
      ? visible.handle
      : new Collection(created as CollectionState, this.#options.host)
  }

  async drop(commitPath: CommitPath, name: string, writeOptions: WriteOptions): Promise<WriteResult> {
    return commitPath.commit(writeOptions, () => {
      const state = this.#pending.get(name)
      if (!state) throw notFound(name)
      return this.stageDrop(state)
    })
  }

  async configure(
    commitPath: CommitPath,
    number: number,
    options: ConfigureOptions,
    writeOptions: WriteOptions,
  ): Promise<WriteResult> {
    const state = this.state(number)
    if (!state) throw notFound(this.nameOf(number))
    const { backend, indexed } = options
    const isNewOwn = typeof backend === 'object' && state.pendingOwnBackend !== backend
    const chosen = backend === undefined ? undefined : this.#backends.choose(backend, state.metric)
    return commitPath.commit(writeOptions, () => {
      if (this.pendingState(number) !== state) throw notFound(state.name)
      const kind = chosen?.name ?? state.pendingBackend
      const fields = indexed ?? state.pendingIndexed
      const isSame = kind === state.pendingBackend && fields.join('\n') === state.pendingIndexed.join('\n')
      if (isNewOwn) state.pendingOwnBackend = backend
      if (isSame && !isNewOwn) return { operations: [], versions: [], state }
      return this.stageConfigure(state, kind, fields, chosen)
    })
  }

  stageCreate(seq: number, name: string, options: CollectionOptions, given?: NamedBackend): StagedCommit {
    const { dimensions, metric, backend = 'cpu', indexed = [] } = options
    const kind = typeof backend === 'string' ? backend : backend.kind
    const chosen = given ?? this.#backends.byName(kind)
    const fields = indexed.map((path, field) => ({ path, field, ready: true, builtBelow: 0 }))
    const state = this.#newState({ number: seq, name, dimensions, metric, backend: kind, fields, chosen })
    if (typeof backend === 'object') state.pendingOwnBackend = backend
    this.#byNumber.set(seq, state)
    this.#pending.set(name, state)
    return {
      operations: [{ createCollection: { name, dimensions, metric, backend: kind, indexed: [...indexed] } }],
      versions: [],
      state,
      publish: () => {
        // What the log brings back may have segments already.
        if (!this.#isLoading) state.live.startEmpty()
        this.#show(state)
      },
    }
  }

  stageDrop(state: CollectionState): StagedCommit {
    this.#pending.delete(state.name)
    return {
      operations: [{ dropCollection: { collection: state.number } }],
      versions: [],
      state,
      publish: () => {
        state.dropped = true
        state.filters.invalidate()
        this.#visible.delete(state.name)
        this.#closeIndexes(state)
        this.#options.applier.addJob(sweepCollectionJob(state, this.#options.keyValues))
      },
    }
  }

  stageConfigure(
    state: CollectionState,
    backend: string,
    indexed: readonly string[],
    given?: NamedBackend,
  ): StagedCommit {
    const changesBackend = backend !== state.pendingBackend || given !== undefined
    state.pendingBackend = backend
    state.pendingIndexed = indexed
    return {
      operations: [{ configureCollection: { collection: state.number, backend, indexed: [...indexed] } }],
      versions: [],
      state,
      publish: () => {
        if (changesBackend) this.#changeBackend(state, backend, given ?? this.#backends.byName(backend))
        this.#changeFields(state, indexed)
      },
    }
  }

  /** Handles of a former generation follow into this one, where the collection is the same. */
  takeHandlesOf(former: Catalogue): void {
    for (const [name, { state, handle }] of former.#visible) {
      const here = this.#visible.get(name)
      if (!here || !isSame(here.state, state)) continue
      handle.follow(here.state, this.#options.host)
      this.#visible.set(name, { state: here.state, handle })
    }
  }

  /** @param seq - the last operation; `undefined` when the record store may lack some */
  async close(seq?: number): Promise<void> {
    for (const state of this.#byNumber.values()) {
      state.cache?.invalidate()
      state.filters.invalidate()
      // Replaced indexes remove what nobody holds: they end before the others let go of what they hold.
      await Promise.all(this.#closing)
      const { index, live, next } = state
      await index.close(false, live.isFilled ? seq : undefined)
      await next?.index.close()
    }
    await Promise.all(this.#closing)
  }

  #show(state: CollectionState): void {
    this.#visible.set(state.name, { state, handle: new Collection(state, this.#options.host) })
  }

  #changeBackend(state: CollectionState, backend: string, chosen: NamedBackend): void {
    const { isFilled } = state.live
    // One that knows nothing yet has opened no segments: those there are may be the other's.
    const live = new LiveIndex(this.#newIndex(state, chosen, !isFilled), chosen.fallbackReason)
    for (const index of state.changeIndex(live, backend)) this.#closeIndex(state, index, isFilled)
    if (state.next !== live) return
    const { host, onFailure } = this.#options
    const tell = (error: ReplivecError) => onFailure(state.name, error)
    const rebuilt = rebuildIndex(state, host, live, tell).then((unneeded) => {
      if (unneeded) this.#closeIndex(state, unneeded)
    })
    state.awaitRebuild(rebuilt)
  }

  #changeFields(state: CollectionState, indexed: readonly string[]): void {
    const { records, applier, keyValues } = this.#options
    const kept = state.fields.filter(({ path }) => indexed.includes(path))
    const retired = state.fields.filter(({ path }) => !indexed.includes(path))
    const added: IndexedField[] = indexed
      .filter((path) => !state.fields.some((field) => field.path === path))
      .map((path) => ({ path, field: state.nextField++, ready: false, builtBelow: 0 }))
    state.fields = [...kept, ...added].sort((a, b) => (a.path < b.path ? -1 : 1))
    state.retiredFields = [...state.retiredFields, ...retired.map(({ field }) => field)]
    for (const field of added) applier.addJob(buildFieldJob(state, field, records))
    for (const { field } of retired) applier.addJob(sweepFieldJob(state, field, keyValues))
  }

  /** Gives up an index. @param discard - and its files */
  #closeIndex({ name }: CollectionState, index: CollectionIndex, discard = true): void {
    this.#letGo(name, () => index.close(discard))
  }

  /** Gives up all indexes of a dropped collection. */
  #closeIndexes({ name, number, index, next }: CollectionState): void {
    this.#letGo(name, async () => {
      await index.close(true)
      await next?.index.close(true)
      await this.#segments.get(number)?.removeAll()
    })
  }

  #letGo(collection: string, close: () => Promise<void>): void {
    const closed = close()
      .catch((error: ReplivecError) => this.#options.onFailure(collection, error))
      .finally(() => this.#closing.delete(closed))
    this.#closing.add(closed)
  }

  #restore(number: number, stored: StoredCollection): CollectionState {
    const chosen = this.#backends.byName(stored.backend)
    const fields = stored.fields.map((field) => ({
      path: field.path ?? '',
      field: field.field ?? 0,
      ready: field.ready ?? false,
      builtBelow: field.builtBelow ?? 0,
      ...(field.$unknowns ? { $unknowns: field.$unknowns } : {}),
    }))
    const { name, dimensions, backend, nextField, retiredFields } = stored
    const metric = stored.metric as Metric
    return this.#newState({
      ...(stored.$unknowns ? { unknownFields: stored.$unknowns } : {}),
      ...{ number, name, dimensions, metric, backend, fields, chosen, nextField, retiredFields },
    })
  }

  #newState(input: {
    number: number
    name: string
    dimensions: number
    metric: Metric
    backend: string
    fields: IndexedField[]
    chosen: NamedBackend
    nextField?: number
    retiredFields?: number[]
    unknownFields?: readonly Uint8Array[]
  }): CollectionState {
    const { number, name, dimensions, metric, backend, fields, chosen } = input
    const { records } = this.#options
    const live = input.nextField === undefined ? new Bitmap() : records.live(number)
    return new CollectionState({
      nextField: input.nextField ?? fields.length,
      numbers: new RecordNumbers(live),
      liveCount: live.count(),
      live: new LiveIndex(
        this.#newIndex({ number, name, dimensions, metric }, chosen, this.#isLoading),
        chosen.fallbackReason,
      ),
      ...(input.retiredFields ? { retiredFields: input.retiredFields } : {}),
      unknownFields: input.unknownFields,
      cache: this.#options.queryCache?.forCollection(number, dimensions),
      filters: this.#filterCache.forCollection(),
      recordCache: this.#recordCache,
      ...{ number, name, dimensions, metric, backend, fields, records },
    })
  }

  #newIndex(
    { number, name, dimensions, metric }: Pick<CollectionState, 'number' | 'name' | 'dimensions' | 'metric'>,
    { backend }: NamedBackend,
    restores: boolean,
  ): CollectionIndex {
    const { clock, onSegment, onFailure, segmentsOf } = this.#options
    if (!this.#segments.has(number)) this.#segments.set(number, segmentsOf(number))
    return new CollectionIndex({
      storage: this.#segments.get(number),
      onSegment: (event) => {
        // A graph may find what the scan of the same vectors finds, or a little less.
        this.#byNumber.get(number)?.cache?.invalidate()
        onSegment(name, event)
      },
      onFailure: (error) => onFailure(name, error),
      ...{ dimensions, metric, backend, clock, restores },
    })
  }
}

interface VisibleCollection {
  readonly state: CollectionState
  readonly handle: Collection
}

function isSame(a: CollectionState, b: CollectionState): boolean {
  return a.number === b.number && a.dimensions === b.dimensions && a.metric === b.metric
}
