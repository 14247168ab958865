/** Handshakes that are damaged, invented, stolen or cut down: none makes a replica known, each is counted. */
import { expect, test } from 'vitest'
import type { Hello, Message } from '../../lib/replication/protocol/messages.js'
import { decodeWire, encodeWire } from '../../lib/replication/protocol/wire-codec.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { seedsFor } from '../seeds.js'
import { type Cluster, describeClusters, IN_MEMORY, OVER_TCP, settled, until } from './cluster.js'
import { FalsePeer, hello } from './false-peer.js'
import { HealthyPair, SECRET } from './healthy-pair.js'
import { WatchedTransport } from './watched-links.js'

const SEEDS = seedsFor(150)
/** So that nobody is locked out, who all come from one address here. */
const OPEN_EARS = { attemptLimit: { perMinute: 10_000, lockoutMs: 1_000 } }
/** The words of docs/PROTOCOL.md for somebody who never joined. */
const REASONS = ['cluster', 'handshake', 'protocol', 'role', 'secret', 'self', 'unauthorized', 'version']

/** All that an honest node said and heard on its way in. */
async function recorded(pair: HealthyPair, id: string) {
  const { cluster } = pair
  const said: Record<'sent' | 'received', Uint8Array[]> = { sent: [], received: [] }
  const transport = new WatchedTransport(cluster.transport(id, false), (peer) => ({
    ...peer,
    ...cluster.placeOf(peer.id),
  }))
  transport.tamper = (frame, way) => {
    said[way].push(Uint8Array.from(frame))
    return [frame]
  }
  const { store } = await cluster.open(id, {
    role: 'replica',
    master: { id: 'm' },
    transport,
    secret: SECRET,
  })
  await settled(pair.master, store)
  await cluster.close(id)
  const hasLeft = () =>
    cluster.node('m').events.some((event) => event.kind === 'disconnected' && event.peerId === id)
  await until('it left', hasLeft)
  pair.master.replication.forget(id)
  expect(said.sent.slice(0, 3).map((frame) => decodeWire(frame).kind)).toEqual(['hello', 'proof', 'place'])
  return said
}

function mutated(frame: Uint8Array, random: SeededRandom): Uint8Array {
  const bytes = [...frame]
  for (let changes = 1 + random.int(4); changes > 0; changes--) {
    const at = random.int(Math.max(1, bytes.length))
    const how = random.int(5)
    if (how === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(8))
    else if (how === 1) bytes[at] = random.int(256)
    else if (how === 2) bytes.splice(at, 1 + random.int(8))
    else if (how === 3) bytes.splice(at, 0, ...random.bytes(1 + random.int(8)))
    else bytes.length = at
  }
  return Uint8Array.from(bytes)
}

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

async function sayAll(peer: FalsePeer, frames: readonly Uint8Array[]): Promise<void> {
  for (const frame of frames) await peer.sayBytes(frame).catch(() => undefined)
}

