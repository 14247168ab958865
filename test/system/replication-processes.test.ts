/** Real processes, killed at random, over real connections that fail: at the end all nodes hold what the master acknowledged. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Position, ReplicaInfo, ReplicationStats } from '../../lib/index.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { seedsFor } from '../seeds.js'
import { AcknowledgedWrites, differences, QUERIES, type StoredRecord } from './acknowledged-writes.js'
import { NodeProcess, type Opened } from './node-process.js'
import { TcpProxy } from './tcp-proxy.js'

const KILLS = Number(process.env.REPLIVEC_KILLS ?? 50)
const CALLERS = 6
const MAX_QUEUED_BYTES = 150_000
const SEGMENT_BYTES = 250_000
/** Silence is noticed soon, so that a direction that is dead does not stay so. */
const TIMING = { heartbeatIntervalMs: 250, disconnectedAfterMs: 2_500, laggingAfterMs: 200 }
const LIMITS = {
  maxQueuedBytes: MAX_QUEUED_BYTES,
  maxInFlightBytes: 400_000,
  retention: { bytes: 2 * SEGMENT_BYTES },
}

interface Replica {
  readonly node: NodeProcess
  readonly proxy: TcpProxy
}

let directory: string
const closers: (() => Promise<void>)[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'replivec-test-'))
})

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  await rm(directory, { recursive: true, force: true })
})

/** A master and three replicas, of which the last is reached slowly. */
class Processes {
  readonly random: SeededRandom
  readonly master: NodeProcess
  readonly replicas: Replica[] = []

  constructor(random: SeededRandom) {
    this.random = random
    this.master = this.#node('m')
  }

  get nodes(): NodeProcess[] {
    return [this.master, ...this.replicas.map(({ node }) => node)]
  }

  get kills(): number {
    return this.nodes.reduce((sum, { kills }) => sum + kills, 0)
  }

