import { describe, expect, test } from 'vitest'
import { SampleVectors } from '../../lib/testing/sample-vectors.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'

describe('SampleVectors', () => {
  test('are the same for the same seed, and of unit length for cosine only', () => {
    for (const make of [SampleVectors.uniform, SampleVectors.clustered]) {
      const sample = make(new SeededRandom(7), 'cosine', 50, 6)
      expect(make(new SeededRandom(7), 'cosine', 50, 6)).toEqual(sample)
      expect(make(new SeededRandom(8), 'cosine', 50, 6).vectors).not.toEqual(sample.vectors)
      const queries = sample.queries(new SeededRandom(1), 4)
      for (const rows of [sample.vectors, queries]) {
        for (let i = 0; i < rows.length; i += 6)
          expect(Math.hypot(...rows.subarray(i, i + 6))).toBeCloseTo(1, 6)
      }
      const { vectors, count } = make(new SeededRandom(7), 'dot', 50, 6)
      expect(count).toBe(50)
      expect(Math.hypot(...vectors.subarray(0, 6))).not.toBeCloseTo(1, 3)
    }
  })

  test('know the true distances, ascending, among admitted rows', () => {
    const sample = new SampleVectors(Float32Array.of(0, 0, 3, 4, 1, 0, 6, 8), 2, 'euclidean')
    const queries = Float32Array.of(9, 9, 0, 0)
    expect(sample.distanceTo(1, queries, 2)).toBe(5)
    expect(sample.nearestDistances(queries, 2, 3)).toEqual([0, 1, 5])
    expect(sample.nearestDistances(queries, 2, 3, (row) => row % 2 === 1)).toEqual([5, 10])
  })

  test('lie in clusters when asked to', () => {
    const clustered = SampleVectors.clustered(new SeededRandom(3), 'euclidean', 300, 16)
    const uniform = SampleVectors.uniform(new SeededRandom(3), 'euclidean', 300, 16)
    const second = (sample: SampleVectors) => sample.nearestDistances(sample.vectors, 0, 2)[1] as number
    expect(second(clustered)).toBeLessThan(second(uniform) / 2)
  })
})