describeClusters(
  (cluster) => {
    test(`fuzzed handshakes are refused and counted, one by one (seeds ${SEEDS[0]} to ${SEEDS.at(-1)})`, async () => {
      const pair = await HealthyPair.begin(cluster, { secret: SECRET, ...OPEN_EARS })
      const { sent } = await recorded(pair, 's')
      const kinds = ['mutated', 'random', 'shuffled', 'repeated'] as const
      for (const seed of SEEDS) {
        const random = new SeededRandom(`handshake ${seed}`)
        const kind = kinds[seed % kinds.length] as (typeof kinds)[number]
        const at = random.int(3)
        const frames = {
          mutated: sent.map((frame, index) => (index === at ? mutated(frame, random) : frame)),
          random: [random.bytes(random.int(300)), ...sent],
          shuffled: shuffled(sent, random),
          repeated: [sent[0]!, sent[0]!, ...sent],
        }[kind]
        const before = pair.refused
        const peer = await pair.dial('s')
        await sayAll(peer, frames)
        const heard = (await peer.hearAll()).map((message) => message.kind)
        const what = `seed ${seed}, ${kind}`
        await until(`${what} is counted`, () => pair.refused === before + 1)
        expect([[], ['challenge'], ['refusal'], ['challenge', 'refusal']], what).toContainEqual(heard)
        expect(pair.refusals, what).toHaveLength(pair.refused)
        expect(REASONS, what).toContain(pair.refusals.at(-1)?.reason)
        expect(pair.refusals.at(-1)?.message.length, what).toBeGreaterThan(10)
        expect(pair.replicaIds, what).toEqual(['r'])
      }
      await pair.expectUnharmed()
    })

    test.each<[string, Partial<Hello>, string]>([
      ['a node id of a mebibyte', { nodeId: 'n'.repeat(1_000_000) }, 'protocol'],
      ['a cluster id of a mebibyte', { clusterId: 'n'.repeat(1_000_000) }, 'protocol'],
      ['a key id of a mebibyte', { keyId: 'n'.repeat(1_000_000) }, 'protocol'],
      ['a role of a mebibyte', { role: 'n'.repeat(1_000_000) }, 'protocol'],
      ['a codec of a mebibyte', { codecs: ['n'.repeat(1_000_000)] }, 'protocol'],
      ['a nonce of a mebibyte', { nonce: new Uint8Array(1_000_000) }, 'protocol'],
      ['a name of 257 bytes', { instanceId: `${'é'.repeat(128)}e` }, 'protocol'],
      ['100 000 versions', { versions: Array.from({ length: 100_000 }, (_, at) => at + 2) }, 'protocol'],
      ['65 codecs', { codecs: Array.from({ length: 65 }, (_, at) => `codec ${at}`) }, 'protocol'],
      ['100 000 codecs', { codecs: Array<string>(100_000).fill('c') }, 'protocol'],
      ['no name', { nodeId: '' }, 'protocol'],
      ['no versions', { versions: [] }, 'version'],
      ['the name of the master', { nodeId: 'm' }, 'self'],
      ['the role of a master', { role: 'master' }, 'role'],
      ['another cluster', { clusterId: 'another' }, 'cluster'],
      ['a key that nobody has', { keyId: '__proto__' }, 'secret'],
      ['no key', { keyId: '' }, 'secret'],
    ])('a hello with %s is refused and counted', async (_, changes, reason) => {
      const pair = await HealthyPair.begin(cluster, { secret: SECRET, ...OPEN_EARS })
      const peer = await pair.dial('stranger')
      await peer.say(hello('stranger', { keyId: 'default', ...changes })).catch(() => undefined)
      const heard = await peer.hearAll()
      expect(heard.map(({ kind }) => kind).filter((kind) => kind !== 'refusal')).toEqual([])
      await until('it is counted', () => pair.refused === 1)
      expect(pair.refusals).toMatchObject([{ reason, message: expect.any(String) }])
      await pair.expectUnharmed()
    })

    test('who has the name of a replica and not the secret does not take its place', async () => {
      const pair = await HealthyPair.begin(cluster, { secret: SECRET, ...OPEN_EARS })
      for (let count = 0; count < 5; count++) {
        const peer = await pair.dial('r')
        await peer.say(hello('r', { keyId: 'default' }))
        await peer.hear()
        await peer.say({ kind: 'proof', proof: new Uint8Array(32).fill(count) })
        expect(await peer.hearAll()).toMatchObject([{ kind: 'refusal', reason: 'secret' }])
      }
      expect(pair.refusals.map(({ peerId, reason }) => `${peerId}: ${reason}`)).toEqual(
        Array(5).fill('r: secret'),
      )
      await pair.expectUnharmed()
    })

    test('a stolen conversation is worth nothing, whole or with a fresh nonce', async () => {
      const pair = await HealthyPair.begin(cluster, { secret: SECRET, ...OPEN_EARS })
      const { sent } = await recorded(pair, 's')
      const first = decodeWire(sent[0]!) as Hello
      const spliced = encodeWire({ ...first, nonce: new Uint8Array(32).fill(3) })
      for (const frames of [sent, [spliced, ...sent.slice(1)]]) {
        const before = pair.refusals.length
        const thief = await pair.dial('s')
        await sayAll(thief, frames)
        expect((await thief.hearAll()).map(({ kind }) => kind)).toEqual(['challenge', 'refusal'])
        await until('it is counted', () => pair.refusals.length === before + 1)
        expect(pair.refusals.at(-1)).toMatchObject({ peerId: 's', reason: 'secret' })
      }
      await pair.expectUnharmed()
    })
  },
  [IN_MEMORY, OVER_TCP],
)

