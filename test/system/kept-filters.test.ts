/** The filter cache behind searches and counts: when the record store is asked what matches, and when not. */
import { afterEach, beforeEach, expect, type MockInstance, test, vi } from 'vitest'
import type { Collection } from '../../lib/index.js'
import { RecordReader } from '../../lib/records/record-reader.js'
import { describeStores } from '../store/store-kinds.js'

interface Thing {
  n: number
  kind: string
}

const RECORDS = Array.from({ length: 20 }, (_, i) => ({
  id: `r${String(i).padStart(2, '0')}`,
  vector: [i, 0],
  metadata: { n: i, kind: i % 2 === 0 ? 'even' : 'odd' },
}))
const EVEN = { kind: 'even' }
const NEAR = { vector: [0, 0], topK: 3, filter: EVEN }

let lookups: MockInstance<RecordReader['lookup']>
beforeEach(() => {
  lookups = vi.spyOn(RecordReader.prototype, 'lookup')
})
afterEach(() => lookups.mockRestore())

/** How often the record store is asked for a key of a field index. */
async function lookupsOf(call: () => Promise<unknown>): Promise<number> {
  const before = lookups.mock.calls.length
  await call()
  return lookups.mock.calls.length - before
}

const idsOf = (hits: readonly { readonly id: string }[]) => hits.map(({ id }) => id)

describeStores((subject) => {
  async function filled(name = 'things'): Promise<Collection<Thing>> {
    const things = await subject.create<Thing>({ indexed: ['kind', 'n'] }, name)
    await things.upsert(RECORDS)
    return things
  }

  /** A collection whose filter is kept. */
  async function begun(): Promise<Collection<Thing>> {
    await filled()
    const things = await subject.later<Thing>()
    for (let i = 0; i < 2; i++) expect(idsOf(await things.search(NEAR))).toEqual(['r00', 'r02', 'r04'])
    return things
  }

  const none: [string, (things: Collection<Thing>) => Promise<unknown>][] = [
    ['a search', async (things) => expect(idsOf(await things.search(NEAR))).toEqual(['r00', 'r02', 'r04'])],
    [
      'a search from elsewhere',
      async (things) =>
        expect(idsOf(await things.search({ ...NEAR, vector: [9.1, 0], topK: 2 }))).toEqual(['r10', 'r08']),
    ],
    [
      'a batch',
      async (things) =>
        expect((await things.searchBatch([NEAR, NEAR])).map(idsOf)).toEqual([
          ['r00', 'r02', 'r04'],
          ['r00', 'r02', 'r04'],
        ]),
    ],
    ['a count', async (things) => expect(await things.count(EVEN)).toBe(10)],
  ]
  test.each(none)('%s does not ask for what is kept', async (_name, call) => {
    const things = await begun()
    expect(await lookupsOf(() => call(things))).toBe(0)
  })

  test('a filter is asked for twice, then kept, for counts too', async () => {
    await filled()
    const things = await subject.later<Thing>()
    const asked: number[] = []
    for (let i = 0; i < 4; i++) asked.push(await lookupsOf(() => things.count(EVEN)))
    expect(asked).toEqual([1, 1, 0, 0])
    expect(await lookupsOf(() => things.count({ kind: 'odd' }))).toBe(1)
  })

  test('explain, scan and writes by filter look for themselves', async () => {
    const things = await begun()
    expect(
      await lookupsOf(async () => {
        const { filter, matching } = await things.explain(NEAR)
        expect([filter?.indexes, matching]).toEqual([['kind'], 10])
      }),
    ).toBe(1)
    expect(
      await lookupsOf(async () => {
        const ids: string[] = []
        for await (const { id } of things.scan({ filter: EVEN })) ids.push(id)
        expect(ids).toHaveLength(10)
      }),
    ).toBe(1)
    expect(await lookupsOf(() => things.update({ filter: EVEN }, { metadata: { n: 0 } }))).toBe(1)
    expect(await things.count({ n: 0 })).toBe(10)
  })

  const writes: [string, (things: Collection<Thing>) => Promise<unknown>, string[], number][] = [
    [
      'upsert',
      (things) => things.upsert({ id: 'new', vector: [0, 0.5], metadata: { n: 9, kind: 'even' } }),
      ['r00', 'new', 'r02'],
      11,
    ],
    [
      'upsert of what matched',
      (things) => things.upsert({ id: 'r00', vector: [0, 0], metadata: { n: 0, kind: 'odd' } }),
      ['r02', 'r04', 'r06'],
      9,
    ],
    [
      'insert',
      (things) => things.insert({ id: 'new', vector: [0, 0.5], metadata: { n: 9, kind: 'even' } }),
      ['r00', 'new', 'r02'],
      11,
    ],
    ['update', (things) => things.update('r02', { metadata: { kind: 'odd' } }), ['r00', 'r04', 'r06'], 9],
    [
      'update by filter',
      (things) => things.update({ filter: { n: { $lt: 3 } } }, { metadata: { kind: 'odd' } }),
      ['r04', 'r06', 'r08'],
      8,
    ],
    ['updateVector', (things) => things.updateVector('r18', [0, 1]), ['r00', 'r18', 'r02'], 10],
    ['delete', (things) => things.delete('r00'), ['r02', 'r04', 'r06'], 9],
    ['delete by filter', (things) => things.delete({ filter: { n: { $lt: 3 } } }), ['r04', 'r06', 'r08'], 8],
    [
      'delete and insert, which may get the number',
      async (things) => {
        await things.delete(['r00', 'r01'])
        await things.insert({ id: 'r00', vector: [0, 0], metadata: { n: 0, kind: 'odd' } })
      },
      ['r02', 'r04', 'r06'],
      9,
    ],
  ]
  test.each(writes)('%s is seen, and other collections keep theirs', async (_name, write, ids, count) => {
    await filled('others')
    const things = await begun()
    const others = await subject.store.openCollection<Thing>('others')
    for (let i = 0; i < 2; i++) await others.count(EVEN)
    await write(things)
    for (let i = 0; i < 2; i++) {
      expect(idsOf(await things.search(NEAR))).toEqual(ids)
      expect(await things.count(EVEN)).toBe(count)
    }
    expect(await lookupsOf(() => others.count(EVEN))).toBe(0)
    expect(await others.count(EVEN)).toBe(10)
  })

  test('a filter that is asked for again after a write is kept at once', async () => {
    const things = await begun()
    await things.delete('r00')
    const asked: number[] = []
    for (let i = 0; i < 3; i++) asked.push(await lookupsOf(() => things.count(EVEN)))
    expect(asked).toEqual([1, 0, 0])
  })

  test('other indexed fields change no answer', async () => {
    const things = await begun()
    for (const indexed of [['n'], [], ['kind']] as ('n' | 'kind')[][]) {
      await things.configure({ indexed })
      for (let i = 0; i < 3; i++) {
        expect(idsOf(await things.search(NEAR))).toEqual(['r00', 'r02', 'r04'])
        expect(await things.count(EVEN)).toBe(10)
      }
    }
  })

  test('a collection created in the place of a dropped one begins with nothing', async () => {
    await begun()
    await subject.store.dropCollection('things')
    const things = await subject.create<Thing>({ indexed: ['kind'] })
    await things.upsert({ id: 'only', vector: [0, 0], metadata: { n: 1, kind: 'even' } })
    for (let i = 0; i < 3; i++) {
      expect(idsOf(await things.search(NEAR))).toEqual(['only'])
      expect(await things.count(EVEN)).toBe(1)
    }
  })
})
