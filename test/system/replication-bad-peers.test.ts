/** Peers that lie, babble or say nothing: they are shown the door, and nobody else notices. */
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { VectorStore } from '../../lib/index.js'
import type { Message } from '../../lib/replication/protocol/messages.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { seedsFor } from '../seeds.js'
import {
  type Cluster,
  contents,
  describeClusters,
  expectSame,
  IN_MEMORY,
  OVER_TCP,
  record,
  records,
  SHAPE,
  settled,
} from './cluster.js'
import { FalsePeer, hello } from './false-peer.js'

const SEEDS = seedsFor(20)
const NOTHING = new Uint8Array(0)

/** Messages that are in order somewhere, for a mouth that says them anywhere. */
const MESSAGES: Message[] = [
  hello('false'),
  { kind: 'proof', proof: NOTHING },
  {
    ...{ kind: 'place', historyId: 'h', epochs: [], last: { epoch: 1, seq: 5 }, snapshotId: 'x' },
    ...{ snapshotBytes: 9_999, resync: true },
  },
  { kind: 'ack', receivedSeq: 9e15, durableSeq: 9e15, appliedSeq: 9e15, snapshotBytes: 9e15, question: 1 },
  {
    ...{
      kind: 'operations',
      firstSeq: 1,
      lastSeq: 9,
      headSeq: 9,
      sentAtMs: 1,
      durable: true,
      received: true,
    },
    frames: new Uint8Array(50),
  },
  { kind: 'heartbeat', head: { epoch: 1, seq: 99 }, sentAtMs: 1, unsentSinceMs: 0, answer: 1, sent: 0 },
  { kind: 'snapshot-start', snapshotId: 'x', position: { epoch: 1, seq: 9 }, fromByte: 0 },
  { kind: 'snapshot-piece', atByte: 0, bytes: new Uint8Array(10), sentAtMs: 1, headSeq: 9, last: false },
  { kind: 'refusal', code: 'NO_SUCH_CODE', reason: 'x', message: 'go away' },
  {
    ...{ kind: 'challenge', version: 1, codec: '', nodeId: 'false', clusterId: 'default' },
    ...{ nonce: NOTHING, proof: NOTHING, frameCodes: false },
  },
  {
    ...{
      kind: 'welcome',
      historyId: 'h',
      epochs: [{ epoch: 1, nodeId: 'm', firstSeq: 1 }],
      parent: undefined,
    },
    ...{
      fromSeq: 0,
      snapshotReason: 'fresh',
      head: { epoch: 1, seq: 9 },
      windowBytes: 1,
      sentAtMs: 1,
      sent: 0,
    },
    heartbeatIntervalMs: 10_000,
  },
]

async function falseReplica(cluster: Cluster, master: VectorStore, id: string): Promise<FalsePeer> {
  const [near, far] = await cluster.linkPair(id, 'm')
  void master.replication.accept(far)
  return new FalsePeer(near)
}

