import { describe, expect, test } from 'vitest'
import type { Change, RecordInput } from '../../lib/index.js'
import { contentsOf } from '../collection/contents.js'
import { describeStores } from '../store/store-kinds.js'

const cycle: Record<string, unknown> = {}
cycle.self = cycle

/** One record of a thousand that may not be written, and the code that says so. */
const BAD: [why: string, record: unknown, code: string][] = [
  ['a vector too short', { id: 'x', vector: [1] }, 'VECTOR_INVALID'],
  ['a vector too long', { id: 'x', vector: new Float32Array(3) }, 'VECTOR_INVALID'],
  ['NaN', { id: 'x', vector: [1, Number.NaN] }, 'VECTOR_INVALID'],
  ['Infinity', { id: 'x', vector: Float32Array.of(1, Number.NEGATIVE_INFINITY) }, 'VECTOR_INVALID'],
  ['a number too large for f32', { id: 'x', vector: [1, 1e39] }, 'VECTOR_INVALID'],
  ['a zero vector for cosine', { id: 'x', vector: [0, 0] }, 'VECTOR_INVALID'],
  ['a text component', { id: 'x', vector: ['1', 2] }, 'VECTOR_INVALID'],
  ['no vector', { id: 'x' }, 'VECTOR_INVALID'],
  ['an empty id', { id: '', vector: [1, 1] }, 'ID_INVALID'],
  ['a number as id', { id: 7, vector: [1, 1] }, 'ID_INVALID'],
  ['an id of 513 bytes', { id: 'x'.repeat(513), vector: [1, 1] }, 'ID_INVALID'],
  ['an id of 513 bytes in 171 letters', { id: '€'.repeat(171), vector: [1, 1] }, 'ID_INVALID'],
  ['a lone surrogate', { id: 'x\ud800', vector: [1, 1] }, 'ID_INVALID'],
  ['no id', { vector: [1, 1] }, 'ID_INVALID'],
  ['a function', { id: 'x', vector: [1, 1], metadata: { a: () => 1 } }, 'METADATA_INVALID'],
  ['a symbol', { id: 'x', vector: [1, 1], metadata: { a: [Symbol('a')] } }, 'METADATA_INVALID'],
  ['a BigInt', { id: 'x', vector: [1, 1], metadata: { a: { b: 1n } } }, 'METADATA_INVALID'],
  ['NaN in metadata', { id: 'x', vector: [1, 1], metadata: { a: Number.NaN } }, 'METADATA_INVALID'],
  ['Infinity in metadata', { id: 'x', vector: [1, 1], metadata: { a: Infinity } }, 'METADATA_INVALID'],
  ['a cycle', { id: 'x', vector: [1, 1], metadata: cycle }, 'METADATA_INVALID'],
  ['an invalid Date', { id: 'x', vector: [1, 1], metadata: { a: new Date(Number.NaN) } }, 'METADATA_INVALID'],
  ['a Map', { id: 'x', vector: [1, 1], metadata: { a: new Map() } }, 'METADATA_INVALID'],
  ['a key with a dot', { id: 'x', vector: [1, 1], metadata: { 'a.b': 1 } }, 'METADATA_INVALID'],
  ['a key with a $', { id: 'x', vector: [1, 1], metadata: { a: { $b: 1 } } }, 'METADATA_INVALID'],
  ['__proto__', { id: 'x', vector: [1, 1], metadata: JSON.parse('{"__proto__":1}') }, 'METADATA_INVALID'],
  ['over 1 MiB', { id: 'x', vector: [1, 1], metadata: { a: 'x'.repeat(2 ** 20) } }, 'METADATA_INVALID'],
  ['an array as metadata', { id: 'x', vector: [1, 1], metadata: [] }, 'METADATA_INVALID'],
  ['null as metadata', { id: 'x', vector: [1, 1], metadata: null }, 'METADATA_INVALID'],
]

const good = (i: number): RecordInput => ({ id: `good ${i}`, vector: [i + 1, 1], metadata: { i } })

describeStores((subject) => {
  describe.each(['upsert', 'insert'] as const)('%s of a thousand records with one bad among them', (call) => {
    test('writes nothing, wherever and whatever the bad one is', async () => {
      const things = await subject.create({ metric: 'cosine', indexed: ['i'] })
      await things.upsert({ id: 'old', vector: [1, 2], metadata: { i: -1 } })
      const changes: Change[] = []
      subject.store.on('change', (change) => changes.push(change))
      const { position } = subject.store.getStats()
      for (const [index, [why, record, code]] of BAD.entries()) {
        const records = Array.from({ length: 1_000 }, (_, i) => good(i))
        records[[0, 500, 999][index % 3]!] = record as RecordInput
        await expect(things[call](records), why).rejects.toMatchObject({ name: 'ReplivecError', code })
      }
      expect(subject.store.getStats().position).toEqual(position)
      expect(changes).toEqual([])
      const later = await subject.later()
      expect(await contentsOf(later)).toEqual([['old', [1, 2], { i: -1 }]])
      expect(await later.count({ i: { $gte: 0 } })).toBe(0)
    })
  })

  test('updates and deletes of many with something bad among them change nothing', async () => {
    const things = await subject.create({ indexed: ['i'] })
    const big = 'x'.repeat(2 ** 19)
    await things.upsert([good(0), good(1), { id: 'large', vector: [1, 1], metadata: { i: 2, big } }])
    const before = await contentsOf(things)
    const { position } = subject.store.getStats()
    const refused: [Promise<unknown>, string][] = [
      [things.update({ filter: {} }, { metadata: { more: big } }), 'METADATA_INVALID'],
      [things.update({ filter: {} }, { metadata: { i: Number.NaN } }), 'METADATA_INVALID'],
      [things.update({ filter: { i: { $near: 1 } } as never }, { metadata: { i: 0 } }), 'FILTER_INVALID'],
      [things.update('good 0', { vector: [1], metadata: { i: 9 } }), 'VECTOR_INVALID'],
      [things.update('good 0', { metadata: { i: 9 }, unset: ['a.b'] }), 'METADATA_INVALID'],
      [things.updateVector('good 0', [1, 2, 3]), 'VECTOR_INVALID'],
      [things.delete(['good 0', 'good 1', '']), 'ID_INVALID'],
      [things.delete({ filter: { $or: {} } as never }), 'FILTER_INVALID'],
    ]
    for (const [call, code] of refused) await expect(call).rejects.toMatchObject({ code })
    expect(subject.store.getStats().position).toEqual(position)
    expect(await contentsOf(await subject.later())).toEqual(before)
  })

  test('a call of more than 64 MiB is BATCH_TOO_LARGE and writes nothing', async () => {
    const things = await subject.create()
    await things.upsert(good(0))
    const text = 'x'.repeat(1_000_000)
    const records = Array.from({ length: 68 }, (_, i) => ({ id: `${i}`, vector: [i, 0], metadata: { text } }))
    await expect(things.upsert(records)).rejects.toMatchObject({ code: 'BATCH_TOO_LARGE' })
    await expect(things.insert(records)).rejects.toMatchObject({ code: 'BATCH_TOO_LARGE' })
    const later = await subject.later()
    expect(await contentsOf(later)).toEqual([['good 0', [1, 1], { i: 0 }]])
    expect((await later.upsert(records.slice(0, 8))).count).toBe(8)
    expect((await later.get('7'))?.metadata).toEqual({ text })
  })
})