describeClusters(
  (cluster) => {
    test('what an honest master said is worth nothing to another replica, or to the same later', async () => {
      const pair = await HealthyPair.begin(cluster, { secret: SECRET, ...OPEN_EARS })
      const { received } = await recorded(pair, 's')
      for (const id of ['s', 'another']) {
        const { store } = await cluster.open(id, { role: 'replica', secret: SECRET })
        const [near, far] = await cluster.linkPair(id, 'm')
        store.replication.follow(near)
        const thief = new FalsePeer(far)
        expect(await thief.hear()).toMatchObject({ kind: 'hello', nodeId: id })
        await sayAll(thief, received)
        expect(await thief.hearAll()).toMatchObject([{ kind: 'refusal', reason: 'secret' }])
        expect(store.listCollections()).toEqual([])
        expect(store.replication.getStats()?.refused).toBe(1)
      }
      await pair.expectUnharmed()
    })

    test('what a master said before is worth nothing to a replica that was open all the time', async () => {
      const pair = await HealthyPair.begin(cluster, { secret: SECRET, ...OPEN_EARS })
      const received: Uint8Array[] = []
      const transport = new WatchedTransport(cluster.transport('s', false))
      transport.tamper = (frame, way) => {
        received.push(...(way === 'received' ? [Uint8Array.from(frame)] : []))
        return [frame]
      }
      const options = { role: 'replica', master: { id: 'm' }, transport, secret: SECRET } as const
      const { store } = await cluster.open('s', options)
      await settled(pair.master, store)
      await transport.isolate()
      const [near, far] = await cluster.linkPair('s', 'm')
      store.replication.follow(near)
      const thief = new FalsePeer(far)
      expect(await thief.hear()).toMatchObject({ kind: 'hello', nodeId: 's' })
      await sayAll(thief, received)
      expect(await thief.hearAll()).toMatchObject([{ kind: 'refusal', reason: 'secret' }])
      expect(transport.kinds('sent').filter((kind) => kind === 'place').length).toBeGreaterThan(0)
      transport.heal()
      await until('it is linked again', () => store.replication.getStats()?.linked === true)
      await pair.expectUnharmed('s')
    })

    test.each(['sent', 'received'] as const)(
      'with codes on the frames, one that was %s earlier, in this conversation or the last, ends the link',
      async (way) => {
        const pair = await HealthyPair.begin(cluster, { secret: SECRET, authenticateFrames: true })
        const victim = await cluster.replica('v', { secret: SECRET })
        await settled(pair.master, victim)
        const links = cluster.links('v')
        for (const age of ['this', 'last'] as const) {
          const kept: Uint8Array[] = []
          const before = links.links.length
          links.tamper = (frame, at) => {
            if (at === way) kept.push(Uint8Array.from(frame))
            return [frame]
          }
          await until('some frames passed', () => kept.length > 5)
          links.tamper = (frame) => [frame]
          await BETWEEN[age](cluster)
          const now = links.links.length
          let isDone = false
          links.tamper = (frame, at) => {
            if (isDone || at !== way) return [frame]
            isDone = true
            return [frame, kept[2] as Uint8Array]
          }
          await until('the link ended', () => links.links.length > now)
          links.heal()
          expect(now).toBe(age === 'this' ? before : before + 1)
          await settled(pair.master, victim)
          const judge = cluster.node(way === 'sent' ? 'm' : 'v')
          const ends = judge.events.flatMap((event) => (event.kind === 'disconnected' ? [event.code] : []))
          expect(ends.at(-1)).toBe('PROTOCOL_VIOLATED')
        }
        await pair.expectUnharmed('v')
      },
    )

    test.each<[string, (said: Message) => Message | false]>([
      ['no codecs', (said) => said.kind === 'hello' && { ...said, codecs: [] }],
      [
        'the codecs without the best',
        (said) => said.kind === 'hello' && { ...said, codecs: said.codecs.slice(1) },
      ],
      [
        'the codecs turned around',
        (said) => said.kind === 'hello' && { ...said, codecs: said.codecs.toReversed() },
      ],
      ['an older version as well', (said) => said.kind === 'hello' && { ...said, versions: [1, 0] }],
      ['a newer version as well', (said) => said.kind === 'hello' && { ...said, versions: [2, 1] }],
      ['the version twice', (said) => said.kind === 'hello' && { ...said, versions: [1, 1] }],
      ['another codec of those offered', (said) => said.kind === 'challenge' && { ...said, codec: 'lz4' }],
      ['a key id that is none', (said) => said.kind === 'hello' && { ...said, keyId: '' }],
    ])('who makes %s of what was said gets no link where there is a secret', async (_, change) => {
      const options = { secret: SECRET, ...OPEN_EARS, compression: { codecs: ['deflate', 'lz4'] } } as const
      const pair = await HealthyPair.begin(cluster, options)
      const transport = new WatchedTransport(cluster.transport('v', false))
      transport.tamper = (frame) => {
        const said = decodeWire(frame) as Message
        return [encodeWire(change(said) || said)]
      }
      const { store } = await cluster.open('v', {
        ...{ role: 'replica', master: { id: 'm' }, transport },
        ...options,
      })
      await until('it was refused more than once', () => (store.replication.getStats()?.refused ?? 0) > 1)
      expect(transport.kinds('received')).not.toContain('welcome')
      expect(transport.kinds('sent')).not.toContain('place')
      expect(store.listCollections()).toEqual([])
      expect(pair.refused).toBeGreaterThan(0)
      expect(new Set(pair.refusals.map(({ reason }) => reason))).toEqual(new Set(['secret']))
      await cluster.close('v')
      await pair.expectUnharmed()
    })
  },
  [IN_MEMORY],
)

/** What happens between the time a frame is kept and the time it comes again. */
const BETWEEN = { this: async () => {}, last: newLink }

async function newLink(cluster: Cluster): Promise<void> {
  const links = cluster.links('v')
  const before = links.links.length
  await links.cut()
  await until('it came again', () => links.links.length > before)
  await until('it is linked', () => cluster.node('v').store.replication.getStats()?.linked === true)
}
