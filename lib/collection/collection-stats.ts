import type { Metric } from '../index/metric.js'

/**
 * What `collection.getStats()` answers. Plain data, structured-clonable. Counts are since the store was opened.
 *
 * @example
 * ```ts
 * import type { Collection } from 'replivec'
 *
 * declare const articles: Collection
 *
 * const { index, bytes, fallbackReason } = articles.getStats()
 * console.log(index.indexed, index.pending, bytes.disk / 2 ** 20, 'MiB')
 * if (fallbackReason !== undefined) console.warn(fallbackReason)
 * ```
 */
export interface CollectionStats {
  readonly name: string
  readonly dimensions: number
  readonly metric: Metric
  readonly backend: string
  readonly records: { readonly live: number }
  readonly index: {
    /** The backend that answers, which may differ from `backend`: see `fallbackReason`. */
    readonly kind: string
    /** Live vectors in segments. */
    readonly indexed: number
    /** Live vectors not in a segment yet; they are compared one by one, or read at the first search after an open. */
    readonly pending: number
    /** Replaced and deleted vectors that a rebuild will reclaim. */
    readonly dead: number
    readonly segments: number
    /** How the segments keep vectors, each way once: `'bf16'`, `'i8'` or `'f32'` for graphs. */
    readonly forms: readonly string[]
  }
  /** What the index takes; 0 before the first search after an open. */
  readonly bytes: {
    /** Bytes of this process's memory: vectors, and what finds them. Graphs are mapped from files and not counted. */
    readonly memory: number
    /** Bytes of the files of all segments. */
    readonly disk: number
  }
  readonly operations: OperationStats
  /** Of the query cache; zeros in a store without one. */
  readonly cache: CacheStats
  /** Why the backend that answers is not the one asked for. */
  readonly fallbackReason?: string
}

/** How searches of a collection fared with the query cache. Hits and misses together are all searches. */
export interface CacheStats {
  /** Searches that were answered from the cache. */
  readonly hits: number
  /** Searches that were not, and so were searched for. */
  readonly misses: number
  /**
   * Answers removed because of a limit: to make room, or because one was asked for that was too old. Those that a change
   * of the collection removed are not counted.
   */
  readonly evictions: number
}

export interface OperationStats {
  /** Calls. */
  readonly searches: number
  readonly gets: number
  readonly scans: number
  /** Records. */
  readonly upserted: number
  readonly updated: number
  readonly deleted: number
}

/** Counts what a collection did. */
export class OperationCounts implements OperationStats {
  searches = 0
  gets = 0
  scans = 0
  upserted = 0
  updated = 0
  deleted = 0

  /** The counts now, as plain data. */
  copy(): OperationStats {
    const { searches, gets, scans, upserted, updated, deleted } = this
    return { searches, gets, scans, upserted, updated, deleted }
  }
}
