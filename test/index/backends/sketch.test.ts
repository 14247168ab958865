import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Sketch, type SketchQuery } from '../../../lib/index/backends/sketch.js'
import { indexedKernel } from '../../../lib/index/distance.js'
import type { Metric } from '../../../lib/index/metric.js'
import { SampleVectors } from '../../../lib/testing/sample-vectors.js'
import { SeededRandom } from '../../../lib/testing/seeded-random.js'
import { nodeClock } from '../../../lib/runtime/node-clock.js'
import { hardSample, KINDS, nearlyUnit, POWERS } from './hard-samples.js'

const METRICS: readonly Metric[] = ['cosine', 'dot', 'euclidean']
const { signal } = new AbortController()

/** What the native scan answers for a row, rounded to f32. */
function nativeOf({ codes, dimensions }: Sketch, query: SketchQuery, row: number): number {
  let sum = 0
  for (let i = 0; i < dimensions; i++) {
    const a = codes[row * dimensions + i] as number
    const b = query.codes[i] as number
    sum += query.metric === 'ip' ? a * b : (a - b) ** 2
  }
  return Math.fround(query.metric === 'ip' ? 1 - sum : sum)
}

describe('sketch', () => {
  test('bounds every exact distance from below, for any rows and queries', { timeout: 120_000 }, async () => {
    const shapes = fc.record({
      seed: fc.nat(),
      metric: fc.constantFrom(...METRICS),
      kind: fc.constantFrom(...KINDS),
      count: fc.integer({ min: 1_024, max: 1_100 }),
      dimensions: fc.integer({ min: 64, max: 90 }),
      power: fc.constantFrom(...POWERS),
      queryPower: fc.constantFrom(undefined, undefined, ...POWERS),
    })
    await fc.assert(
      fc.asyncProperty(shapes, async ({ seed, ...shape }) => {
        const { metric, dimensions, power, queryPower = power } = shape
        const random = new SeededRandom(seed)
        const { sample, queries, queryCount } = hardSample(random, { ...shape, queryPower })
        const sketch = await Sketch.of(sample, signal)
        if (sketch === undefined) return
        const kernel = indexedKernel(metric)
        for (let offset = 0; offset < queryCount * dimensions; offset += dimensions) {
          const query = sketch.prepare(queries, offset)
          if (query === undefined) continue
          for (let row = 0; row < sample.count; row++) {
            const exact = kernel(sample.vectors, row * dimensions, queries, offset, dimensions)
            const nearest = query.nearestAt(nativeOf(sketch, query, row))
            // Written so that NaN fails.
            if (!(nearest <= exact)) expect([row, nearest]).toEqual([row, `at most ${exact}`])
          }
        }
      }),
      { numRuns: 120 },
    )
  })

  test('bounds the distance to the direction of rows whose lengths differ from 1', async () => {
    for (let seed = 0; seed < 30; seed++) {
      const random = new SeededRandom(`unit slack ${seed}`)
      const base = SampleVectors.clustered(random, 'cosine', 1_024, 64 + random.int(20))
      const { dimensions } = base
      const queries = base.queries(random, 3)
      const matrix = nearlyUnit(random, base, 1e-3)
      const sketch = await Sketch.of(matrix, signal)
      for (let offset = 0; offset < queries.length; offset += dimensions) {
        const query = sketch?.prepare(queries, offset)
        if (sketch === undefined || query === undefined) throw new Error('there is a sketch of such rows')
        for (let row = 0; row < matrix.count; row++) {
          const kernel = indexedKernel('cosine', false)
          const exact = kernel(matrix.vectors, row * dimensions, queries, offset, dimensions)
          const nearest = query.nearestAt(nativeOf(sketch, query, row))
          if (!(nearest <= exact)) expect([seed, row, nearest]).toEqual([seed, row, `at most ${exact}`])
          expect(exact - nearest).toBeLessThan(0.06)
        }
      }
    }
  })

  test('allows for other lengths than 1 where codes are exact, and nothing else is lost', async () => {
    for (const length of [0.999, 1.001]) {
      const random = new SeededRandom(`exact codes ${length}`)
      // Unit vectors of equal components, but for their signs.
      const signs = (count: number) =>
        Float32Array.from({ length: count * 64 }, () => random.pick([-1, 1]) / 8)
      const vectors = signs(1_024).map((x) => x * length)
      const matrix = { vectors, count: 1_024, dimensions: 64, metric: 'cosine', unitSlack: 0.001 } as const
      const sketch = await Sketch.of(matrix, signal)
      const queries = signs(1)
      const query = sketch?.prepare(queries, 0)
      if (sketch === undefined || query === undefined) throw new Error('there is a sketch of such rows')
      for (let row = 0; row < 1_024; row++) {
        const exact = indexedKernel('cosine', false)(vectors, row * 64, queries, 0, 64)
        const nearest = query.nearestAt(nativeOf(sketch, query, row))
        expect(nearest).toBeLessThanOrEqual(exact)
        expect(nearest).toBeGreaterThan(exact - 0.0025)
      }
    }
  })

  test('allows for the rounding of sums beyond 2^24, where codes are exact and nothing else is lost', async () => {
    const random = new SeededRandom('rounded')
    const dimensions = 2_048
    const signs = Float32Array.from({ length: 1_024 * dimensions }, () =>
      random.chance(0.95) ? 1 : random.int(3) - 1,
    )
    for (const metric of ['dot', 'euclidean'] as const) {
      const sample = new SampleVectors(signs, dimensions, metric)
      const sketch = await Sketch.of(sample, signal)
      const asked = new Float32Array(dimensions).fill(metric === 'dot' ? 1 : -1)
      const query = sketch?.prepare(asked, 0)
      if (sketch === undefined || query === undefined) throw new Error('there is a sketch of such rows')
      for (let row = 0; row < sample.count; row++) {
        const exact = indexedKernel(metric)(signs, row * dimensions, asked, 0, dimensions)
        const nearest = query.nearestAt(nativeOf(sketch, query, row))
        expect(nearest).toBeLessThanOrEqual(exact)
        expect(nearest).toBeGreaterThan(exact - 0.001)
      }
    }
  })

  test('has bounds near the truth', async () => {
    for (const metric of METRICS) {
      const random = new SeededRandom(`near ${metric}`)
      const { vectors } = SampleVectors.uniform(random, 'cosine', 1_100, 256)
      const sample = new SampleVectors(vectors, 256, metric)
      const sketch = await Sketch.of(sample, signal)
      const query = sketch?.prepare(vectors, 512)
      if (sketch === undefined || query === undefined) throw new Error('there is a sketch of such rows')
      for (let row = 0; row < 1_100; row++) {
        const exact = indexedKernel(metric)(vectors, row * 256, vectors, 512, 256)
        const gap = exact - query.nearestAt(nativeOf(sketch, query, row))
        // Of unit vectors: two residuals of about √(256 / 12) × 0.25 / 127 each, and the worst case is twice that.
        expect(gap).toBeLessThan(0.05)
      }
    }
  })

  test('does not mind where the rows lie', async () => {
    const random = new SeededRandom('moved')
    const sample = SampleVectors.uniform(random, 'dot', 1_100, 64)
    const moved = new SampleVectors(
      sample.vectors.map((x) => x + 64),
      64,
      'dot',
    )
    const sketch = await Sketch.of(sample, signal)
    const other = await Sketch.of(moved, signal)
    expect(sketch?.codes.length).toBe(1_100 * 64)
    let most = 0
    for (const [i, code] of (sketch?.codes ?? []).entries()) {
      most = Math.max(most, Math.abs(code - (other?.codes[i] as number)))
    }
    // The middle moves by roundings to f32.
    expect(most).toBeLessThanOrEqual(1)
  })

  test('never lets a bound fall along a list', async () => {
    for (const metric of METRICS) {
      const random = new SeededRandom(`rising ${metric}`)
      const sample = SampleVectors.uniform(random, metric, 1_024, 64)
      const query = (await Sketch.of(sample, signal))?.prepare(sample.vectors, 0)
      let last = Number.NEGATIVE_INFINITY
      const first = metric === 'euclidean' ? 0 : 1 - 127 * 127 * 64
      for (let native = first; native < 127 * 127 * 64; native += 997) {
        const nearest = query?.nearestAt(native) as number
        expect(nearest).toBeGreaterThanOrEqual(last)
        last = nearest
      }
    }
  })

  test('is not made where it is of no use', async () => {
    const random = new SeededRandom('useless')
    const few = SampleVectors.uniform(random, 'dot', 1_000, 64)
    const short = SampleVectors.uniform(random, 'dot', 2_000, 63)
    const equal = new SampleVectors(new Float32Array(2_000 * 64).fill(0.25), 64, 'euclidean')
    for (const sample of [few, short, equal]) expect(await Sketch.of(sample, signal)).toBeUndefined()
  })

  test('has no bound for a query without a direction, which may still be far away', async () => {
    const random = new SeededRandom('zero')
    for (const metric of METRICS) {
      const sketch = await Sketch.of(SampleVectors.uniform(random, metric, 1_024, 64), signal)
      const query = sketch?.prepare(new Float32Array(64), 0)
      if (metric === 'euclidean') expect(query).toBeDefined()
      else expect(query).toBeUndefined()
    }
  })

  test('takes a byte for a component, and little more', async () => {
    for (const metric of ['cosine', 'euclidean'] as const) {
      const sample = SampleVectors.uniform(new SeededRandom('bytes'), metric, 8_192, 64)
      const bytes = (await Sketch.of(sample, signal))?.bytes ?? 0
      expect(bytes).toBeGreaterThanOrEqual(8_192 * 64 + 64 * 8)
      expect(bytes).toBeLessThan(8_192 * 64 + (metric === 'euclidean' ? 8_192 * 4 : 0) + 2 * 65_536)
    }
  })

  test('gives other work a turn while it is made, and stops when told to', async () => {
    // Three slices, twice.
    const sample = new SampleVectors(
      Float32Array.from({ length: 1_280 * 1_024 }, (_, i) => i % 7),
      1_024,
      'dot',
    )
    let turns = 0
    let made = false
    const making = Sketch.of(sample, signal).finally(() => {
      made = true
    })
    while (!made) {
      await nodeClock.yield()
      turns += 1
    }
    expect(turns).toBeGreaterThanOrEqual(4)
    expect((await making)?.count).toBe(1_280)
    const stopped = new AbortController()
    const stopping = Sketch.of(sample, stopped.signal)
    stopped.abort(new Error('not wanted'))
    await expect(stopping).rejects.toThrow('not wanted')
  })
})
