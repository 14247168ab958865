import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Bitmap } from '../../lib/bitmap.js'
import { type Admission, allBut, intersect, invert, only, unite } from '../../lib/filter/admission.js'

const universe = Array.from({ length: 70 }, (_, number) => number)
const numbers = fc.uniqueArray(fc.nat(69), { maxLength: 70 })
const admission = fc.record({ numbers, inverted: fc.boolean() })

function make(of: { numbers: number[]; inverted: boolean }): Admission {
  return (of.inverted ? allBut : only)(Bitmap.of(of.numbers), true)
}

function admitted({ set, inverted }: Admission): number[] {
  return universe.filter((number) => set.has(number) !== inverted)
}

test('admissions combine like the sets they stand for', () => {
  fc.assert(
    fc.property(admission, admission, (a, b) => {
      const [left, right] = [admitted(make(a)), admitted(make(b))]
      const both = universe.filter((number) => left.includes(number) && right.includes(number))
      const either = universe.filter((number) => left.includes(number) || right.includes(number))
      const others = universe.filter((number) => !left.includes(number))
      expect(admitted(intersect(make(a), make(b)))).toEqual(both)
      expect(admitted(unite(make(a), make(b)))).toEqual(either)
      expect(admitted(invert(make(a)))).toEqual(others)
    }),
    { numRuns: 2_000 },
  )
})

test('a combination is exact when both parts are, or when it admits nothing', () => {
  const some = (exact: boolean) => only(Bitmap.of([1]), exact)
  expect(intersect(some(true), some(true)).exact).toBe(true)
  expect(intersect(some(true), some(false)).exact).toBe(false)
  expect(unite(some(false), some(true)).exact).toBe(false)
  expect(intersect(some(false), only(Bitmap.of([2]), false)).exact).toBe(true)
  expect(only(new Bitmap(), false).exact).toBe(true)
})
