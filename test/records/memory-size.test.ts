import { expect, test } from 'vitest'
import { stringBytes, valueBytes } from '../../lib/records/memory-size.js'

test('strings take a byte a character, or two', () => {
  expect([stringBytes(''), stringBytes('abc'), stringBytes('\u00ff'), stringBytes('a\u0100')]).toEqual([
    20, 23, 21, 24,
  ])
})

test('values take what their parts take', () => {
  expect([valueBytes(null), valueBytes(true), valueBytes(7), valueBytes(7.5)]).toEqual([8, 8, 8, 24])
  expect(valueBytes('abc')).toBe(31)
  expect(valueBytes(new Date())).toBe(112)
  expect(valueBytes([1, 'abc'])).toBe(8 + 48 + 8 + 31)
  expect(valueBytes({ a: { b: [] } })).toBe(8 + 40 + 8 + 40 + 8 + 48)
})