  async begin(): Promise<void> {
    for (const id of ['one', 'two', 'slow']) {
      const proxy = new TcpProxy({
        random: this.random.fork(`proxy of ${id}`),
        ...(id === 'slow' ? { bytesPerMs: 1_000 } : {}),
        faultEveryBytes: { up: 8_000, down: 600_000 },
      })
      this.replicas.push({ node: this.#node(id, await proxy.listen()), proxy })
      closers.push(() => proxy.close())
    }
    await this.startMaster()
    for (const { node } of this.replicas) this.start(node)
  }

  #node(id: string, address?: string): NodeProcess {
    const replication = { ...TIMING, ...LIMITS }
    const settings = { path: join(directory, id), segmentBytes: SEGMENT_BYTES, replication }
    const node = new NodeProcess(id, address === undefined ? settings : { ...settings, address })
    closers.push(() => node.end())
    return node
  }

  start(node: NodeProcess): void {
    node.start(this.random.pick(['sync', 'buffered']))
  }

  /** The system gives it another port each time. */
  async startMaster(): Promise<void> {
    this.start(this.master)
    const { address } = await this.master.opened()
    for (const { proxy } of this.replicas) proxy.target = Number(address?.split(':').at(-1))
  }

  async kill(node: NodeProcess): Promise<void> {
    if (node === this.master) for (const { proxy } of this.replicas) proxy.target = undefined
    await node.kill()
  }

  /** Some of them are killed in the same moment, and started again; how far the replicas say to be then. */
  async killAndStart(nodes: readonly NodeProcess[]): Promise<void> {
    await Promise.all(nodes.map((node) => this.kill(node)))
    for (const node of nodes) if (node !== this.master) this.start(node)
    if (nodes.includes(this.master)) await this.startMaster()
  }
}

test.each(seedsFor(1))(
  `a master and three replicas outlive ${KILLS} kills of their processes and bad connections (seed %i)`,
  async (seed) => {
    const random = new SeededRandom(`replication processes ${seed}`)
    const cluster = new Processes(random)
    const { master, replicas } = cluster
    await cluster.begin()
    const writes = new AcknowledgedWrites(master, random.fork('writes'), CALLERS)
    writes.start()
    await writes.answers(CALLERS)
    for (const { proxy } of replicas) proxy.isFaulty = true
    // The last of them come all at once.
    while (cluster.kills < KILLS - 4) {
      await writes.answers(random.int(20))
      await pause(random.int(100))
      const others = replicas.map(({ node }) => node)
      const kind = random.int(100)
      if (kind < 6 && KILLS - cluster.kills >= 8) await killAll(cluster, writes)
      else if (kind < 45) await cluster.killAndStart([master])
      else if (kind < 55 && KILLS - cluster.kills >= 6)
        await cluster.killAndStart([master, random.pick(others)])
      // Killed again before it could open its store, perhaps.
      else await cluster.killAndStart([random.pick(others)])
      for (const node of cluster.nodes) node.check()
      await checkMemory(master)
    }
    await killAll(cluster, writes)
    expect(cluster.kills).toBe(KILLS)
    for (const { proxy } of replicas) proxy.isFaulty = false
    await overload(cluster, writes)
    await expectAllEqual(cluster, writes.records())
    expect(writes.safe).toBeGreaterThan(0)
    expect(faultsOf(replicas)).toBeGreaterThan(0)
    for (const node of cluster.nodes) await node.close()
  },
  300_000,
)

/** How often something went wrong on the way to some replica. */
function faultsOf(replicas: readonly Replica[]): number {
  const counts = replicas.flatMap(({ proxy }) => Object.values(proxy.faults))
  return counts.reduce((sum, count) => sum + count, 0)
}

/** All processes end at once: some replica has what a write was told that two nodes have. */
async function killAll(cluster: Processes, writes: AcknowledgedWrites): Promise<void> {
  const { replicas, nodes } = cluster
  await Promise.all(nodes.map((node) => cluster.kill(node)))
  const { safeSeq } = writes
  for (const { node } of replicas) cluster.start(node)
  // There is nobody whom they could ask for what they have not.
  const opened = await Promise.all(replicas.map(({ node }) => node.opened()))
  expect(Math.max(...opened.map(({ position }: Opened) => position.seq))).toBeGreaterThanOrEqual(safeSeq)
  await cluster.startMaster()
}

/** What a master keeps for its replicas is bounded, however slow they are. */
async function checkMemory(master: NodeProcess): Promise<void> {
  for (const { queuedBytes } of await master.ask<ReplicaInfo[]>('replicas'))
    expect(queuedBytes).toBeLessThanOrEqual(MAX_QUEUED_BYTES)
}

/** One replica gets nothing while more is written than the log keeps: writers and the others go on, and it catches up. */
async function overload(cluster: Processes, writes: AcknowledgedWrites): Promise<void> {
  const { master, replicas } = cluster
  const [one, two, slow] = replicas as [Replica, Replica, Replica]
  await writes.stop()
  await caughtUp(cluster)
  slow.proxy.hold()
  // Snapshots that were taken are kept for others, and with them the log from there on.
  await master.close()
  await rm(join(directory, 'm', 'snapshots'), { recursive: true, force: true })
  await cluster.startMaster()
  const { seq } = await slow.node.ask<Position>('position')
  writes.start()
  do {
    await writes.answers(20)
    await checkMemory(master)
  } while ((await master.ask<number>('oldestKept')) <= seq + 1)
  const position = await master.ask<Position>('position')
  for (const { node } of [one, two]) await node.ask('waitFor', position)
  expect((await slow.node.ask<Position>('position')).seq).toBeLessThan(position.seq)
  slow.proxy.release()
  // Slower than they write, it would never have everything.
  await writes.stop()
  await caughtUp(cluster)
  expect(await slow.node.ask<ReplicationStats>('stats')).toMatchObject({ snapshotReason: 'trimmed' })
}

/** All replicas have what the master has now. */
async function caughtUp({ master, replicas }: Processes): Promise<Position> {
  const position = await master.ask<Position>('position')
  for (const { node } of replicas) await node.ask('waitFor', position)
  return position
}

async function expectAllEqual(cluster: Processes, expected: Map<string, StoredRecord>): Promise<void> {
  const { master, replicas, nodes } = cluster
  const position = await caughtUp(cluster)
  const asked = { queries: QUERIES, filter: { section: 'python' } }
  const rankings = await master.ask<{ id: string }[][]>('rankings', asked)
  const collections = await master.ask('collections')
  expect(rankings.every((hits, at) => (at % 2 === 0 ? hits.length === 20 : hits.length > 0))).toBe(true)
  for (const node of nodes) {
    const records = await node.ask<StoredRecord[]>('records')
    const found = new Map(records.map((record) => [record.id, record]))
    expect(differences(expected, found), node.id).toEqual([])
    expect(records.map(({ id }) => id).sort(), node.id).toEqual([...expected.keys()].sort())
    expect(await node.ask('position'), node.id).toEqual(position)
    expect(await node.ask('collections'), node.id).toEqual(collections)
    expect(await node.ask('rankings', asked), node.id).toEqual(rankings)
    expect(await node.ask('verify'), node.id).toEqual({ ok: true, damage: [] })
  }
  const call = { kind: 'delete', ids: [...expected.keys()] }
  for (const { node } of replicas)
    await expect(node.ask('write', { call })).rejects.toMatchObject({ code: 'NOT_MASTER' })
}
