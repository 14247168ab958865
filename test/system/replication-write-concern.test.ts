/** What a write can ask of other nodes, and what it is told when it does not get it. */
import { expect, test } from 'vitest'
import type { VectorStore } from '../../lib/index.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import {
  describeClusters,
  expectSame,
  IN_MEMORY,
  ON_DISK,
  OVER_TCP,
  record,
  SHAPE,
  settled,
  until,
} from './cluster.js'

const OFTEN = { w: 2, timeoutMs: 20_000 } as const

async function twoReplicas(master: VectorStore, one: VectorStore, two: VectorStore) {
  const things = await master.createCollection('things', SHAPE)
  await settled(master, one, two)
  return things
}

describeClusters((cluster) => {
  test('a write that asks for other nodes is there when it is answered', async () => {
    const master = await cluster.master({ members: ['m', 'r1', 'r2'] })
    const [one, two] = [await cluster.replica('r1'), await cluster.replica('r2')]
    const things = await twoReplicas(master, one, two)
    const all = await things.insert(record(1), { writeConcern: { w: 3, timeoutMs: 20_000 } })
    expect(all).toEqual({ position: master.replication.position, count: 1, acks: 3 })
    for (const replica of [one, two]) {
      const found = await replica.openCollection('things')
      expect(await found.get('record 00001')).toEqual({ id: 'record 00001', metadata: record(1).metadata })
    }
    for (const level of ['received', 'durable', 'applied'] as const) {
      const result = await things.upsert(record(2), { writeConcern: { ...OFTEN, w: 'all', level } })
      expect(result.acks).toBe(3)
    }
    const { acks } = await things.upsert(record(3), { writeConcern: { w: 'majority', timeoutMs: 20_000 } })
    expect(acks).toBeGreaterThanOrEqual(2)
    await settled(master, one, two)
    await expectSame(master, one, two)
  })

  test('changes of collections take a write concern too', async () => {
    const master = await cluster.master()
    const replica = await cluster.replica()
    await replica.replication.waitFor()
    const things = await master.createCollection('things', { ...SHAPE, writeConcern: OFTEN })
    expect(replica.listCollections().map(({ name }) => name)).toEqual(['things'])
    await things.configure({ indexed: ['label'], writeConcern: OFTEN })
    expect(replica.listCollections()).toMatchObject([{ name: 'things', indexed: ['label'] }])
    await master.dropCollection('things', { writeConcern: OFTEN })
    expect(replica.listCollections()).toEqual([])
  })

  test('a default write concern holds for every write that asks for nothing else', async () => {
    const master = await cluster.master({ writeConcern: OFTEN })
    const replica = await cluster.replica()
    await replica.replication.waitFor()
    const things = await master.createCollection('things', SHAPE)
    expect(replica.listCollections()).toHaveLength(1)
    expect((await things.upsert(record(1))).acks).toBe(2)
    await cluster.links().isolate()
    await until('the master knows', () => master.replication.getReplicas()?.[0]?.linked === false)
    expect(await things.upsert(record(2), { writeConcern: { w: 1 } })).toMatchObject({ acks: 1 })
  })

  test('replicas that are not linked now do not count, however often they were', async () => {
    const master = await cluster.master()
    const things = await master.createCollection('things', SHAPE)
    const replica = await cluster.replica()
    await settled(master, replica)
    for (let again = 0; again < 5; again++) {
      await cluster.links().cut()
      await until('linked', () => replica.replication.getStats()?.linked === true)
      await settled(master, replica)
    }
    const concern = { w: 3, timeoutMs: 2_000 } as const
    await expect(things.upsert(record(1), { writeConcern: concern })).rejects.toMatchObject({
      ...{ code: 'WRITE_CONCERN_TIMEOUT' },
      details: { acks: 2, needed: 3, position: { epoch: 1, seq: 2 } },
    })
    await cluster.links().isolate()
    await until('the master knows', () => master.replication.getReplicas()?.[0]?.linked === false)
    const alone = things.upsert(record(2), { writeConcern: { w: 2, timeoutMs: 200 } })
    await expect(alone).rejects.toMatchObject({
      ...{ code: 'WRITE_CONCERN_TIMEOUT' },
      details: { acks: 1, needed: 2, position: { epoch: 1, seq: 3 } },
    })
    // 'all' means every replica that is registered, here or not.
    await expect(
      things.upsert(record(3), { writeConcern: { w: 'all', timeoutMs: 200 } }),
    ).rejects.toMatchObject({ code: 'WRITE_CONCERN_TIMEOUT', details: { acks: 1, needed: 2 } })
    master.replication.forget('r')
    expect(await things.upsert(record(4), { writeConcern: { w: 'all', timeoutMs: 200 } })).toMatchObject({
      acks: 1,
    })
    // The writes stay, and reach the replica when it comes back.
    cluster.links().heal()
    await settled(master, replica)
    await expectSame(master, replica)
    expect(await (await replica.openCollection('things')).count()).toBe(4)
  })

  test('a waiting write is answered when a replica comes', async () => {
    const master = await cluster.master()
    const things = await master.createCollection('things', SHAPE)
    const waiting = things.upsert(record(1), { writeConcern: OFTEN })
    const replica = await cluster.replica()
    expect(await waiting).toEqual({ position: { epoch: 1, seq: 2 }, count: 1, acks: 2 })
    await settled(master, replica)
    await expectSame(master, replica)
  })

  test('close ends the waits, and says where their writes are', async () => {
    const master = await cluster.master()
    const things = await master.createCollection('things', SHAPE)
    const waiting = things.upsert(record(1), { writeConcern: { w: 2, timeoutMs: 3_600_000 } })
    const outcome = expect(waiting).rejects.toMatchObject({
      ...{ code: 'CLOSED', details: { position: { epoch: 1, seq: 2 } } },
    })
    await until('it is stored', () => master.replication.position.seq === 2)
    await master.close()
    await outcome
  })

  test('an abort ends the wait, not the write', async () => {
    const master = await cluster.master()
    const things = await master.createCollection('things', SHAPE)
    const abort = new AbortController()
    const { signal } = abort
    const waiting = things.upsert(record(1), { writeConcern: { w: 2, timeoutMs: 3_600_000 }, signal })
    const outcome = expect(waiting).rejects.toBe('enough')
    await until('it is stored', () => master.replication.position.seq === 2)
    abort.abort('enough')
    await outcome
    expect(await things.get('record 00001')).toMatchObject({ id: 'record 00001' })
  })
})

