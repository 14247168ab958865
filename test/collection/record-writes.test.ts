import { describe, expect, test } from 'vitest'
import type { Change, Collection } from '../../lib/index.js'
import { describeStores } from '../store/store-kinds.js'
import { contentsOf } from './contents.js'

interface Part {
  colour?: string
  size?: number
  tags?: string[]
  made?: Date
  deep?: Record<string, unknown>
}

describeStores((subject) => {
  describe('upsert', () => {
    test('takes one record or many and replaces whole records', async () => {
      const parts = await subject.create<Part>()
      const one = await parts.upsert({ id: 'a', vector: [1, 2], metadata: { colour: 'red', size: 1 } })
      const many = await parts.upsert([
        { id: 'b', vector: Float32Array.of(3, 4), metadata: { colour: 'blue' } },
        { id: 'a', vector: [5, 6], metadata: { tags: ['x'] } },
      ])
      expect([one.count, one.acks, many.count, many.acks]).toEqual([1, 1, 2, 1])
      expect(await contentsOf(await subject.later<Part>())).toEqual([
        ['a', [5, 6], { tags: ['x'] }],
        ['b', [3, 4], { colour: 'blue' }],
      ])
    })

    test('of an id that comes twice the last one wins, and counts once', async () => {
      const parts = await subject.create<Part>()
      const changes: Change[] = []
      subject.store.on('change', (change) => changes.push(change))
      const result = await parts.upsert([
        { id: 'a', vector: [1, 1], metadata: { size: 1, colour: 'red' } },
        { id: 'b', vector: [2, 2], metadata: { size: 2 } },
        { id: 'a', vector: [3, 3], metadata: { size: 3 } },
      ])
      expect(result.count).toBe(2)
      expect(changes.map(({ ids }) => [...ids].sort())).toEqual([['a', 'b']])
      expect(await contentsOf(await subject.later<Part>())).toEqual([
        ['a', [3, 3], { size: 3 }],
        ['b', [2, 2], { size: 2 }],
      ])
    })

    test('absent metadata reads as an empty object, also when it replaces some', async () => {
      const parts = await subject.create<Part>()
      await parts.upsert({ id: 'a', vector: [1, 1], metadata: { size: 1 } })
      await parts.upsert([
        { id: 'a', vector: [1, 1] },
        { id: 'b', vector: [0, 0] },
      ])
      expect(await contentsOf(await subject.later<Part>())).toEqual([
        ['a', [1, 1], {}],
        ['b', [0, 0], {}],
      ])
    })

    test('reports progress up to the number of records', async () => {
      const parts = await subject.create<Part>()
      const seen: number[] = []
      const records = Array.from({ length: 3_000 }, (_, i) => ({ id: `${i}`, vector: [i, 0] }))
      await parts.upsert(records, { onProgress: ({ done, total }) => seen.push(done, total) })
      expect(seen.slice(-2)).toEqual([3_000, 3_000])
    })
  })

  describe('insert', () => {
    test('writes new records', async () => {
      const parts = await subject.create<Part>()
      const result = await parts.insert([
        { id: 'b', vector: [1, 1], metadata: { size: 1 } },
        { id: 'a', vector: [2, 2] },
      ])
      await parts.insert({ id: 'c', vector: [3, 3] })
      expect(result.count).toBe(2)
      expect(await contentsOf(await subject.later<Part>())).toEqual([
        ['a', [2, 2], {}],
        ['b', [1, 1], { size: 1 }],
        ['c', [3, 3], {}],
      ])
    })

    test('refuses an id that is there or comes twice, and writes nothing', async () => {
      const parts = await subject.create<Part>()
      await parts.insert({ id: 'a', vector: [1, 1], metadata: { size: 1 } })
      const before = subject.store.getStats().position
      const present = [
        { id: 'b', vector: [2, 2] },
        { id: 'a', vector: [2, 2] },
      ]
      const repeated = [
        { id: 'c', vector: [2, 2] },
        { id: 'c', vector: [2, 2] },
      ]
      await expect(parts.insert(present)).rejects.toMatchObject({ code: 'ID_EXISTS' })
      await expect(parts.insert(repeated)).rejects.toMatchObject({ code: 'ID_EXISTS' })
      expect(subject.store.getStats().position).toEqual(before)
      expect(await contentsOf(await subject.later<Part>())).toEqual([['a', [1, 1], { size: 1 }]])
    })

    test('of two at once for one id exactly one succeeds', async () => {
      const parts = await subject.create<Part>()
      const outcomes = await Promise.allSettled(
        [1, 2, 3].map((size) => parts.insert({ id: 'a', vector: [size, size], metadata: { size } })),
      )
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
      expect(await contentsOf(await subject.later<Part>())).toEqual([['a', [1, 1], { size: 1 }]])
    })

    test('takes an id again that was deleted just before', async () => {
      const parts = await subject.create<Part>()
      await parts.insert({ id: 'a', vector: [1, 1], metadata: { size: 1 } })
      await Promise.all([parts.delete('a'), parts.insert({ id: 'a', vector: [2, 2] })])
      expect(await contentsOf(await subject.later<Part>())).toEqual([['a', [2, 2], {}]])
    })
  })

  describe('update', () => {
    async function seeded(): Promise<Collection<Part>> {
      const parts = await subject.create<Part>({ indexed: ['colour'] })
      await parts.upsert([
        { id: 'a', vector: [1, 1], metadata: { colour: 'red', size: 1, deep: { x: 1, y: 2 } } },
        { id: 'b', vector: [2, 2], metadata: { colour: 'red', size: 2 } },
        { id: 'c', vector: [3, 3], metadata: { colour: 'blue' } },
      ])
      return parts
    }

    test('merges metadata at the top level, removes fields and replaces the vector in one operation', async () => {
      const parts = await seeded()
      const changes: Change[] = []
      subject.store.on('change', (change) => changes.push(change))
      const result = await parts.update('a', {
        vector: [9, 9],
        metadata: { deep: { z: 3 }, tags: ['new'] },
        unset: ['size', 'made'],
      })
      expect(result.count).toBe(1)
      expect(changes).toEqual([
        { collection: 'things', kind: 'update', ids: ['a'], position: result.position },
      ])
      expect((await contentsOf(await subject.later<Part>()))[0]).toEqual([
        'a',
        [9, 9],
        { colour: 'red', deep: { z: 3 }, tags: ['new'] },
      ])
    })

    test('each part alone leaves the others', async () => {
      const parts = await seeded()
      await parts.update('a', { vector: [8, 8] })
      await parts.update('b', { metadata: { size: 5 } })
      await parts.update('c', { unset: ['colour'] })
      const later = await subject.later<Part>()
      expect(await contentsOf(later)).toEqual([
        ['a', [8, 8], { colour: 'red', size: 1, deep: { x: 1, y: 2 } }],
        ['b', [2, 2], { colour: 'red', size: 5 }],
        ['c', [3, 3], {}],
      ])
      expect(await later.count({ colour: 'blue' })).toBe(0)
    })

    test('an undefined field of a patch changes nothing', async () => {
      const parts = await seeded()
      await parts.update('a', { metadata: { colour: undefined, size: 4 } as object })
      expect((await (await subject.later<Part>()).get('a'))?.metadata).toEqual({
        colour: 'red',
        size: 4,
        deep: { x: 1, y: 2 },
      })
    })

    test('concurrent patches of one record all take effect', async () => {
      const parts = await seeded()
      await Promise.all([
        parts.update('a', { metadata: { size: 10 } }),
        parts.update('a', { metadata: { tags: ['t'] } }),
        parts.updateVector('a', [7, 7]),
        parts.update('a', { unset: ['deep'] }),
      ])
      expect((await contentsOf(await subject.later<Part>()))[0]).toEqual([
        'a',
        [7, 7],
        { colour: 'red', size: 10, tags: ['t'] },
      ])
    })

    test('a missing id is ID_NOT_FOUND, also while its delete is on the way', async () => {
      const parts = await seeded()
      await expect(parts.update('z', { metadata: { size: 1 } })).rejects.toMatchObject({
        code: 'ID_NOT_FOUND',
      })
      await expect(parts.updateVector('z', [1, 1])).rejects.toMatchObject({ code: 'ID_NOT_FOUND' })
      const deleting = parts.delete('a')
      await expect(parts.update('a', { metadata: { size: 1 } })).rejects.toMatchObject({
        code: 'ID_NOT_FOUND',
      })
      await deleting
      expect((await contentsOf(await subject.later<Part>())).map(([id]) => id)).toEqual(['b', 'c'])
    })

    test('by filter changes all that match, in one commit', async () => {
      const parts = await seeded()
      const changes: Change[] = []
      subject.store.on('change', (change) => changes.push(change))
      const result = await parts.update(
        { filter: { colour: 'red' } },
        { metadata: { colour: 'green' }, unset: ['deep'] },
      )
      expect(result.count).toBe(2)
      expect(changes.map(({ kind, ids }) => [kind, [...ids].sort()])).toEqual([['update', ['a', 'b']]])
      const later = await subject.later<Part>()
      expect(await contentsOf(later)).toEqual([
        ['a', [1, 1], { colour: 'green', size: 1 }],
        ['b', [2, 2], { colour: 'green', size: 2 }],
        ['c', [3, 3], { colour: 'blue' }],
      ])
      expect(await later.count({ colour: 'green' })).toBe(2)
      expect(await later.count({ colour: 'red' })).toBe(0)
    })

    test('by filter takes no vector', async () => {
      const parts = await seeded()
      const before = await contentsOf(parts)
      await expect(parts.update({ filter: {} }, { vector: [1, 1] })).rejects.toMatchObject({
        code: 'OPTIONS_INVALID',
      })
      expect(await contentsOf(await subject.later<Part>())).toEqual(before)
    })

    test('patches are copied before the call returns', async () => {
      const parts = await seeded()
      const vector = Float32Array.of(4, 4)
      const metadata = { tags: ['x'] }
      const unset: ('colour' | 'size')[] = ['colour']
      const updating = [
        parts.update('a', { vector, metadata, unset }),
        parts.updateVector('b', vector),
        parts.update({ filter: { colour: 'blue' } }, { metadata, unset }),
      ]
      vector.fill(0)
      metadata.tags[0] = 'y'
      unset[0] = 'size'
      await Promise.all(updating)
      expect(await contentsOf(await subject.later<Part>())).toEqual([
        ['a', [4, 4], { size: 1, deep: { x: 1, y: 2 }, tags: ['x'] }],
        ['b', [4, 4], { colour: 'red', size: 2 }],
        ['c', [3, 3], { tags: ['x'] }],
      ])
    })
  })

  describe('delete', () => {
    async function seeded(): Promise<Collection<Part>> {
      const parts = await subject.create<Part>({ indexed: ['size'] })
      await parts.upsert(
        ['a', 'b', 'c', 'd', 'e'].map((id, size) => ({ id, vector: [size, 0], metadata: { size } })),
      )
      return parts
    }

    test('by id, ids and filter says how many there were', async () => {
      const parts = await seeded()
      expect(await parts.delete('a')).toMatchObject({ deleted: 1, count: 1, acks: 1 })
      expect(await parts.delete(['b', 'zzz', 'b'])).toMatchObject({ deleted: 1, count: 1 })
      expect(await parts.delete({ filter: { size: { $gte: 4 } } })).toMatchObject({ deleted: 1, count: 1 })
      const later = await subject.later<Part>()
      expect(await contentsOf(later)).toEqual([
        ['c', [2, 0], { size: 2 }],
        ['d', [3, 0], { size: 3 }],
      ])
      expect((await later.search({ vector: [0, 0] })).map(({ id }) => id)).toEqual(['c', 'd'])
      expect(await later.getMany(['a', 'b', 'e'])).toEqual([undefined, undefined, undefined])
    })

    test('everything, and the ids can be used again', async () => {
      const parts = await seeded()
      expect((await parts.delete({ filter: {} })).deleted).toBe(5)
      expect(await contentsOf(parts)).toEqual([])
      await parts.insert({ id: 'a', vector: [9, 9] })
      expect(await contentsOf(await subject.later<Part>())).toEqual([['a', [9, 9], {}]])
    })
  })
})
