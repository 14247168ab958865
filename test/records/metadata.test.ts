import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeMetadata,
  encodeMetadata,
  METADATA_BYTES_MAX,
  type Metadata,
  mergeMetadata,
} from '../../lib/records/metadata.js'

const text = fc.string({ unit: 'binary', maxLength: 8 })
/** Any code units, so lone surrogates too. */
const units = fc
  .array(fc.integer({ min: 0xd700, max: 0xe0ff }), { maxLength: 4 })
  .map((codes) => String.fromCharCode(...codes))
const key = fc
  .oneof(text, fc.constantFrom('constructor', 'toString', '0', '-1', 'é', ' $', 'date', ''))
  .filter(
    (name) => !name.includes('.') && !name.startsWith('$') && name !== '__proto__' && name.isWellFormed(),
  )
const leaf = fc.oneof(
  text,
  units,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 5e-324, Number.MAX_VALUE, 2 ** 53 + 2, -1e21),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
)
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('tree'), { maxLength: 4 }), tie('object')),
  object: fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
}))
const metadata = fc.dictionary(key, tree, { maxKeys: 5 }) as fc.Arbitrary<Metadata>

/** JSON has no −0; everything else comes back as it went. */
function withoutNegativeZero(value: unknown): unknown {
  if (Object.is(value, -0)) return 0
  if (Array.isArray(value)) return value.map(withoutNegativeZero)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, withoutNegativeZero(field)]))
}

function refusal(given: unknown): { code: string; path: unknown; message: string } | undefined {
  try {
    encodeMetadata(given)
  } catch (error) {
    const { code, details, message } = error as { code: string; details: { path: string }; message: string }
    return { code, path: details.path, message }
  }
  return undefined
}

