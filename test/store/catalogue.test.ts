import { describe, expect, test } from 'vitest'
import type { Change, CollectionOptions } from '../../lib/index.js'
import { contentsOf } from '../collection/contents.js'
import { describeStores } from './store-kinds.js'

const shape = { dimensions: 2, metric: 'euclidean' } as const

describeStores((subject) => {
  test('lists collections by name, as they were asked for', async () => {
    expect(subject.store.listCollections()).toEqual([])
    await subject.store.createCollection('b', { ...shape, indexed: ['deep.y', 'x'] })
    await subject.store.createCollection('a', { dimensions: 65_536, metric: 'dot', backend: 'quantized' })
    await subject.store.createCollection('B', { dimensions: 1, metric: 'cosine' })
    await subject.later('a')
    expect(subject.store.listCollections()).toEqual([
      { name: 'B', dimensions: 1, metric: 'cosine', backend: 'cpu', indexed: [] },
      { name: 'a', dimensions: 65_536, metric: 'dot', backend: 'quantized', indexed: [] },
      { name: 'b', dimensions: 2, metric: 'euclidean', backend: 'cpu', indexed: ['deep.y', 'x'] },
    ])
  })

  test('keeps collections apart', async () => {
    const one = await subject.create({ indexed: ['n'] }, 'one')
    const two = await subject.create({ indexed: ['n'], dimensions: 1 }, 'two')
    await one.upsert({ id: 'same', vector: [1, 1], metadata: { n: 1 } })
    await two.upsert({ id: 'same', vector: [2], metadata: { n: 2 } })
    await two.upsert({ id: 'more', vector: [3], metadata: { n: 1 } })
    await one.update({ filter: {} }, { metadata: { n: 5 } })
    expect(await contentsOf(await subject.later('two'))).toEqual([
      ['more', [3], { n: 1 }],
      ['same', [2], { n: 2 }],
    ])
    const again = await subject.store.openCollection('one')
    expect(await contentsOf(again)).toEqual([['same', [1, 1], { n: 5 }]])
    expect(await again.count({ n: 1 })).toBe(0)
  })

  describe('names', () => {
    const good = ['a', '0', '_', '-', 'A.b-c_9', 'x'.repeat(128), 'con', 'a..b', '__proto__', 'constructor']
    const bad: unknown[] = [
      '',
      '.',
      '..',
      '.a',
      'x'.repeat(129),
      'a b',
      'a/b',
      'a\\b',
      'ä',
      'a\u0000',
      'a\n',
      null,
      7,
      undefined,
      ['a'],
      { toString: () => 'a' },
    ]

    test('that are good work', async () => {
      for (const name of good) {
        const created = await subject.create({}, name)
        await created.upsert({ id: name, vector: [1, 2] })
      }
      await subject.later('a')
      expect(subject.store.listCollections().map(({ name }) => name)).toEqual([...good].sort())
      for (const name of good) {
        expect(await contentsOf(await subject.store.openCollection(name))).toEqual([[name, [1, 2], {}]])
      }
      for (const name of good) await subject.store.dropCollection(name)
      expect(subject.store.listCollections()).toEqual([])
    })

    test('that are bad are refused by every call', async () => {
      const { store } = subject
      const { position } = store.getStats()
      for (const name of bad as string[]) {
        await expect(store.createCollection(name, shape)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' })
        await expect(store.getOrCreateCollection(name, shape)).rejects.toMatchObject({
          code: 'OPTIONS_INVALID',
        })
        await expect(store.openCollection(name)).rejects.toMatchObject({
          code: expect.stringMatching(/^(OPTIONS_INVALID|COLLECTION_NOT_FOUND)$/),
        })
        await expect(store.dropCollection(name)).rejects.toMatchObject({
          code: expect.stringMatching(/^(OPTIONS_INVALID|COLLECTION_NOT_FOUND)$/),
        })
      }
      expect(store.listCollections()).toEqual([])
      expect(store.getStats().position).toEqual(position)
    })
  })

  test('bad options of a collection are refused', async () => {
    const { store } = subject
    const bad: unknown[] = [
      undefined,
      null,
      7,
      {},
      { dimensions: 2 },
      { metric: 'dot' },
      { ...shape, dimensions: 0 },
      { ...shape, dimensions: 65_537 },
      { ...shape, dimensions: 1.5 },
      { ...shape, dimensions: '2' },
      { ...shape, dimensions: Number.NaN },
      { ...shape, metric: 'manhattan' },
      { ...shape, metric: 'Cosine' },
      { ...shape, backend: 'abacus' },
      { ...shape, indexed: 'x' },
      { ...shape, indexed: [''] },
      { ...shape, indexed: [3] },
    ]
    for (const options of bad as CollectionOptions[]) {
      await expect(store.createCollection('a', options)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' })
      await expect(store.getOrCreateCollection('a', options)).rejects.toMatchObject({
        code: 'OPTIONS_INVALID',
      })
    }
    expect(store.listCollections()).toEqual([])
  })

  test('a name that exists is COLLECTION_EXISTS, one that does not COLLECTION_NOT_FOUND', async () => {
    const created = await subject.create({}, 'a')
    await created.upsert({ id: 'x', vector: [1, 2] })
    const later = await subject.later('a')
    const { store } = subject
    const { position } = store.getStats()
    await expect(store.createCollection('a', shape)).rejects.toMatchObject({ code: 'COLLECTION_EXISTS' })
    await expect(store.createCollection('a', { ...shape, dimensions: 3 })).rejects.toMatchObject({
      code: 'COLLECTION_EXISTS',
    })
    await expect(store.openCollection('b')).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' })
    await expect(store.dropCollection('b')).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' })
    expect(store.getStats().position).toEqual(position)
    expect(await contentsOf(later)).toEqual([['x', [1, 2], {}]])
  })

  test('of two creations at once one succeeds; of many getOrCreate all do, with one collection', async () => {
    const { store } = subject
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => store.createCollection('a', shape)))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    const handles = await Promise.all([1, 2, 3].map(() => store.getOrCreateCollection('b', shape)))
    await Promise.all(handles.map((handle, i) => handle.upsert({ id: `${i}`, vector: [i, 0] })))
    expect(await contentsOf(handles[0]!)).toEqual([0, 1, 2].map((i) => [`${i}`, [i, 0], {}]))
    await subject.later('b')
    expect(subject.store.listCollections().map(({ name }) => name)).toEqual(['a', 'b'])
  })

  describe('getOrCreateCollection', () => {
    test('creates, then opens', async () => {
      const made = await subject.store.getOrCreateCollection('a', { ...shape, indexed: ['n'] })
      await made.upsert({ id: 'x', vector: [1, 2], metadata: { n: 1 } })
      await subject.later('a')
      const { position } = subject.store.getStats()
      const opened = await subject.store.getOrCreateCollection('a', { ...shape, indexed: ['n'] })
      expect(await contentsOf(opened)).toEqual([['x', [1, 2], { n: 1 }]])
      expect(subject.store.getStats().position).toEqual(position)
    })

    test('refuses other dimensions or another metric, and changes nothing then', async () => {
      await subject.create({ indexed: ['n'] }, 'a')
      await subject.later('a')
      const { store } = subject
      for (const other of [{ dimensions: 3 }, { metric: 'dot' as const }]) {
        const options = { ...shape, indexed: ['m'], ...other }
        await expect(store.getOrCreateCollection('a', options)).rejects.toMatchObject({
          code: 'COLLECTION_MISMATCH',
        })
      }
      expect(store.listCollections()).toEqual([{ name: 'a', ...shape, backend: 'cpu', indexed: ['n'] }])
    })

    test('brings backend and indexed to what is asked for, and leaves what is not given', async () => {
      const made = await subject.create({ indexed: ['n'], backend: 'quantized' }, 'a')
      await made.upsert({ id: 'x', vector: [1, 2], metadata: { n: 1, m: 2 } })
      await subject.later('a')
      const settings = () => {
        const [{ backend, indexed } = {}] = subject.store.listCollections()
        return { backend, indexed }
      }
      await subject.store.getOrCreateCollection('a', shape)
      expect(settings()).toEqual({ backend: 'quantized', indexed: ['n'] })
      await subject.store.getOrCreateCollection('a', { ...shape, indexed: ['m'] })
      expect(settings()).toEqual({ backend: 'quantized', indexed: ['m'] })
      const again = await subject.store.getOrCreateCollection('a', { ...shape, backend: 'cpu' })
      expect(settings()).toEqual({ backend: 'cpu', indexed: ['m'] })
      expect(again.backend).toBe('cpu')
      expect(await again.search({ vector: [1, 2], filter: { m: 2, n: 1 } })).toEqual([
        { id: 'x', score: 1, distance: 0, metadata: { n: 1, m: 2 } },
      ])
      await subject.later('a')
      expect(settings()).toEqual({ backend: 'cpu', indexed: ['m'] })
    })
  })

  describe('a drop', () => {
    test('removes everything, and the name starts empty again', async () => {
      const old = await subject.create({ indexed: ['n'] }, 'a')
      await old.upsert([1, 2, 3].map((n) => ({ id: `${n}`, vector: [n, n], metadata: { n } })))
      await subject.later('a')
      const dropped = await subject.store.dropCollection('a')
      expect(dropped.acks).toBe(1)
      expect(subject.store.getStats().position).toEqual(dropped.position)
      expect(subject.store.listCollections()).toEqual([])
      const made = await subject.create({ dimensions: 3, indexed: ['n'] }, 'a')
      expect(await contentsOf(made)).toEqual([])
      expect(await made.count({ n: 1 })).toBe(0)
      await made.upsert({ id: '2', vector: [7, 7, 7], metadata: { n: 2 } })
      const later = await subject.later('a')
      expect(await contentsOf(later)).toEqual([['2', [7, 7, 7], { n: 2 }]])
      expect(await later.count({ n: { $gte: 1 } })).toBe(1)
    })

    test('leaves handles that answer COLLECTION_NOT_FOUND for ever', async () => {
      const old = await subject.create({}, 'a')
      await old.upsert({ id: 'x', vector: [1, 2] })
      const other = await subject.later('a')
      await subject.store.dropCollection('a')
      const expectGone = async () => {
        const calls = [
          () => other.get('x'),
          () => other.getMany(['x']),
          () => other.getMany([]),
          () => other.search({ vector: [1, 2] }),
          () => other.searchBatch([{ vector: [1, 2] }]),
          () => other.searchBatch([]),
          () => other.explain({ vector: [1, 2] }),
          () => other.scan().next(),
          () => other.count(),
          () => other.count({ n: 1 }),
          () => other.upsert({ id: 'y', vector: [1, 2] }),
          () => other.upsert([]),
          () => other.insert({ id: 'y', vector: [1, 2] }),
          () => other.update('x', { metadata: { n: 1 } }),
          () => other.update({ filter: {} }, { metadata: { n: 1 } }),
          () => other.update('x', {}),
          () => other.updateVector('x', [3, 4]),
          () => other.delete('x'),
          () => other.delete([]),
          () => other.delete({ filter: {} }),
          () => other.configure({ indexed: ['n'] }),
          () => other.configure({}),
          () => other.flush(),
          () => other.compact(),
          async () => other.getStats(),
        ]
        for (const call of calls) {
          await expect(call(), String(call)).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' })
        }
      }
      await expectGone()
      const again = await subject.create({}, 'a')
      await again.upsert({ id: 'x', vector: [5, 6] })
      await expectGone()
      expect([other.name, other.dimensions, other.metric]).toEqual(['a', 2, 'euclidean'])
      expect(await contentsOf(again)).toEqual([['x', [5, 6], {}]])
    })

    test('in the middle of writes takes those called before it and refuses those after', async () => {
      const old = await subject.create({}, 'a')
      const changes: Change[] = []
      subject.store.on('change', (change) => changes.push(change))
      const before = old.upsert({ id: 'before', vector: [1, 2] })
      const dropping = subject.store.dropCollection('a')
      const after = old.upsert({ id: 'after', vector: [1, 2] })
      const making = subject.store.createCollection('a', shape)
      const outcomes = await Promise.allSettled([before, dropping, after, making])
      expect(outcomes.map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
        'rejected',
        'fulfilled',
      ])
      await expect(after).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' })
      expect(changes.flatMap(({ ids }) => ids)).toEqual(['before'])
      expect(await contentsOf(await subject.later('a'))).toEqual([])
    })
  })
})
