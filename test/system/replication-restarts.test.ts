/** Restarts of either side, cuts at the worst moment, backoff and clocks: nothing is skipped, nothing is acknowledged early. */
import { expect, test } from 'vitest'
import { VectorStore } from '../../lib/index.js'
import { decodeWire } from '../../lib/replication/protocol/wire-codec.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import {
  CLUSTER_KINDS,
  describeClusters,
  expectSame,
  IN_MEMORY,
  ON_DISK,
  OVER_TCP,
  record,
  records,
  SHAPE,
  settled,
  until,
} from './cluster.js'

const isSnapshot = (kind: string): boolean => kind === 'snapshot-start'

describeClusters(
  (cluster) => {
    test('a master that is restarted goes on with its replica from the log', async () => {
      let master = await cluster.master()
      await (await master.createCollection('things', SHAPE)).upsert(records(500))
      const replica = await cluster.replica()
      await replica.replication.waitFor()
      const links = cluster.links()
      const received = links.bytes('received')
      for (let restart = 1; restart <= 3; restart++) {
        await cluster.close('m')
        await until('the replica knows', () => replica.replication.getStats()?.linked === false)
        master = await cluster.master()
        expect(master.replication.position).toEqual({ epoch: restart, seq: 501 + (restart - 1) })
        const things = await master.openCollection('things')
        const { position } = await things.upsert(record(restart, 4, 'after'))
        expect(position).toEqual({ epoch: restart + 1, seq: 501 + restart })
        await settled(master, replica)
        await expectSame(master, replica)
      }
      expect(links.kinds('received').filter(isSnapshot)).toHaveLength(1)
      expect(links.bytes('received') - received).toBeLessThan(5_000)
      expect(master.replication.getStats()).toMatchObject({ totalReplicated: 3, connectedReplicas: 1 })
    })

    test('a replica that is restarted goes on from where it was', async () => {
      const master = await cluster.master()
      const things = await master.createCollection('things', SHAPE)
      await things.upsert(records(2_000))
      let replica = await cluster.replica()
      await replica.replication.waitFor()
      await things.upsert(records(10, 5_000))
      await settled(master, replica)
      const { position } = replica.replication
      await cluster.close('r')
      await things.upsert(record(1, 4, 'missed'))
      await things.delete('record 00001')
      replica = await cluster.replica()
      // What it had is there before any link is.
      expect(replica.replication.position).toEqual(position)
      await settled(master, replica)
      await expectSame(master, replica)
      expect(cluster.links().kinds('received').filter(isSnapshot)).toEqual([])
      expect(cluster.links().bytes('received')).toBeLessThan(2_000)
    })

    test('both sides are restarted, the replica first', async () => {
      let master = await cluster.master()
      await (await master.createCollection('things', SHAPE)).upsert(records(100))
      let replica = await cluster.replica()
      await replica.replication.waitFor()
      await cluster.close('m')
      await cluster.close('r')
      replica = await cluster.replica()
      await (await replica.openCollection('things')).get('record 00001')
      master = await cluster.master()
      await (await master.openCollection('things')).upsert(record(1, 4, 'new'))
      await settled(master, replica)
      await expectSame(master, replica)
      expect(cluster.links().kinds('received').filter(isSnapshot)).toEqual([])
    })
  },
  [ON_DISK, OVER_TCP],
)

describeClusters((cluster) => {
  test('a burst, then a cut: nothing is skipped and nothing is acknowledged early', async () => {
    const master = await cluster.master({ maxInFlightBytes: 64 * 1024 })
    const things = await master.createCollection('things', { ...SHAPE, dimensions: 64 })
    const replica = await cluster.replica()
    await replica.replication.waitFor()
    const links = cluster.links()
    for (let round = 0; round < 5; round++) {
      await until('linked', () => replica.replication.getStats()?.linked === true)
      links.tamper = (frame, way) => {
        const message = way === 'sent' ? decodeWire(frame) : undefined
        // Whatever is acknowledged as applied can be read here, now.
        if (message?.kind === 'ack')
          expect(message.appliedSeq).toBeLessThanOrEqual(replica.replication.position.seq)
        return [frame]
      }
      const writes = records(400, round * 400, 64).map((one) => things.upsert(one))
      await writes[100]
      await links.cut()
      await Promise.all(writes)
      const [known] = master.replication.getReplicas() ?? []
      expect(known?.offset).toBeLessThanOrEqual(replica.replication.position.seq)
    }
    await settled(master, replica)
    await expectSame(master, replica)
    expect(await (await replica.openCollection('things')).count()).toBe(2_000)
    expect(links.kinds('received').filter(isSnapshot)).toHaveLength(1)
  })

  test('every frame is cut off once: the stream always goes on from the last whole commit', async () => {
    const master = await cluster.master()
    const things = await master.createCollection('things', SHAPE)
    const replica = await cluster.replica()
    await replica.replication.waitFor()
    const links = cluster.links()
    let frames = 0
    links.tamper = (frame, way, link) => {
      if (way === 'sent') return [frame]
      frames += 1
      if (frames % 7 !== 0) return [frame]
      void link.cut()
      return []
    }
    for (let at = 0; at < 20; at++) {
      await things.upsert([record(at), record(at + 1)])
      await settled(master, replica)
    }
    expect(links.links.length).toBeGreaterThan(4)
    links.heal()
    await settled(master, replica)
    await expectSame(master, replica)
    expect(links.kinds('received').filter(isSnapshot)).toHaveLength(1)
  })
}, CLUSTER_KINDS)

