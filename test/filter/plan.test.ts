import { describe, expect, test } from 'vitest'
import { parseFilter } from '../../lib/filter/parse.js'
import { planFilter } from '../../lib/filter/plan.js'
import { MapIndex } from './map-index.js'

const records = [
  { section: 'news', price: 1, tags: ['a', 'b'], parts: [{ n: 1 }, { n: 9 }] },
  { section: 'news', price: 5, tags: ['b'], parts: [{ n: 5 }] },
  { section: 'science', price: 5, tags: [] },
  { section: 'games', price: 9 },
  { section: null, price: 12, tags: 'abc' },
  {},
]
const fields = ['section', 'price', 'tags', 'parts', 'parts.n']

function plan(filter: Record<string, unknown>, indexed: readonly string[] = fields, keysMax?: number) {
  const index = new MapIndex(records, indexed, keysMax)
  const result = planFilter(parseFilter(filter), index)
  return { ...result, numbers: result.candidates?.toArray(), asked: index.asked }
}

describe('planFilter', () => {
  test.each<[string, Record<string, unknown>, number[] | undefined, boolean]>([
    ['equality', { section: 'news' }, [0, 1], true],
    ['equality with a value that is nowhere', { section: 'x' }, [], true],
    ['$in', { section: { $in: ['games', 'news'] } }, [0, 1, 3], true],
    ['an empty $in', { section: { $in: [] } }, [], true],
    ['null', { section: null }, [4, 5], true],
    ['not null', { section: { $ne: null } }, [0, 1, 2, 3], true],
    ['$ne', { section: { $ne: 'news' } }, [2, 3, 4, 5], true],
    ['$exists', { section: { $exists: true } }, [0, 1, 2, 3, 4], true],
    ['$exists: false', { section: { $exists: false } }, [5], true],
    ['one bound', { price: { $gt: 5 } }, [3, 4], true],
    ['two bounds', { price: { $gte: 5, $lt: 12 } }, [1, 2, 3], true],
    ['bounds that exclude each other', { price: { $gt: 5, $lt: 2 } }, [], true],
    ['bounds met by several elements', { 'parts.n': { $gt: 6, $lt: 4 } }, [0], true],
    ['a bound of another type', { price: { $gt: 'a' } }, [], true],
    ['an anchored pattern', { section: /^ne/ }, [0, 1], false],
    ['a pattern anywhere', { section: /e/ }, [0, 1, 2, 3, 4], false],
    ['an array', { tags: ['b'] }, [0, 1, 2], false],
    ['an object', { parts: { n: 5 } }, [0, 1], false],
    ['$size', { tags: { $size: 1 } }, [0, 1, 2], false],
    ['$contains a string', { tags: { $contains: 'b' } }, [0, 1, 4], false],
    ['$contains a number', { tags: { $contains: 5 } }, [], true],
    ['$all', { tags: { $all: ['a', 'b'] } }, [0], true],
    ['$elemMatch of values', { tags: { $elemMatch: { $gte: 'b', $lt: 'c' } } }, [0, 1], false],
    ['$elemMatch of fields', { parts: { $elemMatch: { n: { $gt: 2 } } } }, [0, 1], false],
    ['AND of exact parts', { section: 'news', price: 5 }, [1], true],
    ['AND with a negation', { price: 5, section: { $ne: 'news' } }, [2], true],
    ['AND of negations', { section: { $ne: 'news' }, price: { $ne: 9 } }, [2, 4, 5], true],
    ['OR', { $or: [{ section: 'games' }, { price: 1 }] }, [0, 3], true],
    ['OR with a negation', { $or: [{ section: 'games' }, { price: { $ne: 5 } }] }, [0, 3, 4, 5], true],
    [
      'OR of negations',
      { $or: [{ section: { $ne: 'news' } }, { price: { $ne: 5 } }] },
      [0, 2, 3, 4, 5],
      true,
    ],
    ['NOR', { $nor: [{ section: 'news' }, { price: 9 }] }, [2, 4, 5], true],
    ['NOT of AND', { $not: { section: 'news', price: 5 } }, [0, 2, 3, 4, 5], true],
    ['an empty OR', { $or: [] }, [], true],
    ['everything', {}, undefined, true],
    ['nothing', { $not: {} }, [], true],
  ])('%s', (_, filter, numbers, exact) => {
    expect(plan(filter)).toMatchObject({ numbers, exact })
  })

  test('$contains is exact where all values are arrays', () => {
    const index = new MapIndex([{ t: ['a', 'b'] }, { t: ['ab'] }, {}], ['t'])
    const { candidates, exact } = planFilter(parseFilter({ t: { $contains: 'a' } }), index)
    expect([candidates?.toArray(), exact]).toEqual([[0], true])
  })

  test('AND leaves to evaluation what has no index', () => {
    const result = plan({ section: 'news', price: 5 }, ['section'])
    expect(result).toMatchObject({ numbers: [0, 1], exact: false, fields: ['section'] })
    expect(result.explain).toEqual({
      node: 'and',
      method: 'combined',
      admitted: 2,
      exact: false,
      parts: [
        { node: 'field', field: 'section', operator: '$eq', method: 'key', admitted: 2, exact: true },
        { node: 'field', field: 'price', operator: '$eq', method: 'scan', admitted: null, exact: false },
      ],
    })
  })

  test('without an index all records are looked at', () => {
    for (const filter of [
      { price: 5 },
      { price: 5, tags: 'a' },
      { $not: { price: 5 } },
      { price: { $ne: 5 } },
    ]) {
      expect(plan(filter, ['section'])).toMatchObject({
        candidates: undefined,
        exact: false,
        fields: [],
        asked: [],
      })
    }
  })

  test('OR needs every branch and asks nothing when one has no index', () => {
    const result = plan({ $or: [{ section: 'news' }, { price: 5 }] }, ['section'])
    expect(result).toMatchObject({ candidates: undefined, exact: false, asked: [] })
  })

  test('NOR narrows by the branches that have an index', () => {
    const result = plan({ $nor: [{ section: 'news' }, { price: 9 }] }, ['section'])
    expect(result).toMatchObject({ numbers: [2, 3, 4, 5], exact: false })
  })

  test('a negation of an inexact set narrows nothing', () => {
    expect(plan({ $not: { tags: ['b'] } })).toMatchObject({ candidates: undefined, exact: false })
    expect(plan({ section: { $not: /^ne/ } })).toMatchObject({ candidates: undefined, exact: false })
  })

  test('asks equality before ranges and stops when nothing is left', () => {
    const result = plan({ price: { $gt: 0 }, section: 'x' })
    expect(result).toMatchObject({ numbers: [], exact: true, asked: ['section'] })
    expect(result.explain.parts?.map((step) => step.method)).toEqual(['key', 'skipped'])
  })

  test('joins the bounds of one field into one range', () => {
    expect(plan({ price: { $gte: 2, $lt: 6 } }).asked).toEqual(['price..', 'price', 'price'])
    expect(
      plan({ $and: [{ price: { $gte: 2 } }, { price: { $lt: 6 } }] }).asked.filter(
        (name) => name === 'price..',
      ),
    ).toHaveLength(1)
  })

  test('falls back to the presence of the field where a range is too wide', () => {
    const result = plan({ price: { $gt: 0, $lt: 100 } }, fields, 1)
    expect(result).toMatchObject({ numbers: [0, 1, 2, 3, 4], exact: false })
    expect(result.explain.method).toBe('combined')
  })

  test('strings with a cut key are candidates, not matches', () => {
    const long = 'x'.repeat(300)
    const all = [{ s: `${long}a` }, { s: `${long}b` }, { s: 'y' }, { s: 'x' }]
    const index = new MapIndex(all, ['s'])
    const of = (filter: Record<string, unknown>) => {
      const { candidates, exact } = planFilter(parseFilter(filter), index)
      return [candidates?.toArray(), exact]
    }
    expect(of({ s: `${long}a` })).toEqual([[0, 1], false])
    expect(of({ s: { $gt: `${long}a` } })).toEqual([[0, 1, 2], false])
    expect(of({ s: { $lt: `${long}a` } })).toEqual([[0, 1, 3], false])
    expect(of({ s: { $gt: 'x' } })).toEqual([[0, 1, 2], true])
    expect(of({ s: { $ne: `${long}a` } })).toEqual([undefined, false])
  })

  test('explains in plain JSON', () => {
    const { explain } = plan({ $or: [{ section: { $ne: 'news' } }, { tags: { $size: 2 } }] })
    expect(JSON.parse(JSON.stringify(explain))).toEqual({
      node: 'or',
      method: 'combined',
      admitted: 6,
      exact: false,
      parts: [
        {
          node: 'not',
          method: 'combined',
          admitted: 4,
          exact: true,
          parts: [
            { node: 'field', field: 'section', operator: '$eq', method: 'key', admitted: 2, exact: true },
          ],
        },
        { node: 'field', field: 'tags', operator: '$size', method: 'marker', admitted: 3, exact: false },
      ],
    })
  })
})
