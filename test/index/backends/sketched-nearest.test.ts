import { describe, expect, test } from 'vitest'
import { Bitmap } from '../../../lib/bitmap.js'
import { Nearest } from '../../../lib/index/backends/nearest.js'
import { SketchScan } from '../../../lib/index/backends/sketched-nearest.js'
import { loadUsearch, type Usearch } from '../../../lib/index/backends/usearch.js'
import { indexedKernel } from '../../../lib/index/distance.js'
import { SampleVectors } from '../../../lib/testing/sample-vectors.js'
import { SeededRandom } from '../../../lib/testing/seeded-random.js'

const COUNT = 24_576
const DIMENSIONS = 64
const sample = SampleVectors.clustered(new SeededRandom('sketched'), 'cosine', COUNT, DIMENSIONS)
const query = sample.queries(new SeededRandom('asked'), 1)

/** A scan of the sample, and the fetches it made; `blur` makes every listed row equally near. */
async function scanning({ blur = false } = {}): Promise<{ scan: SketchScan; fetches: number[] }> {
  const library = loadUsearch()
  const exactSearchInt8 = 'reason' in library ? undefined : library.exactSearchInt8
  if (exactSearchInt8 === undefined) throw new Error('this machine has no int8 scan')
  const fetches: number[] = []
  const watched: Usearch['exactSearchInt8'] = (input) => {
    fetches.push(input.k)
    const { ordinals, distances } = exactSearchInt8(input)
    return { ordinals, distances: blur ? distances.fill(distances[0] as number) : distances }
  }
  const scan = new SketchScan(sample, watched)
  await scan.make()
  return { scan, fetches }
}

interface Asked {
  allow?: Bitmap
  /** Rows to copy together. */
  these?: Uint32Array
  asked?: Float32Array
}

/** Searches for the nearest; returns what was found, what was measured, and whether that was proven. */
function search(scan: SketchScan, wanted: number, { allow, these, asked = query }: Asked = {}) {
  const nearest = new Nearest(wanted)
  const measured: number[] = []
  const kernel = indexedKernel('cosine')
  const measure = (row: number) => {
    measured.push(row)
    nearest.offer(kernel(sample.vectors, row * DIMENSIONS, asked, 0, DIMENSIONS), row)
  }
  const search = { queries: asked, offset: 0, wanted, nearest, measure }
  const proven = these
    ? scan.searchThese(search, these)
    : scan.searchAll(search, allow?.count() ?? COUNT, allow)
  const bound = nearest.bound
  return { proven, measured, bound, found: [...nearest.take().ordinals] }
}

function truth(wanted: number, admits: (row: number) => boolean = () => true): number[] {
  const kernel = indexedKernel('cosine')
  const nearest = new Nearest(wanted)
  for (let row = 0; row < COUNT; row++) {
    if (admits(row)) nearest.offer(kernel(sample.vectors, row * DIMENSIONS, query, 0, DIMENSIONS), row)
  }
  return [...nearest.take().ordinals]
}

