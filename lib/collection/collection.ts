import type { Observable } from '../abortable.js'
import { compileFilter } from '../filter/evaluate.js'
import type { Filter } from '../filter/types.js'
import type { Metric } from '../index/metric.js'
import type { CollectionHost, WriteOptions, WriteResult } from './collection-host.js'
import type { ConfigureOptions } from './collection-settings.js'
import type { CollectionState } from './collection-state.js'
import type { CollectionStats } from './collection-stats.js'
import { explainQuery, type QueryPlan } from './explain.js'
import { countMatching } from './filter-matches.js'
import { compactIndex, completeIndex, flushIndex, type IndexWorkOptions } from './index-work.js'
import { type Patch, preparePatch } from './patch-input.js'
import {
  BatchBudget,
  checkId,
  checkIds,
  copyVector,
  prepareRecords,
  type RecordInput,
} from './record-input.js'
import { RecordLookup } from './record-lookup.js'
import { type PreparedPatch, stageDelete, stageInsert, stageUpdate, stageUpsert } from './record-writes.js'
import { type GetOptions, type RecordOf, toRecord, type VectorFlag } from './record-output.js'
import { scanPages } from './scan.js'
import { prepareScan, type ScanOptions } from './scan-query.js'
import { search } from './search.js'
import {
  type HitFlags,
  type HitOf,
  type PreparedQuery,
  prepareQuery,
  type ReadOptions,
  type SearchQuery,
} from './search-query.js'
import { checkFlag, checkOptions, invalid, readArguments } from './call-options.js'
import { mapInFlight } from '../runtime/map-in-flight.js'
import { progressReporter } from '../runtime/progress.js'
import { Turn } from '../runtime/turn.js'
import { updateMatching } from './update-matching.js'
import {
  idsMatching,
  isSelection,
  parseCountFilter,
  parseSelection,
  type Selection,
  stillMatching,
} from './selection.js'

/** Searches of one batch in flight at once: enough to keep every processor busy. */
const BATCH_IN_FLIGHT = 32

/**
 * Records with vectors and metadata of type `M`, searchable by nearness and by filter. Handles stay valid until the
 * collection is dropped or the store closed.
 *
 * @example
 * ```ts
 * import { VectorStore } from 'replivec'
 *
 * const store = await VectorStore.open()
 * const colors = await store.createCollection<{ name: string }>('colors', { dimensions: 3, metric: 'euclidean' })
 * await colors.upsert([
 *   { id: 'red', vector: [255, 0, 0], metadata: { name: 'red' } },
 *   { id: 'navy', vector: [0, 0, 128], metadata: { name: 'navy' } },
 * ])
 * const [nearest] = await colors.search({ vector: [0, 0, 255], topK: 1 })
 * console.log(nearest?.metadata.name, nearest?.distance)
 * await store.close()
 * ```
 */
export class Collection<M extends object = Record<string, unknown>> {
  #state: CollectionState
  #host: CollectionHost
  /** Reads answer without waiting for anything, so one after another would keep writes and timers from their turn. */
  readonly #turn: Turn
  readonly #present = () => ({ state: this.#state, host: this.#host })

  /** @internal Collections come from a `VectorStore`. */
  constructor(state: CollectionState, host: CollectionHost) {
    this.#state = state
    this.#host = host
    this.#turn = new Turn(host.clock)
  }

