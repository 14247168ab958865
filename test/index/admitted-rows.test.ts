import fc from 'fast-check'
import { expect, test } from 'vitest'
import { admittedRows } from '../../lib/index/admitted-rows.js'

test('keeps exactly the rows below count, in exactly the words they need', () => {
  const words = fc.uint32Array({ maxLength: 5 })
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: 130 }), (allow, count) => {
      const before = allow.slice()
      const admitted = admittedRows(allow, count)
      const expected: number[] = []
      for (let row = 0; row < Math.min(count, allow.length * 32); row++) {
        if ((allow[row >>> 5] as number) & (1 << (row & 31))) expected.push(row)
      }
      expect(admitted.toArray()).toEqual(expected)
      expect(admitted.words.length).toBe(Math.ceil(count / 32))
      expect(allow).toEqual(before)
    }),
  )
})

test('does not copy words that already fit', () => {
  const allow = Uint32Array.of(0xffffffff, 0b11)
  expect(admittedRows(allow, 34).words).toBe(allow)
  expect(admittedRows(allow, 64).words).toBe(allow)
  expect(admittedRows(allow, 33).words).not.toBe(allow)
})
