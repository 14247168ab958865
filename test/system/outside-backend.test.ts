import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Collection, type IndexBackend, type SearchQuery, VectorStore } from '../../lib/index.js'
import type { VectorIndex } from '../../lib/index/backend.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { SampleVectors } from '../../lib/testing/sample-vectors.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'
import { persisting } from '../index/persisting-backend.js'
import { toyBackend } from '../index/toy-backend.js'
import { indexDirectories } from './modelled-points.js'

const DIMENSIONS = 16
const COUNT = 1_500
const sample = SampleVectors.clustered(new SeededRandom('outside backend'), 'euclidean', COUNT, DIMENSIONS)

interface Thing {
  readonly parity: 'even' | 'odd'
  readonly rank: number
}

function record(row: number) {
  const vector = sample.vectors.slice(row * DIMENSIONS, (row + 1) * DIMENSIONS)
  const parity = row % 2 === 0 ? ('even' as const) : ('odd' as const)
  return { id: `r${row}`, vector, metadata: { parity, rank: row } }
}

async function create(store: VectorStore, backend: IndexBackend): Promise<Collection<Thing>> {
  const options = {
    dimensions: DIMENSIONS,
    metric: 'euclidean' as const,
    backend,
    indexed: ['rank'] as const,
  }
  const things = await store.createCollection<Thing>('things', options)
  await things.upsert(Array.from({ length: COUNT }, (_, row) => record(row)))
  await things.flush()
  return things
}

