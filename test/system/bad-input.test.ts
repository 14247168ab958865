import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
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
    await expectRefusal(() => notes().getMany(withHole(['a', 'c', 'b'])), 'ID_INVALID', /Entry 1/)
    await expectRefusal(() => notes().delete(withHole(['a', 'c', 'b'])), 'ID_INVALID', /Entry 1/)
    await expectRefusal(() => notes().getMany(new Array(2)), 'ID_INVALID', /Entry 0/)
  })

  test('not in an array at all', async () => {
    for (const ids of ['a', { 0: 'a', length: 1 }, new Set(['a']), null, undefined, 1]) {
      await expectRefusal(() => notes().getMany(ids), 'ID_INVALID', /as an array/)
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

/** The rest of the tests compare with a store that never had this test's writes. */
async function rebase(): Promise<void> {
  await refuser.store.close()
  await rm(join(directory, 'store'), { recursive: true })
  refuser = await Refuser.open(join(directory, 'store'))
}

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
