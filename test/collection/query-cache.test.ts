import { describe, expect, test } from 'vitest'
import type { AnyHit } from '../../lib/collection/hits.js'
import { type CacheLimits, type CollectionCache, QueryCache } from '../../lib/collection/query-cache.js'
import { type PreparedQuery, prepareQuery } from '../../lib/collection/search-query.js'
import type { Clock } from '../../lib/runtime/clock.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { RestlessClock } from '../index/restless-clock.js'

const SHAPE = { dimensions: 2, metric: 'euclidean' } as const
const ROOMY = { maxEntries: 1_000, maxBytes: 2 ** 30, ttlMs: undefined }

function cacheOf(limits: Partial<CacheLimits> = {}, clock: Clock = new SimulatedClock()): QueryCache {
  return new QueryCache({ ...ROOMY, ...limits }, clock)
}

function query(x: number): PreparedQuery {
  return prepareQuery({ vector: [x, 1] }, SHAPE)
}

function hitsOf(id: string): AnyHit[] {
  return [{ id, score: 0.5, distance: 1, metadata: { list: [1, { at: new Date(5) }] } }]
}

/** A search that ends when the test says. */
function deferred() {
  let resolve: (hits: AnyHit[]) => void = () => {}
  const promise = new Promise<AnyHit[]>((end) => {
    resolve = end
  })
  return { promise, resolve: (hits: AnyHit[]) => resolve(hits) }
}

/** Asks one query after another, each found by a search that answers its number, and tells which were searched for. */
async function ask(cache: CollectionCache, ...numbers: number[]): Promise<number[]> {
  const searched: number[] = []
  for (const number of numbers) {
    const hits = await cache.answer(query(number), async () => {
      searched.push(number)
      return hitsOf(`${number}`)
    })
    expect(hits).toStrictEqual(hitsOf(`${number}`))
  }
  return searched
}

describe('an answer', () => {
  test('is searched for once and then given again', async () => {
    const cache = cacheOf().forCollection(1, 2)
    expect(await ask(cache, 1, 1, 2, 1, 2)).toEqual([1, 2])
    expect(cache.stats()).toEqual({ hits: 3, misses: 2, evictions: 0 })
  })

  test('may be that there are no hits', async () => {
    const cache = cacheOf().forCollection(1, 2)
    for (let i = 0; i < 2; i++) expect(await cache.answer(query(1), async () => [])).toEqual([])
    expect(cache.stats()).toEqual({ hits: 1, misses: 1, evictions: 0 })
  })

  test('is a copy for everybody, also for whoever had it searched for', async () => {
    const cache = cacheOf().forCollection(1, 2)
    for (let i = 0; i < 3; i++) {
      const hits = await cache.answer(query(1), async () => hitsOf('a'))
      expect(hits).toStrictEqual(hitsOf('a'))
      const [, inner] = hits[0]!.metadata!.list as [number, { at: Date }]
      inner.at.setTime(99)
      hits[0]!.id = 'spoiled'
      hits[0]!.metadata!.list = []
      hits.push(...hitsOf('more'))
    }
  })

  test('is not kept when the search fails', async () => {
    const cache = cacheOf().forCollection(1, 2)
    const failing = cache.answer(query(1), () => Promise.reject(new Error('no disk')))
    await expect(failing).rejects.toThrow('no disk')
    expect(await ask(cache, 1, 1)).toEqual([1])
    expect(cache.stats()).toEqual({ hits: 1, misses: 2, evictions: 0 })
  })
})

