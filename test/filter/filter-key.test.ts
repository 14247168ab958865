import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { filterKey } from '../../lib/filter/filter-key.js'
import { parseFilter } from '../../lib/filter/parse.js'
import { filter } from './filter-arbitrary.js'

const keyOf = (input: unknown) => filterKey(parseFilter(input))
const day = new Date('2024-03-01T00:00:00.000Z')

describe('filters that differ have different keys', () => {
  test.each<[string, object, object]>([
    ['a number and its text', { a: 1 }, { a: '1' }],
    ['a Date and its ISO text', { a: day }, { a: day.toISOString() }],
    ['a Date and its JSON', { a: day }, { a: JSON.stringify(day) }],
    ['a Date and its time', { a: day }, { a: day.getTime() }],
    ['a Date in a range and its text', { a: { $gt: day } }, { a: { $gt: day.toISOString() } }],
    ['Dates a millisecond apart', { a: day }, { a: new Date(day.getTime() + 1) }],
    ['null and its text', { a: null }, { a: 'null' }],
    ['true and its text', { a: true }, { a: 'true' }],
    ['true and false', { a: true }, { a: false }],
    ['null and false', { a: null }, { a: false }],
    ['null and zero', { a: null }, { a: 0 }],
    ['a RegExp with and without a flag', { a: /x/ }, { a: /x/i }],
    ['flags of a RegExp', { a: /x/m }, { a: /x/s }],
    ['a RegExp and a text', { a: /x/ }, { a: 'x' }],
    ['a flag and the pattern', { a: { $regex: 'xi' } }, { a: { $regex: 'x', $options: 'i' } }],
    ['a pattern and a substring', { a: { $regex: 'x' } }, { a: { $contains: 'x' } }],
    ['a list and its only item', { a: [1] }, { a: 1 }],
    ['a list in a list', { a: [[1]] }, { a: [1] }],
    ['lists split elsewhere', { a: [[1, 2], [3]] }, { a: [[1], [2, 3]] }],
    ['items in another order', { a: [1, 2] }, { a: [2, 1] }],
    ['an empty list and an empty object', { a: [] }, { a: {} }],
    ['an object and a dotted path', { a: { b: 1 } }, { 'a.b': 1 }],
    ['a field moved into an object', { a: { b: { c: 1 }, d: 2 } }, { a: { b: { c: 1, d: 2 } } }],
    ['a value and a list of choices', { a: 1 }, { a: { $in: [1] } }],
    ['choices and an item that is a list', { a: { $in: [1, 2] } }, { a: { $in: [[1, 2]] } }],
    ['a path with an index and one without', { 'a.0': 1 }, { a: 1 }],
    ['a longer name', { ab: 1 }, { a: 'b1' }],
    ['an inclusive bound', { a: { $gt: 1 } }, { a: { $gte: 1 } }],
    ['a bound at the other end', { a: { $gt: 1 } }, { a: { $lt: 1 } }],
    ['a negation', { a: 1 }, { a: { $ne: 1 } }],
    ['a negated existence', { a: { $exists: true } }, { a: { $exists: false } }],
    ['a size and a number', { a: { $size: 1 } }, { a: 1 }],
    ['and and or', { $and: [{ a: 1 }, { b: 2 }] }, { $or: [{ a: 1 }, { b: 2 }] }],
    ['or and nor', { $or: [{ a: 1 }] }, { $nor: [{ a: 1 }] }],
    ['none of none and all of none', { $or: [] }, { $and: [] }],
    ['branches split elsewhere', { $or: [{ a: 1, b: 2 }, { c: 3 }] }, { $or: [{ a: 1 }, { b: 2, c: 3 }] }],
    ['elements and the array', { a: { $elemMatch: { b: 1, c: 2 } } }, { 'a.b': 1, 'a.c': 2 }],
    ['elements as values and as objects', { a: { $elemMatch: { $eq: 1 } } }, { a: { $elemMatch: { b: 1 } } }],
    ['large numbers side by side', { a: 2 ** 53 - 1 }, { a: 2 ** 53 - 2 }],
    ['a number that looks rounded', { a: 0.1 + 0.2 }, { a: 0.3 }],
    ['text with other bytes of the same look', { a: 'é' }, { a: 'e\u0301' }],
    ['halves of a pair', { a: '\ud83d' }, { a: '\ude00' }],
  ])('%s', (_name, one, other) => {
    expect(keyOf(one)).not.toBe(keyOf(other))
    expect(keyOf(structuredClone(one))).toBe(keyOf(one))
  })
})

describe('random filters', () => {
  // Texts of nothing but the marks of a key, so that what is between the marks could be taken for them.
  const mark = fc.constantFrom(...'&|!.@=<-i#;mxcqvstfnd0ao1:('.split(''))
  const text = fc.string({ unit: mark, maxLength: 4 })
  const scalar = fc.oneof(
    text,
    fc.constantFrom(0, 1, 10, 1.5, -1, true, false, null),
    fc.constantFrom(0, 1, 10).map((time) => new Date(time)),
  )
  const plain = text.filter((name) => !name.startsWith('$'))
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      { weight: 3, arbitrary: scalar },
      { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
      {
        weight: 1,
        arbitrary: fc.dictionary(plain, tie('value'), { maxKeys: 2, noNullPrototype: true }),
      },
    ),
  })).value
  const condition = fc.oneof(
    value,
    value.map(($ne) => ({ $ne })),
    fc.array(value, { maxLength: 3 }).map(($in) => ({ $in })),
    value.map(($contains) => ({ $contains })),
    fc.nat(3).map(($size) => ({ $size })),
  )
  const marked = fc.array(fc.dictionary(plain, condition, { maxKeys: 2, noNullPrototype: true }), {
    maxLength: 3,
  })
  const pairOf = <T>(one: fc.Arbitrary<T>) => fc.tuple(one, one)

  test('of marks share a key exactly where they are parsed alike', () => {
    fc.assert(
      fc.property(
        pairOf(
          fc.oneof(
            value.map((a) => ({ a })),
            marked.map(($or) => ({ $or })),
          ),
        ),
        ([one, other]) => {
          const nodes = [parseFilter(one), parseFilter(other)] as const
          expect(filterKey(nodes[0]) === filterKey(nodes[1])).toBe(isDeepStrictEqual(...nodes))
        },
      ),
      { numRuns: 5_000 },
    )
  })

  test('of all operators have the same key each time', () => {
    fc.assert(
      fc.property(filter, (input) => {
        expect(keyOf(input)).toBe(keyOf(input))
      }),
    )
  })

  test('of all operators share no key where they are parsed differently', () => {
    const byKey = new Map<string, unknown>()
    const parsed = fc.sample(filter, { numRuns: 5_000, seed: 20_240_301 }).map((input) => parseFilter(input))
    for (const node of parsed) {
      const key = filterKey(node)
      // −0 and 0 are one number to a filter.
      const content = zeroless(node)
      if (!byKey.has(key)) byKey.set(key, content)
      expect(content).toEqual(byKey.get(key))
    }
    expect(byKey.size).toBeGreaterThan(2_000)
  })
})

function zeroless(value: unknown): unknown {
  if (typeof value === 'number') return value + 0
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (Array.isArray(value)) return value.map(zeroless)
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, zeroless(field)]))
}
