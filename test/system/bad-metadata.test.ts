import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ReplivecErrorCode } from '../../lib/errors.js'
import { expectRefusal, Refuser, throwing, withHole } from './refusal.js'

let directory: string
let refuser: Refuser

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'replivec-bad-metadata-'))
  refuser = await Refuser.open(join(directory, 'store'))
})

afterEach(() => refuser.expectUnchanged())

afterAll(async () => {
  await refuser.store.close()
  await rm(directory, { recursive: true, force: true })
})

/** Calls of a collection that take a wrongly typed argument. */
// biome-ignore lint/suspicious/noExplicitAny: what is passed here is wrong on purpose
const notes = (): any => refuser.notes

const GOOD = { id: 'good', vector: [1, 1, 1] }

class Point {
  x = 1
}

function nested(depth: number): object {
  let value: object = { leaf: true }
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? { a: value } : { a: [value] }
  return value
}

function cycle(): object {
  const loop: Record<string, unknown> = { kind: 'x' }
  loop.self = { list: [loop] }
  return loop
}

const BAD_METADATA: [string, unknown, RegExp][] = [
  ['null', null, /must be a plain object, not null/],
  ['a string', 'text', /must be a plain object, not a string/],
  ['a number', 5, /must be a plain object, not a number/],
  ['an array', [1], /must be a plain object, not an array/],
  ['a Date', new Date(0), /must be a plain object, not an instance of Date/],
  ['a Map', new Map([['a', 1]]), /must be a plain object, not an instance of Map/],
  ['a class instance', new Point(), /must be a plain object, not an instance of Point/],
  ['a function', () => 1, /must be a plain object, not a function/],
  [
    'with a class instance',
    { point: new Point() },
    /field point must be a plain object, not an instance of Point/,
  ],
  ['with a function', { f: () => 1 }, /field f must be a JSON value or a Date, not a function/],
  ['with a BigInt', { n: { deep: [1n] } }, /field n\.deep\[0\] must be a JSON value or a Date, not a bigint/],
  ['with a symbol', { s: Symbol('s') }, /field s must be a JSON value or a Date, not a symbol/],
  ['with a symbol key', { [Symbol('s')]: 1 }, /must not have symbol keys/],
  ['with NaN', { n: Number.NaN }, /field n must be a finite number, not NaN/],
  ['with Infinity', { n: [Number.POSITIVE_INFINITY] }, /field n\[0\] must be a finite number/],
  ['with an invalid Date', { at: new Date(Number.NaN) }, /field at is an invalid Date/],
  ['with a false Date', { at: Object.create(Date.prototype) }, /could not be read/],
  ['with undefined in an array', { list: [1, undefined] }, /field list\[1\] must be/],
  ['with a sparse array', { list: withHole([1, 2, 3]) }, /field list\[1\] must be/],
  [
    'with a typed array',
    { bytes: Uint8Array.of(1) },
    /field bytes must be a plain object, not an instance of Uint8Array/,
  ],
  ['with a RegExp', { pattern: /x/ }, /instance of RegExp/],
  ['cyclic', cycle(), /refers back to an object it is part of/],
  ['101 levels deep', nested(101), /nested deeper than 100/],
  ['10 000 levels deep', nested(10_000), /nested deeper than 100/],
  ['of two MiB', { text: 'x'.repeat(2 ** 21) }, /takes more than 1048576 bytes/],
  [
    'of one MiB and a little in wide characters',
    { text: '語'.repeat(349_526) },
    /takes more than 1048576 bytes/,
  ],
  ['of many small values', { list: new Array(700_000).fill(0) }, /takes more than 1048576 bytes/],
  ['with an endless sparse array', { list: new Array(2 ** 32 - 1) }, /takes more than 1048576 bytes/],
  [
    'with a getter that throws',
    {
      get kind() {
        throw new Error('MDB_PANIC')
      },
    },
    /could not be read/,
  ],
  ['a proxy that throws', throwing({ kind: 1 }, ['kind']), /could not be read/],
  [
    'a revoked proxy',
    (() => {
      const { proxy, revoke } = Proxy.revocable({}, {})
      revoke()
      return proxy
    })(),
    /could not be read/,
  ],
  ['with a dotted key', { 'a.b': 1 }, /key that is not allowed: "a\.b"/],
  ['with an operator key', { $set: 1 }, /key that is not allowed: "\$set"/],
  ['with a nested operator key', { a: [{ $date: 5 }] }, /key that is not allowed: "\$date"/],
  ['with __proto__', JSON.parse('{"__proto__": {"polluted": true}}'), /key that is not allowed: "__proto__"/],
  ['with a nested __proto__', { a: JSON.parse('{"__proto__": 1}') }, /key that is not allowed: "__proto__"/],
  ['with a lone surrogate in a key', { '\ud800': 1 }, /lone surrogate/],
]

