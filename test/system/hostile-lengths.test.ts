/** Lengths that lie and messages that never end: the link is closed, and nobody has memory for what was announced. */
import { describe, expect, test } from 'vitest'
import { encodeWire } from '../../lib/replication/protocol/wire-codec.js'
import {
  describeClusters,
  expectSame,
  IN_MEMORY,
  OVER_TCP,
  records,
  SHAPE,
  settled,
  until,
} from './cluster.js'
import { FalsePeer, hello } from './false-peer.js'
import { behind, HealthyPair, SECRET } from './healthy-pair.js'
import { DOORS, type Stranger } from './strangers.js'
import { usedBufferBytes } from '../used-bytes.js'

const MIB = 1024 * 1024
/** Who has proved nothing says nothing larger. */
const SAID_BYTES_MAX = 64 * 1024
const OPTIONS = {
  secret: SECRET,
  attemptLimit: { perMinute: 10_000, lockoutMs: 1_000 },
}

const HELLO = encodeWire(hello('large', { keyId: 'default' }))

/** A message that is so many bytes for a field that nobody knows. */
function padded(said: Uint8Array, bytes: number): Uint8Array {
  // Field 99, bytes: the tag has two bytes and a length of this size three.
  const padding = Buffer.alloc(bytes - said.byteLength)
  const length = padding.byteLength - 5
  padding.set([0x9a, 0x06, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14])
  return Buffer.concat([said, padding])
}

describeClusters(
  (cluster) => {
    test('before its proof a replica may say a message of 64 KiB, and not one byte more', async () => {
      const pair = await HealthyPair.begin(cluster, OPTIONS)
      const fitting = await pair.dial('large')
      await fitting.sayBytes(padded(HELLO, SAID_BYTES_MAX))
      expect(await fitting.hear()).toMatchObject({ kind: 'challenge' })
      await fitting.close()
      const before = pair.refused
      const larger = await pair.dial('large')
      await larger.sayBytes(padded(HELLO, SAID_BYTES_MAX + 1)).catch(() => undefined)
      expect(await larger.hearAll()).toEqual([])
      await until('it is counted', () => pair.refused === before + 1)
      expect(pair.refusals.at(-1)).toMatchObject({ reason: 'protocol' })
      await pair.expectUnharmed()
    })

    test.each([1, 20, 1_000, 50_000])(
      'a message in parts of %i bytes that never ends is closed at 64 KiB',
      async (bytes) => {
        const pair = await HealthyPair.begin(cluster, OPTIONS)
        const peer = await pair.dial('endless')
        const part = encodeWire({ kind: 'part', bytes: new Uint8Array(bytes), last: false })
        const most = SAID_BYTES_MAX / bytes + 10_000
        let sent = 0
        // In handfuls: one after the other would take as many turns as there are parts.
        for (let isOpen = true; isOpen && sent < most; sent += 500)
          isOpen = await Promise.all(Array.from({ length: 500 }, () => peer.sayBytes(part))).then(
            () => true,
            () => false,
          )
        expect(await peer.hearAll()).toEqual([])
        await until('it is counted', () => pair.refused === 1)
        expect(pair.refusals).toMatchObject([{ reason: 'protocol' }])
        await pair.expectUnharmed()
      },
    )

    test('parts of nothing, parts of parts and an end in the middle are refused', async () => {
      const pair = await HealthyPair.begin(cluster, OPTIONS)
      const part = encodeWire({ kind: 'part', bytes: new Uint8Array(9), last: false })
      for (const said of [
        [encodeWire({ kind: 'part', bytes: new Uint8Array(0), last: false })],
        [encodeWire({ kind: 'part', bytes: part, last: true })],
        [part, encodeWire(hello('x'))],
      ]) {
        const before = pair.refused
        const peer = await pair.dial('x')
        for (const frame of said) await peer.sayBytes(frame)
        expect(await peer.hearAll()).toEqual([])
        await until('it is counted', () => pair.refused === before + 1)
        expect(pair.refusals.at(-1)).toMatchObject({ reason: 'protocol' })
      }
      const leaver = await pair.dial('x')
      await leaver.sayBytes(part)
      await leaver.close()
      await until('it is counted', () => pair.refused === 4)
      await pair.expectUnharmed()
    })
  },
  [IN_MEMORY, OVER_TCP],
)

