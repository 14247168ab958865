/** Links that repeat, reorder, lose, damage and cut what they carry, operations that cannot be applied, and replicas that do not keep up. */
import { expect, test } from 'vitest'
import { encodeCommitFrame } from '../../lib/log/frame.js'
import { decodeWire, encodeWire } from '../../lib/replication/protocol/wire-codec.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { seedsFor } from '../seeds.js'
import {
  contents,
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
import { kindOf, type Tamper, type WatchedLink } from './watched-links.js'

const isStream = (frame: Uint8Array): boolean => ['operations', 'ack', 'heartbeat'].includes(kindOf(frame))

/** What a bad link does with a frame of the stream. */
const FAULTS: Record<string, (frame: Uint8Array, random: SeededRandom, link: WatchedLink) => Uint8Array[]> = {
  duplicated: (frame) => [frame, frame],
  lost: () => [],
  'damaged in its operations': (frame, random) => {
    const damaged = Uint8Array.from(frame)
    // The second half of a frame with operations is in their commits, which have checksums.
    const at = kindOf(frame) === 'operations' ? Math.ceil(frame.length / 2) + random.int(frame.length / 2) : 0
    if (at > 0 && at < frame.length) damaged[at] = (damaged[at] as number) ^ (1 << random.int(8))
    return [damaged]
  },
  'cut short': (frame, random) => [frame.subarray(0, random.int(frame.length))],
  'half delivered before the link breaks': (frame, random, link) => {
    void link.cut()
    return [frame.subarray(0, random.int(frame.length))]
  },
  lengthened: (frame, random) => [Uint8Array.of(...frame, ...random.bytes(1 + random.int(20)))],
}

const SEEDS = seedsFor(3)

describeClusters(
  (cluster) => {
    test.each(Object.keys(FAULTS))('frames are %s', async (name) => {
      const fault = FAULTS[name] as (typeof FAULTS)[string]
      for (const seed of SEEDS) {
        const random = new SeededRandom(`${name} ${seed}`)
        const [m, r] = [`m${seed}`, `r${seed}`]
        const master = await cluster.master({}, m)
        const things = await master.createCollection('things', SHAPE)
        const replica = await cluster.replica(r, { master: { id: m } })
        await settled(master, replica)
        const links = cluster.links(r)
        let left = 6
        links.tamper = (frame, _, link) => {
          if (left === 0 || !isStream(frame) || !random.chance(0.3)) return [frame]
          left -= 1
          return fault(frame, random, link)
        }
        for (let at = 0; left > 0 && at < 300; at++) {
          await until('linked', () => replica.replication.getStats()?.linked === true)
          await Promise.all(records(3, at).map((one) => things.upsert(one)))
        }
        links.heal()
        await links.cut()
        await settled(master, replica)
        await expectSame(master, replica)
        expect(replica.replication.getStats()?.halted, `seed ${seed}`).toBeUndefined()
        expect(
          links.kinds('received').filter((kind) => kind === 'snapshot-start').length,
        ).toBeLessThanOrEqual(1)
      }
    })

    test('frames of the stream change places', async () => {
      const master = await cluster.master()
      const things = await master.createCollection('things', SHAPE)
      const replica = await cluster.replica()
      await settled(master, replica)
      let held: Uint8Array | undefined
      let swaps = 0
      let frames = 0
      const swap: Tamper = (frame, way) => {
        if (way === 'sent' || kindOf(frame) !== 'operations') return [frame]
        frames += 1
        if (held === undefined && swaps < 2) {
          held = frame
          return []
        }
        const first = held
        held = undefined
        swaps += 1
        return first ? [frame, first] : [frame]
      }
      cluster.links().tamper = swap
      for (let at = 0; at < 50; at++) await things.upsert(record(at))
      // A frame that is held back is in flight for the master, which sends no other: a heartbeat would not tell, a cut does.
      while (swaps < 2) {
        await until('linked', () => replica.replication.getStats()?.linked === true)
        const before = frames
        await cluster.links().cut()
        await things.upsert(record(swaps))
        await until('operations came again', () => frames > before)
      }
      cluster.links().heal()
      await cluster.links().cut()
      await settled(master, replica)
      await expectSame(master, replica)
    })

    test('an operation of an unknown kind halts the replica before it, and it is never skipped', async () => {
      const master = await cluster.master()
      const things = await master.createCollection('things', SHAPE)
      await things.upsert(records(3))
      const replica = await cluster.replica()
      await settled(master, replica)
      const before = await contents(replica)
      const links = cluster.links()
      const poisonedSeq = master.replication.position.seq + 1
      // As a newer master would send it.
      links.tamper = (frame, way) => {
        const message = way === 'received' && kindOf(frame) === 'operations' ? decodeWire(frame) : undefined
        if (message?.kind !== 'operations' || message.firstSeq > poisonedSeq || message.lastSeq < poisonedSeq)
          return [frame]
        const frames = encodeCommitFrame({
          ...{
            epoch: 1,
            originId: 'm',
            firstSeq: poisonedSeq,
            count: 1,
            committedAtMs: Date.now(),
            operations: [{}],
          },
        })
        return [encodeWire({ ...message, firstSeq: poisonedSeq, lastSeq: poisonedSeq, frames })]
      }
      await things.upsert(record(100))
      await until('it halts', () => replica.replication.getStats()?.halted !== undefined)
      await things.upsert(record(101))
      const halted = { position: { epoch: 1, seq: poisonedSeq - 1 }, code: 'FORMAT_UNSUPPORTED' }
      expect(replica.replication.getStats()).toMatchObject({ halted, linked: false })
      expect(cluster.node('r').events).toContainEqual({
        kind: 'halted',
        message: expect.any(String),
        ...halted,
      })
      expect(cluster.node('r').warnings).toMatchObject([{ code: 'FORMAT_UNSUPPORTED' }])
      await expect(replica.replication.waitFor()).rejects.toMatchObject({ code: 'FORMAT_UNSUPPORTED' })
      await expect(replica.replication.waitFor(master.replication.position)).rejects.toMatchObject({
        code: 'FORMAT_UNSUPPORTED',
      })
      expect(await contents(replica)).toEqual(before)
      // What it has can be waited for and read.
      await replica.replication.waitFor(halted.position)
      expect(await contents(replica)).toEqual(before)
      // A second try fares no better and says nothing new.
      replica.replication.pause()
      replica.replication.resume()
      await until('it tried again', () => links.links.length === 2 && !replica.replication.getStats()?.linked)
      expect(cluster.node('r').warnings).toHaveLength(1)
      // A master that was mended, or a snapshot, helps.
      links.heal()
      replica.replication.resync()
      await settled(master, replica)
      await expectSame(master, replica)
      expect(replica.replication.getStats()?.halted).toBeUndefined()
      expect(await (await replica.openCollection('things')).get('record 00100')).toMatchObject({
        id: 'record 00100',
      })
    })
  },
  [IN_MEMORY, ON_DISK],
)

describeClusters(
  (cluster) => {
    test('a replica that does not keep up takes no more memory than its budget, and slows nobody', async () => {
      const [inFlight, queued] = [256 * 1024, 512 * 1024]
      const master = await cluster.master({ maxInFlightBytes: inFlight, maxQueuedBytes: queued })
      const things = await master.createCollection('things', { ...SHAPE, dimensions: 256 })
      const [slow, quick] = [await cluster.replica('slow'), await cluster.replica('quick')]
      await settled(master, slow, quick)
      cluster.links('slow').links[0]?.hold()
      for (let round = 0; round < 30; round++) {
        await things.upsert(records(100, round * 100, 256), { writeConcern: { w: 2, timeoutMs: 20_000 } })
        const known = master.replication.getReplicas()?.find(({ id }) => id === 'slow')
        // One commit, of about 120 KB, may be beyond the window: it is let in as long as there is any room.
        expect(known?.inFlightBytes).toBeLessThanOrEqual(inFlight + 150_000)
        expect(known?.queuedBytes).toBeLessThanOrEqual(queued)
      }
      const found = master.replication.getReplicas()
      expect(found?.find(({ id }) => id === 'quick')).toMatchObject({ lagOperations: 0, linked: true })
      expect(found?.find(({ id }) => id === 'slow')).toMatchObject({ linked: true, lagOperations: 3_000 })
      cluster.links('slow').links[0]?.release()
      await settled(master, slow, quick)
      await expectSame(master, slow, quick)
      // It read up on the log on disk: no snapshot was needed.
      expect(
        cluster
          .links('slow')
          .kinds('received')
          .filter((kind) => kind === 'snapshot-start'),
      ).toHaveLength(1)
      await until('in memory again', () => master.replication.getReplicas()?.[1]?.status === 'Connected')
    })
  },
  [IN_MEMORY, OVER_TCP],
)
