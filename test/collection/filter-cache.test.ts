import { describe, expect, test } from 'vitest'
import { Bitmap } from '../../lib/bitmap.js'
import { type CollectionFilters, FilterCache } from '../../lib/collection/filter-cache.js'
import { parseFilter } from '../../lib/filter/parse.js'

/** More keys than a collection remembers. */
const MANY = 100

const filterOf = (n: number) => parseFilter({ n })

/** Asks for one filter after another, each found as its number, and tells which had to be found. */
async function ask(filters: CollectionFilters, ...numbers: number[]): Promise<number[]> {
  const found: number[] = []
  for (const number of numbers) {
    const matching = await filters.matching(filterOf(number), async () => {
      found.push(number)
      return Bitmap.of([number, number + 1])
    })
    expect([matching.numbers.toArray(), matching.count]).toEqual([[number, number + 1], 2])
  }
  return found
}

/** Asks for a filter whose numbers and key take about so many bytes; tells whether it had to be found. */
async function askSized(filters: CollectionFilters, number: number, bytes: number): Promise<boolean> {
  let isFound = false
  await filters.matching(filterOf(number), async () => {
    isFound = true
    return new Bitmap(new Uint32Array(bytes / 4))
  })
  return isFound
}

/** A finding that ends when the test says. */
function deferred() {
  let resolve: (numbers: Bitmap) => void = () => {}
  const promise = new Promise<Bitmap>((end) => {
    resolve = end
  })
  return { find: () => promise, resolve: (...numbers: number[]) => resolve(Bitmap.of(numbers)) }
}

describe('a filter', () => {
  test('is kept when it is asked for again, and found no third time', async () => {
    const filters = new FilterCache().forCollection()
    expect(await ask(filters, 1, 1, 1, 2, 1, 2, 2)).toEqual([1, 1, 2, 2])
  })

  test('may match nothing', async () => {
    const filters = new FilterCache().forCollection()
    let found = 0
    for (let i = 0; i < 4; i++) {
      const { numbers, count } = await filters.matching(filterOf(1), async () => {
        found += 1
        return new Bitmap()
      })
      expect([numbers.toArray(), count]).toEqual([[], 0])
    }
    expect(found).toBe(2)
  })

  test('is known by what it says', async () => {
    const filters = new FilterCache().forCollection()
    const texts = [{ n: 1 }, { n: '1' }, { n: { $gt: 1 } }, { n: { $gte: 1 } }, { m: 1 }, {}]
    for (let round = 0; round < 3; round++) {
      for (const [index, filter] of texts.entries()) {
        const find = async () => Bitmap.of([index])
        expect((await filters.matching(parseFilter(filter), find)).numbers.toArray()).toEqual([index])
      }
    }
    const find = () => Promise.reject(new Error('not kept'))
    for (const [index, filter] of texts.entries()) {
      expect((await filters.matching(parseFilter(filter), find)).numbers.toArray()).toEqual([index])
    }
  })

  test('is begun to be found in the tick it is asked for, and what is kept is there at once', async () => {
    const filters = new FilterCache().forCollection()
    let isBegun = false
    const asked = filters.matching(filterOf(1), async () => {
      isBegun = true
      return Bitmap.of([1])
    })
    expect(isBegun).toBe(true)
    await asked
    await ask(filters, 2, 2)
    const kept = filters.matching(filterOf(2), async () => new Bitmap())
    expect(kept).toMatchObject({ count: 2 })
  })

  test('is not kept when finding it fails', async () => {
    const filters = new FilterCache().forCollection()
    for (let i = 0; i < 3; i++) {
      const failing = filters.matching(filterOf(1), () => Promise.reject(new Error('no disk')))
      await expect(failing).rejects.toThrow('no disk')
    }
    expect(await ask(filters, 1, 1)).toEqual([1])
  })

  test('asked for by several at once is kept once', async () => {
    const cache = new FilterCache()
    const filters = cache.forCollection()
    await ask(filters, 1)
    await Promise.all([ask(filters, 1), ask(filters, 1), ask(filters, 1)])
    expect(await ask(filters, 1)).toEqual([])
    filters.invalidate()
    // Had it been kept thrice, some would hold room for ever.
    for (let round = 0; round < 1_000; round++) {
      await Promise.all([ask(filters, 1), ask(filters, 1)])
      filters.invalidate()
    }
    const other = cache.forCollection()
    const numbers = Array.from({ length: 15 }, (_, n) => n)
    for (let round = 0; round < 2; round++) for (const n of numbers) await askSized(other, n, 256 * 1024)
    for (const n of numbers) expect(await askSized(other, n, 256 * 1024)).toBe(false)
  })
})

describe('filters that come once', () => {
  test('push out none that is kept', async () => {
    const filters = new FilterCache().forCollection()
    await ask(filters, 1, 1)
    for (let n = 10; n < 5_000; n++) expect(await ask(filters, n)).toEqual([n])
    expect(await ask(filters, 1)).toEqual([])
  })

  test('are forgotten after a while', async () => {
    const filters = new FilterCache().forCollection()
    await ask(filters, 1)
    for (let n = 10; n < 10 + MANY; n++) await ask(filters, n)
    expect(await ask(filters, 1, 1, 1)).toEqual([1, 1])
  })

  test('are remembered across changes', async () => {
    const filters = new FilterCache().forCollection()
    await ask(filters, 1)
    filters.invalidate()
    expect(await ask(filters, 1, 1)).toEqual([1])
  })
})

