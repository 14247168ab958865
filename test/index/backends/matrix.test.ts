import { expect, test } from 'vitest'
import { largestNormOf } from '../../../lib/index/backends/matrix.js'

test('finds the longest row, wherever it is', () => {
  const vectors = Float32Array.of(1, 0, -3, 4, 2, 2)
  expect(largestNormOf({ vectors, count: 3, dimensions: 2, metric: 'dot' })).toBe(5)
  expect(largestNormOf({ vectors: new Float32Array(4), count: 2, dimensions: 2, metric: 'dot' })).toBe(0)
})
