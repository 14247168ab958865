/** Who does not know the secret gets nothing: not by guessing, listening, repeating, reflecting, or standing in between. */
import { describe, expect, test } from 'vitest'
import type { Link, ReplicationEvent, VectorStore } from '../../lib/index.js'
import type { Message, WireMessage } from '../../lib/replication/protocol/messages.js'
import { decodeWire, encodeWire } from '../../lib/replication/protocol/wire-codec.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { tcp } from '../../lib/transport/tcp.js'
import {
  type Cluster,
  describeClusters,
  expectSame,
  IN_MEMORY,
  OVER_TCP,
  record,
  records,
  SHAPE,
  settled,
  until,
} from './cluster.js'
import { FalsePeer, hello } from './false-peer.js'
import type { Way } from './watched-links.js'

const SECRET = 'a secret of thirty-two characters'
const OTHER = 'another one of thirty characters'

async function falseReplica(cluster: Cluster, master: VectorStore, id: string): Promise<FalsePeer> {
  const [near, far] = await cluster.linkPair(id, 'm')
  void master.replication.accept(far)
  return new FalsePeer(near)
}

function refusals(events: readonly ReplicationEvent[]): string[] {
  return events.flatMap((event) => (event.kind === 'refused' ? [`${event.peerId}: ${event.reason}`] : []))
}

function refusedWith(reason: string): object {
  return { kind: 'refusal', code: 'PEER_REFUSED', reason }
}

function isMessage(said: WireMessage | undefined, kind: Message['kind']): boolean {
  return said?.kind === kind
}

describeClusters(
  (cluster) => {
    test('nodes with the same secret replicate, others are refused and counted', async () => {
      const master = await cluster.master({ secret: SECRET })
      const things = await master.createCollection('things', SHAPE)
      await things.upsert(records(20))
      const replica = await cluster.replica('r', { secret: SECRET })
      await things.upsert(record(21), { writeConcern: { w: 2 } })
      await settled(master, replica)
      await expectSame(master, replica)
      for (const [id, secret] of [
        ['wrong', { secret: OTHER }],
        ['without', {}],
        ['unknown-key', { secret: { active: 'k', keys: { k: SECRET } } }],
      ] as const) {
        const stranger = await cluster.replica(id, secret)
        await until(`${id} is refused on both sides`, () =>
          [cluster.node('m'), cluster.node(id)].every(({ events }) =>
            refusals(events).some((line) => line.endsWith(': secret')),
          ),
        )
        expect(stranger.listCollections()).toEqual([])
        expect(stranger.replication.getStats()?.refused).toBeGreaterThan(0)
        const { kinds } = cluster.links(id).links[0] ?? {}
        expect(kinds?.sent).not.toContain('place')
        await until(`${id} is warned`, () => cluster.node(id).warnings.length > 0)
        expect(cluster.node(id).warnings.map(({ code }) => code)).toEqual(['PEER_REFUSED'])
        await cluster.close(id)
      }
      expect(new Set(refusals(cluster.node('m').events))).toEqual(
        new Set(['wrong: secret', 'without: secret', 'unknown-key: secret']),
      )
      expect(master.replication.getStats()?.refused).toBeGreaterThanOrEqual(3)
      expect(master.replication.getReplicas()?.map(({ id }) => id)).toEqual(['r'])
    })
  },
  [IN_MEMORY, OVER_TCP],
)

