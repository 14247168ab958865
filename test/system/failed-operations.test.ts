/** Every operation of the disk fails once while a store is opened, closed or backed up: it says so, leaves nothing open, and loses nothing. */
import { expect, test } from 'vitest'
import { ReplivecError, type StoreOptions, VectorStore } from '../../lib/index.js'
import { SimulatedMachine } from '../../lib/testing/simulated-machine.js'
import { memoryNetwork } from '../../lib/transport/memory.js'
import { contents, records, SHAPE } from './cluster.js'
import { drive } from './passing-time.js'

const PATH = '/data/store'
const PLAIN: StoreOptions = { path: PATH, nodeId: 's' }

/** A machine with a store that is open, and what that store has. */
class FailureRun {
  readonly machine: SimulatedMachine
  store!: VectorStore
  contents: unknown

  constructor(seed: number) {
    this.machine = new SimulatedMachine({ seed: `failed-operations-${seed}`, segmentBytes: 4_000 })
  }

  async begin(): Promise<void> {
    this.store = await this.open(PLAIN)
    const things = await this.drive(this.store.createCollection('things', SHAPE))
    await this.drive(things.upsert(records(40)))
    this.contents = await contents(this.store)
  }

  open(options: StoreOptions): Promise<VectorStore> {
    return this.drive(VectorStore.openIn(this.machine.environment, options))
  }

  drive<T>(work: Promise<T>): Promise<T> {
    return drive([this.machine], work)
  }

  /** Does something while one operation of the disk fails. @returns whether it came so far, and what was said */
  async failing(atOperation: number, act: () => Promise<void>) {
    const { disk } = this.machine
    const last = disk.operations + atOperation
    let failed: string | undefined
    disk.beforeOperation = ({ number, operation, path }) => {
      if (number !== last) return
      failed = `${operation} ${path}`
      disk.failNext(operation, 'EIO')
    }
    const error = await act().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    disk.beforeOperation = undefined
    return { failed, error }
  }

  expectNothingOpen(name: string): void {
    const { disk, keyValues, pendingTimers } = this.machine
    expect(
      { files: disk.openFiles, records: keyValues.openDirectories, timers: pendingTimers },
      name,
    ).toEqual({
      ...{ files: 0, records: [], timers: 0 },
    })
  }
}

/** Runs something once for each operation of the disk that it takes. @returns how many those were */
async function eachOperation(
  prepare: (run: FailureRun) => Promise<() => Promise<void>>,
  afterwards: (run: FailureRun, error: unknown) => Promise<void>,
): Promise<number> {
  for (let at = 1; ; at++) {
    const run = new FailureRun(at)
    await run.begin()
    const { failed, error } = await run.failing(at, await prepare(run))
    const name = `operation ${at}: ${failed}, ${String(error)}`
    if (error !== undefined) expect(ReplivecError.is(error, 'STORAGE_FAILED'), name).toBe(true)
    await afterwards(run, error)
    run.expectNothingOpen(name)
    const again = await run.open(PLAIN)
    expect(await contents(again), name).toEqual(run.contents)
    await run.drive(again.close())
    if (failed === undefined) return at - 1
  }
}

const network = memoryNetwork()
const KINDS: Record<string, StoreOptions> = {
  plain: PLAIN,
  audited: { ...PLAIN, audit: true },
  master: { ...PLAIN, replication: { role: 'master', transport: network.transport('s') } },
  replica: {
    ...PLAIN,
    replication: { role: 'replica', master: { id: 'm' }, transport: network.transport('s') },
  },
}

test.each(Object.keys(KINDS))('while a store is opened: %s', async (kind) => {
  const operations = await eachOperation(
    async (run) => {
      await run.drive(run.store.close())
      return async () => {
        run.store = await run.open(KINDS[kind] as StoreOptions)
      }
    },
    async (run, error) => {
      if (error === undefined) await run.drive(run.store.close())
    },
  )
  expect(operations).toBeGreaterThan(30)
})

test('while a store is opened whose records are damaged, so that they come from the log', async () => {
  const operations = await eachOperation(
    async (run) => {
      run.machine.crash()
      run.machine.keyValues.damage(`${PATH}/records`)
      return async () => {
        run.store = await run.open(PLAIN)
      }
    },
    async (run, error) => {
      if (error === undefined) await run.drive(run.store.close())
    },
  )
  expect(operations).toBeGreaterThan(60)
})

test('while a store is closed; what could not be let go is let go by closing once more', async () => {
  const operations = await eachOperation(
    async (run) => () => run.drive(run.store.close()),
    (run) => run.drive(run.store.close()),
  )
  expect(operations).toBeGreaterThan(10)
})

test('while a store is backed up', async () => {
  const operations = await eachOperation(
    async (run) => async () => {
      await run.drive(run.store.backup('/data/backup'))
    },
    (run) => run.drive(run.store.close()),
  )
  expect(operations).toBeGreaterThan(10)
})
