import { describe, expect, test } from 'vitest'
import { Bitmap } from '../../lib/bitmap.js'
import type { VectorIndex } from '../../lib/index/backend.js'
import { plainScan } from '../../lib/index/backends/plain-scan.js'
import { admit, type Part } from '../../lib/index/part.js'
import { searchPart } from '../../lib/index/part-search.js'
import { Rows } from '../../lib/index/rows.js'
import { forgetful } from './controlled-backend.js'

type SearchInput = Parameters<VectorIndex['search']>[0]

/** A hundred places on a line; row i is record 1000 + i. The index writes down what it is asked. */
async function line(exact: boolean, mask: boolean) {
  const rows = new Rows(1, 1, 100)
  for (let i = 0; i < 100; i++) rows.vectors[rows.append(1_000 + i, i + 1)] = i
  const backend = exact ? plainScan : forgetful(plainScan, mask)
  const signal = new AbortController().signal
  const index = await backend.build({
    vectors: rows.vectors,
    count: 100,
    dimensions: 1,
    metric: 'euclidean',
    signal,
  })
  const asked: SearchInput[] = []
  const part: Part = {
    rows,
    largestNorm: 99,
    index: {
      bytes: index.bytes,
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
    options: { exact?: boolean; ef?: number } = {},
  ) => {
    const pinned = { part, count: 100 }
    const query = { query: Float32Array.of(place), k, ef: options.ef, exact: options.exact ?? false }
    const admission = admit(pinned, 100, allow)
    const found = await searchPart(pinned, { ...query, metric: 'euclidean', supports }, admission)
    return [...found.ordinals]
  }
  return { rows, asked, search }
}

const numbers = (...ordinals: number[]) => Bitmap.of(ordinals.map((ordinal) => 1_000 + ordinal))

describe('the search of a part', () => {
  test('asks an index that masks once, for the admitted rows', async () => {
    const { search, asked } = await line(true, true)
    expect(await search(50, 2, numbers(10, 48, 90, 49), { ef: 77 })).toEqual([49, 48])
    expect(asked).toEqual([
      { queries: Float32Array.of(50), count: 1, k: 2, ef: 77, allow: Bitmap.of([10, 48, 49, 90]).words },
    ])
  })

  test('asks an index without masks for more and more, until enough is admitted', async () => {
    const { search, asked } = await line(true, false)
    expect(await search(0, 3, numbers(70, 80, 90, 99))).toEqual([70, 80, 90])
    const fetches = asked.map(({ k }) => k)
    expect(fetches).toEqual([...new Set(fetches)].sort((a, b) => a - b))
    expect(fetches.at(-1)).toBe(100)
    expect(asked.filter(({ allow }) => allow)).toEqual([])
  })

  test.each([true, false])('scans rather than give fewer than there are (masks: %s)', async (mask) => {
    const { search } = await line(false, mask)
    // The index never finds ordinals 1, 5, 9, …
    const admitted = numbers(...Array.from({ length: 50 }, (_, i) => 2 * i + 1))
    expect(await search(0, 50, admitted)).toEqual(Array.from({ length: 50 }, (_, i) => 2 * i + 1))
    expect(await search(0, 1_000)).toHaveLength(100)
    expect(await search(9, 1, numbers(9))).toEqual([9])
  })

  test('does not ask an approximate index for an exact answer, nor for few of its rows', async () => {
    const { search, asked } = await line(false, true)
    expect(await search(5, 2, undefined, { exact: true })).toEqual([5, 4])
    expect(await search(5, 4, numbers(1, 2, 5, 9))).toEqual([5, 2, 1, 9])
    expect(asked).toEqual([])
    expect(await search(5, 1, numbers(0, 4, 8, 12, 16))).toEqual([4])
    expect(asked).toHaveLength(1)
  })

  test('asks nobody when nothing is admitted', async () => {
    const { search, asked, rows } = await line(true, true)
    expect(await search(5, 3, new Bitmap())).toEqual([])
    for (let ordinal = 0; ordinal < 100; ordinal++) rows.kill(ordinal, 50, false)
    expect(await search(5, 3)).toEqual([])
    expect(asked).toEqual([])
  })
})
