import { describe, expect, test } from 'vitest'
import { compileFilter } from '../../lib/filter/evaluate.js'
import { parseFilter } from '../../lib/filter/parse.js'

/** The values of `f` (or whole records) that a filter selects. */
function select(filter: Record<string, unknown>, ...records: Record<string, unknown>[]): unknown[] {
  return records.filter(compileFilter(parseFilter(filter)))
}

/** Which of `values` pass `condition` as the field `f`. */
function passing(condition: unknown, ...values: unknown[]): unknown[] {
  const matches = compileFilter(parseFilter({ f: condition }))
  return values.filter((value) => matches({ f: value }))
}

const matchesMissing = (condition: unknown) => compileFilter(parseFilter({ f: condition }))({})

describe('equality', () => {
  test('$eq and a bare value are the same', () => {
    for (const condition of [1, { $eq: 1 }])
      expect(passing(condition, 1, '1', true, [1], [[1]], null)).toEqual([1, [1]])
    expect(passing(0, -0)).toEqual([-0])
    expect(passing(new Date(5), new Date(5), 5, new Date(6))).toEqual([new Date(5)])
  })

  test('an object is compared deeply, key order ignored', () => {
    expect(
      passing({ a: 1, b: { c: 2 } }, { b: { c: 2 }, a: 1 }, { a: 1 }, { a: 1, b: { c: 2, d: 3 } }),
    ).toHaveLength(1)
    expect(passing({ a: 1 }, [{ a: 1 }, { b: 1 }])).toHaveLength(1)
    expect(passing({}, {}, { a: 1 }, [])).toEqual([{}])
  })

  test('an array is compared whole or with an element', () => {
    expect(passing([1, 2], [1, 2], [2, 1], [[1, 2], 3], [1, 2, 3], 1)).toEqual([
      [1, 2],
      [[1, 2], 3],
    ])
    expect(passing([], [], [[]], [1])).toEqual([[], [[]]])
  })

  test('null matches null and missing', () => {
    expect(passing(null, null, [null], 0, '', [], [[null]], {})).toEqual([null, [null]])
    expect(matchesMissing(null)).toBe(true)
    expect(matchesMissing({ $in: [1, null] })).toBe(true)
    expect(matchesMissing({ $ne: null })).toBe(false)
  })

  test('$ne, $nin and $not match records without the field', () => {
    expect([{ $ne: 1 }, { $nin: [1] }, { $not: { $gt: 0 } }, { $not: /a/ }].map(matchesMissing)).toEqual(
      Array(4).fill(true),
    )
    expect(passing({ $ne: 1 }, 1, 2, [1, 2], [2])).toEqual([2, [2]])
    expect(passing({ $nin: [1, 'a'] }, 1, 'a', 2, ['b', 'a'])).toEqual([2])
  })

  test('$in takes values of any kind, and RegExps', () => {
    expect(
      passing({ $in: [1, 'a', { b: 1 }, [2], null] }, 1, 'a', { b: 1 }, [2], [[2]], 2, ['a', 5], 'b'),
    ).toEqual([1, 'a', { b: 1 }, [2], [[2]], ['a', 5]])
    expect(passing({ $in: [/^a/, 1] }, 'ab', 'ba', 1)).toEqual(['ab', 1])
    expect(passing({ $nin: [/^a/, 1] }, 'ab', 'ba', 1)).toEqual(['ba'])
    expect(passing({ $in: [] }, 1, null)).toEqual([])
    expect(passing({ $nin: [] }, 1, null)).toEqual([1, null])
    expect(passing({ $in: [new Date(5)] }, new Date(5), 5)).toEqual([new Date(5)])
  })
})

describe('order', () => {
  test('compares within one type only', () => {
    const values = [1, 5, '1', '5', true, new Date(5), null, {}, [7], ['7']]
    expect(passing({ $gt: 3 }, ...values)).toEqual([5, [7]])
    expect(passing({ $lte: '5' }, ...values)).toEqual(['1', '5'])
    expect(passing({ $gte: false }, ...values)).toEqual([true])
    expect(passing({ $lt: new Date(6) }, ...values)).toEqual([new Date(5)])
    expect(matchesMissing({ $lt: 1 })).toBe(false)
  })

  test('has four operators', () => {
    expect(passing({ $gt: 2 }, 1, 2, 3)).toEqual([3])
    expect(passing({ $gte: 2 }, 1, 2, 3)).toEqual([2, 3])
    expect(passing({ $lt: 2 }, 1, 2, 3)).toEqual([1])
    expect(passing({ $lte: 2 }, 1, 2, 3)).toEqual([1, 2])
    expect(passing({ $gt: new Date(1), $lte: new Date(2) }, new Date(1), new Date(2))).toEqual([new Date(2)])
    expect(passing({ $gte: new Date(1), $lt: new Date(2) }, new Date(1), new Date(2))).toEqual([new Date(1)])
    expect(passing({ $gt: false }, false, true)).toEqual([true])
  })

  test('goes by UTF-16 code unit in strings', () => {
    expect(passing({ $gt: '\ud83d\ude00' }, '\uffff', '\ud83d', 'z')).toEqual(['\uffff'])
  })

  test('several conditions may be met by several elements', () => {
    expect(passing({ $gt: 4, $lt: 2 }, [1, 5], [3], 3)).toEqual([[1, 5]])
  })
})