  /** @internal The same collection of another generation of the store: what is read from now on is read there. */
  follow(state: CollectionState, host: CollectionHost): void {
    ;[this.#state, this.#host] = [state, host]
  }

  get name(): string {
    return this.#state.name
  }

  /** Components of every vector. */
  get dimensions(): number {
    return this.#state.dimensions
  }

  get metric(): Metric {
    return this.#state.metric
  }

  /** The kind of index backend that was asked for; `getStats()` tells which one answers. */
  get backend(): string {
    return this.#state.backend
  }

  /**
   * Writes whole records, replacing those whose ids exist. The call is one atomic commit.
   *
   * @param records - one record or an array, 64 MiB in all at most; of an id that comes twice the last one counts
   * @throws `ID_INVALID`, `VECTOR_INVALID`, `METADATA_INVALID`, `BATCH_TOO_LARGE`, `STORAGE_FAILED`
   */
  upsert(
    records: RecordInput<M> | readonly RecordInput<M>[],
    options: WriteOptions & Observable = {},
  ): Promise<WriteResult> {
    return this.#put(records, options, stageUpsert)
  }

  /**
   * Writes new records. The call is one atomic commit.
   *
   * @throws `ID_EXISTS` when an id exists or comes twice; then nothing is written. Otherwise as `upsert`
   */
  insert(
    records: RecordInput<M> | readonly RecordInput<M>[],
    options: WriteOptions & Observable = {},
  ): Promise<WriteResult> {
    return this.#put(records, options, stageInsert)
  }

  /**
   * Changes parts of one record, or the metadata of all that match a filter, in one atomic operation per record and
   * one commit in all. `metadata` is merged field by field at the top level.
   *
   * @throws `ID_NOT_FOUND`, `VECTOR_INVALID`, `METADATA_INVALID`, `FILTER_INVALID`
   */
  async update(
    target: string | Selection<M>,
    patch: Patch<M>,
    options: WriteOptions = {},
  ): Promise<WriteResult> {
    this.#use(options, 'update')
    const prepared = readArguments('update', () => preparePatch(patch, this.#state))
    if (isSelection(target)) return updateMatching(this.#state, this.#host, target, prepared, options)
    return this.#update(checkId(target), prepared, options)
  }

  /**
   * Replaces the vector of one record and nothing else: readers see the old one or the new one.
   *
   * @throws `ID_NOT_FOUND`, `VECTOR_INVALID`
   */
  async updateVector(
    id: string,
    vector: Float32Array | readonly number[],
    options: WriteOptions = {},
  ): Promise<WriteResult> {
    const copy = copyVector(vector, this.#use(options, 'update'), 'The call')
    return this.#update(checkId(id), { vector: copy, set: '{}', unset: [] }, options)
  }

  /** Deletes by ids or by filter, in one atomic commit; unknown ids are no error. @throws `ID_INVALID`, `FILTER_INVALID`, `STORAGE_FAILED` */
  async delete(
    target: string | readonly string[] | Selection<M>,
    options: WriteOptions = {},
  ): Promise<WriteResult & { readonly deleted: number }> {
    this.#use(options, 'delete')
    const state = this.#state
    const filter = isSelection(target) ? parseSelection(target) : undefined
    const ids = filter
      ? await idsMatching(state, this.#host, filter, options.signal)
      : typeof target === 'string'
        ? [checkId(target)]
        : readArguments('delete', () => checkIds(target))
    const matches = filter && compileFilter(filter)
    const budget = new BatchBudget()
    for (const id of ids) budget.spend(Buffer.byteLength(id))
    const result = await this.#host.commit(state.number, {
      kind: 'delete',
      options,
      size: ids.length,
      stage: (firstSeq) => {
        const still = matches ? stillMatching(state, ids, matches) : ids
        return stageDelete(state, still, firstSeq)
      },
    })
    state.counts.deleted += result.count
    return { ...result, deleted: result.count }
  }

  /** The record with an id, or `undefined`. @throws `ID_INVALID`, `OPTIONS_INVALID`, `TIMEOUT`, `POSITION_LOST` */
  async get<V extends boolean = false>(
    id: string,
    options?: GetOptions & Partial<VectorFlag<V>>,
  ): Promise<RecordOf<M, VectorFlag<V>> | undefined> {
    this.#host.assertUsable(this.#state.number)
    return (await this.getMany<V>([checkId(id)], options))[0]
  }

  /** The records with these ids, in this order; `undefined` where there is none. All of one instant. @throws as `get` */
  async getMany<V extends boolean = false>(
    ids: readonly string[],
    options?: GetOptions & Partial<VectorFlag<V>>,
  ): Promise<(RecordOf<M, VectorFlag<V>> | undefined)[]> {
    const given: GetOptions = options === undefined ? {} : options
    this.#use(given, 'get')
    const { checked, includeVector } = readArguments('getMany', () => ({
      checked: checkIds(ids),
      includeVector: checkFlag(given as Record<string, unknown>, 'includeVector', false),
    }))
    await this.#ready(given)
    this.#state.counts.gets += 1
    const { visibleSeq: seq, records } = this.#host
    const lookup = new RecordLookup(this.#state, { seq, records })
    return checked.map((id) => {
      const found = lookup.byId(id)
      return (
        found &&
        (toRecord(found, includeVector ? lookup.vector(found.number) : undefined) as RecordOf<
          M,
          VectorFlag<V>
        >)
      )
    })
  }

  /**
   * The records nearest to a vector, nearest first; at equal distance by id. One instant, and never fewer than `topK`
   * while enough records match. Where the index is approximate a near record may be missing, unless `exact` is asked for.
   *
   * @param query - the vector and how many hits, with an example at `SearchQuery`
   * @throws `VECTOR_INVALID`, `FILTER_INVALID`, `OPTIONS_INVALID`, `TIMEOUT`, `POSITION_LOST`, `BACKEND_FAILED`
   */
  async search<V extends boolean = false, D extends boolean = true>(
    query: SearchQuery<M> & Partial<HitFlags<V, D>>,
  ): Promise<HitOf<M, HitFlags<V, D>>[]> {
    return this.#search(this.#prepare(query, 'search'), query)
  }

  /** Several searches, each of an instant of its own; the results are those of `search`, in order. @throws as `search` */
  async searchBatch<V extends boolean = false, D extends boolean = true>(
    queries: readonly (SearchQuery<M> & Partial<HitFlags<V, D>>)[],
  ): Promise<HitOf<M, HitFlags<V, D>>[][]> {
    this.#host.assertUsable(this.#state.number)
    const given = readArguments('searchBatch', () => {
      if (!Array.isArray(queries)) throw invalid('queries', 'an array of queries', queries)
      // A hole reads as `undefined`; `map` alone would pass over it.
      return Array.from(queries as readonly SearchQuery<M>[])
    })
    const checked = given.map((query) => ({ prepared: this.#prepare(query, 'search'), query }))
    return mapInFlight(checked, BATCH_IN_FLIGHT, ({ prepared, query }) => this.#search(prepared, query))
  }

  /** The plan a search would take and why, with an example at `QueryPlan`. Runs the filter, not the search. @throws as `search` */
  async explain(query: SearchQuery<M>): Promise<QueryPlan> {
    const prepared = this.#prepare(query, 'explain')
    await this.#filled(query)
    return explainQuery(this.#state, this.#host, prepared, query.signal)
  }

  /** All matching records of one instant, id ascending, read as the loop goes on. @throws `FILTER_INVALID`, and as `get` */
  async *scan<V extends boolean = false>(
    options?: ScanOptions<M> & Partial<VectorFlag<V>>,
  ): AsyncGenerator<RecordOf<M, VectorFlag<V>>> {
    const given: ScanOptions<M> = options === undefined ? {} : options
    this.#use(given, 'scan')
    const { pageSize, includeVector, node, signal } = readArguments('scan', () => prepareScan(given))
    await this.#ready(given)
    this.#state.counts.scans += 1
    const request = { filter: node, pageSize: Math.min(pageSize, 10_000), includeVector, signal }
    for await (const page of scanPages(this.#state, this.#host, request)) {
      for (const { id, metadata, vector } of page) {
        signal?.throwIfAborted()
        // A scan outlives a drop of its collection, because its view is its own, but not the store.
        this.#host.assertOpen()
        yield toRecord({ id, metadata }, vector) as RecordOf<M, VectorFlag<V>>
      }
    }
  }

  /** How many records match; all of them without a filter. @throws as `scan` */
  async count(filter?: Filter<M>, options: ReadOptions = {}): Promise<number> {
    this.#use(options, 'count')
    const node = filter === undefined ? undefined : parseCountFilter(filter)
    await this.#ready(options)
    return node ? countMatching(this.#state, this.#host, node, options.signal) : this.#state.liveCount
  }

  /**
   * Changes the backend or the indexed fields; both are rebuilt in the background, from what is stored.
   *
   * @param options - what is left out stays as it is; with an example at `ConfigureOptions`
   * @throws `OPTIONS_INVALID`, `STORAGE_FAILED`, `COLLECTION_NOT_FOUND` when it was dropped
   */
  async configure(options: ConfigureOptions<M> & WriteOptions): Promise<WriteResult> {
    this.#use(options, 'configure')
    return this.#host.configure(this.#state.number, options)
  }

  /**
   * Waits until every vector written so far is indexed, by the backend that was asked for last. Optional: indexing happens by
   * itself. Progress is in vectors.
   *
   * @param options - with an example at `IndexWorkOptions`
   * @throws `BACKEND_FAILED` when the backend cannot; its vectors are scanned, and it is tried again later
   */
  async flush(options: IndexWorkOptions = {}): Promise<void> {
    this.#use(options, 'flush')
    await flushIndex(this.#state, this.#host, options)
  }

  /** Rebuilds the index without replaced and deleted vectors. Optional: reclaiming happens by itself. @throws as `flush` */
  async compact(options: IndexWorkOptions = {}): Promise<void> {
    this.#use(options, 'compact')
    await compactIndex(this.#state, this.#host, options)
  }

  /** What the collection holds, takes and did, at once; with an example at `CollectionStats`. @throws `COLLECTION_NOT_FOUND`, `CLOSED` */
  getStats(): CollectionStats {
    this.#use({}, 'getStats')
    return this.#state.stats()
  }

  /** Waits until a search can be answered. Another snapshot may take the place of all that before the caller goes on. */
  async #filled(query: ReadOptions): Promise<void> {
    await this.#ready(query)
    if (!this.#state.live.isFilled) await completeIndex(this.#present, query.signal)
    query.signal?.throwIfAborted()
    this.#host.assertUsable(this.#state.number)
  }

  async #search<Flags>(prepared: PreparedQuery, query: ReadOptions): Promise<HitOf<M, Flags>[]> {
    do await this.#filled(query)
    while (!this.#state.live.isFilled)
    this.#state.counts.searches += 1
    const { cache } = this.#state
    const searched = () => search(this.#state, this.#host, prepared, query.signal)
    const hits = await (cache ? cache.answer(prepared, searched) : searched())
    return hits as unknown as HitOf<M, Flags>[]
  }

  async #put(
    records: unknown,
    options: WriteOptions & Observable,
    stage: typeof stageUpsert,
  ): Promise<WriteResult> {
    this.#use(options, 'upsert')
    const { onProgress } = options
    const report = progressReporter(onProgress)
    const prepared = readArguments('upsert', () => prepareRecords(records, this.#state, report))
    const result = await this.#host.commit(this.#state.number, {
      kind: 'upsert',
      options,
      size: prepared.length,
      stage: (firstSeq) => stage(this.#state, prepared, firstSeq),
    })
    this.#state.counts.upserted += result.count
    report?.({ done: prepared.length, total: prepared.length, phase: 'commit' })
    return result
  }

  async #update(id: string, prepared: PreparedPatch, options: WriteOptions): Promise<WriteResult> {
    const result = await this.#host.commit(this.#state.number, {
      kind: 'update',
      options,
      size: 1,
      stage: (firstSeq) => stageUpdate(this.#state, id, prepared, firstSeq),
    })
    this.#state.counts.updated += result.count
    return result
  }

  #prepare(query: SearchQuery<M>, call: string): PreparedQuery {
    const shape = this.#use(query, call)
    return readArguments(call, () => prepareQuery(query, shape))
  }

  /** Checks what every call checks first; returns the shape of vectors. */
  #use(options: unknown, call: string): CollectionState {
    this.#host.assertUsable(this.#state.number)
    const { signal } = checkOptions(options, call) as { signal?: AbortSignal }
    signal?.throwIfAborted()
    return this.#state
  }

  async #ready({ after, timeoutMs, signal }: ReadOptions): Promise<void> {
    const pause = this.#turn.pause()
    if (pause) {
      await pause
      this.#host.assertUsable(this.#state.number)
      signal?.throwIfAborted()
    }
    if (after !== undefined) {
      await this.#host.waitUntilVisible(after, { timeoutMs, signal })
      this.#host.assertUsable(this.#state.number)
    }
  }
}
