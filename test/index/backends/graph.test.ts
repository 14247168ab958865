import { afterAll, describe, expect, test } from 'vitest'
import { checkedBackend } from '../../../lib/index/checked-backend.js'
import { graphBackend, graphWorker } from '../../../lib/index/backends/graph.js'
import type { GraphScalar } from '../../../lib/index/backends/usearch-graph.js'
import { readGraph } from '../../../lib/index/backends/graph-files.js'
import { nodeClock } from '../../../lib/runtime/node-clock.js'
import { nodeFiles } from '../../../lib/runtime/node-files.js'
import { SampleVectors } from '../../../lib/testing/sample-vectors.js'
import { SeededRandom } from '../../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../../lib/testing/temporary-directory.js'
import { testBackend } from '../../../lib/testing/test-backend.js'

const worker = graphWorker()
afterAll(() => worker.close())

const graph = (...scalars: GraphScalar[]) =>
  graphBackend({ kind: 'graph', scalars, files: nodeFiles, clock: nodeClock, worker, threads: 1 })

testBackend('a graph of f32', () => graph('f32'), { describe, test })
testBackend('a graph of bf16', () => graph('bf16', 'f32'), { describe, test })
testBackend('a graph of i8', () => graph('i8', 'bf16', 'f32'), { describe, test })

describe('a build', () => {
  const random = new SeededRandom('graph build')
  const sample = SampleVectors.clustered(random, 'cosine', 4_000, 32)
  const { vectors, count, dimensions, metric } = sample

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
