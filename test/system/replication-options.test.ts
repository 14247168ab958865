/** How fast a master sends and how long it keeps its log: what the options say, on simulated time. */
import { readdir } from 'node:fs/promises'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { type Transport, VectorStore } from '../../lib/index.js'
import { decodeWire } from '../../lib/replication/protocol/wire-codec.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import {
  type Cluster,
  describeClusters,
  expectSame,
  IN_MEMORY,
  ON_DISK,
  record,
  records,
  SHAPE,
  settled,
  until,
} from './cluster.js'
import { expectRefusal } from './refusal.js'
import { WatchedTransport } from './watched-links.js'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const HEARTBEAT_MS = 10_000
/** Silent for longer than this a node is disconnected. */
const SILENCE_MS = 60_000
const DIMENSIONS = 256
const WIDE = { dimensions: DIMENSIONS, metric: 'dot' } as const
const PIECE_BYTES = 1024 * 1024
/** What a message is wrapped in, at most: the limit is one of operations and snapshots. */
const WRAPPING_BYTES = 64
/** A link that was idle may have so much at once. */
const BURST_MS = 100

interface Arrival {
  readonly atMs: number
  readonly bytes: number
  readonly firstSeq: number
  readonly lastSeq: number
}

/** A replica that writes down when it was sent what. */
class MeteredReplica {
  readonly clock: SimulatedClock
  readonly links: WatchedTransport
  /** Operations and pieces of snapshots. */
  arrivals: Arrival[] = []
  /** When anything at all came. */
  heardAtMs: number[] = []
  store!: VectorStore

  private constructor(cluster: Cluster, clock: SimulatedClock, id: string) {
    this.clock = clock
    this.links = new WatchedTransport(cluster.transport(id, false))
    this.meter()
  }

  static async open(cluster: Cluster, clock: SimulatedClock, id = 'r'): Promise<MeteredReplica> {
    const replica = new MeteredReplica(cluster, clock, id)
    replica.store = await cluster.replica(id, { transport: replica.links, store: { clock } })
    return replica
  }

  /** Begins to measure, from now on. */
  meter(): void {
    this.arrivals = []
    this.heardAtMs = [this.clock.monotonic()]
    this.links.tamper = (frame, way) => {
      if (way === 'received') this.#note(frame)
      return [frame]
    }
  }

  #note(frame: Uint8Array): void {
    const [message, atMs] = [decodeWire(frame), this.clock.monotonic()]
    this.heardAtMs.push(atMs)
    const bytes = frame.byteLength
    if (message.kind === 'snapshot-piece') this.arrivals.push({ atMs, bytes, firstSeq: 0, lastSeq: 0 })
    if (message.kind === 'operations') {
      const { firstSeq, lastSeq } = message
      this.arrivals.push({ atMs, bytes, firstSeq, lastSeq })
    }
  }

  get bytes(): number {
    return this.arrivals.reduce((sum, arrival) => sum + arrival.bytes, 0)
  }

  /** The longest time in which nothing came. */
  get silenceMs(): number {
    const [times, now] = [this.heardAtMs, this.clock.monotonic()]
    return Math.max(...times.map((atMs, at) => (times[at + 1] ?? now) - atMs))
  }

  /** Never was more sent than the rate allows, since a moment at which nothing was on its way. */
  expectWithin(bytesPerSecond: number, sinceMs: number, batchBytes: number): void {
    let sum = 0
    for (const { atMs, bytes } of this.arrivals) {
      expect(bytes, 'one message').toBeLessThanOrEqual(batchBytes + WRAPPING_BYTES)
      sum += bytes - WRAPPING_BYTES
      const allowed = ((atMs - sinceMs + BURST_MS) * bytesPerSecond) / 1_000 + batchBytes
      expect(sum, `bytes sent in ${atMs - sinceMs} ms`).toBeLessThanOrEqual(allowed)
    }
  }

  /** Each operation once, one after the other. */
  expectInOrder(fromSeq: number, throughSeq: number): void {
    let next = fromSeq
    for (const { firstSeq, lastSeq } of this.arrivals.filter(({ lastSeq }) => lastSeq > 0)) {
      expect(firstSeq).toBe(next)
      next = lastSeq + 1
    }
    expect(next).toBe(throughSeq + 1)
  }

  /** It was linked all the time. */
  expectLinkedOnce(links = 1): void {
    expect(this.links.links).toHaveLength(links)
    expect(this.silenceMs).toBeLessThan(1.5 * HEARTBEAT_MS)
    expect(this.store.replication.getStats()).toMatchObject({ linked: true })
  }

  has(master: VectorStore): boolean {
    return this.store.replication.position.seq === master.replication.position.seq
  }
}

