/** A snapshot brings no index: the replica makes its own in the background, and answers exactly until it has it. */
import { expect, test } from 'vitest'
import type { Collection, VectorStore, Warning } from '../../lib/index.js'
import type { Clock } from '../../lib/runtime/clock.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import {
  type Cluster,
  describeClusters,
  IN_MEMORY,
  ON_DISK,
  OVER_TCP,
  record,
  records,
  settled,
} from './cluster.js'
import { until } from './cluster.js'

const DIMENSIONS = 32
const SHAPE = { dimensions: DIMENSIONS, metric: 'euclidean' } as const
const QUERIES = [3, 1_711, 90_001].map((number) => record(number, DIMENSIONS).vector)

/** The machine's clock; who yields is kept waiting while it is held. */
class HeldClock implements Clock {
  isHeld = false
  /** Those who wait. */
  held = 0
  readonly now = nodeClock.now
  readonly monotonic = nodeClock.monotonic
  readonly timer = nodeClock.timer
  readonly yield = async (): Promise<void> => {
    this.held += 1
    do await nodeClock.yield()
    while (this.isHeld)
    this.held -= 1
  }
}

/** A master with collections of so many records. */
async function masterWith(cluster: Cluster, counts: Record<string, number>): Promise<VectorStore> {
  const master = await cluster.master()
  for (const [name, count] of Object.entries(counts)) {
    const collection = await master.createCollection(name, SHAPE)
    for (let from = 0; from < count; from += 5_000)
      await collection.upsert(records(Math.min(5_000, count - from), from, DIMENSIONS))
  }
  return master
}

/** A replica on a clock that is held from the first snapshot on. */
async function heldReplica(cluster: Cluster): Promise<{ replica: VectorStore; clock: HeldClock }> {
  const clock = new HeldClock()
  const replica = await cluster.replica('r', { store: { clock } })
  replica.on('replication', ({ kind }) => {
    if (kind === 'snapshot') clock.isHeld = true
  })
  await until('the snapshot is in place', () => clock.isHeld)
  return { replica, clock }
}

/** Who is held lags, and so does who is busy. */
const alarming = (warnings: readonly Warning[]) => warnings.filter(({ code }) => code !== 'REPLICA_LAGGING')

const snapshots = (cluster: Cluster) => cluster.node('r').events.filter(({ kind }) => kind === 'snapshot')

/** Searches that take what an index gives find what a comparison with all finds. */
async function expectExact(found: Collection, wanted: Collection): Promise<void> {
  const top = (collection: Collection, exact: boolean) =>
    Promise.all(QUERIES.map((vector) => collection.search({ vector, topK: 10, exact })))
  expect(await top(found, false)).toEqual(await top(wanted, true))
}

describeClusters(
  (cluster) => {
    test('a replica that took a snapshot indexes it without a search', async () => {
      const counts = { many: 9_000, more: 5_000, none: 0 }
      const master = await masterWith(cluster, counts)
      const replica = await cluster.replica()
      await settled(master, replica)
      for (const [name, count] of Object.entries(counts)) {
        const { index } = (await replica.openCollection(name)).getStats()
        expect(index.indexed + index.pending).toBe(count)
        await until(`'${name}' is indexed`, async () => {
          const stats = (await replica.openCollection(name)).getStats()
          return stats.index.indexed === count && stats.index.pending === 0
        })
      }
      expect((await replica.openCollection('many')).getStats().operations.searches).toBe(0)
      expect(alarming(cluster.node('r').warnings)).toEqual([])
    })
  },
  [ON_DISK, OVER_TCP],
)

describeClusters(
  (cluster) => {
    test('a replica in memory, which has nothing to build, has its vectors ready without a search', async () => {
      const master = await masterWith(cluster, { many: 3_000 })
      const replica = await cluster.replica()
      await settled(master, replica)
      const many = await replica.openCollection('many')
      await until('they are read', () => many.getStats().bytes.memory >= 3_000 * DIMENSIONS * 4)
      expect(many.getStats().index.pending).toBe(3_000)
    })
  },
  [IN_MEMORY],
)

describeClusters((cluster) => {
  test('a search right after the snapshot is exact', async () => {
    const master = await masterWith(cluster, { many: 4_000, more: 2_000 })
    const replica = await cluster.replica()
    await settled(master, replica)
    for (const name of ['more', 'many'])
      await expectExact(await replica.openCollection(name), await master.openCollection(name))
  })

  test('what is written while the index is filled is found, and what is deleted is not', async () => {
    const master = await masterWith(cluster, { many: 4_000 })
    const { replica, clock } = await heldReplica(cluster)
    const there = await master.openCollection('many')
    const here = await replica.openCollection('many')
    const [vector = []] = QUERIES
    const early = here.search({ vector, topK: 1 })
    await there.delete('record 00003')
    await there.upsert({ ...record(9_000, DIMENSIONS), vector })
    clock.isHeld = false
    await settled(master, replica)
    await early
    expect(await here.search({ vector, topK: 1 })).toMatchObject([{ id: 'record 09000', distance: 0 }])
    await expectExact(here, there)
  })

  test('a replica that is closed while it fills an index ends cleanly', async () => {
    const master = await masterWith(cluster, { many: 8_000, more: 5_000 })
    const { replica, clock } = await heldReplica(cluster)
    const many = await replica.openCollection('many')
    // In the middle of the first one, and somebody waits for it.
    const [vector = []] = QUERIES
    const search = many.search({ vector, topK: 1 })
    const refused = expect(search).rejects.toMatchObject({ code: 'CLOSED' })
    await until('it is being filled', () => many.getStats().bytes.memory > 0)
    expect(many.getStats().bytes.memory).toBeLessThan(8_000 * DIMENSIONS * 4)
    const closing = cluster.close('r')
    clock.isHeld = false
    const { warnings } = cluster.node('r')
    await Promise.all([closing, refused])
    expect(alarming(warnings)).toEqual([])
    await until('nobody waits', () => clock.held === 0)
    const again = await cluster.replica()
    await settled(master, again)
    await expectExact(await again.openCollection('more'), await master.openCollection('more'))
  })

  test('another snapshot that comes while an index is filled takes its place', async () => {
    const master = await masterWith(cluster, { many: 8_000, more: 4_000 })
    const { replica, clock } = await heldReplica(cluster)
    const [many, more] = [await replica.openCollection('many'), await replica.openCollection('more')]
    const [vector = []] = QUERIES
    const waiting = [many, more].map((collection) => collection.search({ vector, topK: 3, exact: true }))
    await until('it is being filled', () => many.getStats().bytes.memory > 0)
    replica.replication.resync()
    await until('another one', () => snapshots(cluster).length === 2)
    clock.isHeld = false
    for (const [at, name] of ['many', 'more'].entries()) {
      const wanted = (await master.openCollection(name)).search({ vector, topK: 3, exact: true })
      expect(await waiting[at]).toEqual(await wanted)
    }
    await settled(master, replica)
    await expectExact(more, await master.openCollection('more'))
    await until('nobody reads the old state', () => replica.getStats().pinnedViews === 0)
    expect(alarming(cluster.node('r').warnings)).toEqual([])
  })
})