describe('arrays', () => {
  test('$size counts elements', () => {
    expect(passing({ $size: 2 }, [1, 2], [[1, 2]], 'ab', {}, [1, [2]])).toEqual([
      [1, 2],
      [1, [2]],
    ])
    expect(passing({ $size: 0 }, [], null, '')).toEqual([[]])
  })

  test('$all wants every value', () => {
    expect(passing({ $all: ['a', 'b'] }, ['b', 'c', 'a'], ['a'], 'a')).toEqual([['b', 'c', 'a']])
    expect(passing({ $all: ['a'] }, 'a', ['a'], 'b')).toEqual(['a', ['a']])
    expect(passing({ $all: [[1, 2]] }, [1, 2], [[1, 2]], [1])).toEqual([[1, 2], [[1, 2]]])
    expect(passing({ $all: [/^a/, /b$/] }, ['ax', 'xb'], ['ax'], 'ab')).toEqual([['ax', 'xb'], 'ab'])
    expect(passing({ $all: [] }, [], ['a'], null)).toEqual([])
    const both = { $all: [{ $elemMatch: { n: 1 } }, { $elemMatch: { n: { $gt: 5 } } }] }
    expect(passing(both, [{ n: 1 }, { n: 9 }], [{ n: 1 }])).toEqual([[{ n: 1 }, { n: 9 }]])
  })

  test('$elemMatch wants one element that meets all: operators', () => {
    expect(passing({ $elemMatch: { $gt: 1, $lt: 3 } }, [0, 4], [0, 2], 2)).toEqual([[0, 2]])
    expect(passing({ $elemMatch: { $ne: 1 } }, [1], [1, 2], [])).toEqual([[1, 2]])
    expect(passing({ $elemMatch: { $not: { $gt: 1 } } }, [2], [2, 1], ['a'])).toEqual([[2, 1], ['a']])
    expect(passing({ $elemMatch: { $eq: null } }, [null], [], null)).toEqual([[null]])
    expect(passing({ $elemMatch: { $gt: 1 } }, [[2]], [2])).toEqual([[2]])
    expect(passing({ $elemMatch: { $elemMatch: { $gt: 1 } } }, [[2]], [2])).toEqual([[[2]]])
    expect(passing({ $elemMatch: { $contains: 'b' } }, ['abc'], ['a'], 'abc')).toEqual([['abc']])
    expect(passing({ $elemMatch: { $size: 1 } }, [[1]], [1])).toEqual([[[1]]])
  })

  test('$elemMatch wants one element that meets all: fields', () => {
    const condition = { $elemMatch: { x: 1, y: { $gt: 1 } } }
    expect(
      passing(
        condition,
        [
          { x: 1, y: 1 },
          { x: 2, y: 2 },
        ],
        [{ x: 1, y: 2 }],
        { x: 1, y: 2 },
      ),
    ).toEqual([[{ x: 1, y: 2 }]])
    expect(passing({ $elemMatch: { $or: [{ x: 1 }, { x: 2 }] } }, [{ x: 2 }], [{ x: 3 }])).toEqual([
      [{ x: 2 }],
    ])
    expect(passing({ $elemMatch: { $not: { x: 1 } } }, [{ x: 1 }], [{ x: 1 }, {}], [5])).toEqual([
      [{ x: 1 }, {}],
    ])
    expect(passing({ $elemMatch: {} }, [{}], [1], [])).toEqual([[{}]])
    expect(passing({ $elemMatch: { length: 1 } }, [[1]])).toEqual([])
  })

  test('$contains finds a substring or an element', () => {
    expect(passing({ $contains: 'b' }, 'abc', ['b'], ['abc'], 'x', 5, null)).toEqual(['abc', ['b']])
    expect(passing({ $contains: '' }, 'a', '', ['a'], [''])).toEqual(['a', '', ['']])
    expect(passing({ $contains: 5 }, [5, 6], 5, '5', [[5]])).toEqual([[5, 6]])
    expect(passing({ $contains: { a: 1 } }, [{ a: 1 }], { a: 1 })).toEqual([[{ a: 1 }]])
    expect(passing({ $contains: null }, [null], null, [])).toEqual([[null]])
    expect(matchesMissing({ $contains: null })).toBe(false)
  })
})

