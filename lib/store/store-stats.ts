import type { AuditStats } from '../audit/audit-log.js'
import type { CollectionStats } from '../collection/collection-stats.js'
import type { ReplivecErrorCode } from '../errors.js'
import type { Position } from '../log/position.js'

/** What `store.getStats()` answers. Plain data, structured-clonable; times are epoch milliseconds. */
export interface StoreStats {
  readonly nodeId: string
  /** Born with the store's first open, and again with a restore. */
  readonly historyId: string
  readonly durability: 'sync' | 'buffered'
  /** The newest position reads find. */
  readonly position: Position
  readonly openedAtMs: number
  /** Why the store takes no more writes, or null. */
  readonly readOnly: ReplivecErrorCode | null
  readonly collections: readonly CollectionStats[]
  readonly log: {
    readonly oldestSeq: number
    readonly headSeq: number
    /** The last operation on stable storage. */
    readonly durableSeq: number
    readonly bytes: number
  }
  readonly records: {
    /** The last operation the record store holds. */
    readonly appliedSeq: number
    /** The last operation it holds on stable storage. */
    readonly flushedSeq: number
    /** Bytes of changes that are visible and wait to be applied. */
    readonly backlogBytes: number
    readonly memoryBytes: number
    readonly diskBytes: number
  }
  /** Of the audit log; null where the store keeps none. */
  readonly audit: AuditStats | null
  /** Reads that hold a view open at this moment. */
  readonly pinnedViews: number
}
