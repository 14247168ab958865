import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { VectorStore } from '../../lib/store/vector-store.js'
import { expectRefusal, Refuser, throwing, withHole } from './refusal.js'

let directory: string
let refuser: Refuser

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'replivec-bad-queries-'))
  refuser = await Refuser.open(join(directory, 'store'))
})

afterEach(() => refuser.expectUnchanged())

afterAll(async () => {
  await refuser.store.close()
  await rm(directory, { recursive: true, force: true })
})

// biome-ignore lint/suspicious/noExplicitAny: what is passed here is wrong on purpose
const notes = (): any => refuser.notes
const vector = [1, 0, 0]

const BAD_NUMBERS: [string, unknown][] = [
  ['0', 0],
  ['-1', -1],
  ['1.5', 1.5],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ["'10'", '10'],
  ['10n', 10n],
  ['null', null],
  ['true', true],
  ['[5]', [5]],
  ['a bare object', Object.create(null)],
  ['a symbol', Symbol('5')],
]

test.each(BAD_NUMBERS)('topK, ef and pageSize must not be %s', async (_name, number) => {
  const message = (option: string) => new RegExp(`${option} must be a whole number from 1`)
  for (const option of ['topK', 'ef']) {
    const query = { vector, [option]: number }
    await expectRefusal(() => notes().search(query), 'OPTIONS_INVALID', message(option))
    await expectRefusal(() => notes().explain(query), 'OPTIONS_INVALID', message(option))
    await expectRefusal(() => notes().searchBatch([{ vector }, query]), 'OPTIONS_INVALID', message(option))
  }
  await expectRefusal(() => notes().scan({ pageSize: number }).next(), 'OPTIONS_INVALID', message('pageSize'))
})

test('numbers far beyond what exists find what exists', async () => {
  for (const topK of [4, 1e12, Number.MAX_SAFE_INTEGER, 1e300]) {
    const hits = await notes().search({ vector, topK, ef: 1e12 })
    expect(hits.map(({ id, score }: { id: string; score: number }) => [id, score])).toEqual([
      ['a', 1],
      ['b', 0],
      ['c', 0],
    ])
  }
  const ids = []
  for await (const { id } of notes().scan({ pageSize: 1e12 })) ids.push(id)
  expect(ids).toEqual(['a', 'b', 'c'])
})

test.each(['includeVector', 'includeMetadata', 'exact'])('%s must be true or false', async (flag) => {
  for (const value of [1, 0, 'true', '', null, {}, Object.create(null), Symbol('yes')]) {
    const message = new RegExp(`${flag} must be true or false`)
    await expectRefusal(() => notes().search({ vector, [flag]: value }), 'OPTIONS_INVALID', message)
  }
})

test('includeVector must be true or false for reads by id and scans', async () => {
  for (const includeVector of [1, 'true', null, {}]) {
    await expectRefusal(() => notes().get('a', { includeVector }), 'OPTIONS_INVALID', /true or false/)
    await expectRefusal(() => notes().scan({ includeVector }).next(), 'OPTIONS_INVALID', /true or false/)
  }
})

test('minScore must be a number', async () => {
  for (const minScore of [Number.NaN, '0.5', null, [0.5], 1n, {}, Symbol('1')]) {
    await expectRefusal(
      () => notes().search({ vector, minScore }),
      'OPTIONS_INVALID',
      /minScore must be a number/,
    )
  }
  expect(await notes().search({ vector, minScore: Number.POSITIVE_INFINITY })).toEqual([])
})

test('a batch of queries must be an array of queries', async () => {
  for (const queries of [undefined, null, {}, 'x', 5, new Set([{ vector }]), Symbol('x')]) {
    await expectRefusal(
      () => notes().searchBatch(queries),
      'OPTIONS_INVALID',
      /queries must be an array of queries/,
    )
  }
  for (const query of [undefined, null, 5, 'x', [], () => ({ vector })]) {
    await expectRefusal(
      () => notes().searchBatch([{ vector }, query]),
      'OPTIONS_INVALID',
      /object of options/,
    )
  }
  const queries = withHole([{ vector }, { vector }, { vector }])
  await expectRefusal(() => notes().searchBatch(queries), 'OPTIONS_INVALID', /object of options/)
})

function nestedNot(depth: number): object {
  let filter: object = { kind: 'first' }
  for (let level = 1; level < depth; level++) filter = { $and: [filter] }
  return filter
}

function cycle(): object {
  const filter: Record<string, unknown> = {}
  filter.$and = [filter]
  return filter
}

