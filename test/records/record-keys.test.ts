import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  chunkOfKey,
  collectionKey,
  collectionOfKey,
  collectionRange,
  contentRange,
  fieldKey,
  fieldRange,
  fieldValueRange,
  idKey,
  idRange,
  type KeyRange,
  liveKey,
  liveRange,
  recordKey,
  STATE_KEY,
  vectorKey,
} from '../../lib/records/record-keys.js'

const collection = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 48 - 2 }))
const number = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }))
const chunk = fc.integer({ min: 0, max: 0xffff })
const field = fc.integer({ min: 0, max: 0xffff_fffd })
const bytes = fc.uint8Array({ minLength: 1, maxLength: 8 })
const id = fc.string({ minLength: 1, maxLength: 8, unit: 'binary' })

const holds = ({ start, end }: KeyRange, key: Uint8Array) =>
  Buffer.compare(start, key) <= 0 && Buffer.compare(key, end) < 0
const order = (a: number | string, b: number | string) => Math.sign(a < b ? -1 : a > b ? 1 : 0)

describe('record keys', () => {
  test('of one collection all lie in its range and in no other collection', () => {
    fc.assert(
      fc.property(collection, collection, number, chunk, field, bytes, id, (one, other, n, c, f, v, i) => {
        fc.pre(one !== other)
        const keys = [
          recordKey(one, n),
          vectorKey(one, n),
          idKey(one, i),
          liveKey(one, c),
          fieldKey(one, f, v, c),
        ]
        expect(keys.map((key) => holds(contentRange(one), key))).toEqual(keys.map(() => true))
        expect(keys.map((key) => holds(contentRange(other), key))).toEqual(keys.map(() => false))
        expect(keys.map((key) => holds(collectionRange, key))).toEqual(keys.map(() => false))
        expect(holds(idRange(one), idKey(one, i))).toBe(true)
        expect(holds(idRange(one), liveKey(one, c))).toBe(false)
        expect(holds(liveRange(one), liveKey(one, c))).toBe(true)
        expect(holds(liveRange(one), fieldKey(one, f, v, c))).toBe(false)
        expect(holds(fieldRange(one, f), fieldKey(one, f, v, c))).toBe(true)
        expect(holds(fieldRange(one, f + 1), fieldKey(one, f, v, c))).toBe(false)
      }),
    )
  })

  test('are in the order of what they stand for', () => {
    fc.assert(
      fc.property(collection, number, number, id, id, chunk, chunk, bytes, (c, a, b, i, j, x, y, value) => {
        expect(Buffer.compare(recordKey(c, a), recordKey(c, b))).toBe(order(a, b))
        expect(Buffer.compare(vectorKey(c, a), vectorKey(c, b))).toBe(order(a, b))
        expect(Buffer.compare(idKey(c, i), idKey(c, j))).toBe(order(i, j))
        expect(Buffer.compare(liveKey(c, x), liveKey(c, y))).toBe(order(x, y))
        expect(Buffer.compare(fieldKey(c, 1, value, x), fieldKey(c, 1, value, y))).toBe(order(x, y))
      }),
    )
  })

  test('give back the collection and the chunk that they were made of', () => {
    fc.assert(
      fc.property(collection, chunk, bytes, (c, x, value) => {
        expect(collectionOfKey(collectionKey(c))).toBe(c)
        expect(holds(collectionRange, collectionKey(c))).toBe(true)
        expect(chunkOfKey(liveKey(c, x))).toBe(x)
        expect(chunkOfKey(fieldKey(c, 3, value, x))).toBe(x)
      }),
    )
  })

  test('of a run of values take in the first and leave out the last', () => {
    const range = fieldValueRange(1, 2, Uint8Array.of(5, 0), Uint8Array.of(6, 0))
    const held = [Uint8Array.of(5, 0), Uint8Array.of(5, 9, 9), Uint8Array.of(6, 0), Uint8Array.of(4, 255)]
    expect(held.map((value) => holds(range, fieldKey(1, 2, value, 7)))).toEqual([true, true, false, false])
    expect(holds(range, fieldKey(1, 3, Uint8Array.of(5, 0), 7))).toBe(false)
  })

  test('do not change, because they are stored', () => {
    const hex = (key: Uint8Array) => Buffer.from(key).toString('hex')
    expect(hex(STATE_KEY)).toBe('00')
    expect(hex(collectionKey(0x0102_0304_0506))).toBe('01010203040506')
    expect(hex(recordKey(1, 0xfffefdfc))).toBe('0200000000000101fffefdfc')
    expect(hex(vectorKey(1, 2))).toBe('020000000000010200000002')
    expect(hex(idKey(1, 'aé'))).toBe('020000000000010361c3a9')
    expect(hex(liveKey(1, 0x0304))).toBe('02000000000001040304')
    expect(hex(fieldKey(1, 9, Uint8Array.of(0xaa), 1))).toBe('020000000000010500000009aa0001')
  })
})
