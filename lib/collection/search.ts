import { distance, scoreOf } from '../index/distance.js'
import { decodeMetadata } from '../records/metadata.js'
import type { CollectionHost } from './collection-host.js'
import type { CollectionState } from './collection-state.js'
import { findMatches } from './filter-matches.js'
import type { AnyHit } from './hits.js'
import type { Found, IndexView } from '../index/collection-index.js'
import { RecordLookup } from './record-lookup.js'
import type { PreparedQuery } from './search-query.js'
import { TimeSlice } from '../runtime/time-slice.js'

/** Candidates asked of the index beyond `topK`: rescoring may reorder those at the edge, and some lie equally far. */
const MARGIN = 8
/**
 * How much the index's distances, of vectors scaled to unit length and rounded to f32, may differ from those of the
 * stored vectors: absolute for cosine, relative for the others.
 */
const INDEX_ERROR = 2e-6

interface Candidate {
  readonly number: number
  readonly id: string
  readonly metadata: string
  readonly distance: number
}

interface Rescored {
  /** Nearest first, then by id. */
  readonly candidates: Candidate[]
  /** No record of an exact index that is not among them can be as near as the first `topK`. */
  readonly isProven: boolean
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
    const allow = query.filter && (await findMatches(state, view, query.filter, host.clock, signal)).numbers
    const available = allow ? allow.count() : countOf(indexView)
    const topK = Math.min(query.topK, available)
    if (topK === 0) return []
    const lookup = new RecordLookup(state, view)
    const { vector, ef, exact } = query
    const isExact = exact || index.exact
    for (let k = Math.min(topK + MARGIN, available); ; k = Math.min(k * 4, available)) {
      const found = await index.search(indexView, { vector, k, ef, exact, allow }, signal)
      const slice = new TimeSlice(host.clock, signal)
      const { candidates, isProven } = await rescore(state, lookup, vector, found, isExact ? topK : k, slice)
      if (isProven || !isExact || found.length < k || k === available) {
        return toHits(state, lookup, query, candidates.slice(0, topK))
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
  const stored = new Float32Array(dimensions)
  const candidates: Candidate[] = []
  let farthest = Number.NEGATIVE_INFINITY
  let isProven = false
  for (const { number, distance: indexed } of found) {
    isProven = candidates.length >= wanted && isBeyond(state, indexed, farthest)
    if (isProven) break
    const pause = slice.step()
    if (pause) await pause
    const { id, metadata } = lookup.existing(number)
    lookup.vectorInto(number, stored, 0)
    const exact = distance(metric, query, 0, stored, 0, dimensions)
    if (candidates.length < wanted) farthest = Math.max(farthest, exact)
    candidates.push({ number, id, metadata, distance: exact })
  }
  candidates.sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
  return { candidates, isProven }
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
  for (const { id, number, metadata, distance: exactDistance } of candidates) {
    const score = scoreOf(state.metric, exactDistance)
    if (score < query.minScore) break
    const hit: AnyHit = { id, score, distance: exactDistance }
    if (query.includeMetadata) hit.metadata = decodeMetadata(metadata)
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
