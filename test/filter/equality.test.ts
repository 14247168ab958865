import { describe, expect, test } from 'vitest'
import { equals, ValueList } from '../../lib/filter/equality.js'

describe('equals', () => {
  test('compares scalars by type and value', () => {
    expect(equals(1, 1)).toBe(true)
    expect(equals(-0, 0)).toBe(true)
    expect(equals('1', 1)).toBe(false)
    expect(equals(undefined, null)).toBe(false)
    expect(equals(0, false)).toBe(false)
  })

  test('compares Dates by time, and not with numbers', () => {
    expect(equals(new Date(5), new Date(5))).toBe(true)
    expect(equals(new Date(5), new Date(6))).toBe(false)
    expect(equals(5, new Date(5))).toBe(false)
    expect(equals(new Date(5), 5)).toBe(false)
    expect(equals(new Date(5), {})).toBe(false)
  })

  test('ignores the order of keys, not that of elements', () => {
    expect(equals({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBe(true)
    expect(equals([1, 2], [2, 1])).toBe(false)
    expect(equals([1, 2], [1, 2, 3])).toBe(false)
    expect(equals([1, 2, 3], [1, 2])).toBe(false)
    expect(equals({ a: 1, b: 2 }, { a: 1 })).toBe(false)
    expect(equals({ a: 1 }, { a: 1, b: 2 })).toBe(false)
    expect(equals({ a: 1, b: 2 }, { a: 1, c: 2 })).toBe(false)
  })

  test('tells arrays, objects and null apart', () => {
    expect(equals([], {})).toBe(false)
    expect(equals({}, [])).toBe(false)
    expect(equals(null, {})).toBe(false)
    expect(equals({}, null)).toBe(false)
  })

  test('reads own keys only', () => {
    expect(equals({ x: 1 }, JSON.parse('{"toString": 1}'))).toBe(false)
    expect(equals({ x: 1 }, JSON.parse('{"__proto__": 1}'))).toBe(false)
  })
})

test('a ValueList has what equals one of its values', () => {
  const list = new ValueList([1, 'a', null, new Date(5), [1], { a: 1 }])
  expect([1, 'a', null, new Date(5), [1], { a: 1 }].map((value) => list.has(value))).toEqual(
    Array(6).fill(true),
  )
  expect([0, 'b', undefined, 5, new Date(1), [2], {}].map((value) => list.has(value))).toEqual(
    Array(7).fill(false),
  )
  expect(new ValueList([0]).has(-0)).toBe(true)
})
