import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundsRange, encodeIndexKey, prefixRange, typeRange } from '../../lib/filter/index-key.js'
import { coverRange, runKeys } from '../../lib/filter/range-runs.js'

type Value = number | Date

const number = fc.oneof(
  fc.integer({ min: -1000, max: 1_000_000 }),
  fc.double({ noNaN: true }),
  fc.constantFrom(0, 1, 2, 255, 256, 65_536, -1, Number.MAX_VALUE, Number.MIN_VALUE, Infinity, -Infinity),
)
const date = fc.date({ noInvalidDate: true })

/** Everything that is entered for a value, as a set of hexadecimal keys would be stored. */
function entriesOf(value: Value): Uint8Array[] {
  const { key } = encodeIndexKey(value)
  return [key, ...runKeys(key)]
}

function isWithin(key: Uint8Array, { start, end }: { start: Uint8Array; end: Uint8Array }): boolean {
  return Buffer.compare(key, start) >= 0 && Buffer.compare(key, end) < 0
}

/** The values that a cover of the range finds. */
function found(values: readonly Value[], start: Uint8Array, end: Uint8Array): Value[] {
  const pieces = coverRange(start, end)
  return values.filter((value) =>
    entriesOf(value).some((key) => pieces.some((piece) => isWithin(key, piece))),
  )
}

describe.each([
  ['numbers', number as fc.Arbitrary<Value>],
  ['dates', date as fc.Arbitrary<Value>],
])('%s', (_, value) => {
  test('a cover finds exactly the values within the bounds', () => {
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 30 }),
        value,
        value,
        fc.boolean(),
        fc.boolean(),
        (values, a, b, lowIn, highIn) => {
          const [low, high] = a <= b ? [a, b] : [b, a]
          const lower = { value: low, inclusive: lowIn }
          const upper = { value: high, inclusive: highIn }
          const above = (one: Value) => (lowIn ? one >= low : one > low)
          const below = (one: Value) => (highIn ? one <= high : one < high)
          const all = [...values, a, b]
          const both = boundsRange({ operator: 'range', lower, upper })
          expect(found(all, both.start, both.end)).toEqual(all.filter((one) => above(one) && below(one)))
          const open = boundsRange({ operator: 'range', lower })
          expect(found(all, open.start, open.end)).toEqual(all.filter(above))
          const head = boundsRange({ operator: 'range', upper })
          expect(found(all, head.start, head.end)).toEqual(all.filter(below))
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

test('a wide range over many values reads few entries', () => {
  const keys = new Map<string, Uint8Array>()
  for (let size = 1; size <= 100_000; size++)
    for (const key of entriesOf(size)) keys.set(Buffer.from(key).toString('hex'), key)
  const { start, end } = boundsRange({
    operator: 'range',
    lower: { value: 12_345, inclusive: true },
  })
  const read = [...keys.values()].filter((key) =>
    coverRange(start, end).some((piece) => isWithin(key, piece)),
  )
  expect(read.length).toBeLessThan(100)
})

test('run keys are no prefixes of one another, and lie above every value key', () => {
  const keys = [0, -1, 1, 1e300, new Date(0), new Date(1e12)].flatMap((value) =>
    runKeys(encodeIndexKey(value).key),
  )
  const lengths = new Map<number, number>()
  for (const key of keys) {
    expect(key[0]).toBeGreaterThanOrEqual(0x80)
    expect(lengths.get(key[0] as number) ?? key.length).toBe(key.length)
    lengths.set(key[0] as number, key.length)
  }
  expect(runKeys(encodeIndexKey('text').key)).toEqual([])
  expect(runKeys(encodeIndexKey(true).key)).toEqual([])
})

test('ranges of strings and of all types are read as they are', () => {
  const { start, end } = prefixRange('ab')
  expect(coverRange(start, end)).toEqual([{ start, end }])
  const strings = typeRange(5)
  expect(coverRange(strings.start, strings.end)).toEqual([{ start: strings.start, end: strings.end }])
})
