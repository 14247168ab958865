import { describe, expect, test } from 'vitest'
import { VectorStore } from '../../lib/index.js'
import { plainScan } from '../../lib/index/backends/plain-scan.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { collected, contentsOf } from '../collection/contents.js'
import { describeStores } from '../store/store-kinds.js'
import { ControlledBackend, forgetful } from '../index/controlled-backend.js'
import { READS, STORE_CALLS, STORE_UPKEEP, UPKEEP, WRITES } from './calls.js'

describeStores((subject) => {
  async function seeded() {
    const made = await subject.create()
    await made.upsert({ id: 'old', vector: [1, 2], metadata: { n: 1 } })
    return subject.later()
  }

  test.each(Object.entries({ ...READS, ...WRITES, ...UPKEEP }))(
    '%s after close is CLOSED',
    async (_, call) => {
      const things = await seeded()
      await subject.store.close()
      await expect(call(things)).rejects.toMatchObject({ name: 'ReplivecError', code: 'CLOSED' })
      expect([things.name, things.dimensions, things.metric]).toEqual(['things', 2, 'euclidean'])
    },
  )

  test.each(Object.entries({ ...STORE_CALLS, ...STORE_UPKEEP }))(
    '%s after close is CLOSED',
    async (_, call) => {
      await seeded()
      await subject.store.close()
      await expect(call(subject.store, subject.directory)).rejects.toMatchObject({ code: 'CLOSED' })
    },
  )

  test('closing is idempotent, at once and again', async () => {
    await seeded()
    const { store } = subject
    await Promise.all([store.close(), store.close(), store[Symbol.asyncDispose]()])
    await store.close()
    await expect(store.openCollection('things')).rejects.toMatchObject({ code: 'CLOSED' })
  })

  test('takes what was called before it, and refuses what comes after', async () => {
    const things = await seeded()
    const writes = Array.from({ length: 20 }, (_, i) => things.upsert({ id: `w${i}`, vector: [i, 0] }))
    const closing = subject.store.close()
    const late = things.upsert({ id: 'late', vector: [0, 0] })
    await expect(late).rejects.toMatchObject({ code: 'CLOSED' })
    const results = await Promise.all(writes)
    await closing
    expect(results.map(({ count }) => count)).toEqual(Array(20).fill(1))
  })

  describe('a read that runs while the store closes', () => {
    test.each(Object.entries(READS))('%s answers right or is CLOSED', async (_, read) => {
      const things = await seeded()
      await things.upsert(
        Array.from({ length: 500 }, (_, i) => ({ id: `${i}`, vector: [i, 9], metadata: { n: i } })),
      )
      const expected = await read(things)
      const reading = read(things).then(
        (answer) => ({ answer }),
        (error: { name: string; code: string }) => ({ name: error.name, code: error.code }),
      )
      await subject.store.close()
      expect([{ answer: expected }, { name: 'ReplivecError', code: 'CLOSED' }]).toContainEqual(await reading)
    })
  })

  test('closing inside a scan ends the scan with CLOSED', async () => {
    const things = await seeded()
    await things.upsert({ id: 'second', vector: [0, 0] })
    const seen: string[] = []
    const scanning = (async () => {
      for await (const { id } of things.scan({ pageSize: 1 })) {
        seen.push(id)
        await subject.store.close()
      }
    })()
    await expect(scanning).rejects.toMatchObject({ code: 'CLOSED' })
    expect(seen).toEqual(['old'])
  })
})

describeStores((subject) => {
  describe.each(['flush', 'compact'] as const)('a %s that is not done', (call) => {
    test.each([
      ['the store closes', 'CLOSED', () => subject.store.close()],
      ['the collection is dropped', 'COLLECTION_NOT_FOUND', () => subject.store.dropCollection('things')],
    ] as const)('when %s is %s', async (_, code, end) => {
      const backend = new ControlledBackend(forgetful(plainScan, true))
      const made = await subject.create({ backend })
      await made.upsert(Array.from({ length: 500 }, (__, i) => ({ id: `${i}`, vector: [i, 9] })))
      await subject.later()
      const options = { dimensions: 2, metric: 'euclidean', backend } as const
      const things = await subject.store.getOrCreateCollection('things', options)
      const waiting = things[call]()
      while (backend.building === 0) await nodeClock.yield()
      await Promise.all([end(), expect(waiting).rejects.toMatchObject({ name: 'ReplivecError', code })])
    })

    test('when the store closes at once is CLOSED, or done', async () => {
      const made = await subject.create()
      await made.upsert(Array.from({ length: 500 }, (_, i) => ({ id: `${i}`, vector: [i, 9] })))
      const things = await subject.later()
      const outcome = things[call]().then(
        () => 'done',
        (error: { code: string }) => error.code,
      )
      await subject.store.close()
      expect(['CLOSED', 'done']).toContain(await outcome)
    })
  })
})

describeStores(
  (subject) => {
    test('everything acknowledged is there after a close and an open', async () => {
      const things = await subject.create()
      const writes = Array.from({ length: 50 }, (_, i) =>
        things.upsert({ id: `w${String(i).padStart(2, '0')}`, vector: [i, 0], metadata: { i } }),
      )
      const closing = subject.store.close()
      await Promise.all(writes)
      await closing
      await subject.start()
      const found = await contentsOf(await subject.store.openCollection('things'))
      expect(found).toEqual(
        Array.from({ length: 50 }, (_, i) => [`w${String(i).padStart(2, '0')}`, [i, 0], { i }]),
      )
    })
  },
  ['on disk'],
)

test('await using closes the store', async () => {
  let kept: VectorStore
  {
    await using store = await VectorStore.open()
    const things = await store.createCollection('things', { dimensions: 1, metric: 'dot' })
    await things.upsert({ id: 'a', vector: [1] })
    expect(await collected(things.scan())).toEqual([{ id: 'a', metadata: {} }])
    kept = store
  }
  await expect(kept.openCollection('things')).rejects.toMatchObject({ code: 'CLOSED' })
})