/** Lets simulated time pass until something holds. */
async function passing(
  clock: SimulatedClock,
  what: string,
  holds: () => boolean,
  stepMs: number,
): Promise<void> {
  await until(what, async () => {
    await clock.advance(stepMs)
    return holds()
  })
}

describeClusters(
  (cluster) => {
    test('a stream keeps to the rate, also after it was idle, for each replica by itself', async () => {
      const [clock, rate, window] = [new SimulatedClock(), 20_000, 10_000]
      const master = await cluster.master({
        ...{ maxBytesPerSecond: rate, maxInFlightBytes: window, store: { clock } },
      })
      const things = await master.createCollection('things', WIDE)
      const replicas = [
        await MeteredReplica.open(cluster, clock, 'r1'),
        await MeteredReplica.open(cluster, clock, 'r2'),
      ]
      for (const { store } of replicas) await settled(master, store)
      // What it did not use in this time it does not get later.
      await clock.advance(10 * MINUTE_MS)
      const [fromMs, fromSeq] = [clock.monotonic(), master.replication.position.seq + 1]
      for (const replica of replicas) replica.meter()
      for (let at = 0; at < 200; at++) await things.upsert(record(at, DIMENSIONS))
      await passing(clock, 'all has come', () => replicas.every((replica) => replica.has(master)), 100)
      const tookMs = clock.monotonic() - fromMs
      for (const replica of replicas) {
        expect(replica.bytes).toBeGreaterThan(200_000)
        expect(replica.arrivals.length).toBeGreaterThan(20)
        replica.expectWithin(rate, fromMs, window + 2_000)
        replica.expectInOrder(fromSeq, master.replication.position.seq)
        replica.expectLinkedOnce()
        // Nor is it much slower than that.
        expect(tookMs).toBeLessThan((1.5 * replica.bytes * 1_000) / rate)
      }
      await expectSame(master, ...replicas.map(({ store }) => store))
    })

    test('who waits for a replica does not make it faster', async () => {
      const [clock, rate] = [new SimulatedClock(), 5_000]
      const master = await cluster.master({ maxBytesPerSecond: rate, store: { clock } })
      const things = await master.createCollection('things', WIDE)
      const replica = await MeteredReplica.open(cluster, clock)
      await settled(master, replica.store)
      await clock.advance(MINUTE_MS)
      const [fromMs, fromSeq] = [clock.monotonic(), master.replication.position.seq + 1]
      replica.meter()
      for (let at = 0; at < 30; at++) {
        let isThere = false
        const writeConcern = { w: 2, level: 'applied', timeoutMs: MINUTE_MS } as const
        const written = things.upsert(record(at, DIMENSIONS), { writeConcern }).then(() => {
          isThere = true
        })
        await passing(clock, 'it is there', () => isThere, 20)
        await written
      }
      expect(replica.arrivals).toHaveLength(30)
      replica.expectWithin(rate, fromMs, 2_000)
      replica.expectInOrder(fromSeq, master.replication.position.seq)
      await expectSame(master, replica.store)
    })

    test('a replica catches up at the rate, and hears heartbeats between batches that take minutes', async () => {
      const [clock, rate, window] = [new SimulatedClock(), 200, 20_000]
      const master = await cluster.master({
        ...{ maxBytesPerSecond: rate, maxInFlightBytes: window, store: { clock } },
      })
      const things = await master.createCollection('things', WIDE)
      const replica = await MeteredReplica.open(cluster, clock)
      await settled(master, replica.store)
      const fromSeq = replica.store.replication.position.seq + 1
      await replica.links.isolate()
      for (let at = 0; at < 100; at++) await things.upsert(record(at, DIMENSIONS))
      await clock.advance(MINUTE_MS)
      replica.links.heal()
      replica.meter()
      await passing(clock, 'linked', () => replica.store.replication.getStats()?.linked === true, 1_000)
      // The link was made in this second or before.
      const fromMs = replica.heardAtMs[1] as number
      replica.heardAtMs.shift()
      await passing(clock, 'all has come', () => replica.has(master), 1_000)
      expect(replica.bytes).toBeGreaterThan(100_000)
      expect((window * 1_000) / rate).toBeGreaterThan(SILENCE_MS)
      replica.expectWithin(rate, fromMs, window + 2_000)
      replica.expectInOrder(fromSeq, master.replication.position.seq)
      replica.expectLinkedOnce(2)
      await expectSame(master, replica.store)
    })

    test('a snapshot keeps to the rate, and heartbeats go on between its pieces', async () => {
      const [clock, rate] = [new SimulatedClock(), 10_000]
      const master = await cluster.master({ maxBytesPerSecond: rate, store: { clock } })
      const things = await master.createCollection('things', WIDE)
      await things.upsert(records(2_600, 0, DIMENSIONS))
      const fromMs = clock.monotonic()
      const replica = await MeteredReplica.open(cluster, clock)
      await passing(clock, 'its first piece', () => replica.arrivals.length === 1, 1_000)
      const fromSeq = master.replication.position.seq + 1
      for (let at = 0; at < 5; at++) await things.upsert(record(at, DIMENSIONS))
      await passing(clock, 'all has come', () => replica.has(master), 1_000)
      expect(replica.bytes).toBeGreaterThan(2.5 * PIECE_BYTES)
      expect((PIECE_BYTES * 1_000) / rate).toBeGreaterThan(SILENCE_MS)
      replica.expectWithin(rate, fromMs, PIECE_BYTES)
      replica.expectInOrder(fromSeq, master.replication.position.seq)
      replica.expectLinkedOnce()
      expect(cluster.node('m').warnings.map(({ code }) => code)).not.toContain('REPLICA_DISCONNECTED')
      await expectSame(master, replica.store)
    })
  },
  [IN_MEMORY],
)

