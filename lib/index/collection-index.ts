import type { ReplivecError } from '../errors.js'
import type { Clock } from '../runtime/clock.js'
import { WhenQuiet } from '../runtime/when-quiet.js'
import type { IndexBackend, VectorIndex } from './backend.js'
import {
  type Found,
  type IndexQuery,
  type IndexView,
  planView,
  type SearchContext,
  searchView,
  type ViewPlan,
} from './index-search.js'
import { checkSegments, FoundSegments } from './found-segments.js'
import { Locations } from './locations.js'
import { appendVector, memtableRowsOf } from './memtable.js'
import type { Metric } from './metric.js'
import type { Part } from './part.js'
import { bytesOf, deadRows, formsOf, liveRows, type PartForms } from './part-figures.js'
import { RetiredIndexes } from './retired-indexes.js'
import { Rows } from './rows.js'
import type { SegmentStore } from './segment-store.js'
import { moveRecords, type Transfer } from './row-gathering.js'
import { type RowsReport, SegmentBuilder } from './segment-builder.js'
import type { SegmentEvent } from './segment-event.js'

/** So many rows are worth a segment: scanning fewer is as fast. They get one once nothing was written for a while. */
const IDLE_ROWS_MIN = 1_024
const IDLE_MS = 2_000
/** Vectors that wait to be built are scanned by every search: of more than this, a tenth of a second's work. */
const PENDING_BYTES_MAX = 256 * 1024 * 1024
export interface CollectionIndexOptions {
  readonly dimensions: number
  readonly metric: Metric
  readonly backend: IndexBackend
  readonly clock: Clock
  /** Where segments of a backend with files lie; without it they live as long as the index. */
  readonly storage?: SegmentStore | undefined
  /** The segments found there are its own. */
  readonly restores?: boolean
  /** A segment was built or merged. */
  readonly onSegment: (event: SegmentEvent) => void
  /** A backend failed to build or lost an index; the rows are scanned instead. */
  readonly onFailure: (error: ReplivecError) => void
}

/**
 * The vectors of one collection, ready to search: a memtable that takes every write, and segments that the backend
 * builds from frozen memtables in the background. It is derived: the record store can fill it again at any time.
 */
export class CollectionIndex {
  readonly #options: CollectionIndexOptions
  readonly #builder: SegmentBuilder
  readonly #locations = new Locations()
  readonly #rowsById = new Map<number, Rows>()
  readonly #memtableRows: number
  /** Frozen memtables and segments, oldest first; replaced, never changed. */
  #parts: readonly Part[] = []
  #memtable: Part
  #nextRowsId = 1
  /** Vectors put and removed since the index was made. */
  #written = 0
  /** Vectors to be built that nobody's write waits for. */
  #excused = 0
  #found: FoundSegments | undefined
  #isRestored = false
  /** Freezes the memtable as it is. */
  readonly #idle: WhenQuiet
  #restoring: Promise<void> | undefined
  readonly #retired: RetiredIndexes
  #closing: Promise<void> | undefined

  constructor(options: CollectionIndexOptions) {
    this.#options = options
    this.#retired = new RetiredIndexes(options.onFailure)
    this.#memtableRows = memtableRowsOf(options)
    this.#memtable = this.#newMemtable()
    this.#idle = new WhenQuiet({
      run: () => {
        if (this.#memtable.rows.count >= IDLE_ROWS_MIN) this.#freeze()
      },
      ...{ clock: options.clock, quietMs: IDLE_MS, activity: () => this.#written },
    })
    this.#builder = new SegmentBuilder({
      ...options,
      memtableRows: this.#memtableRows,
      newRows: (capacity) => new Rows(this.#nextRowsId++, options.dimensions, capacity),
      onBuilt: ({ rows }) => {
        this.#excused -= rows.count
        options.onSegment({ kind: 'built', rows: rows.count, segments: this.segments })
      },
      written: () => this.#written,
      freeze: () => this.#freeze(),
      swap: (sources, segment, transfer) => this.#swap(sources, segment, transfer),
      retire: (part, index) => this.#retire(part, index),
      // What is alive in found segments is not known yet: nothing is to be built from them.
      parts: () => (this.#found ? [] : this.#parts),
    })
  }

