import { describe, expect, test } from 'vitest'
import { NeighbourSample, type SampledRows } from '../../../lib/index/backends/neighbour-sample.js'
import { loadUsearch, type Usearch } from '../../../lib/index/backends/usearch.js'

const library = loadUsearch() as Usearch

/** Rows 0, 1, 2 … on a line, which the native scan is given `scale` times as large. */
function line(count: number, scale = 1): SampledRows {
  return {
    ...{ count, dimensions: 1, metric: 'l2sq' },
    rows: (from, to) => Float32Array.from({ length: to - from }, (_, i) => (from + i) * scale),
    query: (row) => Float32Array.of(row * scale),
    distance: (row, other) => Math.abs(row - other),
  }
}

/** The `k` rows nearest to a query of `line` that `is` admits. */
const nearest = (count: number, k: number, is: (row: number) => boolean) => (query: Float32Array) => {
  const all = Array.from({ length: count }, (_, row) => row).filter(is)
  const [at] = query as unknown as [number]
  return Uint32Array.from(all.sort((a, b) => Math.abs(a - at) - Math.abs(b - at)).slice(0, k))
}

describe('a sample of rows and their neighbours', () => {
  test('tells which share of them is found', () => {
    const sample = new NeighbourSample(line(1_000), library)
    expect(sample.heldOut).toHaveLength(0)
    expect(sample.keptShare(nearest(1_000, 10, () => true))).toBe(1)
    expect(sample.keptShare(nearest(1_000, 5, () => true))).toBe(0.5)
    expect(sample.keptShare(() => new Uint32Array(0))).toBe(0)
    // Others at the same distance will do.
    expect(sample.keptShare(nearest(1_000, 400, (row) => row % 2 === 0))).toBeGreaterThan(0.4)
  })

  test('leaves out rows that are held out, as neighbours of any', () => {
    const sample = new NeighbourSample(line(1_000), library, { holdsOut: true })
    const heldOut = new Set(sample.heldOut)
    expect(heldOut.size).toBe(64)
    expect([sample.heldOut[0], sample.heldOut[63]]).toEqual([0, 984])
    expect(sample.keptShare(nearest(1_000, 10, (row) => !heldOut.has(row)))).toBe(1)
    expect(sample.keptShare(nearest(1_000, 5, (row) => !heldOut.has(row)))).toBe(0.5)
  })

  test.each([
    [1, 0],
    [9, 0],
    [10, 1],
    [639, 63],
    [640, 64],
    [100_000, 64],
  ])('holds out a tenth of few rows: of %i rows %i', (count, expected) => {
    const { heldOut } = new NeighbourSample(line(count), library, { holdsOut: true })
    expect(heldOut).toHaveLength(expected)
    expect([...heldOut].every((row) => row < count)).toBe(true)
    // Every run of ten rows has one that is not held out, the last one too.
    expect(heldOut.at(-1) ?? 0).toBeLessThan(Math.max(1, count - 1))
  })

  test('measures by the rows as they were, also where the native numbers cannot tell them apart', () => {
    const sample = new NeighbourSample(line(50, 1e-30), library)
    expect(sample.keptShare(nearest(50, 10, () => true))).toBeLessThan(1)
    const asGiven = (query: Float32Array) => nearest(50, 10, () => true)(query.map((x) => x * 1e30))
    expect(sample.keptShare(asGiven)).toBe(1)
    // Of 500 rows it proposes any 50.
    const few = new NeighbourSample(line(500, 1e-30), library)
    const all = new NeighbourSample(line(500, 1e-30), library, { measuresAll: true })
    const ten = (query: Float32Array) => nearest(500, 20, () => true)(query.map((x) => x * 1e30))
    const five = (query: Float32Array) => nearest(500, 5, () => true)(query.map((x) => x * 1e30))
    expect([all.keptShare(ten), all.keptShare(five)]).toEqual([1, 0.5])
    const farther = (query: Float32Array) =>
      nearest(500, 30, () => true)(query.map((x) => x * 1e30)).slice(20)
    expect(all.keptShare(farther)).toBe(0)
    expect(few.keptShare(farther)).toBeGreaterThan(0)
  })
})