/** A master that would keep all of its log, were it not for its age. */
async function ageingMaster(cluster: Cluster, clock: SimulatedClock, ageMs?: number): Promise<VectorStore> {
  const master = await cluster.master({
    ...{ environment: { segmentBytes: 8_192 }, retention: { bytes: 1e9, ageMs }, store: { clock } },
  })
  await master.createCollection('things', SHAPE)
  return master
}

/** Writes several segments of the log, all at one moment. */
async function writeSegments(master: VectorStore): Promise<void> {
  const things = await master.openCollection('things')
  const { bytes } = master.getStats().log
  for (let at = 0; master.getStats().log.bytes < bytes + 50_000; at++)
    await things.upsert(records(20, at * 20))
}

/** Writes something and waits until it is flushed, several times: what that sets off has time to be done, were it wrong or right. */
async function flush(master: VectorStore, clock: SimulatedClock): Promise<void> {
  const things = await master.openCollection('things')
  for (let at = 0; at < 3; at++) {
    await things.upsert(record(at))
    const { headSeq } = master.getStats().log
    await clock.advance(200)
    // So little at a time that it is no minute, however slow the disk is.
    await passing(clock, 'it is flushed', () => master.getStats().records.flushedSeq >= headSeq, 1)
  }
}

/** The first operations of the segments there are. */
async function segments(cluster: Cluster): Promise<number[]> {
  const names = await readdir(cluster.path('m'), { recursive: true })
  return names
    .filter((name) => name.endsWith('.log'))
    .map((name) => Number(basename(name, '.log')))
    .sort((a, b) => a - b)
}

