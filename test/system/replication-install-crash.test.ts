/**
 * A machine stops at every operation of its disk while a replica puts a snapshot in place: it has the old state or the new. And each of
 * these operations fails: the replica takes another snapshot and leaves nothing open.
 */
import { expect, test } from 'vitest'
import { VectorStore } from '../../lib/index.js'
import { SimulatedMachine } from '../../lib/testing/simulated-machine.js'
import { memoryNetwork } from '../../lib/transport/memory.js'
import { WatchedTransport } from './watched-links.js'
import { contents, expectSame, record, records, SHAPE } from './cluster.js'
import { drive, passTime } from './passing-time.js'

const PATH = '/data/replica'

/** A master in memory, and a machine with a replica of it that is about to take its second snapshot. */
class InstallRun {
  readonly machine: SimulatedMachine
  readonly network = memoryNetwork()
  readonly stop: 'crash' | 'powerCut' | 'fail'
  master!: VectorStore
  #links: WatchedTransport[] = []
  old: unknown
  fresh: unknown

  constructor(seed: number, stop: 'crash' | 'powerCut' | 'fail') {
    this.stop = stop
    this.machine = new SimulatedMachine({ seed: `install-${seed}`, segmentBytes: 4_000 })
  }

  async begin(): Promise<VectorStore> {
    const { network, machine } = this
    this.master = await VectorStore.open({
      nodeId: 'm',
      replication: { role: 'master', transport: network.transport('m') },
    })
    const things = await this.master.createCollection('things', SHAPE)
    await things.upsert(records(30))
    const replica = await this.replica()
    await this.#passTime(() => replica.replication.position.seq === this.master.replication.position.seq)
    this.old = await contents(replica)
    replica.replication.pause()
    await things.delete({ filter: { group: 1 } })
    await things.upsert(records(20, 100))
    this.fresh = await contents(this.master)
    replica.replication.resync()
    machine.disk.delayYieldsMax = 2
    return replica
  }

  replica(): Promise<VectorStore> {
    const transport = new WatchedTransport(this.network.transport('r'))
    this.#links.push(transport)
    return VectorStore.openIn(this.machine.environment, {
      ...{ path: PATH, nodeId: 'r' },
      replication: { role: 'replica', master: { id: 'm' }, transport },
    })
  }

  /** Lets the replica take its snapshot; stops the machine at an operation of the disk. @returns whether it came so far */
  async install(replica: VectorStore, atOperation: number): Promise<boolean> {
    const { machine, stop } = this
    const { disk } = machine
    const last = disk.operations + atOperation
    let isStopped = false
    disk.beforeOperation = ({ number, operation }) => {
      if (number !== last) return
      isStopped = true
      if (stop === 'fail') disk.failNext(operation, 'EIO')
      else machine[stop]()
    }
    let isInstalled = false
    replica.on('replication', ({ kind }) => {
      if (kind === 'snapshot') isInstalled = true
    })
    replica.replication.resume()
    await this.#passTime(() => (isStopped && stop !== 'fail') || isInstalled)
    disk.beforeOperation = undefined
    // The links of a process die with it.
    for (const links of this.#links) await links.isolate()
    if (!isStopped || stop === 'fail') await this.#drive(replica.close())
    return isStopped
  }

  /** What is there after the machine started again, before any link is; and that the replica goes on from there. */
  async reopen(): Promise<unknown> {
    // Nobody to reach: what it has must be what it had.
    const alone = await this.#drive(
      VectorStore.openIn(this.machine.environment, {
        ...{ path: PATH, nodeId: 'r', replication: { role: 'replica' } },
      }),
    )
    const found = await contents(alone)
    expect((await this.#drive(alone.verify())).damage).toEqual([])
    await this.#drive(alone.close())
    const names = (await this.machine.disk.files.list(PATH)).filter((name) => name.startsWith('generation'))
    expect(names.length).toBeLessThanOrEqual(1)
    await (await this.master.openCollection('things')).upsert(record(999))
    const replica = await this.#drive(this.replica())
    await this.#passTime(() => replica.replication.position.seq === this.master.replication.position.seq)
    await expectSame(this.master, replica)
    await this.#drive(replica.close())
    return found
  }

  #drive<T>(work: Promise<T>): Promise<T> {
    return drive([this.machine], work)
  }

  #passTime(holds: () => boolean): Promise<void> {
    return passTime([this.machine], holds)
  }
}

test.each(['crash', 'powerCut'] as const)(
  'a %s at every operation of the disk during an installation',
  async (stop) => {
    const seen = { old: 0, fresh: 0 }
    let operations = 0
    for (let at = 1; ; at++) {
      const run = new InstallRun(at, stop)
      const replica = await run.begin()
      const isStopped = await run.install(replica, at)
      const found = await run.reopen()
      const name = `seed ${at}, ${stop} at operation ${at}`
      // Neither is an empty store, half of one, or one that cannot be opened.
      expect([run.old, run.fresh], name).toContainEqual(found)
      seen[JSON.stringify(found) === JSON.stringify(run.old) ? 'old' : 'fresh'] += 1
      await run.master.close()
      operations = at
      if (!isStopped) break
    }
    expect(operations).toBeGreaterThan(20)
    expect(seen.old).toBeGreaterThan(5)
    expect(seen.fresh).toBeGreaterThan(1)
  },
  600_000,
)

test('a failure of every operation of the disk during an installation', async () => {
  for (let at = 1; ; at++) {
    const run = new InstallRun(at, 'fail')
    const replica = await run.begin()
    const failed = await run.install(replica, at)
    const name = `seed ${at}, operation ${at}`
    expect(run.machine.keyValues.openDirectories, name).toEqual([])
    expect(run.machine.disk.openFiles, name).toBe(0)
    // The snapshot may be one that the master had already: what failed then may be the first operation after it.
    expect([run.old, run.fresh], name).toContainEqual(await run.reopen())
    await run.master.close()
    if (failed) continue
    expect(at).toBeGreaterThan(20)
    return
  }
}, 600_000)