describeClusters(
  (cluster) => {
    test.each([1, 20, 1_000, 50_000])(
      'of a master that has proved nothing 64 KiB in parts of %i bytes are taken, and its replica waits for its own',
      async (bytes) => {
        const { store: replica } = await cluster.open('r', { role: 'replica', ...OPTIONS })
        const [near, far] = await cluster.linkPair('r', 'm')
        replica.replication.follow(near)
        const peer = new FalsePeer(far)
        await peer.hear()
        const part = encodeWire({ kind: 'part', bytes: new Uint8Array(bytes), last: false })
        await Promise.allSettled(
          Array.from({ length: Math.ceil((64 * 1024 + 1) / bytes) }, () => peer.sayBytes(part)),
        )
        expect(await peer.hearAll()).toEqual([])
        expect(replica.replication.getStats()).toMatchObject({ linked: false, position: { seq: 0 } })
        const master = await cluster.master(OPTIONS)
        await (await master.createCollection('things', SHAPE)).upsert(records(5))
        const [there, back] = await cluster.linkPair('r', 'm')
        void master.replication.accept(back)
        replica.replication.follow(there)
        await settled(master, replica)
        await expectSame(master, replica)
      },
    )

    test('a replica that has proved itself may say a mebibyte, and not one byte more', async () => {
      await cluster.master()
      for (const [bytes, isTaken] of [
        [MIB, true],
        [MIB + 1, false],
      ] as const) {
        const { signal } = new AbortController()
        const peer = new FalsePeer(
          await cluster.transport('large', false).dial({ id: 'm', ...cluster.placeOf('m') }, { signal }),
        )
        expect(await peer.joinAs('large')).toMatchObject({ kind: 'welcome' })
        const place = encodeWire({
          ...{ kind: 'place', historyId: 'none', epochs: [], last: { epoch: 1, seq: 0 } },
          ...{ snapshotId: '', snapshotBytes: 0, resync: false },
        })
        await peer.sayBytes(padded(place, bytes)).catch(() => undefined)
        const heard = isTaken ? await peer.hear() : (await peer.hearAll()).at(-1)
        expect(heard?.kind).toBe(isTaken ? 'welcome' : undefined)
        await peer.close()
      }
    })
  },
  [IN_MEMORY, OVER_TCP],
)

describe.each(DOORS.filter(({ name }) => name !== 'WebSocket'))('over $name', (door) => {
  describeClusters(
    (cluster) => {
      test.each([
        ['4 GiB less two bytes', 0xffff_fffe],
        ['4 GiB less three bytes', 0xffff_fffd],
        ['2 GiB', 0x8000_0000],
        ['a byte more than was agreed on', MIB + 1],
      ])('a frame that is announced with %s ends its link at once', async (_, length) => {
        const { pair, address } = await behind(cluster, door)
        const header = Buffer.alloc(4)
        header.writeUInt32LE(length, 0)
        const crowd: Stranger[] = []
        const before = process.memoryUsage().arrayBuffers
        for (let count = 0; count < 20; count++) {
          const early = await door.enter(address)
          early.dribble(header)
          const late = await door.enter(address)
          late.greet(`late${count}`)
          late.dribble(header)
          late.dribble(new Uint8Array(1_000))
          crowd.push(early, late)
        }
        await until('all are closed', () => crowd.every(({ isOpen }) => !isOpen))
        expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * MIB)
        await pair.expectUnharmed()
      })
    },
    [IN_MEMORY],
  )
})

describe.each(DOORS.filter(({ name }) => name === 'WebSocket'))('over a $name', (door) => {
  describeClusters(
    (cluster) => {
      test('a message in pieces ends its link when more came than a frame of a joining node may be', async () => {
        const { pair, address } = await behind(cluster, door)
        const crowd: Stranger[] = []
        const before = usedBufferBytes()
        for (let count = 0; count < 20; count++) {
          const stranger = await door.enter(address)
          stranger.greet(`large${count}`, 16 * MIB)
          crowd.push(stranger)
        }
        const piece = new Uint8Array(64 * 1024)
        // Fewer than the package takes of one message, which is 16 MiB.
        for (let pieces = 0; pieces < 250; pieces++) {
          for (const stranger of crowd) if (stranger.isOpen) stranger.dribble(piece)
          await new Promise((resolve) => setImmediate(resolve))
          // Measured while they are open: what is held for one of them is not garbage.
          if (pieces % 50 === 49)
            await expect.poll(() => usedBufferBytes() - before, { timeout: 2_000 }).toBeLessThan(32 * MIB)
        }
        await until('all are closed', () => crowd.every(({ isOpen }) => !isOpen))
        await pair.expectUnharmed()
      })
    },
    [IN_MEMORY],
  )
})
