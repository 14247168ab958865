import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ReplivecErrorCode } from '../../lib/errors.js'
import { expectRefusal, Refuser, throwing, withHole } from './refusal.js'

let directory: string
let refuser: Refuser

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'replivec-bad-input-'))
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

const BAD_VECTORS: [string, unknown, RegExp][] = [
  ['missing', undefined, /neither a Float32Array nor an array/],
  ['null', null, /neither a Float32Array nor an array/],
  ['a string', '1,2,3', /neither a Float32Array nor an array/],
  ['a number', 3, /neither a Float32Array nor an array/],
  ['an object', { 0: 1, 1: 2, 2: 3, length: 3 }, /neither a Float32Array nor an array/],
  ['a Float64Array', Float64Array.of(1, 2, 3), /neither a Float32Array nor an array/],
  ['an Int8Array', Int8Array.of(1, 2, 3), /neither a Float32Array nor an array/],
  ['a DataView', new DataView(new ArrayBuffer(12)), /neither a Float32Array nor an array/],
  ['an ArrayBuffer', new ArrayBuffer(12), /neither a Float32Array nor an array/],
  ['a Buffer', Buffer.alloc(12), /neither a Float32Array nor an array/],
  ['a Set', new Set([1, 2, 3]), /neither a Float32Array nor an array/],
  ['empty', [], /0 components; the collection has 3/],
  ['too short', [1, 2], /2 components; the collection has 3/],
  ['too long', Float32Array.of(1, 2, 3, 4), /4 components; the collection has 3/],
  ['very long', new Array(2 ** 31), /2147483648 components; the collection has 3/],
  ['nested', [[1], [2], [3]], /object as component 0/],
  ['sparse', withHole([1, 2, 3]), /undefined as component 1/],
  ['of holes', new Array(3), /undefined as component 0/],
  ['of strings', [1, 2, '3'], /string as component 2/],
  ['of null', [1, null, 3], /null as component 1/],
  ['of BigInt', [1n, 2n, 3n], /bigint as component 0/],
  ['of booleans', [true, false, true], /boolean as component 0/],
  ['of symbols', [Symbol('x'), 1, 1], /symbol as component 0/],
  ['with NaN', [1, Number.NaN, 3], /NaN as component 1/],
  ['with NaN in f32', Float32Array.of(1, 2, Number.NaN), /NaN as component 2/],
  ['with Infinity', [Number.POSITIVE_INFINITY, 2, 3], /Infinity as component 0/],
  ['with -Infinity', Float32Array.of(1, Number.NEGATIVE_INFINITY, 3), /-Infinity as component 1/],
  ['beyond f32', [1, 2, 1e39], /too large for 32-bit floats as component 2/],
  ['beyond f32, negative', [-1e39, 2, 3], /too large for 32-bit floats as component 0/],
  ['the largest double', [Number.MAX_VALUE, 2, 3], /too large for 32-bit floats as component 0/],
  ['zero under cosine', [0, 0, 0], /zero vector/],
  ['negative zero under cosine', Float32Array.of(-0, 0, -0), /zero vector/],
  ['zero as f32 under cosine', [1e-50, 0, 0], /zero vector/],
  [
    'a proxy that throws',
    new Proxy([1, 2, 3], {
      get: () => {
        throw new Error('MDB_PANIC')
      },
    }),
    /could not be read/,
  ],
  ['a proxy of a Float32Array', new Proxy(Float32Array.of(1, 2, 3), {}), /could not be read/],
]

