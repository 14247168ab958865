/** Who may write, who follows whom, and what becomes of a store that is opened in another role. */
import { expect, test } from 'vitest'
import type { Collection, VectorStore } from '../../lib/index.js'
import { STORE_CALLS, WRITES } from './calls.js'
import {
  contents,
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

const things2 = { dimensions: 2, metric: 'euclidean', indexed: ['n'] } as const
const CHANGES = Object.entries(STORE_CALLS).filter(([name]) => name !== 'backup' && name !== 'verify')

describeClusters((cluster) => {
  test('nothing can be written to a replica, not even nothing', async () => {
    const master = await cluster.master()
    const original = await master.createCollection('things', things2)
    await original.upsert({ id: 'old', vector: [1, 2], metadata: { n: 1 } })
    const replica = await cluster.replica()
    await settled(master, replica)
    const things: Collection = await replica.openCollection('things')
    const before = await contents(replica)
    const refused = { code: 'NOT_MASTER', details: { masterId: 'm' } }
    for (const [name, write] of Object.entries(WRITES))
      await expect(write(things), name).rejects.toMatchObject(refused)
    for (const [name, change] of CHANGES)
      await expect(change(replica, ''), name).rejects.toMatchObject(refused)
    expect(await replica.getOrCreateCollection('things', { dimensions: 2, metric: 'euclidean' })).toBe(things)
    expect(await contents(replica)).toEqual(before)
    expect(replica.replication.position).toEqual(master.replication.position)
    // A replica that has not heard of its master yet knows where to write, too.
    const alone = await cluster.open('lonely', { role: 'replica' })
    await expect(alone.store.createCollection('x', things2)).rejects.toMatchObject({
      ...{ code: 'NOT_MASTER', details: { masterId: null } },
    })
  })

  test('what does not belong to a role is refused', async () => {
    const master = await cluster.master()
    const replica = await cluster.replica()
    const { store: alone } = await cluster.open('alone', {})
    const [near, far] = await cluster.linkPair('x', 'y')
    const refused = { code: 'OPTIONS_INVALID' }
    await expect(replica.replication.accept(near)).rejects.toMatchObject(refused)
    expect(() => master.replication.follow(near)).toThrow(expect.objectContaining(refused))
    expect(() => replica.replication.forget('m')).toThrow(expect.objectContaining(refused))
    await expect(alone.replication.accept(near)).rejects.toMatchObject(refused)
    for (const call of ['follow', 'resync', 'forget', 'pause', 'resume'] as const)
      expect(() => (alone.replication[call] as (argument: unknown) => void)(far), call).toThrow(
        expect.objectContaining(refused),
      )
    expect(alone.replication).toMatchObject({ role: 'standalone', enabled: false })
    await alone.replication.waitFor()
    expect(master.replication).toMatchObject({ role: 'master', enabled: true })
    expect(replica.replication).toMatchObject({ role: 'replica', enabled: true })
  })

  test('links are handed over by hand, without a transport', async () => {
    const { store: master } = await cluster.open('m', { role: 'master' })
    const { store: replica } = await cluster.open('r', { role: 'replica' })
    const things = await master.createCollection('things', SHAPE)
    await things.upsert(records(20))
    for (let link = 0; link < 3; link++) {
      const [near, far] = await cluster.linkPair('r', 'm')
      const served = master.replication.accept(far)
      replica.replication.follow(near)
      await settled(master, replica)
      await expectSame(master, replica)
      await things.upsert(record(link, 4, 'more'))
      await settled(master, replica)
      await expectSame(master, replica)
      if (link === 1) continue
      await near.close()
      await served
      await until('it knows', () => replica.replication.getStats()?.linked === false)
    }
    expect(cluster.node('m').events.filter(({ kind }) => kind === 'connected')).toEqual([
      { kind: 'connected', peerId: 'r', snapshotReason: 'fresh' },
      { kind: 'connected', peerId: 'r', snapshotReason: null },
      { kind: 'connected', peerId: 'r', snapshotReason: null },
    ])
    await expect(replica.createCollection('x', SHAPE)).rejects.toMatchObject({
      ...{ code: 'NOT_MASTER', details: { masterId: 'm' } },
    })
  })

  test('pause and resume, of either side', async () => {
    const master = await cluster.master()
    const things = await master.createCollection('things', SHAPE)
    const [one, two] = [await cluster.replica('r1'), await cluster.replica('r2')]
    await settled(master, one, two)
    one.replication.pause()
    await until('it left', () => one.replication.getStats()?.linked === false)
    await things.upsert(record(1))
    await settled(master, two)
    expect(await (await one.openCollection('things')).get('record 00001')).toBeUndefined()
    expect(cluster.links('r1').links).toHaveLength(1)
    master.replication.pause()
    await things.upsert(record(2))
    await expect(two.replication.waitFor({ epoch: 1, seq: 3 }, { timeoutMs: 200 })).rejects.toMatchObject({
      ...{ code: 'TIMEOUT', details: { position: { epoch: 1, seq: 3 }, visibleSeq: 2, timeoutMs: 200 } },
    })
    expect(two.replication.getStats()?.linked).toBe(true)
    expect(await (await two.openCollection('things')).get('record 00002')).toBeUndefined()
    master.replication.resume()
    await settled(master, two)
    one.replication.resume()
    await settled(master, one)
    await expectSame(master, one, two)
  })
})

describeClusters(
  (cluster) => {
    const reopened = async (options: Parameters<typeof cluster.open>[1]): Promise<VectorStore> => {
      await cluster.close('m')
      return (await cluster.open('m', options)).store
    }

    test('a store keeps its data and its history from one role to the next', async () => {
      let { store } = await cluster.open('m', {})
      const { historyId } = store.replication
      await (await store.createCollection('things', SHAPE)).upsert(records(10))
      const before = await contents(store)
      expect(store.replication.position).toEqual({ epoch: 1, seq: 11 })
      store = await reopened({ role: 'master', transport: cluster.transport('m', true) })
      expect(await contents(store)).toEqual(before)
      expect(store.replication.historyId).toBe(historyId)
      const first = await (await store.openCollection('things')).upsert(record(50))
      expect(first.position).toEqual({ epoch: 2, seq: 12 })
      const replica = await cluster.replica()
      await settled(store, replica)
      await expectSame(store, replica)
      await cluster.links().isolate()
      // Alone again; its history was shared with others, so what it writes now is an epoch of its own.
      store = await reopened({})
      expect(store.replication.historyId).toBe(historyId)
      const alone = await (await store.openCollection('things')).upsert(record(51))
      expect(alone.position).toEqual({ epoch: 3, seq: 13 })
      store = await reopened({ role: 'master', transport: cluster.transport('m', true) })
      cluster.links().heal()
      await settled(store, replica)
      await expectSame(store, replica)
      expect(replica.replication.getStats()?.snapshotReason).toBe('fresh')
    })

    test('a replica becomes a store of its own, and a master, with what it has', async () => {
      const first = await cluster.master()
      await (await first.createCollection('things', SHAPE)).upsert(records(10))
      const replica = await cluster.replica('r1')
      const other = await cluster.replica('r2')
      await settled(first, replica, other)
      const before = await contents(replica)
      await cluster.close('m')
      await cluster.close('r1')
      const { store: alone } = await cluster.open('r1', {})
      expect(await contents(alone)).toEqual(before)
      expect(alone.getStats().nodeId).toBe('r1')
      expect(alone.replication.historyId).toBe(first.replication.historyId)
      const written = await (await alone.openCollection('things')).upsert(record(70))
      expect(written.position.seq).toBe(12)
      expect(written.position.epoch).toBeGreaterThan(1)
      await cluster.close('r1')
      // As the new master: the old one's other replica goes on from its log.
      const promoted = await cluster.master({}, 'r1')
      await (await promoted.openCollection('things')).upsert(record(71))
      await cluster.close('r2')
      const follower = await cluster.replica('r2', { master: { id: 'r1' } })
      await settled(promoted, follower)
      await expectSame(promoted, follower)
      expect(cluster.links('r2').kinds('received')).not.toContain('snapshot-start')
      expect(await (await follower.openCollection('things')).count()).toBe(12)
    })

    test('a store with data of another history joins only when it may throw that away', async () => {
      const master = await cluster.master()
      await (await master.createCollection('theirs', SHAPE)).upsert(records(5))
      const { store: own } = await cluster.open('r', {})
      await (await own.createCollection('own', SHAPE)).upsert(records(3))
      const before = await contents(own)
      await cluster.close('r')
      const careful = await cluster.replica()
      await until('it halts', () => careful.replication.getStats()?.halted !== undefined)
      expect(careful.replication.getStats()?.halted?.code).toBe('HISTORY_MISMATCH')
      await expect(careful.replication.waitFor()).rejects.toMatchObject({ code: 'HISTORY_MISMATCH' })
      await expect(careful.replication.waitFor({ epoch: 1, seq: 99 })).rejects.toMatchObject({
        code: 'HISTORY_MISMATCH',
      })
      expect(await contents(careful)).toEqual(before)
      await cluster.close('r')
      const willing = await cluster.replica('r', { discardLocal: true })
      expect(await contents(willing)).toEqual(before)
      await until('it follows', () => willing.replication.historyId === master.replication.historyId)
      await settled(master, willing)
      await expectSame(master, willing)
      expect(willing.getStats().nodeId).toBe('r')
    })
  },
  [ON_DISK, OVER_TCP],
)

describeClusters(
  (cluster) => {
    test('two masters, two replicas, oneself, another cluster and a second node with one id refuse each other', async () => {
      const master = await cluster.master()
      const things = await master.createCollection('things', SHAPE)
      await things.upsert(records(3))
      const { store: second } = await cluster.open('m2', { role: 'master' })
      const { store: lonely } = await cluster.open('r2', { role: 'replica' })
      const { store: other } = await cluster.open('r3', { role: 'replica' })
      const refusals = (id: string) =>
        cluster.node(id).events.flatMap((event) => (event.kind === 'refused' ? [event.reason] : []))
      // Two replicas.
      const [a, b] = await cluster.linkPair('r2', 'r3')
      lonely.replication.follow(a)
      other.replication.follow(b)
      await until('both refuse', () => refusals('r2').includes('role') && refusals('r3').includes('role'))
      // Two masters: neither speaks first, so each gives up when the handshake takes too long; no data flows.
      const [c, d] = await cluster.linkPair('m', 'm2')
      const serving = [master.replication.accept(c), second.replication.accept(d)]
      await c.close()
      await Promise.all(serving)
      // Oneself.
      const { store: self } = await cluster.open('m', { role: 'replica', store: { nodeId: 'm' } })
      const [e, f] = await cluster.linkPair('m', 'm')
      self.replication.follow(e)
      await master.replication.accept(f)
      expect(refusals('m')).toContain('self')
      // Another cluster.
      const { store: foreign } = await cluster.open('foreign', { role: 'replica', clusterId: 'elsewhere' })
      const [g, h] = await cluster.linkPair('foreign', 'm')
      foreign.replication.follow(g)
      await master.replication.accept(h)
      expect(refusals('foreign')).toContain('cluster')
      // A second node with an id that is linked: the first stays.
      const replica = await cluster.replica('r')
      await settled(master, replica)
      const { store: twin } = await cluster.open('r', { role: 'replica' })
      const [i, j] = await cluster.linkPair('r', 'm')
      twin.replication.follow(i)
      await master.replication.accept(j)
      expect(refusals('r')).toContain('duplicate')
      expect(twin.listCollections()).toEqual([])
      await things.upsert(record(9))
      await settled(master, replica)
      await expectSame(master, replica)
      for (const store of [lonely, other, self, foreign, twin]) {
        expect(store.listCollections()).toEqual([])
        expect(store.replication.getStats()?.linked).toBe(false)
      }
      expect(master.replication.getReplicas()?.map(({ id }) => id)).toEqual(['r'])
    })

    test('the host decides who may be a replica', async () => {
      const asked: unknown[] = []
      const master = await cluster.master({
        authorize: async (peer, hello) => {
          asked.push([peer.id, hello])
          return hello.nodeId === 'friend'
        },
      })
      await master.createCollection('things', SHAPE)
      const friend = await cluster.replica('friend')
      await settled(master, friend)
      await expectSame(master, friend)
      await cluster.replica('stranger')
      await until('it is refused', () =>
        cluster
          .node('stranger')
          .events.some((event) => event.kind === 'refused' && event.reason === 'unauthorized'),
      )
      expect(cluster.node('stranger').store.listCollections()).toEqual([])
      expect(asked[0]).toEqual([
        'friend',
        { nodeId: 'friend', clusterId: 'default', versions: [1], role: 'replica', keyId: '' },
      ])
      expect(master.replication.getReplicas()?.map(({ id }) => id)).toEqual(['friend'])
    })
  },
  [IN_MEMORY],
)
