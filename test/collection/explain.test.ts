import { describe, expect, test } from 'vitest'
import { VectorStore } from '../../lib/index.js'
import { plainScan } from '../../lib/index/backends/plain-scan.js'
import { ControlledBackend, forgetful } from '../index/controlled-backend.js'

const DIMENSIONS = 512
/** Records in one segment, and in the memtable. */
const [BUILT, FRESH] = [2_000, 100]
/** So many of them are few: 256 Ki components. */
const FEW = 512

/** Records `r0` to `r2099` at 0 to 2 099 on a line; `n` is indexed, `plain` is not. */
async function line() {
  const backend = new ControlledBackend(forgetful(plainScan, false))
  backend.isAutomatic = true
  const store = await VectorStore.open()
  const points = await store.createCollection<{ n: number; plain: number }>('points', {
    ...{ dimensions: DIMENSIONS, metric: 'euclidean', backend, indexed: ['n'] },
  })
  const records = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => {
      const vector = new Float32Array(DIMENSIONS)
      vector[0] = from + i
      return { id: `r${from + i}`, vector, metadata: { n: from + i, plain: from + i } }
    })
  await points.upsert(records(0, BUILT))
  await points.flush()
  await points.upsert(records(BUILT, BUILT + FRESH))
  // Verifying waits until all is in the record store, whose indexes answer then.
  await store.verify()
  const searches = () => backend.indexes.reduce((sum, each) => sum + each.searches, 0)
  return { store, points, searches }
}

const vector = new Float32Array(DIMENSIONS)

describe('an explanation', () => {
  test('says of how many candidates an index is asked, and what is compared beside', async () => {
    const { store, points, searches } = await line()
    const plan = await points.explain({ vector, topK: 4 })
    expect(plan).toEqual({
      ...{ collection: 'points', backend: 'controlled', vectors: 'index', matching: 2_100, records: 2_100 },
      ...{ index: { segments: 1, candidates: 64 }, compared: FRESH },
      reason:
        'No filter: 2100 vectors are candidates. 1 segment is asked for 64 candidates, 100 vectors are compared one by one.',
    })
    expect(searches()).toBe(0)
    await points.search({ vector, topK: 4 })
    expect(searches()).toBe(1)
    const exact = await points.explain({ vector, topK: 4, exact: true })
    expect(exact).toMatchObject({
      vectors: 'exact-scan',
      index: { segments: 0, candidates: 0 },
      compared: 2_100,
    })
    expect(await points.explain({ vector, topK: 1_000 })).toMatchObject({ vectors: 'exact-scan' })
    await store.close()
  })

  test('says what a search with a filter does', async () => {
    const { store, points, searches } = await line()
    for (const [bound, vectors] of [
      [0, 'nothing'],
      [5, 'exact-scan'],
      [FEW, 'exact-scan'],
      [FEW + 1, 'exact-scan'],
      [1_900, 'index'],
    ] as const) {
      const query = { vector, topK: 3, filter: { n: { $lt: bound } } }
      const plan = await points.explain(query)
      expect(plan).toMatchObject({ vectors, matching: bound, records: 2_100 })
      expect(plan.filter).toMatchObject({ indexes: ['n'], exact: true, evaluated: 0 })
      expect(plan.filter?.steps).toMatchObject({ field: 'n', admitted: bound })
      if (vectors !== 'index') expect([plan.index.segments, plan.compared]).toEqual([0, bound])
      const before = searches()
      expect((await points.search(query)).length).toBe(Math.min(3, bound))
      expect([bound, searches() > before]).toEqual([bound, vectors === 'index'])
    }
    const bySight = await points.explain({ vector, filter: { plain: { $lt: 5 } } })
    expect(bySight).toMatchObject({ vectors: 'exact-scan', matching: 5, compared: 5 })
    expect(bySight.filter).toMatchObject({ indexes: [], exact: false, evaluated: 2_100 })
    expect(bySight.reason).toBe(
      'No index helps this filter, so metadata was read and evaluated: 5 of 2100 records match, 2100 were evaluated. 5 vectors are compared one by one.',
    )
    await store.close()
  })

  test('speaks of a scan where nothing else is there', async () => {
    const { store, points } = await line()
    await points.configure({ backend: 'cpu' })
    await points.flush()
    expect(await points.explain({ vector })).toMatchObject({ vectors: 'exact-scan', compared: 2_100 })
    await store.close()
  })
})
