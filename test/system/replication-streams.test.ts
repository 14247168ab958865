/** What a master writes is what its replicas hold: full sync, stream, every kind of operation, and what breaks in between. */
import { expect, test } from 'vitest'
import type { Link, VectorStore } from '../../lib/index.js'
import { collected } from '../collection/contents.js'
import {
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

async function collectionOf(store: VectorStore, name = 'things') {
  return store.openCollection(name)
}

describeClusters((cluster) => {
  test('a replica that connects has everything that was there before', async () => {
    const master = await cluster.master()
    const things = await master.createCollection('things', SHAPE)
    await things.upsert(records(250))
    await things.delete(['record 00003', 'record 00004'])
    await master.createCollection('empty', { dimensions: 2, metric: 'cosine' })
    const replica = await cluster.replica()
    await replica.replication.waitFor()
    await expectSame(master, replica)
    expect((await collected((await collectionOf(replica)).scan())).map(({ id }) => id)).toEqual(
      records(250)
        .map(({ id }) => id)
        .filter((id) => id !== 'record 00003' && id !== 'record 00004'),
    )
    expect(replica.replication.getStats()).toMatchObject({
      snapshotReason: 'fresh',
      lagMs: 0,
      status: 'Connected',
    })
  })

  test('what is created and inserted afterwards streams', async () => {
    const master = await cluster.master()
    const replica = await cluster.replica()
    await replica.replication.waitFor()
    expect(replica.listCollections()).toEqual([])
    const changes: string[] = []
    replica.on('change', ({ collection, kind, ids }) => changes.push(`${collection} ${kind} ${ids.join()}`))
    const things = await master.createCollection('things', SHAPE)
    for (let at = 0; at < 30; at++) await things.insert(record(at))
    const others = await master.createCollection('others', { dimensions: 3, metric: 'dot' })
    await others.insert(records(10, 100, 3))
    await settled(master, replica)
    await expectSame(master, replica)
    expect(changes).toEqual([
      ...records(30).map(({ id }) => `things upsert ${id}`),
      `others upsert ${records(10, 100)
        .map(({ id }) => id)
        .join()}`,
    ])
  })

  test('three replicas converge', async () => {
    const master = await cluster.master()
    const things = await master.createCollection('things', SHAPE)
    await things.upsert(records(40))
    const replicas = await Promise.all(['r1', 'r2', 'r3'].map((id) => cluster.replica(id)))
    await Promise.all(replicas.map((replica) => replica.replication.waitFor()))
    await Promise.all(records(60, 30).map((one) => things.upsert(one)))
    await things.delete({ filter: { group: 2 } })
    await settled(master, ...replicas)
    await expectSame(master, ...replicas)
    expect(master.replication.getReplicas()?.map(({ id, offset }) => [id, offset])).toEqual(
      ['r1', 'r2', 'r3'].map((id) => [id, master.replication.position.seq]),
    )
  })

  test('a disconnect is healed from the log, without a snapshot', async () => {
    const master = await cluster.master()
    const things = await master.createCollection('things', SHAPE)
    await things.upsert(records(3_000))
    const replica = await cluster.replica()
    await replica.replication.waitFor()
    const links = cluster.links()
    await links.isolate()
    await things.upsert(record(1, 4, 'while away'))
    await things.delete('record 00007')
    const receivedBefore = links.bytes('received')
    links.heal()
    await settled(master, replica)
    await expectSame(master, replica)
    expect(links.kinds('received').filter((kind) => kind === 'snapshot-start')).toHaveLength(1)
    // Two small operations and a handshake; all the records would be a hundred times as much.
    expect(links.bytes('received') - receivedBefore).toBeLessThan(2_000)
    expect(await (await collectionOf(replica)).get('while away 00001', { includeVector: true })).toEqual({
      ...record(1, 4, 'while away'),
      vector: Float32Array.from(record(1).vector),
    })
  })

  test('every kind of operation arrives, in order', async () => {
    const master = await cluster.master()
    const replica = await cluster.replica()
    const things = await master.createCollection('things', SHAPE)
    await things.insert(records(20))
    await replica.replication.waitFor()
    const before = await collectionOf(replica)
    await things.upsert([record(5), { ...record(6), metadata: { number: 66, group: 1, label: 'new' } }])
    await things.delete('not there at all')
    await things.delete(['record 00000', 'not there either'])
    await things.updateVector('record 00001', [9, 8, 7, 6])
    await things.update('record 00002', { metadata: { added: { deep: [1, null, 'x'] }, group: 1 } })
    await things.update('record 00003', { unset: ['label', 'never was'] })
    await things.update('record 00004', { vector: [1, 1, 1, 1], metadata: { both: true }, unset: ['group'] })
    await things.update({ filter: { number: { $gte: 15 } } }, { metadata: { late: true } })
    await things.delete({ filter: { number: 19 } })
    await things.configure({ indexed: ['label', 'late'], backend: 'quantized' })
    await master.createCollection('gone', { dimensions: 2, metric: 'dot' })
    await (await collectionOf(master, 'gone')).upsert({ id: 'x', vector: [1, 2] })
    await settled(master, replica)
    const gone = await collectionOf(replica, 'gone')
    expect(await gone.get('x')).toEqual({ id: 'x', metadata: {} })
    await master.dropCollection('gone')
    await master.createCollection('gone', { dimensions: 3, metric: 'cosine' })
    await (await collectionOf(master, 'gone')).upsert({ id: 'y', vector: [1, 2, 3] })
    await settled(master, replica)
    await expectSame(master, replica)
    await expect(gone.get('x')).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' })
    expect(await before.getMany(['record 00002', 'record 00003', 'record 00004'])).toEqual([
      {
        id: 'record 00002',
        metadata: { number: 2, group: 1, label: 'label 2', added: { deep: [1, null, 'x'] } },
      },
      { id: 'record 00003', metadata: { number: 3, group: 0 } },
      { id: 'record 00004', metadata: { number: 4, label: 'label 4', both: true } },
    ])
    expect(before.getStats().backend).toBe('quantized')
    const filtered = { vector: [0, 0, 0, 0], filter: { late: true } }
    await expect.poll(async () => (await before.explain(filtered)).filter?.indexes).toEqual(['late'])
  })

  test('deletes, then a drop', async () => {
    const master = await cluster.master()
    const replica = await cluster.replica()
    const things = await master.createCollection('things', SHAPE)
    const kept = await master.createCollection('kept', SHAPE)
    await kept.upsert(records(5))
    await things.upsert(records(50))
    await settled(master, replica)
    for (let at = 0; at < 50; at += 2) await things.delete(record(at).id)
    await settled(master, replica)
    await expectSame(master, replica)
    expect(
      (await collected((await collectionOf(replica)).scan())).map(({ metadata }) => metadata.number),
    ).toEqual(Array.from({ length: 25 }, (_, at) => 2 * at + 1))
    await master.dropCollection('things')
    await settled(master, replica)
    await expectSame(master, replica)
    expect(replica.listCollections().map(({ name }) => name)).toEqual(['kept'])
    await expect(replica.openCollection('things')).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' })
  })

  test('a vector alone, metadata alone, and both at once', async () => {
    const master = await cluster.master()
    const replica = await cluster.replica()
    const things = await master.createCollection('things', SHAPE)
    await things.upsert(records(3))
    await things.updateVector('record 00000', [1, 2, 3, 4])
    await things.update('record 00001', { metadata: { label: 'other' } })
    await things.update('record 00002', { vector: [4, 3, 2, 1], metadata: { label: 'both' } })
    await settled(master, replica)
    await expectSame(master, replica)
    const found = await (await collectionOf(replica)).getMany(
      records(3).map(({ id }) => id),
      {
        includeVector: true,
      },
    )
    expect(found).toEqual([
      { id: 'record 00000', vector: Float32Array.of(1, 2, 3, 4), metadata: record(0).metadata },
      {
        id: 'record 00001',
        vector: Float32Array.from(record(1).vector),
        metadata: { number: 1, group: 1, label: 'other' },
      },
      {
        id: 'record 00002',
        vector: Float32Array.of(4, 3, 2, 1),
        metadata: { number: 2, group: 2, label: 'both' },
      },
    ])
  })

  test('metadata of nearly 1 MiB, by snapshot and by stream', async () => {
    const master = await cluster.master()
    const things = await master.createCollection('things', SHAPE)
    const text = 'ü'.repeat(510_000)
    await things.upsert({ ...record(1), metadata: { text, when: new Date(7), group: 1 } })
    const replica = await cluster.replica()
    await replica.replication.waitFor()
    await things.upsert({ ...record(2), metadata: { text: `${text}!`, group: 1 } })
    await settled(master, replica)
    await expectSame(master, replica)
    const found = await (await collectionOf(replica)).get('record 00001')
    expect(found?.metadata).toEqual({ text, when: new Date(7), group: 1 })
  })

  test.each(['cosine', 'dot', 'euclidean'] as const)(
    'the metric %s ranks the same on both sides',
    async (metric) => {
      const master = await cluster.master()
      const things = await master.createCollection('things', { ...SHAPE, metric })
      await things.upsert(records(300))
      const replica = await cluster.replica()
      await replica.replication.waitFor()
      await things.upsert(records(100, 250))
      await things.updateVector('record 00010', [0.5, 0.5, -0.5, 0.25])
      await settled(master, replica)
      await expectSame(master, replica)
      await (await collectionOf(replica)).flush()
      await things.flush()
      await expectSame(master, replica)
    },
  )

  test('several replicas leave and return', async () => {
    const master = await cluster.master()
    const things = await master.createCollection('things', SHAPE)
    const ids = ['r1', 'r2', 'r3']
    const replicas = await Promise.all(ids.map((id) => cluster.replica(id)))
    await Promise.all(replicas.map((replica) => replica.replication.waitFor()))
    for (let round = 0; round < 6; round++) {
      const away = ids.filter((_, at) => (round >> at) & 1)
      for (const id of away) await cluster.links(id).isolate()
      await things.upsert(records(20, round * 10))
      await things.delete(`record ${String(round).padStart(5, '0')}`)
      for (const id of away) cluster.links(id).heal()
    }
    await settled(master, ...replicas)
    await expectSame(master, ...replicas)
    for (const id of ids) {
      const snapshots = cluster
        .links(id)
        .kinds('received')
        .filter((kind) => kind === 'snapshot-start')
      expect(snapshots).toHaveLength(1)
    }
  })

  test('repeated disconnects in the middle of a stream', async () => {
    const master = await cluster.master()
    const things = await master.createCollection('things', SHAPE)
    const replica = await cluster.replica()
    await replica.replication.waitFor()
    for (let at = 0; at < 40; at++) {
      const writes = records(5, at * 5).map((one) => things.upsert(one))
      if (at % 8 === 3) {
        await until('there is a link to cut', () => replica.replication.getStats()?.linked === true)
        await cluster.links().cut()
      }
      await Promise.all(writes)
    }
    await settled(master, replica)
    await expectSame(master, replica)
    expect(await (await collectionOf(replica)).count()).toBe(200)
    expect(cluster.links().links).toHaveLength(6)
  })
})

describeClusters(
  (cluster) => {
    test('a commit larger than a frame of the link', async () => {
      const master = await cluster.master()
      const things = await master.createCollection('things', SHAPE)
      const replica = await cluster.replica()
      await replica.replication.waitFor()
      // 20 MB in one call; both transports carry frames of 16 MiB.
      const commit = records(20).map((one) => ({
        ...one,
        metadata: { ...one.metadata, text: one.id.repeat(80_000) },
      }))
      const { position } = await things.upsert(commit)
      expect(position).toEqual(master.replication.position)
      await settled(master, replica)
      await expectSame(master, replica)
      expect(
        cluster
          .links()
          .kinds('received')
          .filter((kind) => kind === 'part').length,
      ).toBeGreaterThan(1)
    })
  },
  [ON_DISK, OVER_TCP],
)

describeClusters(
  (cluster) => {
    test('a link whose frames are tiny carries everything, in parts', async () => {
      const { store: master } = await cluster.open('m', { role: 'master' })
      const { store: replica } = await cluster.open('r', { role: 'replica' })
      const things = await master.createCollection('things', SHAPE)
      await things.upsert(records(100))
      const frames: number[] = []
      const tiny = (link: Link): Link => ({
        ...{ peer: link.peer, maxFrameBytes: 200 },
        send: (frame) => {
          frames.push(frame.byteLength)
          return link.send(frame)
        },
        close: (reason) => link.close(reason),
        [Symbol.asyncIterator]: () => link[Symbol.asyncIterator](),
        [Symbol.asyncDispose]: () => link.close(),
      })
      const [near, far] = await cluster.linkPair('r', 'm')
      const served = master.replication.accept(tiny(far))
      replica.replication.follow(tiny(near))
      await settled(master, replica)
      await things.upsert(records(50, 80))
      await settled(master, replica)
      await expectSame(master, replica)
      expect(Math.max(...frames)).toBeLessThanOrEqual(200)
      // Whole commits only: a link that ends in the middle of one leaves the commit before.
      const before = replica.replication.position
      const upsert = things.upsert(records(100, 500))
      const count = frames.length
      await until('some parts went', () => frames.length > count + 3)
      await near.close(new Error('cut in the middle'))
      await upsert
      await served
      expect([before, master.replication.position]).toContainEqual(replica.replication.position)
      const [again, end] = await cluster.linkPair('r', 'm')
      void master.replication.accept(tiny(end))
      replica.replication.follow(tiny(again))
      await settled(master, replica)
      await expectSame(master, replica)
    })
  },
  [IN_MEMORY],
)
