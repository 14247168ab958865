import type { BackendOption } from '../index/backends/choose.js'
import type { Metric } from '../index/metric.js'

/** A field of `M`, or a dotted path to an inner one, which is not typed. */
export type MetadataPath<M extends object> = (keyof M & string) | `${string}.${string}`

export interface CollectionOptions<M extends object = Record<string, unknown>> {
  /** Components of every vector, 1–65 536. */
  readonly dimensions: number
  readonly metric: Metric
  /**
   * `'cpu'` by default: graphs over vectors of two bytes a component; `'quantized'`: of one byte, for cosine. Stores in memory compare
   * with every vector, whatever is asked for.
   */
  readonly backend?: BackendOption | undefined
  /** Metadata fields, as dotted paths, that get an index; others can be filtered by too, only slower. */
  readonly indexed?: readonly MetadataPath<M>[] | undefined
}

/**
 * What `configure` changes.
 *
 * @example
 * ```ts
 * import type { Collection } from 'replivec'
 *
 * declare const articles: Collection<{ year: number }>
 *
 * await articles.configure({ backend: 'quantized', indexed: ['year'] })
 * await articles.flush() // until then the former backend answers
 * ```
 */
export type ConfigureOptions<M extends object = Record<string, unknown>> = Pick<
  CollectionOptions<M>,
  'backend' | 'indexed'
>

/** What a collection is, without its records. */
export interface CollectionInfo {
  readonly name: string
  readonly dimensions: number
  readonly metric: Metric
  /** The kind of its index backend, as asked for. */
  readonly backend: string
  /** Metadata fields with an index, as dotted paths. */
  readonly indexed: readonly string[]
}

/** A metadata field with an index. */
export interface IndexedField {
  readonly path: string
  /** Number of the field in the record store, never used twice in one collection. */
  readonly field: number
  /** Every record is in the index; until then the planner does not ask it. */
  ready: boolean
  /** Records with a lower number are in the index already. */
  builtBelow: number
  /** What a later version keeps of it. */
  readonly $unknowns?: Uint8Array[]
}
