import { describe, expect, test } from 'vitest'
import type { Collection } from '../../lib/index.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { describeStores } from '../store/store-kinds.js'
import { byCodeUnit, collected, contentsOf } from './contents.js'

interface Row {
  n: number
  even?: boolean
}

const ids = Array.from({ length: 250 }, (_, i) => `row ${String(i).padStart(3, '0')}`)

describeStores((subject) => {
  async function seeded(): Promise<Collection<Row>> {
    const rows = await subject.create<Row>({ indexed: ['n'] })
    await rows.upsert(ids.map((id, n) => ({ id, vector: [n, -n], metadata: { n, even: n % 2 === 0 } })))
    return subject.later<Row>()
  }

  const record = (n: number) => ({ id: ids[n]!, metadata: { n, even: n % 2 === 0 } })

  test('yields all records by code unit of the id', async () => {
    const rows = await subject.create()
    const random = new SeededRandom('scan order')
    const odd = ['\uffff', '😀', 'é', 'b', 'a', 'B', 'ab', '10', '9', '\u0000', 'a\u0000', '\ue000']
    const many = [...odd, ...Array.from({ length: 200 }, (_, i) => `${random.int(1e9)}.${i}`)]
    await rows.upsert(many.map((id) => ({ id, vector: [0, 0] })))
    const later = await subject.later()
    const sorted = [...many].sort(byCodeUnit).map((id) => ({ id, metadata: {} }))
    expect(await collected(later.scan())).toEqual(sorted)
    expect(await collected(later.scan({ pageSize: 7 }))).toEqual(sorted)
  })

  test('of an empty collection yields nothing', async () => {
    await subject.create()
    expect(await collected((await subject.later()).scan())).toEqual([])
  })

  test.each([1, 2, 249, 250, 251, 1_000])('in pages of %i finds the same', async (pageSize) => {
    const rows = await seeded()
    expect(await collected(rows.scan({ pageSize }))).toEqual(ids.map((_, n) => record(n)))
    const even = await collected(rows.scan({ pageSize, filter: { even: true }, includeVector: true }))
    expect(even).toEqual(
      ids.flatMap((_, n) => (n % 2 === 0 ? [{ ...record(n), vector: Float32Array.of(n, -n) }] : [])),
    )
    expect(await collected(rows.scan({ pageSize, filter: { n: { $gte: 248 } } }))).toEqual([
      record(248),
      record(249),
    ])
    expect(await collected(rows.scan({ pageSize, filter: { n: -1 } }))).toEqual([])
  })

  test('keeps its instant while records are deleted, changed and added', async () => {
    const rows = await seeded()
    const seen: unknown[] = []
    let step = 0
    for await (const row of rows.scan({ pageSize: 10, includeVector: true })) {
      seen.push(row)
      step++
      await rows.upsert({
        id: `row ${String(step).padStart(3, '0')}a`,
        vector: [7, 7],
        metadata: { n: -step },
      })
      await rows.update(ids[249]!, { metadata: { n: -1 }, vector: [step, step] })
      await rows.delete(ids[248 - step] ?? 'none')
    }
    expect(seen).toEqual(ids.map((_, n) => ({ ...record(n), vector: Float32Array.of(n, -n) })))
    const after = await contentsOf(rows)
    expect(after.filter(([id]) => ids.includes(id)).map(([id]) => id)).toEqual([ids[248], ids[249]])
    expect(after).toHaveLength(2 + 250)
  })

  test('keeps its instant when everything is deleted, or compacted, in between', async () => {
    const rows = await seeded()
    const scan = rows.scan({ pageSize: 3, filter: { n: { $lt: 200 } } })
    const first = await scan.next()
    await rows.delete({ filter: {} })
    await rows.compact()
    await rows.flush()
    expect(await contentsOf(rows)).toEqual([])
    expect([first.value, ...(await collected(scan))]).toEqual(ids.slice(0, 200).map((_, n) => record(n)))
  })

  test('the instant is that of the first step or earlier, never mixed', async () => {
    const rows = await seeded()
    const scan = rows.scan({ pageSize: 1 })
    const stepping = scan.next()
    const writing = rows.update({ filter: {} }, { metadata: { even: true } })
    const [first] = await Promise.all([stepping, writing])
    const all = [first.value as Row & { metadata: Row }, ...(await collected(scan))]
    expect(all.map(({ metadata }) => metadata)).toEqual(ids.map((_, n) => record(n).metadata))
  })

  test('can be left early, by break and by return, and holds nothing afterwards', async () => {
    const rows = await seeded()
    for await (const row of rows.scan({ pageSize: 5 })) {
      expect(row).toEqual(record(0))
      break
    }
    const scan = rows.scan({ pageSize: 5 })
    await scan.next()
    expect(await scan.return(undefined)).toEqual({ done: true, value: undefined })
    expect(await scan.next()).toEqual({ done: true, value: undefined })
    const unstarted = rows.scan()
    await unstarted.return(undefined)
    expect(subject.store.getStats().pinnedViews).toBe(0)
    await rows.upsert({ id: 'zz', vector: [0, 0], metadata: { n: 1 } })
    expect((await contentsOf(rows)).at(-1)).toEqual(['zz', [0, 0], { n: 1 }])
  })

  test('that is never read to its end does not keep the store from closing', async () => {
    const rows = await seeded()
    const scan = rows.scan({ pageSize: 5 })
    expect((await scan.next()).value).toEqual(record(0))
    await subject.store.close()
    await expect(collected(scan)).rejects.toMatchObject({ code: 'CLOSED' })
  })

  test('keeps its instant when its collection is dropped and made again', async () => {
    const rows = await seeded()
    const scan = rows.scan({ pageSize: 5 })
    const first = await scan.next()
    await subject.store.dropCollection('things')
    const again = await subject.create<Row>()
    await again.upsert({ id: 'row 100', vector: [1, 1], metadata: { n: 1 } })
    expect([first.value, ...(await collected(scan))]).toEqual(ids.map((_, n) => record(n)))
    expect(await contentsOf(again)).toEqual([['row 100', [1, 1], { n: 1 }]])
    await expect(collected(rows.scan())).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' })
  })

  test('of a reader that takes its time is copied aside, and still shows its instant', async () => {
    const clock = new SimulatedClock()
    await subject.start({ clock })
    const rows = await seeded()
    const expected = ids.map((_, n) => ({ ...record(n), vector: Float32Array.of(n, -n) }))
    const slow = rows.scan({ pageSize: 4, includeVector: true })
    const slower = rows.scan({ pageSize: 4, includeVector: true })
    const abandoned = rows.scan({ pageSize: 4 })
    const seen = []
    for (let i = 0; i < 10; i++) seen.push((await slow.next()).value)
    const seenSlower = [(await slower.next()).value]
    await abandoned.next()
    expect(subject.store.getStats().pinnedViews).toBe(3)
    await clock.advance(1_001)
    while (subject.store.getStats().pinnedViews > 0) await clock.yield()
    await abandoned.return(undefined)
    await rows.update({ filter: {} }, { metadata: { n: -1 } })
    await rows.delete(ids.slice(100))
    for await (const row of slow) {
      seen.push(row)
      await clock.advance(2_000)
    }
    seenSlower.push(...(await collected(slower)))
    expect(seen).toEqual(expected)
    expect(seenSlower).toEqual(expected)
    expect((await contentsOf(rows)).map(([id, , metadata]) => [id, metadata])).toEqual(
      ids.slice(0, 100).map((id, n) => [id, { n: -1, even: n % 2 === 0 }]),
    )
  })

  test('many at once, at different instants, each see their own', async () => {
    const rows = await seeded()
    const scans = []
    for (let version = 0; version < 12; version++) {
      await rows.update({ filter: {} }, { metadata: { n: version } })
      const scan = rows.scan({ pageSize: 20 })
      const first = await scan.next()
      scans.push({ version, scan, first })
    }
    const all = await Promise.all(
      scans.map(async ({ scan, first }) => [first.value, ...(await collected(scan))] as { metadata: Row }[]),
    )
    for (const [version, read] of all.entries()) {
      expect(read.map(({ metadata }) => metadata.n)).toEqual(Array(250).fill(version))
    }
    expect(subject.store.getStats().pinnedViews).toBe(0)
  })

  test('copies its options at the first step', async () => {
    const rows = await seeded()
    const filter = { n: { $lt: 2 } }
    const options = { filter, includeVector: true as const }
    const scan = rows.scan(options)
    const stepping = scan.next()
    filter.n.$lt = 100
    const read = [(await stepping).value, ...(await collected(scan))]
    expect(read.map(({ id }) => id)).toEqual(ids.slice(0, 2))
  })

  describe('count', () => {
    test('of all and of what matches, indexed or not', async () => {
      const rows = await seeded()
      expect(await rows.count()).toBe(250)
      expect(await rows.count({})).toBe(250)
      expect(await rows.count({ n: { $lt: 10 } })).toBe(10)
      expect(await rows.count({ even: true })).toBe(125)
      expect(await rows.count({ even: true, n: { $gte: 248 } })).toBe(1)
      expect(await rows.count({ $or: [] })).toBe(0)
    })
  })
})
