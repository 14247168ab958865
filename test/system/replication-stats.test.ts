/** The figures of replication: exact, the same on both ends, kept across restarts, and honest about health. */
import { expect, test } from 'vitest'
import { type ReplicationStats, toWireStatus, type VectorStore } from '../../lib/index.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import {
  describeClusters,
  IN_MEMORY,
  ON_DISK,
  OVER_TCP,
  record,
  records,
  SHAPE,
  settled,
  until,
} from './cluster.js'

const START_MS = Date.UTC(2026, 0, 1, 12)

function stats(store: VectorStore): ReplicationStats {
  const found = store.replication.getStats()
  if (!found) throw new Error('a standalone store has no figures')
  return found
}

describeClusters((cluster) => {
  test('twenty single operations are counted exactly on both sides', async () => {
    const clock = new SimulatedClock(START_MS)
    const master = await cluster.master({ store: { clock } })
    const replica = await cluster.replica('r', { store: { clock } })
    await replica.replication.waitFor()
    const { snapshotSize } = stats(replica)
    const things = await master.createCollection('things', SHAPE)
    for (let at = 0; at < 20; at++) {
      await things.insert(record(at))
      await settled(master, replica)
    }
    await until('all is acknowledged', () => stats(master).operationsPending === 0)
    const seq = 21
    expect(stats(master)).toEqual({
      ...{ role: 'master', lagMs: 0, operationsPending: 0, connectedReplicas: 1, lastSync: START_MS },
      ...{ masterOffset: seq, replicaOffset: seq, lagOperations: 0, totalReplicated: seq, snapshotSize },
      ...{ refused: 0, compression: null },
      ...{ historyId: master.replication.historyId, position: { epoch: 1, seq } },
      ...{ bytesSent: expect.any(Number), bytesReceived: expect.any(Number) },
    })
    expect(stats(replica)).toEqual({
      ...{ role: 'replica', lagMs: 0, operationsPending: 0, connectedReplicas: 0, lastSync: START_MS },
      ...{ masterOffset: seq, replicaOffset: seq, lagOperations: 0, totalReplicated: seq, snapshotSize },
      ...{ refused: 0, compression: null },
      ...{ historyId: master.replication.historyId, position: { epoch: 1, seq } },
      ...{ status: 'Connected', linked: true, snapshotReason: 'fresh' },
      ...{ bytesSent: expect.any(Number), bytesReceived: expect.any(Number) },
    })
    expect(master.replication.getReplicas()).toEqual([
      {
        ...{ id: 'r', status: 'Connected', lagMs: 0, lastHeartbeat: START_MS, operationsSynced: seq },
        ...{
          linked: true,
          offset: seq,
          lagOperations: 0,
          queuedBytes: 0,
          inFlightBytes: 0,
          compression: null,
        },
        ...{
          host: expect.toSatisfy(isHost),
          port: expect.toSatisfy(isPort),
          bytesSent: stats(master).bytesSent,
        },
      },
    ])
    // What one end sent is what the other received, and what passed in between.
    const links = cluster.links()
    await until('nothing is on its way', () => stats(master).bytesReceived === stats(replica).bytesSent)
    expect(stats(replica).bytesReceived).toBe(stats(master).bytesSent)
    expect(links.bytes('received')).toBe(stats(master).bytesSent)
    expect(links.bytes('sent')).toBe(stats(master).bytesReceived)
    expect(structuredClone(master.replication.getStatus())).toEqual(master.replication.getStatus())
  })

  const isHost = (host: unknown): boolean =>
    cluster.kind.network === 'TCP' ? host === '127.0.0.1' : host === null
  const isPort = (port: unknown): boolean =>
    cluster.kind.network === 'TCP' ? Number.isInteger(port) : port === null

  test('figures without and with one replica', async () => {
    const master = await cluster.master()
    expect(master.replication.getStatus()).toMatchObject({ role: 'master', enabled: true, replicas: [] })
    expect(stats(master)).toMatchObject({
      masterOffset: 0,
      replicaOffset: 0,
      lagOperations: 0,
      lastSync: null,
    })
    const things = await master.createCollection('things', SHAPE)
    await things.upsert(records(4))
    expect(stats(master)).toMatchObject({
      ...{ lagMs: 0, bytesSent: 0, bytesReceived: 0, lastSync: null, operationsPending: 0, snapshotSize: 0 },
      ...{ connectedReplicas: 0, masterOffset: 5, replicaOffset: 5, lagOperations: 0, totalReplicated: 0 },
    })
    const replica = await cluster.replica()
    await settled(master, replica)
    await until('all is acknowledged', () => stats(master).operationsPending === 0)
    expect(stats(master)).toMatchObject({ connectedReplicas: 1, replicaOffset: 5, lagOperations: 0 })
    expect(stats(master).lastSync).toBeTypeOf('number')
    expect(stats(master).snapshotSize).toBeGreaterThan(0)
    expect(stats(replica).snapshotSize).toBe(stats(master).snapshotSize)
    expect(replica.replication.getStatus()).toMatchObject({ role: 'replica', enabled: true, replicas: null })
  })

  test('a replica that leaves stays listed with its last state until it is forgotten', async () => {
    const clock = new SimulatedClock(START_MS)
    const master = await cluster.master({ store: { clock } })
    const things = await master.createCollection('things', SHAPE)
    const [one, two] = [await cluster.replica('r1'), await cluster.replica('r2')]
    await settled(master, one, two)
    await until('all is acknowledged', () => stats(master).replicaOffset === 1)
    await cluster.links('r1').isolate()
    await until('the master knows', () => master.replication.getReplicas()?.[0]?.linked === false)
    expect(master.replication.getReplicas()).toMatchObject([
      {
        id: 'r1',
        status: 'Connected',
        linked: false,
        offset: 1,
        queuedBytes: 0,
        inFlightBytes: 0,
        compression: null,
      },
      { id: 'r2', status: 'Connected', linked: true, offset: 1 },
    ])
    await things.upsert(records(9))
    await settled(master, two)
    await until('the other one is equal', () => master.replication.getReplicas()?.[1]?.offset === 10)
    // Of the linked ones nobody is behind; the registered one that is not here counts for the lowest offset.
    expect(stats(master)).toMatchObject({ operationsPending: 0, replicaOffset: 1, lagOperations: 9 })
    await clock.advance(500)
    const [away] = master.replication.getReplicas() ?? []
    expect(away).toMatchObject({ lagMs: 500, lagOperations: 9, lastHeartbeat: START_MS })
    expect(stats(master).lagMs).toBe(0)
    master.replication.forget('r1')
    expect(master.replication.getReplicas()?.map(({ id }) => id)).toEqual(['r2'])
    expect(stats(master)).toMatchObject({ replicaOffset: 10, lagOperations: 0 })
    expect(cluster.node('m').events.at(-1)).toEqual({ kind: 'forgotten', peerId: 'r1' })
    // When it comes again it is known again.
    cluster.links('r1').heal()
    await settled(master, one)
    expect(master.replication.getReplicas()?.map(({ id }) => id)).toEqual(['r1', 'r2'])
  })
})

