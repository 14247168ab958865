import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { changedSecret, prepareSecret, type Secret, weakKeys } from '../../lib/replication/secret.js'

const STRONG = 'hunter2-and-much-more-than-that'
const ids = (count: number) => Array.from({ length: count }, (_, at) => `key-${at}`)
const named = (names: readonly string[]) => Object.fromEntries(names.map((id) => [id, `${STRONG} ${id}`]))
const texts = (secret: unknown) => {
  const ring = prepareSecret('secret', secret)
  return [ring?.activeId, ring && [...ring.keys].map(([id, key]) => [id, Buffer.from(key).toString()])]
}

function thrown(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

describe('a secret', () => {
  test('is none where none is given', () => {
    expect(prepareSecret('secret', undefined)).toBeUndefined()
  })

  test.each([
    ['a letter', 'x'],
    ['a long text', STRONG],
    ['of other letters', 'ключ 🔑'],
    ['a space', ' '],
    ['a zero', '\0'],
    ['of 100 000 letters', 'a'.repeat(100_000)],
  ])('that is %s is the key default', (_what, secret) => {
    expect(texts(secret)).toEqual(['default', [['default', secret]]])
  })

  test('that is a text is its UTF-8', () => {
    const bytes = prepareSecret('secret', 'é🔑')?.keys.get('default')
    expect(bytes).toEqual(Buffer.of(0xc3, 0xa9, 0xf0, 0x9f, 0x94, 0x91))
  })

  test('of several keys has the active one among them, in their order', () => {
    const secret: Secret = { active: 'new', keys: { old: 'before', new: 'after' } }
    expect(texts(secret)).toEqual([
      'new',
      [
        ['old', 'before'],
        ['new', 'after'],
      ],
    ])
  })

  test.each<[string, unknown]>([
    ['without a prototype', Object.assign(Object.create(null), { active: 'a', keys: { a: 'one' } })],
    ['whose keys have no prototype', { active: 'a', keys: Object.assign(Object.create(null), { a: 'one' }) }],
    ['of another realm', runInNewContext("({ active: 'a', keys: { a: 'one' } })")],
    ['that is frozen', Object.freeze({ active: 'a', keys: Object.freeze({ a: 'one' }) })],
  ])('may be an object %s', (_what, secret) => {
    expect(texts(secret)).toEqual(['a', [['a', 'one']]])
  })

  test.each([
    'a',
    'A-Z.a_z.0-9',
    '-',
    '.',
    '..',
    '0',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'x'.repeat(128),
  ])('may have a key of the id %s', (id) => {
    const keys = Object.fromEntries([
      ['other', 'one'],
      [id, 'two'],
    ])
    const ring = prepareSecret('secret', { active: id, keys })
    expect([ring?.activeId, [...(ring?.keys.keys() ?? [])].sort()]).toEqual([id, ['other', id].sort()])
    expect(Buffer.from(ring?.keys.get(id) as Uint8Array).toString()).toBe('two')
  })

  test('may have 64 keys', () => {
    const ring = prepareSecret('secret', { active: 'key-63', keys: named(ids(64)) })
    expect([ring?.activeId, [...(ring?.keys.keys() ?? [])]]).toEqual(['key-63', ids(64)])
  })

  test('is a copy: what is done to the object later changes nothing', () => {
    const secret = { active: 'a', keys: { a: 'one' } as Record<string, string> }
    const ring = prepareSecret('secret', secret)
    Object.assign(secret, { active: 'b' })
    Object.assign(secret.keys, { a: 'two', b: 'three' })
    expect([ring?.activeId, ring?.keys.size, ring?.keys.get('a')]).toEqual(['a', 1, Buffer.from('one')])
  })
})

class Holder {
  readonly #kept = STRONG
  get length() {
    return this.#kept.length
  }
}

const WHOLE = 'The option given must be a text that is not empty, or { active, keys }.'
const TEXTS = 'The option given must be made of texts that are not empty, and well-formed.'
const KEY_TEXTS = 'The option given.keys must be made of texts that are not empty, and well-formed.'
const KEY_IDS = 'The option given.keys must be keys by ids of 1 to 128 of the characters A–Z a–z 0–9 . _ -.'
const ACTIVE = 'The option given.active must be the id of one of its keys.'

const REFUSED: readonly (readonly [string, unknown, string])[] = [
  ['an empty text', '', TEXTS],
  ['null', null, WHOLE],
  ['false', false, WHOLE],
  ['a number', 12_345, WHOLE],
  ['a symbol', Symbol(STRONG), WHOLE],
  ['a function', () => STRONG, WHOLE],
  ['bytes', Buffer.from(STRONG), WHOLE],
  ['a boxed text', new String(STRONG), WHOLE],
  ['a list', [STRONG], WHOLE],
  ['a map', new Map([['active', STRONG]]), WHOLE],
  ['an empty object', {}, WHOLE],
  ['an instance of something else', new Holder(), WHOLE],
  ['keys alone', { keys: { a: STRONG } }, WHOLE],
  ['an active key alone', { active: STRONG }, WHOLE],
  ['an active key that is no text', { active: 1, keys: { 1: STRONG } }, WHOLE],
  ['keys that are a text', { active: 'a', keys: STRONG }, WHOLE],
  ['keys that are a list', { active: '0', keys: [STRONG] }, WHOLE],
  ['keys that are a map', { active: 'a', keys: new Map([['a', STRONG]]) }, WHOLE],
  ['keys that are null', { active: 'a', keys: null }, WHOLE],
  ['another property', { active: 'a', keys: { a: STRONG }, [STRONG]: STRONG }, WHOLE],
  ['a key under a misspelled name', { active: 'a', keys: { a: STRONG }, key: STRONG }, WHOLE],
  ['no keys', { active: 'a', keys: {} }, ACTIVE],
  ['an active key that is not there', { active: STRONG, keys: { a: STRONG } }, ACTIVE],
  ['an active key of the prototype', { active: 'constructor', keys: { a: STRONG } }, ACTIVE],
  ['an active __proto__ that is no key', { active: '__proto__', keys: { a: STRONG } }, ACTIVE],
  ['an active key that is inherited', { active: 'a', keys: Object.create({ a: STRONG }) }, ACTIVE],
  ['an active key in other letters', { active: 'A', keys: { a: STRONG } }, ACTIVE],
  ['an empty key', { active: 'a', keys: { a: STRONG, b: '' } }, KEY_TEXTS],
  ['a key that is undefined', { active: 'a', keys: { a: undefined } }, KEY_TEXTS],
  ['a key that is bytes', { active: 'a', keys: { a: STRONG, b: Buffer.from(STRONG) } }, KEY_TEXTS],
  ['a key that is an object', { active: 'a', keys: { a: { secret: STRONG } } }, KEY_TEXTS],
  ['an empty id', { active: '', keys: { '': STRONG } }, KEY_IDS],
  ['an id with a space', { active: 'a', keys: { a: STRONG, 'b c': STRONG } }, KEY_IDS],
  ['an id with a line break at its end', { active: 'a\n', keys: { 'a\n': STRONG } }, KEY_IDS],
  ['an id with a letter that is not of ASCII', { active: 'é', keys: { é: STRONG } }, KEY_IDS],
  ['an id of 129 characters', { active: 'a', keys: { a: STRONG, ['x'.repeat(129)]: STRONG } }, KEY_IDS],
  ['a secret for an id', { active: 'a', keys: { a: STRONG, [`${STRONG}!`]: 'a' } }, KEY_IDS],
  ['65 keys', { active: 'key-0', keys: named(ids(65)) }, 'The option given.keys must be at most 64 keys.'],
]

describe('refused is', () => {
  test.each(REFUSED)('%s, without a word of what it was', (_what, secret, message) => {
    const error = thrown(() => prepareSecret('given', secret))
    const option = /^The option (\S+) /.exec(message)?.[1]
    expect(error).toMatchObject({ code: 'OPTIONS_INVALID', message, details: { option } })
    const told = JSON.stringify([error.message, { ...error }, error.cause ?? null, String(error.stack)])
    expect(told).not.toContain(STRONG)
    expect(told).not.toContain('12345')
  })

  test('what changes secrets too, by the name that it has there', () => {
    for (const [, secret, message] of REFUSED)
      expect(thrown(() => changedSecret(secret)).message).toBe(message.replace('given', 'secret'))
  })
})

describe('secrets that take the place of others', () => {
  test('are prepared like the first ones', () => {
    expect(changedSecret(STRONG)).toEqual(prepareSecret('secret', STRONG))
    const several = { active: 'b', keys: { a: 'one', b: 'two' } }
    expect(changedSecret(several)).toEqual(prepareSecret('secret', several))
  })

  test('cannot be none: a cluster does not lose its secret by a slip', () => {
    expect(thrown(() => changedSecret(undefined))).toMatchObject({
      ...{ code: 'OPTIONS_INVALID', details: { option: 'secret' } },
      message: 'The option secret must be a text that is not empty, or { active, keys }.',
    })
  })
})

describe('a weak key', () => {
  test.each<[string, string, boolean]>([
    ['one letter', 'x', true],
    ['15 letters', 'x'.repeat(15), true],
    ['16 letters', 'x'.repeat(16), false],
    ['7 letters of 2 bytes and one of 1', `${'é'.repeat(7)}x`, true],
    ['8 letters of 2 bytes', 'é'.repeat(8), false],
    ['5 letters of 3 bytes', '複'.repeat(5), true],
    ['6 letters of 3 bytes', '複'.repeat(6), false],
    ['3 signs of 4 bytes', '🔑'.repeat(3), true],
    ['4 signs of 4 bytes', '🔑'.repeat(4), false],
  ])('is told by its bytes: %s', (_what, secret, isWeak) => {
    expect(weakKeys(changedSecret(secret))).toEqual(isWeak ? ['default'] : [])
  })

  test('is told by its id, whether it is the active one or not', () => {
    const keys = { strong: STRONG, ...{ short: 'x', 'short-too': 'é' } }
    expect(weakKeys(changedSecret({ active: 'strong', keys }))).toEqual(['short', 'short-too'])
    expect(weakKeys(changedSecret({ active: 'short', keys }))).toEqual(['short', 'short-too'])
  })
})

test.each(['\ud800'.repeat(16), 'half \udfff of one'])('halves of characters are no secret', (secret) => {
  expect(() => prepareSecret('given', secret)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }))
})
