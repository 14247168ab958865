import { describe, expect, test } from 'vitest'
import { Bitmap } from '../../lib/bitmap.js'
import type { VectorIndex } from '../../lib/index/backend.js'
import { plainScan } from '../../lib/index/backends/plain-scan.js'
import { distanceTo } from '../../lib/index/distance.js'
import type { Part } from '../../lib/index/part.js'
import { searchPart } from '../../lib/index/part-search.js'
import { Rows } from '../../lib/index/rows.js'
import { forgetful } from './controlled-backend.js'

type SearchInput = Parameters<VectorIndex['search']>[0]

/** Places on a line; row i is record 1000 + i. The index writes down what it is asked. */
async function line(count: number, exact: boolean, mask: boolean) {
  const rows = new Rows(1, 1, count)
  for (let i = 0; i < count; i++) rows.vectors.set(rows.append(1_000 + i, i + 1), Float32Array.of(i))
  const backend = exact ? plainScan : forgetful(plainScan, mask)
  const signal = new AbortController().signal
  const [vectors] = rows.vectors.pieces as [Float32Array]
  const index = await backend.build({ vectors, count, dimensions: 1, metric: 'euclidean', signal })
  const asked: SearchInput[] = []
  const part: Part = {
    rows,
    largestNorm: count,
    index: {
      bytes: index.bytes,
      candidatesFor: (wanted) => Math.max(64, 3 * wanted),
      search: (input) => {
        asked.push(input)
        return index.search(mask ? input : { queries: input.queries, count: input.count, k: input.k })
      },
      [Symbol.asyncDispose]: async () => {},
    },
  }
  const supports = { ...backend.supports, mask }
  const search = async (
    place: number,
    k: number,
    allow?: Bitmap,
    options: { exact?: boolean; ef?: number; count?: number; seq?: number } = {},
  ) => {
    const pinned = { part, count: options.count ?? count }
    const query = { query: Float32Array.of(place), k, ef: options.ef, exact: options.exact ?? false }
    const allowShare = allow ? allow.count() / count : 1
    const measure = distanceTo('euclidean', query.query)
    const view = { measure, seq: options.seq ?? 1_000_000, allow, allowShare, pause: () => undefined }
    const found = await searchPart(pinned, { ...query, ...view, metric: 'euclidean', supports })
    return [...found.ordinals]
  }
  return { rows, part, asked, search }
}

const numbers = (...ordinals: number[]) => Bitmap.of(ordinals.map((ordinal) => 1_000 + ordinal))
const every = (step: number, count: number, from = 0) =>
  numbers(...Array.from({ length: Math.ceil((count - from) / step) }, (_, i) => from + i * step))

describe('the search of a part with an exact index', () => {
  test('asks an index that masks once, for the admitted rows', async () => {
    const { search, asked } = await line(100, true, true)
    expect(await search(50, 2, numbers(10, 48, 90, 49), { ef: 77 })).toEqual([49, 48])
    expect(asked).toEqual([
      { queries: Float32Array.of(50), count: 1, k: 2, ef: 77, allow: Bitmap.of([10, 48, 49, 90]).words },
    ])
  })

  test('asks an index without masks for more and more, until enough is admitted', async () => {
    const { search, asked } = await line(100, true, false)
    expect(await search(0, 3, numbers(70, 80, 90, 99))).toEqual([70, 80, 90])
    const fetches = asked.map(({ k }) => k)
    expect(fetches).toEqual([...new Set(fetches)].sort((a, b) => a - b))
    expect(fetches.at(-1)).toBe(100)
    expect(asked.filter(({ allow }) => allow)).toEqual([])
  })

  test('asks nobody when nothing is admitted', async () => {
    const { search, asked, rows } = await line(100, true, true)
    expect(await search(5, 3, new Bitmap())).toEqual([])
    for (let ordinal = 0; ordinal < 100; ordinal++) rows.kill(ordinal, 50, false)
    expect(await search(5, 3)).toEqual([])
    expect(asked).toEqual([])
  })
})

