import { describe, expect, test } from 'vitest'
import {
  chooseCoding,
  encodeQuery,
  encodeRows,
  graphMetricOf,
  sampledRows,
} from '../../../lib/index/backends/graph-coding.js'
import { loadUsearch, type Usearch } from '../../../lib/index/backends/usearch.js'
import { type GraphScalar, UsearchGraph } from '../../../lib/index/backends/usearch-graph.js'
import { distance } from '../../../lib/index/distance.js'
import type { Metric } from '../../../lib/index/metric.js'
import { SampleVectors } from '../../../lib/testing/sample-vectors.js'
import { SeededRandom } from '../../../lib/testing/seeded-random.js'

const usearch = loadUsearch() as Usearch
const DIMENSIONS = 32
const COUNT = 3_000

/** Rows of different lengths, spread around a point that is `offset` times as far from the origin as they are wide. */
function spread(random: SeededRandom, metric: Metric, offset: number, unit = 1): SampleVectors {
  const { vectors } = SampleVectors.clustered(random, 'cosine', COUNT, DIMENSIONS)
  for (let row = 0; row < COUNT; row++) {
    const length = 0.5 + random.next()
    for (let i = 0; i < DIMENSIONS; i++) {
      const at = row * DIMENSIONS + i
      vectors[at] = ((vectors[at] as number) * length + offset) * unit
    }
  }
  return new SampleVectors(vectors, DIMENSIONS, metric)
}

/** Rows, each a little moved. */
function nearby(sample: SampleVectors, random: SeededRandom, unit: number): Float32Array {
  return Float32Array.from({ length: 40 * DIMENSIONS }, (_, i) => {
    const row = (Math.floor(i / DIMENSIONS) * 71) % COUNT
    return (
      (sample.vectors[row * DIMENSIONS + (i % DIMENSIONS)] as number) + 0.05 * unit * (2 * random.next() - 1)
    )
  })
}

/** Share of the ten nearest that are among 64 candidates of a graph over encoded rows; and the worst error of a distance. */
function recall(sample: SampleVectors, scalars: readonly GraphScalar[], queries: Float32Array) {
  const coding = chooseCoding(sample, scalars, usearch)
  const { metric, vectors } = sample
  const graph = new UsearchGraph({
    dimensions: DIMENSIONS,
    metric: graphMetricOf(metric, coding.scalar),
    scalar: coding.scalar,
  })
  graph.add(encodeRows(coding, sample, 0, COUNT))
  let found = 0
  let error = 0
  const count = queries.length / DIMENSIONS
  for (let query = 0; query < count; query++) {
    const at = query * DIMENSIONS
    const all = Array.from({ length: COUNT }, (_, row) =>
      distance(metric, queries, at, vectors, row * DIMENSIONS, DIMENSIONS),
    )
    const [limit, last] = [all.toSorted((a, b) => a - b)[9] as number, Math.max(...all.map(Math.abs))]
    const encoded = encodeQuery(coding, queries, at, DIMENSIONS)
    if (!encoded) throw new Error('the query cannot be encoded')
    const { ordinals, distances } = graph.search(encoded.floats, 64)
    found += Math.min(10, ordinals.filter((row) => (all[row] as number) <= limit).length)
    ordinals.forEach((row, place) => {
      error = Math.max(
        error,
        Math.abs(encoded.distanceOf(distances[place] as number) - (all[row] as number)) / last,
      )
    })
  }
  return { scalar: coding.scalar, recall: found / (10 * count), error }
}

describe.each(['dot', 'euclidean'] as const)('%s', (metric) => {
  test.each([
    [0, 1],
    [10, 1],
    [1_000, 1],
    [0, 1e-12],
    [3, 1e12],
  ])('loses nothing by an offset of %d and a unit of %d', (offset, unit) => {
    const random = new SeededRandom(`${metric} ${offset} ${unit}`)
    const sample = spread(random, metric, offset, unit)
    const queries = nearby(sample, random, unit)
    const whole = recall(sample, ['f32'], queries)
    const compact = recall(sample, ['bf16'], queries)
    expect(compact).toMatchObject({ scalar: 'bf16' })
    expect(compact.recall).toBeGreaterThan(whole.recall - 0.03)
    // A dot product with an offset asks for the rows farthest in one direction: that takes a wider search.
    if (metric === 'euclidean' || offset === 0) expect(compact.recall).toBeGreaterThan(0.93)
    expect(compact.error).toBeLessThan(metric === 'dot' ? 0.02 : 0.2)
  })

  test('has no i8, which keeps no lengths', () => {
    const sample = spread(new SeededRandom('i8'), metric, 0)
    expect(chooseCoding(sample, ['i8', 'bf16'], usearch).scalar).toBe('bf16')
    expect(chooseCoding(sample, ['i8'], usearch).scalar).toBe('f32')
  })
})