describeClusters(
  (cluster) => {
    test('heartbeats keep the status; silence and lag change it, strictly past their thresholds', async () => {
      const clock = new SimulatedClock(START_MS)
      const master = await cluster.master({ store: { clock } })
      const things = await master.createCollection('things', SHAPE)
      const replica = await cluster.replica('r', { store: { clock } })
      await settled(master, replica)
      const links = cluster.links()
      // An hour of nothing but heartbeats.
      for (let minute = 0; minute < 60; minute++) await clock.advance(60_000)
      await until('a heartbeat', () => master.replication.getReplicas()?.[0]?.lastHeartbeat === clock.now())
      expect(master.replication.getReplicas()).toMatchObject([{ status: 'Connected', linked: true }])
      expect(stats(replica)).toMatchObject({ status: 'Connected', linked: true, lagMs: 0 })
      expect(links.links).toHaveLength(1)
      expect(cluster.node('m').warnings).toEqual([])
      // It does not get what is written: after exactly a second it is not lagging yet.
      links.links[0]?.hold()
      await things.upsert(record(1))
      await clock.advance(1_000)
      expect(master.replication.getReplicas()).toMatchObject([{ status: 'Connected', lagMs: 1_000 }])
      await clock.advance(1_000)
      expect(master.replication.getReplicas()).toMatchObject([{ status: 'Lagging', lagMs: 2_000 }])
      expect(stats(master)).toMatchObject({ lagMs: 2_000, operationsPending: 1, lagOperations: 1 })
      expect(cluster.node('m').warnings).toMatchObject([
        { code: 'REPLICA_LAGGING', details: { peerId: 'r' } },
      ])
      expect(cluster.node('m').events.at(-1)).toEqual({
        ...{ kind: 'status', peerId: 'r', status: 'Lagging', before: 'Connected' },
      })
      links.links[0]?.release()
      await settled(master, replica)
      await until('equal again', () => master.replication.getReplicas()?.[0]?.status === 'Connected')
      // Nothing at all is heard, though the link stands.
      await until('it is quiet', () => stats(master).bytesReceived === stats(replica).bytesSent)
      links.tamper = () => []
      const heardMs = clock.now()
      for (let second = 0; second < 75; second++) await clock.advance(1_000)
      expect(master.replication.getReplicas()).toMatchObject([
        { status: 'Disconnected', linked: false, lastHeartbeat: heardMs },
      ])
      expect(stats(master).connectedReplicas).toBe(0)
      expect(stats(replica)).toMatchObject({ status: 'Disconnected', linked: false })
      expect(cluster.node('m').warnings.at(-1)).toMatchObject({
        ...{ code: 'REPLICA_DISCONNECTED', details: { peerId: 'r' } },
      })
      expect(cluster.node('r').warnings.at(-1)).toMatchObject({ code: 'REPLICA_DISCONNECTED' })
      // While it is away the others would go on; so does the master alone.
      await things.upsert(record(2))
      links.heal()
      for (let second = 0; second < 90 && !stats(replica).linked; second++) await clock.advance(1_000)
      await settled(master, replica)
      await until('back', () => stats(master).connectedReplicas === 1)
      expect(stats(replica)).toMatchObject({ status: 'Connected', linked: true, lagMs: 0 })
    })

    test('a replica that is not linked lags by more and more, from the last moment it was equal', async () => {
      const clock = new SimulatedClock(START_MS)
      const master = await cluster.master({ store: { clock } })
      const replica = await cluster.replica('r', { store: { clock } })
      await master.createCollection('things', SHAPE)
      await settled(master, replica)
      await clock.advance(250)
      const { lastSync } = stats(replica)
      await cluster.links().isolate()
      await until('it knows', () => stats(replica).linked === false)
      const lags = []
      for (let second = 0; second < 3; second++) {
        await clock.advance(1_000)
        lags.push(stats(replica).lagMs)
      }
      const first = lags[0] as number
      expect(first).toBeGreaterThanOrEqual(1_000)
      expect(lags).toEqual([first, first + 1_000, first + 2_000])
      expect(stats(replica)).toMatchObject({ lastSync, status: 'Lagging', lagOperations: 0 })
      const failure = { code: 'TRANSPORT_FAILED', message: 'The network is down.' }
      expect(stats(replica)).toMatchObject({ failure })
      const { warnings } = cluster.node('r')
      // It dials when chance says so.
      for (let second = 0; second < 40 && warnings.length < 2; second++) await clock.advance(1_000)
      const lagging = { code: 'REPLICA_LAGGING', message: expect.stringContaining('there is no link') }
      expect(warnings).toHaveLength(2)
      for (const warning of [lagging, failure])
        expect(warnings).toContainEqual(expect.objectContaining(warning))
      cluster.links().heal()
      for (let second = 0; second < 60 && !stats(replica).linked; second++) await clock.advance(1_000)
      await settled(master, replica)
      await until('equal', () => stats(replica).status === 'Connected')
      expect(stats(replica)).not.toHaveProperty('failure')
      expect(stats(replica).lagMs).toBe(0)
      expect(stats(replica).lastSync).toBeGreaterThan(lastSync as number)
    })

    test('a replica with all of nothing stays what it was when its link breaks, and says in the end why there is none', async () => {
      const clock = new SimulatedClock(START_MS)
      const master = await cluster.master({ store: { clock } })
      const replica = await cluster.replica('r', { store: { clock } })
      await replica.replication.waitFor()
      await until('linked', () => stats(replica).status === 'Connected')
      await cluster.links().isolate()
      await until('it knows', () => stats(replica).linked === false)
      for (let second = 0; second < 70; second++) await clock.advance(1_000)
      const statuses = cluster
        .node('r')
        .events.flatMap((event) => (event.kind === 'status' ? [event.status] : []))
      expect(statuses.slice(statuses.indexOf('Connected'))).toEqual(['Connected', 'Lagging', 'Disconnected'])
      expect(cluster.node('r').warnings.at(-1)).toMatchObject({
        code: 'REPLICA_DISCONNECTED',
        message: expect.stringContaining('The network is down.'),
      })
      cluster.links().heal()
      await master.close()
    })

    test('the wire form of a status', async () => {
      const clock = new SimulatedClock(START_MS)
      const master = await cluster.master({ store: { clock } })
      const replica = await cluster.replica('r', { store: { clock } })
      await replica.replication.waitFor()
      await master.createCollection('things', SHAPE)
      await settled(master, replica)
      await until('all is acknowledged', () => stats(master).operationsPending === 0)
      const { bytesSent, bytesReceived, snapshotSize } = stats(master)
      expect(JSON.parse(JSON.stringify(toWireStatus(master.replication.getStatus())))).toEqual({
        role: 'master',
        enabled: true,
        stats: {
          ...{ role: 'master', lag_ms: 0, bytes_sent: bytesSent, bytes_received: bytesReceived },
          ...{ last_sync: '2026-01-01T12:00:00.000Z', operations_pending: 0, snapshot_size: snapshotSize },
          ...{ connected_replicas: 1, master_offset: 1, replica_offset: 1, lag_operations: 0 },
          total_replicated: 1,
        },
        replicas: [
          {
            ...{ id: 'r', host: '', port: 0, status: 'Connected', lag_ms: 0 },
            ...{ last_heartbeat: '2026-01-01T12:00:00.000Z', operations_synced: 1 },
          },
        ],
      })
      expect(toWireStatus(replica.replication.getStatus())).toMatchObject({
        ...{ role: 'replica', enabled: true, replicas: null },
        stats: { role: 'replica', connected_replicas: null, master_offset: 1, replica_offset: 1 },
      })
      const alone = await cluster.open('alone', {})
      expect(toWireStatus(alone.store.replication.getStatus())).toEqual({
        ...{ role: 'standalone', enabled: false, stats: null, replicas: null },
      })
    })
  },
  [IN_MEMORY],
)

