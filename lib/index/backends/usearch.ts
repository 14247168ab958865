import { createRequire } from 'node:module'
import { ReplivecError } from '../../errors.js'
import { platformName } from '../../runtime/platform.js'

/** The one native routine we use: brute force over flat f32 rows, one query at a time. */
export interface Usearch {
  /**
   * The `k` rows nearest to `query`, nearest first; of equal ones in no particular order.
   *
   * @param input.vectors - exactly `count × dimensions` finite floats at offset 0 of an unshared buffer
   * @param input.query - exactly `dimensions` finite floats at offset 0 of an unshared buffer
   * @param input.k - from 1 to `count`
   * @param input.metric - `'ip'`: distances are 1 − (a · b); `'l2sq'`: the squared euclidean distance
   * @throws `BACKEND_FAILED` when an argument is not as described; nothing native has then been called
   */
  exactSearch(input: {
    vectors: Float32Array
    count: number
    query: Float32Array
    dimensions: number
    k: number
    metric: 'ip' | 'l2sq'
  }): UsearchMatches
}

export interface UsearchMatches {
  readonly ordinals: BigUint64Array
  readonly distances: Float32Array
}

/** Why there is no native scan here, in words for a user. */
export interface UsearchMissing {
  readonly reason: string
}

type NativeExactSearch = (...args: unknown[]) => unknown

let loaded: Usearch | UsearchMissing | undefined

/**
 * Loads the native library, once. It has no build for musl and none for Windows on arm64, so callers must be ready
 * for a reason instead.
 *
 * @param load - where the module comes from; tests give one that fails, and its answer is not remembered
 */
export function loadUsearch(load?: () => unknown): Usearch | UsearchMissing {
  if (load !== undefined) return wrap(load)
  loaded ??= wrap(() => createRequire(import.meta.url)('usearch'))
  return loaded
}

function wrap(load: () => unknown): Usearch | UsearchMissing {
  let library: unknown
  try {
    library = load()
  } catch (error) {
    return { reason: `the native library usearch does not load here (${codeOf(error)})` }
  }
  const exactSearch = exactSearchOf(library)
  if (exactSearch === undefined) return { reason: 'the native library usearch has no exactSearch here' }
  const usearch: Usearch = {
    exactSearch(input) {
      check(input)
      const { vectors, count, query, dimensions, k, metric } = input
      // One thread: its own pool would be started and joined on every call, and callers bring their own threads.
      return matchesOf(() => exactSearch(vectors, query, dimensions, k, metric, 1), k, count)
    },
  }
  return answersCorrectly(usearch) ? usearch : { reason: 'the native library usearch answers wrongly here' }
}

/** The library trusts its arguments: a wrong one is an abort of the process or a read past the end, not an error. */
function check(input: Parameters<Usearch['exactSearch']>[0]): void {
  const { vectors, count, query, dimensions, k, metric } = input
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > 65_536) refuse('dimensions', dimensions)
  if (!Number.isInteger(count) || count < 1 || count > 0xffffffff) refuse('count', count)
  if (!Number.isInteger(k) || k < 1 || k > count) refuse('k', k)
  if (metric !== 'ip' && metric !== 'l2sq') refuse('metric', metric)
  checkFloats('vectors', vectors, count * dimensions)
  checkFloats('query', query, dimensions)
}

function checkFloats(name: string, floats: Float32Array, length: number): void {
  if (!(floats instanceof Float32Array) || floats.length !== length) refuse(`${name}.length`, floats?.length)
  // The library reads from the start of the buffer whatever the offset says, and sees a shared buffer as empty.
  if (floats.byteOffset !== 0) refuse(`${name}.byteOffset`, floats.byteOffset)
  if (!(floats.buffer instanceof ArrayBuffer)) refuse(`${name}.buffer`, 'shared')
}

function refuse(name: string, value: unknown): never {
  throw new ReplivecError(
    'BACKEND_FAILED',
    `The native scan was called with a wrong ${name} (${String(value)}). Please report this: the caller is at fault.`,
    { details: { kind: 'simd-scan', argument: name } },
  )
}

function matchesOf(call: () => unknown, k: number, count: number): UsearchMatches {
  let answer: unknown
  let cause: unknown
  try {
    answer = call()
  } catch (error) {
    cause = error
  }
  if (typeof answer === 'object' && answer !== null && 'keys' in answer && 'distances' in answer) {
    const { keys, distances } = answer
    if (
      keys instanceof BigUint64Array &&
      distances instanceof Float32Array &&
      keys.length === k &&
      distances.length === k &&
      keys.every((key) => key < count)
    ) {
      return { ordinals: keys, distances }
    }
  }
  throw new ReplivecError(
    'BACKEND_FAILED',
    "The native scan failed. Choose another backend, or report what 'cause' says.",
    {
      details: { kind: 'simd-scan' },
      ...(cause === undefined ? {} : { cause }),
    },
  )
}

function exactSearchOf(library: unknown): NativeExactSearch | undefined {
  if (typeof library !== 'object' || library === null || !('exactSearch' in library)) return undefined
  const { exactSearch } = library
  return typeof exactSearch === 'function' ? (...args) => exactSearch(...args) : undefined
}

/** Two rows with a known answer: a build that loads but computes something else must not be trusted. */
function answersCorrectly(usearch: Usearch): boolean {
  const vectors = Float32Array.of(3, 0, 2, 1)
  const query = Float32Array.of(1, 2)
  try {
    const ip = usearch.exactSearch({ vectors, count: 2, query, dimensions: 2, k: 2, metric: 'ip' })
    const l2sq = usearch.exactSearch({ vectors, count: 2, query, dimensions: 2, k: 2, metric: 'l2sq' })
    return isNear(ip, [-3, -2]) && isNear(l2sq, [2, 8])
  } catch {
    // Whatever it throws, the finding is the same: this build is of no use.
    return false
  }
}

/** Row 1 is the nearer one by both measures. */
function isNear(matches: UsearchMatches, expected: [number, number]): boolean {
  const { ordinals, distances } = matches
  const gap = expected.map((distance, i) => Math.abs((distances[i] as number) - distance))
  return ordinals[0] === 1n && ordinals[1] === 0n && gap.every((error) => error < 1e-5)
}

function codeOf(error: unknown): string {
  const code =
    typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'no build'
  return `${code}, ${platformName}`
}