describe('a vector that is', () => {
  test.each(BAD_VECTORS)('%s is refused everywhere', async (_name, vector, message) => {
    const record = { id: 'x', vector }
    await expectRefusal(() => notes().upsert(record), 'VECTOR_INVALID', message)
    await expectRefusal(() => notes().insert(record), 'VECTOR_INVALID', message)
    await expectRefusal(() => notes().upsert([GOOD, record]), 'VECTOR_INVALID', message)
    await expectRefusal(() => notes().updateVector('a', vector), 'VECTOR_INVALID', message)
    await expectRefusal(() => notes().search({ vector }), 'VECTOR_INVALID', message)
    await expectRefusal(
      () => notes().searchBatch([{ vector: [1, 0, 0] }, { vector }]),
      'VECTOR_INVALID',
      message,
    )
    await expectRefusal(() => notes().explain({ vector }), 'VECTOR_INVALID', message)
  })

  test.each(BAD_VECTORS.slice(1))('%s is refused in a patch', async (_name, vector, message) => {
    const patch = { vector, metadata: { kind: 'changed' } }
    await expectRefusal(() => notes().update('a', patch), 'VECTOR_INVALID', message)
  })

  test('detached', async () => {
    const vector = Float32Array.of(1, 2, 3)
    structuredClone(vector.buffer, { transfer: [vector.buffer] })
    await expectRefusal(() => notes().upsert({ id: 'x', vector }), 'VECTOR_INVALID', /0 components/)
  })

  test('wrong says which record of a batch it is in', async () => {
    const records = [GOOD, { id: 'x', vector: [1, 2, Number.NaN] }, { id: 'y', vector: [] }]
    await expectRefusal(() => notes().upsert(records), 'VECTOR_INVALID', /^Record 1 has NaN as component 2/)
  })
})

const BAD_IDS: [string, unknown, RegExp][] = [
  ['missing', undefined, /not a non-empty string/],
  ['null', null, /not a non-empty string/],
  ['empty', '', /not a non-empty string/],
  ['a number', 7, /not a non-empty string/],
  ['an object', { toString: () => 'a' }, /not a non-empty string/],
  ['a String object', new String('a'), /not a non-empty string/],
  ['a symbol', Symbol('a'), /not a non-empty string/],
  ['a BigInt', 1n, /not a non-empty string/],
  ['600 bytes long', 'x'.repeat(600), /longer than 512 bytes/],
  ['513 bytes in 171 characters', '語'.repeat(171), /longer than 512 bytes/],
  ['of a megabyte', 'x'.repeat(2 ** 20), /longer than 512 bytes/],
  ['a lone high surrogate', 'a\ud800', /lone surrogate/],
  ['a lone low surrogate', '\udc00a', /lone surrogate/],
  ['a swapped pair', '\ude00\ud83d', /lone surrogate/],
]

describe('an id that is', () => {
  test.each(BAD_IDS)('%s is refused everywhere', async (_name, id, message) => {
    const record = { id, vector: [1, 2, 3] }
    await expectRefusal(() => notes().upsert(record), 'ID_INVALID', message)
    await expectRefusal(() => notes().insert([GOOD, record]), 'ID_INVALID', message)
    await expectRefusal(() => notes().get(id), 'ID_INVALID', message)
    await expectRefusal(() => notes().getMany(['a', id]), 'ID_INVALID', message)
    await expectRefusal(() => notes().delete(['a', id]), 'ID_INVALID', message)
    await expectRefusal(() => notes().updateVector(id, [1, 2, 3]), 'ID_INVALID', message)
  })

  test.each(BAD_IDS.filter(([, id]) => typeof id !== 'object' || id === null))(
    '%s names no record to update or delete',
    async (_name, id, message) => {
      await expectRefusal(() => notes().update(id, { metadata: { kind: 'changed' } }), 'ID_INVALID', message)
      await expectRefusal(() => notes().delete(id), 'ID_INVALID', /id/)
    },
  )

  test('a hole in an array of ids', async () => {
    await expectRefusal(() => notes().getMany(withHole(['a', 'c', 'b'])), 'ID_INVALID', /Place 1/)
    await expectRefusal(() => notes().delete(withHole(['a', 'c', 'b'])), 'ID_INVALID', /Place 1/)
    await expectRefusal(() => notes().getMany(new Array(2)), 'ID_INVALID', /Place 0/)
  })

  test('not in an array at all', async () => {
    for (const ids of ['a', { 0: 'a', length: 1 }, new Set(['a']), null, undefined, 1]) {
      await expectRefusal(() => notes().getMany(ids), 'ID_INVALID', /not an array/)
    }
  })

  test('repeated in one insert, or present', async () => {
    const twice = [GOOD, { id: 'other', vector: [1, 2, 3] }, { id: 'good', vector: [3, 2, 1] }]
    await expectRefusal(
      () => notes().insert(twice),
      'ID_EXISTS',
      /"good" comes twice in one insert; nothing was written/,
    )
    const present = [GOOD, { id: 'b', vector: [1, 2, 3] }]
    await expectRefusal(
      () => notes().insert(present),
      'ID_EXISTS',
      /"b" exists; nothing was written. Use upsert/,
    )
  })

  test('unknown where one is needed', async () => {
    await expectRefusal(
      () => notes().update('nobody', { metadata: { kind: 'x' } }),
      'ID_NOT_FOUND',
      /use upsert/,
    )
    await expectRefusal(() => notes().updateVector('nobody', [1, 2, 3]), 'ID_NOT_FOUND', /use upsert/)
    await expectRefusal(() => notes().update('nobody', {}), 'ID_NOT_FOUND', /use upsert/)
  })
})

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
      await expectRefusal(() => notes().update('a', patch), 'OPTIONS_INVALID', /takes an object of options/)
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

