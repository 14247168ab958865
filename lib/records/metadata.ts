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
  // Taken while it is in use: a getter of the caller's may come here again.
  const check = idleCheck ?? new MetadataCheck()
  idleCheck = undefined
  let json: string
  try {
    check.object(metadata, 0)
    json = JSON.stringify(check.isPlain ? metadata : toPlain(metadata))
  } catch (error) {
    if (ReplivecError.is(error)) throw error
    throw invalid('', 'could not be read: a getter or a proxy threw', error)
  }
  check.reset()
  idleCheck = check
  return checkSize(json)
}

/** The metadata of a record from its stored form. Every call makes a fresh object. */
export function decodeMetadata(json: string): Metadata {
  const plain = JSON.parse(json) as Metadata
  return json.includes(`"${DATE_KEY}"`) ? (withDates(plain) as Metadata) : plain
}

/** A deep copy. By hand: `structuredClone` of ten records takes 15 times as long. */
export function copyMetadata(fields: Metadata): Metadata {
  const copy = { ...fields }
  for (const key of Object.keys(copy)) {
    const value = copy[key]
    if (typeof value === 'object' && value !== null) copy[key] = copyValue(value)
  }
  return copy
}

function copyValue(value: object): object {
  if (Array.isArray(value)) return value.map(copyElement)
  return value instanceof Date ? new Date(value.getTime()) : copyMetadata(value as Metadata)
}

function copyElement(element: unknown): unknown {
  return typeof element === 'object' && element !== null ? copyValue(element) : element
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
  if (isUsableKey(key)) return
  // The log holds the names of removed fields as UTF-8, which has no lone surrogates.
  if (!key.isWellFormed()) throw invalid(path, `has a key with a lone surrogate: ${JSON.stringify(key)}`)
  throw invalid(
    path,
    `has a key that is not allowed: ${JSON.stringify(key)}. Keys must not contain ".", begin with "$" or be "__proto__"`,
  )
}

function isUsableKey(key: string): boolean {
  return !key.includes('.') && key.charCodeAt(0) !== 36 && key !== '__proto__' && key.isWellFormed()
}

/** Checks metadata value by value. Bounded by the encoded size, so shared parts end; cyclic ones are found. */
class MetadataCheck {
  /** `JSON.stringify` writes it as it is: no dates, nothing that writes itself. */
  isPlain = true
  #bytesLeft = METADATA_BYTES_MAX
  readonly #ancestors: unknown[] = []
  /** Keys and places from the top to the value being checked. */
  readonly #trail: (string | number)[] = []

  /** After a check that found nothing wrong. */
  reset(): void {
    this.isPlain = true
    this.#bytesLeft = METADATA_BYTES_MAX
  }

  object(value: unknown, depth: number): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.#invalid(`must be a plain object, not ${describe(value)}`)
    }
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      throw this.#invalid(`must be a plain object, not ${describe(value)}`)
    }
    if (Object.getOwnPropertySymbols(value).length > 0) throw this.#invalid('must not have symbol keys')
    this.#enter(value, depth)
    const keys = Object.keys(value)
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string
      const field = (value as Metadata)[key]
      if (field === undefined) continue
      if (!isUsableKey(key)) checkKey(key, pathOf(this.#trail))
      this.#spend(key.length + 3)
      this.#trail.push(key)
      this.#value(field, depth + 1)
      this.#trail.pop()
    }
    this.#ancestors.pop()
  }

  #value(value: unknown, depth: number): void {
    if (typeof value === 'string') this.#spend(value.length)
    else if (typeof value === 'number') this.#number(value)
    else if (Array.isArray(value)) this.#array(value, depth)
    else if (value instanceof Date) this.#date(value)
    else if (typeof value === 'object' && value !== null) this.object(value, depth)
    else if (typeof value !== 'boolean' && value !== null) {
      throw this.#invalid(`must be a JSON value or a Date, not ${describe(value)}`)
    }
  }

  #number(number: number): void {
    if (!Number.isFinite(number)) throw this.#invalid(`must be a finite number, not ${String(number)}`)
    this.#spend(1)
  }

  #date(date: Date): void {
    if (Number.isNaN(Date.prototype.getTime.call(date))) throw this.#invalid('is an invalid Date')
    this.#spend(11)
    this.isPlain = false
  }

  #array(array: readonly unknown[], depth: number): void {
    this.#enter(array, depth)
    this.#spend(array.length)
    for (let i = 0; i < array.length; i++) {
      this.#trail.push(i)
      this.#value(array[i], depth + 1)
      this.#trail.pop()
    }
    this.#ancestors.pop()
  }

  #enter(value: object, depth: number): void {
    if (depth > DEPTH_MAX) throw this.#invalid(`is nested deeper than ${DEPTH_MAX} levels`)
    if (depth > 0 && this.#ancestors.includes(value))
      throw this.#invalid('refers back to an object it is part of')
    if ('toJSON' in value) this.isPlain = false
    this.#ancestors.push(value)
  }

  #spend(bytes: number): void {
    this.#bytesLeft -= bytes
    if (this.#bytesLeft < 0) throw tooLarge(pathOf(this.#trail))
  }

  #invalid(problem: string): ReplivecError {
    return invalid(pathOf(this.#trail), problem)
  }
}

/** One for all calls, which are synchronous: a new one has two arrays to grow. */
let idleCheck: MetadataCheck | undefined

/** A copy of checked metadata that `JSON.stringify` writes as it is. */
function toPlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return { [DATE_KEY]: Date.prototype.getTime.call(value) }
  if (Array.isArray(value)) return Array.from(value, toPlain)
  const copy: Metadata = {}
  for (const key of Object.keys(value)) copy[key] = toPlain((value as Metadata)[key])
  return copy
}

function pathOf(trail: readonly (string | number)[]): string {
  let path = ''
  for (const step of trail) path += typeof step === 'number' ? `[${step}]` : path === '' ? step : `.${step}`
  return path
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
