import { readdir } from 'node:fs/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { buildGraph, type GraphBuild } from '../../../lib/index/backends/graph-build.js'
import { graphFilesIn } from '../../../lib/index/backends/graph-files.js'
import { orderGraph } from '../../../lib/index/backends/graph-order.js'
import { UsearchGraph } from '../../../lib/index/backends/usearch-graph.js'
import { SampleVectors } from '../../../lib/testing/sample-vectors.js'
import { SeededRandom } from '../../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../../lib/testing/temporary-directory.js'

vi.mock(import('../../../lib/index/backends/graph-order.js'), { spy: true })
afterEach(() => vi.mocked(orderGraph).mockReset())

const COUNT = 600
const DIMENSIONS = 8
const random = new SeededRandom('graph build')
const { vectors } = SampleVectors.clustered(random, 'cosine', COUNT, DIMENSIONS)

function buildIn(directory: string): GraphBuild {
  const shared = new SharedArrayBuffer(vectors.byteLength)
  new Float32Array(shared).set(vectors)
  return {
    ...{
      vectors: shared,
      count: COUNT,
      dimensions: DIMENSIONS,
      metric: 'cosine',
      scalars: ['f32'],
      threads: 1,
    },
    ...graphFilesIn(directory),
    control: new SharedArrayBuffer(8),
  }
}

describe('a build of a graph', () => {
  test('counts its rows, and leaves two files, of which one is empty', async () => {
    await withTemporaryDirectory(async (directory) => {
      const build = buildIn(directory)
      expect(buildGraph(build)).toMatchObject({ coding: { scalar: 'f32', metric: 'cosine' }, ef: 64 })
      expect(new Int32Array(build.control)[1]).toBe(COUNT)
      expect((await readdir(directory)).sort()).toEqual(['empty.usearch', 'graph.usearch'])
      expect(orderGraph).toHaveBeenCalledOnce()
    })
  })

  test('leaves a file as the library wrote it where that is laid out in a way not known here', async () => {
    vi.mocked(orderGraph).mockReturnValue(false)
    await withTemporaryDirectory(async (directory) => {
      const { graphPath } = graphFilesIn(directory)
      expect(buildGraph(buildIn(directory))).toMatchObject({ ef: 64 })
      expect((await readdir(directory)).sort()).toEqual(['empty.usearch', 'graph.usearch'])
      const shape = { dimensions: DIMENSIONS, metric: 'cos', scalar: 'f32' } as const
      const graph = UsearchGraph.view(graphPath, shape, COUNT)
      for (const row of [0, 299, 599]) {
        const query = vectors.slice(row * DIMENSIONS, (row + 1) * DIMENSIONS)
        expect(graph.search(query, 1).distances[0]).toBeLessThan(1e-6)
      }
    })
  })

  test('fails where the file system fails while vertices are put in order', async () => {
    const cause = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    vi.mocked(orderGraph).mockImplementation(() => {
      throw cause
    })
    await withTemporaryDirectory(async (directory) => {
      expect(() => buildGraph(buildIn(directory))).toThrow(
        expect.objectContaining({ code: 'BACKEND_FAILED', cause, details: { kind: 'graph' } }),
      )
    })
  })

  test('ends when it is stopped, before it begins and while vertices are put in order', async () => {
    await withTemporaryDirectory(async (directory) => {
      const build = buildIn(directory)
      const control = new Int32Array(build.control)
      vi.mocked(orderGraph).mockImplementation((_from, _to, isStopped) => {
        expect(isStopped()).toBe(false)
        Atomics.store(control, 0, 1)
        expect(isStopped()).toBe(true)
        return false
      })
      expect(buildGraph(build)).toBeUndefined()
      expect(orderGraph).toHaveBeenCalledOnce()
      expect(buildGraph(build)).toBeUndefined()
      expect(orderGraph).toHaveBeenCalledOnce()
    })
  })
})