describe('a batch', () => {
  test.each([
    ['undefined', undefined],
    ['null', null],
    ['a string', 'a'],
    ['a number', 5],
    ['a function', () => GOOD],
    ['a symbol', Symbol('x')],
  ])('that is %s', async (_name, records) => {
    await expectRefusal(() => notes().upsert(records), 'OPTIONS_INVALID', /give \{ id, vector, metadata\? \}/)
    await expectRefusal(() => notes().insert(records), 'OPTIONS_INVALID', /give \{ id, vector, metadata\? \}/)
    await expectRefusal(() => notes().upsert([GOOD, records]), 'OPTIONS_INVALID', /Record 1 is not an object/)
  })

  test('that nests, has holes, or is another kind of collection', async () => {
    await expectRefusal(() => notes().upsert([[GOOD]]), 'ID_INVALID', /Record 0 has an id/)
    await expectRefusal(
      () => notes().upsert(withHole([GOOD, GOOD, GOOD])),
      'OPTIONS_INVALID',
      /Record 1 is not an object/,
    )
    await expectRefusal(
      () => notes().upsert(new Array(2 ** 32 - 1)),
      'OPTIONS_INVALID',
      /Record 0 is not an object/,
    )
    await expectRefusal(() => notes().upsert(new Set([GOOD])), 'ID_INVALID', /The record has an id/)
    await expectRefusal(() => notes().upsert(new Map([['good', GOOD]])), 'ID_INVALID', /The record has an id/)
    await expectRefusal(
      () =>
        notes().upsert(
          (function* () {
            yield GOOD
          })(),
        ),
      'ID_INVALID',
      /The record has an id/,
    )
    await expectRefusal(() => notes().upsert(Promise.resolve(GOOD)), 'ID_INVALID', /The record has an id/)
  })

  test('with a record that cannot be read', async () => {
    await expectRefusal(
      () => notes().upsert([GOOD, throwing({ id: 'x' }, ['vector'])]),
      'OPTIONS_INVALID',
      /Record 1 could not be read/,
    )
    await expectRefusal(
      () => notes().upsert(throwing({}, ['id'])),
      'OPTIONS_INVALID',
      /The record could not be read/,
    )
  })

  test('of 65 MiB, however it is made up', async () => {
    const { store } = refuser
    const wide = await store.createCollection('wide', { dimensions: 65_536, metric: 'dot' })
    const before = store.getStats().log.headSeq
    const vector = new Float32Array(65_536).fill(0.5)
    const wideRecords = Array.from({ length: 260 }, (_, at) => ({ id: `v${at}`, vector }))
    await expectRefusal(() => wide.upsert(wideRecords), 'BATCH_TOO_LARGE', /64 MiB.*Split it/)
    await expectRefusal(() => wide.insert(wideRecords), 'BATCH_TOO_LARGE', /64 MiB.*Split it/)
    const text = 'x'.repeat(2 ** 20 - 100)
    const heavy = Array.from({ length: 65 }, (_, at) => ({
      id: `m${at}`,
      vector: [1, 2, 3],
      metadata: { text },
    }))
    await expectRefusal(() => notes().upsert(heavy), 'BATCH_TOO_LARGE', /64 MiB.*Split it/)
    const ids = new Array(150_000).fill('x'.repeat(500))
    await expectRefusal(() => wide.delete(ids), 'BATCH_TOO_LARGE', /64 MiB.*Split it/)
    expect(store.getStats().log.headSeq).toBe(before)
    expect(await wide.count()).toBe(0)
    await store.dropCollection('wide')
    await rebase()
  })
})

test('after all of it the store writes, finds, verifies and opens again', async () => {
  await refuser.expectUsable(join(directory, 'store'))
  await rm(join(directory, 'store'), { recursive: true })
  refuser = await Refuser.open(join(directory, 'store'))
})
