import type { Bitmap } from '../bitmap.js'
import type { ReplivecError } from '../errors.js'
import type { Clock } from '../runtime/clock.js'
import type { IndexBackend, VectorIndex } from './backend.js'
import { normalizeInto, normOf } from './distance.js'
import { FoundSegments } from './found-segments.js'
import { Locations } from './locations.js'
import type { Metric } from './metric.js'
import type { Part, PinnedPart } from './part.js'
import { searchPart } from './part-search.js'
import { admitSparsely } from './sparse-admission.js'
import { RetiredIndexes } from './retired-indexes.js'
import { Rows } from './rows.js'
import type { SegmentStore } from './segment-store.js'
import { rowsMaxOf, SegmentBuilder, type Transfer } from './segment-builder.js'

/** A memtable is frozen at this many rows or bytes, whichever is less: scanning it exactly stays under a millisecond. */
const MEMTABLE_ROWS_MAX = 4_096
const MEMTABLE_BYTES_MAX = 4 * 1024 * 1024
/** Where every search is a scan, a part is only the unit of pauses: about a millisecond. */
const SCANNED_ROWS_MAX = 65_536
const SCANNED_BYTES_MAX = 16 * 1024 * 1024
/** A search that has held the event loop this long lets others have a turn. */
const SLICE_MS = 5

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

export interface SegmentEvent {
  readonly kind: 'built' | 'merged'
  readonly rows: number
  readonly segments: number
}

/** A candidate by record number, with the index's own distance (of unit vectors for cosine). */
export interface Found {
  readonly number: number
  readonly distance: number
}

export interface IndexQuery {
  /** As the caller gave it; normalised here for cosine. */
  readonly vector: Float32Array
  readonly k: number
  readonly ef: number | undefined
  readonly exact: boolean
  /** Admitted record numbers; `undefined` admits all. */
  readonly allow: Bitmap | undefined
}

/** What an index looked like at one instant; it must be released. */
export interface IndexView {
  readonly seq: number
  readonly parts: readonly PinnedPart[]
  release(): void
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
  #found: FoundSegments | undefined
  #isRestored = false
  #restoring: Promise<void> | undefined
  readonly #retired: RetiredIndexes
  #closing: Promise<void> | undefined