describe('invalidation', () => {
  test('forgets the answers of one collection and no other', async () => {
    const store = cacheOf()
    const [one, other] = [store.forCollection(1, 2), store.forCollection(2, 2)]
    await ask(one, 1, 2)
    await ask(other, 1, 2)
    one.invalidate()
    expect(await ask(one, 1, 2)).toEqual([1, 2])
    expect(await ask(other, 1, 2)).toEqual([])
    expect(one.stats()).toEqual({ hits: 0, misses: 4, evictions: 0 })
    expect(other.stats()).toEqual({ hits: 2, misses: 2, evictions: 0 })
  })

  test('frees the room of what is forgotten', async () => {
    const store = cacheOf({ maxEntries: 4 })
    const [one, other] = [store.forCollection(1, 2), store.forCollection(2, 2)]
    for (let round = 0; round < 20; round++) {
      expect(await ask(one, 1, 2)).toEqual([1, 2])
      expect(await ask(other, 1, 2)).toEqual(round === 0 ? [1, 2] : [])
      one.invalidate()
    }
    expect(one.stats().evictions).toBe(0)
    expect(other.stats()).toEqual({ hits: 38, misses: 2, evictions: 0 })
  })

  test('of all there is leaves a cache that works as before', async () => {
    const clock = new SimulatedClock()
    const cache = cacheOf({ maxEntries: 2, ttlMs: 10 }, clock).forCollection(1, 2)
    await ask(cache, 1, 2, 3)
    cache.invalidate()
    expect(await ask(cache, 1, 2, 3, 3)).toEqual([1, 2, 3])
    await clock.advance(11)
    expect(await ask(cache, 3)).toEqual([3])
    expect(cache.stats()).toEqual({ hits: 1, misses: 7, evictions: 3 })
  })

  test('reaches a search under way: what it finds is answered and not kept', async () => {
    const store = cacheOf({ maxEntries: 1 })
    const [one, other] = [store.forCollection(1, 2), store.forCollection(2, 2)]
    const { promise, resolve } = deferred()
    const begun = one.answer(query(1), () => promise)
    await ask(other, 1)
    one.invalidate()
    resolve(hitsOf('old'))
    expect(await begun).toStrictEqual(hitsOf('old'))
    // It took no room either.
    expect(await ask(other, 1)).toEqual([])
    expect(await ask(one, 1)).toEqual([1])
  })

  test('reaches a search under way also when others were kept since', async () => {
    const cache = cacheOf().forCollection(1, 2)
    const { promise, resolve } = deferred()
    const begun = cache.answer(query(1), () => promise)
    cache.invalidate()
    expect(await ask(cache, 1)).toEqual([1])
    resolve(hitsOf('old'))
    await begun
    expect(await ask(cache, 1)).toEqual([])
  })

  test('of many answers frees them in slices, and none is found meanwhile', async () => {
    const clock = new RestlessClock()
    const store = cacheOf({ maxEntries: 60 }, clock)
    const [one, other] = [store.forCollection(1, 2), store.forCollection(2, 2)]
    const many = Array.from({ length: 50 }, (_, i) => i)
    await ask(one, ...many)
    await ask(other, 1, 2)
    clock.hold()
    one.invalidate()
    expect(clock.held).toBe(1)
    expect(await ask(one, 1, 2, 1)).toEqual([1, 2])
    expect(await ask(other, 1, 2)).toEqual([])
    // What nobody can find may make room, and that is no eviction.
    await ask(one, ...many.slice(3, 23))
    expect(one.stats().evictions).toBe(0)
    clock.resume()
    for (let turn = 0; turn < 60; turn++) await clock.yield()
    expect(await ask(one, 1, 2, ...many.slice(3, 23))).toEqual([])
    expect(await ask(other, 1, 2)).toEqual([])
    await ask(one, ...many)
    expect(one.stats().evictions + other.stats().evictions).toBe(0)
  })
})

