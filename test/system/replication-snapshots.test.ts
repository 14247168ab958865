/** Snapshots: when one is taken, what it brings and takes away, and what readers see while it is put in place. */
import { readdir, stat } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { VectorStore } from '../../lib/index.js'
import { collected } from '../collection/contents.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import {
  type Cluster,
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
import { kindOf } from './watched-links.js'
import { WatchedSnapshots } from './watched-snapshots.js'

const isStart = (kind: string): boolean => kind === 'snapshot-start'
/** Finished snapshots keep the log for so long, for others who need it. */
const SNAPSHOT_KEPT_MS = 10 * 60_000

/** The name of the master's snapshot, once it is whole and durable: replicas have it before. */
async function snapshotName(cluster: Cluster): Promise<string> {
  let found: string | undefined
  await until('the snapshot has its name', async () => {
    const names = await readdir(cluster.path('m/snapshots'))
    found = names.find((name) => name.endsWith('.snapshot'))
    return found !== undefined
  })
  return found as string
}

/** A master whose log reaches back no further than recovery needs. */
class ForgetfulMaster {
  readonly clock = new SimulatedClock()
  readonly store: VectorStore

  private constructor(store: VectorStore, clock: SimulatedClock) {
    this.store = store
    this.clock = clock
  }

  static async open(cluster: Cluster, count: number): Promise<ForgetfulMaster> {
    const clock = new SimulatedClock()
    const store = await cluster.master({
      ...{ environment: { segmentBytes: 8_192 }, retention: { bytes: 0 }, store: { clock } },
    })
    await (await store.createCollection('things', SHAPE)).upsert(records(count))
    return new ForgetfulMaster(store, clock)
  }

  /** Writes until the log has forgotten everything up to an operation. */
  async forgetThrough(seq: number): Promise<void> {
    const noise = await this.store.getOrCreateCollection('noise', { dimensions: 4, metric: 'dot' })
    await this.clock.advance(SNAPSHOT_KEPT_MS)
    await until('the log is trimmed', async () => {
      for (let at = 0; at < 10; at++) await noise.upsert(records(20, at * 20))
      await this.clock.advance(1_000)
      return this.store.getStats().log.oldestSeq > seq + 1
    })
  }
}

