import fc from 'fast-check'
import { expect, test } from 'vitest'
import { orderedStringBytes } from '../../lib/records/ordered-string.js'

/** Strings of any code units, also lone surrogates, with many from around the surrogates. */
const text = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.constantFrom(0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xffff),
    ),
    { maxLength: 6 },
  )
  .map((units) => String.fromCharCode(...units))

const order = (a: string, b: string) => Math.sign(a < b ? -1 : a > b ? 1 : 0)

test('bytes are in the order of code units, and equal for equal strings only', () => {
  fc.assert(
    fc.property(text, text, text, (a, b, prefix) => {
      const bytes = (suffix: string) => orderedStringBytes(prefix + suffix)
      expect(Buffer.compare(bytes(a), bytes(b))).toBe(order(prefix + a, prefix + b))
    }),
    { numRuns: 2_000 },
  )
})

test('sorts a pair of surrogates below U+E000, which UTF-8 does not', () => {
  const sorted = ['\u{10000}', '\ue000', '\uffff', '\ud7ff'].sort((a, b) =>
    Buffer.compare(orderedStringBytes(a), orderedStringBytes(b)),
  )
  expect(sorted).toEqual(['\ud7ff', '\u{10000}', '\ue000', '\uffff'])
})

test('is UTF-8 where there are no surrogates', () => {
  expect(Buffer.from(orderedStringBytes('aé€')).toString('utf8')).toBe('aé€')
  expect(orderedStringBytes('')).toHaveLength(0)
})
