import type { Usearch } from './usearch.js'

/** Rows whose neighbours are looked for. */
const QUERIES = 32
/** True neighbours of each, at most. */
const NEAREST = 10
/** Distances that differ by less than this share are the same, for f32. */
const SAME_DISTANCE = 1e-6
/** Rows scanned at a time, in bytes. */
const CHUNK_BYTES = 32 * 1024 * 1024

/** The rows to look through, as a native scan takes them. */
export interface SampledRows {
  readonly count: number
  readonly dimensions: number
  readonly metric: 'ip' | 'l2sq'
  /** A copy of rows `from` to `to`. */
  rows(from: number, to: number): Float32Array
  /** One row as a query; `undefined` where it cannot be one. */
  query(row: number): Float32Array | undefined
}

interface SampledQuery {
  readonly query: Float32Array
  /** How far its last true neighbour is. */
  readonly limit: number
}

/** Some of the rows of a matrix with their true neighbours, to tell how many of them another way of searching finds. */
export class NeighbourSample {
  readonly #rows: SampledRows
  readonly #usearch: Usearch
  readonly #k: number
  readonly #queries: SampledQuery[]

  constructor(rows: SampledRows, usearch: Usearch) {
    this.#rows = rows
    this.#usearch = usearch
    this.#k = Math.min(NEAREST, rows.count)
    const queries = Array.from({ length: QUERIES }, (_, index) =>
      rows.query(Math.floor((index * rows.count) / QUERIES)),
    )
    this.#queries = this.#limited(queries.filter((query) => query !== undefined))
  }

  /**
   * The share of true neighbours among what `search` finds, by distance: of rows that lie equally far any will do.
   *
   * @param search - the candidates of a query
   */
  keptShare(search: (query: Float32Array) => Uint32Array): number {
    let kept = 0
    for (const { query, limit } of this.#queries) {
      const found = this.#distances(search(query), query)
      kept += Math.min(this.#k, found.filter((distance) => distance <= limit).length)
    }
    return this.#queries.length === 0 ? 1 : kept / (this.#queries.length * this.#k)
  }

  #limited(queries: readonly Float32Array[]): SampledQuery[] {
    const { count, dimensions, metric } = this.#rows
    const nearest: number[][] = queries.map(() => [])
    const step = Math.max(1, Math.floor(CHUNK_BYTES / (dimensions * 4)))
    for (let from = 0; from < count; from += step) {
      const to = Math.min(count, from + step)
      const chunk = { vectors: this.#rows.rows(from, to), count: to - from, dimensions, metric }
      const k = Math.min(this.#k, to - from)
      for (const [index, query] of queries.entries()) {
        nearest[index]?.push(...this.#usearch.exactSearch({ ...chunk, query, k }).distances)
      }
    }
    return queries.map((query, index) => {
      const last = (nearest[index] as number[]).sort((a, b) => a - b)[this.#k - 1] as number
      // A native product is 1 − (a · b), rounded as what it was made from.
      const digits = metric === 'ip' ? Math.max(Math.abs(last), Math.abs(last - 1)) : last
      return { query, limit: last + SAME_DISTANCE * digits }
    })
  }

  /** Measured as the limits were. */
  #distances(ordinals: Uint32Array, query: Float32Array): Float32Array {
    const { dimensions, metric } = this.#rows
    const count = ordinals.length
    if (count === 0) return new Float32Array(0)
    const vectors = new Float32Array(count * dimensions)
    for (const [index, ordinal] of ordinals.entries()) {
      vectors.set(this.#rows.rows(ordinal, ordinal + 1), index * dimensions)
    }
    return this.#usearch.exactSearch({ vectors, count, query, dimensions, metric, k: count }).distances
  }
}
