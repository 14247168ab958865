import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { checkedBackend } from '../../../lib/index/checked-backend.js'
import { GraphPool } from '../../../lib/index/backends/graph-pool.js'
import { graphBackend, graphWorker } from '../../../lib/index/backends/graph.js'
import { orderGraph } from '../../../lib/index/backends/graph-order.js'
import type { GraphScalar } from '../../../lib/index/backends/usearch-graph.js'
import { readGraph } from '../../../lib/index/backends/graph-files.js'
import { nodeClock } from '../../../lib/runtime/node-clock.js'
import { nodeFiles } from '../../../lib/runtime/node-files.js'
import { SampleVectors } from '../../../lib/testing/sample-vectors.js'
import { SeededRandom } from '../../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../../lib/testing/temporary-directory.js'
import { testBackend } from '../../../lib/testing/test-backend.js'

const worker = graphWorker()
const pool = new GraphPool({ clock: nodeClock, threads: 2 })
afterAll(() => Promise.all([worker.close(), pool.close()]))

const options = { kind: 'graph', files: nodeFiles, clock: nodeClock, worker, threads: 1 }
const graph = (...scalars: GraphScalar[]) => graphBackend({ ...options, scalars })
const pooled = (...scalars: GraphScalar[]) => graphBackend({ ...options, scalars, pool })

testBackend('a graph of f32', () => graph('f32'), { describe, test })
testBackend('a graph of bf16', () => graph('bf16', 'f32'), { describe, test })
testBackend('a graph of i8', () => graph('i8', 'bf16', 'f32'), { describe, test })
testBackend('a graph of bf16 in a pool', () => pooled('bf16', 'f32'), { describe, test })

describe.each(['cosine', 'dot', 'euclidean'] as const)('an index of a pool (%s)', (metric) => {
  const random = new SeededRandom(`pooled ${metric}`)
  const { vectors, count, dimensions, ...sample } = SampleVectors.clustered(random, metric, 2_000, 20)
  const queries = new SampleVectors(vectors, dimensions, sample.metric).queries(random, 200)

  test('answers as without one, one by one, many at once and in one call, until it is disposed', async () => {
    await withTemporaryDirectory(async (directory) => {
      const { signal } = new AbortController()
      const rows = { count, dimensions, metric }
      const index = await pooled('bf16', 'f32').build({ vectors, ...rows, directory, signal })
      const alone = await graph('bf16', 'f32').open?.({ directory, ...rows })
      const input = { queries, count: 200, k: 10, ef: 64 }
      const expected = await alone?.search(input)
      expect(expected?.every(({ ordinals }) => ordinals.length === 10)).toBe(true)
      expect(await index.search(input)).toEqual(expected)
      const one = (i: number) => ({
        ...input,
        count: 1,
        queries: queries.slice(i * dimensions, (i + 1) * dimensions),
      })
      const all = Array.from({ length: 200 }, (_, i) => i)
      expect((await Promise.all(all.map((i) => index.search(one(i))))).flat()).toEqual(expected)
      for (const i of [0, 100, 199]) expect(await index.search(one(i))).toEqual([expected?.[i]])
      const last = index.search(input)
      await index[Symbol.asyncDispose]()
      expect(await last).toEqual(expected)
      await index[Symbol.asyncDispose]()
      await alone?.[Symbol.asyncDispose]()
    })
  })
})

describe('a build', () => {
  const random = new SeededRandom('graph build')
  const sample = SampleVectors.clustered(random, 'cosine', 4_000, 32)
  const { vectors, count, dimensions, metric } = sample

  test('of few rows is the same however many threads it may have', async () => {
    const built = async (threads: number) =>
      withTemporaryDirectory(async (directory) => {
        const { signal } = new AbortController()
        const backend = graphBackend({ ...options, scalars: ['f32'], threads })
        const index = await backend.build({ vectors, count, dimensions, metric, directory, signal })
        await index[Symbol.asyncDispose]()
        const files = (await readdir(directory)).sort()
        return Promise.all(
          files.map(async (name) => [name, (await readFile(join(directory, name))).toString('base64')]),
        )
      })
    expect(await built(8)).toEqual(await built(1))
  })

  test('leaves the vertices in the order that searches read them in', async () => {
    await withTemporaryDirectory(async (directory) => {
      const { signal } = new AbortController()
      const index = await graph('bf16').build({ vectors, count, dimensions, metric, directory, signal })
      await index[Symbol.asyncDispose]()
      const [path, again] = [join(directory, 'graph.usearch'), join(directory, 'again')]
      expect(orderGraph(path, again, () => false)).toBe(true)
      expect((await readFile(again)).equals(await readFile(path))).toBe(true)
    })
  })

  test('is given up when it is no longer wanted, and the worker builds the next', async () => {
    await withTemporaryDirectory(async (directory) => {
      const aborting = new AbortController()
      const input = { vectors, count, dimensions, metric, directory }
      const building = checkedBackend(graph('f32')).build({ ...input, signal: aborting.signal })
      aborting.abort(new Error('not wanted'))
      await expect(building).rejects.toThrow('not wanted')
    })
    await withTemporaryDirectory(async (directory) => {
      const { signal } = new AbortController()
      const index = await graph('f32').build({ vectors, count, dimensions, metric, directory, signal })
      const [found] = await index.search({ queries: vectors.slice(0, dimensions), count: 1, k: 1 })
      expect([...(found?.ordinals ?? [])]).toEqual([0])
      await index[Symbol.asyncDispose]()
    })
  })

  test('finds how wide a search has to look for its data', async () => {
    const offset = SampleVectors.clustered(random, 'cosine', 3_000, 32).vectors.map(
      (x) => 10 + x * (0.5 + random.next()),
    )
    const rows = new SampleVectors(offset, 32, 'dot')
    await withTemporaryDirectory(async (directory) => {
      const { signal } = new AbortController()
      const shape = { count: 3_000, dimensions: 32, metric: 'dot' as const }
      const index = await graph('bf16').build({ vectors: rows.vectors, ...shape, directory, signal })
      const { ef } = await readGraph(nodeFiles, directory, shape)
      expect(ef === null || ef > 64).toBe(true)
      const queries = rows.vectors.slice(0, 50 * 32)
      const found = await index.search({ queries, count: 50, k: 1_024 })
      const kept = found.reduce((sum, { ordinals }, query) => {
        const all = Array.from({ length: 3_000 }, (_, row) => rows.distanceTo(row, queries, query * 32))
        const limit = all.toSorted((a, b) => a - b)[9] as number
        return sum + Math.min(10, ordinals.filter((row) => (all[row] as number) <= limit).length)
      }, 0)
      expect(ef === null ? 1 : kept / 500).toBeGreaterThan(0.95)
      const [narrow] = await index.search({ queries, count: 1, k: 10 })
      expect(narrow?.ordinals).toHaveLength(ef === null ? 0 : 10)
      await index[Symbol.asyncDispose]()
    })
  })

  test('of a wider search finds more', async () => {
    await withTemporaryDirectory(async (directory) => {
      const { signal } = new AbortController()
      const index = await graph('i8').build({ vectors, count, dimensions, metric, directory, signal })
      const queries = sample.queries(random, 50)
      const found = async (ef: number) => {
        const lists = await index.search({ queries, count: 50, k: 10, ef })
        return lists.reduce((sum, { distances }) => sum + distances.reduce((a, b) => a + b, 0), 0)
      }
      expect(await found(400)).toBeLessThanOrEqual(await found(10))
      await index[Symbol.asyncDispose]()
    })
  })
})
