import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { largestNormOf } from '../../../lib/index/backends/matrix.js'
import { prepareNativeQuery } from '../../../lib/index/backends/native-query.js'
import { loadUsearch } from '../../../lib/index/backends/usearch.js'
import { indexedKernel } from '../../../lib/index/distance.js'
import { SampleVectors } from '../../../lib/testing/sample-vectors.js'
import { SeededRandom } from '../../../lib/testing/seeded-random.js'
import { nearlyUnit } from './hard-samples.js'

describe('native query', () => {
  test('bounds the true distance on both sides, in any order of f32 additions', () => {
    const cases = fc.record({
      seed: fc.nat(),
      metric: fc.constantFrom('cosine', 'dot', 'euclidean'),
      dimensions: fc.integer({ min: 1, max: 300 }),
      scale: fc.constantFrom(-22, -20, -6, 0, 0, 3, 15),
    })
    const library = loadUsearch()
    if ('reason' in library) throw new Error(library.reason)
    fc.assert(
      fc.property(cases, ({ seed, metric, dimensions, scale }) => {
        const random = new SeededRandom(seed)
        const base = SampleVectors.uniform(random, metric, 20, dimensions)
        const [rows, moved] = [base.vectors, base.queries(random, 1)].map((x) =>
          x.map((y) => y * 10 ** scale),
        )
        const sample = new SampleVectors(rows as Float32Array, dimensions, metric)
        const query = new SampleVectors(moved as Float32Array, dimensions, metric).vectors
        const native = prepareNativeQuery(sample, largestNormOf(sample), query, 0)
        if (native === undefined) throw new Error('f32 can hold these sums')
        const ask = { vectors: sample.vectors, count: 20, query: native.floats, dimensions, k: 20 }
        const matches = library.exactSearch({ ...ask, metric: native.metric })
        for (const [i, ordinal] of matches.ordinals.entries()) {
          const row = Number(ordinal)
          const exact = indexedKernel(metric)(sample.vectors, row * dimensions, query, 0, dimensions)
          const answers = [matches.distances[i] as number, serialF32(native, sample.vectors, row, dimensions)]
          for (const answer of answers) {
            expect(native.nearestAt(answer)).toBeLessThanOrEqual(exact)
            expect(native.farthestAt(answer)).toBeGreaterThanOrEqual(exact)
          }
        }
      }),
    )
  })

  test('bounds the distance to the direction of rows whose lengths differ from 1', () => {
    const library = loadUsearch()
    if ('reason' in library) throw new Error(library.reason)
    const cases = fc.record({
      seed: fc.nat(),
      dimensions: fc.integer({ min: 1, max: 300 }),
      slack: fc.constantFrom(1e-6, 1e-4, 1e-3),
    })
    fc.assert(
      fc.property(cases, ({ seed, dimensions, slack }) => {
        const random = new SeededRandom(seed)
        const sample = SampleVectors.uniform(random, 'cosine', 20, dimensions)
        const query = sample.queries(random, 1)
        const matrix = nearlyUnit(random, sample, slack)
        const native = prepareNativeQuery(matrix, 1.001_01, query, 0)
        if (native === undefined) throw new Error('f32 can hold these sums')
        for (let row = 0; row < 20; row++) {
          const exact = indexedKernel('cosine', false)(matrix.vectors, row * dimensions, query, 0, dimensions)
          const answer = serialF32(native, matrix.vectors, row, dimensions)
          expect(native.nearestAt(answer)).toBeLessThanOrEqual(exact)
          expect(native.farthestAt(answer)).toBeGreaterThanOrEqual(exact)
          expect(native.farthestAt(answer) - native.nearestAt(answer)).toBeLessThan(2.2 * slack + 2e-4)
        }
      }),
    )
  })

  test('has bounds tight enough to tell ordinary distances apart', () => {
    for (const metric of ['cosine', 'dot', 'euclidean'] as const) {
      const sample = SampleVectors.uniform(new SeededRandom(1), metric, 20, 256)
      const native = prepareNativeQuery(sample, largestNormOf(sample), sample.vectors, 256)
      if (native === undefined) throw new Error('f32 can hold these sums')
      const exact = indexedKernel(metric)(sample.vectors, 0, sample.vectors, 256, 256)
      const answer = serialF32(native, sample.vectors, 0, 256)
      const tolerance = metric === 'dot' ? 1e-4 * largestNormOf(sample) ** 2 : 1e-4
      expect(native.farthestAt(answer) - exact).toBeLessThan(tolerance * Math.max(1, exact))
      expect(exact - native.nearestAt(answer)).toBeLessThan(tolerance * Math.max(1, exact))
    }
  })

  test('copies the query, from its offset', () => {
    const matrix = { vectors: Float32Array.of(1, 0), count: 1, dimensions: 2, metric: 'euclidean' } as const
    const queries = Float32Array.of(9, 9, 1, 2)
    const native = prepareNativeQuery(matrix, 1, queries, 2)
    expect([...(native?.floats ?? [])]).toEqual([1, 2])
    expect(native?.floats.byteOffset).toBe(0)
    expect(native?.floats.buffer).not.toBe(queries.buffer)
  })

  test('gives up where f32 sums can overflow or say nothing', () => {
    const matrix = { vectors: new Float32Array(2), count: 1, dimensions: 2 }
    const query = Float32Array.of(1e20, 0)
    expect(prepareNativeQuery({ ...matrix, metric: 'euclidean' }, 1, query, 0)).toBeUndefined()
    expect(
      prepareNativeQuery({ ...matrix, metric: 'euclidean' }, 1e20, new Float32Array(2), 0),
    ).toBeUndefined()
    expect(prepareNativeQuery({ ...matrix, metric: 'dot' }, 0, query, 0)).toBeUndefined()
    expect(prepareNativeQuery({ ...matrix, metric: 'dot' }, 1, new Float32Array(2), 0)).toBeUndefined()
    // Not of unit length, against the contract: not worth a wrong answer.
    expect(prepareNativeQuery({ ...matrix, metric: 'cosine' }, 1, query, 0)).toBeUndefined()
  })
})

/** What a library would answer that adds one f32 after the other, the least exact way there is. */
function serialF32(
  query: { floats: Float32Array; metric: 'ip' | 'l2sq' },
  vectors: Float32Array,
  row: number,
  dimensions: number,
): number {
  let sum = 0
  for (let i = 0; i < dimensions; i++) {
    const a = vectors[row * dimensions + i] as number
    const b = query.floats[i] as number
    const gap = Math.fround(a - b)
    sum = Math.fround(sum + Math.fround(query.metric === 'ip' ? a * b : gap * gap))
  }
  return query.metric === 'ip' ? Math.fround(1 - sum) : sum
}