describe('metadata that is', () => {
  test.each(BAD_METADATA)('%s is refused everywhere', async (_name, metadata, message) => {
    const record = { id: 'x', vector: [1, 2, 3], metadata }
    await expectRefusal(() => notes().upsert(record), 'METADATA_INVALID', message)
    await expectRefusal(() => notes().insert([GOOD, record]), 'METADATA_INVALID', message)
    await expectRefusal(
      () => notes().update('a', { metadata, vector: [1, 1, 1] }),
      'METADATA_INVALID',
      message,
    )
    await expectRefusal(() => notes().update({ filter: {} }, { metadata }), 'METADATA_INVALID', message)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  test('grown too large by an update, also in one record of many', async () => {
    const { store } = refuser
    const grown = await store.createCollection('grown', { dimensions: 1, metric: 'dot' })
    await grown.upsert([
      { id: 'small', vector: [1] },
      { id: 'large', vector: [2], metadata: { text: 'x'.repeat(700_000) } },
    ])
    const before = store.getStats().log.headSeq
    const metadata = { more: 'y'.repeat(400_000) }
    await expectRefusal(() => grown.update('large', { metadata }), 'METADATA_INVALID', /takes more than/)
    await expectRefusal(
      () => grown.update('large', { metadata, vector: [9] }),
      'METADATA_INVALID',
      /takes more than/,
    )
    await expectRefusal(
      () => grown.update({ filter: {} }, { metadata }),
      'METADATA_INVALID',
      /takes more than/,
    )
    expect(await grown.get('small', { includeVector: true })).toEqual({
      id: 'small',
      metadata: {},
      vector: Float32Array.of(1),
    })
    const large = await grown.get('large', { includeVector: true })
    expect(large).toEqual({
      id: 'large',
      metadata: { text: 'x'.repeat(700_000) },
      vector: Float32Array.of(2),
    })
    expect(store.getStats().log.headSeq).toBe(before)
    await store.dropCollection('grown')
    await rebase()
  })
})

/** The rest of the tests compare with a store that never had this test's writes. */
async function rebase(): Promise<void> {
  await refuser.store.close()
  await rm(join(directory, 'store'), { recursive: true })
  refuser = await Refuser.open(join(directory, 'store'))
}

describe('a patch', () => {
  test('that sets and unsets one field', async () => {
    const patch = { metadata: { kind: 'x', other: 1 }, unset: ['deep', 'kind'] }
    await expectRefusal(() => notes().update('a', patch), 'METADATA_INVALID', /"kind" is both set and unset/)
    await expectRefusal(() => notes().update({ filter: {} }, patch), 'METADATA_INVALID', /both set and unset/)
  })

  test.each([
    ['a string', 'kind', 'OPTIONS_INVALID', /unset must be an array/],
    ['an object', { kind: true }, 'OPTIONS_INVALID', /unset must be an array/],
    ['null', null, 'OPTIONS_INVALID', /unset must be an array/],
    ['numbers', [1], 'OPTIONS_INVALID', /unset must be an array/],
    ['a hole', withHole(['deep', 'at', 'list']), 'OPTIONS_INVALID', /unset must be an array/],
    ['a path', ['deep.x'], 'METADATA_INVALID', /not allowed: "deep\.x"/],
    ['__proto__', ['__proto__'], 'METADATA_INVALID', /not allowed: "__proto__"/],
    ['an operator', ['$set'], 'METADATA_INVALID', /not allowed: "\$set"/],
    ['a lone surrogate', ['\ud800'], 'METADATA_INVALID', /lone surrogate/],
  ] as [string, unknown, ReplivecErrorCode, RegExp][])(
    'that unsets %s',
    async (_name, unset, code, message) => {
      await expectRefusal(() => notes().update('a', { unset, metadata: { fresh: 1 } }), code, message)
      await expectRefusal(() => notes().update({ filter: {} }, { unset }), code, message)
    },
  )

  test('that is none', async () => {
    for (const patch of [undefined, null, 'x', 5, [], [{ metadata: {} }], () => ({})]) {
      await expectRefusal(
        () => notes().update('a', patch),
        'OPTIONS_INVALID',
        /The patch must be an object with vector, /,
      )
    }
  })

  test('of many that brings a vector, or selects nothing sayable', async () => {
    const vector = [1, 2, 3]
    await expectRefusal(
      () => notes().update({ filter: {} }, { vector }),
      'OPTIONS_INVALID',
      /update vectors by id/,
    )
    await expectRefusal(
      () => notes().update(['a'], { metadata: { kind: 'x' } }),
      'ID_INVALID',
      /non-empty string/,
    )
    for (const target of [{}, { id: 'a' }]) {
      await expectRefusal(
        () => notes().update(target, { metadata: { kind: 'x' } }),
        'OPTIONS_INVALID',
        /\{ filter \}/,
      )
    }
    await expectRefusal(() => notes().delete({}), 'OPTIONS_INVALID', /\{ filter: \{\} \} selects all/)
  })

  test('that unsets what every object inherits touches no prototype', async () => {
    const { position } = await notes().update('a', {})
    expect(position).toEqual(refuser.store.getStats().position)
    const store = await import('../../lib/store/vector-store.js').then(({ VectorStore }) =>
      VectorStore.open(),
    )
    const own = await store.createCollection('own', { dimensions: 1, metric: 'dot' })
    await own.upsert({
      id: 'x',
      vector: [1],
      metadata: { constructor: 'mine', toString: 'text', kept: true },
    })
    await own.update('x', { unset: ['constructor', 'hasOwnProperty'], metadata: { valueOf: 1 } as never })
    expect(await own.get('x')).toEqual({ id: 'x', metadata: { toString: 'text', kept: true, valueOf: 1 } })
    expect(typeof {}.hasOwnProperty).toBe('function')
    expect({}.constructor).toBe(Object)
    await store.close()
  })
})

test('after all of it the store writes, finds, verifies and opens again', async () => {
  await refuser.expectUsable(join(directory, 'store'))
  await rm(join(directory, 'store'), { recursive: true })
  refuser = await Refuser.open(join(directory, 'store'))
})
