import { describe, expect, test } from 'vitest'
import type { KeyValue } from '../../lib/records/key-value.js'
import { memoryKeyValues } from '../../lib/records/memory-key-value.js'
import { RecordBatch } from '../../lib/records/record-batch.js'
import {
  collectionKey,
  fieldKey,
  idKey,
  liveKey,
  recordKey,
  STATE_KEY,
  vectorKey,
} from '../../lib/records/record-keys.js'
import { RecordReader, RECORDS_FORMAT } from '../../lib/records/record-reader.js'
import { sealValue } from '../../lib/records/sealed-value.js'

const COLLECTION = 3
const red = Uint8Array.of(5, 9, 0)
const damaged = expect.objectContaining({ code: 'RECORDS_DAMAGED' })

/** A store with one of everything. */
async function filled(): Promise<KeyValue> {
  const store = await memoryKeyValues().open('reader')
  const batch = new RecordBatch(store)
  batch.putState({
    format: RECORDS_FORMAT,
    historyId: 'h',
    nodeId: 'n',
    appliedEpoch: 1,
    appliedSeq: 2 ** 40,
  })
  batch.putCollection(COLLECTION, { name: 'things', dimensions: 2, metric: 'dot', backend: 'cpu' })
  batch.putId(COLLECTION, 'a', 7)
  batch.putRecord(COLLECTION, 7, { id: 'a', seq: 5, metadata: '{"x":1}' })
  batch.putVector(COLLECTION, 7, 5, Float32Array.of(1, 2))
  batch.entry(COLLECTION, 0, red, 0).add(7)
  await store.commit(await batch.finish())
  return store
}

type Read = (reader: RecordReader) => unknown
const reads: [string, Uint8Array, Read][] = [
  ['the state', STATE_KEY, (reader) => reader.state()],
  ['a collection', collectionKey(COLLECTION), (reader) => [...reader.collections()]],
  ['an id', idKey(COLLECTION, 'a'), (reader) => reader.numberOf(COLLECTION, 'a')],
  ['the ids', idKey(COLLECTION, 'a'), (reader) => [...reader.numbersById(COLLECTION, undefined, 9)]],
  ['a record', recordKey(COLLECTION, 7), (reader) => reader.record(COLLECTION, 7)],
  ['a vector', vectorKey(COLLECTION, 7), (reader) => reader.vector(COLLECTION, 7, 2)],
  [
    'a vector in place',
    vectorKey(COLLECTION, 7),
    (reader) => reader.vectorInto(COLLECTION, 7, new Float32Array(2), 0, 2),
  ],
  ['the live numbers', liveKey(COLLECTION, 0), (reader) => reader.live(COLLECTION)],
  ['an entry', fieldKey(COLLECTION, 0, red, 0), (reader) => reader.lookup(COLLECTION, 0, red)],
  [
    'a run of entries',
    fieldKey(COLLECTION, 0, red, 0),
    (reader) => reader.lookupRange(COLLECTION, 0, red, Uint8Array.of(6)),
  ],
]

describe('a record reader', () => {
  test('reads state and collections', async () => {
    const reader = new RecordReader(await filled())
    const state = reader.state()
    expect([state?.historyId, state?.nodeId, Number(state?.appliedSeq)]).toEqual(['h', 'n', 2 ** 40])
    const collections = [...reader.collections()].map(([number, { name, dimensions }]) => [
      number,
      name,
      dimensions,
    ])
    expect(collections).toEqual([[COLLECTION, 'things', 2]])
    const empty = new RecordReader(await memoryKeyValues().open('empty'))
    expect(empty.state()).toBeUndefined()
    expect([...empty.collections()]).toEqual([])
    expect(empty.live(COLLECTION).toArray()).toEqual([])
  })

  test.each(reads)(
    'finds %s damaged when any byte of it changed, and never answers from it',
    async (_, key, read) => {
      const store = await filled()
      const reader = new RecordReader(store)
      const sound = Uint8Array.from(store.get(key) as Uint8Array)
      expect(() => read(reader)).not.toThrow()
      for (let at = 0; at < sound.byteLength; at++) {
        const changed = Uint8Array.from(sound)
        changed[at] = (changed[at] as number) ^ 0x10
        await store.commit([{ key, value: changed }])
        expect(() => read(reader)).toThrow(damaged)
      }
      await store.commit([{ key, value: sound.subarray(0, sound.byteLength - 1) }])
      expect(() => read(reader)).toThrow(damaged)
      await store.commit([{ key, value: new Uint8Array(0) }])
      expect(() => read(reader)).toThrow(damaged)
    },
  )

  test('finds a sealed value that is no message damaged', async () => {
    const store = await filled()
    const key = recordKey(COLLECTION, 7)
    await store.commit([{ key, value: sealValue(key, Uint8Array.of(0xff, 0xff, 0xff)) }])
    expect(() => new RecordReader(store).record(COLLECTION, 7)).toThrow(damaged)
  })

  test('finds a vector of another length, and a missing one that must be there, damaged', async () => {
    const reader = new RecordReader(await filled())
    expect(() => reader.vector(COLLECTION, 7, 3)).toThrow(damaged)
    expect(() => reader.vectorInto(COLLECTION, 7, new Float32Array(3), 0, 3)).toThrow(damaged)
    expect(() => reader.vectorInto(COLLECTION, 8, new Float32Array(2), 0, 2)).toThrow(damaged)
    expect(reader.vector(COLLECTION, 8, 2)).toBeUndefined()
  })

  test('refuses a format of a later version', async () => {
    const store = await filled()
    const batch = new RecordBatch(store)
    batch.putState({ format: RECORDS_FORMAT + 1 })
    await store.commit(await batch.finish())
    expect(() => new RecordReader(store).state()).toThrow(
      expect.objectContaining({ code: 'FORMAT_UNSUPPORTED', details: { format: 2, supported: 1 } }),
    )
  })

  test('pages through ids in code unit order, from the one after', async () => {
    const store = await memoryKeyValues().open('ids')
    const ids = ['a', 'a\0', 'ab', 'b', '\u{1f600}', '\ue000']
    const batch = new RecordBatch(store)
    for (const [number, id] of [...ids.entries()].reverse()) batch.putId(COLLECTION, id, number)
    batch.putId(COLLECTION + 1, 'a', 99)
    await store.commit(await batch.finish())
    const reader = new RecordReader(store)
    const page = (after: string | undefined, limit: number) =>
      [...reader.numbersById(COLLECTION, after, limit)].map(({ number }) => number)
    expect(page(undefined, 99)).toEqual([0, 1, 2, 3, 4, 5])
    expect(page('a', 2)).toEqual([1, 2])
    expect(page('aa', 1)).toEqual([2])
    expect(page('\ue000', 5)).toEqual([])
  })

  test('leaves a run of too many entries to others', async () => {
    const store = await memoryKeyValues().open('entries')
    const batch = new RecordBatch(store)
    for (let i = 0; i < 16_385; i++) batch.entry(COLLECTION, 0, Uint8Array.of(7, i >> 8, i & 0xff), 0).add(i)
    await store.commit(await batch.finish())
    const reader = new RecordReader(store)
    expect(reader.lookupRange(COLLECTION, 0, Uint8Array.of(7), Uint8Array.of(8))).toBeUndefined()
    const less = reader.lookupRange(COLLECTION, 0, Uint8Array.of(7, 0, 1), Uint8Array.of(8))
    expect(less?.toArray()).toEqual(Array.from({ length: 16_384 }, (_, i) => i + 1))
  })
})