describeClusters(
  (cluster) => {
    test('durable means the stable storage of buffered nodes, too', async () => {
      const store = { durability: 'buffered' } as const
      const master = await cluster.master({ store })
      const replica = await cluster.replica('r', { store })
      await replica.replication.waitFor()
      const things = await master.createCollection('things', SHAPE)
      const { position, acks } = await things.upsert(record(1), {
        writeConcern: { w: 2, level: 'durable', timeoutMs: 20_000 },
      })
      expect(acks).toBe(2)
      for (const node of [master, replica])
        expect(node.getStats().log.durableSeq).toBeGreaterThanOrEqual(position.seq)
    })
  },
  [ON_DISK, OVER_TCP],
)

describeClusters(
  (cluster) => {
    test('a wait for nodes is as long as it was asked to be', async () => {
      const clock = new SimulatedClock()
      const master = await cluster.master({ store: { clock } })
      const things = await master.createCollection('things', SHAPE)
      let error: unknown
      const writing = things.upsert(record(1), { writeConcern: { w: 2 } }).catch((caught) => {
        error = caught
      })
      await until('it is stored', () => master.replication.position.seq === 2)
      await clock.advance(4_999)
      expect(error).toBeUndefined()
      await clock.advance(1)
      await writing
      expect(error).toMatchObject({ code: 'WRITE_CONCERN_TIMEOUT', details: { acks: 1, needed: 2 } })
      for (const w of [0, -1, 1.5, 'most', null])
        await expect(things.upsert(record(1), { writeConcern: { w: w as number } })).rejects.toMatchObject({
          code: 'OPTIONS_INVALID',
        })
      await expect(things.upsert(record(1), { writeConcern: { w: 'majority' } })).rejects.toMatchObject({
        code: 'OPTIONS_INVALID',
      })
      expect(master.replication.position.seq).toBe(2)
    })

    test('only members count for a majority', async () => {
      const master = await cluster.master({ members: ['m', 'r1', 'r2'] })
      const things = await master.createCollection('things', SHAPE)
      const stranger = await cluster.replica('stranger')
      await settled(master, stranger)
      await expect(
        things.upsert(record(1), { writeConcern: { w: 'majority', timeoutMs: 100 } }),
      ).rejects.toMatchObject({ code: 'WRITE_CONCERN_TIMEOUT', details: { acks: 1, needed: 2 } })
      const member = await cluster.replica('r1')
      await settled(master, member)
      expect(
        (await things.upsert(record(2), { writeConcern: { w: 'majority', timeoutMs: 20_000 } })).acks,
      ).toBe(2)
    })
  },
  [IN_MEMORY],
)