describeClusters(
  (cluster) => {
    test('segments of the log go when all in them is too old, and no sooner', async () => {
      const clock = new SimulatedClock()
      const master = await ageingMaster(cluster, clock, HOUR_MS)
      await writeSegments(master)
      const old = await segments(cluster)
      expect(old.length).toBeGreaterThan(5)
      await clock.advance(30 * MINUTE_MS)
      await writeSegments(master)
      const young = (await segments(cluster)).slice(old.length)
      expect(young.length).toBeGreaterThan(5)
      // A minute too early.
      await clock.advance(29 * MINUTE_MS)
      await flush(master, clock)
      expect((await segments(cluster)).slice(0, old.length)).toEqual(old)
      await clock.advance(MINUTE_MS)
      await flush(master, clock)
      // The last of the old ones was written until half an hour ago.
      const left = [...old.slice(-1), ...young]
      await until('the old ones are gone', async () => (await segments(cluster))[0] === left[0])
      await writeSegments(master)
      await flush(master, clock)
      expect((await segments(cluster)).slice(0, left.length)).toEqual(left)
      expect(master.getStats().log.oldestSeq).toBe(left[0])
      await clock.advance(30 * MINUTE_MS)
      await flush(master, clock)
      await until('the young ones are gone', async () => (await segments(cluster))[0] === young.at(-1))
      await flush(master, clock)
      expect((await segments(cluster))[0]).toBe(young.at(-1))
      expect(await master.verify()).toMatchObject({ ok: true, damage: [] })
    })

    test('without a limit of age they stay', async () => {
      const clock = new SimulatedClock()
      const master = await ageingMaster(cluster, clock)
      await writeSegments(master)
      const all = await segments(cluster)
      await clock.advance(10 * HOUR_MS)
      await flush(master, clock)
      expect((await segments(cluster)).slice(0, all.length)).toEqual(all)
    })

    const LISTENS: Transport = {
      dial: () => Promise.reject(new Error('it dialed')),
      listen: () => {
        throw new Error('it listened')
      },
    }

    test.each(['maxBytesPerSecond', 'retention.ageMs'])(
      'a bad %s is refused before anything is opened',
      async (name) => {
        const bad = [Number.NaN, -1, Number.NEGATIVE_INFINITY, '5', 5n, true, null, [5], {}]
        const values = name === 'maxBytesPerSecond' ? [...bad, 0, Number.POSITIVE_INFINITY] : bad
        for (const value of values) {
          const given = name === 'maxBytesPerSecond' ? { [name]: value } : { retention: { ageMs: value } }
          const replication = { role: 'master', transport: LISTENS, ...given }
          const open = () => VectorStore.open({ path: cluster.path('never'), replication } as never)
          const refusal = await expectRefusal(
            open,
            'OPTIONS_INVALID',
            new RegExp(`replication\\.${name} must be a number`),
          )
          if (value === null) expect(refusal.message).toMatch(/not null/)
        }
        expect(await readdir(cluster.path('.'))).toEqual([])
      },
    )
  },
  [ON_DISK],
)

describeClusters(
  (cluster) => {
    test('a replica that was away for longer takes a snapshot, one that was away for less does not', async () => {
      const clock = new SimulatedClock()
      const master = await ageingMaster(cluster, clock, HOUR_MS)
      const replica = await cluster.replica('r', { store: { clock } })
      await settled(master, replica)
      const links = cluster.links()
      const snapshots = () => links.kinds('received').filter((kind) => kind === 'snapshot-start').length
      const away = async (awayMs: number): Promise<void> => {
        await links.isolate()
        await writeSegments(master)
        await clock.advance(awayMs)
        await flush(master, clock)
      }
      const back = async (): Promise<void> => {
        links.heal()
        await passing(clock, 'linked', () => replica.replication.getStats()?.linked === true, 1_000)
        await settled(master, replica)
        await expectSame(master, replica)
      }
      await away(HOUR_MS - MINUTE_MS)
      await back()
      expect([snapshots(), replica.replication.getStats()?.snapshotReason]).toEqual([1, 'fresh'])
      const { seq } = replica.replication.position
      await away(HOUR_MS + MINUTE_MS)
      await until('the log is trimmed', () => master.getStats().log.oldestSeq > seq + 1)
      await back()
      expect([snapshots(), replica.replication.getStats()?.snapshotReason]).toEqual([2, 'trimmed'])
    })
  },
  [IN_MEMORY, ON_DISK],
)
