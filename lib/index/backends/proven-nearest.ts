import type { Bitmap } from '../../bitmap.js'
import type { Matrix } from './matrix.js'
import type { NativeQuery } from './native-query.js'
import type { Usearch } from './usearch.js'

/** One search of one matrix, to be narrowed down by the native scan. */
export interface ProvenSearch {
  readonly matrix: Matrix
  /** Absent when f32 cannot answer this query; nothing is then measured. */
  readonly query: NativeQuery | undefined
  /** How many rows are wanted, at least 1. */
  readonly wanted: number
  /** How many rows to ask for first. */
  readonly fetch: number
  /** Rows farther than this are not wanted. */
  readonly bound: number
  /** The admitted rows; absent: all. */
  readonly allow?: Bitmap | undefined
  /** Takes the exact distance of a row. */
  measure(row: number): void
}

/**
 * Has every row measured that can be among the wanted nearest, and few others. The native scan lists rows by f32
 * distance; once the list reaches so far that, whatever f32 got wrong, the next row must be farther than `wanted`
 * listed ones, the list holds them all.
 *
 * @returns whether that was proven; if not, nothing was measured and the caller measures every row
 */
export function measureProven(library: Usearch, search: ProvenSearch): boolean {
  const { matrix, query } = search
  if (query === undefined) return false
  const { vectors, count, dimensions } = matrix
  // Past half of the rows, sorting them natively and measuring them again costs more than measuring alone.
  for (let fetch = search.fetch; 2 * fetch < count; fetch *= 4) {
    const { floats, metric } = query
    const matches = library.exactSearch({ vectors, count, query: floats, dimensions, k: fetch, metric })
    const rows = provenRows(matches, query, search)
    if (rows === undefined) continue
    for (const row of rows) search.measure(row)
    return true
  }
  return false
}

/** The listed rows that can be wanted, or `undefined` when rows that are not listed can be too. */
function provenRows(
  matches: ReturnType<Usearch['exactSearch']>,
  query: NativeQuery,
  { wanted, bound, allow }: ProvenSearch,
): number[] | undefined {
  const rows: number[] = []
  let limit = bound
  for (const [i, native] of matches.distances.entries()) {
    // The list ascends: from here on everything, listed or not, is farther than the wanted.
    if (query.nearestAt(native) > limit) return rows
    const row = Number(matches.ordinals[i])
    if (allow !== undefined && !allow.has(row)) continue
    rows.push(row)
    if (rows.length === wanted) limit = Math.min(limit, query.farthestAt(native))
  }
  return undefined
}
