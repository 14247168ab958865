import { createRequire } from 'node:module'
import { ReplivecError } from '../../errors.js'
import { platformName } from '../../runtime/platform.js'

/** The one native routine we use: brute force over flat rows, one query at a time. */
export interface Usearch {
  /** The scan of f32 rows. */
  exactSearch(input: UsearchInput<Float32Array>): UsearchMatches
  /**
   * The scan of rows of small whole numbers, −127 to 127, in at most `INT8_DIMENSIONS_MAX` dimensions. Sums are whole
   * too; what is lost is the rounding of the answer to f32. Absent where the library gets that wrong.
   */
  readonly exactSearchInt8?: (input: UsearchInput<Int8Array>) => UsearchMatches
}

/**
 * One query. The answer is the `k` nearest rows, nearest first; of equal ones in no particular order.
 *
 * It throws `BACKEND_FAILED` when a member is not as described; nothing native has then been called.
 */
export interface UsearchInput<Components extends Float32Array | Int8Array> {
  /** Exactly `count × dimensions` finite components at offset 0 of an unshared buffer. */
  readonly vectors: Components
  readonly count: number
  /** Exactly `dimensions` finite components at offset 0 of an unshared buffer. */
  readonly query: Components
  readonly dimensions: number
  /** From 1 to `count`. */
  readonly k: number
  /** `'ip'`: distances are 1 − (a · b); `'l2sq'`: the squared euclidean distance. */
  readonly metric: 'ip' | 'l2sq'
}

/** The square of the largest difference, 254, fits into 31 bits four times as often; the trial below goes as far. */
export const INT8_DIMENSIONS_MAX = 8_192

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
  loaded ??= wrap(requireUsearch)
  return loaded
}

/** The module itself. @throws where there is no build for this platform */
export function requireUsearch(): unknown {
  return createRequire(import.meta.url)('usearch')
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
  const search = <Components extends Float32Array | Int8Array>(input: UsearchInput<Components>) => {
    const { vectors, count, query, dimensions, k, metric } = input
    // One thread: its own pool would be started and joined on every call, and callers bring their own threads.
    return matchesOf(() => exactSearch(vectors, query, dimensions, k, metric, 1), k, count)
  }
  const usearch: Usearch = {
    exactSearch(input) {
      check(input, Float32Array, 65_536)
      return search(input)
    },
  }
  if (!answersCorrectly(usearch)) return { reason: 'the native library usearch answers wrongly here' }
  const exactSearchInt8 = (input: UsearchInput<Int8Array>) => {
    check(input, Int8Array, INT8_DIMENSIONS_MAX)
    return search(input)
  }
  return answersCorrectlyInt8(exactSearchInt8) ? { ...usearch, exactSearchInt8 } : usearch
}

/** The library trusts its arguments: a wrong one is an abort of the process or a read past the end, not an error. */
function check<Components extends Float32Array | Int8Array>(
  input: UsearchInput<Components>,
  type: new () => Components,
  dimensionsMax: number,
): void {
  const { vectors, count, query, dimensions, k, metric } = input
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > dimensionsMax) {
    refuse('dimensions', dimensions)
  }
  if (!Number.isInteger(count) || count < 1 || count > 0xffffffff) refuse('count', count)
  if (!Number.isInteger(k) || k < 1 || k > count) refuse('k', k)
  if (metric !== 'ip' && metric !== 'l2sq') refuse('metric', metric)
  checkComponents('vectors', vectors, type, count * dimensions)
  checkComponents('query', query, type, dimensions)
}

function checkComponents<Components extends Float32Array | Int8Array>(
  name: string,
  components: Components,
  type: new () => Components,
  length: number,
): void {
  if (!(components instanceof type) || components.length !== length) {
    refuse(`${name}.length`, components?.length)
  }
  // The library reads from the start of the buffer whatever the offset says, and sees a shared buffer as empty.
  if (components.byteOffset !== 0) refuse(`${name}.byteOffset`, components.byteOffset)
  if (!(components.buffer instanceof ArrayBuffer)) refuse(`${name}.buffer`, 'shared')
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
      areBelow(keys, count)
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

/** Written as a loop: a search spends more on a callback for every key than on all the rest around the native call. */
function areBelow(keys: BigUint64Array, count: number): boolean {
  const end = BigInt(count)
  for (let i = 0; i < keys.length; i++) if ((keys[i] as bigint) >= end) return false
  return true
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

/**
 * Rows that an int8 kernel gets wrong if it saturates or overflows anywhere, or forgets the components that do not fill a
 * vector register: all of 127, all of −127, and one of every code. The queries are all of 127 or −127 too, so that what
 * they must answer follows from the sums of the rows: trying takes less than a millisecond.
 */
function answersCorrectlyInt8(search: (input: UsearchInput<Int8Array>) => UsearchMatches): boolean {
  const dimensions = INT8_DIMENSIONS_MAX - 1
  const vectors = new Int8Array(3 * dimensions).fill(127).fill(-127, dimensions)
  let sum = 0
  let squares = 0
  for (let i = 0; i < dimensions; i++) {
    const code = ((i * 37) % 255) - 127
    vectors[2 * dimensions + i] = code
    sum += code
    squares += code * code
  }
  const largest = 127 * 127 * dimensions
  const rows = [
    { sum: 127 * dimensions, squares: largest },
    { sum: -127 * dimensions, squares: largest },
    { sum, squares },
  ]
  try {
    return [127, -127].every((code) => {
      const ask = { vectors, count: 3, query: new Int8Array(dimensions).fill(code), dimensions, k: 3 }
      const products = rows.map((row) => 1 - code * row.sum)
      const distances = rows.map((row) => row.squares - 2 * code * row.sum + largest)
      return (
        isRightInt8(search({ ...ask, metric: 'ip' }), products) &&
        isRightInt8(search({ ...ask, metric: 'l2sq' }), distances)
      )
    })
  } catch {
    // As above: of no use, whatever it throws.
    return false
  }
}

/** @param expected - the distance of each row */
function isRightInt8({ ordinals, distances }: UsearchMatches, expected: readonly number[]): boolean {
  const listed = Array.from(ordinals, (ordinal) => expected[Number(ordinal)] as number)
  const sorted = expected.toSorted((a, b) => a - b)
  return listed.every((distance, place) => {
    const error = Math.abs((distances[place] as number) - distance)
    return distance === sorted[place] && error <= 2 ** -23 * (1 + Math.abs(distance))
  })
}

function codeOf(error: unknown): string {
  const code =
    typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'no build'
  return `${code}, ${platformName}`
}
