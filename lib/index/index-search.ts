import type { Bitmap } from '../bitmap.js'
import type { Clock } from '../runtime/clock.js'
import type { BackendSupport, Candidates } from './backend.js'
import { plainScanOver } from './backends/plain-scan.js'
import { simdScanOver } from './backends/simd-scan.js'
import { distanceTo, normalizeInto } from './distance.js'
import type { Locations } from './locations.js'
import type { Metric } from './metric.js'
import type { PinnedPart } from './part.js'
import { type PartQuery, planPart, searchPart } from './part-search.js'
import type { Rows } from './rows.js'
import { admitSparsely } from './sparse-admission.js'

/** Components of admitted vectors up to which they are copied together as they are: nothing cleverer is faster (measured). */
const FEW_FLOATS_MAX = 256 * 1024
/** A search that has held the event loop this long lets others have a turn. */
const SLICE_MS = 3

/** A candidate by record number, with the index's own distance (of unit vectors for cosine). */
export interface Found {
  readonly number: number
  readonly distance: number
  /** `distance` is that of the record's vector, to the last bit. */
  readonly isExact: boolean
  /** The record's vector to the last bit, at `offset` of this array, where the index has it. */
  readonly vectors: Float32Array | undefined
  readonly offset: number
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

/** What a search takes from the index it is of. */
export interface SearchContext {
  readonly metric: Metric
  readonly dimensions: number
  readonly supports: BackendSupport
  readonly clock: Clock
  readonly locations: Locations
  readonly signal: AbortSignal | undefined
}

/** The `k` nearest admitted records of a view, nearest first; at equal distance in no particular order. */
export async function searchView(
  view: IndexView,
  query: IndexQuery,
  context: SearchContext,
): Promise<Found[]> {
  const { allow } = query
  const allowed = allow?.count() ?? 0
  const input = prepare(view, query, allowed, context)
  const few =
    allow && isFew(allowed, context)
      ? await scanFew(view, allow, allowed, input, context.locations)
      : undefined
  if (few) return few
  const found: Found[] = []
  const sparse = allow && admitSparsely(view.parts, view.seq, allow, allowed, context.locations)
  for (const [index, pinned] of view.parts.entries()) {
    if (pinned.count === 0) continue
    const candidates = await searchPart(pinned, input, sparse?.[index])
    const { ordinals, distances } = candidates
    const isPrecise = distances instanceof Float64Array
    for (let i = 0; i < ordinals.length; i++) {
      found.push(foundIn(pinned.part.rows, ordinals[i] as number, distances[i] as number, isPrecise))
    }
    const waiting = input.pause()
    if (waiting) await waiting
  }
  found.sort((a, b) => a.distance - b.distance)
  if (found.length > query.k) found.length = query.k
  return found
}

/** Scans the admitted records, copied together; `undefined` where one has moved since the view. */
async function scanFew(
  { parts, seq }: IndexView,
  allow: Bitmap,
  count: number,
  { query, k, metric }: PartQuery,
  locations: Locations,
): Promise<Found[] | undefined> {
  const { length: dimensions } = query
  const pinnedBy = new Map(parts.map((pinned) => [pinned.part.rows.id, pinned]))
  const vectors = room(count * dimensions)
  const places: { rows: Rows; ordinal: number }[] = []
  let moved = false
  let largestNorm = 1
  let unitSlack = 0
  allow.forEach((number) => {
    const pinned = pinnedBy.get(locations.rowsOf(number))
    const ordinal = locations.ordinalOf(number)
    if (moved || !pinned || ordinal >= pinned.count || pinned.part.rows.seqAt(ordinal) > seq) {
      moved = true
      return
    }
    const { rows, largestNorm: norm, unitSlack: slack = 0 } = pinned.part
    largestNorm = Math.max(largestNorm, norm)
    unitSlack = Math.max(unitSlack, slack)
    vectors.set(rows.vectors.at(ordinal), places.length * dimensions)
    places.push({ rows, ordinal })
  })
  if (moved) return undefined
  const matrix = { vectors, count, dimensions, metric, unitSlack }
  const scan = simdScanOver(matrix, largestNorm) ?? plainScanOver(matrix)
  const answer = scan.search({ queries: query, count: 1, k })
  const [candidates] = answer instanceof Promise ? await answer : answer
  const { ordinals, distances } = candidates as Candidates
  return Array.from(ordinals, (place, i) => {
    const { rows, ordinal } = places[place] as { rows: Rows; ordinal: number }
    return foundIn(rows, ordinal, distances[i] as number, false)
  })
}

/** Where few vectors are copied to. It is read before anybody else has a turn, so one is enough for all indexes. */
let scratch = new Float32Array(0)

/** Fresh memory would cost more than all the copying: the system clears it page by page when it is first touched. */
function room(floats: number): Float32Array {
  if (scratch.length < floats) scratch = new Float32Array(FEW_FLOATS_MAX)
  return scratch.subarray(0, floats)
}

/** Whether so few records are admitted that they are best copied together. */
function isFew(allowed: number, { dimensions }: SearchContext): boolean {
  return allowed > 0 && allowed * dimensions <= FEW_FLOATS_MAX
}

/** How `searchView` would begin. */
export interface ViewPlan {
  /** Segments whose index is asked, and how many candidates they are asked for in all. */
  readonly segments: number
  readonly candidates: number
  /** About how many vectors are compared one by one: those of the other segments and those not in a segment yet. */
  readonly compared: number
}

/** Plans a search without doing it. */
export function planView(view: IndexView, query: IndexQuery, context: SearchContext): ViewPlan {
  const { allow } = query
  const allowed = allow?.count() ?? 0
  if (isFew(allowed, context)) return { segments: 0, candidates: 0, compared: allowed }
  const input = prepare(view, query, allowed, context)
  let [segments, candidates, compared] = [0, 0, 0]
  const sparse = allow && admitSparsely(view.parts, view.seq, allow, allowed, context.locations)
  for (const [index, pinned] of view.parts.entries()) {
    const { fetch, admitted } = planPart(pinned, input, sparse?.[index])
    if (fetch === 0) compared += admitted
    else segments += 1
    candidates += fetch
  }
  return { segments, candidates, compared: Math.round(compared) }
}

/** @param allowed - how many records the query's bitmap has */
function prepare(view: IndexView, query: IndexQuery, allowed: number, context: SearchContext): PartQuery {
  const { metric, dimensions, supports, clock, signal } = context
  const vector = new Float32Array(dimensions)
  if (metric === 'cosine') normalizeInto(vector, 0, query.vector, dimensions)
  else vector.set(query.vector)
  const allowShare = query.allow ? shareOf(allowed, view) : 1
  const pause = pauseBetween(clock, signal)
  const { k, ef, exact, allow } = query
  const measure = distanceTo(metric, query.vector)
  return { query: vector, measure, k, ef, exact, allow, metric, supports, seq: view.seq, allowShare, pause }
}

/** About which share of a view's records is admitted. */
function shareOf(allowed: number, { parts }: IndexView): number {
  const rowCount = parts.reduce((sum, { part }) => sum + part.rows.count - part.rows.deadCount, 0)
  return Math.min(1, allowed / Math.max(1, rowCount))
}

/** @param isPrecise - the distance is not rounded */
function foundIn(rows: Rows, ordinal: number, distance: number, isPrecise: boolean): Found {
  const { vectors } = rows
  const isScaled = rows.isScaled(ordinal)
  return {
    number: rows.numberAt(ordinal),
    distance,
    isExact: isPrecise && !isScaled,
    vectors: isScaled ? undefined : vectors.pieceOf(ordinal),
    offset: vectors.offsetOf(ordinal),
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