test.each([
  ['cosine', 0.15],
  ['euclidean', 0.02],
  ['dot', 0.05],
] as const)('where compact rows cannot be told apart by %s, f32 is taken', (metric, width) => {
  const random = new SeededRandom('tight')
  // Two far points, and around each rows that differ in digits that bf16 does not have.
  const vectors = Float32Array.from({ length: COUNT * DIMENSIONS }, (_, i) => {
    const side = Math.floor(i / DIMENSIONS) % 2 === 0 ? 1 : -1
    return side * 20 + width * random.next()
  })
  const sample = new SampleVectors(vectors, DIMENSIONS, metric)
  expect(chooseCoding(sample, ['i8', 'bf16'], usearch).scalar).toBe('f32')
})

test('rows written late decide too, where there are more than are sampled', () => {
  const random = new SeededRandom('late')
  const [count, dimensions] = [20_000, 512]
  // 16 384 rows are sampled. Those after the first 15 000 differ in digits that bf16 does not have.
  const vectors = Float32Array.from({ length: count * dimensions }, (_, i) => {
    const row = Math.floor(i / dimensions)
    return row < 15_000 ? 20 * (random.next() - 0.5) : (row % 2 === 0 ? 20 : -20) + 0.02 * random.next()
  })
  const matrix = { vectors, count, dimensions, metric: 'euclidean' as const }
  expect(chooseCoding(matrix, ['bf16'], usearch).scalar).toBe('f32')
  expect(chooseCoding({ ...matrix, count: 15_000 }, ['bf16'], usearch).scalar).toBe('bf16')
})

test('equal rows are no reason against compact ones', () => {
  const vectors = Float32Array.from({ length: COUNT * DIMENSIONS }, (_, i) => (i % DIMENSIONS) + 1)
  for (const metric of ['cosine', 'euclidean', 'dot'] as const) {
    const sample = new SampleVectors(vectors.slice(), DIMENSIONS, metric)
    expect([metric, chooseCoding(sample, ['bf16'], usearch).scalar]).toEqual([metric, 'bf16'])
  }
})

test('a query that leaves f32 no digits is left to others', () => {
  const random = new SeededRandom('far')
  const far = new Float32Array(DIMENSIONS).fill(1e30)
  const none = new Float32Array(DIMENSIONS)
  const euclidean = chooseCoding(spread(random, 'euclidean', 0), ['f32'], usearch)
  expect(encodeQuery(euclidean, far, 0, DIMENSIONS)).toBeUndefined()
  expect(encodeQuery(euclidean, none, 0, DIMENSIONS)).toBeDefined()
  const dot = chooseCoding(spread(random, 'dot', 0), ['f32'], usearch)
  expect(encodeQuery(dot, none, 0, DIMENSIONS)).toBeUndefined()
  expect(encodeQuery(dot, far, 0, DIMENSIONS)?.floats.every(Number.isFinite)).toBe(true)
})

test('rows that threads share are sampled as copies, also when there is but one', () => {
  for (const metric of ['cosine', 'euclidean'] as const) {
    const { vectors } = SampleVectors.uniform(new SeededRandom('shared'), metric, 1, DIMENSIONS)
    const shared = new Float32Array(new SharedArrayBuffer(vectors.byteLength))
    shared.set(vectors)
    const matrix = { vectors: shared, count: 1, dimensions: DIMENSIONS, metric }
    const rows = sampledRows(chooseCoding(matrix, ['f32'], usearch), matrix)
    for (const copy of [rows.query(0), rows.rows(0, 1)]) expect(copy?.buffer).toBeInstanceOf(ArrayBuffer)
  }
})
