import { join } from 'node:path'
import { expect, test } from 'vitest'
import { VectorStore } from '../../lib/index.js'
import { collected, contentsOf } from '../collection/contents.js'
import { describeStores } from '../store/store-kinds.js'
import { READS, STORE_CALLS, WRITES } from './calls.js'

const OLD = [['old', [1, 2], { n: 1 }]]

describeStores((subject) => {
  async function seeded() {
    const made = await subject.create()
    await made.upsert({ id: 'old', vector: [1, 2], metadata: { n: 1 } })
    return subject.later()
  }

  test.each(Object.entries({ ...READS, ...WRITES }))(
    '%s with a signal aborted before rejects with its reason, and does nothing',
    async (_, call) => {
      const things = await seeded()
      const { position } = subject.store.getStats()
      const reason = { why: 'any value can be a reason' }
      await expect(call(things, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      await expect(call(things, { signal: AbortSignal.abort() })).rejects.toMatchObject({
        name: 'AbortError',
      })
      expect(subject.store.getStats().position).toEqual(position)
      expect(await contentsOf(await subject.later())).toEqual(OLD)
    },
  )

  test.each(Object.entries(STORE_CALLS))(
    '%s with a signal aborted before rejects with its reason, and does nothing',
    async (_, call) => {
      const things = await seeded()
      const before = subject.store.listCollections()
      const reason = new Error('not needed')
      const signal = AbortSignal.abort(reason)
      await expect(call(subject.store, subject.directory, { signal })).rejects.toBe(reason)
      expect(subject.store.listCollections()).toEqual(before)
      expect(await contentsOf(things)).toEqual(OLD)
      expect((await subject.store.backup(join(subject.directory, 'backup'))).bytes).toBeGreaterThan(0)
    },
  )

  test.each(Object.entries(WRITES))(
    '%s aborted while it runs takes effect wholly or not at all, and the next call works',
    async (_, call) => {
      const things = await seeded()
      const whole = await subject.store.createCollection('whole', { dimensions: 2, metric: 'euclidean' })
      await whole.upsert({ id: 'old', vector: [1, 2], metadata: { n: 1 } })
      await call(whole)
      const controller = new AbortController()
      const reason = new Error('changed my mind')
      const calling = call(things, { signal: controller.signal }).then(
        () => 'answered',
        (error: unknown) => error,
      )
      controller.abort(reason)
      expect(['answered', reason]).toContain(await calling)
      // What was sequenced before the abort takes effect, though nobody waits for it: before any later write does.
      const next = [['z', [0, 0], {}]]
      await Promise.all([things, whole].map((each) => each.upsert({ id: 'z', vector: [0, 0] })))
      const found = await contentsOf(things)
      expect([[...OLD, ...next], await contentsOf(whole)]).toContainEqual(found)
      expect(await contentsOf(await subject.later())).toEqual(found)
    },
  )

  test.each(Object.entries(READS))(
    '%s aborted while it runs answers or rejects with the reason',
    async (_, call) => {
      const things = await seeded()
      const expected = await call(things)
      const controller = new AbortController()
      const reason = new Error('changed my mind')
      const calling = call(things, { signal: controller.signal }).catch((error: unknown) => error)
      controller.abort(reason)
      expect([expected, reason]).toContainEqual(await calling)
      expect(subject.store.getStats().pinnedViews).toBe(0)
    },
  )

  test('a scan that is aborted on the way rejects with the reason and holds nothing', async () => {
    const things = await seeded()
    await things.upsert(Array.from({ length: 50 }, (_, i) => ({ id: `${i}`, vector: [i, 0] })))
    const controller = new AbortController()
    const reason = new Error('seen enough')
    const seen: string[] = []
    const scanning = (async () => {
      for await (const { id } of things.scan({ pageSize: 10, signal: controller.signal })) {
        seen.push(id)
        if (seen.length === 15) controller.abort(reason)
      }
    })()
    await expect(scanning).rejects.toBe(reason)
    expect(seen).toEqual([...Array(50).keys()].map(String).sort().slice(0, 15))
    expect(subject.store.getStats().pinnedViews).toBe(0)
    expect(await collected(things.scan())).toHaveLength(51)
  })

  test('a long filtered search and count stop when they are aborted', async () => {
    const things = await seeded()
    await things.upsert(
      Array.from({ length: 20_000 }, (_, i) => ({
        id: `${i}`,
        vector: [i, 0],
        metadata: { text: `text ${i}` },
      })),
    )
    const filter = { text: { $regex: '^(t|e|x)+ .*[13579]$' } }
    for (const call of [
      (signal: AbortSignal) => things.search({ vector: [0, 0], filter, signal }),
      (signal: AbortSignal) => things.count(filter, { signal }),
      (signal: AbortSignal) => things.update({ filter }, { metadata: { n: 5 } }, { signal }),
      (signal: AbortSignal) => things.delete({ filter }, { signal }),
    ]) {
      const controller = new AbortController()
      const reason = new Error('took too long')
      const calling = call(controller.signal)
      queueMicrotask(() => controller.abort(reason))
      await expect(calling).rejects.toBe(reason)
    }
    expect(await things.count({ n: 5 })).toBe(0)
    expect(await things.count()).toBe(20_001)
  })

  test('a restore that is aborted before leaves no target', async () => {
    await seeded()
    const backup = join(subject.directory, 'backup')
    const target = join(subject.directory, 'restored')
    await subject.store.backup(backup)
    const reason = new Error('wrong backup')
    await expect(VectorStore.restore(backup, target, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    )
    await VectorStore.restore(backup, target)
    await using restored = await VectorStore.open({ path: target })
    expect(await contentsOf(await restored.openCollection('things'))).toEqual(OLD)
  })

  test('an abort after the answer changes nothing', async () => {
    const things = await seeded()
    const controller = new AbortController()
    const { signal } = controller
    await things.upsert({ id: 'p', vector: [3, 4] }, { signal })
    const scan = things.scan({ signal })
    await collected(scan)
    controller.abort()
    expect(await contentsOf(await subject.later())).toEqual([...OLD, ['p', [3, 4], {}]])
  })
})
