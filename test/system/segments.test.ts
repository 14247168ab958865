import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'
import { indexDirectories, ModelledPoints, openObserved } from './modelled-points.js'

const SEED = process.env.REPLIVEC_SEGMENTS_SEED ?? 'segments'
const RECALL_MIN = 0.97

function newPoints(label: string, options = {}): ModelledPoints {
  return new ModelledPoints(new SeededRandom(`${SEED}/${label}`), options)
}

/** Runs `body` with a path for a store, and with `directory` around it. */
function withPath(body: (path: string, directory: string) => Promise<void>): Promise<void> {
  return withTemporaryDirectory((directory) => body(join(directory, 'store'), directory))
}

/** Makes a store of two segments, of which the second has 900 records. */
async function fill(path: string, model: ModelledPoints, count: number): Promise<void> {
  const { store, warnings, segments } = await openObserved(path)
  const points = await model.create(store)
  await model.put(points, 0, count - 900)
  await points.flush()
  await model.put(points, count - 900, count)
  await points.flush()
  expect(points.getStats()).toMatchObject({
    index: { kind: 'hnsw', indexed: model.vectors.size, pending: 0 },
  })
  expect({ warnings, segments }).toEqual({ warnings: [], segments: ['built', 'built'] })
  await store.close()
}

/** Opens the store again: it must find all in its segments and build nothing. */
async function expectNothingBuilt(path: string, model: ModelledPoints): Promise<void> {
  const { store, warnings, segments } = await openObserved(path)
  const points = await store.openCollection('points')
  expect(await model.recall(points, 20)).toBeGreaterThanOrEqual(RECALL_MIN)
  await points.flush()
  expect({ warnings, segments }).toEqual({ warnings: [], segments: [] })
  const { index } = points.getStats()
  expect(index).toMatchObject({ kind: 'hnsw', indexed: model.vectors.size, pending: 0 })
  await store.close()
}

