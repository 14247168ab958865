import type { ReplicationStatus, ReplicaStatus } from './replication.js'

/** `ReplicationStatus` as JSON for dashboards and other languages: snake case, times in ISO 8601. */
export interface WireStatus {
  readonly role: string
  readonly enabled: boolean
  readonly stats: WireStats | null
  readonly replicas: readonly WireReplica[] | null
}

export interface WireStats {
  readonly role: string
  readonly lag_ms: number
  readonly bytes_sent: number
  readonly bytes_received: number
  readonly last_sync: string | null
  readonly operations_pending: number
  readonly snapshot_size: number
  /** Null on a replica. */
  readonly connected_replicas: number | null
  readonly master_offset: number
  readonly replica_offset: number
  readonly lag_operations: number
  readonly total_replicated: number
}

export interface WireReplica {
  readonly id: string
  /** Empty where the link has none. */
  readonly host: string
  /** 0 where the link has none. */
  readonly port: number
  readonly status: ReplicaStatus
  readonly lag_ms: number
  readonly last_heartbeat: string | null
  readonly operations_synced: number
}

/**
 * Turns a status into its JSON form. Whole numbers only: what is a fraction of a millisecond is cut off.
 *
 * @param status - what `store.replication.getStatus()` gave
 *
 * @example
 * ```ts
 * import { toWireStatus, VectorStore } from 'replivec'
 *
 * const store = await VectorStore.open()
 * console.log(JSON.stringify(toWireStatus(store.replication.getStatus())))
 * await store.close()
 * ```
 */
export function toWireStatus({ role, enabled, stats, replicas }: ReplicationStatus): WireStatus {
  return {
    role,
    enabled,
    stats: stats && {
      role: stats.role,
      lag_ms: Math.trunc(stats.lagMs),
      bytes_sent: stats.bytesSent,
      bytes_received: stats.bytesReceived,
      last_sync: isoTime(stats.lastSync),
      operations_pending: stats.operationsPending,
      snapshot_size: stats.snapshotSize,
      connected_replicas: stats.role === 'replica' ? null : stats.connectedReplicas,
      master_offset: stats.masterOffset,
      replica_offset: stats.replicaOffset,
      lag_operations: stats.lagOperations,
      total_replicated: stats.totalReplicated,
    },
    replicas:
      replicas?.map(({ id, host, port, status, lagMs, lastHeartbeat, operationsSynced }) => ({
        id,
        host: host ?? '',
        port: port ?? 0,
        status,
        lag_ms: Math.trunc(lagMs),
        last_heartbeat: isoTime(lastHeartbeat),
        operations_synced: operationsSynced,
      })) ?? null,
  }
}

function isoTime(epochMs: number | null): string | null {
  return epochMs === null ? null : new Date(epochMs).toISOString()
}
