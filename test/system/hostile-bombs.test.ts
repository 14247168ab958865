/** A master that knows the secret and sends what is compressed to do harm: the replica refuses it, and its memory stays what it was. */
import { deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { VectorStore } from '../../lib/index.js'
import { PLAIN_BYTES_MAX } from '../../lib/replication/protocol/message-limits.js'
import type { Packed, WireMessage } from '../../lib/replication/protocol/messages.js'
import { encodeWire } from '../../lib/replication/protocol/wire-codec.js'
import {
  type Cluster,
  contents,
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
import { HealthyPair, SECRET } from './healthy-pair.js'
import { usedBytes } from '../used-bytes.js'

const MIB = 1024 * 1024
const NONE = new Uint8Array(0)
const OPTIONS = { secret: SECRET, compression: { codecs: ['deflate'] } } as const

const ACK = {
  kind: 'ack',
  receivedSeq: 1,
  durableSeq: 1,
  appliedSeq: 1,
  snapshotBytes: 0,
  question: 0,
} as const
const FAREWELL = { kind: 'refusal', code: 'POSITION_LOST', reason: 'resync', message: 'begin anew' } as const
const PIECE = { kind: 'snapshot-piece', atByte: 0, sentAtMs: 1, headSeq: 9, last: false } as const

/** A message as a compressing master sends it, with nothing cut out. */
function packedOf(message: WireMessage): Packed {
  return packed(Buffer.concat([Uint8Array.of(0), encodeWire(message)]))
}

function packed(plain: Uint8Array, plainBytes = plain.byteLength): Packed {
  return { kind: 'packed', rest: deflateRawSync(plain), plainBytes, vectors: NONE }
}

/** A valid list of cuts, and a message that is none. */
function zeros(bytes: number): Uint8Array {
  return new Uint8Array(bytes)
}

class Victim {
  readonly #cluster: Cluster
  readonly #master: VectorStore
  readonly replica: VectorStore
  readonly before: unknown

  private constructor(cluster: Cluster, master: VectorStore, replica: VectorStore, before: unknown) {
    this.#cluster = cluster
    this.#master = master
    this.replica = replica
    this.before = before
  }

  /** A replica with some data, whose links come by hand. */
  static async begin(cluster: Cluster): Promise<Victim> {
    const master = await cluster.master(OPTIONS)
    await (await master.createCollection('things', SHAPE)).upsert(records(20))
    const { store } = await cluster.open('v', { role: 'replica', ...OPTIONS })
    const victim = new Victim(cluster, master, store, undefined)
    await victim.followMaster()
    return new Victim(cluster, master, store, await contents(store))
  }

  async followMaster(): Promise<void> {
    const [near, far] = await this.#cluster.linkPair('v', 'm')
    void this.#master.replication.accept(far)
    this.replica.replication.follow(near)
    await settled(this.#master, this.replica)
  }

  /** A false master at the other end of a new link. */
  async meet(): Promise<FalsePeer> {
    const [near, far] = await this.#cluster.linkPair('v', 'm')
    this.replica.replication.follow(near)
    return new FalsePeer(far)
  }

  /** Why links ended at the replica, oldest first. */
  get ends(): (string | null)[] {
    return this.#cluster
      .node('v')
      .events.flatMap((event) => (event.kind === 'disconnected' ? [event.code] : []))
  }

  /** How often it refused somebody whom it never joined. */
  get refused(): number {
    return this.replica.replication.getStats()?.refused ?? 0
  }

  async expectUnharmed(): Promise<void> {
    expect(await contents(this.replica)).toEqual(this.before)
    await (await this.#master.openCollection('things')).upsert(record(99))
    await this.followMaster()
    await expectSame(this.#master, this.replica)
    expect(this.replica.getStats().readOnly).toBeNull()
  }
}

/** As many bytes as may be, of which a frame has a thousandth. */
const LARGEST = packed(zeros(PLAIN_BYTES_MAX))
const LARGE = packed(zeros(32 * MIB))

describeClusters(
  (cluster) => {
    test.each<[string, Packed]>([
      ['announced as more than may be', { ...LARGEST, plainBytes: PLAIN_BYTES_MAX + 1 }],
      ['announced as 4 GiB', { ...LARGEST, plainBytes: 2 ** 32 - 1 }],
      ['announced as nothing', { ...LARGEST, plainBytes: 0 }],
      ['more than is announced', { ...LARGE, plainBytes: PLAIN_BYTES_MAX }],
      ['more than is announced, by a byte', { ...LARGEST, plainBytes: PLAIN_BYTES_MAX - 1 }],
      ['less than is announced', packed(zeros(MIB), PLAIN_BYTES_MAX)],
      ['nothing at all', { kind: 'packed', rest: NONE, plainBytes: MIB, vectors: NONE }],
      ['noise', { kind: 'packed', rest: Buffer.from('no such thing'), plainBytes: MIB, vectors: NONE }],
      ['zeros, which are no message', LARGEST],
      ['compressed once more', packedOf(packedOf({ ...PIECE, bytes: zeros(1_000) }))],
      ['a part', packedOf({ kind: 'part', bytes: zeros(1_000), last: false })],
      ['a hello', packedOf(hello('m'))],
      ['an ack', packedOf(ACK)],
      ['a refusal', packedOf(FAREWELL)],
      ['a list of cuts that lies', packed(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f, 1, 2, 3]))],
      [
        'vectors that nothing is said of',
        { ...packedOf({ ...PIECE, bytes: zeros(99) }), vectors: zeros(MIB) },
      ],
    ])('what is compressed and %s ends the link, and changes nothing', async (_, bomb) => {
      const victim = await Victim.begin(cluster)
      const before = victim.ends.length
      const bomber = await victim.meet()
      await bomber.welcomeAs('m', SECRET, 'deflate')
      await until('it follows', () => victim.replica.replication.getStats()?.linked === true)
      await bomber.say(bomb)
      const kinds = (await bomber.hearAll()).map(({ kind }) => kind)
      expect(kinds.filter((kind) => kind !== 'ack' && kind !== 'refusal')).toEqual([])
      await until('it ended', () => victim.ends.length > before)
      expect(victim.ends.at(-1)).toBe('PROTOCOL_VIOLATED')
      await victim.expectUnharmed()
    })

    test('a thousand times what came, fifty times over, leaves the memory as it was', async () => {
      const victim = await Victim.begin(cluster)
      expect(LARGEST.rest.byteLength).toBeLessThan(PLAIN_BYTES_MAX / 1_000)
      const before = usedBytes()
      const peaks: number[] = []
      for (let count = 0; count < 50; count++) {
        const bomber = await victim.meet()
        await bomber.welcomeAs('m', SECRET, 'deflate')
        // All at once: what comes behind the first is not even looked at.
        for (let more = 0; more < 50; more++) await bomber.say(LARGEST).catch(() => undefined)
        await bomber.hearAll()
        peaks.push(process.memoryUsage().arrayBuffers)
      }
      await expect.poll(() => usedBytes() - before).toBeLessThan(16 * MIB)
      // What waits to be collected is little beside the 40 GB that it would all be.
      expect(Math.max(...peaks)).toBeLessThan(50 * 16 * MIB)
      expect(victim.ends.filter((code) => code === 'PROTOCOL_VIOLATED')).toHaveLength(50)
      await victim.expectUnharmed()
    })

    test('what is compressed is refused where no codec was agreed on', async () => {
      const victim = await Victim.begin(cluster)
      const before = victim.ends.length
      const bomber = await victim.meet()
      await bomber.welcomeAs('m', SECRET, '')
      await bomber.say(packedOf({ ...PIECE, bytes: zeros(1_000) }))
      await bomber.hearAll()
      await until('it ended', () => victim.ends.length > before)
      expect(victim.ends.at(-1)).toBe('PROTOCOL_VIOLATED')
      await victim.expectUnharmed()
    })

    test('what is compressed is refused before anything was proved, and a codec that was not offered too', async () => {
      const victim = await Victim.begin(cluster)
      const hasty = await victim.meet()
      await hasty.hear()
      await hasty.say(LARGEST)
      expect((await hasty.hearAll()).map(({ kind }) => kind)).not.toContain('place')
      const inventive = await victim.meet()
      const refusal = inventive.challengeAs('m', SECRET, 'zip')
      expect(await refusal).toBeUndefined()
      await until('both are counted', () => victim.refused === 2)
      const reasons = cluster
        .node('v')
        .events.flatMap((event) => (event.kind === 'refused' ? [event.reason] : []))
      expect(reasons).toEqual(['protocol', 'codec'])
      await victim.expectUnharmed()
    })

    test('a compressed message of a replica is refused and counted, and the others go on', async () => {
      const pair = await HealthyPair.begin(cluster, OPTIONS)
      for (const said of [packedOf(hello('x', { keyId: 'default', codecs: ['deflate'] })), LARGEST]) {
        const early = await pair.dial('x')
        await early.say(said)
        expect(await early.hearAll()).toEqual([])
        const late = await pair.dial('x')
        await late.say(hello('x', { keyId: 'default', codecs: ['deflate'] }))
        expect(await late.hear()).toMatchObject({ kind: 'challenge', codec: 'deflate' })
        await late.say(said)
        expect((await late.hearAll()).filter(({ kind }) => kind !== 'refusal')).toEqual([])
      }
      await until('all are counted', () => pair.refused === 4)
      expect(pair.refusals.map(({ reason }) => reason)).toEqual(Array(4).fill('protocol'))
      await pair.expectUnharmed()
    })

    test('a false master that does not know the secret does not get to say anything compressed', async () => {
      const victim = await Victim.begin(cluster)
      const impostor = await victim.meet()
      const said = impostor.challengeAs('m', 'another one of thirty characters', 'deflate')
      expect(await said).toBeUndefined()
      await impostor.say(LARGEST).catch(() => undefined)
      await until('it is counted', () => victim.refused === 1)
      expect(victim.replica.replication.getStats()?.compression).toBeNull()
      await victim.expectUnharmed()
    })
  },
  [IN_MEMORY],
)
