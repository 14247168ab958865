import { describe, expectTypeOf, test } from 'vitest'
import type { Filter } from '../../lib/filter/types.js'

interface Part {
  colour: string
  weight: number
}

interface Package {
  section: 'editors' | 'games'
  price: number
  free?: boolean
  released: Date
  tags: string[]
  parts: readonly Part[]
  author: { name: string }
  note: string | null
  extra: unknown
}

describe('Filter<M>', () => {
  test('known fields take values and operators of their type', () => {
    expectTypeOf<{ section: 'editors' }>().toExtend<Filter<Package>>()
    expectTypeOf<{ tags: 'x'; price: { $gt: 1; $lte: 2 } }>().toExtend<Filter<Package>>()
    const filters: Filter<Package>[] = [
      {},
      { section: 'editors' },
      { section: { $gt: 'f', $ne: 'games' } },
      { section: /^e/ },
      { section: { $in: ['games', /^e/, null], $not: /x/ } },
      { section: { $regex: '^e', $options: 'i' } },
      { section: { $contains: 'edit' } },
      { price: null },
      { price: { $not: { $gt: 3 } } },
      { free: true },
      { free: { $exists: false, $gt: false } },
      { released: { $gte: new Date(0) } },
      { note: { $contains: 'a', $in: [null, 'b'] } },
      { extra: { $gt: 1 } },
      { extra: ['anything'] },
      { author: { name: 'a' } },
    ]
    expectTypeOf(filters).toEqualTypeOf<Filter<Package>[]>()
  })

  test('array fields also take an element and conditions on elements', () => {
    const filters: Filter<Package>[] = [
      { tags: 'one' },
      { tags: ['one', 'two'] },
      { tags: { $all: ['one', /two/], $size: 2, $contains: 'one', $gt: 'a' } },
      { tags: { $elemMatch: { $gt: 'a', $lt: 'c' } } },
      { parts: { $elemMatch: { colour: 'red', weight: { $gt: 3 } } } },
      { parts: { $elemMatch: { $or: [{ colour: 'red' }, { weight: 1 }] } } },
      { parts: { $all: [{ $elemMatch: { colour: 'red' } }] } },
      { parts: { colour: 'red', weight: 2 } },
    ]
    expectTypeOf(filters).toEqualTypeOf<Filter<Package>[]>()
  })

  test('logic and dotted paths', () => {
    const filter: Filter<Package> = {
      $and: [{ price: 1 }, { $or: [{ 'author.name': { $regex: '^a' } }, { 'tags.0': 5 }] }],
      $nor: [{ 'parts.colour': 'red' }],
      $not: { section: 'games' },
    }
    expectTypeOf(filter).toEqualTypeOf<Filter<Package>>()
  })

  test('what does not fit is refused', () => {
    // @ts-expect-error no such section
    const section: Filter<Package> = { section: 'kitchen' }
    // @ts-expect-error no such field
    const field: Filter<Package> = { sectoin: 'editors' }
    // @ts-expect-error a number has no pattern
    const pattern: Filter<Package> = { price: { $regex: 'a' } }
    // @ts-expect-error a number has no order with a string
    const order: Filter<Package> = { price: { $gt: 'a' } }
    // @ts-expect-error null has no order
    const orderNull: Filter<Package> = { price: { $gt: null } }
    // @ts-expect-error a number has no elements
    const size: Filter<Package> = { price: { $size: 1 } }
    // @ts-expect-error a number contains nothing
    const contains: Filter<Package> = { price: { $contains: 1 } }
    // @ts-expect-error an element of tags is a string
    const element: Filter<Package> = { tags: { $contains: 1 } }
    // @ts-expect-error a list
    const list: Filter<Package> = { section: { $in: 'editors' } }
    // @ts-expect-error unknown operator
    const operator: Filter<Package> = { price: { $near: 1 } }
    // @ts-expect-error undefined is not a value
    const missing: Filter<Package> = { price: undefined }
    // @ts-expect-error no such field of an element
    const inner: Filter<Package> = { parts: { $elemMatch: { color: 'red' } } }
    // @ts-expect-error logic takes a list
    const logic: Filter<Package> = { $or: { price: 1 } }
    expectTypeOf([section, field, pattern, order, orderNull, size, contains, element]).toBeArray()
    expectTypeOf([list, operator, missing, inner, logic]).toBeArray()
  })

  test('metadata without declared fields takes anything', () => {
    const loose: Filter[] = [
      { anything: 1, $or: [{ a: { $gt: 1 } }] },
      { 'a.b': 1 },
      { a: [1], $and: [], $not: {} },
    ]
    const text: Filter<Record<string, string>> = {
      a: 'x',
      b: { $regex: 'x' },
      $and: [{ a: 'y' }],
      $not: { b: 'c' },
    }
    expectTypeOf(loose).toEqualTypeOf<Filter[]>()
    expectTypeOf(text).toEqualTypeOf<Filter<Record<string, string>>>()
    expectTypeOf<Filter>().toEqualTypeOf<Filter<Record<string, unknown>>>()
  })

  test('works inside generic code', () => {
    function both<M extends object>(a: Filter<M>, b: Filter<M>): Filter<M>[] {
      return [a, b]
    }
    expectTypeOf(both<Package>({ price: 1 }, {})).toEqualTypeOf<Filter<Package>[]>()
  })
})