describe('other operators', () => {
  test('$exists counts null as existing', () => {
    expect(passing({ $exists: true }, null, 0, [])).toEqual([null, 0, []])
    expect(matchesMissing({ $exists: true })).toBe(false)
    expect(matchesMissing({ $exists: false })).toBe(true)
    expect(passing({ $exists: false }, null)).toEqual([])
  })

  test('$regex searches strings and elements', () => {
    expect(passing({ $regex: '^b' }, 'bc', 'ab', ['a', 'b'], 5, null)).toEqual(['bc', ['a', 'b']])
    expect(passing({ $regex: '^B', $options: 'i' }, 'bc')).toEqual(['bc'])
    expect(passing(/^b/, 'bc', 'ab')).toEqual(['bc'])
    expect(passing({ $not: /^b/ }, 'bc', 'ab', 5)).toEqual(['ab', 5])
  })

  test('several operators are AND, $not takes several', () => {
    expect(passing({ $gt: 1, $ne: 3 }, 1, 2, 3, 4)).toEqual([2, 4])
    expect(passing({ $not: { $gt: 1, $lt: 4 } }, 1, 2, 4, 'a')).toEqual([1, 4, 'a'])
  })
})

describe('logic', () => {
  const [one, two, three] = [{ a: 1 }, { a: 2, b: 1 }, { a: 3, b: 2 }]

  test('combines filters', () => {
    const among = (filter: Record<string, unknown>) => select(filter, one, two, three)
    expect(among({ $and: [{ a: { $gt: 1 } }, { b: 1 }] })).toEqual([two])
    expect(among({ $or: [{ a: 1 }, { b: 2 }] })).toEqual([one, three])
    expect(among({ $nor: [{ a: 1 }, { b: 2 }] })).toEqual([two])
    expect(among({ $not: { a: { $gt: 1 }, b: 1 } })).toEqual([one, three])
    expect(among({ a: { $gt: 1 }, b: 2, $or: [{ a: 3 }] })).toEqual([three])
  })

  test('knows what nothing means', () => {
    const among = (filter: Record<string, unknown>) => select(filter, one, two, three).length
    expect(among({})).toBe(3)
    expect(among({ $and: [] })).toBe(3)
    expect(among({ $or: [] })).toBe(0)
    expect(among({ $nor: [] })).toBe(3)
    expect(among({ $not: {} })).toBe(0)
  })
})

describe('paths', () => {
  test('reach inner fields, through arrays of objects and by index', () => {
    const record = { a: { b: [{ c: 1 }, { c: 2, d: 3 }, 7] }, tags: ['x', 'y'] }
    const is = (filter: Record<string, unknown>) => select(filter, record).length === 1
    expect(is({ 'a.b.c': 2 })).toBe(true)
    expect(is({ 'a.b.1.c': 2 })).toBe(true)
    expect(is({ 'a.b.0.c': 2 })).toBe(false)
    expect(is({ 'a.b.2': 7 })).toBe(true)
    expect(is({ 'tags.1': 'y' })).toBe(true)
    expect(is({ 'tags.01': 'y' })).toBe(false)
    expect(is({ 'a.b.c': 1, 'a.b.d': 3 })).toBe(true)
    expect(is({ 'a.b': { $elemMatch: { c: 1, d: 3 } } })).toBe(false)
  })

  test('end too early or nowhere, as in MongoDB', () => {
    const records = [{ a: [{ b: 5 }] }, { a: [{}] }, { a: [] }, { a: [{}, { b: 5 }] }, { a: [5, { b: 5 }] }]
    expect(select({ 'a.b': null }, ...records)).toEqual([{ a: [{}] }, { a: [{}, { b: 5 }] }])
    expect(select({ 'a.b': { $exists: false } }, ...records)).toEqual([{ a: [{}] }, { a: [] }])
    expect(select({ 'a.b': null }, {}, { a: 4 }, { a: null }, { a: {} })).toHaveLength(4)
  })

  test('read own fields only', () => {
    const names = [
      'constructor',
      'toString',
      'a.length',
      'a.constructor.name',
      's.length',
      's.0',
      'd.getTime',
    ]
    const record = { a: [1], s: 'text', d: new Date(0), o: {} }
    for (const name of names) expect(select({ [name]: { $exists: true } }, record)).toEqual([])
    const own = { constructor: 2 }
    expect(select({ constructor: 2 }, own, {})).toEqual([own])
  })
})