/** The index never finds ordinals 1, 5, 9, … */
describe.each([true, false])('the search of a part with an approximate index (masks: %s)', (mask) => {
  test('asks for more candidates than wanted, and measures them', async () => {
    const { search, asked } = await line(10_000, false, mask)
    expect(await search(200, 4)).toEqual([200, 199, 198, 202])
    expect(asked).toEqual([{ queries: Float32Array.of(200), count: 1, k: 64 }])
    expect(await search(200, 100)).toHaveLength(100)
    expect(asked.at(-1)?.k).toBe(300)
    await search(200, 4, undefined, { ef: 20 })
    expect([asked.at(-1)?.k, asked.at(-1)?.ef]).toEqual([20, 20])
    await search(200, 4, undefined, { ef: 200 })
    expect([asked.at(-1)?.k, asked.at(-1)?.ef]).toEqual([200, 200])
  })

  test('passes over rows that are not admitted, dead, or younger than the view', async () => {
    const { search, rows } = await line(10_000, false, mask)
    expect(await search(200, 4, every(2, 10_000))).toEqual([200, 198, 202, 196])
    rows.kill(200, 50, true)
    rows.kill(202, 70, true)
    expect(await search(200, 4, every(2, 10_000), { seq: 60 })).toEqual([198, 202, 196, 204])
    expect(await search(200, 3, undefined, { seq: 100 })).toEqual([199, 198, 203])
    expect(await search(9_999, 2, undefined, { count: 9_000, seq: 100 })).toEqual([8_999, 8_998])
  })

  test('scans rather than give fewer than there are', async () => {
    const { search } = await line(10_000, false, mask)
    const forgotten = every(4, 10_000, 1)
    expect(await search(0, 5, forgotten)).toEqual([1, 5, 9, 13, 17])
    expect(await search(0, 20_000)).toHaveLength(10_000)
  })

  test('widens, then scans, when the admitted rows lie far from the query', async () => {
    const { search, asked } = await line(100_000, false, mask)
    const far = numbers(...Array.from({ length: 20_000 }, (_, i) => 80_000 + i))
    expect(await search(0, 3, far)).toEqual(mask ? [80_000, 80_002, 80_003] : [80_000, 80_001, 80_002])
    const fetches = asked.map(({ k }) => k)
    expect(fetches).toEqual(mask ? [64] : [480])
  })

  test('scans for an exact answer, for few rows, and for so many candidates that it is faster', async () => {
    const { search, asked } = await line(10_000, false, mask)
    expect(await search(5, 2, undefined, { exact: true })).toEqual([5, 4])
    expect(await search(5, 4, numbers(1, 2, 5, 9))).toEqual([5, 2, 1, 9])
    expect(await search(9, 1, every(20, 10_000, 9))).toEqual([9])
    expect((await search(9, 2_000)).length).toBe(2_000)
    expect(asked).toEqual([])
  })
})

describe('candidates are measured in the order of the index', () => {
  /** Rows 0 to 9 999 on a line; the index claims for each a distance that `claim` gives. */
  async function claiming(claim: (place: number) => number) {
    const { rows, part } = await line(10_000, false, false)
    const measured: number[] = []
    const listed = Array.from({ length: 200 }, (_, place) => ({ place, distance: claim(place) }))
    listed.sort((a, b) => a.distance - b.distance)
    const index: VectorIndex = {
      ...{ bytes: { memory: 0, disk: 0 }, candidatesFor: () => 200 },
      search: () => [
        {
          ordinals: Uint32Array.from(listed, ({ place }) => place),
          distances: Float32Array.from(listed, ({ distance }) => distance),
        },
      ],
      [Symbol.asyncDispose]: async () => {},
    }
    const query = Float32Array.of(0)
    const exact = distanceTo('euclidean', query)
    const measure = (row: Float32Array, offset: number) => {
      measured.push(offset)
      return exact(row, offset)
    }
    const supports = { ...plainScan.supports, exact: false, mask: false }
    const input = { ...{ query, measure, k: 4, ef: undefined, exact: false, metric: 'euclidean' as const } }
    const view = { supports, seq: 1_000_000, allow: undefined, allowShare: 1, pause: () => undefined }
    const found = await searchPart({ part: { ...part, index }, count: rows.count }, { ...input, ...view })
    return { found: [...found.ordinals], measured }
  }

  test('as many as are wanted, and one, where the index tells the truth', async () => {
    const { found, measured } = await claiming((place) => place)
    expect(found).toEqual([0, 1, 2, 3])
    expect(measured).toEqual([0, 1, 2, 3])
  })

  test('as far as its distances are off: all of a group that it cannot tell apart', async () => {
    // Rounded to tens, the farther first: among 0 to 39 it knows nothing but the ten.
    const claim = (place: number) => Math.floor(place / 40) * 40 + 20 - (place % 40) / 1_000
    const { found, measured } = await claiming(claim)
    expect(found).toEqual([0, 1, 2, 3])
    expect(new Set(measured.filter((place) => place < 40)).size).toBe(40)
    expect(measured.length).toBeLessThan(100)
  })
})

test('a small approximate index is not asked at all', async () => {
  const { search, asked } = await line(1_000, false, false)
  expect(await search(1, 2)).toEqual([1, 0])
  expect(asked).toEqual([])
})
