/** Searches at once share the processors by way of search threads: each must answer as it does alone. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Collection, SearchQuery } from '../../lib/index.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'
import { ModelledPoints, type ObservedStore, openObserved } from './modelled-points.js'

const SEED = process.env.REPLIVEC_SEGMENTS_SEED ?? 'concurrent-searches'
const COUNT = 6_000

/** A store with a segment of most records, one of a few, some replaced and deleted, and some in the memtable. */
function withPoints(
  label: string,
  backend: 'cpu' | 'quantized',
  body: (observed: ObservedStore, points: Collection, model: ModelledPoints) => Promise<void>,
): Promise<void> {
  return withTemporaryDirectory(async (directory) => {
    const observed = await openObserved(join(directory, 'store'))
    const model = new ModelledPoints(new SeededRandom(`${SEED}/${label}`))
    const points = await model.create(observed.store, backend)
    await model.put(points, 0, COUNT - 600)
    await points.flush()
    await model.put(points, COUNT - 600, COUNT - 100)
    await points.flush()
    await model.put(points, COUNT - 100, COUNT)
    await model.put(points, 100, 200)
    await model.remove(
      points,
      Array.from({ length: 100 }, (_, i) => 300 + i),
    )
    await body(observed, points, model)
  })
}

function queriesOf(model: ModelledPoints, count: number): SearchQuery[] {
  const random = new SeededRandom(`${SEED}/queries`)
  return Array.from({ length: count }, () => ({
    vector: model.vector(),
    topK: 1 + random.int(30),
    includeVector: random.chance(0.3),
    ...(random.chance(0.2) ? { exact: true } : {}),
    ...(random.chance(0.2) ? { ef: 20 + random.int(200) } : {}),
    ...(random.chance(0.2) ? { filter: { missing: { $exists: false } } } : {}),
  }))
}

describe.each(['cpu', 'quantized'] as const)(`searches at once (%s, seed ${SEED})`, (backend) => {
  test('answer as one after another, and as a batch', () =>
    withPoints('at once', backend, async ({ store, warnings }, points, model) => {
      const queries = queriesOf(model, 300)
      const expected: unknown[] = []
      for (const query of queries) expected.push(await points.search(query))
      expect(points.getStats().index).toMatchObject({ segments: 2 })
      for (let round = 0; round < 2; round++) {
        expect(await Promise.all(queries.map((query) => points.search(query)))).toEqual(expected)
        expect(await points.searchBatch(queries)).toEqual(expected)
      }
      // Batches beside one another, and a search alone among them.
      const batches = [0, 1, 2].map((i) => points.searchBatch(queries.slice(i * 100, i * 100 + 100)))
      const alone = points.search(queries[7] as SearchQuery)
      expect((await Promise.all(batches)).flat()).toEqual(expected)
      expect(await alone).toEqual(expected[7])
      expect(points.getStats().operations.searches).toBe(300 + 4 * 300 + 300 + 1)
      await store.close()
      expect(warnings).toEqual([])
    }))

  test('answer right while segments are built, merged and replaced', () =>
    withPoints('replaced', backend, async ({ store, warnings }, points, model) => {
      let isOver = false
      const searching = Array.from({ length: 8 }, async () => {
        let answers = 0
        while (!isOver) {
          const exact = answers % 4 === 0
          const found = await points.search({ vector: model.vector(), topK: 10, exact })
          expect(found).toHaveLength(10)
          expect(new Set(found.map(({ id }) => id)).size).toBe(10)
          answers += 1
          await nodeClock.yield()
        }
        return answers
      })
      await points.compact()
      await model.put(points, COUNT, COUNT + 2_000)
      await points.flush()
      await points.compact()
      isOver = true
      expect(Math.min(...(await Promise.all(searching)))).toBeGreaterThan(0)
      expect(await model.recall(points, 20)).toBeGreaterThanOrEqual(0.97)
      await store.close()
      expect(warnings).toEqual([])
    }))

  test('end right or with CLOSED when their store is closed', () =>
    withPoints('closed', backend, async ({ store, warnings }, points, model) => {
      const queries = queriesOf(model, 60)
      const expected = await points.searchBatch(queries)
      const searches = queries.map((query) => points.search(query))
      const batch = points.searchBatch(queries)
      await nodeClock.yield()
      const outcomes = Promise.allSettled([...searches, batch.then((hits) => hits.flat())])
      await store.close()
      const wanted = [...expected, expected.flat()]
      for (const [i, outcome] of (await outcomes).entries()) {
        if (outcome.status === 'fulfilled') expect(outcome.value).toEqual(wanted[i])
        else expect(outcome.reason).toMatchObject({ code: 'CLOSED' })
      }
      await expect(points.search({ vector: model.vector() })).rejects.toMatchObject({ code: 'CLOSED' })
      expect(warnings).toEqual([])
    }))
})
