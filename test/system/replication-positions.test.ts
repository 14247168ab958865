/** Waiting for positions on either side, across restarts and lost histories, and what is told of replication meanwhile. */
import { expect, test } from 'vitest'
import {
  describeClusters,
  expectSame,
  ON_DISK,
  OVER_TCP,
  record,
  records,
  SHAPE,
  settled,
  until,
} from './cluster.js'

describeClusters((cluster) => {
  test('a read on a replica waits for what was written on the master', async () => {
    const master = await cluster.master()
    const things = await master.createCollection('things', SHAPE)
    const replica = await cluster.replica()
    await settled(master, replica)
    const found = await replica.openCollection('things')
    for (let at = 0; at < 20; at++) {
      const { position } = await things.upsert(record(at))
      expect(await found.get(record(at).id, { after: position, timeoutMs: 20_000 })).toEqual({
        ...{ id: record(at).id, metadata: record(at).metadata },
      })
    }
    const { position } = await things.delete('record 00003')
    const hits = await found.search({ vector: record(3).vector, topK: 1, after: position, timeoutMs: 20_000 })
    expect(hits[0]?.id).not.toBe('record 00003')
  })

  test('waits end by time, by their signal, and by the close of the store', async () => {
    const master = await cluster.master()
    await master.createCollection('things', SHAPE)
    const replica = await cluster.replica()
    await settled(master, replica)
    const later = { epoch: 1, seq: 100 }
    const nextEpoch = { epoch: 7, seq: 1 }
    for (const store of [master, replica]) {
      for (const position of [later, nextEpoch]) {
        await expect(store.replication.waitFor(position, { timeoutMs: 20 })).rejects.toMatchObject({
          ...{ code: 'TIMEOUT', details: { position, timeoutMs: 20 } },
        })
        const abort = new AbortController()
        const waiting = expect(
          store.replication.waitFor(position, { timeoutMs: 3_600_000, signal: abort.signal }),
        ).rejects.toBe('changed my mind')
        abort.abort('changed my mind')
        await waiting
        await expect(store.replication.waitFor(position, { signal: AbortSignal.abort('no') })).rejects.toBe(
          'no',
        )
      }
      await expect(store.replication.waitFor({ epoch: -1, seq: 0 })).rejects.toMatchObject({
        code: 'OPTIONS_INVALID',
      })
      const open = expect(store.replication.waitFor(later, { timeoutMs: 3_600_000 })).rejects.toMatchObject({
        code: 'CLOSED',
      })
      await store.close()
      await open
      await expect(store.replication.waitFor(later)).rejects.toMatchObject({ code: 'CLOSED' })
      expect(() => store.replication.getStatus()).toThrow(expect.objectContaining({ code: 'CLOSED' }))
      expect(() => store.replication.getReplicas()).toThrow(expect.objectContaining({ code: 'CLOSED' }))
    }
  })

  test('without a position a replica waits for all that the master had when it was asked', async () => {
    const master = await cluster.master()
    const things = await master.createCollection('things', SHAPE)
    const replica = await cluster.replica()
    await replica.replication.waitFor()
    for (let at = 0; at < 30; at++) {
      await things.upsert(record(at))
      await replica.replication.waitFor()
      expect(await (await replica.openCollection('things')).get(record(at).id)).toMatchObject({
        id: record(at).id,
      })
    }
    await cluster.links().isolate()
    await until('it knows', () => replica.replication.getStats()?.linked === false)
    await expect(replica.replication.waitFor(undefined, { timeoutMs: 50 })).rejects.toMatchObject({
      ...{ code: 'TIMEOUT', details: { visibleSeq: 31, timeoutMs: 50 } },
    })
    // One that was asked while nobody could be reached is answered when somebody can.
    const { position } = await things.upsert(record(99))
    const waiting = replica.replication.waitFor(undefined, { timeoutMs: 20_000 })
    cluster.links().heal()
    await waiting
    expect(replica.replication.position).toEqual(position)
    await expectSame(master, replica)
  })

  test('what happens between nodes is told, in order', async () => {
    const master = await cluster.master()
    const things = await master.createCollection('things', SHAPE)
    await things.upsert(records(5))
    const replica = await cluster.replica()
    await settled(master, replica)
    await until('connected', () => replica.replication.getStats()?.status === 'Connected')
    await until('the master too', () => master.replication.getReplicas()?.[0]?.status === 'Connected')
    const told = (id: string) =>
      cluster.node(id).events.map((event) => ('status' in event ? event.status : event.kind))
    expect(told('m')[0]).toBe('connected')
    expect(told('m').at(-1)).toBe('Connected')
    expect(told('r').filter((what) => what !== 'Syncing')).toEqual(['connected', 'snapshot', 'Connected'])
    expect(cluster.node('r').events.find(({ kind }) => kind === 'snapshot')).toEqual({
      ...{ kind: 'snapshot', peerId: 'm', position: { epoch: 1, seq: 6 } },
      bytes: replica.replication.getStats()?.snapshotSize,
    })
    const [before, beforeReplica] = [cluster.node('m').events.length, cluster.node('r').events.length]
    await cluster.links().cut()
    await until('linked again', () => cluster.node('m').events.length >= before + 2)
    await until('both know', () => cluster.node('r').events.length >= beforeReplica + 2)
    const [left, back] = cluster.node('m').events.slice(before)
    expect(left).toMatchObject({ kind: 'disconnected', peerId: 'r', code: 'TRANSPORT_FAILED' })
    expect(back).toEqual({ kind: 'connected', peerId: 'r', snapshotReason: null })
    const [lost, found] = cluster.node('r').events.slice(beforeReplica)
    expect(lost).toMatchObject({ kind: 'disconnected', peerId: 'm', code: 'TRANSPORT_FAILED' })
    expect(found).toEqual({ kind: 'connected', peerId: 'm', snapshotReason: null })
    expect([...cluster.node('m').warnings, ...cluster.node('r').warnings]).toEqual([])
  })
})