describe('scan of a sketch', () => {
  test('finds the nearest from one list, of which it measures a part', async () => {
    const { scan, fetches } = await scanning()
    const { proven, measured, found } = search(scan, 10)
    expect(proven).toBe(true)
    expect(found).toEqual(truth(10))
    expect(fetches).toEqual([196])
    expect(measured.length).toBeLessThan(196)
    expect(new Set(measured).size).toBe(measured.length)
  })

  test('fetches more for fewer admitted rows, and measures those only', async () => {
    const { scan, fetches } = await scanning()
    const allow = Bitmap.of(Array.from({ length: COUNT / 2 }, (_, i) => 2 * i))
    const { proven, measured, found } = search(scan, 10, { allow })
    expect(proven).toBe(true)
    expect(found).toEqual(truth(10, (row) => row % 2 === 0))
    expect(fetches).toEqual([392])
    expect(measured.filter((row) => row % 2)).toEqual([])
  })

  test('fetches four times as many once, then leaves it, keeping the bound it learned', async () => {
    const { scan, fetches } = await scanning({ blur: true })
    const { proven, found, bound } = search(scan, 3)
    expect(proven).toBe(false)
    expect(fetches).toEqual([182, 728])
    expect(found).toEqual([])
    expect(Number.isFinite(bound)).toBe(true)
    const kernel = indexedKernel('cosine')
    const [, , third] = truth(3)
    const farthest = kernel(sample.vectors, (third as number) * DIMENSIONS, query, 0, DIMENSIONS)
    expect(bound).toBeGreaterThanOrEqual(farthest)
  })

  test('asks for no list that is a large part of the rows, nor for a query without a direction', async () => {
    const { scan, fetches } = await scanning()
    expect(search(scan, COUNT / 12).proven).toBe(false)
    const other = await scanning()
    expect(search(other.scan, 3, { asked: new Float32Array(DIMENSIONS) }).proven).toBe(false)
    expect([...fetches, ...other.fetches]).toEqual([])
  })

  test('is made once sixteen searches went without it', async () => {
    const library = loadUsearch()
    const exactSearchInt8 = 'reason' in library ? undefined : library.exactSearchInt8
    if (exactSearchInt8 === undefined) throw new Error('this machine has no int8 scan')
    const scan = new SketchScan(sample, exactSearchInt8)
    const proofs = Array.from({ length: 16 }, () => search(scan, 3).proven)
    expect(proofs).toEqual(new Array(16).fill(false))
    expect([scan.isMade, scan.bytes]).toEqual([false, 0])
    await scan.make()
    expect(scan.isMade).toBe(true)
    expect(scan.bytes).toBeGreaterThanOrEqual(COUNT * DIMENSIONS + DIMENSIONS * 8)
    expect(scan.bytes).toBeLessThan(COUNT * DIMENSIONS + 2 * 65_536)
    expect(search(scan, 3)).toMatchObject({ proven: true, found: truth(3) })
  })

  test('is not made after it was closed', async () => {
    const library = loadUsearch()
    const exactSearchInt8 = 'reason' in library ? undefined : library.exactSearchInt8
    if (exactSearchInt8 === undefined) throw new Error('this machine has no int8 scan')
    const scan = new SketchScan(sample, exactSearchInt8)
    const making = scan.make()
    await scan.close()
    await making
    expect([scan.isMade, search(scan, 3).proven]).toEqual([false, false])
  })

  test('finds the nearest of given rows without a list, and measures few of them', async () => {
    const { scan, fetches } = await scanning()
    const these = Uint32Array.from({ length: 19_000 }, (_, i) => i + Math.floor(i / 5))
    const chosen = new Set(these)
    const { proven, measured, found } = search(scan, 10, { these })
    expect(proven).toBe(true)
    expect(found).toEqual(truth(10, (row) => chosen.has(row)))
    expect(fetches).toEqual([])
    expect(measured.filter((row) => !chosen.has(row))).toEqual([])
    expect(new Set(measured).size).toBe(measured.length)
    expect(measured.length).toBeLessThan(300)
  })

  test('measures all given rows where no more are wanted', async () => {
    const { scan } = await scanning()
    const these = Uint32Array.of(3, 5, 8, 13, 21)
    const { proven, measured, found } = search(scan, 5, { these })
    expect(proven).toBe(true)
    expect(measured.toSorted((a, b) => a - b)).toEqual([...these])
    expect(found).toEqual(truth(5, (row) => these.includes(row)))
  })

  test('leaves given rows of which codes rule out too few, keeping the bound it learned', async () => {
    // Nearer to each other than codes can tell, but for one row far away.
    const vectors = new Float32Array(4_096 * DIMENSIONS).fill(1)
    const random = new SeededRandom('alike')
    for (let i = 0; i < vectors.length; i++) vectors[i] = 1 + random.next() / 1_000
    vectors.fill(-100, 0, DIMENSIONS)
    const matrix = { ...sample, vectors, count: 4_096, metric: 'euclidean' as const }
    const scan = new SketchScan(matrix, () => {
      throw new Error('asked for a list')
    })
    await scan.make()
    const nearest = new Nearest(3)
    const kernel = indexedKernel('euclidean')
    const asked = vectors.slice(-DIMENSIONS)
    const measure = (row: number) =>
      nearest.offer(kernel(vectors, row * DIMENSIONS, asked, 0, DIMENSIONS), row)
    const these = Uint32Array.from({ length: 4_000 }, (_, i) => i)
    expect(scan.searchThese({ queries: asked, offset: 0, wanted: 3, nearest, measure }, these)).toBe(false)
    expect(Number.isFinite(nearest.bound)).toBe(true)
    expect(nearest.take().ordinals).toHaveLength(0)
  })

  test('is not deterred by searches that it never tried', async () => {
    const { scan, fetches } = await scanning()
    for (let i = 0; i < 10; i++) {
      expect(search(scan, COUNT / 12).proven).toBe(false)
      expect(search(scan, 3, { asked: new Float32Array(DIMENSIONS) }).proven).toBe(false)
    }
    expect(search(scan, 3).proven).toBe(true)
    expect(fetches).toEqual([182])
  })

  test('pauses longer and longer while it proves nothing', async () => {
    const { scan, fetches } = await scanning({ blur: true })
    const tried: number[] = []
    for (let i = 0; i < 300; i++) {
      const before = fetches.length
      search(scan, 3)
      if (fetches.length > before) tried.push(i)
    }
    expect(tried).toEqual([0, 2, 6, 14, 30, 62, 126, 191, 256])
  })
})
