import { describe, expect, test } from 'vitest'
import { ReplivecError } from '../../lib/errors.js'
import { compileFilter } from '../../lib/filter/evaluate.js'
import { parseFilter } from '../../lib/filter/parse.js'

function refusal(input: unknown): ReplivecError {
  try {
    parseFilter(input)
  } catch (error) {
    if (ReplivecError.is(error, 'FILTER_INVALID')) return error
    throw error
  }
  throw new Error('the filter was accepted')
}

const nested = (depth: number): unknown => {
  let filter: Record<string, unknown> = { a: 1 }
  for (let i = 1; i < depth; i++) filter = { $not: filter }
  return filter
}

describe('parseFilter', () => {
  test.each([
    ['null', null],
    ['undefined', undefined],
    ['a string', 'a'],
    ['an array', []],
    ['a Date', new Date(0)],
    ['a RegExp', /a/],
    ['a Map', new Map()],
    ['an instance', new (class A {})()],
    ['a function', () => ({})],
  ])('refuses %s as a filter', (_, input) => {
    const error = refusal(input)
    expect(error.message).toMatch(/^Invalid filter at its top: expected a plain object of conditions, got /)
    expect(error.details).toEqual({ path: '' })
  })

  test('takes plain objects of any making', () => {
    expect(parseFilter({})).toEqual({ kind: 'and', nodes: [] })
    expect(parseFilter(Object.create(null))).toEqual({ kind: 'and', nodes: [] })
    expect(parseFilter(Object.freeze({ $and: Object.freeze([]) }))).toEqual({ kind: 'and', nodes: [] })
  })

  test.each<[string, unknown, string]>([
    ['$foo', { $foo: 1 }, 'expected a field name or one of $and, $or, $nor, $not'],
    ['$gt', { $gt: 1 }, 'expected a field name'],
    ['$where', { $where: 'x' }, 'expected a field name'],
    ['$and', { $and: { a: 1 } }, 'expected an array, got an object'],
    ['$or[1]', { $or: [{}, 5] }, 'expected a plain object of conditions, got 5'],
    ['$nor[0]', { $nor: [undefined] }, 'expected a plain object of conditions, got undefined'],
    ['$not', { $not: [] }, 'expected a plain object of conditions, got an array'],
    [
      '$and[1].price.$gt',
      { $and: [{}, { price: { $gt: null } }] },
      'expected a number, string, boolean or Date, got null',
    ],
    [
      '$or[0].$nor[1].a.b.$in[2]',
      { $or: [{ $nor: [{}, { 'a.b': { $in: [1, 2, undefined] } }] }] },
      'got undefined',
    ],
  ])('says where: %s', (path, input, problem) => {
    const error = refusal(input)
    expect(error.details).toEqual({ path })
    expect(error.message).toContain(`Invalid filter at ${path}: `)
    expect(error.message).toContain(problem)
  })

  test('nests objects and arrays 32 deep', () => {
    expect(parseFilter(nested(32))).toMatchObject({ kind: 'not' })
    expect(refusal(nested(33)).message).toContain('nest at most 32 deep')
    expect(refusal(nested(33)).details.path).toBe(Array(32).fill('$not').join('.'))
    const and = (levels: number): unknown => (levels === 0 ? {} : { $and: [and(levels - 1)] })
    expect(parseFilter(and(15))).toEqual({ kind: 'and', nodes: [] })
    expect(refusal(and(16)).message).toContain('nest at most 32 deep')
  })

  test('refuses depth without exhausting the stack', () => {
    expect(refusal(nested(100_000)).message).toContain('nest at most 32 deep')
    let operand: unknown = 1
    let elements: unknown = { $gt: 1 }
    let negated: unknown = { $gt: 1 }
    for (let i = 0; i < 100_000; i++) {
      operand = [operand]
      elements = { $elemMatch: elements }
      negated = { $not: negated }
    }
    expect(refusal({ a: operand }).message).toContain('nest at most 32 deep')
    expect(refusal({ a: { $in: operand } }).message).toContain('nest at most 32 deep')
    expect(refusal({ a: elements }).message).toContain('nest at most 32 deep')
    expect(refusal({ a: { $elemMatch: negated } }).message).toContain('nest at most 32 deep')
    expect(refusal({ ['a.'.repeat(100_000)]: 1 }).message).toContain('a path has at most 100 names')
  })

  test('refuses what contains itself, and what is shared into too many values', () => {
    const filter: Record<string, unknown> = {}
    filter.$and = [filter]
    expect(refusal(filter).message).toContain('Invalid filter at $and[0]: the filter contains itself here')
    const operand: Record<string, unknown> = {}
    operand.self = operand
    expect(refusal({ a: operand }).details).toEqual({ path: 'a.self' })
    let many: unknown = { a: 1 }
    for (let i = 0; i < 14; i++) many = { $and: Array(10).fill(many) }
    expect(refusal(many).message).toContain('at most 1000000 conditions and values')
  })

  test('takes an $in of 100 000 values', () => {
    const matches = compileFilter(
      parseFilter({ a: { $in: Array.from({ length: 100_000 }, (_, i) => `v${i}`) } }),
    )
    expect([matches({ a: 'v99999' }), matches({ a: 'v100000' })]).toEqual([true, false])
  })

  test('turns what a getter or a proxy throws into FILTER_INVALID, with the cause', () => {
    const cause = new Error('no')
    const getter = {
      $or: [
        {
          get a() {
            throw cause
          },
        },
      ],
    }
    expect(refusal(getter).details).toEqual({ path: '$or[0].a' })
    expect(refusal(getter).cause).toBe(cause)
    const proxy = new Proxy(
      {},
      {
        ownKeys: () => {
          throw cause
        },
      },
    )
    expect(refusal(proxy).cause).toBe(cause)
    expect(refusal({ a: proxy }).cause).toBe(cause)
    const { proxy: revoked, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(refusal(revoked).cause).toBeInstanceOf(TypeError)
    expect(refusal({ a: { $in: [revoked] } }).details.path).toBe('a.$in[0]')
  })

  test('copies operands', () => {
    const date = new Date(5)
    const list = [1, { b: 2 }]
    const matches = compileFilter(parseFilter({ d: date, l: { $eq: list } }))
    date.setTime(6)
    list.push(3)
    expect(matches({ d: new Date(5), l: [1, { b: 2 }] })).toBe(true)
  })

  test('shortens long names in messages', () => {
    expect(refusal({ ['x'.repeat(100_000)]: undefined }).message.length).toBeLessThan(400)
  })
})