describeClusters(
  (cluster) => {
    test('attempts to dial come further and further apart, and quickly again after a success', async () => {
      const clock = new SimulatedClock()
      const master = await cluster.master({ store: { clock } })
      const replica = await cluster.replica('r', { store: { clock } })
      await until('linked', () => replica.replication.getStats()?.linked === true)
      const links = cluster.links()
      await links.isolate()
      await until('lost', () => replica.replication.getStats()?.linked === false)
      const from = links.dialedAtMs.length
      const startMs = clock.monotonic()
      for (let second = 0; second < 600; second++) await clock.advance(1_000)
      const dials = links.dialedAtMs.slice(from)
      const gaps = dials.map((atMs, at) => atMs - (dials[at - 1] ?? startMs))
      // Full jitter: any gap may be short, none is longer than its bound.
      gaps.forEach((gap, at) => expect(gap).toBeLessThanOrEqual(Math.min(30_000, 100 * 2 ** at) + 1))
      expect(Math.max(...gaps)).toBeGreaterThan(5_000)
      // Ten minutes at 15 seconds in the mean, and some quick ones at the beginning.
      expect(dials.length).toBeLessThan(100)
      links.heal()
      for (let second = 0; second < 60 && links.links.length < 2; second++) await clock.advance(1_000)
      await until('linked again', () => replica.replication.getStats()?.linked === true)
      await settled(master, replica)
      const again = links.dialedAtMs.length
      const cutMs = clock.monotonic()
      await links.cut()
      await until('lost again', () => links.links.length === 2)
      for (let step = 0; step < 101 && links.dialedAtMs.length === again; step++) await clock.advance(1)
      expect((links.dialedAtMs[again] ?? Number.NaN) - cutMs).toBeLessThanOrEqual(101)
    })

    test('jumps of the wall clock change neither lag nor health', async () => {
      const masterClock = new SimulatedClock()
      const replicaClock = new SimulatedClock(Date.UTC(1999, 0, 1))
      const master = await cluster.master({ store: { clock: masterClock } })
      const things = await master.createCollection('things', SHAPE)
      const replica = await cluster.replica('r', { store: { clock: replicaClock } })
      await replica.replication.waitFor()
      for (const jumpMs of [86_400_000, -2 * 86_400_000, 40 * 365 * 86_400_000]) {
        masterClock.jumpWall(jumpMs)
        await things.upsert(record(1))
        await settled(master, replica)
        replicaClock.jumpWall(-jumpMs)
        await things.upsert(record(2))
        await settled(master, replica)
        await until('the master knows', () => master.replication.getStats()?.lagOperations === 0)
        for (const clock of [masterClock, replicaClock]) await clock.advance(1_000)
        expect(replica.replication.getStats()).toMatchObject({ lagMs: 0, status: 'Connected', linked: true })
        expect(master.replication.getReplicas()).toMatchObject([
          { lagMs: 0, status: 'Connected', linked: true },
        ])
      }
      // Behind, the lag is what monotonic clocks say, whatever the wall clocks do.
      cluster.links().links[0]?.hold()
      await things.upsert(record(3))
      for (const clock of [masterClock, replicaClock]) {
        await clock.advance(500)
        clock.jumpWall(3_600_000)
        await clock.advance(300)
      }
      expect(master.replication.getReplicas()).toMatchObject([{ lagMs: 800, status: 'Connected' }])
      cluster.links().links[0]?.release()
      await settled(master, replica)
      await expectSame(master, replica)
    })
  },
  [IN_MEMORY],
)

describeClusters(
  (cluster) => {
    test('an old backup under the same node id is another history: replicas halt, or take it when they may', async () => {
      let master = await cluster.master()
      const things = await master.createCollection('things', SHAPE)
      await things.upsert(records(20))
      await master.backup(cluster.path('backup'))
      const oldHistory = master.replication.historyId
      const careful = await cluster.replica('careful')
      const willing = await cluster.replica('willing', { discardLocal: true })
      await things.upsert(records(20, 100))
      await settled(master, careful, willing)
      await cluster.close('m')
      await VectorStore.restore(cluster.path('backup'), cluster.path('restored'))
      master = await cluster.master({ store: { path: cluster.path('restored') } })
      expect(master.replication.historyId).not.toBe(oldHistory)
      expect(master.getStats().nodeId).toBe('m')
      await (await master.openCollection('things')).upsert(record(1, 4, 'after the restore'))
      await until('the careful one halts', () => careful.replication.getStats()?.halted !== undefined)
      expect(careful.replication.getStats()?.halted).toMatchObject({ code: 'HISTORY_MISMATCH' })
      await expect(careful.replication.waitFor()).rejects.toMatchObject({ code: 'HISTORY_MISMATCH' })
      expect(careful.replication.historyId).toBe(oldHistory)
      expect(await (await careful.openCollection('things')).get('record 00110')).toMatchObject({
        metadata: record(110).metadata,
      })
      expect(cluster.node('careful').warnings).toMatchObject([{ code: 'HISTORY_MISMATCH' }])
      expect(cluster.node('careful').events).toContainEqual(
        expect.objectContaining({ kind: 'halted', code: 'HISTORY_MISMATCH' }),
      )
      await until(
        'the willing one follows',
        () => willing.replication.historyId === master.replication.historyId,
      )
      await settled(master, willing)
      await expectSame(master, willing)
      expect(willing.replication.getStats()?.snapshotReason).toBe('history')
      expect(await (await willing.openCollection('things')).get('record 00110')).toBeUndefined()
      expect(master.replication.getReplicas()?.map(({ id }) => id)).toEqual(['willing'])
      // The careful one takes it too once it is told that it may.
      await cluster.close('careful')
      const again = await cluster.replica('careful', { discardLocal: true })
      await settled(master, again)
      await expectSame(master, again, willing)
    })
  },
  [ON_DISK],
)
