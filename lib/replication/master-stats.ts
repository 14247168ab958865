import type { Position } from '../log/position.js'
import type { CommitTimes } from './commit-times.js'
import type { CompressionStats } from './compression/compression-stats.js'
import type { ReplicaRegistry } from './replica-registry.js'
import type { ReplicationStats } from './replication.js'
import type { StoredFigures } from './replication-state.js'

/** The figures of a master: what is counted comes from where it is counted, everything else is worked out here. */
export function masterStats(input: {
  readonly registry: ReplicaRegistry
  readonly times: CommitTimes
  readonly position: Position
  readonly historyId: string
  readonly nowMs: number
  readonly figures: StoredFigures
  readonly compression: CompressionStats | null
}): ReplicationStats {
  const { registry, times, position, historyId, nowMs, figures, compression } = input
  const headSeq = position.seq
  let lagMs = 0
  let operationsPending = 0
  let connectedReplicas = 0
  for (const replica of registry.all()) {
    if (replica.status !== 'Disconnected') connectedReplicas += 1
    if (!replica.link) continue
    lagMs = Math.max(lagMs, replica.lagMs(headSeq, times, nowMs))
    operationsPending = Math.max(operationsPending, headSeq - replica.offset)
  }
  const replicaOffset = registry.lowestOffset() ?? headSeq
  const { bytesSent, bytesReceived, lastSync, snapshotSize, totalReplicated, refused } = figures
  return {
    role: 'master',
    ...{ lagMs, bytesSent, bytesReceived, lastSync, operationsPending, snapshotSize, connectedReplicas },
    ...{ masterOffset: headSeq, replicaOffset, lagOperations: Math.max(0, headSeq - replicaOffset) },
    ...{ totalReplicated, refused, compression, historyId, position },
  }
}
