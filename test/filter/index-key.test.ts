import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Comparable } from '../../lib/filter/ast.js'
import {
  boundsRange,
  encodeIndexKey,
  INDEX_KEY_BYTES_MAX,
  keyAfter,
  markerKey,
  prefixRange,
  typeRange,
} from '../../lib/filter/index-key.js'

const units = fc.oneof(
  fc.constantFrom(
    0,
    1,
    2,
    0x61,
    0x7f,
    0x80,
    0x7ff,
    0x800,
    0xd7ff,
    0xd800,
    0xdbff,
    0xdc00,
    0xdfff,
    0xe000,
    0xffff,
  ),
  fc.nat(0xffff),
)
const shortText = fc.array(units, { maxLength: 8 }).map((codes) => String.fromCharCode(...codes))
const text = fc
  .tuple(
    fc.constantFrom(0, 0, 60, 190, 194, 195, 196, 197, 198, 199, 300),
    fc.constantFrom('x', 'é', '\u0000'),
    shortText,
  )
  .map(([length, letter, tail]) => letter.repeat(length) + tail)
const number = fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.constantFrom(0, -0, 5e-324, -5e-324))
const date = fc.date({ noInvalidDate: true })
const sameType = fc.oneof(
  fc.tuple(text, text),
  fc.tuple(number, number),
  fc.tuple(date, date),
  fc.tuple(fc.boolean(), fc.boolean()),
) as fc.Arbitrary<[Comparable, Comparable]>

function order(a: Comparable, b: Comparable): number {
  if (a < b) return -1
  return a > b ? 1 : 0
}

describe('encodeIndexKey', () => {
  test('sorts bytes like values, weakly where keys are cut', () => {
    fc.assert(
      fc.property(sameType, ([a, b]) => {
        const [x, y] = [encodeIndexKey(a), encodeIndexKey(b)]
        const byKey = Buffer.compare(x.key, y.key)
        if (x.exact || y.exact) expect(byKey).toBe(order(a, b))
        else expect([0, order(a, b)]).toContain(byKey)
        expect(x.key.length).toBeLessThanOrEqual(INDEX_KEY_BYTES_MAX)
      }),
      { numRuns: 20_000 },
    )
  })

  test('makes no key that begins another', () => {
    const any = fc.oneof(text, number, date, fc.boolean(), fc.constant(null))
    fc.assert(
      fc.property(any, any, (a, b) => {
        const [x, y] = [encodeIndexKey(a).key, encodeIndexKey(b).key]
        const shared = Math.min(x.length, y.length)
        const begins = Buffer.compare(x.subarray(0, shared), y.subarray(0, shared)) === 0
        expect(begins).toBe(Buffer.compare(x, y) === 0)
      }),
      { numRuns: 5_000 },
    )
  })

  test('keeps types apart', () => {
    const keys = [null, true, 1, 'a', new Date(1)].map((value) => encodeIndexKey(value).key)
    expect(keys.map((key) => key[0])).toEqual([2, 3, 4, 5, 6])
    expect(markerKey(1)[0]).toBe(1)
  })

  test('writes stored bytes that never change', () => {
    const hex = (value: null | Comparable) => Buffer.from(encodeIndexKey(value).key).toString('hex')
    expect(hex(null)).toBe('02')
    expect(hex(false)).toBe('0300')
    expect(hex(true)).toBe('0301')
    expect(hex(0)).toBe('048000000000000000')
    expect(hex(-0)).toBe(hex(0))
    expect(hex(1)).toBe('04bff0000000000000')
    expect(hex(-1)).toBe('04400fffffffffffff')
    expect(hex('')).toBe('0500')
    expect(hex('aé')).toBe('0561c3a900')
    expect(hex('\u0000\u0001')).toBe('050101010200')
    expect(hex('\ud83d\ude00')).toBe('05eda0bdedb88000')
    expect(hex(new Date(1))).toBe('06bff0000000000000')
  })

  test('cuts a string where its bytes, not its characters, exceed the key', () => {
    const fits = encodeIndexKey('x'.repeat(198))
    expect([fits.exact, fits.key.length]).toEqual([true, 200])
    const cut = encodeIndexKey('x'.repeat(199))
    expect([cut.exact, cut.key.length]).toEqual([false, 200])
    expect(Buffer.compare(fits.key, cut.key)).toBe(-1)
    expect(encodeIndexKey('é'.repeat(99)).exact).toBe(true)
    expect(encodeIndexKey('é'.repeat(100)).exact).toBe(false)
    expect(encodeIndexKey('x'.repeat(1 << 20)).key).toEqual(cut.key)
  })
})

describe('key ranges', () => {
  const holds = (key: Uint8Array, start: Uint8Array, end: Uint8Array) =>
    Buffer.compare(key, start) >= 0 && Buffer.compare(key, end) < 0

  test('a bound takes in the values on its side, and only those when exact', () => {
    fc.assert(
      fc.property(
        sameType,
        fc.boolean(),
        fc.boolean(),
        fc.nat(0xffff),
        ([bound, value], inclusive, isLower, chunk) => {
          const end = { value: bound, inclusive }
          const range = boundsRange({ operator: 'range', ...(isLower ? { lower: end } : { upper: end }) })
          const side = order(value, bound) * (isLower ? 1 : -1)
          const inside = side > 0 || (side === 0 && inclusive)
          const { key } = encodeIndexKey(value)
          // Elsewhere two bytes are appended to keys; ranges must hold those as well.
          const chunked = Buffer.concat([key, Buffer.from([chunk >> 8, chunk & 255])])
          for (const stored of [key, chunked]) {
            const found = holds(stored, range.start, range.end)
            if (range.exact) expect(found).toBe(inside)
            else expect(found || !inside).toBe(true)
          }
        },
      ),
      { numRuns: 20_000 },
    )
  })

  test('two bounds make one range', () => {
    const range = boundsRange({
      operator: 'range',
      lower: { value: 1, inclusive: true },
      upper: { value: 3, inclusive: false },
    })
    const found = [0, 1, 2, 3, '1', true, null].filter((value) =>
      holds(encodeIndexKey(value).key, range.start, range.end),
    )
    expect(found).toEqual([1, 2])
  })

  test('a type holds all its keys', () => {
    const { start, end } = typeRange(5)
    const found = [0, '', 'x'.repeat(500), '\uffff', null, true, new Date(0)].filter((value) =>
      holds(encodeIndexKey(value).key, start, end),
    )
    expect(found).toEqual(['', 'x'.repeat(500), '\uffff'])
  })

  test('a prefix holds the strings that begin with it', () => {
    fc.assert(
      fc.property(text, text, shortText, (prefix, other, tail) => {
        const range = prefixRange(prefix)
        expect(holds(encodeIndexKey(prefix + tail).key, range.start, range.end)).toBe(true)
        const found = holds(encodeIndexKey(other).key, range.start, range.end)
        if (range.exact && other.length < 60) expect(found).toBe(other.startsWith(prefix))
      }),
    )
  })

  test('the successor carries over full bytes', () => {
    expect(keyAfter(Uint8Array.of(4, 1, 255, 255))).toEqual(Uint8Array.of(4, 2))
    expect(keyAfter(Uint8Array.of(4, 1))).toEqual(Uint8Array.of(4, 2))
  })
})