const BAD_FILTERS: [string, unknown, RegExp][] = [
  ['null', null, /expected a plain object of conditions/],
  ['a string', 'kind = 1', /expected a plain object of conditions/],
  ['an array', [{ kind: 1 }], /expected a plain object of conditions/],
  ['a function', () => true, /expected a plain object of conditions/],
  ['a Map', new Map([['kind', 1]]), /expected a plain object of conditions/],
  ['a Date', new Date(0), /expected a plain object of conditions/],
  ['with an unknown operator', { kind: { $near: 1 } }, /kind\.\$near.*unknown operator; expected one of/],
  ['with an unknown logical operator', { $xor: [] }, /\$xor.*one of \$and, \$or/],
  ['with $where', { $where: 'return true' }, /\$where/],
  ['with an operator of the prototype', { kind: { $constructor: 1 } }, /unknown operator/],
  ['33 levels deep', nestedNot(33), /32/],
  ['10 000 levels deep', nestedNot(10_000), /32/],
  ['cyclic', cycle(), /32|itself/],
  ['with $gt null', { kind: { $gt: null } }, /kind\.\$gt/],
  ['with $gt of NaN', { kind: { $gt: Number.NaN } }, /kind\.\$gt/],
  ['with $in of no array', { kind: { $in: 'first' } }, /kind\.\$in.*expected an array/],
  ['with a sparse $in', { kind: { $in: withHole([1, 2, 3]) } }, /kind\.\$in\[1\]/],
  ['with $exists 1', { kind: { $exists: 1 } }, /expected true or false/],
  ['with $size -1', { kind: { $size: -1 } }, /whole number/],
  ['with operators and fields', { kind: { $gt: 1, x: 2 } }, /field name stands among operators/],
  ['with a function', { kind: () => 1 }, /kind/],
  ['with undefined', { kind: undefined }, /kind/],
  ['with a BigInt', { kind: 1n }, /kind/],
  ['with a symbol', { kind: Symbol('x') }, /kind/],
  ['with a symbol key', { [Symbol('x')]: 1 }, /symbol/],
  ['with a class instance', { kind: new Map() }, /kind/],
  ['with an invalid Date', { kind: new Date(Number.NaN) }, /valid Date/],
  ['with a throwing getter', throwing({}, ['kind']), /could not be read/],
  [
    'with a throwing proxy',
    new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('MDB_PANIC')
        },
      },
    ),
    /could not be read/,
  ],
  ['with an unclosed $regex', { kind: { $regex: '(' } }, /kind\.\$regex/],
  ['with a backreference', { kind: { $regex: '(a)\\1' } }, /kind\.\$regex/],
  ['with a lookahead', { kind: { $regex: 'a(?=b)' } }, /kind\.\$regex/],
  ['with a lookbehind RegExp', { kind: /(?<=a)b/ }, /kind/],
  ['with an unknown $options', { kind: { $regex: 'a', $options: 'z' } }, /option "z"/],
  ['with $options alone', { kind: { $options: 'i' } }, /\$options stands beside \$regex/],
  ['with $regex of a number', { kind: { $regex: 5 } }, /kind\.\$regex/],
  ['with a path of 101 names', { [new Array(101).fill('a').join('.')]: 1 }, /at most 100 names/],
]

describe('a filter', () => {
  test.each(BAD_FILTERS)('%s is refused everywhere', async (_name, filter, message) => {
    await expectRefusal(() => notes().search({ vector, filter }), 'FILTER_INVALID', message)
    await expectRefusal(() => notes().explain({ vector, filter }), 'FILTER_INVALID', message)
    await expectRefusal(
      () => notes().searchBatch([{ vector }, { vector, filter }]),
      'FILTER_INVALID',
      message,
    )
    await expectRefusal(() => notes().scan({ filter }).next(), 'FILTER_INVALID', message)
    await expectRefusal(() => notes().count(filter), 'FILTER_INVALID', message)
    await expectRefusal(() => notes().delete({ filter }), 'FILTER_INVALID', message)
    await expectRefusal(
      () => notes().update({ filter }, { metadata: { kind: 'x' } }),
      'FILTER_INVALID',
      message,
    )
  })

  test('32 levels deep is taken', async () => {
    expect(await notes().count(nestedNot(16))).toBe(1)
  })

  test('asks for own fields only, and pollutes nothing', async () => {
    for (const path of ['constructor', 'toString', 'deep.constructor.name', 'list.length']) {
      const matching = await notes().count(JSON.parse(`{"${path}": {"$exists": true}}`))
      expect([path, matching]).toEqual([path, 0])
    }
    const polluting = JSON.parse('{"kind": {"$in": ["first"]}, "__proto__": {"polluted": true}}')
    await expectRefusal(() => notes().count(polluting), 'FILTER_INVALID', /no record has this path/)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(await notes().count(JSON.parse('{"deep": {"__proto__": {"x": 1}}}'))).toBe(0)
  })
})

test.each([
  ['(a+)+$', 'a'],
  ['^(a|a)*$', 'a'],
  ['(a|aa)+$', 'a'],
  ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'],
  ['(.*a){20}$', 'a'],
  ['((a{1,20}){1,5})$', 'a'],
])('the pattern %s ends on long strings', async (pattern, letter) => {
  const store = await VectorStore.open()
  const texts = await store.createCollection<{ text: string }>('texts', { dimensions: 1, metric: 'dot' })
  await texts.upsert([
    { id: 'bad', vector: [1], metadata: { text: `${letter.repeat(50_000)}!` } },
    { id: 'short', vector: [1], metadata: { text: 'no' } },
  ])
  expect(await texts.count({ text: { $regex: pattern } } as never)).toBe(0)
  expect(await texts.search({ vector: [1], filter: { text: new RegExp(pattern) } as never })).toEqual([])
  await store.close()
})

test('a pattern of enormous size is refused or answered', async () => {
  const huge = [`(${'a'.repeat(100_000)})`, '('.repeat(5_000) + ')'.repeat(5_000)]
  for (const pattern of huge) {
    const outcome = await notes()
      .count({ kind: { $regex: pattern } })
      .catch((error: { code: string }) => error.code)
    expect([0, 3, 'FILTER_INVALID']).toContain(outcome)
  }
  await expectRefusal(
    () => notes().count({ kind: { $regex: '((a{1,1000}){1,1000}){1,1000}' } }),
    'FILTER_INVALID',
    /\$regex/,
  )
})

test('after all of it the store writes, finds, verifies and opens again', async () => {
  await refuser.expectUsable(join(directory, 'store'))
  await rm(join(directory, 'store'), { recursive: true })
  refuser = await Refuser.open(join(directory, 'store'))
})
