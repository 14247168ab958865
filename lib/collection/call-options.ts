import { ReplivecError } from '../errors.js'

/** The names of all options, for refusing misspelled ones. */
const READ = ['after', 'timeoutMs', 'signal'] as const
const WRITE = ['writeConcern', 'signal'] as const
const LONG = ['signal', 'onProgress'] as const
const COLLECTION = ['dimensions', 'metric', 'backend', 'indexed'] as const
const REPLICATION = [
  ...['role', 'transport', 'master', 'clusterId', 'members', 'authorize', 'writeConcern', 'discardLocal'],
  ...['heartbeatIntervalMs', 'laggingAfterMs', 'disconnectedAfterMs', 'retention'],
  ...['maxInFlightBytes', 'maxQueuedBytes', 'maxBytesPerSecond'],
  ...['secret', 'authenticateFrames', 'attemptLimit', 'compression'],
]
const SEARCH = [
  ...['vector', 'topK', 'filter', 'includeVector', 'includeMetadata', 'exact', 'ef', 'minScore'],
  ...READ,
]

/** The options of every call, by its name in messages: a misspelled one would silently not be obeyed. */
const knownOptions: Readonly<Record<string, ReadonlySet<string>>> = {
  open: new Set(['path', 'nodeId', 'durability', 'replication', 'cache', 'audit', 'clock', 'logger']),
  replication: new Set(REPLICATION),
  retention: new Set(['bytes', 'ageMs']),
  attemptLimit: new Set(['perMinute', 'lockoutMs']),
  compression: new Set(['codecs']),
  cache: new Set(['maxEntries', 'maxBytes', 'ttlMs']),
  audit: new Set(['key', 'maxFileBytes']),
  verifyAudit: new Set(['key', 'from', 'expected', 'nodeId', 'signal']),
  writeConcern: new Set(['w', 'level', 'timeoutMs']),
  createCollection: new Set([...COLLECTION, ...WRITE]),
  getOrCreateCollection: new Set([...COLLECTION, ...WRITE]),
  configure: new Set(['backend', 'indexed', ...WRITE]),
  dropCollection: new Set(WRITE),
  backup: new Set(LONG),
  restore: new Set(LONG),
  verify: new Set(LONG),
  upsert: new Set([...WRITE, 'onProgress']),
  update: new Set(WRITE),
  patch: new Set(['vector', 'metadata', 'unset']),
  delete: new Set(WRITE),
  selection: new Set(['filter']),
  get: new Set(['includeVector', ...READ]),
  search: new Set(SEARCH),
  explain: new Set(SEARCH),
  scan: new Set(['filter', 'pageSize', 'includeVector', ...READ]),
  count: new Set(READ),
  flush: new Set(LONG),
  compact: new Set(LONG),
  getStats: new Set(),
}

/** What is no call of its own, as messages call it. */
const partNames: Readonly<Record<string, string>> = {
  replication: 'The option replication',
  retention: 'The option replication.retention',
  attemptLimit: 'The option replication.attemptLimit',
  compression: 'The option replication.compression',
  cache: 'The option cache',
  audit: 'The option audit',
  writeConcern: 'The option writeConcern',
  backend: 'The backend',
  patch: 'The patch',
  selection: 'The selection',
}

/** Refuses options that are no object, options that the call does not have, and a signal that is none. */
export function checkOptions(options: unknown, call: string): Readonly<Record<string, unknown>> {
  return readArguments(call, () => {
    if (!isPlain(options)) throw noOptions(options, call)
    checkNames(options, call)
    const { signal, timeoutMs, onProgress } = options
    if (signal !== undefined && !(signal instanceof AbortSignal))
      throw invalid('signal', 'an AbortSignal', signal)
    if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs >= 0)) {
      throw invalid('timeoutMs', 'a number of milliseconds from 0', timeoutMs)
    }
    if (onProgress !== undefined && typeof onProgress !== 'function') {
      throw invalid('onProgress', 'a function', onProgress)
    }
    return options
  })
}

/**
 * Reads what a caller gave. Where its getters or proxies throw, that becomes an error of ours.
 *
 * @throws `OPTIONS_INVALID`, or what `read` throws of our own
 */
export function readArguments<T>(call: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (ReplivecError.is(cause)) throw cause
    const what = partNames[call] ?? `The arguments of ${call}()`
    throw new ReplivecError('OPTIONS_INVALID', `${what} could not be read; pass plain data.`, { cause })
  }
}

/** An object of options: no array, and neither a promise that was not awaited nor any other built-in object. */
function isPlain(options: unknown): options is Record<string, unknown> {
  return Object.prototype.toString.call(options) === '[object Object]'
}

function noOptions(options: unknown, call: string): ReplivecError {
  const part = partNames[call]
  return new ReplivecError(
    'OPTIONS_INVALID',
    part
      ? `${part} must be an object with ${[...(knownOptions[call] ?? [])].join(', ')}, not ${shown(options)}.`
      : `${call}() takes an object of options.`,
  )
}

/** Taken by every call, so that one set of options can serve several; not every call has a use for each. */
const SHARED: ReadonlySet<string> = new Set(['signal', 'timeoutMs', 'onProgress'])

function checkNames(options: object, call: string): void {
  const known = knownOptions[call]
  for (const name of Object.keys(options)) {
    if (known?.has(name) || SHARED.has(name)) continue
    const names = [...(known ?? [])].join(', ')
    const what = partNames[call] ? `${partNames[call]} has no` : `${call} has no option`
    throw new ReplivecError(
      'OPTIONS_INVALID',
      `${what} ${JSON.stringify(name.slice(0, 100))}; it has ${names === '' ? 'none' : names}.`,
      { details: { option: name } },
    )
  }
}

export function checkFlag(
  options: Readonly<Record<string, unknown>>,
  name: string,
  otherwise: boolean,
): boolean {
  const value = options[name]
  if (value === undefined) return otherwise
  if (typeof value !== 'boolean') throw invalid(name, 'true or false', value)
  return value
}

/** The error of an option with a wrong value. */
export function invalid(option: string, expected: string, given: unknown): ReplivecError {
  return new ReplivecError(
    'OPTIONS_INVALID',
    `The option ${option} must be ${expected}, not ${shown(given)}.`,
    {
      details: { option },
    },
  )
}

/** A wrong value in a few words. Objects are not asked, because what they answer may throw. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value)
  if (typeof value === 'object' && value !== null) return isArray(value) ? 'an array' : 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}

/** A revoked proxy throws even here. */
function isArray(value: object): boolean {
  try {
    return Array.isArray(value)
  } catch {
    return false
  }
}
