import { distance, scoreOf } from '../index/distance.js'
import type { Metadata } from '../records/metadata.js'
import type { CollectionHost } from './collection-host.js'
import type { CollectionState } from './collection-state.js'
import type { CollectionIndex } from '../index/collection-index.js'
import { matchingNumbers } from './filter-matches.js'
import type { Found, IndexView } from '../index/index-search.js'
import type { AnyHit } from './hits.js'
import { RecordLookup } from './record-lookup.js'
import type { PreparedQuery } from './search-query.js'
import { TimeSlice } from '../runtime/time-slice.js'

/** Candidates asked of a scan in f32 beyond `topK`: rescoring may reorder those at the edge, and some lie equally far. */
const MARGIN = 8
/** The same of an approximate index, whose candidates are measured by their vectors already. */
const MARGIN_MEASURED = 2
/**
 * How much the index's distances, of vectors scaled to unit length and rounded to f32, may differ from those of the
 * stored vectors: absolute for cosine, relative for the others.
 */
const INDEX_ERROR = 2e-6

/** A record by the distance of its stored vector. */
interface Measured {
  readonly number: number
  readonly distance: number
}

interface Candidate extends Measured {
  readonly id: string
  readonly metadata: Metadata | undefined
}

interface Rescored {
  /** Nearest first. */
  readonly measured: Measured[]
  /** No other record that the index found can be as near as the first `topK`; of an exact index, no other record at all. */
  readonly isProven: boolean
}

/** How many candidates the index is asked for first. */
export function candidatesFor(index: CollectionIndex, topK: number, available: number): number {
  return Math.min(topK + (index.exact ? MARGIN : MARGIN_MEASURED), available)
}

/** Answers a query at one instant. The index must be filled. */
export async function search(
  state: CollectionState,
  host: CollectionHost,
  query: PreparedQuery,
  signal: AbortSignal | undefined,
): Promise<AnyHit[]> {
  const view = host.pin()
  const { index } = state
  const indexView = index.pin(view.seq)
  try {
    const matching = query.filter && (await matchingNumbers(state, view, query.filter, host.clock, signal))
    const allow = matching?.numbers
    const available = matching ? matching.count : countOf(indexView)
    const topK = Math.min(query.topK, available)
    if (topK === 0) return []
    const lookup = new RecordLookup(state, view)
    const { vector, ef, exact } = query
    for (let k = candidatesFor(index, topK, available); ; k = Math.min(k * 4, available)) {
      const found = await index.search(indexView, { vector, k, ef, exact, allow }, signal)
      const slice = new TimeSlice(host.clock, signal)
      const { measured, isProven } = await rescore(state, lookup, vector, found, topK, slice)
      if (isProven || found.length < k || k === available) {
        return toHits(
          state,
          lookup,
          query,
          await firstOf(measured, topK, lookup, query.includeMetadata, slice),
        )
      }
    }
  } finally {
    indexView.release()
    view.release()
  }
}

/**
 * Measures candidates again by their stored vectors, as far as they can be among the `wanted` nearest.
 *
 * @param found - nearest first by the index's distances
 */
async function rescore(
  state: CollectionState,
  lookup: RecordLookup,
  query: Float32Array,
  found: readonly Found[],
  wanted: number,
  slice: TimeSlice,
): Promise<Rescored> {
  const { dimensions, metric } = state
  let stored: Float32Array | undefined
  const measured: Measured[] = []
  let farthest = Number.NEGATIVE_INFINITY
  let isProven = false
  for (const { number, distance: indexed, isExact, vectors, offset } of found) {
    isProven = measured.length >= wanted && isBeyond(state, indexed, farthest)
    if (isProven) break
    const pause = slice.step()
    if (pause) await pause
    let exact: number
    if (isExact) exact = indexed
    else if (vectors) exact = distance(metric, query, 0, vectors, offset, dimensions)
    else {
      stored ??= new Float32Array(dimensions)
      lookup.vectorInto(number, stored, 0)
      exact = distance(metric, query, 0, stored, 0, dimensions)
    }
    if (measured.length < wanted) farthest = Math.max(farthest, exact)
    measured.push({ number, distance: exact })
  }
  measured.sort((a, b) => a.distance - b.distance)
  return { measured, isProven }
}

/** The records of the first `topK`, nearest first, then by id. Those as far as the last of them are looked at too. */
async function firstOf(
  measured: readonly Measured[],
  topK: number,
  lookup: RecordLookup,
  includeMetadata: boolean,
  slice: TimeSlice,
): Promise<Candidate[]> {
  const candidates: Candidate[] = []
  const last = measured[Math.min(topK, measured.length) - 1]?.distance ?? 0
  for (const { number, distance } of measured) {
    if (distance > last) break
    const pause = slice.step()
    if (pause) await pause
    const { id, metadata } = includeMetadata
      ? lookup.decoded(number)
      : { ...lookup.existing(number), metadata: undefined }
    candidates.push({ number, id, metadata, distance })
  }
  candidates.sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
  return candidates.slice(0, topK)
}

/** No record the index did not return can be as near as `last`. */
function isBeyond(state: CollectionState, edge: number, last: number): boolean {
  const error = state.metric === 'cosine' ? INDEX_ERROR : INDEX_ERROR * Math.abs(last)
  return edge > last + error
}

function toHits(
  state: CollectionState,
  lookup: RecordLookup,
  query: PreparedQuery,
  candidates: readonly Candidate[],
): AnyHit[] {
  const hits: AnyHit[] = []
  for (const { id, metadata, number, distance: exactDistance } of candidates) {
    const score = scoreOf(state.metric, exactDistance)
    if (score < query.minScore) break
    const hit: AnyHit = { id, score, distance: exactDistance }
    if (metadata) hit.metadata = metadata
    if (query.includeVector) hit.vector = lookup.vector(number)
    hits.push(hit)
  }
  return hits
}

function countOf(view: IndexView): number {
  let rows = 0
  for (const { count } of view.parts) rows += count
  return rows
}