describe(`segments of a store on disk (seed ${SEED})`, () => {
  test('are found again at the next open, which builds nothing', () =>
    withPath(async (path) => {
      const model = newPoints('again')
      await fill(path, model, 9_000)
      const directories = await indexDirectories(path)
      expect(Object.values(directories)).toEqual([['00000001', '00000002']])
      await expectNothingBuilt(path, model)
      await expectNothingBuilt(path, model)
      expect(await indexDirectories(path)).toEqual(directories)
    }))

  test.each([
    ['dot', { metric: 'dot', lengthMax: 5 }],
    ['dot with an offset', { metric: 'dot', lengthMax: 3, offset: 2 }],
    ['euclidean', { metric: 'euclidean', lengthMax: 5 }],
    ['euclidean with an offset', { metric: 'euclidean', offset: 300 }],
    ['cosine', { metric: 'cosine', lengthMax: 100 }],
  ] as const)('find nearly all of the nearest, by %s', (name, options) =>
    withPath(async (path) => {
      const model = newPoints(name, options)
      await fill(path, model, 5_000)
      const { store } = await openObserved(path)
      const points = await store.openCollection('points')
      expect(await model.recall(points, 60)).toBeGreaterThanOrEqual(RECALL_MIN)
      await store.close()
    }),
  )

  test('never show what was replaced or deleted after they were built', () =>
    withPath(async (path) => {
      const model = newPoints('replaced')
      await fill(path, model, 5_000)
      const random = new SeededRandom(`${SEED}/replaced/which`)
      // So few that no segment is worth being rebuilt, then so many that it is.
      for (const [moves, removals] of [
        [200, 200],
        [20, 1_500],
      ] as const) {
        const { store } = await openObserved(path)
        const points = await store.openCollection('points')
        const there = [...model.vectors.keys()].map((id) => Number(id.slice(1)))
        for (let i = 0; i < moves; i++) await model.move(points, random.pick(there))
        await model.remove(points, there.slice(100, 100 + removals))
        await model.put(points, 105, 110)
        await points.update('p0', { metadata: { seen: true } })
        await store.close()

        const again = await openObserved(path)
        const found = await again.store.openCollection('points')
        expect(await model.recall(found, 40)).toBeGreaterThanOrEqual(RECALL_MIN)
        await found.flush()
        expect(await model.recall(found, 40)).toBeGreaterThanOrEqual(RECALL_MIN)
        expect(found.getStats()).toMatchObject({
          records: { live: model.vectors.size },
          index: { kind: 'hnsw', indexed: model.vectors.size, pending: 0 },
        })
        expect(again.warnings).toEqual([])
        await again.store.close()
      }
      await expectNothingBuilt(path, model)
    }))

  test('are kept through changes of metadata, of indexed fields, and when a record gets a number of a deleted one', () =>
    withPath(async (path) => {
      const model = newPoints('metadata')
      await fill(path, model, 5_000)
      const first = await openObserved(path)
      const points = await first.store.openCollection('points')
      await points.update({ filter: {} }, { metadata: { n: 1 } })
      await points.configure({ indexed: ['n'] })
      await first.store.close()
      await expectNothingBuilt(path, model)

      const second = await openObserved(path)
      const changed = await second.store.openCollection('points')
      await model.remove(changed, [10, 11, 12])
      // Verifying waits until that is in the record store: the numbers are free then.
      await second.store.verify()
      await model.put(changed, 6_000, 6_003)
      await second.store.close()
      const third = await openObserved(path)
      const found = await third.store.openCollection('points')
      expect(await model.recall(found, 40)).toBeGreaterThanOrEqual(RECALL_MIN)
      const { index } = found.getStats()
      expect(index).toMatchObject({ indexed: 4_997, pending: 3 })
      await third.store.close()
    }))

  test('go with their collection, and those of one that is gone at the next open', () =>
    withPath(async (path) => {
      const model = newPoints('dropped')
      await fill(path, model, 5_000)
      const [number] = Object.keys(await indexDirectories(path)) as [string]
      const { store, warnings } = await openObserved(path)
      await (await store.openCollection('points')).search({ vector: model.vector() })
      await store.dropCollection('points')
      await store.close()
      expect(await indexDirectories(path)).toEqual({})
      expect(warnings).toEqual([])

      const leftover = join(path, 'index', number, '00000001', 'index')
      mkdirSync(leftover, { recursive: true })
      writeFileSync(join(leftover, 'graph.usearch'), 'left over')
      const again = await openObserved(path)
      expect(await indexDirectories(path)).toEqual({})
      const fresh = await model.create(again.store)
      model.vectors.clear()
      await model.put(fresh, 0, 50)
      expect(await model.recall(fresh, 5)).toBe(1)
      await again.store.close()
    }))

  test('are removed when a collection is dropped that nobody searched since the open', () =>
    withPath(async (path) => {
      await fill(path, newPoints('unsearched'), 5_000)
      const { store } = await openObserved(path)
      await store.dropCollection('points')
      await store.close()
      expect(await indexDirectories(path)).toEqual({})
    }))

  test('are dropped under a search, which still ends right and without a warning', () =>
    withPath(async (path) => {
      const model = newPoints('dropped under a search')
      await fill(path, model, 5_000)
      const { store, warnings } = await openObserved(path)
      const points = await store.openCollection('points')
      expect(await model.recall(points, 1)).toBeGreaterThan(0)
      const query = { vector: model.vector(), topK: 10, filter: { missing: { $exists: false } } }
      const expected = await points.search(query)
      const searches = Array.from({ length: 5 }, () => points.search(query))
      const dropped = store.dropCollection('points')
      for (const found of await Promise.all(searches)) expect(found).toEqual(expected)
      await dropped
      await store.close()
      expect(warnings).toEqual([])
      expect(await indexDirectories(path)).toEqual({})
    }))

  test('of another backend replace them, and only the directories in use are left', () =>
    withPath(async (path) => {
      const model = newPoints('configured')
      await fill(path, model, 5_000)
      for (const [backend, kind] of [
        ['quantized', 'hnsw-quantized'],
        ['cpu', 'hnsw'],
      ] as const) {
        const { store, warnings } = await openObserved(path)
        const points = await store.openCollection('points')
        const before = points.search({ vector: model.vector() })
        await points.configure({ backend })
        await before
        expect(await model.recall(points, 10)).toBeGreaterThan(0)
        await points.flush()
        expect(points.getStats()).toMatchObject({ index: { kind, indexed: 5_000, pending: 0 } })
        expect(await model.recall(points, 40)).toBeGreaterThanOrEqual(RECALL_MIN)
        const { segments } = points.getStats().index
        await store.close()
        const [[number, names]] = Object.entries(await indexDirectories(path)) as [[string, string[]]]
        expect(names).toHaveLength(segments)
        for (const name of names) {
          const description = readFileSync(join(path, 'index', number, name, 'segment.json'), 'utf8')
          expect(JSON.parse(description.split('\n')[0] as string)).toMatchObject({ kind })
        }
        expect(warnings).toEqual([])
      }
      await expectNothingBuilt(path, model)
    }))

  test('are left in order by a store that is closed while they are built and merged', () =>
    withPath(async (path) => {
      const model = newPoints('closed')
      const random = new SeededRandom(`${SEED}/closed/when`)
      for (let round = 0; round < 6; round++) {
        const { store, warnings, segments } = await openObserved(path)
        const points = await store.getOrCreateCollection('points', { dimensions: 16, metric: 'cosine' })
        await model.put(points, round * 4_500, round * 4_500 + 4_500)
        const compacting = round % 2 === 1 ? points.compact().catch(asClosed) : points.flush().catch(asClosed)
        for (let turn = random.int(400); turn > 0; turn--) await setImmediate()
        await store.close()
        await compacting
        const told = segments.length
        const directories = await indexDirectories(path)
        await expectWhole(path)
        await setImmediate()
        expect({ told: segments.length, directories: await indexDirectories(path) }).toEqual({
          ...{ told, directories },
        })
        const again = await openObserved(path)
        const found = await again.store.openCollection('points')
        expect(await model.recall(found, 10)).toBeGreaterThanOrEqual(RECALL_MIN)
        await again.store.close()
        expect([...warnings, ...again.warnings]).toEqual([])
      }
      const { store } = await openObserved(path)
      await (await store.openCollection('points')).flush()
      await store.close()
      await expectNothingBuilt(path, model)
    }))

  test('are being found when their store is closed, which waits for nobody', () =>
    withPath(async (path) => {
      const model = newPoints('closed while found')
      await fill(path, model, 9_000)
      for (let turns = 0; turns < 40; turns += 4) {
        const { store, warnings } = await openObserved(path)
        const points = await store.openCollection('points')
        const searching = points.search({ vector: model.vector() }).then(() => undefined, asClosed)
        for (let turn = 0; turn < turns; turn++) await setImmediate()
        await store.close()
        await searching
        expect(warnings).toEqual([])
      }
      await expectNothingBuilt(path, model)
    }))
})

function asClosed(error: unknown): void {
  expect(error).toMatchObject({ code: 'CLOSED' })
}

/** Every directory is a whole segment. */
async function expectWhole(path: string): Promise<void> {
  for (const [collection, names] of Object.entries(await indexDirectories(path))) {
    for (const name of names) {
      const files = await readdir(join(path, 'index', collection, name))
      expect(files.sort()).toEqual(['index', 'rows.bin', 'segment.json'])
    }
  }
}
