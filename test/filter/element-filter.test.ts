import { describe, expect, test } from 'vitest'
import { compileFilter } from '../../lib/filter/evaluate.js'
import { parseFilter } from '../../lib/filter/parse.js'
import { planFilter } from '../../lib/filter/plan.js'
import { MapIndex } from './map-index.js'

function plan(filter: Record<string, unknown>, records: Record<string, unknown>[], fields: string[]) {
  const node = parseFilter(filter)
  const { candidates, exact } = planFilter(node, new MapIndex(records, fields))
  const matches = compileFilter(node)
  return {
    candidates: candidates?.toArray(),
    exact,
    matches: records.flatMap((record, number) => (matches(record) ? [number] : [])),
  }
}

describe('conditions on elements, planned by the indexes of the record', () => {
  test('by the index of an inner field, which does not know of elements', () => {
    const records = [{ a: { b: 1 } }, { a: [{ b: 1 }] }, { a: [{ b: 2 }] }]
    const result = plan({ a: { $elemMatch: { b: 1 } } }, records, ['a.b'])
    expect(result).toEqual({ candidates: [0, 1], exact: false, matches: [1] })
  })

  test('by ranges that one element must be in', () => {
    const records = [{ a: [1, 9] }, { a: [5] }, { a: 5 }]
    const result = plan({ a: { $elemMatch: { $gt: 4, $lt: 6 } } }, records, ['a'])
    expect(result).toEqual({ candidates: [1], exact: false, matches: [1] })
    expect(plan({ a: { $elemMatch: { $gt: 6, $lt: 4 } } }, records, ['a'])).toMatchObject({ candidates: [] })
    expect(plan({ a: { $elemMatch: { $gt: 4, $lt: 'b' } } }, records, ['a'])).toMatchObject({
      candidates: [],
    })
  })

  test('not by a name that from the array is an index', () => {
    const records = [{ a: [{}] }, { a: [{ 0: 1 }] }]
    const result = plan({ a: { $elemMatch: { 0: null } } }, records, ['a', 'a.0'])
    expect(result).toEqual({ candidates: [0, 1], exact: false, matches: [0] })
  })

  test.each<[string, unknown]>([
    ['$contains', { $contains: 'b' }],
    ['$size', { $size: 1 }],
    ['$elemMatch', { $elemMatch: { $eq: 'abc' } }],
    ['$not', { $not: { $eq: 'abc' } }],
    ['$or with a negation', { $or: [{ x: 'abc' }, { x: { $ne: 'abc' } }] }],
  ])('not by %s of an element', (_, condition) => {
    const records = [{ a: ['abc', ['abc'], { x: 'abc' }] }, { a: 'abc' }]
    const result = plan({ a: { $elemMatch: condition } }, records, ['a', 'a.x'])
    expect(result).toEqual({ candidates: [0], exact: false, matches: [0] })
  })

  test('$contains of a path that reaches several values looks into strings too', () => {
    const records = [{ a: [{ b: 'xyz' }, { b: ['q'] }] }, { a: [{ b: ['xyz'] }] }]
    const result = plan({ 'a.b': { $contains: 'y' } }, records, ['a.b'])
    expect(result).toEqual({ candidates: [0], exact: false, matches: [0] })
  })
})
