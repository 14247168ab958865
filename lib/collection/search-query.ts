import type { Abortable } from '../abortable.js'
import type { FilterNode } from '../filter/ast.js'
import { parseFilter } from '../filter/parse.js'
import type { Filter } from '../filter/types.js'
import type { Position } from '../log/position.js'
import { checkFlag, checkOptions, invalid } from './call-options.js'
import { copyVector, type VectorShape } from './record-input.js'

/** Options every read understands. */
export interface ReadOptions extends Abortable {
  /** Wait until this position is visible here: reading your own writes on any node. */
  readonly after?: Position | undefined
  /** How long to wait for `after`, in milliseconds; 5 000 by default. */
  readonly timeoutMs?: number | undefined
}

/**
 * A nearest-neighbour query.
 *
 * @example
 * ```ts
 * import type { Collection } from 'replivec'
 *
 * declare const articles: Collection<{ title: string; year: number }>
 *
 * const hits = await articles.search({ vector: [0.1, 0.9], topK: 5, filter: { year: { $gte: 2020 } } })
 * for (const { id, score, metadata } of hits) console.log(id, score, metadata.title)
 * const [recent, all] = await articles.searchBatch([
 *   { vector: [0.1, 0.9], filter: { year: 2026 }, includeMetadata: false },
 *   { vector: [0.1, 0.9], exact: true, includeMetadata: false },
 * ])
 * console.log(recent?.length, all?.length)
 * ```
 */
export interface SearchQuery<M extends object = Record<string, unknown>> extends ReadOptions {
  readonly vector: Float32Array | readonly number[]
  /** How many hits at most; 10 by default, capped at what exists. */
  readonly topK?: number | undefined
  readonly filter?: Filter<M> | undefined
  readonly includeVector?: boolean
  /** `true` by default. */
  readonly includeMetadata?: boolean
  /** Compare with every vector that matches instead of asking an approximate index, which may miss some. */
  readonly exact?: boolean | undefined
  /** How wide an approximate search looks; larger is slower and finds more. By default what was measured at the build. */
  readonly ef?: number | undefined
  /** Only hits with at least this score; may leave fewer than `topK`. */
  readonly minScore?: number | undefined
}

/** A found record. `metadata` and `vector` are there when asked for. */
export interface Hit<M extends object = Record<string, unknown>> {
  readonly id: string
  /** Higher is nearer, for every metric: cosine 1 − distance, dot the product, euclidean 1 / (1 + distance). */
  readonly score: number
  /** Cosine 1 − cos, dot −(a · b), euclidean the L2 distance. */
  readonly distance: number
  readonly metadata: M
  readonly vector: Float32Array
}

/** What hits have besides id, score and distance; the type of the hits follows. */
export interface HitFlags<V extends boolean, D extends boolean> {
  readonly includeVector: V
  readonly includeMetadata: D
}

/** The type of hits that a query's flags lead to. */
export type HitOf<M extends object, Q> = Pick<Hit<M>, 'id' | 'score' | 'distance'> &
  (Q extends { readonly includeMetadata: false } ? unknown : Pick<Hit<M>, 'metadata'>) &
  (Q extends { readonly includeVector: true } ? Pick<Hit<M>, 'vector'> : unknown)

/** A query whose every part was checked, with defaults filled in. */
export interface PreparedQuery {
  readonly vector: Float32Array
  readonly topK: number
  readonly filter: FilterNode | undefined
  readonly includeVector: boolean
  readonly includeMetadata: boolean
  readonly exact: boolean
  readonly ef: number | undefined
  readonly minScore: number
}

export function prepareQuery(query: unknown, shape: VectorShape): PreparedQuery {
  const given = checkOptions(query, 'search')
  const { vector, topK = 10, filter, ef, minScore } = given as Partial<SearchQuery>
  if (!Number.isInteger(topK) || topK < 1) throw invalid('topK', 'a whole number from 1', topK)
  if (ef !== undefined && (!Number.isInteger(ef) || ef < 1)) throw invalid('ef', 'a whole number from 1', ef)
  if (minScore !== undefined && (typeof minScore !== 'number' || Number.isNaN(minScore))) {
    throw invalid('minScore', 'a number', minScore)
  }
  return {
    vector: copyVector(vector, shape, 'The query'),
    topK,
    filter: filter === undefined ? undefined : parseFilter(filter),
    includeVector: checkFlag(given, 'includeVector', false),
    includeMetadata: checkFlag(given, 'includeMetadata', true),
    exact: checkFlag(given, 'exact', false),
    ef,
    minScore: minScore ?? Number.NEGATIVE_INFINITY,
  }
}