describeClusters((cluster) => {
  test('a replica that is older than the log takes a snapshot, and what was deleted meanwhile is gone', async () => {
    const forgetful = await ForgetfulMaster.open(cluster, 100)
    const master = forgetful.store
    const things = await master.openCollection('things')
    await (await master.createCollection('dropped', SHAPE)).upsert(records(3))
    const replica = await cluster.replica()
    await replica.replication.waitFor()
    const [held, dropped] = await Promise.all(
      ['things', 'dropped'].map((name) => replica.openCollection(name)),
    )
    expect(await dropped?.get('record 00001')).toMatchObject({ metadata: record(1).metadata })
    await cluster.links().isolate()
    await things.delete({ filter: { group: 1 } })
    await things.updateVector('record 00000', [4, 4, 4, 4])
    await master.dropCollection('dropped')
    await forgetful.forgetThrough(replica.replication.position.seq)
    cluster.links().heal()
    await settled(master, replica)
    await expectSame(master, replica)
    expect(replica.replication.getStats()?.snapshotReason).toBe('trimmed')
    expect(cluster.links().kinds('received').filter(isStart)).toHaveLength(2)
    // The handles that were open before go on.
    expect(await held?.get('record 00001')).toBeUndefined()
    expect(await held?.get('record 00000', { includeVector: true })).toEqual({
      ...record(0),
      vector: Float32Array.of(4, 4, 4, 4),
    })
    expect((await held?.search({ vector: [4, 4, 4, 4], topK: 1 }))?.[0]?.id).toBe('record 00000')
    await expect(dropped?.get('record 00001')).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' })
    // And so does the stream after the snapshot.
    await things.upsert(record(700))
    await settled(master, replica)
    expect(await held?.get('record 00700')).toEqual({ id: 'record 00700', metadata: record(700).metadata })
    await expectSame(master, replica)
  })

  test('a collection that was dropped and made anew under its name is another one after a snapshot', async () => {
    const forgetful = await ForgetfulMaster.open(cluster, 10)
    const master = forgetful.store
    const replica = await cluster.replica()
    await replica.replication.waitFor()
    const old = await replica.openCollection('things')
    await cluster.links().isolate()
    await master.dropCollection('things')
    await (await master.createCollection('things', { dimensions: 2, metric: 'cosine' })).upsert({
      ...{ id: 'new', vector: [1, 0] },
    })
    await forgetful.forgetThrough(replica.replication.position.seq)
    cluster.links().heal()
    await settled(master, replica)
    await expectSame(master, replica)
    await expect(old.get('new')).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' })
    await expect(old.search({ vector: [1, 2, 3, 4] })).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' })
    expect(await (await replica.openCollection('things')).get('new')).toEqual({ id: 'new', metadata: {} })
  })

  test('a snapshot is of one instant while writes go on', async () => {
    const master = await cluster.master()
    const things = await master.createCollection('things', { ...SHAPE, dimensions: 32 })
    await things.upsert(records(4_000, 0, 32))
    // Two records that one commit always changes together.
    const pair = (version: number) =>
      ['left', 'right'].map((id) => ({ id, vector: record(version, 32).vector, metadata: { version } }))
    await things.upsert(pair(0))
    let isDone = false
    let version = 0
    const writing = (async () => {
      while (!isDone) await things.upsert(pair(++version))
    })()
    const replica = await cluster.replica()
    await until('the snapshot is there', () => replica.listCollections().length === 1)
    const found = await replica.openCollection('things')
    for (let look = 0; look < 50; look++) {
      const both = await found.getMany(['left', 'right'], { includeVector: true })
      const [left, right] = both.map((one) => one?.metadata.version)
      expect(left).toBe(right)
      expect(both[0]?.vector).toEqual(Float32Array.from(record(left as number, 32).vector))
    }
    isDone = true
    await writing
    expect(version).toBeGreaterThan(3)
    await settled(master, replica)
    await expectSame(master, replica)
  })

  test('readers and open scans see the old state to their end', async () => {
    const forgetful = await ForgetfulMaster.open(cluster, 300)
    const master = forgetful.store
    const replica = await cluster.replica()
    await replica.replication.waitFor()
    const held = await replica.openCollection('things')
    const before = await collected(held.scan({ includeVector: true }))
    const scan = held.scan({ includeVector: true, pageSize: 10 })[Symbol.asyncIterator]()
    const seen = [(await scan.next()).value]
    await cluster.links().isolate()
    const things = await master.openCollection('things')
    await things.delete({ filter: {} })
    await things.upsert(records(5, 1_000))
    await forgetful.forgetThrough(replica.replication.position.seq)
    cluster.links().heal()
    await settled(master, replica)
    // New reads find the new state, while the scan goes on in the old one.
    expect((await collected(held.scan())).map(({ id }) => id)).toEqual(records(5, 1_000).map(({ id }) => id))
    for (let next = await scan.next(); !next.done; next = await scan.next()) seen.push(next.value)
    expect(seen).toEqual(before)
    await expectSame(master, replica)
  })

  test('the log is kept for a snapshot that is under way, so that one is enough', async () => {
    const forgetful = await ForgetfulMaster.open(cluster, 100)
    const master = forgetful.store
    const noise = await master.createCollection('noise', { dimensions: 4, metric: 'dot' })
    const replica = await cluster.replica()
    await settled(master, replica)
    const links = cluster.links()
    links.tamper = (frame, _, link) => {
      if (kindOf(frame) === 'snapshot-start') link.hold()
      return [frame]
    }
    await noise.upsert(records(1))
    replica.replication.resync()
    await until('it begins', () => links.kinds('received').filter(isStart).length === 2)
    // Far more than the log would keep otherwise.
    for (let round = 0; round < 50; round++) {
      for (let at = 0; at < 10; at++) await noise.upsert(records(20, at * 20))
      await forgetful.clock.advance(200)
    }
    links.links[0]?.release()
    await settled(master, replica)
    await until('in place', () => replica.replication.getStats()?.status === 'Connected')
    await expectSame(master, replica)
    expect(links.kinds('received').filter(isStart)).toHaveLength(2)
    expect(links.links).toHaveLength(1)
    expect(replica.replication.getStats()?.snapshotReason).toBe('resync')
  })

  test('resync: a replica takes a snapshot, and so do all when the master says so', async () => {
    const master = await cluster.master()
    const things = await master.createCollection('things', SHAPE)
    await things.upsert(records(50))
    const [one, two] = [await cluster.replica('r1'), await cluster.replica('r2')]
    await settled(master, one, two)
    const starts = (id: string) => cluster.links(id).kinds('received').filter(isStart).length
    await things.upsert(record(100))
    await settled(master, one, two)
    const hadSeq = one.replication.position.seq
    one.replication.resync()
    await until('its second snapshot', () => starts('r1') === 2)
    await settled(master, one, two)
    await until('equal', () => one.replication.getStats()?.snapshotReason === 'resync')
    await expectSame(master, one, two)
    expect([starts('r1'), starts('r2')]).toEqual([2, 1])
    const taken = () => cluster.node('r1').events.filter((event) => event.kind === 'snapshot')
    await until('in place', () => taken().length === 2)
    // It never goes back behind what it acknowledged.
    expect(taken().at(-1)?.position.seq).toBe(hadSeq)
    master.replication.resync()
    await until('a snapshot each', () => starts('r1') === 3 && starts('r2') === 2)
    await things.upsert(record(101))
    await settled(master, one, two)
    await expectSame(master, one, two)
  })
})