describeClusters(
  (cluster) => {
    test('a master that does not know the secret learns nothing about the replica', async () => {
      const { store: replica } = await cluster.open('r', { role: 'replica', secret: SECRET })
      const [near, far] = await cluster.linkPair('r', 'm')
      replica.replication.follow(near)
      const impostor = new FalsePeer(far)
      const said = await impostor.hear()
      expect(said).toMatchObject({ kind: 'hello', keyId: 'default' })
      await impostor.say({
        ...{ kind: 'challenge', version: 1, codec: '', nodeId: 'm', clusterId: 'default' },
        ...{ nonce: new Uint8Array(32), proof: new Uint8Array(32), frameCodes: false },
      })
      expect(await impostor.hearAll()).toMatchObject([refusedWith('secret')])
    })

    test('a refusal of somebody who has proved nothing does not make a replica throw its data away', async () => {
      const master = await cluster.master({ secret: SECRET })
      await (await master.createCollection('things', SHAPE)).upsert(records(5))
      const replica = await cluster.replica('r', { secret: SECRET })
      await settled(master, replica)
      await cluster.links().isolate()
      const [near, far] = await cluster.linkPair('r', 'm')
      replica.replication.follow(near)
      const impostor = new FalsePeer(far)
      await impostor.hear()
      await impostor.say({ kind: 'refusal', code: 'POSITION_LOST', reason: 'resync', message: 'begin anew' })
      await impostor.hearAll()
      cluster.links().heal()
      await until('it is linked again', () => replica.replication.getStats()?.linked === true)
      expect(
        cluster
          .links()
          .kinds('received')
          .filter((kind) => kind === 'snapshot-start'),
      ).toHaveLength(1)
    })

    test('no proof but the right one, for this conversation and from this side, is taken', async () => {
      const master = await cluster.master({ secret: SECRET })
      await master.createCollection('things', SHAPE)
      for (const proof of [new Uint8Array(0), new Uint8Array(32), new Uint8Array(31), new Uint8Array(64)]) {
        const guesser = await falseReplica(cluster, master, 'guesser')
        await guesser.say(hello('guesser', { keyId: 'default' }))
        expect(await guesser.hear()).toMatchObject({ kind: 'challenge' })
        await guesser.say({ kind: 'proof', proof })
        expect(await guesser.hearAll()).toMatchObject([refusedWith('secret')])
      }
      // The master's own proof, sent back.
      const mirror = await falseReplica(cluster, master, 'mirror')
      await mirror.say(hello('mirror', { keyId: 'default' }))
      const challenge = await mirror.hear()
      await mirror.say({ kind: 'proof', proof: (challenge as Message & { kind: 'challenge' }).proof })
      expect(await mirror.hearAll()).toMatchObject([refusedWith('secret')])
      // What is said too early is out of turn, and not answered.
      const hasty = await falseReplica(cluster, master, 'hasty')
      await hasty.say(hello('hasty', { keyId: 'default' }))
      await hasty.say({
        ...{ kind: 'place', historyId: 'none', epochs: [], last: { epoch: 1, seq: 0 } },
        ...{ snapshotId: '', snapshotBytes: 0, resync: false },
      })
      expect((await hasty.hearAll()).map(({ kind }) => kind)).toEqual(['challenge', 'refusal'])
      expect(master.replication.getReplicas()).toEqual([])
    })

    test('what an honest replica said is worth nothing a second time', async () => {
      const master = await cluster.master({ secret: SECRET })
      await (await master.createCollection('things', SHAPE)).upsert(records(5))
      const recorded: Uint8Array[] = []
      const replica = await cluster.replica('r', { secret: SECRET, transport: cluster.transport('r', false) })
      await replica.close()
      const transport = cluster.transport('listener', false)
      const { store: heard } = await cluster.open('s', {
        role: 'replica',
        secret: SECRET,
        master: { id: 'm', ...cluster.placeOf('m') },
        transport: {
          dial: async (peer, options) => recording(await transport.dial(peer, options), recorded),
          listen: (options) => transport.listen(options),
        },
      })
      await settled(master, heard)
      await cluster.close('s')
      const before = refusals(cluster.node('m').events).length
      const repeater = await falseReplica(cluster, master, 's')
      for (const frame of recorded) await repeater.sayBytes(frame).catch(() => undefined)
      const answers = await repeater.hearAll()
      expect(answers.map(({ kind }) => kind)).toEqual(['challenge', 'refusal'])
      expect(answers.at(-1)).toMatchObject(refusedWith('secret'))
      expect(refusals(cluster.node('m').events).slice(before)).toEqual(['s: secret'])
    })

    test.each([
      ['the codecs', (said: Message) => said.kind === 'hello' && { ...said, codecs: ['none'] }],
      ['the versions', (said: Message) => said.kind === 'hello' && { ...said, versions: [1, 99] }],
      ['the wish for codes', (said: Message) => said.kind === 'hello' && { ...said, frameCodes: false }],
      ['its own id', (said: Message) => said.kind === 'hello' && { ...said, nodeId: 'somebody' }],
      ['a nonce', (said: Message) => said.kind === 'hello' && { ...said, nonce: new Uint8Array(32) }],
      ['the chosen codec', (said: Message) => said.kind === 'challenge' && { ...said, codec: '' }],
      ['the agreed codes', (said: Message) => said.kind === 'challenge' && { ...said, frameCodes: false }],
    ])('who changes %s on the way gets no link', async (_, change) => {
      const master = await cluster.master({ secret: SECRET, compression: true })
      await master.createCollection('things', SHAPE)
      const replica = await cluster.replica('r', { secret: SECRET, authenticateFrames: true })
      await settled(master, replica)
      await cluster.links().isolate()
      cluster.links().tamper = (frame) => {
        const said = read(frame)
        const changed = said && change(said)
        return [changed ? encodeWire(changed) : frame]
      }
      cluster.links().isDown = false
      await until('it is refused', () => refusals(cluster.node('r').events).includes('m: secret'))
      expect(cluster.links().links.at(-1)?.kinds.received).not.toContain('welcome')
      cluster.links().heal()
      await until('it is linked again', () => replica.replication.getStats()?.linked === true)
    })

    test('who fails too often is not listened to for a while, and others are', async () => {
      const clock = new SimulatedClock()
      const master = await cluster.master({
        secret: SECRET,
        attemptLimit: { perMinute: 3, lockoutMs: 60_000 },
        store: { clock },
      })
      await master.createCollection('things', SHAPE)
      const guess = async (from: string): Promise<WireMessage | undefined> => {
        const guesser = await falseReplica(cluster, master, from)
        await guesser.say(hello(from, { keyId: 'default' }))
        const answer = await guesser.hear()
        if (!isMessage(answer, 'challenge')) return answer
        await guesser.say({ kind: 'proof', proof: new Uint8Array(32) })
        return guesser.hear()
      }
      for (let count = 0; count < 3; count++)
        expect(await guess('thief')).toMatchObject(refusedWith('secret'))
      expect(await guess('thief')).toMatchObject(refusedWith('locked-out'))
      expect(await guess('other')).toMatchObject(refusedWith('secret'))
      const untilMs = clock.now() + 60_000
      expect(cluster.node('m').events.filter(({ kind }) => kind === 'locked-out')).toEqual([
        { kind: 'locked-out', peerId: 'thief', source: 'thief', untilMs },
      ])
      await clock.advance(59_000)
      expect(await guess('thief')).toMatchObject(refusedWith('locked-out'))
      await clock.advance(1_001)
      expect(await guess('thief')).toMatchObject(refusedWith('secret'))
      // Failures that are further apart than the limit says are none too many.
      for (let count = 0; count < 6; count++) {
        await clock.advance(31_000)
        expect(await guess('slow')).toMatchObject(refusedWith('secret'))
      }
    })

    test('the host is asked last, and told which key was proved', async () => {
      const asked: unknown[] = []
      const secret = { active: 'r', keys: { r: SECRET } }
      const master = await cluster.master({
        secret: { active: 'm', keys: { m: OTHER, r: SECRET } },
        authorize: (_, { nodeId, keyId }) => {
          asked.push([nodeId, keyId])
          return nodeId === keyId
        },
      })
      await master.createCollection('things', SHAPE)
      const replica = await cluster.replica('r', { secret })
      await settled(master, replica)
      await cluster.replica('x', { secret })
      await until('it is refused', () => refusals(cluster.node('x').events).includes('m: unauthorized'))
      await cluster.replica('y', { secret: { active: 'r', keys: { r: OTHER } } })
      await until('it is refused', () => refusals(cluster.node('y').events).includes('m: secret'))
      expect(asked[0]).toEqual(['r', 'r'])
      expect(asked.flat()).not.toContain('y')
    })

    test('a secret is changed without a moment in which nothing replicates', async () => {
      const master = await cluster.master({ secret: { active: 'old', keys: { old: SECRET } } })
      const things = await master.createCollection('things', SHAPE)
      const replica = await cluster.replica('r', { secret: { active: 'old', keys: { old: SECRET } } })
      await settled(master, replica)
      const both = { old: SECRET, new: OTHER }
      const write = (id: number) => things.upsert(record(id), { writeConcern: { w: 2, timeoutMs: 10_000 } })
      master.replication.setSecret({ active: 'old', keys: both })
      await write(1)
      replica.replication.setSecret({ active: 'new', keys: both })
      await write(2)
      expect(cluster.links().links).toHaveLength(1)
      // The link that the old key was proved on is given up with that key; the replica has another one by then.
      master.replication.setSecret({ active: 'new', keys: { new: OTHER } })
      await until('it came again', () => cluster.links().links.length === 2)
      await write(3)
      replica.replication.setSecret({ active: 'new', keys: { new: OTHER } })
      await write(4)
      await settled(master, replica)
      await expectSame(master, replica)
      expect(cluster.links().links).toHaveLength(2)
      expect(
        cluster
          .links()
          .kinds('received')
          .filter((kind) => kind === 'snapshot-start'),
      ).toHaveLength(1)
      const rotations = (id: string) =>
        cluster.node(id).events.flatMap((event) => (event.kind === 'key-rotated' ? [event] : []))
      expect(rotations('m')).toEqual([
        { kind: 'key-rotated', keyId: 'old', keyIds: ['new', 'old'] },
        { kind: 'key-rotated', keyId: 'new', keyIds: ['new'] },
      ])
      expect(rotations('r').map(({ keyId }) => keyId)).toEqual(['new', 'new'])
      const [former] = [await cluster.replica('former', { secret: { active: 'old', keys: { old: SECRET } } })]
      await until('it is refused', () => refusals(cluster.node('former').events).includes('m: secret'))
      expect(former?.listCollections()).toEqual([])
    })

    test('a replica whose key was taken from it proves itself again', async () => {
      const keys = { a: SECRET, b: OTHER }
      const master = await cluster.master({ secret: { active: 'a', keys } })
      await master.createCollection('things', SHAPE)
      const replica = await cluster.replica('r', { secret: { active: 'a', keys } })
      await settled(master, replica)
      replica.replication.setSecret({ active: 'b', keys: { b: OTHER } })
      await until('it came again', () => cluster.links().links.length === 2)
      await settled(master, replica)
      expect(() => replica.replication.setSecret('')).toThrow(
        expect.objectContaining({ code: 'OPTIONS_INVALID' }),
      )
    })

    test.each([
      ['changed', (frame: Uint8Array) => [flipped(frame)]],
      ['left out', () => []],
      ['repeated', (frame: Uint8Array) => [frame, frame]],
      ['without its code', (frame: Uint8Array) => [frame.subarray(0, -32)]],
      ['too short for one', () => [new Uint8Array(3)]],
    ])('with codes on the frames, one that is %s ends the link, in both directions', async (_, fake) => {
      const master = await cluster.master({ secret: SECRET, authenticateFrames: true })
      const things = await master.createCollection('things', SHAPE)
      await things.upsert(records(10))
      const replica = await cluster.replica('r', { secret: SECRET })
      await settled(master, replica)
      for (const way of ['received', 'sent'] as Way[]) {
        const before = cluster.links().links.length
        let isDone = false
        cluster.links().tamper = (frame, at) => {
          if (isDone || at !== way) return [frame]
          isDone = true
          return fake(frame)
        }
        await things.upsert(record(way === 'sent' ? 11 : 12))
        // A frame that was left out is missed when the next one comes.
        await until('it came again', async () => {
          await things.upsert(record(13))
          return cluster.links().links.length > before && isDone
        })
        cluster.links().heal()
        await settled(master, replica)
        await expectSame(master, replica)
        const judge = cluster.node(way === 'sent' ? 'm' : 'r')
        const ends = judge.events.flatMap((event) => (event.kind === 'disconnected' ? [event.code] : []))
        expect(ends.at(-1)).toBe('PROTOCOL_VIOLATED')
      }
    })

    test('codes go on frames that are cut into parts, too', async () => {
      const master = await cluster.master({ secret: SECRET, authenticateFrames: true })
      const things = await master.createCollection('things', SHAPE)
      await things.upsert(records(200))
      const transport = cluster.transport('r', false)
      const small = {
        dial: async (peer: Parameters<typeof transport.dial>[0], options: { signal: AbortSignal }) => {
          const link = await transport.dial({ ...peer, ...cluster.placeOf('m') }, options)
          return narrowed(link, 1_024)
        },
        listen: transport.listen,
      }
      const replica = await cluster.replica('r', { secret: SECRET, transport: small })
      await settled(master, replica)
      await expectSame(master, replica)
    })

    test('of many that begin to talk and do not go on, the oldest are sent away', async () => {
      const master = await cluster.master({ secret: SECRET })
      await master.createCollection('things', SHAPE)
      const crowd: FalsePeer[] = []
      for (let count = 0; count < 70; count++) {
        const peer = await falseReplica(cluster, master, `loris${count}`)
        await peer.say(hello(`loris${count}`, { keyId: 'default' }))
        crowd.push(peer)
      }
      for (const peer of crowd.slice(0, 6))
        expect((await peer.hearAll()).at(-1)).toMatchObject(refusedWith('busy'))
      const replica = await cluster.replica('r', { secret: SECRET })
      await settled(master, replica)
      await Promise.all(crowd.map((peer) => peer.close()))
    })
  },
  [IN_MEMORY],
)

