import { describe, expect, test } from 'vitest'
import { Bitmap } from '../../../lib/bitmap.js'
import { measureProven, type ProvenSearch } from '../../../lib/index/backends/proven-nearest.js'
import type { Usearch } from '../../../lib/index/backends/usearch.js'

/** A library that lists rows 0, 1, 2, … at the given distances. */
function listing(distances: number[]): { library: Usearch; fetches: number[] } {
  const fetches: number[] = []
  const library: Usearch = {
    exactSearch({ k }) {
      fetches.push(k)
      return {
        ordinals: BigUint64Array.from(distances.slice(0, k), (_, row) => BigInt(row)),
        distances: Float32Array.from(distances.slice(0, k)),
      }
    },
  }
  return { library, fetches }
}

/** Distances are known to within 1. */
function searchOf(changes: Partial<ProvenSearch>): { search: ProvenSearch; measured: number[] } {
  const measured: number[] = []
  const search: ProvenSearch = {
    matrix: { vectors: new Float32Array(1_000), count: 1_000, dimensions: 1, metric: 'euclidean' },
    query: {
      floats: new Float32Array(1),
      metric: 'l2sq',
      nearestAt: (native) => native - 1,
      farthestAt: (native) => native + 1,
    },
    wanted: 2,
    fetch: 5,
    bound: Number.POSITIVE_INFINITY,
    measure: (row) => measured.push(row),
    ...changes,
  }
  return { search, measured }
}

const spread = Array.from({ length: 1_000 }, (_, row) => row)

describe('measureProven', () => {
  test('measures the wanted and whatever could be as near, no more', () => {
    const { library, fetches } = listing(spread)
    const { search, measured } = searchOf({})
    // The second is at 1 ± 1, so rows up to 3 ± 1 can still be at 2.
    expect(measureProven(library, search)).toBe(true)
    expect(measured).toEqual([0, 1, 2, 3])
    expect(fetches).toEqual([5])
  })

  test('asks for four times as many while the list ends too early', () => {
    const { library, fetches } = listing(spread.map((row) => row / 8))
    const { search, measured } = searchOf({})
    expect(measureProven(library, search)).toBe(true)
    expect(fetches).toEqual([5, 20])
    expect(measured).toEqual(spread.slice(0, 18))
  })

  test('gives up, having measured nothing, when half of the rows prove nothing', () => {
    const { library, fetches } = listing(spread.map(() => 7))
    const { search, measured } = searchOf({})
    expect(measureProven(library, search)).toBe(false)
    expect(fetches).toEqual([5, 20, 80, 320])
    expect(measured).toEqual([])
  })

  test('counts admitted rows only', () => {
    const { library } = listing(spread)
    const { search, measured } = searchOf({ fetch: 30, allow: Bitmap.of([4, 9, 10, 11, 12, 13, 40]) })
    expect(measureProven(library, search)).toBe(true)
    expect(measured).toEqual([4, 9, 10, 11])
  })

  test('needs nothing beyond a bound that is known already', () => {
    const { library } = listing(spread)
    const near = searchOf({ bound: 0.5 })
    expect(measureProven(library, near.search)).toBe(true)
    expect(near.measured).toEqual([0, 1])
    const none = searchOf({ bound: -2 })
    expect(measureProven(library, none.search)).toBe(true)
    expect(none.measured).toEqual([])
  })

  test('asks nothing of a library when f32 cannot answer', () => {
    const { library, fetches } = listing(spread)
    expect(measureProven(library, searchOf({ query: undefined }).search)).toBe(false)
    expect(fetches).toEqual([])
  })
})