describe('metadata', () => {
  test('comes back as it was written', () => {
    fc.assert(
      fc.property(metadata, (given) => {
        const json = encodeMetadata(given)
        expect(decodeMetadata(json)).toEqual(withoutNegativeZero({ ...given }))
        expect(encodeMetadata(decodeMetadata(json))).toBe(json)
        expect(json.isWellFormed()).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('is a fresh object with fresh dates at every reading', () => {
    const when = new Date(86_400_000)
    const json = encodeMetadata({ when, list: [when], text: '"$date"' })
    const [first, second] = [decodeMetadata(json), decodeMetadata(json)]
    expect(first).toEqual({ when, list: [when], text: '"$date"' })
    expect(first.when).toBeInstanceOf(Date)
    expect(first.when).not.toBe(second.when)
  })

  test('leaves out fields that are undefined, at any depth', () => {
    expect(decodeMetadata(encodeMetadata({ a: undefined, b: { c: undefined, d: 1 } }))).toEqual({
      b: { d: 1 },
    })
    expect(encodeMetadata({ a: undefined })).toBe('{}')
  })

  test('takes objects without a prototype, and toJSON that is a value', () => {
    const bare = Object.assign(Object.create(null) as Metadata, { a: 1 })
    expect(decodeMetadata(encodeMetadata(bare))).toEqual({ a: 1 })
    expect(decodeMetadata(encodeMetadata({ toJSON: 'no function' }))).toEqual({ toJSON: 'no function' })
  })

  test.each<[string, unknown, string]>([
    ['null', null, ''],
    ['an array', [], ''],
    ['a string', 'text', ''],
    ['a Map', new Map(), ''],
    ['a Date', new Date(), ''],
    ['a boxed number', { a: Object(1) }, 'a'],
    ['NaN', { a: { b: Number.NaN } }, 'a.b'],
    ['an infinity', { a: [1, Number.NEGATIVE_INFINITY] }, 'a[1]'],
    ['a function', { a: () => 1 }, 'a'],
    ['a symbol', { a: Symbol('s') }, 'a'],
    ['a BigInt', { a: [{ b: 1n }] }, 'a[0].b'],
    ['undefined in an array', { a: [undefined] }, 'a[0]'],
    ['a hole', { a: Object.assign([1], { 2: 3 }) }, 'a[1]'],
    ['an invalid date', { a: new Date(Number.NaN) }, 'a'],
    ['a class', { a: new (class Point {})() }, 'a'],
    ['a symbol key', { a: { [Symbol('s')]: 1 } }, 'a'],
    ['a dot in a key', { a: { 'b.c': 1 } }, 'a'],
    ['a leading $', { $set: 1 }, ''],
    ['$date', { a: { $date: 5 } }, 'a'],
    ['__proto__', JSON.parse('{"a":{"__proto__":1}}'), 'a'],
    ['a lone surrogate in a key', { '\ud800': 1 }, ''],
  ])('refuses %s and says where', (_name, given, path) => {
    expect(refusal(given)).toMatchObject({ code: 'METADATA_INVALID', path })
  })

  test('refuses cycles, but not one object in two places', () => {
    const cycle: Metadata = { list: [] }
    ;(cycle.list as unknown[]).push({ back: cycle })
    expect(refusal(cycle)).toMatchObject({ code: 'METADATA_INVALID', path: 'list[0].back' })
    const shared = { x: 1 }
    expect(decodeMetadata(encodeMetadata({ a: shared, b: [shared, shared] }))).toEqual({
      a: { x: 1 },
      b: [{ x: 1 }, { x: 1 }],
    })
  })

  test('refuses a getter that throws, with its error as the cause', () => {
    const given = {
      get a(): number {
        throw new Error('nothing here')
      },
    }
    expect(() => encodeMetadata(given)).toThrow(
      expect.objectContaining({ code: 'METADATA_INVALID', cause: new Error('nothing here') }),
    )
  })

  test('goes 100 levels deep and no deeper', () => {
    const nested = (levels: number): Metadata =>
      Array.from({ length: levels }).reduce<Metadata>((inner) => ({ a: inner }), {})
    expect(decodeMetadata(encodeMetadata(nested(100)))).toEqual(nested(100))
    expect(refusal(nested(101))).toMatchObject({ code: 'METADATA_INVALID' })
    expect(refusal(nested(20_000))).toMatchObject({ code: 'METADATA_INVALID' })
  })

  test('takes exactly 1 MiB when encoded, whatever it is made of', () => {
    const frame = encodeMetadata({ a: '' }).length
    const room = METADATA_BYTES_MAX - frame
    const dates = Math.floor((METADATA_BYTES_MAX - '{"a":[]}'.length + 1) / '{"$date":0},'.length)
    const full: [string, unknown][] = [
      ['ASCII', { a: 'x'.repeat(room) }],
      ['three bytes each', { a: `${'€'.repeat(Math.floor(room / 3))}${'x'.repeat(room % 3)}` }],
      ['escapes of six bytes', { a: `${'\ud800'.repeat(Math.floor(room / 6))}${'x'.repeat(room % 6)}` }],
      ['dates of the epoch', { a: Array.from({ length: dates }, () => new Date(0)) }],
    ]
    for (const [name, given] of full) expect([name, refusal(given)]).toEqual([name, undefined])
    for (const [name, given] of full) {
      const more = { ...(given as Metadata), more: 'xxxxx' }
      expect([name, refusal(more)?.code]).toEqual([name, 'METADATA_INVALID'])
    }
    expect(refusal({ a: new Array(5_000_000).fill('') })).toMatchObject({ code: 'METADATA_INVALID' })
  })
})

describe('merged metadata', () => {
  const parts = fc.tuple(
    metadata,
    metadata,
    fc.array(fc.oneof(key, fc.constantFrom('a', 'b')), { maxLength: 3 }),
  )

  test('is what a shallow merge gives', () => {
    fc.assert(
      fc.property(parts, ([old, set, unset]) => {
        const expected: Metadata = { ...old, ...set }
        for (const field of unset) delete expected[field]
        const merged = mergeMetadata(encodeMetadata(old), encodeMetadata(set), unset)
        expect(decodeMetadata(merged)).toEqual(withoutNegativeZero(expected))
      }),
    )
  })

  test('replaces whole fields, dates too, and removes even what it has just set', () => {
    const old = encodeMetadata({ a: { x: 1 }, b: new Date(1), c: 3 })
    const merged = mergeMetadata(old, encodeMetadata({ a: { y: 2 }, b: new Date(2), d: 4 }), ['c', 'd', 'e'])
    expect(decodeMetadata(merged)).toEqual({ a: { y: 2 }, b: new Date(2) })
  })

  test('is refused when it grows too large, though both parts are not', () => {
    const half = 'x'.repeat(METADATA_BYTES_MAX / 2)
    expect(() => mergeMetadata(encodeMetadata({ a: half }), encodeMetadata({ b: half }), [])).toThrow(
      expect.objectContaining({ code: 'METADATA_INVALID' }),
    )
    const merged = mergeMetadata(encodeMetadata({ a: half }), encodeMetadata({ b: half }), ['a'])
    expect(decodeMetadata(merged)).toEqual({ b: half })
  })
})