describeClusters(
  (cluster) => {
    test('a snapshot whose link breaks goes on where it was', async () => {
      const master = await cluster.master({ maxInFlightBytes: 200_000 })
      const things = await master.createCollection('things', { ...SHAPE, dimensions: 256 })
      await things.upsert(records(4_000, 0, 256))
      const replica = await cluster.replica()
      const links = cluster.links()
      let pieces = 0
      links.tamper = (frame, way, link) => {
        if (way === 'received' && frame.byteLength > 100_000) pieces += 1
        if (pieces === 3) {
          pieces += 1
          void link.cut()
        }
        return [frame]
      }
      await settled(master, replica)
      await expectSame(master, replica)
      const { snapshotSize } = replica.replication.getStats()!
      expect(snapshotSize).toBe(master.replication.getStats()?.snapshotSize)
      expect(snapshotSize).toBeGreaterThan(4_000_000)
      expect(links.kinds('received').filter(isStart)).toHaveLength(2)
      // Less than one piece came twice.
      expect(links.bytes('received')).toBeLessThan(snapshotSize + 1_200_000)
    })

    test('a snapshot goes out while it is made', async () => {
      const disk = new WatchedSnapshots()
      const master = await cluster.master({ environment: { files: disk.files } })
      const things = await master.createCollection('things', { ...SHAPE, dimensions: 256 })
      await things.upsert(records(4_000, 0, 256))
      const held = disk.holdAfter(2_500_000)
      const replica = await cluster.replica()
      const links = cluster.links()
      await until('two pieces came', () => links.bytes('received') > 2 * 1024 * 1024)
      expect(await readdir(cluster.path('m/snapshots'))).toEqual([expect.stringMatching(/\.partial$/)])
      expect(replica.listCollections()).toEqual([])
      held.release()
      await settled(master, replica)
      await expectSame(master, replica)
      expect(links.kinds('received').filter(isStart)).toHaveLength(1)
      const name = await snapshotName(cluster)
      const { size } = await stat(cluster.path(`m/snapshots/${name}`))
      expect(replica.replication.getStats()?.snapshotSize).toBe(size)
      expect(master.replication.getStats()?.snapshotSize).toBe(size)
    })

    test('a snapshot that cannot be made to its end is begun anew, from the beginning', async () => {
      const disk = new WatchedSnapshots()
      const master = await cluster.master({ environment: { files: disk.files } })
      const things = await master.createCollection('things', { ...SHAPE, dimensions: 256 })
      await things.upsert(records(4_000, 0, 256))
      disk.failAfter(2_500_000, 'ENOSPC')
      const replica = await cluster.replica()
      const links = cluster.links()
      await settled(master, replica)
      await expectSame(master, replica)
      expect(disk.failures).toBe(1)
      expect(links.kinds('received').filter(isStart)).toHaveLength(2)
      await snapshotName(cluster)
      expect(await readdir(cluster.path('m/snapshots'))).toHaveLength(1)
      const { events, warnings } = cluster.node('m')
      const left = events.filter(({ kind }) => kind === 'disconnected')
      expect(left).toEqual([expect.objectContaining({ peerId: 'r', code: 'POSITION_LOST' })])
      expect(warnings.map(({ code, details }) => [code, details.reason])).toEqual([
        ['STORAGE_FAILED', 'ENOSPC'],
      ])
      // The disk is as good as before for everything else.
      await things.upsert(record(9_000, 256))
      await settled(master, replica)
    })

    test('replicas that need one at the same time share one file', async () => {
      const master = await cluster.master()
      await (await master.createCollection('things', SHAPE)).upsert(records(500))
      const ids = ['r1', 'r2', 'r3']
      const replicas = await Promise.all(ids.map((id) => cluster.replica(id)))
      await Promise.all(replicas.map((replica) => replica.replication.waitFor()))
      await expectSame(master, ...replicas)
      expect(await readdir(cluster.path('m/snapshots'))).toHaveLength(1)
    })

    test('a snapshot goes on where it was after a restart of the master', async () => {
      let master = await cluster.master({ maxInFlightBytes: 200_000 })
      const things = await master.createCollection('things', { ...SHAPE, dimensions: 256 })
      await things.upsert(records(4_000, 0, 256))
      const replica = await cluster.replica()
      const links = cluster.links()
      let pieces = 0
      links.tamper = (frame, way) => {
        if (way === 'received' && frame.byteLength > 100_000) pieces += 1
        if (pieces === 3) links.isDown = true
        return [frame]
      }
      await until('half of it came', () => pieces >= 3)
      await snapshotName(cluster)
      await cluster.close('m')
      links.heal()
      master = await cluster.master()
      await (await master.openCollection('things')).upsert(record(9_000, 256))
      await until('the snapshot is there', () => replica.listCollections().length === 1)
      await settled(master, replica)
      await expectSame(master, replica)
      const { snapshotSize } = replica.replication.getStats()!
      expect(links.bytes('received')).toBeLessThan(snapshotSize + 1_200_000)
    })

    test('a snapshot leaves nothing behind but itself', async () => {
      const master = await cluster.master()
      await (await master.createCollection('things', SHAPE)).upsert(records(100))
      const replica = await cluster.replica()
      await replica.replication.waitFor()
      for (let round = 0; round < 3; round++) {
        replica.replication.resync()
        const reached = round + 2
        await until('another one', () => cluster.links().kinds('received').filter(isStart).length === reached)
        await settled(master, replica)
        await until('in place', () => replica.replication.getStats()?.status === 'Connected')
      }
      await expectSame(master, replica)
      await cluster.close('r')
      const reopened = await cluster.replica()
      const names = (await readdir(cluster.path('r'))).filter((name) => name.startsWith('generation'))
      expect(names).toEqual(['generation-4'])
      await settled(master, reopened)
      await expectSame(master, reopened)
      expect((await reopened.verify()).damage).toEqual([])
    })
  },
  [ON_DISK, OVER_TCP],
)

describeClusters(
  (cluster) => {
    test('a replica in memory gives back what it had before a snapshot', async () => {
      const master = await cluster.master()
      await (await master.createCollection('things', SHAPE)).upsert(records(100))
      const replica = await cluster.replica()
      await replica.replication.waitFor()
      const held = await replica.openCollection('things')
      for (let round = 0; round < 5; round++) {
        const events = cluster.node('r').events.filter(({ kind }) => kind === 'snapshot').length
        replica.replication.resync()
        await until('another one', () => {
          return cluster.node('r').events.filter(({ kind }) => kind === 'snapshot').length > events
        })
        await settled(master, replica)
        expect(await held.count()).toBe(100)
      }
      await expectSame(master, replica)
      expect(replica.getStats().pinnedViews).toBe(0)
    })
  },
  [IN_MEMORY],
)
