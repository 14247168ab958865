/** Links over which metadata is compressed: what arrives is what was written, and only where that helps. */
import { expect, test } from 'vitest'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import type { Link, PeerInfo, ReplicationOptions, Transport, VectorStore } from '../../lib/index.js'
import {
  type Cluster,
  describeClusters,
  expectSame,
  IN_MEMORY,
  ON_DISK,
  record,
  settled,
  until,
} from './cluster.js'

/** A link as slow as a limit of the host's makes it: that is when compressing pays. */
const SLOW: Partial<ReplicationOptions> = { maxBytesPerSecond: 4_000_000 }
const SHAPE = { dimensions: 64, metric: 'euclidean' } as const

function wordy(from: number, count: number) {
  return Array.from({ length: count }, (_, at) => {
    const number = from + at
    const words = Array.from({ length: 60 }, (_, word) => `word${(number * 7 + word * 13) % 50}`)
    return { ...record(number, 64), metadata: { number, group: number % 3, text: words.join(' ') } }
  })
}

function statsOf(cluster: Cluster, master: VectorStore, replica: VectorStore) {
  return {
    sent: master.replication.getReplicas()?.[0]?.compression,
    all: master.replication.getStats()?.compression,
    came: replica.replication.getStats()?.compression,
    bytes: cluster.links().bytes('received'),
  }
}

describeClusters(
  (cluster) => {
    test.each([
      ['brotli', ['brotli', 'deflate']],
      ['deflate', ['deflate']],
      ['lz4', ['lz4', 'deflate']],
    ] as const)(
      'what goes over a slow link is compressed with %s, as snapshot and as operations',
      async (name, codecs) => {
        const master = await cluster.master({ ...SLOW, compression: { codecs } })
        const things = await master.createCollection('things', SHAPE)
        for (let from = 0; from < 600; from += 200) await things.upsert(wordy(from, 200))
        const replica = await cluster.replica('r', { compression: { codecs } })
        await settled(master, replica)
        const snapshot = statsOf(cluster, master, replica)
        expect(snapshot.sent).toMatchObject({ codec: name })
        expect(snapshot.sent?.plainBytes).toBeGreaterThan(200_000)
        for (let from = 600; from < 1_200; from += 200)
          await things.upsert(wordy(from, 200), { writeConcern: { w: 2, timeoutMs: 20_000 } })
        await things.update('record 00007', { metadata: { text: 'another' } })
        await things.delete(['record 00008', 'record 01100'])
        await settled(master, replica)
        await expectSame(master, replica)
        const { sent, all, came } = statsOf(cluster, master, replica)
        expect(sent?.plainBytes).toBeGreaterThan((snapshot.sent?.plainBytes ?? 0) + 150_000)
        expect(sent?.ratio).toBeGreaterThan(1.5)
        expect(sent?.ratio).toBe((sent?.plainBytes ?? 0) / (sent?.packedBytes ?? 1))
        // What both sides counted is the same.
        expect(came).toMatchObject({
          codec: name,
          plainBytes: sent?.plainBytes,
          packedBytes: sent?.packedBytes,
        })
        expect(all).toMatchObject({
          codec: null,
          plainBytes: sent?.plainBytes,
          packedBytes: sent?.packedBytes,
        })
      },
    )
  },
  [IN_MEMORY, ON_DISK],
)

describeClusters(
  (cluster) => {
    test('the bytes of a snapshot are counted before they are compressed, on both sides', async () => {
      const master = await cluster.master({ ...SLOW, compression: true })
      const things = await master.createCollection('things', SHAPE)
      await things.upsert(wordy(0, 300))
      const replica = await cluster.replica()
      await settled(master, replica)
      const size = replica.replication.getStats()?.snapshotSize ?? 0
      await until('the master has counted it', () => master.replication.getStats()?.snapshotSize === size)
      expect(size).toBeGreaterThan(cluster.links().bytes('received'))
    })

    test('a link that is no limit carries everything as it is', async () => {
      const master = await cluster.master({ compression: true })
      const things = await master.createCollection('things', SHAPE)
      const replica = await cluster.replica()
      await settled(master, replica)
      await things.upsert(wordy(0, 300), { writeConcern: { w: 2 } })
      const { sent, came } = statsOf(cluster, master, replica)
      expect(sent).toMatchObject({ level: null, plainBytes: 0, packedBytes: 0, ratio: 1 })
      expect(came?.plainBytes).toBe(0)
      await expectSame(master, replica)
    })

    test.each([
      ['the master does not say so', {}, {}],
      ['the replica says no', { compression: true }, { compression: false }],
      [
        'they have no codec in common',
        { compression: { codecs: ['deflate'] } },
        { compression: { codecs: ['lz4'] } },
      ],
    ] as const)('nothing is compressed where %s', async (_, ofMaster, ofReplica) => {
      const master = await cluster.master({ ...SLOW, ...ofMaster })
      const things = await master.createCollection('things', SHAPE)
      const replica = await cluster.replica('r', ofReplica)
      await settled(master, replica)
      await things.upsert(wordy(0, 100), { writeConcern: { w: 2, timeoutMs: 20_000 } })
      expect(statsOf(cluster, master, replica)).toMatchObject({ sent: null, came: null })
      await expectSame(master, replica)
    })

    test('what does not shrink is sent as it is, and counted', async () => {
      const master = await cluster.master({ ...SLOW, compression: true })
      const things = await master.createCollection('things', { dimensions: 512, metric: 'euclidean' })
      const random = new SeededRandom('noise')
      const noise = Array.from({ length: 400 }, (_, at) => ({
        id: `noise ${at}`,
        vector: Array.from({ length: 512 }, () => random.next() - 0.5),
      }))
      await things.upsert(noise)
      const replica = await cluster.replica()
      await settled(master, replica)
      const { sent } = statsOf(cluster, master, replica)
      expect(sent?.skipped).toBeGreaterThan(0)
      expect(sent?.plainBytes).toBe(0)
      await expectSame(master, replica)
    })

    test('codes on the frames, small frames and compression go together', async () => {
      const secret = 'a secret of thirty-two characters'
      const options = { secret, compression: { codecs: ['deflate'] } } as const
      const master = await cluster.master({ ...SLOW, ...options, authenticateFrames: true })
      const things = await master.createCollection('things', SHAPE)
      await things.upsert(wordy(0, 200))
      const inner = cluster.transport('r', false)
      const replica = await cluster.replica('r', { ...options, transport: narrow(inner, 2_048) })
      await things.upsert(wordy(200, 200), { writeConcern: { w: 2, timeoutMs: 20_000 } })
      await settled(master, replica)
      await expectSame(master, replica)
      expect(master.replication.getReplicas()?.[0]?.compression?.ratio).toBeGreaterThan(1.5)
    })
  },
  [IN_MEMORY],
)

/** Links that carry small frames. */
function narrow(transport: Transport, maxFrameBytes: number): Transport {
  return {
    dial: async (peer: PeerInfo, options) => {
      const link = await transport.dial(peer, options)
      const narrowed: Link = {
        ...{ peer: link.peer, maxFrameBytes, send: (frame: Uint8Array) => link.send(frame) },
        close: (reason) => link.close(reason),
        [Symbol.asyncIterator]: () => link[Symbol.asyncIterator](),
        [Symbol.asyncDispose]: () => link.close(),
      }
      return narrowed
    },
    listen: (options) => transport.listen(options),
  }
}