  constructor(options: CollectionIndexOptions) {
    this.#options = options
    this.#retired = new RetiredIndexes(options.onFailure)
    this.#memtableRows = memtableRows(options)
    this.#memtable = this.#newMemtable()
    this.#builder = new SegmentBuilder({
      ...options,
      memtableRows: this.#memtableRows,
      newRows: (capacity) => this.#newRows(capacity),
      onBuilt: ({ rows }) => options.onSegment({ kind: 'built', rows: rows.count, segments: this.segments }),
      swap: (sources, segment, transfer) => this.#swap(sources, segment, transfer),
      retire: (part, index) => this.#retire(part, index),
      // What is alive in found segments is not known yet: nothing is to be built from them.
      parts: () => (this.#found ? [] : this.#parts),
    })
  }

  /** Live vectors in segments. */
  get indexed(): number {
    return this.#sum((part) => (part.index ? part.rows.count - part.rows.deadCount : 0))
  }

  /** Live vectors not in a segment yet; they are found by exact scan. */
  get pending(): number {
    return this.#sum((part) => (part.index ? 0 : part.rows.count - part.rows.deadCount))
  }

  /** Rows that no search returns any more, until a rebuild reclaims them. */
  get dead(): number {
    if (this.#found) return 0
    return this.#sum((part) => part.rows.deadCount)
  }

  get segments(): number {
    return this.#parts.filter((part) => part.index).length
  }

  /** Bytes of memory and disk held. */
  get bytes(): { memory: number; disk: number } {
    let memory = this.#locations.bytes
    let disk = 0
    for (const { rows, index, scans, stored } of [...this.#parts, this.#memtable]) {
      memory += rows.bytes + (scans?.bytes ?? 0)
      disk += stored?.diskBytes ?? 0
      if (!index) continue
      const { bytes } = index
      memory += bytes.memory - (bytes.shared ?? 0)
      disk += bytes.disk
    }
    return { memory, disk }
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

  /** Opens the segments found on disk. `revive` tells then what is alive in them, and `endRestore` that this was all. */
  async restore(): Promise<void> {
    const { storage, restores, backend } = this.#options
    if (this.#isRestored || this.#closing || !restores || !storage || !backend.supports.persists) return
    this.#restoring = this.#openFound(storage)
    await this.#restoring
  }

  async #openFound(storage: SegmentStore): Promise<void> {
    const { backend, dimensions, metric, onFailure } = this.#options
    const nextRowsId = () => this.#nextRowsId++
    const isWanted = () => this.#closing === undefined
    const options = { storage, backend, dimensions, metric, nextRowsId, isWanted, onFailure }
    const found = await FoundSegments.open(options)
    this.#isRestored = true
    this.#found = found
    this.#parts = [...found.parts, ...this.#parts]
    for (const { rows } of found.parts) this.#rowsById.set(rows.id, rows)
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
    if (!this.#found) return
    this.#found = undefined
    this.#builder.wake()
  }

  /** Makes `vector` the current one of a record, as of operation `seq`. */
  put(number: number, seq: number, vector: Float32Array): void {
    this.remove(number, seq)
    const { dimensions, metric } = this.#options
    const { rows } = this.#memtable
    const ordinal = rows.append(number, seq)
    if (metric === 'cosine') {
      normalizeInto(rows.vectors.pieceOf(ordinal), rows.vectors.offsetOf(ordinal), vector, dimensions)
    } else {
      rows.vectors.set(ordinal, vector)
      this.#memtable.largestNorm = Math.max(this.#memtable.largestNorm, normOf(vector, 0, dimensions))
    }
    this.#locations.set(number, rows.id, ordinal)
    if (rows.count === this.#memtableRows) this.#freeze()
  }

  /** Takes a record's vector out, as of operation `seq`. */
  remove(number: number, seq: number): void {
    const rows = this.#rowsById.get(this.#locations.rowsOf(number))
    if (!rows) return
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
    const { metric, dimensions, backend, clock } = this.#options
    const vector = new Float32Array(dimensions)
    if (metric === 'cosine') normalizeInto(vector, 0, query.vector, dimensions)
    else vector.set(query.vector)
    const found: Found[] = []
    const pause = pauseBetween(clock, signal)
    const rowCount = view.parts.reduce((sum, { part }) => sum + part.rows.count - part.rows.deadCount, 0)
    const allowShare = query.allow ? Math.min(1, query.allow.count() / Math.max(1, rowCount)) : 1
    const input = {
      ...query,
      query: vector,
      metric,
      supports: backend.supports,
      seq: view.seq,
      allowShare,
      pause,
    }
    const sparse = query.allow && admitSparsely(view.parts, view.seq, query.allow, this.#locations)
    for (const [index, pinned] of view.parts.entries()) {
      if (pinned.count === 0) continue
      const candidates = await searchPart(pinned, input, sparse?.[index])
      for (let i = 0; i < candidates.ordinals.length; i++) {
        const number = pinned.part.rows.numberAt(candidates.ordinals[i] as number)
        found.push({ number, distance: candidates.distances[i] as number })
      }
      const waiting = pause()
      if (waiting) await waiting
    }
    found.sort((a, b) => a.distance - b.distance)
    if (found.length > query.k) found.length = query.k
    return found
  }

  /** Why vectors that should be in segments are scanned instead. */
  get trouble(): ReplivecError | undefined {
    return this.#parts.some((part) => !part.index) ? this.#builder.trouble : undefined
  }

  /** Resolves when every vector written before the call is in a segment. @throws `BACKEND_FAILED` when one cannot be built */
  async flush(): Promise<void> {
    if (this.#memtable.rows.count > 0) this.#freeze()
    await this.#builder.idle()
    if (this.trouble) throw this.trouble
  }

  /** Rebuilds everything without the dead rows. */
  async compact(): Promise<void> {
    if (this.#memtable.rows.count > 0) this.#freeze()
    await this.#builder.rebuildAll()
    if (this.trouble) throw this.trouble
  }

  /**
   * Stops building and gives up what is built; what a view still holds, when that view is released. Idempotent.
   *
   * @param discard - its files are not needed any more
   */
  async close(discard = false): Promise<void> {
    this.#closing ??= this.#close(discard)
    return this.#closing
  }

  async #close(discard: boolean): Promise<void> {
    const { storage } = this.#options
    await this.#builder.close()
    // What it has opened by then is given up with the rest.
    await this.#restoring?.catch(() => undefined)
    for (const part of this.#parts) if (part.index) this.#retire(part, part.index, discard)
    // A dropped collection is still known by its number; its vectors must not be.
    this.#parts = []
    this.#rowsById.clear()
    this.#found = undefined
    this.#memtable = this.#newMemtable()
    await this.#retired.settled()
    if (discard) await storage?.removeOthers()
  }

  #retire({ scans, stored }: Part, index: VectorIndex, discard = true): void {
    const { storage } = this.#options
    const remove = discard && stored && storage ? () => storage.remove(stored.place) : undefined
    this.#retired.retire({ held: [index, scans], after: remove })
  }

  #freeze(): void {
    const { rows } = this.#memtable
    const isFull = rows.count === this.#memtableRows
    rows.shrink()
    this.#parts = [...this.#parts, this.#memtable]
    // A collection that filled one memtable will fill the next: no need to grow it step by step.
    this.#memtable = this.#newMemtable(isFull ? this.#memtableRows : 0)
    this.#builder.wake()
  }

  /** Puts a finished segment in the place of what it was built from. */
  #swap(sources: readonly Part[], segment: Part | undefined, transfer: Transfer): void {
    for (let ordinal = 0; segment && ordinal < segment.rows.count; ordinal++) {
      const number = segment.rows.numberAt(ordinal)
      const current = this.#locations.rowsOf(number)
      if (
        current === transfer.rowsOf(ordinal) &&
        this.#locations.ordinalOf(number) === transfer.ordinalOf(ordinal)
      ) {
        this.#locations.set(number, segment.rows.id, ordinal)
      } else {
        segment.rows.kill(ordinal, segment.rows.seqAt(ordinal), false)
      }
    }
    const kept = this.#parts.filter((part) => !sources.includes(part))
    this.#parts = segment ? [...kept, segment] : kept
    for (const source of sources) {
      this.#rowsById.delete(source.rows.id)
      if (source.index) this.#retire(source, source.index)
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

  #newRows(capacity: number): Rows {
    return new Rows(this.#nextRowsId++, this.#options.dimensions, capacity)
  }

  #sum(value: (part: Part) => number): number {
    let total = value(this.#memtable)
    for (const part of this.#parts) total += value(part)
    return total
  }
}

/** Asks for a pause once a search has held the event loop for long. */
function pauseBetween(clock: Clock, signal: AbortSignal | undefined): () => Promise<void> | undefined {
  let sliceStart = clock.monotonic()
  return () => {
    if (clock.monotonic() - sliceStart <= SLICE_MS) return undefined
    return clock.yield().then(() => {
      signal?.throwIfAborted()
      sliceStart = clock.monotonic()
    })
  }
}

function memtableRows({ dimensions, backend }: CollectionIndexOptions): number {
  const { exact } = backend.supports
  const rowsMax = exact ? SCANNED_ROWS_MAX : MEMTABLE_ROWS_MAX
  const bytesMax = exact ? SCANNED_BYTES_MAX : MEMTABLE_BYTES_MAX
  const rows = Math.max(64, Math.min(rowsMax, Math.floor(bytesMax / (dimensions * 4))))
  return Math.min(rows, rowsMaxOf(backend, dimensions))
}
