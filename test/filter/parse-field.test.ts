import { describe, expect, test } from 'vitest'
import { ReplivecError } from '../../lib/errors.js'
import { compileFilter } from '../../lib/filter/evaluate.js'
import { parseFilter } from '../../lib/filter/parse.js'

function refusal(condition: unknown): string {
  try {
    parseFilter({ f: condition })
  } catch (error) {
    if (ReplivecError.is(error, 'FILTER_INVALID')) return error.message.replace('Invalid filter at ', '')
    throw error
  }
  throw new Error('the condition was accepted')
}

test.each(['a.$gt', '__proto__', 'a.__proto__.b', 'a.b.$size'])(
  'a path %s, which no record has, is refused',
  (path) => {
    expect(() => parseFilter({ [path]: 1 })).toThrow(/no record has this path/)
  },
)

describe('operands of a field', () => {
  test.each<[string, unknown]>([
    ['f: expected a JSON value or a Date, got undefined', undefined],
    ['f: expected a JSON value or a Date, got a function', () => 1],
    ['f: expected a JSON value or a Date, got a symbol', Symbol('s')],
    ['f: expected a JSON value or a Date, got a bigint', 1n],
    ['f: expected a finite number, got NaN', Number.NaN],
    ['f: expected a finite number, got Infinity', Number.POSITIVE_INFINITY],
    ['f: expected a valid Date, got an invalid one', new Date(Number.NaN)],
    ['f: expected a JSON value or a Date, got an instance of a class', new Map()],
    ['f: expected a JSON value or a Date, got an instance of a class', Object(1)],
    ['f[1]: expected a JSON value or a Date, got undefined', [1, undefined]],
    ['f.a[0].b: expected a finite number, got NaN', { a: [{ b: Number.NaN }] }],
    ['f: a key is a symbol', { [Symbol('s')]: 1 }],
    ['f.$gt: expected a number, string, boolean or Date, got null', { $gt: null }],
    ['f.$lte: expected a number, string, boolean or Date, got an array', { $lte: [] }],
    ['f.$lt: expected a number, string, boolean or Date, got an object', { $lt: {} }],
    ['f.$gte: expected a finite number, got NaN', { $gte: Number.NaN }],
    ['f.$gte: expected a valid Date', { $gte: new Date('x') }],
    ['f.$in: expected an array, got the string "a"', { $in: 'a' }],
    ['f.$nin: expected an array, got undefined', { $nin: undefined }],
    ['f.$in[1]: expected a JSON value or a Date, got undefined', { $in: [1, undefined] }],
    ['f.$in[0].$gt: an operator cannot stand inside a value', { $in: [{ $gt: 1 }] }],
    ['f.$exists: expected true or false, got 1', { $exists: 1 }],
    ['f.$size: expected a whole number from 0 up, got -1', { $size: -1 }],
    ['f.$size: expected a whole number from 0 up, got 1.5', { $size: 1.5 }],
    ['f.$size: expected a whole number from 0 up, got an object', { $size: { $gt: 1 } }],
    ['f.$all: expected an array, got 1', { $all: 1 }],
    ['f.$all[0]: expected a value, a RegExp or an object with $elemMatch alone', { $all: [{ $gt: 1 }] }],
    ['f.$elemMatch: expected an object of operators or of conditions on fields, got 1', { $elemMatch: 1 }],
    ['f.$elemMatch.$foo: unknown operator', { $elemMatch: { $foo: 1 } }],
    ['f.$elemMatch.a: a field name stands among operators', { $elemMatch: { $gt: 1, a: 1 } }],
    ['f.$elemMatch.$gt: expected a field name', { $elemMatch: { a: 1, $gt: 1 } }],
    ['f.$not: expected an object of operators or a RegExp, got 5', { $not: 5 }],
    ['f.$not: expected at least one operator of $eq', { $not: {} }],
    ['f.$not.a: a field name stands among operators', { $not: { a: 1 } }],
    ['f.$not.$and: unknown operator', { $not: { $and: [] } }],
    ['f.$regex: expected a pattern as a string or a RegExp, got 1', { $regex: 1 }],
    ['f.$regex: the pattern is not supported', { $regex: '(a)\\1' }],
    ['f.$regex: $options must be a string of i, m and s, got 1', { $regex: 'a', $options: 1 }],
    ['f.$regex: the option "x" is not supported', { $regex: 'a', $options: 'ix' }],
    ['f.$regex: a RegExp with flags takes no $options', { $regex: /a/i, $options: 's' }],
    ['f.$options: $options stands beside $regex, which is missing', { $options: 'i' }],
    ['f: the flag "y" is not supported', /a/y],
    ['f.$not: the pattern is not supported', { $not: /a(?=b)/ }],
    ['f.$in[1]: the pattern is not supported', { $in: [1, /(?<!a)b/] }],
    ['f.$eq: a RegExp cannot be compared; use $regex', { $eq: /a/ }],
    ['f.$ne: a RegExp cannot be compared; use $regex', { $ne: /a/ }],
    ['f.$contains: a RegExp cannot be compared; use $regex', { $contains: /a/ }],
    ['f.$type: unknown operator; expected one of $eq, $ne, $gt', { $type: 'string' }],
    ['f.$mod: unknown operator', { $mod: [2, 0] }],
    ['f.$where: unknown operator', { $where: 'true' }],
    ['f.b: a field name stands among operators', { $gt: 1, b: 2 }],
    ['f.a: a field name stands among operators', { a: 1, $gt: 2 }],
    ['f.a.$gt: an operator cannot stand inside a value', { a: { $gt: 2 } }],
    ['f.$eq.$gt: an operator cannot stand inside a value', { $eq: { $gt: 2 } }],
  ])('%s', (message, condition) => {
    expect(refusal(condition).slice(0, message.length)).toBe(message)
  })

  test('holes of an array are undefined', () => {
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is tested
    expect(refusal({ $in: [1, , 2] })).toContain('f.$in[1]: expected a JSON value or a Date, got undefined')
  })

  test('a RegExp goes by its source and flags, lastIndex aside', () => {
    const sticky = /B/gi
    sticky.lastIndex = 5
    expect(compileFilter(parseFilter({ f: sticky }))({ f: 'abc' })).toBe(true)
    expect(compileFilter(parseFilter({ f: { $regex: /a.b/, $options: 's' } }))({ f: 'a\nb' })).toBe(true)
    expect(compileFilter(parseFilter({ f: { $options: 'i', $regex: 'B' } }))({ f: 'abc' })).toBe(true)
  })
})
