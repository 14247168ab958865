import { describe, expect, test } from 'vitest'
import { Collection } from '../../lib/index.js'
import { describeStores } from '../store/store-kinds.js'
import { contentsOf } from './contents.js'

interface Part {
  size?: number
  tags?: string[]
  made?: Date
  colour?: string
  deep?: Record<string, unknown>
}

describeStores((subject) => {
  test('says what it is, read-only', async () => {
    await subject.create({ dimensions: 3, metric: 'dot', backend: 'quantized' }, 'a.b_c-9')
    const later = await subject.later('a.b_c-9')
    expect(later).toBeInstanceOf(Collection)
    const { name, dimensions, metric, backend } = later
    expect({ name, dimensions, metric, backend }).toEqual({
      name: 'a.b_c-9',
      dimensions: 3,
      metric: 'dot',
      backend: 'quantized',
    })
    for (const property of ['name', 'dimensions', 'metric', 'backend']) {
      expect(() => Object.assign(later, { [property]: 'other' })).toThrow(TypeError)
    }
    expect(later.name).toBe('a.b_c-9')
  })

  test('two handles are of one collection', async () => {
    const one = await subject.create()
    const two = await subject.store.openCollection('things')
    await one.upsert({ id: 'a', vector: [1, 2], metadata: { by: 'one' } })
    await two.update('a', { metadata: { by: 'two' } })
    expect(await contentsOf(one)).toEqual([['a', [1, 2], { by: 'two' }]])
    expect(await contentsOf(two)).toEqual([['a', [1, 2], { by: 'two' }]])
  })

  describe('input and output', () => {
    test('copies what it is given before it returns', async () => {
      const parts = await subject.create<Part>()
      const vector = Float32Array.of(1, 2)
      const list = [3, 4]
      const metadata = { colour: 'red', tags: ['x'], made: new Date(5), deep: { a: [1] } }
      const records = [
        { id: 'a', vector, metadata },
        { id: 'b', vector: list, metadata: { size: 1 } },
      ]
      const writing = parts.upsert(records)
      vector.fill(9)
      list[0] = 9
      metadata.tags.push('y')
      metadata.made.setTime(9)
      metadata.deep.a[0] = 9
      metadata.colour = 'blue'
      records[1]!.id = 'z'
      records.pop()
      await writing
      expect(await contentsOf(await subject.later<Part>())).toEqual([
        ['a', [1, 2], { colour: 'red', tags: ['x'], made: new Date(5), deep: { a: [1] } }],
        ['b', [3, 4], { size: 1 }],
      ])
    })
  })

  describe('get and getMany', () => {
    test('answer in the order asked, with vectors only when asked', async () => {
      const parts = await subject.create<Part>()
      await parts.upsert([
        { id: 'a', vector: [1, 2], metadata: { size: 1 } },
        { id: 'b', vector: [3, 4] },
      ])
      const later = await subject.later<Part>()
      const [a, b] = [
        { id: 'a', metadata: { size: 1 } },
        { id: 'b', metadata: {} },
      ]
      const vector = { a: Float32Array.of(1, 2), b: Float32Array.of(3, 4) }
      expect(await later.get('a')).toEqual(a)
      expect(Object.keys((await later.get('a'))!).sort()).toEqual(['id', 'metadata'])
      expect(await later.get('a', { includeVector: false })).toEqual(a)
      expect(await later.get('b', { includeVector: true })).toEqual({ ...b, vector: vector.b })
      expect(await later.get('c')).toBeUndefined()
      expect(await later.getMany(['b', 'c', 'a', 'b'])).toEqual([b, undefined, a, b])
      expect(await later.getMany(['b', 'a'], { includeVector: true })).toEqual([
        { ...b, vector: vector.b },
        { ...a, vector: vector.a },
      ])
      expect(await later.getMany([])).toEqual([])
    })

    test('copies its ids before it returns', async () => {
      const parts = await subject.create<Part>()
      await parts.upsert({ id: 'a', vector: [1, 2] })
      const later = await subject.later<Part>()
      const ids = ['a', 'z']
      const reading = later.getMany(ids)
      const deleting = later.delete(ids)
      ids.fill('q')
      expect(await reading).toEqual([{ id: 'a', metadata: {} }, undefined])
      expect((await deleting).deleted).toBe(1)
    })

    test('difficult ids are told apart and found again', async () => {
      const parts = await subject.create<Part>()
      const ids = [
        'é',
        'e\u0301',
        '\u0000',
        'a\u0000',
        'a',
        'A',
        ' a',
        'a ',
        '😀',
        '__proto__',
        'constructor',
      ]
      const longest = ['x'.repeat(512), `${'x'.repeat(511)}y`, '€'.repeat(170), '\uffff']
      const all = [...ids, ...longest]
      await parts.insert(all.map((id, size) => ({ id, vector: [size, 0], metadata: { size } })))
      const later = await subject.later<Part>()
      expect(await later.getMany(all)).toEqual(all.map((id, size) => ({ id, metadata: { size } })))
      expect((await later.delete(all.slice(1))).deleted).toBe(all.length - 1)
      expect(await contentsOf(later)).toEqual([['é', [0, 0], { size: 0 }]])
    })
  })

  test('metadata comes back with its dates, nesting and difficult texts', async () => {
    const things = await subject.create()
    const metadata = {
      date: new Date('2024-02-29T12:34:56.789Z'),
      early: new Date(-1),
      dates: [new Date(0), { inner: new Date(8.64e15) }],
      text: 'é€😀\u0000\u2028"\\ \ud83d',
      looksLikeDate: '2024-02-29T12:34:56.789Z',
      numbers: [0, 1.5, -1e300, 5e-324, Number.MAX_SAFE_INTEGER],
      flags: [true, false, null],
      empty: [{}, [], ''],
      'a key with spaces': { constructor: 1, toString: 'x', length: 2 },
      '': 'empty key',
      10: 'number key',
    }
    await things.upsert({ id: 'a', vector: [0, 0], metadata })
    const later = await subject.later()
    const read = await later.get('a')
    expect(read).toEqual({ id: 'a', metadata })
    expect(read?.metadata.date).toBeInstanceOf(Date)
    expect((await later.search({ vector: [0, 0] }))[0]?.metadata).toEqual(metadata)
  })

  test('undefined fields are dropped', async () => {
    const things = await subject.create()
    await things.upsert({
      id: 'a',
      vector: [0, 0],
      metadata: { kept: 1, gone: undefined, in: { gone: undefined } },
    })
    const read = await (await subject.later()).get('a')
    expect(Object.keys(read!.metadata)).toEqual(['kept', 'in'])
    expect(Object.keys(read!.metadata.in as object)).toEqual([])
  })

  test('what a read returns is the caller’s own', async () => {
    const parts = await subject.create<Part>()
    await parts.upsert({ id: 'a', vector: [1, 2], metadata: { tags: ['x'], made: new Date(1) } })
    const later = await subject.later<Part>()
    const [hit] = await later.search({ vector: [0, 0], includeVector: true })
    const record = await later.get('a', { includeVector: true })
    for (const read of [hit!, record!]) {
      read.vector.fill(7)
      read.metadata.tags!.push('y')
      read.metadata.made!.setTime(7)
    }
    for await (const scanned of later.scan({ includeVector: true })) scanned.vector.fill(8)
    expect(await contentsOf(later)).toEqual([['a', [1, 2], { tags: ['x'], made: new Date(1) }]])
  })

  test('flush and compact change no answer', async () => {
    const parts = await subject.create<Part>({ indexed: ['size'] })
    const vectors = Array.from({ length: 200 }, (_, i) => [i % 17, i % 11])
    await parts.upsert(vectors.map((vector, size) => ({ id: `${size}`, vector, metadata: { size } })))
    await parts.delete({ filter: { size: { $lt: 150 } } })
    await parts.updateVector('160', [-5, -5])
    const before = await contentsOf(parts)
    const hits = await parts.search({ vector: [-5, -5], topK: 30 })
    expect(hits[0]).toEqual({ id: '160', score: 1, distance: 0, metadata: { size: 160 } })
    await parts.flush()
    expect(parts.getStats().index.pending).toBe(0)
    expect(await parts.search({ vector: [-5, -5], topK: 30 })).toEqual(hits)
    await parts.compact()
    expect(parts.getStats().index).toMatchObject({ pending: 0, dead: 0, indexed: 50 })
    const later = await subject.later<Part>()
    await later.compact()
    await later.flush()
    expect(await later.search({ vector: [-5, -5], topK: 30 })).toEqual(hits)
    expect(await contentsOf(later)).toEqual(before)
    const empty = await subject.create({}, 'empty')
    await empty.flush()
    await empty.compact()
    expect(await contentsOf(empty)).toEqual([])
  })

  test('stats count what is there and what was done', async () => {
    const parts = await subject.create<Part>({ indexed: ['size'], metric: 'dot' })
    await parts.upsert([1, 2, 3].map((size) => ({ id: `${size}`, vector: [size, 0], metadata: { size } })))
    await parts.update('1', { metadata: { size: 7 } })
    await parts.delete(['2', 'none'])
    await parts.search({ vector: [1, 1] })
    await parts.searchBatch([{ vector: [1, 1] }, { vector: [1, 2] }])
    await parts.get('1')
    for await (const record of parts.scan()) expect(record.metadata.size).toBeGreaterThan(1)
    const stats = parts.getStats()
    expect(stats).toMatchObject({
      name: 'things',
      dimensions: 2,
      metric: 'dot',
      backend: 'cpu',
      records: { live: 2 },
      operations: { searches: 3, gets: 1, scans: 1, upserted: 3, updated: 1, deleted: 1 },
    })
    expect(stats.index.indexed + stats.index.pending).toBe(2)
    expect(structuredClone(stats)).toEqual(stats)
    expect(JSON.parse(JSON.stringify(stats))).toEqual(stats)
    expect(stats.bytes.memory).toBeGreaterThan(0)
    const later = (await subject.later()).getStats()
    expect(later).toMatchObject({ records: { live: 2 }, name: 'things', dimensions: 2, metric: 'dot' })
    expect(later.index.indexed + later.index.pending).toBe(2)
  })

  test('explains the plan of a search, and names the fields it uses', async () => {
    const parts = await subject.create<Part & { plain: number }>({ indexed: ['size'] })
    await parts.upsert(
      Array.from({ length: 50 }, (_, i) => ({ id: `${i}`, vector: [i, 0], metadata: { size: i, plain: i } })),
    )
    const vector = [0, 0]
    const fresh = await parts.explain({ vector, filter: { size: { $lt: 5 } } })
    expect(fresh.reason).toMatch(/5 of 50 records match, 50 were evaluated, which were written a moment ago/)
    const later = await subject.later<Part & { plain: number }>()
    // Records on their way to the record store are looked at one by one.
    await expect.poll(() => subject.store.getStats().records.backlogBytes).toBe(0)
    const byIndex = await later.explain({ vector, filter: { size: { $lt: 5 } } })
    expect(byIndex).toMatchObject({ collection: 'things', matching: 5, records: 50, vectors: 'exact-scan' })
    expect(byIndex).toMatchObject({ index: { segments: 0, candidates: 0 }, compared: 5 })
    expect(byIndex.filter).toMatchObject({ indexes: ['size'], exact: true, evaluated: 0 })
    expect(byIndex.reason).toMatch(
      /5 of 50 records match, 0 were evaluated\. 5 vectors are compared one by one\.$/,
    )
    const bySight = await later.explain({ vector, filter: { plain: { $lt: 5 } } })
    expect(bySight).toMatchObject({ matching: 5, records: 50 })
    expect(bySight.filter).toMatchObject({ indexes: [], exact: false, evaluated: 50 })
    const none = await later.explain({ vector, filter: { size: -1 } })
    expect(none).toMatchObject({ vectors: 'nothing', matching: 0, records: 50, compared: 0 })
    const all = await later.explain({ vector })
    expect(all).toMatchObject({ matching: 50, records: 50, compared: 50 })
    expect(all.filter).toBeUndefined()
    for (const plan of [byIndex, bySight, none, all]) {
      expect(plan.reason).toMatch(/^[A-Z].+\.$/)
      expect(structuredClone(plan)).toEqual(plan)
    }
    await expect(later.explain({ vector: [0] })).rejects.toMatchObject({ code: 'VECTOR_INVALID' })
  })
})