describeClusters(
  (cluster) => {
    test('positions outlive restarts of both sides', async () => {
      let master = await cluster.master()
      const things = await master.createCollection('things', SHAPE)
      let replica = await cluster.replica()
      const { position } = await things.upsert(record(1))
      await settled(master, replica)
      await cluster.close('m')
      await cluster.close('r')
      replica = await cluster.replica()
      await replica.replication.waitFor(position, { timeoutMs: 20 })
      master = await cluster.master()
      await master.replication.waitFor(position, { timeoutMs: 20 })
      const next = await (await master.openCollection('things')).upsert(record(2))
      await replica.replication.waitFor(next.position, { timeoutMs: 20_000 })
      await replica.replication.waitFor(position, { timeoutMs: 20 })
      // The first epoch ended before this.
      const lost = { epoch: position.epoch, seq: next.position.seq }
      for (const store of [master, replica])
        await expect(store.replication.waitFor(lost)).rejects.toMatchObject({
          ...{ code: 'POSITION_LOST', details: lost },
        })
      const found = await replica.openCollection('things')
      await expect(found.get('record 00001', { after: lost })).rejects.toMatchObject({
        code: 'POSITION_LOST',
      })
    })

    test('a master that lost its tail has others take its place; what waits for it is told', async () => {
      const master = await cluster.master()
      const things = await master.createCollection('things', SHAPE)
      await things.upsert(record(1))
      const [one, two] = [await cluster.replica('r1'), await cluster.replica('r2')]
      await settled(master, one, two)
      // The second one does not hear of the last write.
      await cluster.links('r2').isolate()
      const { position } = await things.upsert(record(2))
      await settled(master, one)
      await cluster.close('m')
      await cluster.close('r1')
      await cluster.close('r2')
      // It is promoted, without that write, and the others join it.
      const promoted = await cluster.master({}, 'r2')
      await (await promoted.openCollection('things')).upsert(record(3))
      await expect(promoted.replication.waitFor(position)).rejects.toMatchObject({ code: 'POSITION_LOST' })
      const behind = await cluster.replica('r1', { master: { id: 'r2' } })
      const waiting = expect(
        behind.replication.waitFor({ epoch: position.epoch, seq: position.seq + 5 }, { timeoutMs: 20_000 }),
      ).rejects.toMatchObject({ code: 'POSITION_LOST' })
      await settled(promoted, behind)
      await waiting
      await expectSame(promoted, behind)
      expect(behind.replication.getStats()?.snapshotReason).toBe('diverged')
      expect(await (await behind.openCollection('things')).getMany(['record 00002', 'record 00003'])).toEqual(
        [undefined, { id: 'record 00003', metadata: record(3).metadata }],
      )
      // So does the old master, once it is opened as a replica.
      const old = await cluster.open('m', {
        ...{ role: 'replica', master: { id: 'r2' }, transport: behindTransport() },
      })
      await settled(promoted, old.store)
      await expectSame(promoted, old.store, behind)
    })

    const behindTransport = () => {
      const inner = cluster.transport('m', false)
      const dial: typeof inner.dial = (peer, options) =>
        inner.dial({ ...peer, ...cluster.placeOf(peer.id) }, options)
      return { dial, listen: inner.listen.bind(inner) }
    }

    test('a master that another took over from takes no more writes', async () => {
      const master = await cluster.master()
      const things = await master.createCollection('things', SHAPE)
      const replica = await cluster.replica()
      await settled(master, replica)
      await cluster.close('r')
      // It is master now, and then follows the old one again by mistake.
      const promoted = await cluster.open('r', { role: 'master' })
      expect(promoted.store.replication.position).toEqual({ epoch: 1, seq: 1 })
      await (await promoted.store.openCollection('things')).upsert(record(5))
      await cluster.close('r')
      await cluster.replica()
      await until('it is fenced', () => master.getStats().readOnly === 'STALE_EPOCH')
      await expect(things.upsert(record(6))).rejects.toMatchObject({
        ...{ code: 'STALE_EPOCH', details: { epoch: 1, seenEpoch: 2, peerId: 'r' } },
      })
      expect(cluster.node('m').events).toContainEqual({ kind: 'fenced', peerId: 'r', epoch: 2 })
      expect(cluster.node('m').warnings).toMatchObject([{ code: 'STALE_EPOCH' }])
      expect(await things.get('record 00005')).toBeUndefined()
      const mine = await cluster.node('r').store.openCollection('things')
      expect(await mine.get('record 00005')).toEqual({ id: 'record 00005', metadata: record(5).metadata })
    })
  },
  [ON_DISK, OVER_TCP],
)
