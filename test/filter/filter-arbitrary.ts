import fc from 'fast-check'

/** Few values, so that random filters and random records meet; odd ones among them. */
const long = 'x'.repeat(197)
const strings = [
  '',
  'a',
  'ab',
  'abc',
  'b',
  '0',
  '\u0000',
  'a\u0000',
  'a\u0001',
  'é',
  '€',
  '\ud83d\ude00',
  '\ud83d',
  '\ude00',
  '\uffff',
  long,
  `${long}y`,
  `${long}yy`,
  `${long}yz`,
  `${long}z`,
  `${long}€`,
  `${long}\u0000`,
]
const numbers = [0, -0, 1, -1, 1.5, 2, 10, -1e300, 5e-324, 2 ** 53]

const text = fc.constantFrom(...strings)
const number = fc.constantFrom(...numbers)
const date = fc.constantFrom(-1, 0, 1, 86_400_000).map((time) => new Date(time))
const comparable = fc.oneof(text, number, fc.boolean(), date)
const scalar = fc.oneof({ weight: 5, arbitrary: comparable }, fc.constant(null))
const name = fc.constantFrom('a', 'b', 'c')

const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: scalar },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    { weight: 2, arbitrary: fields(tie('value')) },
  ),
})).value

function fields(of: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> {
  return fc.dictionary(fc.oneof({ weight: 9, arbitrary: name }, fc.constant('0')), of, {
    maxKeys: 3,
    noNullPrototype: true,
  })
}

/** Metadata of a record: nested, with arrays of objects, nulls, missing fields, Dates and difficult strings. */
export const metadata: fc.Arbitrary<Record<string, unknown>> = fields(value)

/** The paths that random filters ask for. */
export const paths = ['a', 'b', 'c', 'a.b', 'a.c', 'b.a', 'a.0', 'a.0.b', 'a.b.c', 'b.1'] as const

const item = fc.oneof({ weight: 4, arbitrary: scalar }, { weight: 1, arbitrary: value })
const patterns = ['^a', '^ab', 'b$', '^a?b', 'a|b', '^xxx', 'c', '^$', '^\ud83d\ude00']

const valueOperators: fc.Arbitrary<Record<string, unknown>> = fc.letrec((tie) => ({
  operators: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ $eq: item }),
    fc.record({ $ne: item }),
    fc.record({ $gt: comparable }),
    fc.record({ $gte: comparable }),
    fc.record({ $lt: comparable }),
    fc.record({ $lte: comparable }),
    fc.record({ $gte: comparable, $lt: comparable }),
    fc.record({ $gte: number, $lte: number }),
    fc.record({ $gt: text, $lte: text }),
    fc.record({ $in: fc.array(item, { maxLength: 4 }) }),
    fc.record({ $nin: fc.array(item, { maxLength: 4 }) }),
    fc.record({ $in: fc.tuple(item, fc.constantFrom(/^a/, /b/i)) }),
    fc.record({ $exists: fc.boolean() }),
    fc.record({ $size: fc.nat(3) }),
    fc.record({ $contains: item }),
    fc.record({ $regex: fc.constantFrom(...patterns) }),
    fc.record({ $regex: fc.constantFrom('A', '^AB'), $options: fc.constant('i') }),
    fc.record({ $all: fc.array(item, { maxLength: 3 }) }),
    fc.record({ $not: tie('operators') }),
    fc.record({ $elemMatch: tie('operators') }),
    fc.record({ $all: fc.tuple(fc.record({ $elemMatch: tie('operators') }), item) }),
    fc.record({ $gt: comparable, $not: tie('operators') }),
  ),
})).operators as fc.Arbitrary<Record<string, unknown>>

/** Random filters over `paths`: all operators, nested logic. */
export const filter: fc.Arbitrary<Record<string, unknown>> = fc.letrec((tie) => {
  const branch = tie('filter') as fc.Arbitrary<Record<string, unknown>>
  const branches = fc.array(branch, { maxLength: 3 })
  const path = fc.constantFrom(...paths)
  const single = (condition: fc.Arbitrary<unknown>) =>
    fc.tuple(path, condition).map(([key, operand]) => ({ [key]: operand }))
  const inner = (condition: fc.Arbitrary<unknown>) =>
    fc.tuple(fc.constantFrom('a', 'b', 'c', '0'), condition).map(([key, operand]) => ({ [key]: operand }))
  return {
    filter: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 6, arbitrary: single(valueOperators) },
      { weight: 3, arbitrary: single(item) },
      { weight: 1, arbitrary: single(fc.constantFrom(/^a/, /b$/i)) },
      {
        weight: 3,
        arbitrary: fc.tuple(single(valueOperators), single(valueOperators)).map(([a, b]) => ({ ...a, ...b })),
      },
      { weight: 2, arbitrary: single(fc.record({ $elemMatch: inner(valueOperators) })) },
      {
        weight: 1,
        arbitrary: single(fc.record({ $elemMatch: fc.record({ a: comparable, $or: branches }) })),
      },
      { weight: 2, arbitrary: fc.record({ $and: branches }) },
      { weight: 2, arbitrary: fc.record({ $or: branches }) },
      { weight: 1, arbitrary: fc.record({ $nor: branches }) },
      { weight: 1, arbitrary: fc.record({ $not: branch }) },
    ),
  }
}).filter as fc.Arbitrary<Record<string, unknown>>
