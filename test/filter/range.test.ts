import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Comparable, RangeTest } from '../../lib/filter/ast.js'
import { intersectRanges, rangePredicate } from '../../lib/filter/range.js'

const comparable: fc.Arbitrary<Comparable> = fc.oneof(
  fc.integer({ min: 0, max: 5 }),
  fc.constantFrom('a', 'b', 'c'),
  fc.boolean(),
  fc.integer({ min: 0, max: 3 }).map((time) => new Date(time)),
)
const bound = fc.record({ value: comparable, inclusive: fc.boolean() })
const range: fc.Arbitrary<RangeTest> = fc.oneof(
  bound.map((lower) => ({ operator: 'range' as const, lower })),
  bound.map((upper) => ({ operator: 'range' as const, upper })),
)
const everyValue = [
  0,
  0.5,
  1,
  2,
  3,
  4,
  5,
  6,
  '',
  'a',
  'ab',
  'b',
  'c',
  'd',
  false,
  true,
  null,
  undefined,
  [],
  {},
].concat([-1, 0, 1, 2, 3, 4].map((time) => new Date(time)) as never[])

test('a value is in the intersection when it is in every range', () => {
  fc.assert(
    fc.property(fc.array(range, { minLength: 1, maxLength: 4 }), (ranges) => {
      const joined = intersectRanges(ranges)
      const predicates = ranges.map(rangePredicate)
      const inAll = everyValue.filter((value) => predicates.every((predicate) => predicate(value)))
      expect(joined === undefined ? [] : everyValue.filter(rangePredicate(joined))).toEqual(inAll)
    }),
    { numRuns: 3_000 },
  )
})