/** The rows a search must find, by comparing with all. */
function nearestRows(
  query: Float32Array,
  k: number,
  admits: (row: number) => boolean = () => true,
): number[] {
  return Array.from({ length: COUNT }, (_, row) => row)
    .filter(admits)
    .map((row) => ({ row, distance: sample.distanceTo(row, query, 0) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, k)
    .map(({ row }) => row)
}

function queries(seed: string, count: number): Float32Array[] {
  const all = sample.queries(new SeededRandom(seed), count)
  return Array.from({ length: count }, (_, i) => all.slice(i * DIMENSIONS, (i + 1) * DIMENSIONS))
}

async function idsOf(things: Collection<Thing>, query: SearchQuery<Thing>): Promise<string[]> {
  return (await things.search(query)).map(({ id }) => id)
}

describe('a backend of the host', () => {
  test('finds nearly all of the nearest, and with exact all of them', async () => {
    const store = await VectorStore.open()
    const things = await create(store, toyBackend)
    expect(things.backend).toBe('toy-inverted-file')
    expect(things.getStats()).toMatchObject({
      backend: 'toy-inverted-file',
      index: { kind: 'toy-inverted-file', indexed: COUNT, pending: 0 },
    })
    expect(things.getStats().fallbackReason).toBeUndefined()
    let found = 0
    for (const vector of queries('recall', 40)) {
      const expected = nearestRows(vector, 10).map((row) => `r${row}`)
      const ids = await idsOf(things, { vector, topK: 10 })
      expect(ids).toHaveLength(10)
      found += ids.filter((id) => expected.includes(id)).length
      expect(await idsOf(things, { vector, topK: 10, exact: true })).toEqual(expected)
    }
    expect(found).toBeGreaterThanOrEqual(0.9 * 400)
    await store.close()
  })

  test('never leaves a filtered search with fewer than topK hits, nor with one that does not match', async () => {
    const store = await VectorStore.open()
    const things = await create(store, toyBackend)
    const even = (row: number): boolean => row % 2 === 0
    await things.delete(Array.from({ length: 300 }, (_, i) => `r${4 * i + 1}`))
    for (const vector of queries('filters', 10)) {
      for (const bound of [2, 30, 400, COUNT]) {
        const filter = { parity: 'even' as const, rank: { $lt: bound } }
        const hits = await things.search({ vector, topK: 12, filter })
        expect(
          hits
            .map(({ metadata }) => metadata)
            .filter(({ parity, rank }) => parity !== 'even' || rank >= bound),
        ).toEqual([])
        expect(new Set(hits.map(({ id }) => id)).size).toBe(Math.min(12, Math.ceil(bound / 2)))
        const expected = nearestRows(vector, 12, (row) => even(row) && row < bound).map((row) => `r${row}`)
        expect(await idsOf(things, { vector, topK: 12, filter, exact: true })).toEqual(expected)
      }
    }
    await store.close()
  })

  test.each(['getOrCreateCollection', 'configure'] as const)(
    'must be given again after an open, by %s; until then the scan answers and the stats say so',
    async (how) => {
      await withTemporaryDirectory(async (directory) => {
        const path = join(directory, 'data')
        const first = await VectorStore.open({ path })
        await create(first, toyBackend)
        await first.close()

        const store = await VectorStore.open({ path })
        const things = await store.openCollection<Thing>('things')
        expect(things.backend).toBe('toy-inverted-file')
        expect(things.getStats().fallbackReason).toContain("'toy-inverted-file'")
        const [vector] = queries('reopened', 1) as [Float32Array]
        const expected = nearestRows(vector, 10).map((row) => `r${row}`)
        expect(await idsOf(things, { vector, topK: 10 })).toEqual(expected)
        expect(things.getStats().index.kind).not.toBe('toy-inverted-file')

        const options = { dimensions: DIMENSIONS, metric: 'euclidean' as const, backend: toyBackend }
        const given = {
          getOrCreateCollection: () => store.getOrCreateCollection<Thing>('things', options),
          configure: () => things.configure({ backend: toyBackend }),
        }
        await given[how]()
        await things.flush()
        const stats = things.getStats()
        expect(stats).toMatchObject({ index: { kind: 'toy-inverted-file', indexed: COUNT, pending: 0 } })
        expect(stats.fallbackReason).toBeUndefined()
        expect(await idsOf(things, { vector, topK: 10, exact: true })).toEqual(expected)
        expect(store.listCollections()).toMatchObject([{ name: 'things', indexed: ['rank'] }])
        await store.close()
      })
    },
  )

  describe.each(['getOrCreateCollection', 'configure'] as const)(
    'that keeps files, given again by %s',
    (how) => {
      /** Counts what it builds and opens. */
      function keeping() {
        const done = { built: 0, opened: 0 }
        const inner = persisting(toyBackend, nodeFiles)
        const backend: IndexBackend = {
          ...inner,
          build: (input) => {
            done.built += 1
            return inner.build(input)
          },
          open: async (input) => {
            done.opened += 1
            return (await inner.open?.(input)) as VectorIndex
          },
        }
        return { backend, done }
      }

      async function give(store: VectorStore, backend: IndexBackend): Promise<Collection<Thing>> {
        if (how === 'configure') {
          const things = await store.openCollection<Thing>('things')
          await things.configure({ backend })
          return things
        }
        const options = { dimensions: DIMENSIONS, metric: 'euclidean' as const, backend }
        return store.getOrCreateCollection<Thing>('things', options)
      }

      const [vector] = queries('kept', 1) as [Float32Array]
      const expected = nearestRows(vector, 10).map((row) => `r${row}`)

      async function expectAnswers(things: Collection<Thing>, backend: IndexBackend): Promise<void> {
        expect(await idsOf(things, { vector, topK: 10, exact: true })).toEqual(expected)
        expect(await idsOf(things, { vector, topK: 10 })).toHaveLength(10)
        const { index, fallbackReason } = things.getStats()
        expect(index).toMatchObject({ kind: backend.kind, indexed: COUNT, pending: 0, segments: 1 })
        expect(fallbackReason).toBeUndefined()
      }

      test('finds its segments, which nobody builds again', async () => {
        await withTemporaryDirectory(async (directory) => {
          const path = join(directory, 'data')
          const first = await VectorStore.open({ path })
          await create(first, keeping().backend)
          await first.close()
          for (let round = 0; round < 2; round++) {
            const store = await VectorStore.open({ path })
            const { backend, done } = keeping()
            const things = await give(store, backend)
            await expectAnswers(things, backend)
            await things.flush()
            expect(done).toEqual({ built: 0, opened: 1 })
            // Given once more it is the same.
            await give(store, backend)
            await expectAnswers(things, backend)
            expect(done).toEqual({ built: 0, opened: 1 })
            await store.close()
          }
        })
      })

      test('is built anew where a scan has answered before, and its former files go', async () => {
        await withTemporaryDirectory(async (directory) => {
          const path = join(directory, 'data')
          const first = await VectorStore.open({ path })
          await create(first, keeping().backend)
          await first.close()
          const store = await VectorStore.open({ path })
          const warnings: unknown[] = []
          store.on('warning', (warning) => warnings.push(warning))
          const scanned = await store.openCollection<Thing>('things')
          expect(await idsOf(scanned, { vector, topK: 10 })).toEqual(expected)
          const before = Object.values(await indexDirectories(path)).flat()
          const { backend, done } = keeping()
          const things = await give(store, backend)
          expect(await idsOf(things, { vector, topK: 10, exact: true })).toEqual(expected)
          await things.flush()
          await expectAnswers(things, backend)
          expect(done).toEqual({ built: 1, opened: 0 })
          await store.close()
          const after = Object.values(await indexDirectories(path)).flat()
          expect(after).toHaveLength(1)
          expect(after.filter((name) => before.includes(name))).toEqual([])
          expect(warnings).toEqual([])
          const again = await VectorStore.open({ path })
          const found = keeping()
          await expectAnswers(await give(again, found.backend), found.backend)
          expect(found.done).toEqual({ built: 0, opened: 1 })
          await again.close()
        })
      })
    },
  )

  test('that keeps files keeps them when its store is closed before the former index has gone', async () => {
    await withTemporaryDirectory(async (directory) => {
      const path = join(directory, 'data')
      let letGo = () => {}
      const gone = new Promise<void>((resolve) => {
        letGo = resolve
      })
      const former = persisting(toyBackend, nodeFiles)
      const slow: IndexBackend = {
        ...former,
        kind: 'slow to go',
        async build(input) {
          const index = await former.build(input)
          const search: VectorIndex['search'] = (asked) => index.search(asked)
          return { bytes: index.bytes, search, [Symbol.asyncDispose]: () => gone }
        },
      }
      const store = await VectorStore.open({ path })
      const things = await create(store, slow)
      const backend = persisting(toyBackend, nodeFiles)
      await things.configure({ backend })
      await things.flush()
      expect(things.getStats()).toMatchObject({ index: { kind: backend.kind, indexed: COUNT } })
      const closing = store.close()
      for (let turn = 0; turn < 300; turn++) await nodeClock.yield()
      letGo()
      await closing
      const again = await VectorStore.open({ path })
      const segments: unknown[] = []
      again.on('index', (event) => segments.push(event))
      const options = { dimensions: DIMENSIONS, metric: 'euclidean' as const, backend }
      const found = await again.getOrCreateCollection<Thing>('things', options)
      const [vector] = queries('gone', 1) as [Float32Array]
      expect(await idsOf(found, { vector, topK: 10 })).toHaveLength(10)
      await found.flush()
      expect(found.getStats()).toMatchObject({ index: { indexed: COUNT, pending: 0, segments: 1 } })
      expect(segments).toEqual([])
      await again.close()
    })
  })

  test('can be exchanged while searches and writes go on, and no answer ever lacks a record', async () => {
    const store = await VectorStore.open()
    const things = await create(store, toyBackend)
    const searching = { on: true }
    const reader = async (seed: string): Promise<number> => {
      let answers = 0
      for (const vector of queries(seed, 5_000)) {
        if (!searching.on) break
        const ids = await idsOf(things, { vector, topK: 10, exact: true, filter: { rank: { $lt: COUNT } } })
        expect(ids).toEqual(nearestRows(vector, 10).map((row) => `r${row}`))
        answers += 1
        await nodeClock.yield()
      }
      return answers
    }
    const readers = ['a', 'b', 'c'].map(reader)
    for (const backend of ['cpu', toyBackend, 'quantized', toyBackend, 'cpu', toyBackend] as const) {
      await things.configure({ backend })
      const row = things.getStats().records.live
      await things.upsert({ ...record(row % COUNT), id: `r${row}`, metadata: { parity: 'even', rank: row } })
      await things.search({ vector: queries('between', 1)[0] as Float32Array })
    }
    searching.on = false
    const answers = await Promise.all(readers)
    expect(Math.min(...answers)).toBeGreaterThan(0)
    await things.flush()
    expect(things.getStats()).toMatchObject({
      records: { live: COUNT + 6 },
      index: { kind: 'toy-inverted-file', indexed: COUNT + 6, pending: 0 },
    })
    await store.close()
  })

  test('that fails to build leaves the vectors to the scan, with a warning', async () => {
    const cause = new Error('no device')
    const failing: IndexBackend = { ...toyBackend, kind: 'failing', build: () => Promise.reject(cause) }
    const store = await VectorStore.open()
    const warnings: unknown[] = []
    store.on('warning', (warning) => warnings.push(warning))
    await expect(create(store, failing)).rejects.toMatchObject({ code: 'BACKEND_FAILED', cause })
    const things = await store.openCollection<Thing>('things')
    expect(warnings).toMatchObject([{ code: 'BACKEND_FAILED', details: { kind: 'failing' } }])
    expect(things.getStats()).toMatchObject({
      index: { kind: 'failing', indexed: 0, pending: COUNT },
      fallbackReason: expect.stringMatching(/could not build/),
    })
    const [vector] = queries('failing', 1) as [Float32Array]
    const expected = nearestRows(vector, 5).map((row) => `r${row}`)
    expect(await idsOf(things, { vector, topK: 5 })).toEqual(expected)
    await store.close()
  })

  test('is refused for a metric it does not have', async () => {
    const store = await VectorStore.open()
    const options = { dimensions: 4, metric: 'dot' as const, backend: toyBackend }
    await expect(store.createCollection('dots', options)).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      message: expect.stringContaining('toy-inverted-file'),
    })
    expect(store.listCollections()).toEqual([])
    await store.close()
  })
})
