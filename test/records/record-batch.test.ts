import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { KeyValue } from '../../lib/records/key-value.js'
import { memoryKeyValues } from '../../lib/records/memory-key-value.js'
import { RecordBatch } from '../../lib/records/record-batch.js'
import { RecordReader } from '../../lib/records/record-reader.js'

const COLLECTION = 12

async function open(): Promise<KeyValue> {
  return memoryKeyValues().open('batch')
}

async function write(store: KeyValue, fill: (batch: RecordBatch) => void): Promise<void> {
  const batch = new RecordBatch(store)
  fill(batch)
  await store.commit(await batch.finish())
}

describe('a record batch', () => {
  test('writes what a reader reads back', async () => {
    const record = fc.record({
      number: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 65_530, max: 65_540 })),
      id: fc.string({ minLength: 1, maxLength: 10, unit: 'grapheme' }).filter((id) => id.isWellFormed()),
      seq: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 2 ** 32, max: 2 ** 52 })),
      vector: fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 3, maxLength: 3 }),
    })
    const records = fc.uniqueArray(record, { selector: ({ number }) => number, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(records, async (given) => {
        const store = await open()
        const ids = given.map(({ id, number }) => ({ id: `${id}${number}`, number }))
        await write(store, (batch) => {
          for (const { number, id, seq, vector } of given) {
            batch.putId(COLLECTION, `${id}${number}`, number)
            batch.putRecord(COLLECTION, number, { id: `${id}${number}`, seq, metadata: '{"a":1}' })
            batch.putVector(COLLECTION, number, seq, Float32Array.from(vector))
          }
        })
        const reader = new RecordReader(store)
        for (const { number, id, seq, vector } of given) {
          expect(reader.numberOf(COLLECTION, `${id}${number}`)).toBe(number)
          const stored = reader.record(COLLECTION, number)
          expect([stored?.id, Number(stored?.seq), stored?.metadata]).toEqual([
            `${id}${number}`,
            seq,
            '{"a":1}',
          ])
          expect(reader.vector(COLLECTION, number, 3)).toEqual({ seq, vector: Float32Array.from(vector) })
          const target = new Float32Array(7).fill(9)
          expect(reader.vectorInto(COLLECTION, number, target.subarray(1), 2, 3)).toBe(seq)
          expect(target).toEqual(Float32Array.of(9, 9, 9, ...vector, 9))
        }
        expect(reader.live(COLLECTION).toArray()).toEqual(
          ids.map(({ number }) => number).sort((a, b) => a - b),
        )
        const byId = [...ids].sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ number }) => number)
        expect([...reader.numbersById(COLLECTION, undefined, 100)].map(({ number }) => number)).toEqual(byId)
        expect(reader.live(COLLECTION + 1).toArray()).toEqual([])
        await store.close()
      }),
      { numRuns: 60 },
    )
  })

  test('copies vectors out of larger memory', async () => {
    const store = await open()
    const memory = Float32Array.of(9, 1, 2, 9)
    await write(store, (batch) => batch.putVector(COLLECTION, 4, 5, memory.subarray(1, 3)))
    memory.fill(0)
    expect(new RecordReader(store).vector(COLLECTION, 4, 2)).toEqual({
      seq: 5,
      vector: Float32Array.of(1, 2),
    })
  })

  test('removes a record and gives up its number, in a batch that also adds', async () => {
    const store = await open()
    await write(store, (batch) => {
      for (const number of [3, 70_000]) {
        batch.putId(COLLECTION, `id${number}`, number)
        batch.putRecord(COLLECTION, number, { id: `id${number}`, seq: 1, metadata: '{}' })
        batch.putVector(COLLECTION, number, 1, Float32Array.of(1))
      }
    })
    await write(store, (batch) => {
      batch.deleteRecord(COLLECTION, 'id3', 3)
      batch.putId(COLLECTION, 'new', 4)
      batch.deleteRecord(COLLECTION, 'id70000', 70_000)
    })
    const reader = new RecordReader(store)
    expect(reader.live(COLLECTION).toArray()).toEqual([4])
    expect(reader.numberOf(COLLECTION, 'id3')).toBeUndefined()
    expect(reader.record(COLLECTION, 3)).toBeUndefined()
    expect(reader.vector(COLLECTION, 3, 1)).toBeUndefined()
    expect(reader.numberOf(COLLECTION, 'new')).toBe(4)
  })

  test('adds to stored entries, keeps chunks and values apart, and removes what is empty', async () => {
    const store = await open()
    const [red, redder] = [Uint8Array.of(5, 1, 0), Uint8Array.of(5, 1, 1, 0)]
    await write(store, (batch) => {
      batch.entry(COLLECTION, 0, red, 0).add(1)
      batch.entry(COLLECTION, 0, red, 1).add(1)
      batch.entry(COLLECTION, 0, redder, 0).add(7)
      batch.entry(COLLECTION, 1, red, 0).add(8)
    })
    await write(store, (batch) => {
      batch.entry(COLLECTION, 0, red, 0).add(2)
      batch.entry(COLLECTION, 0, red, 0).delete(1)
    })
    const reader = new RecordReader(store)
    expect(reader.lookup(COLLECTION, 0, red).toArray()).toEqual([2, 65_537])
    expect(reader.lookup(COLLECTION, 0, redder).toArray()).toEqual([7])
    expect(reader.lookup(COLLECTION, 1, red).toArray()).toEqual([8])
    expect(reader.lookupRange(COLLECTION, 0, red, redder)?.toArray()).toEqual([2, 65_537])
    expect(reader.lookupRange(COLLECTION, 0, red, Uint8Array.of(6))?.toArray()).toEqual([2, 7, 65_537])
    await write(store, (batch) => {
      batch.entry(COLLECTION, 0, red, 0).delete(2)
      batch.entry(COLLECTION, 0, red, 1).delete(1)
      batch.entry(COLLECTION, 0, redder, 0).delete(7)
      batch.entry(COLLECTION, 1, red, 0).delete(8)
    })
    expect(store.bytes.memory).toBe(0)
  })

  test('lets other work run between the steps of finishing', async () => {
    const store = await open()
    const batch = new RecordBatch(store)
    for (let chunk = 0; chunk < 3; chunk++) batch.entry(COLLECTION, 0, Uint8Array.of(1), chunk).add(chunk)
    let steps = 0
    const writes = await batch.finish({
      step: () => {
        steps += 1
        return Promise.resolve()
      },
    })
    await store.commit(writes)
    expect(steps).toBe(3)
    expect(new RecordReader(store).lookup(COLLECTION, 0, Uint8Array.of(1)).toArray()).toEqual([
      0, 65_537, 131_074,
    ])
  })
})