describeClusters(
  (cluster) => {
    test('the figures are kept across restarts, exactly', async () => {
      let master = await cluster.master()
      const things = await master.createCollection('things', SHAPE)
      await things.upsert(records(7))
      let replica = await cluster.replica()
      await settled(master, replica)
      for (let at = 0; at < 13; at++) await things.upsert(record(at))
      await settled(master, replica)
      await until('all is acknowledged', () => stats(master).operationsPending === 0)
      await until('nothing is on its way', () => stats(master).bytesReceived === stats(replica).bytesSent)
      await cluster.links().isolate()
      await until(
        'both know',
        () => !stats(replica).linked && master.replication.getReplicas()?.[0]?.linked === false,
      )
      const [before, beforeReplica] = [master.replication.getStatus(), stats(replica)]
      await cluster.close('m')
      await cluster.close('r')
      master = await cluster.master()
      expect(master.replication.getReplicas()).toEqual(
        before.replicas?.map((known) => ({ ...known, status: 'Disconnected' })),
      )
      const { position, ...kept } = stats(master)
      const { position: _, ...beforeKept } = before.stats as ReplicationStats
      expect(kept).toEqual({ ...beforeKept, connectedReplicas: 0 })
      expect(position).toEqual({ epoch: 1, seq: 21 })
      const transport = cluster.transport('r', false)
      const isDown = { ...transport, dial: () => Promise.reject(new Error('down')) }
      replica = await cluster.replica('r', { transport: isDown })
      const { bytesSent, bytesReceived, snapshotSize, lastSync, totalReplicated } = beforeReplica
      expect(stats(replica)).toMatchObject({
        bytesSent,
        bytesReceived,
        snapshotSize,
        lastSync,
        totalReplicated,
      })
      expect(stats(replica).totalReplicated).toBe(13)
    })
  },
  [ON_DISK, OVER_TCP],
)
