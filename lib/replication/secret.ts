import { ReplivecError } from '../errors.js'
import { ID_RULE, isId } from './protocol/id.js'
import type { KeyRing } from './protocol/key-ring.js'

/**
 * What the nodes of a cluster know and nobody else: a text, or several under names of their own, of which a node proves itself with the
 * `active` one and takes all. A text alone has the name `default`.
 */
export type Secret = string | { readonly active: string; readonly keys: Readonly<Record<string, string>> }

const SOLE_KEY_ID = 'default'
const KEYS_MAX = 64
/** Shorter secrets can be guessed by who has seen one proof; 16 random bytes cannot. */
const STRONG_BYTES = 16

/** @param option - its name in messages. @throws `OPTIONS_INVALID` naming the option */
export function prepareSecret(option: string, secret: unknown): KeyRing | undefined {
  if (secret === undefined) return undefined
  if (typeof secret === 'string')
    return { activeId: SOLE_KEY_ID, keys: new Map([[SOLE_KEY_ID, keyOf(option, secret)]]) }
  const { active, keys, ...others } = isPlain(secret) ? secret : { active: undefined, keys: undefined }
  if (!isPlain(keys) || typeof active !== 'string' || Object.keys(others).length > 0)
    throw invalid(option, 'a text that is not empty, or { active, keys }')
  const entries = Object.entries(keys)
  if (entries.length > KEYS_MAX) throw invalid(`${option}.keys`, `at most ${KEYS_MAX} keys`)
  for (const [id] of entries) if (!isId(id)) throw invalid(`${option}.keys`, `keys by ids of ${ID_RULE}`)
  if (!Object.hasOwn(keys, active)) throw invalid(`${option}.active`, 'the id of one of its keys')
  const ring = new Map(entries.map(([id, key]) => [id, keyOf(`${option}.keys`, key)]))
  return { activeId: active, keys: ring }
}

/** The secrets that take the place of others. @throws `OPTIONS_INVALID` */
export function changedSecret(secret: unknown): KeyRing {
  const keys = prepareSecret('secret', secret)
  if (!keys) throw invalid('secret', 'a text that is not empty, or { active, keys }')
  return keys
}

/** The ids of keys that are too short to withstand guessing. */
export function weakKeys(ring: KeyRing): string[] {
  return [...ring.keys].filter(([, key]) => key.byteLength < STRONG_BYTES).map(([id]) => id)
}

function keyOf(option: string, key: unknown): Uint8Array {
  // Halves of characters would all become the same byte sequence.
  if (typeof key !== 'string' || key === '' || /\p{Surrogate}/u.test(key))
    throw invalid(option, 'made of texts that are not empty, and well-formed')
  return Buffer.from(key)
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === '[object Object]'
}

/** Not a word of what was given: it may be a secret. */
function invalid(option: string, expected: string): ReplivecError {
  return new ReplivecError('OPTIONS_INVALID', `The option ${option} must be ${expected}.`, {
    details: { option },
  })
}
