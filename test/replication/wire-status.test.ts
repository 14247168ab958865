import { describe, expect, test } from 'vitest'
import type { ReplicaInfo, ReplicationStats, ReplicationStatus } from '../../lib/replication/replication.js'
import { toWireStatus } from '../../lib/replication/wire-status.js'

const stats: ReplicationStats = {
  ...{ role: 'master', lagMs: 0, bytesSent: 1_048_576, bytesReceived: 0 },
  lastSync: Date.parse('2026-01-01T12:00:00.000Z'),
  ...{ operationsPending: 0, snapshotSize: 524_288, connectedReplicas: 2, masterOffset: 1_000 },
  ...{ replicaOffset: 1_000, lagOperations: 0, totalReplicated: 2_000, refused: 0, compression: null },
  ...{ historyId: 'h', position: { epoch: 1, seq: 1_000 } },
}

const replica: ReplicaInfo = {
  ...{ id: 'replica-1', host: '192.0.2.10', port: 6381, status: 'Connected', lagMs: 5 },
  ...{ lastHeartbeat: Date.parse('2026-01-01T12:00:00.000Z'), operationsSynced: 1_000 },
  ...{
    linked: true,
    offset: 1_000,
    lagOperations: 0,
    queuedBytes: 0,
    compression: null,
    inFlightBytes: 0,
    bytesSent: 9,
  },
}

const master: ReplicationStatus = { role: 'master', enabled: true, stats, replicas: [replica] }

describe('the status as JSON', () => {
  test('of a master, to the letter', () => {
    expect(JSON.stringify(toWireStatus(master), undefined, 2)).toBe(`{
  "role": "master",
  "enabled": true,
  "stats": {
    "role": "master",
    "lag_ms": 0,
    "bytes_sent": 1048576,
    "bytes_received": 0,
    "last_sync": "2026-01-01T12:00:00.000Z",
    "operations_pending": 0,
    "snapshot_size": 524288,
    "connected_replicas": 2,
    "master_offset": 1000,
    "replica_offset": 1000,
    "lag_operations": 0,
    "total_replicated": 2000
  },
  "replicas": [
    {
      "id": "replica-1",
      "host": "192.0.2.10",
      "port": 6381,
      "status": "Connected",
      "lag_ms": 5,
      "last_heartbeat": "2026-01-01T12:00:00.000Z",
      "operations_synced": 1000
    }
  ]
}`)
  })

  test('of a replica has null where only a master has something', () => {
    const status = toWireStatus({
      ...{ role: 'replica', enabled: true, replicas: null },
      stats: { ...stats, role: 'replica', lastSync: null, connectedReplicas: 0 },
    })
    expect(status.replicas).toBeNull()
    expect(status.stats).toMatchObject({ role: 'replica', connected_replicas: null, last_sync: null })
  })

  test('of a standalone store has no figures', () => {
    expect(toWireStatus({ role: 'standalone', enabled: false, stats: null, replicas: null })).toEqual({
      ...{ role: 'standalone', enabled: false, stats: null, replicas: null },
    })
  })

  test('of a replica without host says so in the same types', () => {
    const bare = { ...replica, host: null, port: null, lastHeartbeat: null, status: 'Disconnected' as const }
    expect(toWireStatus({ ...master, replicas: [bare] }).replicas).toEqual([
      {
        ...{ id: 'replica-1', host: '', port: 0, status: 'Disconnected', lag_ms: 5 },
        ...{ last_heartbeat: null, operations_synced: 1_000 },
      },
    ])
  })

  test('has whole milliseconds', () => {
    const status = toWireStatus({
      ...master,
      stats: { ...stats, lagMs: 999.99 },
      replicas: [{ ...replica, lagMs: 0.9 }],
    })
    expect([status.stats?.lag_ms, status.replicas?.[0]?.lag_ms]).toEqual([999, 0])
  })

  test('a master without replicas has an empty list', () => {
    expect(toWireStatus({ ...master, replicas: [] }).replicas).toEqual([])
  })
})
