import { existsSync, fstatSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type GraphShape, UsearchGraph } from '../../../lib/index/backends/usearch-graph.js'
import { SampleVectors } from '../../../lib/testing/sample-vectors.js'
import { SeededRandom } from '../../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../../lib/testing/temporary-directory.js'

const SHAPE: GraphShape = { dimensions: 8, metric: 'cos', scalar: 'f32' }
const random = new SeededRandom('usearch graph')
const sample = SampleVectors.uniform(random, 'cosine', 500, 8)

function filled(shape: GraphShape = SHAPE): UsearchGraph {
  const graph = new UsearchGraph(shape, 2)
  graph.add(sample.vectors.slice(0, 300 * 8))
  graph.add(sample.vectors.slice(300 * 8))
  return graph
}

const queryOf = (row: number) => sample.vectors.slice(row * 8, row * 8 + 8)

describe('a graph', () => {
  test('finds every row by itself, under the ordinal of its place', () => {
    const graph = filled()
    expect(graph.count).toBe(500)
    for (const row of [0, 299, 300, 499]) expect(graph.search(queryOf(row), 3).ordinals[0]).toBe(row)
  })

  test('takes rows under ordinals of their own, in any order', () => {
    const graph = new UsearchGraph(SHAPE)
    graph.add(queryOf(9), Uint32Array.of(9))
    graph.add(
      sample.vectors.slice(0, 9 * 8),
      Uint32Array.from({ length: 9 }, (_, row) => row),
    )
    expect(graph.count).toBe(10)
    for (const row of [0, 4, 9]) expect(graph.search(queryOf(row), 1).ordinals[0]).toBe(row)
    expect(() => graph.add(queryOf(10), Uint32Array.of(10, 11))).toThrow(/wrong ordinals/)
  })

  test('answers with what there is, nearest first', () => {
    const { ordinals, distances } = filled().search(queryOf(7), 10_000)
    expect(new Set(ordinals).size).toBe(ordinals.length)
    expect(ordinals.length).toBeGreaterThan(450)
    expect([...distances]).toEqual([...distances].sort((a, b) => a - b))
    expect(new UsearchGraph(SHAPE).search(queryOf(0), 5).ordinals).toHaveLength(0)
  })

  test('comes back from its file with the same answers', async () => {
    await withTemporaryDirectory(async (directory) => {
      const path = join(directory, 'graph')
      const graph = filled({ ...SHAPE, scalar: 'bf16' })
      graph.save(path)
      const viewed = UsearchGraph.view(path, { ...SHAPE, scalar: 'bf16' }, 500)
      for (const row of [1, 250, 499])
        expect(viewed.search(queryOf(row), 20)).toEqual(graph.search(queryOf(row), 20))
      expect(() => UsearchGraph.view(path, SHAPE, 499)).toThrow(
        /holds 500 vectors of 8 dimensions, not 499 of 8/,
      )
      expect(() => UsearchGraph.view(path, { ...SHAPE, dimensions: 9 }, 500)).toThrow(/500 of 9/)
      expect(() => UsearchGraph.view(`${path}-none`, SHAPE, 500)).toThrow(/could not open/)
    })
  })

  test('that cannot be opened leaves the standard input alone', async () => {
    await withTemporaryDirectory(async (directory) => {
      const [path, none, empty] = ['graph', 'none', 'empty'].map((name) => join(directory, name)) as [
        string,
        string,
        string,
      ]
      filled().save(path)
      writeFileSync(empty, '')
      const before = fstatSync(0)
      const viewed = UsearchGraph.view(path, SHAPE, 500)
      for (const wrong of [none, empty, directory]) {
        expect(() => UsearchGraph.view(wrong, SHAPE, 500)).toThrow(/could not open/)
        expect(() => viewed.release(wrong)).toThrow(/could not release/)
      }
      expect(fstatSync(0)).toEqual(before)
    })
  })

  test('lets go of its file at once', async () => {
    await withTemporaryDirectory(async (directory) => {
      const [path, empty] = [join(directory, 'graph'), join(directory, 'empty')]
      filled().save(path)
      new UsearchGraph(SHAPE).save(empty)
      // Only Linux tells what is mapped.
      const maps = '/proc/self/maps'
      const isMapped = (otherwise: boolean) =>
        existsSync(maps) ? readFileSync(maps, 'utf8').includes(path) : otherwise
      const viewed = UsearchGraph.view(path, SHAPE, 500)
      expect(isMapped(true)).toBe(true)
      viewed.release(empty)
      expect(isMapped(false)).toBe(false)
      expect([viewed.count, viewed.search(queryOf(0), 5).ordinals.length]).toEqual([0, 0])
    })
  })
})

describe('nothing native is called with', () => {
  const wrong = { code: 'BACKEND_FAILED', message: expect.stringMatching(/was given a wrong/) }
  const outcome = (call: () => unknown): unknown => {
    try {
      return call()
    } catch (error) {
      return error
    }
  }

  test.each([
    ['dimensions 0', { dimensions: 0 }],
    ['dimensions NaN', { dimensions: Number.NaN }],
    ['too many dimensions', { dimensions: 65_537 }],
    ['an unknown metric', { metric: 'jaccard' }],
    ['an unknown scalar', { scalar: 'unknown' }],
    ['i8 for dot products', { scalar: 'i8', metric: 'ip' }],
  ])('a shape of %s', (_name, part) => {
    expect(outcome(() => new UsearchGraph({ ...SHAPE, ...part } as GraphShape))).toMatchObject(wrong)
  })

  test.each([0, -1, 1.5, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY])('k %d', (k) => {
    expect(outcome(() => filled().search(queryOf(0), k))).toMatchObject(wrong)
  })

  test.each([0, -1, 1.5, Number.NaN, 10_000])('%d threads', (threads) => {
    expect(outcome(() => new UsearchGraph(SHAPE, threads))).toMatchObject(wrong)
  })

  test('vectors of another length, shared ones or none', () => {
    const shared = new Float32Array(new SharedArrayBuffer(32))
    for (const vectors of [
      new Float32Array(0),
      new Float32Array(9),
      new Float64Array(8),
      [1],
      undefined,
      shared,
    ]) {
      expect(outcome(() => filled().add(vectors as Float32Array))).toMatchObject(wrong)
      expect(outcome(() => filled().search(vectors as Float32Array, 1))).toMatchObject(wrong)
    }
  })
})