describe('limits', () => {
  test('in number: the least recently used answer goes, and its owner counts it', async () => {
    const store = cacheOf({ maxEntries: 3 })
    const [one, other] = [store.forCollection(1, 2), store.forCollection(2, 2)]
    await ask(one, 1, 2)
    await ask(other, 1)
    expect(await ask(one, 1)).toEqual([])
    await ask(other, 2)
    expect([one.stats().evictions, other.stats().evictions]).toEqual([1, 0])
    expect(await ask(one, 1)).toEqual([])
    expect(await ask(one, 2)).toEqual([2])
    expect([one.stats().evictions, other.stats().evictions]).toEqual([1, 1])
  })

  test('in number: one answer at a time', async () => {
    const cache = cacheOf({ maxEntries: 1 }).forCollection(1, 2)
    expect(await ask(cache, 1, 1, 2, 2, 1)).toEqual([1, 2, 1])
    expect(cache.stats()).toEqual({ hits: 2, misses: 3, evictions: 2 })
  })

  test('in bytes: large answers go first where they are the oldest, as many as must', async () => {
    const cache = cacheOf({ maxBytes: 20_000 }).forCollection(1, 2)
    const sized = async (number: number, length: number) => {
      const id = 'x'.repeat(length)
      const [hit] = await cache.answer(query(number), async () => [{ id, score: 1, distance: 0 }])
      expect(hit).toStrictEqual({ id, score: 1, distance: 0 })
    }
    await sized(1, 6_000)
    await sized(2, 6_000)
    await sized(3, 100)
    expect(cache.stats()).toEqual({ hits: 0, misses: 3, evictions: 0 })
    await sized(4, 15_000)
    expect(cache.stats()).toEqual({ hits: 0, misses: 4, evictions: 2 })
    await sized(3, 100)
    await sized(4, 15_000)
    expect(cache.stats()).toEqual({ hits: 2, misses: 4, evictions: 2 })
  })

  test('in bytes: what is larger than everything is answered and not kept, and nothing goes for it', async () => {
    const cache = cacheOf({ maxBytes: 5_000 }).forCollection(1, 2)
    await ask(cache, 1)
    const vector = new Float32Array(2_000).fill(0.5)
    const large = async () => [{ id: 'large', score: 1, distance: 0, vector }]
    for (let i = 0; i < 2; i++) expect(await cache.answer(query(2), large)).toStrictEqual(await large())
    expect(await ask(cache, 1)).toEqual([])
    expect(cache.stats()).toEqual({ hits: 1, misses: 3, evictions: 0 })
  })

  test('in bytes: what is not kept is not said to be', () => {
    const store = cacheOf({ maxBytes: 5_000 })
    const cache = store.forCollection(1, 2)
    const hitOf = (length: number) => [{ id: 'x'.repeat(length), score: 1, distance: 0 }]
    expect(store.keep('small', cache, hitOf(100))).toBe(true)
    expect(store.keep('large', cache, hitOf(5_000))).toBe(false)
    expect([store.find('small'), store.find('large')]).toEqual([hitOf(100), undefined])
  })

  test('in bytes: of 1 keep nothing', async () => {
    const cache = cacheOf({ maxBytes: 1 }).forCollection(1, 2)
    expect(await ask(cache, 1, 1, 1)).toEqual([1, 1, 1])
    expect(cache.stats()).toEqual({ hits: 0, misses: 3, evictions: 0 })
  })

  test('in bytes: keys count, so that long filters cannot fill the memory', async () => {
    const cache = cacheOf({ maxBytes: 100_000 }).forCollection(1, 2)
    const long = (number: number) =>
      prepareQuery({ vector: [number, 1], filter: { a: 'x'.repeat(20_000) } }, SHAPE)
    for (let number = 0; number < 4; number++) await cache.answer(long(number), async () => [])
    expect(cache.stats().evictions).toBe(2)
  })

  test.each([0, 5, 1e9])(
    'in time, from a clock at %d: an answer is not given past its age',
    async (startMs) => {
      const clock = new SimulatedClock()
      await clock.advance(startMs)
      const cache = cacheOf({ ttlMs: 100 }, clock).forCollection(1, 2)
      await ask(cache, 1)
      await clock.advance(60)
      expect(await ask(cache, 1, 2)).toEqual([2])
      await clock.advance(40)
      expect(await ask(cache, 1)).toEqual([])
      await clock.advance(1)
      expect(await ask(cache, 1, 2)).toEqual([1])
      expect(cache.stats()).toEqual({ hits: 3, misses: 3, evictions: 1 })
      expect(clock.pendingTimers).toBe(0)
    },
  )

  test('in time: wall time is not asked', async () => {
    const clock = new SimulatedClock()
    const cache = cacheOf({ ttlMs: 100 }, clock).forCollection(1, 2)
    await ask(cache, 1)
    clock.jumpWall(1_000)
    expect(await ask(cache, 1)).toEqual([])
    clock.jumpWall(-5_000)
    await clock.advance(101)
    expect(await ask(cache, 1)).toEqual([1])
  })

  test('the same query searched for by several at once is kept once', async () => {
    const cache = cacheOf({ maxEntries: 2 }).forCollection(1, 2)
    const both = [1, 2, 3].map(() => cache.answer(query(1), async () => hitsOf('1')))
    expect(await Promise.all(both)).toStrictEqual([hitsOf('1'), hitsOf('1'), hitsOf('1')])
    expect(await ask(cache, 2, 1, 2)).toEqual([2])
    cache.invalidate()
    expect(await ask(cache, 1, 2)).toEqual([1, 2])
    expect(cache.stats()).toEqual({ hits: 2, misses: 6, evictions: 0 })
  })
})
