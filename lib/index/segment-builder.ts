import { ReplivecError } from '../errors.js'
import type { Clock } from '../runtime/clock.js'
import type { IndexBackend } from './backend.js'
import { chooseMerge } from './merge-policy.js'
import type { Metric } from './metric.js'
import type { Part } from './part.js'
import type { Rows } from './rows.js'

/** Rows copied before other work gets a turn: about 2 ms of copying. */
const COPY_BYTES = 8 * 1024 * 1024
/** After a failed build the next attempt waits this long, and twice as long each time. */
const RETRY_MS = 1_000
const RETRY_MS_MAX = 60_000

/** Where each row of a new segment came from. */
export interface Transfer {
  rowsOf(ordinal: number): number
  ordinalOf(ordinal: number): number
}

export interface SegmentBuilderOptions {
  readonly dimensions: number
  readonly metric: Metric
  readonly backend: IndexBackend
  readonly clock: Clock
  readonly onFailure: (error: ReplivecError) => void
  readonly parts: () => readonly Part[]
  readonly newRows: (capacity: number) => Rows
  /** Replaces `sources` by `segment`, or by nothing when no row of theirs is left. */
  readonly swap: (sources: readonly Part[], segment: Part | undefined, transfer: Transfer) => void
}

/** Builds segments in the background, one at a time: frozen memtables first, then what the merge policy chooses. */
export class SegmentBuilder {
  readonly #options: SegmentBuilderOptions
  readonly #abort = new AbortController()
  readonly #rowsMax: number
  #running: Promise<void> | undefined
  #rebuild: ReadonlySet<Part> = new Set()
  #cancelRetry: (() => void) | undefined
  #failures = 0

  constructor(options: SegmentBuilderOptions) {
    this.#options = options
    const maxBytes = options.backend.supports.maxBytes ?? Number.POSITIVE_INFINITY
    this.#rowsMax = Math.max(1, Math.floor(maxBytes / (options.dimensions * 4)))
  }

  /** Something may be to be built. Returns at once. */
  wake(): void {
    if (this.#running || this.#cancelRetry || this.#abort.signal.aborted || this.#choose().length === 0)
      return
    this.#running = this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** Resolves when there is nothing left to build, or building fails. */
  async idle(): Promise<void> {
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
    this.wake()
    await this.#running
  }

  /** Builds every part anew. */
  async rebuildAll(): Promise<void> {
    await this.idle()
    this.#rebuild = new Set(this.#options.parts())
    await this.idle()
  }

  async close(): Promise<void> {
    this.#abort.abort()
    this.#cancelRetry?.()
    await this.#running
  }

  async #run(): Promise<void> {
    for (;;) {
      const sources = this.#choose()
      if (sources.length === 0 || this.#abort.signal.aborted) return
      try {
        await this.#build(sources)
        this.#failures = 0
      } catch (error) {
        if (this.#abort.signal.aborted) return
        this.#failed(error)
        return
      }
    }
  }

  #failed(error: unknown): void {
    const { backend, clock, onFailure } = this.#options
    const delayMs = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** this.#failures)
    this.#failures += 1
    this.#rebuild = new Set()
    this.#cancelRetry = clock.timer(() => {
      this.#cancelRetry = undefined
      this.wake()
    }, delayMs)
    onFailure(
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

  #choose(): Part[] {
    const parts = this.#options.parts()
    const frozen = parts.filter((part) => !part.index)
    if (frozen.length > 0) return this.#upToMax(frozen)
    const rebuild = parts.filter((part) => this.#rebuild.has(part))
    if (rebuild.length > 0) return this.#upToMax(rebuild)
    const sizes = parts.map(({ rows }) => ({ count: rows.count, dead: rows.deadCount }))
    return chooseMerge(sizes, this.#rowsMax).map((index) => parts[index] as Part)
  }

  #upToMax(parts: readonly Part[]): Part[] {
    const chosen: Part[] = []
    let rows = 0
    for (const part of parts) {
      rows += part.rows.count - part.rows.deadCount
      if (chosen.length > 0 && rows > this.#rowsMax) break
      chosen.push(part)
    }
    return chosen
  }

  async #build(sources: readonly Part[]): Promise<void> {
    const { backend, dimensions, metric, newRows, swap } = this.#options
    const gathered = await this.#gather(sources, newRows)
    const { rows, transfer } = gathered
    if (rows.count === 0) return swap(sources, undefined, transfer)
    const index = await backend.build({
      vectors: rows.vectors,
      count: rows.count,
      dimensions,
      metric,
      signal: this.#abort.signal,
    })
    const largestNorm = Math.max(...sources.map((source) => source.largestNorm))
    const segment: Part = { rows, index, largestNorm }
    swap(sources, segment, transfer)
    index.lost?.then((reason) => this.#lost(segment, reason))
  }

  /** Copies the live rows of all sources together, in slices. */
  async #gather(
    sources: readonly Part[],
    newRows: (capacity: number) => Rows,
  ): Promise<{ rows: Rows; transfer: Transfer }> {
    const { dimensions, clock } = this.#options
    const capacity = sources.reduce((sum, { rows }) => sum + rows.count - rows.deadCount, 0)
    const rows = newRows(capacity)
    const fromRows: number[] = []
    const fromOrdinals: number[] = []
    let copiedBytes = 0
    for (const { rows: source } of sources) {
      for (let ordinal = 0; ordinal < source.count; ordinal++) {
        if (source.isDead(ordinal)) continue
        const target = rows.append(source.numberAt(ordinal), source.seqAt(ordinal))
        const start = ordinal * dimensions
        rows.vectors.set(source.vectors.subarray(start, start + dimensions), target * dimensions)
        fromRows.push(source.id)
        fromOrdinals.push(ordinal)
        copiedBytes += dimensions * 4
        if (copiedBytes < COPY_BYTES) continue
        copiedBytes = 0
        await clock.yield()
      }
    }
    rows.shrink()
    const transfer = {
      rowsOf: (ordinal: number) => fromRows[ordinal] as number,
      ordinalOf: (ordinal: number) => fromOrdinals[ordinal] as number,
    }
    return { rows, transfer }
  }

  #lost(segment: Part, reason: string): void {
    segment.index = undefined
    const { backend, onFailure } = this.#options
    onFailure(
      new ReplivecError(
        'BACKEND_FAILED',
        `The index backend '${backend.kind}' lost an index; its vectors are scanned until it is rebuilt.`,
        {
          details: { kind: backend.kind, reason },
        },
      ),
    )
    this.wake()
  }
}
