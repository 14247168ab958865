import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { distance, indexedKernel, normalizeInto, normOf, scoreOf } from '../../lib/index/distance.js'

const METRICS = ['cosine', 'dot', 'euclidean'] as const
const LARGEST = 3.4028234663852886e38
const SMALLEST = 1.401298464324817e-45

/** Any finite f32, of every magnitude. */
const component = fc.float({ noNaN: true, noDefaultInfinity: true })
const pair = fc
  .integer({ min: 1, max: 33 })
  .chain((dimensions) =>
    fc.tuple(
      fc.array(component, { minLength: dimensions, maxLength: dimensions }),
      fc.array(component, { minLength: dimensions, maxLength: dimensions }),
    ),
  )

describe('distance', () => {
  test.each([
    ['cosine', [3, 4], [3, 4], 0],
    ['cosine', [3, 4], [6, 8], 0],
    ['cosine', [3, 4], [-3, -4], 2],
    ['cosine', [1, 0, 0, 0, 0], [0, 2, 0, 0, 0], 1],
    ['cosine', [1, 1], [1, 0], 1 - Math.SQRT1_2],
    ['cosine', [0, 0], [1, 0], 1],
    ['dot', [1, 2, 3, 4, 5], [5, 4, 3, 2, 1], -35],
    ['dot', [1, 0], [0, 1], 0],
    ['euclidean', [1, 2, 3, 4, 5], [1, 2, 3, 4, 5], 0],
    ['euclidean', [0, 0], [3, 4], 5],
    ['euclidean', [1, 1, 1, 1, 1], [2, 2, 2, 2, 2], Math.sqrt(5)],
  ] as const)('%s of %j and %j is %d', (metric, a, b, expected) => {
    const actual = distance(metric, Float32Array.from(a), 0, Float32Array.from(b), 0, a.length)
    expect(actual).toBeCloseTo(expected, 14)
    // Neither −0 nor a rounding remainder where the answer is exactly zero.
    if (expected === 0) expect(actual).toBe(0)
  })

  test('reads each vector at its own offset', () => {
    const a = Float32Array.of(9, 9, 1, 2, 3, 4, 5, 9)
    const b = Float32Array.of(9, 1, 2, 3, 4, 7, 9)
    expect(distance('euclidean', a, 2, b, 1, 5)).toBe(2)
    expect(distance('dot', a, 2, b, 1, 5)).toBe(-65)
  })

  test('neither overflows nor underflows at the ends of f32', () => {
    for (const size of [LARGEST, SMALLEST, 1e-30]) {
      const a = new Float32Array(1_000).fill(size)
      const b = a.map((x) => -x)
      const exact = Math.fround(size)
      expect(distance('cosine', a, 0, a, 0, 1_000)).toBe(0)
      expect(distance('cosine', a, 0, b, 0, 1_000)).toBe(2)
      expect(distance('euclidean', a, 0, b, 0, 1_000) / (2 * exact * Math.sqrt(1_000))).toBeCloseTo(1, 12)
      expect(distance('dot', a, 0, b, 0, 1_000) / (exact * exact * 1_000)).toBeCloseTo(1, 12)
    }
    const tiny = Float32Array.of(SMALLEST, 0)
    expect(distance('cosine', tiny, 0, Float32Array.of(LARGEST, LARGEST), 0, 2)).toBeCloseTo(
      1 - Math.SQRT1_2,
      14,
    )
  })

  test('agrees with a naive sum, is symmetric, in range, and the same every time', () => {
    fc.assert(
      fc.property(pair, ([first, second]) => {
        const a = Float32Array.from(first)
        const b = Float32Array.from(second)
        for (const metric of METRICS) {
          const actual = distance(metric, a, 0, b, 0, a.length)
          expect(actual).toBe(distance(metric, b, 0, a, 0, a.length))
          expect(Number.isFinite(actual)).toBe(true)
        }
        const products = first.map((x, i) => x * (second[i] as number))
        const scale = products.reduce((sum, product) => sum + Math.abs(product), 0)
        const dot = products.reduce((sum, product) => sum + product, 0)
        expect(Math.abs(distance('dot', a, 0, b, 0, a.length) + dot)).toBeLessThanOrEqual(1e-13 * scale)
        const euclidean = Math.hypot(...first.map((x, i) => x - (second[i] as number)))
        expect(Math.abs(distance('euclidean', a, 0, b, 0, a.length) - euclidean)).toBeLessThanOrEqual(
          1e-13 * euclidean,
        )
        const norms = Math.hypot(...first) * Math.hypot(...second)
        const cosine = distance('cosine', a, 0, b, 0, a.length)
        expect(cosine).toBeGreaterThanOrEqual(0)
        expect(cosine).toBeLessThanOrEqual(2)
        expect(Math.abs(cosine - (norms === 0 ? 1 : 1 - dot / norms))).toBeLessThanOrEqual(1e-13)
        expect(distance('euclidean', a, 0, a, 0, a.length)).toBe(0)
        expect(distance('cosine', a, 0, a, 0, a.length)).toBe(first.every((x) => x === 0) ? 1 : 0)
      }),
    )
  })
})

describe('indexedKernel', () => {
  test('is the distance for vectors of unit length', () => {
    fc.assert(
      fc.property(pair, ([first, second]) => {
        fc.pre(first.some((x) => x !== 0) && second.some((x) => x !== 0))
        const dimensions = first.length
        const a = new Float32Array(dimensions)
        const b = new Float32Array(dimensions)
        normalizeInto(a, 0, Float32Array.from(first), dimensions)
        normalizeInto(b, 0, Float32Array.from(second), dimensions)
        for (const metric of METRICS) {
          const expected = distance(metric, a, 0, b, 0, dimensions)
          const actual = indexedKernel(metric)(a, 0, b, 0, dimensions)
          expect(Math.abs(actual - expected)).toBeLessThan(1e-6)
          expect(actual).toBeGreaterThanOrEqual(metric === 'dot' ? -1.000001 : 0)
        }
      }),
    )
  })
})

describe('scoreOf', () => {
  test('is higher for nearer, in each metric', () => {
    expect(scoreOf('cosine', 0.25)).toBe(0.75)
    expect(scoreOf('dot', -12.5)).toBe(12.5)
    expect(scoreOf('dot', 0)).toBe(0)
    expect(scoreOf('euclidean', 0)).toBe(1)
    expect(scoreOf('euclidean', 3)).toBe(0.25)
  })
})

describe('normalizeInto', () => {
  test('writes a vector of length 1 at the offset, and nothing else', () => {
    const target = new Float32Array(5).fill(7)
    expect(normalizeInto(target, 2, Float32Array.of(3, 4), 2)).toBe(5)
    expect([...target]).toEqual([7, 7, Math.fround(0.6), Math.fround(0.8), 7])
  })

  test('works at every magnitude', () => {
    for (const size of [LARGEST, 1, 1e-30, SMALLEST]) {
      const target = new Float32Array(3)
      normalizeInto(target, 0, Float32Array.of(size, -size, 0), 3)
      expect([...target]).toEqual([Math.fround(Math.SQRT1_2), Math.fround(-Math.SQRT1_2), 0])
    }
  })

  test('writes zeros for a zero vector and says so', () => {
    const target = new Float32Array(2).fill(7)
    expect(normalizeInto(target, 0, new Float32Array(2), 2)).toBe(0)
    expect([...target]).toEqual([0, 0])
  })
})

test('normOf measures the run at the offset', () => {
  expect(normOf(Float32Array.of(9, 2, 3, 6, 9), 1, 3)).toBe(7)
})
