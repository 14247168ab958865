import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Bitmap } from '../../../lib/bitmap.js'
import type { Candidates, VectorIndex } from '../../../lib/index/backend.js'
import type { Matrix } from '../../../lib/index/backends/matrix.js'
import { plainScanOver } from '../../../lib/index/backends/plain-scan.js'
import { simdScan, simdScanOver, simdScanWith } from '../../../lib/index/backends/simd-scan.js'
import { loadUsearch, type Usearch } from '../../../lib/index/backends/usearch.js'
import type { Metric } from '../../../lib/index/metric.js'
import { nodeClock } from '../../../lib/runtime/node-clock.js'
import { SampleVectors } from '../../../lib/testing/sample-vectors.js'
import { SeededRandom } from '../../../lib/testing/seeded-random.js'
import { hardSample, KINDS, POWERS } from './hard-samples.js'

const METRICS: readonly Metric[] = ['cosine', 'dot', 'euclidean']
const signal = new AbortController().signal

interface Search {
  queries: Float32Array
  count: number
  k: number
  allow?: Uint32Array
}

interface Call {
  count: number
  k: number
  int8?: boolean
}

/** The library, with or without its int8 scan, and the rows and fetches of every call it got. */
function watched({ int8 = false } = {}): { library: Usearch; calls: Call[] } {
  const loaded = loadUsearch()
  if ('reason' in loaded) throw new Error(loaded.reason)
  const calls: Call[] = []
  const exactSearch: Usearch['exactSearch'] = (input) => {
    calls.push({ count: input.count, k: input.k })
    return loaded.exactSearch(input)
  }
  const { exactSearchInt8 } = loaded
  if (!int8) return { library: { exactSearch }, calls }
  if (exactSearchInt8 === undefined) throw new Error('this machine has no int8 scan')
  const watchedInt8: typeof exactSearchInt8 = (input) => {
    calls.push({ count: input.count, k: input.k, int8: true })
    return exactSearchInt8(input)
  }
  return { library: { exactSearch, exactSearchInt8: watchedInt8 }, calls }
}

/** An index over rows that was searched so often that it has its sketch, if there can be one; `calls` are forgotten. */
async function sketchedIndex(sample: SampleVectors, library: Usearch, calls: Call[]): Promise<VectorIndex> {
  const index = await simdScanWith(() => library).build({ ...sampleMatrix(sample), signal })
  const queries = sample.vectors.slice(0, sample.dimensions)
  for (let i = 0; i < 16; i++) await index.search({ queries, count: 1, k: 1 })
  // A turn for each slice of making it, and more.
  for (let turn = 0; turn < 20; turn++) await nodeClock.yield()
  calls.length = 0
  return index
}

async function answersOf(index: VectorIndex, search: Search): Promise<Candidates[]> {
  return index.search(search)
}

/** Asserts that the SIMD scan gives what the plain one gives, to the bit; returns the native calls it made. */
async function expectSame(matrix: Matrix, search: Search): Promise<Call[]> {
  const { library, calls } = watched()
  const index = await simdScanWith(() => library).build({ ...matrix, signal })
  expect(await answersOf(index, search)).toEqual(await answersOf(plainScanOver(matrix), search))
  return calls
}

function maskOf(random: SeededRandom, count: number, share: number): Uint32Array {
  const mask = new Bitmap()
  mask.reserve(count)
  for (let row = 0; row < count; row++) if (random.chance(share)) mask.add(row)
  return mask.words
}

