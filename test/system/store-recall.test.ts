/** What stores with graphs find of real embeddings, and of data that compact forms have trouble with. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Collection, CollectionStats, Metric } from '../../lib/index.js'
import { SampleVectors } from '../../lib/testing/sample-vectors.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'
import { openObserved } from './modelled-points.js'

const SEED = process.env.REPLIVEC_SEGMENTS_SEED ?? 'store recall'
const RECALL_MIN = 0.97
const TOP_K = 10
const BACKENDS = ['cpu', 'quantized'] as const
const preferred = { cpu: 'bf16', quantized: 'i8' } as const

/** Vectors to store and to ask for. */
interface Data {
  readonly metric: Metric
  readonly rows: readonly Float32Array[]
  readonly queries: readonly Float32Array[]
}

/** A store of these, flushed: its statistics, whether graphs are asked, and which share of the exact hits others have. */
async function tried(
  backend: 'cpu' | 'quantized',
  { metric, rows, queries }: Data,
): Promise<{ stats: CollectionStats; vectors: string; recall: number }> {
  let tried: Awaited<ReturnType<typeof measured>> | undefined
  await withTemporaryDirectory(async (directory) => {
    const { store, warnings } = await openObserved(join(directory, 'store'))
    const dimensions = (rows[0] as Float32Array).length
    const points = await store.createCollection('points', { dimensions, metric, backend })
    for (let from = 0; from < rows.length; from += 1_000) {
      const records = rows.slice(from, from + 1_000).map((vector, i) => ({ id: `p${from + i}`, vector }))
      await points.upsert(records)
    }
    await points.flush()
    tried = await measured(points, queries)
    await store.close()
    expect(warnings).toEqual([])
  })
  return tried as Awaited<ReturnType<typeof measured>>
}

async function measured(points: Collection, queries: readonly Float32Array[]) {
  let found = 0
  for (const vector of queries) {
    const truth = await points.search({ vector, topK: TOP_K, exact: true })
    const hits = await points.search({ vector, topK: TOP_K })
    expect([truth.length, hits.length]).toEqual([TOP_K, TOP_K])
    // Of records that lie equally far any will do.
    const farthest = truth.at(-1)?.distance ?? Number.NaN
    found += hits.filter(({ distance }) => distance <= farthest).length
  }
  const { vectors } = await points.explain({ vector: queries[0] as Float32Array, topK: TOP_K })
  return { stats: points.getStats(), vectors, recall: found / (TOP_K * queries.length) }
}

function rowsOf(vectors: Float32Array, dimensions: number): Float32Array[] {
  return Array.from({ length: vectors.length / dimensions }, (_, row) =>
    vectors.slice(row * dimensions, (row + 1) * dimensions),
  )
}

function sampleFile(name: string): Float32Array[] {
  const bytes = readFileSync(new URL(`../../examples/data/${name}`, import.meta.url))
  return rowsOf(new Float32Array(new Uint8Array(bytes).buffer), 256)
}

describe('of embeddings of text', () => {
  const packages = sampleFile('packages.f32')
  // Some of the packages are asked for and not stored, as the queries of the sample are.
  const data: Data = {
    metric: 'cosine',
    rows: packages.slice(0, 3_500),
    queries: [...sampleFile('queries.f32'), ...packages.slice(3_500)],
  }

  test.each(BACKENDS)('%s finds nearly all of the nearest', async (backend) => {
    const { stats, vectors, recall } = await tried(backend, data)
    expect(vectors).toBe('index')
    expect(stats.index).toMatchObject({ indexed: 3_500, pending: 0, forms: [preferred[backend]] })
    expect(stats.fallbackReason).toBeUndefined()
    expect(recall).toBeGreaterThanOrEqual(RECALL_MIN)
  })
})

const DIMENSIONS = 32
const COUNT = 3_000

interface Shape {
  readonly metric: Metric
  /** Added to each component, which are between about -1 and 1. */
  readonly offset: number
  /** Over how many powers of ten lengths go. */
  readonly powers: number
  /** How each backend has to keep them. */
  readonly forms?: { readonly cpu: string; readonly quantized: string }
}

const bf16 = { cpu: 'bf16', quantized: 'bf16' }
const f32 = { cpu: 'f32', quantized: 'f32' }
const SHAPES: [string, Shape][] = [
  ['of many lengths', { metric: 'cosine', offset: 0, powers: 4, forms: preferred }],
  ['with an offset', { metric: 'cosine', offset: 5, powers: 0, forms: f32 }],
  ['of many lengths with an offset', { metric: 'cosine', offset: 10, powers: 4, forms: f32 }],
  // Their distances are less than a millionth.
  ['with a large offset', { metric: 'cosine', offset: 1_000, powers: 0 }],
  ['of many lengths', { metric: 'dot', offset: 0, powers: 4, forms: bf16 }],
  ['with an offset', { metric: 'dot', offset: 20, powers: 0 }],
  ['of many lengths with an offset', { metric: 'dot', offset: 10, powers: 4, forms: bf16 }],
  ['with a large offset', { metric: 'dot', offset: 1_000, powers: 0 }],
  ['of many lengths', { metric: 'euclidean', offset: 0, powers: 4, forms: bf16 }],
  ['with a large offset', { metric: 'euclidean', offset: 1_000, powers: 0, forms: bf16 }],
  ['of many lengths with an offset', { metric: 'euclidean', offset: 10, powers: 4, forms: bf16 }],
  ['with a huge offset', { metric: 'euclidean', offset: 1_000_000, powers: 0, forms: bf16 }],
]

