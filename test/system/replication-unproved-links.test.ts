/** Who has proved nothing is believed nothing, whatever the link before has proved and however early he speaks. */
import { Duplex, PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { Link, VectorStore } from '../../lib/index.js'
import type { Challenge, Hello, Message } from '../../lib/replication/protocol/messages.js'
import { proofOf, transcriptOf } from '../../lib/replication/protocol/proof.js'
import { streamLink } from '../../lib/transport/stream.js'
import {
  type Cluster,
  describeClusters,
  expectSame,
  IN_MEMORY,
  record,
  records,
  SHAPE,
  settled,
  until,
} from './cluster.js'
import { FalsePeer, hello } from './false-peer.js'

const SECRET = 'a secret of thirty-two characters'

async function linked(cluster: Cluster): Promise<[VectorStore, VectorStore]> {
  const master = await cluster.master({ secret: SECRET })
  await (await master.createCollection('things', SHAPE)).upsert(records(5))
  const replica = await cluster.replica('r', { secret: SECRET })
  await settled(master, replica)
  return [master, replica]
}

/** Both ends of a pipe of this process. */
function duplexPair(): [Duplex, Duplex] {
  const [there, back] = [new PassThrough(), new PassThrough()]
  return [Duplex.from({ readable: back, writable: there }), Duplex.from({ readable: there, writable: back })]
}

/** Hands a link over to a replica, and gives the end of somebody who knows nothing. */
async function impostor(cluster: Cluster, replica: VectorStore): Promise<FalsePeer> {
  const [near, far] = await cluster.linkPair('r', 'm')
  replica.replication.follow(near)
  return new FalsePeer(far)
}

describeClusters(
  (cluster) => {
    test('a link that takes the place of a proved one has proved nothing', async () => {
      const [master, replica] = await linked(cluster)
      const { position } = replica.replication
      const before = replica.replication.getStats()
      const [near, far] = await cluster.linkPair('r', 'm')
      const early = new FalsePeer(far)
      // Said before anybody asked: it lies in the link when that is handed over.
      await early.say({
        ...{
          kind: 'operations',
          firstSeq: position.seq + 1,
          lastSeq: position.seq + 1,
          headSeq: 99,
          sentAtMs: 1,
        },
        ...{ durable: false, received: true, frames: new Uint8Array(50) },
      })
      await early.say({
        ...{ kind: 'heartbeat', head: { epoch: 1, seq: 2 ** 40 }, sentAtMs: 1, unsentSinceMs: 0 },
        ...{ answer: 1, sent: 0 },
      })
      replica.replication.follow(near)
      const heard = await early.hear()
      expect(heard).toMatchObject({ kind: 'hello' })
      await early.close()
      await until('it is linked to its master again', () => replica.replication.getStats()?.linked === true)
      await (await master.openCollection('things')).upsert(record(6), { writeConcern: { w: 2 } })
      await settled(master, replica)
      await expectSame(master, replica)
      expect(replica.replication.getStats()?.masterOffset).toBe((before?.masterOffset ?? 0) + 1)
    })

    test('a heartbeat of somebody who has proved nothing says nothing', async () => {
      const { store: replica } = await cluster.open('r', { role: 'replica', secret: SECRET })
      const stranger = await impostor(cluster, replica)
      await stranger.hear()
      await stranger.say({
        ...{ kind: 'heartbeat', head: { epoch: 1, seq: 2 ** 40 }, sentAtMs: 1, unsentSinceMs: 0 },
        ...{ answer: 1, sent: 0 },
      })
      await stranger.hearAll()
      expect(replica.replication.getStats()).toMatchObject({
        ...{ masterOffset: 0, lagOperations: 0, status: 'Disconnected', linked: false },
      })
    })

    test('a place said before the proof does not count for the resync that the host waits for', async () => {
      const [master, replica] = await linked(cluster)
      master.replication.resync()
      replica.replication.pause()
      await until('it is gone', () => master.replication.getReplicas()?.[0]?.linked === false)
      const stranger = new FalsePeer(
        await cluster.transport('x', false).dial({ id: 'm', ...cluster.placeOf('m') }, new AbortController()),
      )
      const place: Message = {
        ...{ kind: 'place', historyId: '', epochs: [], last: { epoch: 0, seq: 0 } },
        ...{ snapshotId: '', snapshotBytes: 0, resync: false },
      }
      // It says where it is, takes the snapshot, and says so again.
      const said = [hello('r', { keyId: 'default' }), place, place]
      await Promise.all(said.map((message) => stranger.say(message).catch(() => undefined)))
      expect((await stranger.hearAll()).map(({ kind }) => kind)).not.toContain('welcome')
      replica.replication.resume()
      await until('it has its snapshot', () => replica.replication.getStats()?.snapshotReason === 'resync')
      await settled(master, replica)
      await expectSame(master, replica)
    })

    test('a place said before the host allowed its node does not count for the resync either', async () => {
      const keys = { active: 'a', keys: { a: SECRET, b: `${SECRET}, another` } }
      let isAsked = (): void => {}
      const asked = new Promise<void>((resolve) => (isAsked = resolve))
      let refuse = (): void => {}
      const refused = new Promise<boolean>((resolve) => (refuse = () => resolve(false)))
      const master = await cluster.master({
        secret: keys,
        authorize: (_, { keyId }) => {
          if (keyId === 'a') return true
          isAsked()
          return refused
        },
      })
      await (await master.createCollection('things', SHAPE)).upsert(records(5))
      const replica = await cluster.replica('r', { secret: keys })
      await settled(master, replica)
      master.replication.resync()
      replica.replication.pause()
      await until('it is gone', () => master.replication.getReplicas()?.[0]?.linked === false)
      const other = new FalsePeer(
        await cluster.transport('x', false).dial({ id: 'm', ...cluster.placeOf('m') }, new AbortController()),
      )
      // Node b knows a key of its own, and says that it is r.
      const said = hello('r', { keyId: 'b' })
      await other.say(said)
      const challenge = await other.hear()
      const transcript = transcriptOf(said as Hello, challenge as Challenge, new Uint8Array(0))
      await other.say({ kind: 'proof', proof: proofOf(Buffer.from(keys.keys.b), 'replica', transcript) })
      const place: Message = {
        ...{ kind: 'place', historyId: '', epochs: [], last: { epoch: 0, seq: 0 } },
        ...{ snapshotId: '', snapshotBytes: 0, resync: false },
      }
      await asked
      await Promise.all([place, place].map((message) => other.say(message).catch(() => undefined)))
      expect((await other.hearAll()).map(({ kind }) => kind)).not.toContain('welcome')
      refuse()
      replica.replication.resume()
      await until('it has its snapshot', () => replica.replication.getStats()?.snapshotReason === 'resync')
      await settled(master, replica)
    })

    test('guesses over links without an address are counted by their link, not by the name that is claimed', async () => {
      const master = await cluster.master({ secret: SECRET, attemptLimit: { perMinute: 3 } })
      await master.createCollection('things', SHAPE)
      const overPipe = async (id: string): Promise<Link> => {
        const [near, far] = duplexPair()
        const [dialed, accepted] = await Promise.all([
          streamLink(near, { id, peer: { id: 'm' } }),
          streamLink(far, { id: 'm' }),
        ])
        void master.replication.accept(accepted)
        return dialed
      }
      const reasons: unknown[] = []
      for (let count = 0; count < 5; count++) {
        const thief = new FalsePeer(await overPipe('thief'))
        await thief.say(hello('r', { keyId: 'default' }))
        await thief.hear()
        await thief.say({ kind: 'proof', proof: new Uint8Array(32) }).catch(() => undefined)
        reasons.push((await thief.hearAll()).at(-1))
      }
      expect(
        cluster.node('m').events.flatMap((event) => (event.kind === 'locked-out' ? [event.source] : [])),
      ).toEqual(['thief'])
      const { store: replica } = await cluster.open('r', { role: 'replica', secret: SECRET })
      replica.replication.follow(await overPipe('r'))
      await settled(master, replica)
      expect(replica.listCollections().map(({ name }) => name)).toEqual(['things'])
    })
  },
  [IN_MEMORY],
)