describe('invalidation', () => {
  test('forgets the filters of one collection and no other', async () => {
    const cache = new FilterCache()
    const [one, other] = [cache.forCollection(), cache.forCollection()]
    await ask(one, 1, 1, 2, 2)
    await ask(other, 1, 1, 2, 2)
    one.invalidate()
    expect(await ask(one, 1, 2)).toEqual([1, 2])
    expect(await ask(other, 1, 2)).toEqual([])
  })

  test('leaves it known which filters come again, whatever came meanwhile', async () => {
    const filters = new FilterCache().forCollection()
    await ask(filters, 1, 1)
    for (let n = 10; n < 10 + MANY; n++) await ask(filters, n)
    filters.invalidate()
    expect(await ask(filters, 1, 1)).toEqual([1])
  })

  test('reaches a finding under way: what it finds is answered and not kept', async () => {
    const filters = new FilterCache().forCollection()
    await ask(filters, 1)
    const { find, resolve } = deferred()
    const begun = filters.matching(filterOf(1), find)
    filters.invalidate()
    resolve(99)
    const { numbers, count } = await begun
    expect([numbers.toArray(), count]).toEqual([[99], 1])
    expect(await ask(filters, 1, 1)).toEqual([1])
  })

  test('reaches a finding under way also when another was kept since', async () => {
    const filters = new FilterCache().forCollection()
    await ask(filters, 1)
    const { find, resolve } = deferred()
    const begun = filters.matching(filterOf(1), find)
    filters.invalidate()
    expect(await ask(filters, 1)).toEqual([1])
    resolve(99)
    await begun
    expect(await ask(filters, 1)).toEqual([])
  })
})

describe('limits', () => {
  const LARGE = 1024 * 1024 - 1024

  test('in bytes: the least recently used filter goes, whosever it is', async () => {
    const cache = new FilterCache()
    const [one, other] = [cache.forCollection(), cache.forCollection()]
    for (const n of [1, 2]) for (let i = 0; i < 2; i++) await askSized(one, n, LARGE)
    for (const n of [1, 2]) for (let i = 0; i < 2; i++) await askSized(other, n, LARGE)
    expect(await askSized(one, 1, LARGE)).toBe(false)
    expect(await askSized(other, 3, LARGE)).toBe(true)
    expect(await askSized(other, 3, LARGE)).toBe(true)
    expect(await askSized(one, 1, LARGE)).toBe(false)
    expect(await askSized(other, 1, LARGE)).toBe(false)
    expect(await askSized(other, 2, LARGE)).toBe(false)
    expect(await askSized(other, 3, LARGE)).toBe(false)
    expect(await askSized(one, 2, LARGE)).toBe(true)
  })

  test('in bytes: as many go as must, and what takes a quarter is not kept', async () => {
    const filters = new FilterCache().forCollection()
    const small = Array.from({ length: 100 }, (_, n) => n)
    for (const n of small) for (let i = 0; i < 2; i++) await askSized(filters, n, 40_000)
    for (let i = 0; i < 3; i++) expect(await askSized(filters, 200, 1024 * 1024)).toBe(true)
    for (const n of small) expect(await askSized(filters, n, 40_000)).toBe(false)
    for (let i = 0; i < 2; i++) expect(await askSized(filters, 201, LARGE)).toBe(true)
    expect(await askSized(filters, 201, LARGE)).toBe(false)
    const found: number[] = []
    for (const n of small.slice(-70)) if (await askSized(filters, n, 40_000)) found.push(n)
    expect(found).toEqual([])
    for (const n of small.slice(0, 20)) expect(await askSized(filters, n, 40_000)).toBe(true)
  })

  test('in bytes: keys count, so that long filters cannot fill the memory', async () => {
    const filters = new FilterCache().forCollection()
    const found: number[] = []
    const askLong = (n: number) =>
      filters.matching(parseFilter({ a: `${n}${'x'.repeat(400_000)}` }), async () => {
        found.push(n)
        return Bitmap.of([n])
      })
    for (const n of [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]) await askLong(n)
    found.length = 0
    for (const n of [6, 5, 4, 3, 2, 1]) await askLong(n)
    expect(found).toEqual([1])
  })

  test('in number', async () => {
    const filters = new FilterCache().forCollection()
    for (let n = 0; n < 1_010; n++) await ask(filters, n, n)
    expect(await ask(filters, 1_009, 10)).toEqual([])
    expect(await ask(filters, 9)).toEqual([9])
  })

  test('hold for what is kept now: invalidation frees the room', async () => {
    const cache = new FilterCache()
    const [one, other] = [cache.forCollection(), cache.forCollection()]
    for (let i = 0; i < 2; i++) await askSized(other, 1, LARGE)
    for (let round = 0; round < 20; round++) {
      for (const n of [1, 2]) for (let i = 0; i < 2; i++) await askSized(one, n, LARGE)
      expect(await askSized(one, 1, LARGE)).toBe(false)
      one.invalidate()
    }
    expect(await askSized(other, 1, LARGE)).toBe(false)
  })
})