/** Vectors in clusters, and some more of them as queries. */
function dataOf(name: string, { metric, offset, powers }: Shape): Data {
  const random = new SeededRandom(`${SEED}/${metric}/${name}`)
  const { vectors } = SampleVectors.clustered(random, 'euclidean', COUNT + 60, DIMENSIONS)
  const all = rowsOf(vectors, DIMENSIONS).map((row) => {
    const length = 10 ** (powers * (random.next() - 0.5))
    return row.map((component) => component * length + offset)
  })
  return { metric, rows: all.slice(0, COUNT), queries: all.slice(COUNT) }
}

const SCANNED = 'no graph finds the neighbours of these vectors: they are compared one by one'

/** Why something else answers than was asked for; `undefined` when nothing does. */
function reasonFor(backend: 'cpu' | 'quantized', form: string | undefined, metric: Metric) {
  const wanted = preferred[backend]
  if (form === wanted) return undefined
  const isForMetric = wanted !== 'i8' || metric === 'cosine'
  const why = isForMetric
    ? 'would lose neighbours of these vectors'
    : "keeps no lengths, so it is for 'cosine' only"
  return `components are kept as ${form}: ${wanted} ${why}`
}

describe.each(BACKENDS)(`of vectors that are hard to keep (%s, seed ${SEED})`, (backend) => {
  test.each(SHAPES.map(([name, shape]) => [shape.metric, name, shape] as const))(
    'finds nearly all of the nearest, by %s, %s',
    async (_metric, name, shape) => {
      const { stats, vectors, recall } = await tried(backend, dataOf(name, shape))
      const { index, fallbackReason } = stats
      expect(index).toMatchObject({ indexed: COUNT, pending: 0, segments: 1 })
      expect(recall).toBeGreaterThanOrEqual(RECALL_MIN)
      if (shape.forms) expect([index.forms, vectors]).toEqual([[shape.forms[backend]], 'index'])
      const reasons = [reasonFor(backend, index.forms[0], shape.metric)]
      // A graph that has to look very wide is slower than the scan; one that finds nothing says so.
      if (vectors === 'exact-scan') reasons.push(SCANNED)
      expect(reasons).toContain(fallbackReason)
    },
  )
})

describe(`of vectors of which one is far away from all others (seed ${SEED})`, () => {
  test.each([
    ['dot', 1e4],
    ['dot', 1e6],
    ['dot', 1e12],
    ['dot', 1e30],
    ['euclidean', 1e6],
    ['euclidean', 1e12],
    ['euclidean', 1e18],
    ['euclidean', 1e30],
  ] as const)(
    'finds nearly all of the nearest, by %s, where its components are %d',
    async (metric, component) => {
      const random = new SeededRandom(`${SEED}/far/${metric}/${component}`)
      const { vectors } = SampleVectors.uniform(random, 'euclidean', COUNT + 60, DIMENSIONS)
      const all = rowsOf(vectors, DIMENSIONS)
      all[5]?.fill(component)
      const {
        stats,
        vectors: road,
        recall,
      } = await tried('cpu', {
        ...{ metric, rows: all.slice(0, COUNT), queries: all.slice(COUNT) },
      })
      expect(recall).toBeGreaterThanOrEqual(0.95)
      // So far f32 has digits for the others too.
      if (metric === 'euclidean' && component < 1e9) expect(road).toBe('index')
      expect([road, stats.fallbackReason]).toEqual(
        road === 'index' ? ['index', undefined] : ['exact-scan', SCANNED],
      )
    },
  )
})

test(`of vectors without any structure, found by queries that are none of them (seed ${SEED})`, async () => {
  const random = new SeededRandom(`${SEED}/uniform`)
  const { vectors } = SampleVectors.uniform(random, 'cosine', 12_060, 64)
  const all = rowsOf(vectors, 64)
  const data = { metric: 'cosine', rows: all.slice(0, 12_000), queries: all.slice(12_000) } as const
  const { vectors: road, recall } = await tried('cpu', data)
  expect(road).toBe('index')
  expect(recall).toBeGreaterThanOrEqual(0.93)
})

/** Positive components in clusters: few angles apart, so that compact forms keep neighbours just well enough to be taken. */
function narrowCone(rows: number, from: number): Data {
  const random = new SeededRandom(`${SEED}/cone/${rows}`)
  const centres = Array.from({ length: 20 }, () => Float32Array.from({ length: 16 }, () => 2 * random.next()))
  const all = Array.from({ length: rows + 100 }, () => {
    return random.pick(centres).map((component) => from + component + 0.4 * random.next())
  })
  return { metric: 'cosine', rows: all.slice(0, rows), queries: all.slice(rows) }
}

describe.each(BACKENDS)(`of vectors in a narrow cone (%s, seed ${SEED})`, (backend) => {
  test.each([
    [3_000, 0],
    [3_000, 0.3],
    [1_500, 0.5],
    [800, 3],
  ])('finds nearly all of the nearest of %d from %d', async (rows, from) => {
    const { recall } = await tried(backend, narrowCone(rows, from))
    expect(recall).toBeGreaterThanOrEqual(RECALL_MIN)
  })
})
