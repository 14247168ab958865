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
    expect([scan.isMade, scan.bytes]).toEqual([true, COUNT * DIMENSIONS + DIMENSIONS * 8])
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

  test('finds the nearest of given rows, block by block, each from one list', async () => {
    const { scan, fetches } = await scanning()
    const these = Uint32Array.from({ length: 20_000 }, (_, i) => i + Math.floor(i / 5))
    const chosen = new Set(these)
    const { proven, measured, found } = search(scan, 10, { these })
    expect(proven).toBe(true)
    expect(found).toEqual(truth(10, (row) => chosen.has(row)))
    // 16 384 rows of 64 codes fill a block.
    expect(fetches).toEqual([164, 115])
    expect(measured.filter((row) => !chosen.has(row))).toEqual([])
    expect(new Set(measured).size).toBe(measured.length)
    expect(measured.length).toBeLessThan(164 + 115)
  })

  test('lists fewer given rows than it would fetch, and then needs no proof', async () => {
    const { scan, fetches } = await scanning({ blur: true })
    const these = Uint32Array.of(3, 5, 8, 13, 21)
    const { proven, measured, found } = search(scan, 3, { these })
    expect(proven).toBe(true)
    expect(fetches).toEqual([5])
    expect(measured.toSorted((a, b) => a - b)).toEqual([...these])
    expect(found).toEqual(truth(3, (row) => these.includes(row)))
  })

  test('leaves given rows after a list that proves nothing, keeping the bound it learned', async () => {
    const { scan, fetches } = await scanning({ blur: true })
    const these = Uint32Array.from({ length: 5_000 }, (_, i) => 3 * i)
    const { proven, found, bound } = search(scan, 3, { these })
    expect([proven, found, fetches]).toEqual([false, [], [106]])
    expect(Number.isFinite(bound)).toBe(true)
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
