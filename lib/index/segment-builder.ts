import { ReplivecError } from '../errors.js'
import type { Clock } from '../runtime/clock.js'
import { WhenQuiet } from '../runtime/when-quiet.js'
import type { IndexBackend, VectorIndex } from './backend.js'
import { type BuildLimits, BuildPass, chooseParts, type PassOutcome } from './build-pass.js'
import { asFailure } from './found-segments.js'
import type { Metric } from './metric.js'
import type { Part } from './part.js'
import { liveRows } from './part-figures.js'
import { PieceScans } from './part-scan.js'
import type { Rows } from './rows.js'
import { contiguous, gather, type Transfer } from './row-gathering.js'
import type { SegmentStore } from './segment-store.js'

/**
 * A graph over many rows costs little more than one over few, and is searched as fast, so frozen memtables are left to gather:
 * until writers pause, or there are so many, or they have waited for so long.
 */
const PAUSE_MS = 200
const GATHER_MS_MAX = 5_000
const GATHERED_MAX = 16
/** A flush leaves no more segments than this. */
const SEGMENTS_AFTER_FLUSH = 2
/** After a failed build or a lost index the next attempt waits this long, and twice as long each time. */
const RETRY_MS = 1_000
const RETRY_MS_MAX = 60_000
/** An index that was kept for so long before it was lost is no reason to wait longer than at the first time. */
const KEPT_MS = 600_000

/** Told how many rows were built of how many. */
export type RowsReport = (done: number, total: number) => void

export interface SegmentBuilderOptions {
  readonly dimensions: number
  readonly metric: Metric
  readonly backend: IndexBackend
  readonly clock: Clock
  /** Rows of a full memtable. */
  readonly memtableRows: number
  readonly onFailure: (error: ReplivecError) => void
  readonly parts: () => readonly Part[]
  /** Grows with everything written. */
  readonly written: () => number
  readonly newRows: (capacity: number) => Rows
  /** Adds to the parts what is still being filled. */
  readonly freeze: () => void
  /** The index that a part had is no longer wanted. */
  readonly retire: (part: Part, index: VectorIndex) => void
  /** Where segments lie, for backends with files. */
  readonly storage?: SegmentStore | undefined
  /** A part got its index where it lies. */
  readonly onBuilt: (part: Part) => void
  /** Replaces `sources` by `segment`, or by nothing when no row of theirs is left. */
  readonly swap: (sources: readonly Part[], segment: Part | undefined, transfer: Transfer) => void
}

/** The largest segment a backend builds, in rows. */
export function rowsMaxOf({ supports }: IndexBackend, dimensions: number): number {
  return Math.max(1, Math.floor((supports.maxBytes ?? Number.POSITIVE_INFINITY) / (dimensions * 4)))
}

function frozenRows(parts: readonly Part[]): number {
  return parts.reduce((sum, { index, rows }) => (index ? sum : sum + rows.count), 0)
}

/** Builds segments in the background, one at a time: frozen memtables first, then what the merge policy chooses. */
export class SegmentBuilder {
  readonly #options: SegmentBuilderOptions
  /** A new one for each build: who listens to its signal must not gather for as long as the index lives. */
  #abort = new AbortController()
  readonly #limits: BuildLimits
  #running: Promise<void> | undefined
  #cancelRetry: (() => void) | undefined
  readonly #gathering: WhenQuiet
  /** What calls wait for, in their order: nothing of it is left to gather. */
  readonly #passes = new Set<BuildPass>()
  /** What was built last was frozen since the pass that goes on began. */
  #wasSince = false
  /** Rows of finished builds, and of the one going on. */
  #builtRows = 0
  #buildingRows = 0
  readonly #watchers = new Set<() => void>()
  /** Wait for the build going on. */
  readonly #waiters: (() => void)[] = []
  #failures = 0
  #lastFailureMs = Number.NEGATIVE_INFINITY
  #trouble: ReplivecError | undefined

