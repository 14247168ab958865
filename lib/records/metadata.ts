import { ReplivecError } from '../errors.js'

/** Largest encoded metadata of one record. */
export const METADATA_BYTES_MAX = 1024 * 1024
const DEPTH_MAX = 100
const DATE_KEY = '$date'

/** Metadata as callers see it: JSON values and dates by field name. */
export type Metadata = Record<string, unknown>

/**
 * Checks metadata and encodes it: JSON in which a date is `{"$date": epoch milliseconds}`. Callers cannot write such
 * an object themselves, because keys with a leading `$` are refused, so every value has one encoding.
 *
 * @throws `METADATA_INVALID`, saying which field is wrong
 */
export function encodeMetadata(metadata: unknown): string {
  const walk = new Walk()
  let plain: unknown
  try {
    plain = walk.object(metadata, '', 0)
  } catch (error) {
    if (ReplivecError.is(error)) throw error
    throw invalid('', 'could not be read: a getter or a proxy threw', error)
  }
  return checkSize(JSON.stringify(plain))
}

/** The metadata of a record from its stored form. Every call makes a fresh object. */
export function decodeMetadata(json: string): Metadata {
  const plain = JSON.parse(json) as Metadata
  return json.includes(`"${DATE_KEY}"`) ? (withDates(plain) as Metadata) : plain
}

/**
 * Stored metadata after a shallow merge.
 *
 * @param set - encoded metadata whose top-level fields replace those of `json`
 * @param unset - top-level fields to remove
 */
export function mergeMetadata(json: string, set: string, unset: readonly string[]): string {
  const merged = JSON.parse(json) as Metadata
  Object.assign(merged, JSON.parse(set))
  for (const field of unset) delete merged[field]
  return checkSize(JSON.stringify(merged))
}

/** Refuses a key that filters could not address or that has a meaning of its own. */
export function checkKey(key: string, path: string): void {
  if (key.includes('.') || key.startsWith('$') || key === '__proto__') {
    throw invalid(
      path,
      `has a key that is not allowed: ${JSON.stringify(key)}. Keys must not contain ".", begin with "$" or be "__proto__"`,
    )
  }
  // The log holds the names of removed fields as UTF-8, which has no lone surrogates.
  if (!key.isWellFormed()) throw invalid(path, `has a key with a lone surrogate: ${JSON.stringify(key)}`)
}

/** Copies metadata into plain JSON values, checking each. Bounded by the encoded size, so shared or cyclic parts end. */
class Walk {
  #bytesLeft = METADATA_BYTES_MAX
  readonly #ancestors: unknown[] = []

  object(value: unknown, path: string, depth: number): Metadata {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw invalid(path, `must be a plain object, not ${describe(value)}`)
    }
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      throw invalid(path, `must be a plain object, not ${describe(value)}`)
    }
    if (Object.getOwnPropertySymbols(value).length > 0) throw invalid(path, 'must not have symbol keys')
    this.#enter(value, path, depth)
    const copy: Metadata = {}
    for (const key of Object.keys(value)) {
      const field = (value as Metadata)[key]
      if (field === undefined) continue
      const fieldPath = path === '' ? key : `${path}.${key}`
      checkKey(key, path)
      this.#spend(key.length + 3, path)
      copy[key] = this.#value(field, fieldPath, depth + 1)
    }
    this.#ancestors.pop()
    return copy
  }

  #value(value: unknown, path: string, depth: number): unknown {
    switch (typeof value) {
      case 'string':
        this.#spend(value.length, path)
        return value
      case 'number':
        if (!Number.isFinite(value)) throw invalid(path, `must be a finite number, not ${String(value)}`)
        this.#spend(1, path)
        return value
      case 'boolean':
        return value
      case 'object':
        if (value === null) return null
        if (value instanceof Date) return this.#date(value, path)
        return Array.isArray(value) ? this.#array(value, path, depth) : this.object(value, path, depth)
      default:
        throw invalid(path, `must be a JSON value or a Date, not ${describe(value)}`)
    }
  }

  #date(date: Date, path: string): Metadata {
    const time = Date.prototype.getTime.call(date)
    if (Number.isNaN(time)) throw invalid(path, 'is an invalid Date')
    this.#spend(11, path)
    return { [DATE_KEY]: time }
  }

  #array(array: readonly unknown[], path: string, depth: number): unknown[] {
    this.#enter(array, path, depth)
    this.#spend(array.length, path)
    const copy: unknown[] = []
    for (let i = 0; i < array.length; i++) copy.push(this.#value(array[i], `${path}[${i}]`, depth + 1))
    this.#ancestors.pop()
    return copy
  }

  #enter(value: unknown, path: string, depth: number): void {
    if (depth > DEPTH_MAX) throw invalid(path, `is nested deeper than ${DEPTH_MAX} levels`)
    if (this.#ancestors.includes(value)) throw invalid(path, 'refers back to an object it is part of')
    this.#ancestors.push(value)
  }

  #spend(bytes: number, path: string): void {
    this.#bytesLeft -= bytes
    if (this.#bytesLeft < 0) throw tooLarge(path)
  }
}

function withDates(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withDates)
  const object = value as Metadata
  const time = object[DATE_KEY]
  if (typeof time === 'number') return new Date(time)
  for (const key of Object.keys(object)) object[key] = withDates(object[key])
  return object
}

function checkSize(json: string): string {
  if (json.length * 3 > METADATA_BYTES_MAX && Buffer.byteLength(json) > METADATA_BYTES_MAX) throw tooLarge('')
  return json
}

function tooLarge(path: string): ReplivecError {
  return invalid(
    path,
    `takes more than ${METADATA_BYTES_MAX} bytes when encoded; keep large content elsewhere and store a reference`,
  )
}

function invalid(path: string, problem: string, cause?: unknown): ReplivecError {
  const subject = path === '' ? 'The metadata' : `The metadata field ${path}`
  return new ReplivecError('METADATA_INVALID', `${subject} ${problem}.`, { cause, details: { path } })
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') {
    const name: unknown = (value as object).constructor?.name
    return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an object'
  }
  return `a ${typeof value}`
}