  /** Live vectors in segments. */
  get indexed(): number {
    return liveRows(this.#parts.filter((part) => part.index))
  }

  /** Live vectors not in a segment yet; they are found by exact scan. */
  get pending(): number {
    return liveRows([...this.#parts.filter((part) => !part.index), this.#memtable])
  }

  /** Rows that no search returns any more, until a rebuild reclaims them. */
  get dead(): number {
    return this.#found ? 0 : deadRows([...this.#parts, this.#memtable])
  }

  get segments(): number {
    return this.#parts.filter((part) => part.index).length
  }

  /** Bytes of memory and disk held. */
  get bytes(): { memory: number; disk: number } {
    const { memory, disk } = bytesOf([...this.#parts, this.#memtable])
    return { memory: this.#locations.bytes + memory, disk }
  }

  /** How its segments keep vectors. */
  get forms(): PartForms {
    return formsOf(this.#parts)
  }

  /** Every search compares with all admitted vectors. */
  get exact(): boolean {
    return this.#options.backend.supports.exact
  }

  /** The kind of backend that builds its segments. */
  get kind(): string {
    return this.#options.backend.kind
  }

  has(number: number): boolean {
    return this.#locations.rowsOf(number) !== 0
  }

  /** Reads all files of the segments, those of backends included. @param onDamage - told of each that is damaged */
  async verify(onDamage: (path: string, error: unknown) => void): Promise<void> {
    const { storage, backend, dimensions, metric } = this.#options
    if (!storage) return
    const isUnread = this.#options.restores && !this.#isRestored
    // As long as a view is pinned, no file is removed.
    const pin = this.#retired.pin()
    try {
      const places = isUnread
        ? await storage.places()
        : this.#parts.flatMap(({ stored }) => stored?.place ?? [])
      await checkSegments({ storage, backend, dimensions, metric }, places, onDamage)
    } finally {
      this.#retired.release(pin)
    }
  }

  /**
   * Opens the segments found on disk. What is alive in them `reviveKnown` knows, where that was written at the close; otherwise, and
   * for all else, `revive` tells, and `endRestore` that this was all.
   *
   * @param seq - the newest visible operation
   */
  async restore(seq: number): Promise<void> {
    const { storage, restores, backend } = this.#options
    if (this.#isRestored || this.#closing || !restores || !storage || !backend.supports.persists) return
    this.#restoring = this.#openFound(storage, seq)
    await this.#restoring
  }

  async #openFound(storage: SegmentStore, seq: number): Promise<void> {
    const { backend, dimensions, metric, onFailure } = this.#options
    const nextRowsId = () => this.#nextRowsId++
    const isWanted = () => this.#closing === undefined
    const options = { storage, backend, dimensions, metric, nextRowsId, seq, isWanted, onFailure }
    const found = await FoundSegments.open(options)
    this.#isRestored = true
    this.#found = found
    this.#parts = [...found.parts, ...this.#parts]
    for (const { rows } of found.parts) this.#rowsById.set(rows.id, rows)
  }

  /** Revives what was alive at the close, if `seq`, the newest visible operation, is the one that `restore` was told. */
  reviveKnown(seq: number): void {
    this.#found?.reviveKnown(seq, this.#locations)
  }

  /** Whether a found segment has the vector that operation `seq` gave to a record; it is the record's from then on. */
  revive(number: number, seq: number): boolean {
    const place = this.#found?.find(number, seq)
    if (!place) return false
    place.rows.revive(place.ordinal)
    this.#locations.set(number, place.rows.id, place.ordinal)
    return true
  }

  /** Every record is where it belongs. */
  endRestore(): void {
    const found = this.#found
    if (!found) return
    this.#found = undefined
    for (const part of found.parts) this.#builder.watchLoss(part)
    this.#builder.wake()
  }

  /** Makes `vector` the current one of a record, as of operation `seq`. */
  put(number: number, seq: number, vector: Float32Array): void {
    this.remove(number, seq)
    this.#written += 1
    const { rows } = this.#memtable
    const ordinal = appendVector(this.#memtable, number, seq, vector, this.#options)
    this.#locations.set(number, rows.id, ordinal)
    if (rows.count === this.#memtableRows) this.#freeze()
    else if (rows.count === IDLE_ROWS_MIN && !this.exact) this.#idle.wait()
  }

  /** Takes a record's vector out, as of operation `seq`. */
  remove(number: number, seq: number): void {
    const rows = this.#rowsById.get(this.#locations.rowsOf(number))
    if (!rows) return
    this.#written += 1
    rows.kill(this.#locations.ordinalOf(number), seq, this.#retired.isPinned)
    this.#locations.delete(number)
    this.#builder.wake()
  }

  /** Holds still what a read at operation `seq`, the newest visible one, may see. */
  pin(seq: number): IndexView {
    const pin = this.#retired.pin()
    const parts = [...this.#parts, this.#memtable].map((part) => ({ part, count: part.rows.count }))
    return {
      seq,
      parts,
      release: () => {
        if (!this.#retired.release(pin) || this.#retired.isPinned) return
        for (const rows of this.#rowsById.values()) rows.forgetDeaths()
      },
    }
  }

  /** The `k` nearest admitted records of a view, nearest first; at equal distance in no particular order. */
  async search(view: IndexView, query: IndexQuery, signal: AbortSignal | undefined): Promise<Found[]> {
    return searchView(view, query, this.#searchContext(signal))
  }

  /** How `search` would go about it. */
  plan(view: IndexView, query: IndexQuery): ViewPlan {
    return planView(view, query, this.#searchContext(undefined))
  }

  #searchContext(signal: AbortSignal | undefined): SearchContext {
    const { metric, dimensions, backend, clock } = this.#options
    return { metric, dimensions, supports: backend.supports, clock, locations: this.#locations, signal }
  }

  /**
   * A promise when so much waits to be built that writers wait too; it resolves when a build has ended.
   *
   * @param isSearched - otherwise what a flush waits for may be as much as it likes: it is built before anybody searches here
   */
  room(isSearched = true): Promise<void> | undefined {
    const { backend, dimensions } = this.#options
    const waiting = this.pending - Math.max(0, this.#excused) - (isSearched ? 0 : this.#builder.awaited)
    if (backend.supports.exact || waiting * dimensions * 4 < PENDING_BYTES_MAX) return undefined
    return this.trouble ? undefined : this.#builder.nextBuilt()
  }

  /** So many vectors come all at once, and no writer of now wrote them: `room` leaves so many out until they are built. */
  excuse(count: number): void {
    this.#excused = count
  }

  /** Why vectors that should be in segments are scanned instead. */
  get trouble(): ReplivecError | undefined {
    return this.#parts.some((part) => !part.index) ? this.#builder.trouble : undefined
  }

  /**
   * Resolves when every vector written before the call is in a segment.
   *
   * @returns false when the index was closed before that
   * @throws `BACKEND_FAILED` when one cannot be built
   */
  async flush(report?: RowsReport): Promise<boolean> {
    return this.#settled('settle', report)
  }

  /** Rebuilds everything without the dead rows; otherwise as `flush`. */
  async compact(report?: RowsReport): Promise<boolean> {
    return this.#settled('rebuildAll', report)
  }

  async #settled(work: 'settle' | 'rebuildAll', report: RowsReport | undefined): Promise<boolean> {
    this.#freeze()
    const outcome = await this.watch(report, () => this.#builder[work]())
    if (outcome === 'done' || this.#closing) return outcome === 'done'
    // Segments that are all there but not as a flush would have them are no failure.
    const isFailure = outcome === 'unfinished' || work === 'rebuildAll'
    if (isFailure && this.#builder.trouble) throw this.#builder.trouble
    return true
  }

  /** Reports how many rows are built while `work` goes on, of those known to be built by then. */
  async watch<T>(report: RowsReport | undefined, work: () => Promise<T>): Promise<T> {
    if (!report) return work()
    const from = this.#builder.built
    const stop = this.#builder.watch(() => {
      const done = this.#builder.built - from
      report(done, done + this.#builder.remaining)
    })
    const result = await work().finally(stop)
    const done = this.#builder.built - from
    report(done, done)
    return result
  }

  /**
   * Stops building and gives up what is built; what a view still holds, when that view is released. Idempotent.
   *
   * @param discard - its files are not needed any more
   * @param seq - of an index that has every record: the last operation there is
   */
  async close(discard = false, seq?: number): Promise<void> {
    this.#closing ??= this.#close(discard, seq)
    return this.#closing
  }

  async #close(discard: boolean, seq: number | undefined): Promise<void> {
    const { storage } = this.#options
    this.#idle.cancel()
    await this.#builder.close()
    // What it has opened by then is given up with the rest.
    await this.#restoring?.catch(() => undefined)
    if (seq !== undefined && !discard) await this.#writeLiveness(seq)
    for (const part of this.#parts) {
      if (part.index) this.#retire(part, part.index, discard)
      if (part.stored && !discard) storage?.letGo(part.stored.place)
    }
    // A dropped collection is still known by its number; its vectors must not be.
    this.#parts = []
    this.#rowsById.clear()
    this.#found = undefined
    this.#memtable = this.#newMemtable()
    await this.#retired.settled()
    if (discard) await storage?.removeOthers()
  }

  async #writeLiveness(seq: number): Promise<void> {
    const { storage, onFailure } = this.#options
    const dead = new Map(
      this.#parts.flatMap(({ rows, stored }) => (stored ? [[stored.place, rows.deadWords]] : [])),
    )
    if (dead.size > 0) await storage?.liveness.write(seq, dead).catch(onFailure)
  }

  #retire({ scans, stored }: Part, index: VectorIndex, discard = true): void {
    const { storage } = this.#options
    const remove = discard && stored && storage ? () => storage.remove(stored.place) : undefined
    this.#retired.retire({ held: [index, scans], after: remove })
  }

  #freeze(): void {
    const { rows } = this.#memtable
    if (rows.count === 0) return
    const isFull = rows.count === this.#memtableRows
    rows.shrink()
    this.#parts = [...this.#parts, this.#memtable]
    // A collection that filled one memtable will fill the next: no need to grow it step by step.
    this.#memtable = this.#newMemtable(isFull ? this.#memtableRows : 0)
    this.#builder.wake()
  }

  /** Puts a finished segment in the place of what it was built from. */
  #swap(sources: readonly Part[], segment: Part | undefined, transfer: Transfer): void {
    if (segment) moveRecords(segment.rows, transfer, this.#locations)
    this.#parts = [...this.#parts.filter((part) => !sources.includes(part)), ...(segment ? [segment] : [])]
    for (const source of sources) {
      this.#rowsById.delete(source.rows.id)
      if (source.index) this.#retire(source, source.index)
      else this.#excused -= source.rows.count
    }
    if (!segment) return
    this.#rowsById.set(segment.rows.id, segment.rows)
    this.#options.onSegment({
      kind: sources.every((source) => source.index) ? 'merged' : 'built',
      rows: segment.rows.count,
      segments: this.segments,
    })
  }

  #newMemtable(capacity = 0): Part {
    const rows = new Rows(this.#nextRowsId++, this.#options.dimensions, capacity, this.#memtableRows)
    this.#rowsById.set(rows.id, rows)
    return { rows, index: undefined, largestNorm: this.#options.metric === 'cosine' ? 1.001 : 0 }
  }
}
