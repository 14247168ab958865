import { describe, expect, test } from 'vitest'
import { type Collection, type IndexBackend, VectorStore } from '../../lib/index.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { toyBackend } from '../index/toy-backend.js'
import { describeStores } from '../store/store-kinds.js'

interface Thing {
  n: number
  at?: Date
  tags?: string[]
}

const RECORDS = [0, 1, 2, 3].map((n) => ({
  id: `r${n}`,
  vector: [n, n % 2],
  metadata: { n, at: new Date(n * 1_000), tags: ['a', `t${n}`] },
}))
const NEAR = { vector: [0, 0], topK: 3 }
const HITS = [
  { id: 'r0', score: 1, distance: 0, metadata: RECORDS[0]!.metadata },
  { id: 'r1', score: 1 / (1 + Math.SQRT2), distance: Math.SQRT2, metadata: RECORDS[1]!.metadata },
  { id: 'r2', score: 1 / 3, distance: 2, metadata: RECORDS[2]!.metadata },
]

const cacheOf = (things: Collection<Thing>) => things.getStats().cache

describeStores((subject) => {
  async function filled(name = 'things'): Promise<Collection<Thing>> {
    const things = await subject.create<Thing>({ indexed: ['n'] }, name)
    await things.upsert(RECORDS)
    return things
  }

  async function begun(): Promise<Collection<Thing>> {
    await subject.start({ cache: {} })
    await filled()
    return subject.later<Thing>()
  }

  test('without the option nothing is kept and the counts are zeros', async () => {
    await filled()
    const things = await subject.later<Thing>()
    for (let i = 0; i < 3; i++) expect(await things.search(NEAR)).toStrictEqual(HITS)
    expect(cacheOf(things)).toEqual({ hits: 0, misses: 0, evictions: 0 })
  })

  test('search and the queries of searchBatch find each other’s answers', async () => {
    const things = await begun()
    expect(await things.search(NEAR)).toStrictEqual(HITS)
    expect(await things.search({ ...NEAR })).toStrictEqual(HITS)
    expect(await things.searchBatch([NEAR, NEAR])).toStrictEqual([HITS, HITS])
    const other = { ...NEAR, filter: { at: { $gte: new Date(2_000) } }, includeVector: true } as const
    const [first] = await things.searchBatch([other])
    const [second, third] = await things.searchBatch([other, other])
    expect(first!.map(({ id, vector }) => [id, [...vector]])).toEqual([
      ['r2', [2, 0]],
      ['r3', [3, 1]],
    ])
    expect([second, third]).toStrictEqual([first, first])
    expect(second![0]!.vector.buffer).not.toBe(first![0]!.vector.buffer)
    expect(third![0]!.vector.buffer).not.toBe(second![0]!.vector.buffer)
    expect(cacheOf(things)).toEqual({ hits: 5, misses: 2, evictions: 0 })
    const { operations, cache } = subject.store.getStats().collections[0]!
    expect(operations.searches).toBe(7)
    expect(cache).toEqual({ hits: 5, misses: 2, evictions: 0 })
    // Those of one batch are searched for together.
    const four = { ...NEAR, topK: 4 }
    await things.searchBatch([four, four])
    expect(cacheOf(things)).toEqual({ hits: 5, misses: 4, evictions: 0 })
  })

  test('a caller who changes its hits changes nobody else’s', async () => {
    const things = await begun()
    for (let i = 0; i < 3; i++) {
      const hits = await things.search({ ...NEAR, includeVector: true })
      expect(hits.map(({ vector, ...hit }) => hit)).toStrictEqual(HITS)
      expect(hits.map(({ vector }) => [...vector])).toEqual([
        [0, 0],
        [1, 1],
        [2, 0],
      ])
      for (const { metadata, vector } of hits) {
        metadata.at!.setTime(0)
        metadata.tags!.push('mine')
        vector.fill(9)
      }
      hits.length = 0
    }
    expect(cacheOf(things)).toEqual({ hits: 2, misses: 1, evictions: 0 })
  })

  const writes: [string, (things: Collection<Thing>) => Promise<{ count: number }>][] = [
    ['upsert', (things) => things.upsert({ id: 'new', vector: [0, 0.5], metadata: { n: 9 } })],
    ['insert', (things) => things.insert({ id: 'new', vector: [0, 0.5], metadata: { n: 9 } })],
    ['update', (things) => things.update('r1', { metadata: { n: 7 } })],
    ['update by filter', (things) => things.update({ filter: { n: 1 } }, { metadata: { n: 7 } })],
    ['updateVector', (things) => things.updateVector('r3', [0, 0.1])],
    ['delete', (things) => things.delete('r0')],
    ['delete by filter', (things) => things.delete({ filter: { n: { $lt: 2 } } })],
  ]

  test.each(writes)(
    '%s is seen by the next search, and other collections keep theirs',
    async (_name, write) => {
      await subject.start({ cache: {} })
      await filled()
      await filled('others')
      const things = await subject.later<Thing>()
      const others = await subject.store.openCollection<Thing>('others')
      for (const collection of [things, others]) expect(await collection.search(NEAR)).toStrictEqual(HITS)
      expect((await write(things)).count).toBeGreaterThan(0)
      const found = await things.search(NEAR)
      expect(found).not.toStrictEqual(HITS)
      expect(found).toStrictEqual(await things.search({ ...NEAR, exact: true }))
      expect(await others.search(NEAR)).toStrictEqual(HITS)
      expect(cacheOf(things)).toEqual({ hits: 0, misses: 3, evictions: 0 })
      expect(cacheOf(others)).toEqual({ hits: 1, misses: 1, evictions: 0 })
    },
  )

  test('a change of settings forgets answers, and a call that changes nothing does not', async () => {
    const things = await begun()
    const misses = async () => {
      expect(await things.search(NEAR)).toStrictEqual(HITS)
      return cacheOf(things).misses
    }
    expect(await misses()).toBe(1)
    await things.upsert([])
    await things.delete('none')
    await things.update('r1', {})
    await things.configure({ indexed: ['n'] })
    await expect(things.insert(RECORDS)).rejects.toMatchObject({ code: 'ID_EXISTS' })
    expect(await misses()).toBe(1)
    await things.configure({ indexed: ['at'] })
    expect(await misses()).toBe(2)
    await things.configure({ backend: 'quantized' })
    expect(await misses()).toBe(3)
    expect(cacheOf(things)).toEqual({ hits: 1, misses: 3, evictions: 0 })
  })

  test('an answer is not given for a collection that was dropped, nor by its successor', async () => {
    const things = await begun()
    await things.search(NEAR)
    await subject.store.dropCollection('things')
    await expect(things.search(NEAR)).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' })
    const next = await subject.create<Thing>()
    expect(await next.search(NEAR)).toEqual([])
    expect(cacheOf(next)).toEqual({ hits: 0, misses: 1, evictions: 0 })
  })

  test('a drop gives the room back', async () => {
    await subject.start({ cache: { maxEntries: 2 } })
    const others = await filled('others')
    await others.search(NEAR)
    for (let round = 0; round < 5; round++) {
      const things = await filled()
      await things.search(NEAR)
      expect(await others.search(NEAR)).toStrictEqual(HITS)
      await subject.store.dropCollection('things')
    }
    expect(cacheOf(others)).toEqual({ hits: 5, misses: 1, evictions: 0 })
  })

  test('a closed store gives no answers', async () => {
    const things = await begun()
    await things.search(NEAR)
    await subject.store.close()
    await expect(things.search(NEAR)).rejects.toMatchObject({ code: 'CLOSED' })
  })

  test('what a search waits for it waits for, whatever is kept', async () => {
    const things = await begun()
    await things.search(NEAR)
    const { epoch, seq } = subject.store.getStats().position
    const next = { epoch, seq: seq + 1 }
    await expect(things.search({ ...NEAR, after: next, timeoutMs: 0 })).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
    const lost = { epoch: 0, seq: 1 }
    await expect(things.search({ ...NEAR, after: lost })).rejects.toMatchObject({ code: 'POSITION_LOST' })
    const waiting = things.search({ ...NEAR, after: next })
    await things.delete('r0')
    expect((await waiting).map(({ id }) => id)).toEqual(['r1', 'r2', 'r3'])
    expect(await things.search({ ...NEAR, after: next, timeoutMs: 9 })).toStrictEqual(await waiting)
    expect(cacheOf(things)).toEqual({ hits: 1, misses: 2, evictions: 0 })
  })

  test('an aborted signal rejects, whatever is kept', async () => {
    const things = await begun()
    await things.search(NEAR)
    const reason = new Error('enough')
    await expect(things.search({ ...NEAR, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const { epoch, seq } = subject.store.getStats().position
    const controller = new AbortController()
    const { signal } = controller
    const waiting = things.search({ ...NEAR, after: { epoch, seq: seq + 1 }, signal })
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    expect(await things.search({ ...NEAR, signal: new AbortController().signal })).toStrictEqual(HITS)
    expect(cacheOf(things)).toEqual({ hits: 1, misses: 1, evictions: 0 })
  })

  test('searches beside writes never answer what was before a write they came after', async () => {
    await subject.start({ cache: {} })
    const things = await subject.create<Thing>()
    await things.upsert({ id: 'it', vector: [0, 0], metadata: { n: 0 } })
    let acknowledged = 0
    const search = async () => {
      const least = acknowledged
      const [hit] = await things.search(NEAR)
      expect(hit!.metadata.n).toBeGreaterThanOrEqual(least)
    }
    const searches: Promise<void>[] = []
    for (let n = 1; n <= 100; n++) {
      searches.push(search(), search())
      const writing = things.upsert({ id: 'it', vector: [0, 0], metadata: { n } })
      searches.push(search())
      await writing
      acknowledged = n
      searches.push(search())
      await search()
      await search()
    }
    await Promise.all(searches)
    const { hits, misses, evictions } = cacheOf(things)
    expect({ all: hits + misses, evictions }).toEqual({ all: 600, evictions: 0 })
    expect(hits).toBeGreaterThanOrEqual(100)
  })
})

describe('a search that a write overtakes', () => {
  test('answers its instant, and nobody gets that answer later', async () => {
    let hold: Promise<void> | undefined
    const held: IndexBackend = {
      ...toyBackend,
      kind: 'held',
      async build(input) {
        const index = await toyBackend.build(input)
        return {
          bytes: index.bytes,
          search: async (search) => {
            await hold
            return index.search(search)
          },
          [Symbol.asyncDispose]: () => index[Symbol.asyncDispose](),
        }
      },
    }
    const store = await VectorStore.open({ cache: {} })
    const shape = { dimensions: 2, metric: 'euclidean' as const, backend: held }
    const things = await store.createCollection<Thing>('things', shape)
    await things.upsert(RECORDS)
    await things.flush()
    let release = () => {}
    hold = new Promise((resolve) => {
      release = resolve
    })
    const overtaken = [things.search(NEAR), things.search(NEAR)]
    await things.delete('r0')
    release()
    for (const hits of await Promise.all(overtaken)) expect(hits).toStrictEqual(HITS)
    for (let i = 0; i < 2; i++) {
      expect((await things.search(NEAR)).map(({ id }) => id)).toEqual(['r1', 'r2', 'r3'])
    }
    expect(cacheOf(things)).toEqual({ hits: 1, misses: 3, evictions: 0 })
    await store.close()
  })
})

test('the age of an answer is measured on the clock of the store, without a timer', async () => {
  const clock = new SimulatedClock()
  const store = await VectorStore.open({ clock, cache: { ttlMs: 50 } })
  const things = await store.createCollection<Thing>('things', { dimensions: 2, metric: 'euclidean' })
  await things.upsert(RECORDS)
  await clock.advance(5_000)
  const timers = clock.pendingTimers
  await things.search(NEAR)
  await clock.advance(50)
  expect(await things.search(NEAR)).toStrictEqual(HITS)
  await clock.advance(1)
  expect(await things.search(NEAR)).toStrictEqual(HITS)
  expect(clock.pendingTimers).toBe(timers)
  expect(cacheOf(things)).toEqual({ hits: 1, misses: 2, evictions: 1 })
  await store.close()
})
