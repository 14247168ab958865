import { distance, scoreOf } from '../index/distance.js'
import type { Metadata } from '../records/metadata.js'
import { decodeMetadata } from '../records/metadata.js'
import type { CollectionHost, StoreView } from './collection-host.js'
import type { CollectionState } from './collection-state.js'
import { findMatches } from './filter-matches.js'
import type { IndexView } from '../index/collection-index.js'
import { RecordLookup } from './record-lookup.js'
import type { PreparedQuery } from './search-query.js'
import { TimeSlice } from './time-slice.js'

/** Candidates asked of the index beyond `topK`: rescoring may reorder those at the edge. */
const MARGIN = 2
/**
 * How much the index's distances, of vectors scaled to unit length and rounded to f32, may differ from those of the
 * stored vectors: absolute for cosine, relative for the others.
 */
const INDEX_ERROR = 2e-6

/** A hit before its flags are looked at. */
export interface AnyHit {
  id: string
  score: number
  distance: number
  metadata?: Metadata
  vector?: Float32Array
}

interface Candidate {
  readonly number: number
  readonly id: string
  readonly metadata: string
  readonly distance: number
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
    for (let k = Math.min(topK + MARGIN, available); topK > 0; k = Math.min(k * 4, available)) {
      const { vector, ef, exact } = query
      const found = await index.search(indexView, { vector, k, ef, exact, allow }, signal)
      const slice = new TimeSlice(host.clock, signal)
      const candidates = await rescore(state, view, query, found, slice)
      const last = candidates[Math.min(topK, candidates.length) - 1]
      const edge = found.at(-1)
      const isComplete = found.length < k || k >= available
      const isApproximate = !(exact || index.exact)
      if (isComplete || isApproximate || !last || !edge || isBeyond(state, edge.distance, last.distance)) {
        return toHits(state, view, query, candidates.slice(0, topK))
      }
    }
    return []
  } finally {
    indexView.release()
    view.release()
  }
}

/** The candidates with their distances by the stored vectors, nearest first, then by id. */
async function rescore(
  state: CollectionState,
  view: StoreView,
  query: PreparedQuery,
  found: readonly { readonly number: number }[],
  slice: TimeSlice,
): Promise<Candidate[]> {
  const { dimensions, metric } = state
  const lookup = new RecordLookup(state, view)
  const stored = new Float32Array(dimensions)
  const candidates: Candidate[] = []
  for (const { number } of found) {
    const pause = slice.step()
    if (pause) await pause
    const record = lookup.byNumber(number)
    if (!record) continue
    lookup.vectorInto(number, stored, 0)
    const { id, metadata } = record
    candidates.push({
      number,
      id,
      metadata,
      distance: distance(metric, query.vector, 0, stored, 0, dimensions),
    })
  }
  return candidates.sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
}

/** No record the index did not return can be as near as `last`. */
function isBeyond(state: CollectionState, edge: number, last: number): boolean {
  const error = state.metric === 'cosine' ? INDEX_ERROR : INDEX_ERROR * Math.abs(last)
  return edge > last + error
}

function toHits(
  state: CollectionState,
  view: StoreView,
  query: PreparedQuery,
  candidates: readonly Candidate[],
): AnyHit[] {
  const lookup = new RecordLookup(state, view)
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