  constructor(options: SegmentBuilderOptions) {
    this.#options = options
    const { backend, dimensions, memtableRows, clock, written } = options
    this.#limits = { exact: backend.supports.exact, memtableRows, rowsMax: rowsMaxOf(backend, dimensions) }
    this.#gathering = new WhenQuiet({
      run: () => {
        // What is being filled costs little more to build with the rest, and left alone every search scans it; without a rest,
        // a few rows are no segment.
        if (!this.#isOccupied && frozenRows(options.parts()) > 0) options.freeze()
        this.#gathering.cancel()
        this.#start()
      },
      ...{ clock, quietMs: PAUSE_MS, maxMs: GATHER_MS_MAX, activity: written },
    })
  }

  /** Why vectors that should be in segments are not: the last failure, until a build succeeds. */
  get trouble(): ReplivecError | undefined {
    return this.#trouble
  }

  /** Rows built since the builder was made, those of the build going on included. */
  get built(): number {
    return this.#builtRows + this.#buildingRows
  }

  /** Rows that are still to be built as far as is known now. */
  get remaining(): number {
    const again = Math.max(0, ...[...this.#passes].map(({ rowsAgain }) => rowsAgain))
    return Math.max(0, frozenRows(this.#options.parts()) + again - this.#buildingRows)
  }

  /** Rows in no segment yet that a call waits for. */
  get awaited(): number {
    return Math.max(0, ...[...this.#passes].map(({ pending }) => pending))
  }

  /** Calls back when more rows are built. @returns how to stop that */
  watch(onBuilt: () => void): () => void {
    // The same function may watch twice.
    const watcher = () => onBuilt()
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** Something may be to be built. Returns at once. */
  wake(): void {
    if (this.#isOccupied) return
    if (this.#isGathering) this.#gathering.wait()
    else this.#start()
  }

  #start(): void {
    if (!this.#isOccupied && this.#choose().length > 0) this.#running = this.#run()
  }

  /** It builds, waits before it tries again, or is closed. */
  get #isOccupied(): boolean {
    return this.#running !== undefined || this.#cancelRetry !== undefined || this.#abort.signal.aborted
  }

  /** Resolves when the build going on has ended; `undefined` when none is. */
  nextBuilt(): Promise<void> | undefined {
    if (!this.#running) return undefined
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  /**
   * Resolves when what is frozen now is built, or building fails or ends; and what is small is built together, so that a search has
   * few segments to ask.
   */
  async settle(): Promise<PassOutcome> {
    return this.#pass((parts) => {
      // Two that are too large together stay as they are.
      const mergeable = parts.filter((part) => liveRows([part]) * 2 <= this.#limits.rowsMax)
      if (this.#limits.exact || mergeable.length <= SEGMENTS_AFTER_FLUSH) return []
      return mergeable.toSorted((a, b) => b.rows.count - a.rows.count).slice(SEGMENTS_AFTER_FLUSH - 1)
    })
  }

  /** The same; and every part of it is built anew. */
  async rebuildAll(): Promise<PassOutcome> {
    return this.#pass((parts) => parts)
  }

  /** @param again - what is to be built anew once all is in segments */
  async #pass(again: (parts: Part[]) => Part[]): Promise<PassOutcome> {
    const pass = new BuildPass(this.#options.parts(), this.#limits)
    this.#passes.add(pass)
    try {
      if ((await this.#finish(pass)) !== 'done') return pass.outcome
      pass.buildAgain(again(pass.parts))
      return await this.#finish(pass)
    } finally {
      this.#passes.delete(pass)
    }
  }

  async #finish(pass: BuildPass): Promise<PassOutcome> {
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
    this.#start()
    // The builder stops before it is done only when it failed or is closed.
    while (this.#running && pass.outcome !== 'done') await this.nextBuilt()
    return pass.outcome
  }

  /** Takes notice when the index of a part is lost, or was. */
  watchLoss(part: Part): void {
    part.index?.lost?.then((reason) => this.#lost(part, reason))
  }

  async close(): Promise<void> {
    this.#abort.abort()
    this.#cancelRetry?.()
    this.#gathering.cancel()
    await this.#running
  }

  /** What is to be built may become more. */
  get #isGathering(): boolean {
    if (this.#limits.exact || this.#unfinished) return false
    return !this.#areGathered(this.#options.parts())
  }

  #areGathered(parts: readonly Part[]): boolean {
    return frozenRows(parts) >= GATHERED_MAX * this.#limits.memtableRows
  }

  get #unfinished(): BuildPass | undefined {
    return [...this.#passes].find((pass) => pass.choose().length > 0)
  }

  async #run(): Promise<void> {
    let built = 0
    try {
      for (let sources = this.#choose(); sources.length > 0; sources = this.#choose()) {
        if (this.#abort.signal.aborted || this.#cancelRetry) return
        if (built > 0 && this.#isGathering) return this.#gathering.wait()
        built += 1
        this.#abort = new AbortController()
        const before = this.#trouble
        const pass = this.#unfinished
        this.#wasSince = pass !== undefined && !sources.some((part) => pass.has(part))
        await this.#build(sources)
        this.#tellWaiters()
        // What was built may have been lost already.
        if (this.#trouble === before) this.#trouble = undefined
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#failed(error)
    } finally {
      this.#tellWaiters()
      // In the same tick as the last look at the parts: what is frozen from now on finds nobody running and wakes us.
      this.#running = undefined
    }
  }

  #tellWaiters(): void {
    for (const resolve of this.#waiters.splice(0)) resolve()
  }

  #failed(error: unknown): void {
    const { backend } = this.#options
    this.#tryLater(
      ReplivecError.is(error)
        ? error
        : new ReplivecError(
            'BACKEND_FAILED',
            `The index backend '${backend.kind}' could not build a segment; its vectors are scanned meanwhile.`,
            {
              cause: error,
              details: { kind: backend.kind },
            },
          ),
    )
  }

  /** A build that succeeds ends no row of failures: what is lost as soon as it is built would be built for ever. */
  #tryLater(trouble: ReplivecError): void {
    const { clock, onFailure } = this.#options
    const nowMs = clock.monotonic()
    if (nowMs - this.#lastFailureMs > KEPT_MS) this.#failures = 0
    this.#lastFailureMs = nowMs
    const delayMs = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** this.#failures)
    this.#failures += 1
    this.#trouble = trouble
    this.#cancelRetry?.()
    this.#cancelRetry = clock.timer(() => {
      this.#cancelRetry = undefined
      this.#start()
    }, delayMs)
    onFailure(trouble)
  }

  #choose(): Part[] {
    const parts = this.#options.parts()
    const pass = this.#unfinished
    if (!pass) return chooseParts(parts, this.#limits)
    // Writers wait for room and go on as the builder does, so neither they nor who waits for the pass may starve: by turns.
    const since = parts.filter((part) => !part.index && !pass.has(part))
    return !this.#wasSince && this.#areGathered(since) ? chooseParts(since, this.#limits) : pass.choose()
  }

  async #build(sources: readonly Part[]): Promise<void> {
    const { newRows, onBuilt } = this.#options
    const [only] = sources
    const isWhole = only && sources.length === 1 && !only.index && only.rows.deadCount === 0
    if (isWhole) {
      // Built over the rows of one frozen memtable as they lie.
      Object.assign(only, await this.#index(only))
      onBuilt(only)
      return this.watchLoss(only)
    }
    const { rows, transfer } = await gather(sources, newRows, this.#options.clock, this.#abort.signal)
    if (rows.count === 0) return this.#replace(sources, undefined, transfer)
    const segment: Part = {
      rows,
      index: undefined,
      largestNorm: Math.max(...sources.map(({ largestNorm }) => largestNorm)),
      unitSlack: Math.max(...sources.map(({ unitSlack = 0 }) => unitSlack)),
    }
    Object.assign(segment, await this.#index(segment))
    this.#replace(sources, segment, transfer)
    this.watchLoss(segment)
  }

  #replace(sources: readonly Part[], segment: Part | undefined, transfer: Transfer): void {
    this.#options.swap(sources, segment, transfer)
    for (const pass of this.#passes) pass.replace(sources, segment)
  }

  /** Builds the index over the rows of a part; where the backend has files, rows and index are on disk then. */
  async #index(part: Part): Promise<Pick<Part, 'index' | 'scans' | 'stored'>> {
    const { backend, dimensions, metric, storage } = this.#options
    const { signal } = this.#abort
    const { count } = part.rows
    const place = backend.supports.persists ? await storage?.begin() : undefined
    let index: VectorIndex | undefined
    try {
      const vectors = await contiguous(part.rows, this.#options.clock, signal)
      const directory = place ? { directory: place.indexPath } : {}
      const onProgress = (built: number) => this.#progress(Math.min(built, count))
      index = await backend.build({ vectors, count, dimensions, metric, signal, onProgress, ...directory })
      this.#buildingRows = 0
      this.#builtRows += count
      this.#progress(0)
      const scans = backend.supports.exact ? {} : { scans: new PieceScans(part, metric) }
      if (!storage || !place) return { index, ...scans }
      const facts = {
        kind: backend.kind,
        dimensions,
        metric,
        largestNorm: part.largestNorm,
        unitSlack: part.unitSlack ?? 0,
      }
      const diskBytes = await storage.finish(place, part.rows, facts)
      signal.throwIfAborted()
      return { index, ...scans, stored: { place, diskBytes } }
    } catch (error) {
      this.#buildingRows = 0
      await this.#giveUp(() => index?.[Symbol.asyncDispose]())
      await this.#giveUp(() => (place ? storage?.remove(place) : undefined))
      throw error
    }
  }

  /** What fails here must not stand for the build's own error, nor keep what else there is from being given up. */
  async #giveUp(what: () => PromiseLike<void> | undefined): Promise<void> {
    try {
      await what()
    } catch (error) {
      this.#options.onFailure(asFailure(error))
    }
  }

  #progress(built: number): void {
    this.#buildingRows = built
    for (const watcher of this.#watchers) watcher()
  }

  #lost(segment: Part, reason: string): void {
    const { backend, parts, retire } = this.#options
    const { index } = segment
    // Giving a device back may count as losing it; what was replaced or closed is nobody's loss.
    if (!index || !parts().includes(segment) || this.#abort.signal.aborted) return
    retire(segment, index)
    segment.index = undefined
    delete segment.stored
    this.#tryLater(
      new ReplivecError(
        'BACKEND_FAILED',
        `The index backend '${backend.kind}' lost an index; its vectors are scanned until it is rebuilt.`,
        {
          details: { kind: backend.kind, reason },
        },
      ),
    )
  }
}