describe('SIMD scan', () => {
  const cases = fc.record({
    seed: fc.nat(),
    metric: fc.constantFrom(...METRICS),
    count: fc.integer({ min: 1, max: 700 }),
    dimensions: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 60, max: 140 })),
    k: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 800 })),
    // Of rows moved onto another one: ties within and around the list.
    equal: fc.constantFrom(0, 0.1, 0.9),
    admitted: fc.constantFrom(undefined, 0, 0.02, 0.1, 0.25, 0.4, 0.9, 1),
    // Powers of ten that the components are multiplied by, rows and queries apart or alike.
    rowScale: fc.constantFrom(-40, -20, -3, 0, 0, 0, 3, 18, 37),
    queryScale: fc.constantFrom(undefined, undefined, -40, -20, -3, 0, 3, 18, 37),
  })

  test('gives what the plain scan and a naive sort give, for any data, k and mask', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (shape) => {
        const { metric, count, dimensions, k, equal, admitted } = shape
        const random = new SeededRandom(shape.seed)
        const base = SampleVectors.uniform(random, metric, count, dimensions)
        for (let row = 0; row < count; row++) {
          if (random.chance(equal)) base.vectors.copyWithin(row * dimensions, 0, dimensions)
        }
        const queryScale = shape.queryScale ?? shape.rowScale
        const sample = scaled(base, base.vectors, shape.rowScale)
        const queries = scaled(base, base.queries(random, 3), queryScale).vectors
        fc.pre([...sample.vectors, ...queries].every(Number.isFinite))
        const mask = admitted === undefined ? undefined : maskOf(random, count, admitted)
        const search = { queries, count: 3, k, ...(mask ? { allow: mask } : {}) }
        await expectSame(sample, search)
        const index = await simdScan.build({ ...sampleMatrix(sample), signal })
        for (const [query, { ordinals, distances }] of (await answersOf(index, search)).entries()) {
          const offset = query * dimensions
          const admits = (row: number) => mask === undefined || new Bitmap(mask).has(row)
          const truth = sample.nearestDistances(queries, offset, k, admits)
          expect(ordinals.length).toBe(truth.length)
          expect([...ordinals].every(admits)).toBe(true)
          for (const [i, expected] of truth.entries()) expectNear(distances[i] as number, expected)
        }
      }),
      { numRuns: 150 },
    )
  })

  const sketched = fc.record({
    seed: fc.nat(),
    metric: fc.constantFrom(...METRICS),
    kind: fc.constantFrom(...KINDS),
    count: fc.integer({ min: 1_024, max: 1_600 }),
    dimensions: fc.integer({ min: 64, max: 80 }),
    k: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 2_000 })),
    admitted: fc.constantFrom(undefined, undefined, 0.02, 0.25, 0.6, 0.95, 1),
    power: fc.constantFrom(...POWERS),
    queryPower: fc.constantFrom(undefined, undefined, ...POWERS),
  })

  test('gives what the plain scan gives over rows of any kind that have a sketch', {
    timeout: 120_000,
  }, async () => {
    const proofs = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(sketched, async ({ seed, k, admitted, ...shape }) => {
        const random = new SeededRandom(seed)
        const { queryPower = shape.power } = shape
        const { sample, queries, queryCount } = hardSample(random, { ...shape, queryPower })
        const mask = admitted === undefined ? undefined : maskOf(random, shape.count, admitted)
        const search = { queries, count: queryCount, k, ...(mask ? { allow: mask } : {}) }
        const { library, calls } = watched({ int8: true })
        const index = await sketchedIndex(sample, library, calls)
        expect(await answersOf(index, search)).toEqual(await answersOf(plainScanOver(sample), search))
        // Nothing in f32 after it: the sketch alone sufficed.
        const proven = calls.length > 0 && calls.every(({ int8 }) => int8)
        if (proven) proofs.set(shape.metric, (proofs.get(shape.metric) ?? 0) + 1)
      }),
      { numRuns: 200 },
    )
    for (const metric of METRICS) expect(proofs.get(metric) ?? 0).toBeGreaterThan(2)
  })

  test('answers ordinary searches from one list of its sketch, and without the int8 scan from one of its rows', async () => {
    for (const metric of METRICS) {
      const random = new SeededRandom(`sketched ${metric}`)
      const sample = SampleVectors.clustered(random, metric, 4_000, 96)
      const search = { queries: sample.queries(random, 1), count: 1, k: 10 }
      const { library, calls } = watched({ int8: true })
      const index = await sketchedIndex(sample, library, calls)
      expect(await answersOf(index, search)).toEqual(await answersOf(plainScanOver(sample), search))
      expect(calls).toEqual([{ count: 4_000, k: 116, int8: true }])
      const shared = 4_000 * 96 * 4
      expect(index.bytes).toMatchObject({ disk: 0, shared })
      expect(index.bytes.memory).toBeGreaterThanOrEqual(shared + 4_000 * 96 + 96 * 8)
      expect(index.bytes.memory).toBeLessThan(shared + 4_000 * 100 + 2 * 65_536)
    }
  })

  test('has no sketch before the sixteenth search, and none made once it is disposed', async () => {
    const random = new SeededRandom('sixteen')
    const sample = SampleVectors.uniform(random, 'cosine', 2_100, 256)
    const search = { queries: sample.queries(random, 1), count: 1, k: 3 }
    const memory = { memory: 2_100 * 256 * 4, disk: 0, shared: 2_100 * 256 * 4 }
    const { library, calls } = watched({ int8: true })
    const index = await simdScanWith(() => library).build({ ...sampleMatrix(sample), signal })
    for (let i = 0; i < 15; i++) await index.search(search)
    for (let turn = 0; turn < 5; turn++) await nodeClock.yield()
    expect(index.bytes).toEqual(memory)
    await index.search(search)
    expect(calls.filter(({ int8 }) => int8)).toEqual([])
    await index[Symbol.asyncDispose]()
    expect(index.bytes).toEqual(memory)
  })

  test('keeps what its sketch learned when that could not prove enough', async () => {
    const random = new SeededRandom('outliers')
    const { sample, queries } = hardSample(random, {
      ...{ metric: 'dot', kind: 'outlier', count: 4_000, dimensions: 64, power: 0, queryPower: 0 },
    })
    const { library, calls } = watched({ int8: true })
    const index = await sketchedIndex(sample, library, calls)
    const search = { queries, count: 3, k: 30 }
    const expected = await answersOf(plainScanOver(sample), search)
    for (let i = 0; i < 5; i++) expect(await answersOf(index, search)).toEqual(expected)
    expect(calls.some(({ int8 }) => int8)).toBe(true)
    expect(calls.some(({ int8 }) => !int8)).toBe(true)
  })

  test('answers ordinary searches from one short native list', async () => {
    for (const metric of METRICS) {
      const random = new SeededRandom(`ordinary ${metric}`)
      const sample = SampleVectors.clustered(random, metric, 2_000, 96)
      const search = { queries: sample.queries(random, 1), count: 1, k: 10 }
      expect(await expectSame(sample, search)).toEqual([{ count: 2_000, k: 26 }])
    }
  })

  test('fetches more under a dense mask, and copies the rows of a sparse one together', async () => {
    for (const metric of METRICS) {
      const random = new SeededRandom(`masks ${metric}`)
      const sample = SampleVectors.uniform(random, metric, 2_000, 96)
      const search = { queries: sample.queries(random, 1), count: 1, k: 10 }
      const dense = await expectSame(sample, { ...search, allow: maskOf(random, 2_000, 0.5) })
      expect(dense.length).toBe(1)
      expect(dense[0]?.k).toBeGreaterThan(52)
      const sparse = maskOf(random, 2_000, 0.2)
      expect(await expectSame(sample, { ...search, allow: sparse })).toEqual([
        { count: new Bitmap(sparse).count(), k: 26 },
      ])
    }
  })

  test('widens when a mask admits none of the nearest', async () => {
    const random = new SeededRandom('correlated')
    const sample = SampleVectors.uniform(random, 'euclidean', 4_000, 16)
    const queries = sample.queries(random, 1)
    const order = Array.from({ length: 4_000 }, (_, row) => row)
    const distances = order.map((row) => sample.distanceTo(row, queries, 0))
    order.sort((a, b) => (distances[a] as number) - (distances[b] as number))
    const allow = Bitmap.of(order.slice(1_500)).words
    const calls = await expectSame(sample, { queries, count: 1, k: 10, allow })
    expect(calls.map(({ k }) => k)).toEqual([50, 200, 800])
  })

  test.each(METRICS)('copies more rows than fit into one block: %s', async (metric) => {
    const random = new SeededRandom(`blocks ${metric}`)
    const sample = SampleVectors.uniform(random, metric, 2_500, 512)
    const search = { queries: sample.queries(random, 2), count: 2, k: 5, allow: maskOf(random, 2_500, 0.28) }
    const calls = await expectSame(sample, search)
    // A block is 512 rows, there are about 700, and each block is asked for both queries.
    const first = { count: 512, k: 21 }
    const second = { count: new Bitmap(search.allow).count() - 512, k: 21 }
    expect(calls).toEqual([first, first, second, second])
  })

  test('does without the native scan where f32 cannot hold the sums', async () => {
    const vectors = Float32Array.from({ length: 400 }, (_, i) => (i % 2 ? -1 : 1) * (3e38 - i * 1e35))
    const matrix = { vectors, count: 200, dimensions: 2, metric: 'euclidean' } as const
    expect(await expectSame(matrix, { queries: Float32Array.of(-3e38, 3e38), count: 1, k: 5 })).toEqual([])
  })

  test('scales dot products that f32 would lose, small or large', async () => {
    const random = new SeededRandom('scaled')
    for (const size of [1e-15, 1e-6, 1e30]) {
      const { vectors } = SampleVectors.uniform(random, 'dot', 1_000, 32)
      const matrix = {
        vectors: vectors.map((x) => x * size),
        count: 1_000,
        dimensions: 32,
        metric: 'dot',
      } as const
      const queries = matrix.vectors.slice(0, 32)
      expect(await expectSame(matrix, { queries, count: 1, k: 10 })).toEqual([{ count: 1_000, k: 26 }])
    }
  })

  test('leaves equal rows to the plain loop, which prefers lower ordinals', async () => {
    const vectors = new Float32Array(1_000 * 4).fill(0.5)
    const calls = await expectSame(
      { vectors, count: 1_000, dimensions: 4, metric: 'cosine' },
      { queries: vectors.slice(0, 4), count: 1, k: 3 },
    )
    expect(calls.map(({ k }) => k)).toEqual([19, 76, 304])
  })

  test('does not trust rows that the library left out because its order was wrong', async () => {
    const { library } = watched()
    const lying: Usearch = {
      exactSearch(input) {
        const { ordinals, distances } = library.exactSearch(input)
        return { ordinals, distances: distances.map(() => Number.NaN) }
      },
    }
    const random = new SeededRandom('lying')
    const sample = SampleVectors.uniform(random, 'euclidean', 500, 8)
    const search = { queries: sample.queries(random, 1), count: 1, k: 5 }
    const index = await simdScanWith(() => lying).build({ ...sampleMatrix(sample), signal })
    expect(await answersOf(index, search)).toEqual(await answersOf(plainScanOver(sample), search))
  })

  test('says why it cannot be built without the library', async () => {
    const backend = simdScanWith(() => ({ reason: 'no library on this machine' }))
    const matrix = { vectors: new Float32Array(2), count: 1, dimensions: 2, metric: 'dot' } as const
    await expect(backend.build({ ...matrix, signal })).rejects.toMatchObject({
      code: 'BACKEND_FAILED',
      message: expect.stringContaining('no library on this machine'),
    })
  })

  test('rejects with the reason of an aborted signal', async () => {
    const aborted = AbortSignal.abort(new Error('not wanted'))
    const matrix = { vectors: new Float32Array(2), count: 1, dimensions: 2, metric: 'dot' } as const
    await expect(simdScan.build({ ...matrix, signal: aborted })).rejects.toThrow('not wanted')
  })

  test('scans rows that are the filled part of a larger buffer', async () => {
    const random = new SeededRandom('growing')
    const { vectors } = SampleVectors.uniform(random, 'cosine', 300, 8)
    const filled = {
      vectors: vectors.subarray(0, 1_600),
      count: 200,
      dimensions: 8,
      metric: 'cosine',
    } as const
    const search = { queries: vectors.slice(1_600, 1_608), count: 1, k: 4 }
    const index = simdScanOver(filled, 1.001)
    expect(index).toBeDefined()
    expect(await index?.search(search)).toEqual(await answersOf(plainScanOver(filled), search))
  })
})

function scaled(
  { dimensions, metric }: SampleVectors,
  rows: Float32Array,
  powerOfTen: number,
): SampleVectors {
  const vectors = rows.map((x) => x * 10 ** powerOfTen)
  return new SampleVectors(vectors, dimensions, metric)
}

function sampleMatrix({ vectors, count, dimensions, metric }: SampleVectors): Matrix {
  return { vectors, count, dimensions, metric }
}

/** Within 1e-5 of the true distance; f32 itself ends at 3.4e38 and loses digits below 1e-38. */
function expectNear(actual: number, expected: number): void {
  const rounded = Math.fround(expected)
  if (Number.isFinite(rounded)) {
    expect(Math.abs(actual - rounded)).toBeLessThanOrEqual(1e-5 * Math.abs(rounded) + 1e-6)
  } else expect(actual).toBe(rounded)
}
