/** The exact scans over rows whose lengths differ from 1: all must give what measuring every row in f64 gives. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Bitmap } from '../../../lib/bitmap.js'
import type { Candidates, VectorIndex } from '../../../lib/index/backend.js'
import type { Matrix } from '../../../lib/index/backends/matrix.js'
import { plainScanOver } from '../../../lib/index/backends/plain-scan.js'
import { simdScanOver, sketchedScanOver } from '../../../lib/index/backends/simd-scan.js'
import { distance } from '../../../lib/index/distance.js'
import { nodeClock } from '../../../lib/runtime/node-clock.js'
import { SampleVectors } from '../../../lib/testing/sample-vectors.js'
import { SeededRandom } from '../../../lib/testing/seeded-random.js'
import { nearlyUnit } from './hard-samples.js'

/** The longest row there can be where rows of 1 ± 0.001 are kept. */
const LARGEST_NORM = 1.001_01

type Search = Parameters<VectorIndex['search']>[0]

const shapes = fc.record({
  seed: fc.nat(),
  k: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 1_500 })),
  slack: fc.constantFrom(1e-3, 1e-3, 1e-5, 0),
  // Rows that lie in the direction of another: nearly equal, or equal where their lengths are.
  repeated: fc.constantFrom(0, 0.1, 0.95),
  admitted: fc.constantFrom(undefined, undefined, 0.02, 0.25, 0.6, 1),
})

interface Given {
  readonly matrix: Matrix
  readonly queries: Float32Array
  readonly allow: Uint32Array | undefined
}

function given(seed: number, count: number, dimensions: number, shape: { slack: number; repeated: number }) {
  const random = new SeededRandom(seed)
  const make = random.chance(0.5) ? SampleVectors.clustered : SampleVectors.uniform
  const sample = make(random, 'cosine', count, dimensions)
  const { vectors } = sample
  for (let row = 0; row < count; row++) {
    if (!random.chance(shape.repeated)) continue
    const from = random.int(8) * dimensions
    vectors.copyWithin(row * dimensions, from, from + dimensions)
  }
  const own = random.int(count) * dimensions
  const queries = Float32Array.of(
    ...sample.queries(random, 2),
    ...new SampleVectors(vectors.slice(own, own + dimensions), dimensions, 'cosine').vectors,
  )
  return { random, queries, matrix: nearlyUnit(random, sample, shape.slack) }
}

function maskOf(random: SeededRandom, count: number, share: number | undefined): Uint32Array | undefined {
  if (share === undefined) return undefined
  const mask = new Bitmap()
  mask.reserve(count)
  for (let row = 0; row < count; row++) if (random.chance(share)) mask.add(row)
  return mask.words
}

/** Every admitted row by its true distance; of equal ones the lower ordinal first. */
function naive({ matrix, queries, allow }: Given, query: number, k: number): number[] {
  const { vectors, count, dimensions } = matrix
  const admitted = allow && new Bitmap(allow)
  const distances: number[] = []
  for (let row = 0; row < count; row++) {
    if (admitted && !admitted.has(row)) continue
    distances.push(distance('cosine', vectors, row * dimensions, queries, query * dimensions, dimensions))
  }
  return distances.sort((a, b) => a - b).slice(0, k)
}

async function expectExact(index: VectorIndex, given: Given, k: number): Promise<void> {
  const { matrix, queries, allow } = given
  const search: Search = { queries, count: 3, k, ...(allow ? { allow } : {}) }
  const found: Candidates[] = await index.search(search)
  expect(found).toEqual(await plainScanOver(matrix).search(search))
  for (const [query, { distances, ordinals }] of found.entries()) {
    const expected = naive(given, query, k)
    expect(ordinals).toHaveLength(expected.length)
    // The query has unit length but for its rounding to f32, and so have the distances.
    const errors = expected.map((exact, i) => Math.abs((distances[i] as number) - exact))
    expect(Math.max(0, ...errors)).toBeLessThan(1e-6)
  }
}

describe('an exact scan of rows of nearly unit length', () => {
  test('is that of their directions, whatever is asked and admitted', { timeout: 120_000 }, async () => {
    const counts = fc.record({
      count: fc.integer({ min: 1, max: 700 }),
      dimensions: fc.oneof(fc.integer({ min: 2, max: 20 }), fc.integer({ min: 60, max: 140 })),
    })
    await fc.assert(
      fc.asyncProperty(shapes, counts, async ({ seed, k, admitted, ...shape }, { count, dimensions }) => {
        const { random, ...rest } = given(seed, count, dimensions, shape)
        const index = simdScanOver(rest.matrix, LARGEST_NORM)
        if (!index) throw new Error('there is no native scan here')
        await expectExact(index, { ...rest, allow: maskOf(random, count, admitted) }, k)
      }),
      { numRuns: 150 },
    )
  })

  test('is the same when it is narrowed down by a sketch', { timeout: 120_000 }, async () => {
    const counts = fc.record({
      count: fc.integer({ min: 1_024, max: 1_600 }),
      dimensions: fc.integer({ min: 64, max: 80 }),
    })
    let sketched = 0
    await fc.assert(
      fc.asyncProperty(shapes, counts, async ({ seed, k, admitted, ...shape }, { count, dimensions }) => {
        const { random, ...rest } = given(seed, count, dimensions, shape)
        const index = sketchedScanOver(rest.matrix, LARGEST_NORM)
        if (!index) throw new Error('there is no native scan here')
        const { memory } = index.bytes
        const first = { queries: rest.queries.slice(0, dimensions), count: 1, k: 1 }
        for (let i = 0; i < 16; i++) await index.search(first)
        // A turn for each slice of making it, and more.
        for (let turn = 0; turn < 20; turn++) await nodeClock.yield()
        if (index.bytes.memory > memory) sketched += 1
        await expectExact(index, { ...rest, allow: maskOf(random, count, admitted) }, k)
        await index[Symbol.asyncDispose]()
      }),
      { numRuns: 120 },
    )
    expect(sketched).toBeGreaterThan(60)
  })
})