describe('a master that others can reach', () => {
  describeClusters(
    (cluster) => {
      test.each([
        ['every address and no secret', '0.0.0.0', {}, ['open']],
        ['this machine alone', '127.0.0.1', {}, []],
        ['a secret', '0.0.0.0', { secret: SECRET }, []],
        ['a secret that can be guessed', '127.0.0.1', { secret: 'hunter2' }, ['weak-secret']],
      ])('with %s is warned of it once', async (_, host, options, expected) => {
        const transport = tcp({ id: 'm', listen: { host, port: 0 } })
        const { store } = await cluster.open('m', { role: 'master', transport, ...options })
        const port = transport.address?.split(':').at(-1)
        await cluster.open('r', {
          role: 'replica',
          transport: tcp({ id: 'r' }),
          master: { id: 'm', address: `127.0.0.1:${port}` },
          ...options,
        })
        await (await store.createCollection('things', SHAPE)).upsert(record(1), { writeConcern: { w: 2 } })
        const insecure = cluster
          .node('m')
          .warnings.filter(({ code }) => code === 'LINK_INSECURE')
          .map(({ details }) => details.reason)
        expect(insecure).toEqual(expected)
      })
    },
    [IN_MEMORY],
  )
})

function read(frame: Uint8Array): Message | undefined {
  try {
    return decodeWire(frame) as Message
  } catch {
    return undefined
  }
}

function flipped(frame: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(frame)
  copy[copy.length >> 1] = (copy[copy.length >> 1] as number) ^ 4
  return copy
}

/** A link that keeps what is sent over it. */
function recording(link: Link, into: Uint8Array[]): Link {
  return wrapped(link, {
    send: (frame) => {
      into.push(Uint8Array.from(frame))
      return link.send(frame)
    },
  })
}

function narrowed(link: Link, maxFrameBytes: number): Link {
  return wrapped(link, { maxFrameBytes })
}

function wrapped(link: Link, changes: Partial<Pick<Link, 'send' | 'maxFrameBytes'>>): Link {
  return {
    peer: link.peer,
    maxFrameBytes: changes.maxFrameBytes ?? link.maxFrameBytes,
    send: changes.send ?? ((frame) => link.send(frame)),
    close: (reason) => link.close(reason),
    [Symbol.asyncIterator]: () => link[Symbol.asyncIterator](),
    [Symbol.asyncDispose]: () => link.close(),
  }
}