describeClusters(
  (cluster) => {
    test(`a babbling replica harms nobody (seeds ${SEEDS[0]} to ${SEEDS.at(-1)})`, async () => {
      const master = await cluster.master()
      const things = await master.createCollection('things', SHAPE)
      await things.upsert(records(20))
      const replica = await cluster.replica()
      await settled(master, replica)
      for (const seed of SEEDS) {
        const random = new SeededRandom(`babble ${seed}`)
        const peer = await falseReplica(cluster, master, 'false')
        if (random.chance(0.5)) await peer.joinAs('false')
        for (let words = 8; words > 0; words--) {
          const say = random.chance(0.3)
            ? peer.sayBytes(random.bytes(1 + random.int(200)))
            : peer.say(random.pick(MESSAGES))
          await say.catch(() => undefined)
        }
        const heard = await peer.hearAll()
        // It is told why, and nothing follows.
        expect(heard.filter(({ kind }) => kind === 'refusal').length, `seed ${seed}`).toBeLessThanOrEqual(1)
        await peer.close()
      }
      master.replication.forget('false')
      await things.upsert(record(100), { writeConcern: { w: 2, timeoutMs: 20_000 } })
      await settled(master, replica)
      await expectSame(master, replica)
      expect(master.getStats().readOnly).toBeNull()
    })

    test(`a babbling master harms no replica (seeds ${SEEDS[0]} to ${SEEDS.at(-1)})`, async () => {
      const { store: master } = await cluster.open('m', { role: 'master' })
      const things = await master.createCollection('things', SHAPE)
      await things.upsert(records(20))
      const { store: replica } = await cluster.open('r', { role: 'replica' })
      const follow = async () => {
        const [near, far] = await cluster.linkPair('r', 'm')
        void master.replication.accept(far)
        replica.replication.follow(near)
        await settled(master, replica)
      }
      await follow()
      const before = await contents(replica)
      for (const seed of SEEDS) {
        const random = new SeededRandom(`babbling master ${seed}`)
        const [near, far] = await cluster.linkPair('r', 'm')
        replica.replication.follow(near)
        const peer = new FalsePeer(far)
        for (let words = 8; words > 0; words--) {
          const say = random.chance(0.3)
            ? peer.sayBytes(random.bytes(1 + random.int(200)))
            : peer.say(random.pick(MESSAGES))
          await say.catch(() => undefined)
        }
        await peer.hearAll()
        expect(await contents(replica), `seed ${seed}`).toEqual(before)
      }
      await things.upsert(record(100))
      await follow()
      await expectSame(master, replica)
    })

    test('who acknowledges what was not sent is not believed, and who only says hello does not count', async () => {
      const master = await cluster.master()
      const things = await master.createCollection('things', SHAPE)
      await things.upsert(records(3))
      const { historyId, position } = master.replication
      const epochs = [{ epoch: 1, nodeId: 'm', firstSeq: 1 }]
      const liar = await falseReplica(cluster, master, 'liar')
      expect(await liar.joinAs('liar', { historyId, epochs, last: { ...position, seq: 1 } })).toMatchObject({
        kind: 'welcome',
        fromSeq: 2,
      })
      const far = position.seq + 1_000
      await liar.say({
        kind: 'ack',
        receivedSeq: far,
        durableSeq: far,
        appliedSeq: far,
        snapshotBytes: 0,
        question: 0,
      })
      expect((await liar.hearAll()).at(-1)).toMatchObject({ kind: 'refusal', code: 'PROTOCOL_VIOLATED' })
      const ghost = await falseReplica(cluster, master, 'ghost')
      expect(await ghost.joinAs('ghost')).toMatchObject({ kind: 'welcome', snapshotReason: 'fresh' })
      // One that says it has more than there is gets a snapshot, and what it says counts for nothing.
      const boaster = await falseReplica(cluster, master, 'boaster')
      expect(
        await boaster.joinAs('boaster', { historyId, epochs, last: { epoch: 1, seq: far } }),
      ).toMatchObject({ kind: 'welcome', snapshotReason: 'diverged' })
      for (const level of ['received', 'durable', 'applied'] as const)
        await expect(
          things.upsert(record(9), { writeConcern: { w: 2, level, timeoutMs: 50 } }),
        ).rejects.toMatchObject({ code: 'WRITE_CONCERN_TIMEOUT', details: { acks: 1, needed: 2 } })
      const ids = ['boaster', 'ghost', 'liar']
      expect(master.replication.getReplicas()).toMatchObject(
        ids.map((id) => ({ id, offset: 0, operationsSynced: 0 })),
      )
      await Promise.all([ghost.close(), boaster.close()])
    })

    test('a link on which nobody speaks is given up, on both sides', async () => {
      const clock = new SimulatedClock()
      const master = await cluster.master({ store: { clock } })
      const { store: replica } = await cluster.open('r', { role: 'replica', store: { clock } })
      const mute = await falseReplica(cluster, master, 'mute')
      const half = await falseReplica(cluster, master, 'half')
      await half.say(hello('half'))
      expect(await half.hear()).toMatchObject({ kind: 'challenge', nodeId: 'm' })
      const [near, far] = await cluster.linkPair('r', 'm')
      replica.replication.follow(near)
      const silent = new FalsePeer(far)
      expect(await silent.hear()).toMatchObject({ kind: 'hello', nodeId: 'r' })
      // Two masters: neither speaks first.
      const { store: second } = await cluster.open('m2', { role: 'master', store: { clock } })
      const [one, two] = await cluster.linkPair('m', 'm2')
      const both = [master.replication.accept(one), second.replication.accept(two)]
      const ends = [mute, half, silent].map((peer) => peer.hearAll())
      for (let second = 0; second < 12; second++) await clock.advance(1_000)
      await Promise.all(both)
      for (const heard of await Promise.all(ends))
        expect(heard).toMatchObject([{ kind: 'refusal', code: 'TIMEOUT', reason: 'handshake' }])
      expect(master.replication.getReplicas()).toEqual([])
      expect(replica.replication.getStats()?.linked).toBe(false)
    })

    test('a message cut in parts is put together only as far as one may be large', async () => {
      const master = await cluster.master()
      const peer = await falseReplica(cluster, master, 'large')
      const part = new Uint8Array(15 * 1024 * 1024)
      const heard = peer.hearAll()
      let sent = 0
      const sending = (async () => {
        for (; sent < 20; sent++) await peer.say({ kind: 'part', bytes: part, last: false })
      })()
      await sending.catch(() => undefined)
      expect(sent).toBeLessThan(10)
      await heard
      expect(master.replication.getReplicas()).toEqual([])
      await master.createCollection('still-here', SHAPE)
    })
  },
  [IN_MEMORY],
)

describeClusters(
  (cluster) => {
    test('whatever comes to the port, the master goes on', async () => {
      const master = await cluster.master()
      const things = await master.createCollection('things', SHAPE)
      const replica = await cluster.replica()
      await settled(master, replica)
      const { address = '' } = cluster.placeOf('m') ?? {}
      const [host, port] = address.split(':') as [string, string]
      const random = new SeededRandom('port')
      const openings = [
        NOTHING,
        Buffer.from('GET / HTTP/1.1\r\n\r\n'),
        Buffer.from([0xff, 0xff, 0xff, 0xfe]),
        Buffer.from([0xff, 0xff, 0xff, 0x7f, 1, 2, 3]),
        ...Array.from({ length: 20 }, () => Buffer.from(random.bytes(1 + random.int(2_000)))),
      ]
      for (const opening of openings) {
        const socket = connect({ host, port: Number(port) })
        socket.on('error', () => {})
        await new Promise<void>((resolve) => {
          socket.once('close', () => resolve())
          socket.once('connect', () => {
            socket.end(opening)
            socket.resume()
          })
        })
      }
      await things.upsert(records(10), { writeConcern: { w: 2, timeoutMs: 20_000 } })
      await settled(master, replica)
      await expectSame(master, replica)
      expect(cluster.links().links).toHaveLength(1)
      expect(master.replication.getReplicas()?.map(({ id }) => id)).toEqual(['r'])
    })
  },
  [OVER_TCP],
)
