import { nodeClock } from '../../runtime/node-clock.js'
import { normOf } from '../distance.js'
import type { Metric } from '../metric.js'
import { CodeProducts } from './code-products.js'
import type { Matrix } from './matrix.js'

/** Fewer or shorter rows are scanned as fast without (measured). */
const ROWS_MIN = 1_024
const DIMENSIONS_MIN = 64
/** The largest code. −128 is not used, so that a code and its negative are both there. */
const CODE_MAX = 127
/** Components looked at before other work gets a turn: one to two milliseconds. */
const SLICE_COMPONENTS = 512 * 1024
/** More than a residual, measured in codes, can lose by its own rounding to f64: CODE_MAX × √dimensions × 2^-52. */
const RESIDUAL_ERROR = 1e-9
/** Relative error of a native answer: two roundings to f32 (2^-24 each), doubled. */
const NATIVE_ERROR = 2 ** -22
/** Relative error of one f64 operation (2^-53), four times over. */
const F64_ERROR = 2 ** -51

/** One query as a scan of the codes takes it. */
export interface SketchQuery {
  /** `dimensions` codes at offset 0 of their own buffer. */
  readonly codes: Int8Array
  /** The sum of their squares. */
  readonly squares: number
  readonly metric: 'ip' | 'l2sq'
  /**
   * No row whose codes are at least this far is nearer than the answer, in the metric's own unit. Never falls as
   * `native` rises.
   *
   * @param native - a native distance between codes: 1 − (a · b) for `ip`, the squared euclidean one for `l2sq`
   */
  nearestAt(native: number): number
}

/**
 * The rows of a matrix at one byte a component, together with how far from the truth they are at most: enough to rule
 * out all but few rows, at a quarter of the bytes to read (a VA-file: Weber, Schek and Blott, "A Quantitative Analysis
 * and Performance Study for Similarity-Search Methods in High-Dimensional Spaces", 1998).
 *
 * A row x becomes codes c with x = m + c / s + e: m the middle of the matrix's range in each dimension, s one scale for
 * all, e the row's residual. R is the longest residual and X the longest c / s. Then
 *
 * - for a query q = p / t + r, of codes p: |x · q − m · q − (c · p) / (s t)| = |e · q + (c / s) · r| ≤ R |q| + X |r|
 * - for a query q = m + p / s + r: | |x − q| − |c − p| / s | ≤ |e − r| ≤ R + |r|
 *
 * by Cauchy and Schwarz, and by the triangle inequality. Both hold for codes chosen in any way; rounding to the nearest
 * makes them tight.
 */
export class Sketch {
  /** `count × dimensions` codes from −127 to 127, row-major, at offset 0 of their own buffer. */
  readonly codes: Int8Array
  readonly count: number
  readonly dimensions: number
  readonly #metric: Metric
  readonly #products: CodeProducts | undefined
  /** The sum of the squares of each row's codes, for `euclidean` only. */
  readonly #squares: Int32Array
  readonly #unitSlack: number
  /** m, one for each dimension. */
  readonly #middle: Float64Array
  /** |m| */
  readonly #middleNorm: number
  /** s, in codes per unit. */
  readonly #scale: number
  /** R, in the unit of the components. */
  #residual = 0
  /** X, in the unit of the components. */
  #reach = 0

  private constructor(matrix: Matrix, middle: Float64Array, scale: number) {
    const { count, dimensions, metric } = matrix
    this.#products = CodeProducts.of(count, dimensions)
    this.codes = this.#products?.codes ?? new Int8Array(count * dimensions)
    this.count = count
    this.dimensions = dimensions
    this.#metric = metric
    this.#squares = new Int32Array(metric === 'euclidean' ? count : 0)
    this.#unitSlack = matrix.unitSlack ?? 0
    this.#middle = middle
    this.#middleNorm = Math.sqrt(middle.reduce((sum, x) => sum + x * x, 0))
    this.#scale = scale
  }

  /**
   * Makes the sketch of a matrix, with pauses for other work.
   *
   * @returns `undefined` where it would be of no use: for few or short rows, or when all are equal
   * @throws the signal's reason, when it is aborted in a pause
   */
  static async of(matrix: Matrix, signal: AbortSignal): Promise<Sketch | undefined> {
    const { count, dimensions } = matrix
    if (count < ROWS_MIN || dimensions < DIMENSIONS_MIN) return undefined
    const lowest = new Float64Array(dimensions).fill(Number.POSITIVE_INFINITY)
    const highest = new Float64Array(dimensions).fill(Number.NEGATIVE_INFINITY)
    await inSlices(matrix, signal, (from, to) => widenRange(matrix, from, to, lowest, highest))
    const middle = lowest.map((low, i) => (low + (highest[i] as number)) / 2)
    const half = highest.reduce((most, high, i) => Math.max(most, high - (middle[i] as number)), 0)
    if (half === 0) return undefined
    const sketch = new Sketch(matrix, middle, CODE_MAX / half)
    await inSlices(matrix, signal, (from, to) => sketch.#encode(matrix.vectors, from, to))
    return sketch
  }

  /** Bytes of memory held. */
  get bytes(): number {
    const codes = this.#products?.bytes ?? this.codes.byteLength
    return codes + this.#squares.byteLength + this.#middle.byteLength
  }

  /**
   * The distances between the codes of rows and of a query, as the native scan of them would answer, but not rounded.
   *
   * @returns one for each of the ordinals, until the next call; `undefined` where only the native scan reads codes
   */
  distances({ codes, squares, metric }: SketchQuery, ordinals: Uint32Array): Float64Array | undefined {
    if (!this.#products) return undefined
    const count = ordinals.length
    if (scratch.length < count) scratch = new Float64Array(2 * count)
    const distances = scratch.subarray(0, count)
    this.#products.products(codes, ordinals, distances)
    if (metric === 'ip') {
      for (let i = 0; i < count; i++) distances[i] = 1 - (distances[i] as number)
      return distances
    }
    for (let i = 0; i < count; i++) {
      const row = this.#squares[ordinals[i] as number] as number
      distances[i] = row + squares - 2 * (distances[i] as number)
    }
    return distances
  }

  /**
   * Prepares a query for a scan of the codes.
   *
   * @param offset - where the query starts in `queries`, in components
   * @returns `undefined` for a query without a direction
   */
  prepare(queries: Float32Array, offset: number): SketchQuery | undefined {
    return this.#metric === 'euclidean'
      ? this.#prepareEuclidean(queries, offset)
      : this.#prepareProduct(queries, offset)
  }

  #prepareProduct(queries: Float32Array, offset: number): SketchQuery | undefined {
    const { dimensions } = this
    let largest = 0
    let middle = 0
    for (let i = 0; i < dimensions; i++) {
      const component = queries[offset + i] as number
      largest = Math.max(largest, Math.abs(component))
      middle += (this.#middle[i] as number) * component
    }
    if (largest === 0) return undefined
    const origin = this.#metric === 'cosine' ? 1 : 0
    const base = origin - middle
    const scale = CODE_MAX / largest
    const codes = new Int8Array(dimensions)
    const { squares, residual } = encodeQuery(codes, scale, (i) => (queries[offset + i] as number) * scale)
    const norm = normOf(queries, offset, dimensions)
    const bound = (this.#residual * norm + this.#reach * residual) * (1 + RESIDUAL_ERROR)
    // No sum of products met on the way is larger, here or in the exact distance.
    const product = (this.#middleNorm + this.#reach + this.#residual) * norm
    // A row x of another length than 1 has a cosine of x · q / |x|, which is off by |cos| |q| ||x| − 1| at most.
    const error = bound + this.#unitSlack * norm + (dimensions + 16) * F64_ERROR * (origin + product)
    const unit = 1 / (this.#scale * scale)
    // The exact distance of a cosine is clamped, so what lies beyond 2 must count as a tie at 2.
    const most = this.#metric === 'cosine' ? 2 : Number.POSITIVE_INFINITY
    return {
      metric: 'ip',
      nearestAt: (native) =>
        Math.min(most, base - (1 - native + NATIVE_ERROR * (1 + Math.abs(native))) * unit - error),
      ...{ codes, squares },
    }
  }

  #prepareEuclidean(queries: Float32Array, offset: number): SketchQuery {
    const { dimensions } = this
    const scale = this.#scale
    const codes = new Int8Array(dimensions)
    const { squares, residual } = encodeQuery(
      codes,
      scale,
      (i) => ((queries[offset + i] as number) - (this.#middle[i] as number)) * scale,
    )
    const bound = (this.#residual + residual) * (1 + RESIDUAL_ERROR)
    // No row is farther from the query.
    const distance = this.#reach + (CODE_MAX * Math.sqrt(dimensions)) / scale + bound
    const error = bound + (dimensions + 16) * F64_ERROR * distance
    return {
      metric: 'l2sq',
      nearestAt: (native) => Math.sqrt(Math.max(0, native * (1 - NATIVE_ERROR))) / scale - error,
      ...{ codes, squares },
    }
  }

  /** Gives rows `from` to `to` their codes. */
  #encode(vectors: Float32Array, from: number, to: number): void {
    const { codes, dimensions } = this
    const middle = this.#middle
    const scale = this.#scale
    let residual = 0
    let reach = 0
    for (let row = from; row < to; row++) {
      const end = (row + 1) * dimensions
      // Sums of their own for even and odd components: an addition would otherwise wait for the one before it.
      let even = 0
      let odd = 0
      let squares = 0
      let i = row * dimensions
      let j = 0
      for (const last = end - 1; i < last; i += 2, j += 2) {
        const at0 = ((vectors[i] as number) - (middle[j] as number)) * scale
        const at1 = ((vectors[i + 1] as number) - (middle[j + 1] as number)) * scale
        // Rounds to the nearest: what is cut off here is above 0.
        const code0 = ((at0 + 128.5) | 0) - 128
        const code1 = ((at1 + 128.5) | 0) - 128
        codes[i] = code0
        codes[i + 1] = code1
        even += (at0 - code0) * (at0 - code0)
        odd += (at1 - code1) * (at1 - code1)
        squares = (squares + code0 * code0 + code1 * code1) | 0
      }
      for (; i < end; i++, j++) {
        const at = ((vectors[i] as number) - (middle[j] as number)) * scale
        const code = ((at + 128.5) | 0) - 128
        codes[i] = code
        even += (at - code) * (at - code)
        squares = (squares + code * code) | 0
      }
      if (this.#squares.length > 0) this.#squares[row] = squares
      residual = Math.max(residual, even + odd)
      reach = Math.max(reach, squares)
    }
    this.#residual = Math.max(this.#residual, longest(residual) / scale)
    this.#reach = Math.max(this.#reach, Math.sqrt(reach) / scale)
  }
}

/** Where distances are put. Searches are synchronous, so one is enough for all. */
let scratch = new Float64Array(0)

/** The length, rounded up, of a residual whose square, in codes, was summed in f64. */
function longest(squared: number): number {
  return Math.sqrt(squared) * (1 + RESIDUAL_ERROR) + RESIDUAL_ERROR
}

/**
 * Rounds a query to codes; what lies beyond them is cut off.
 *
 * @param scale - codes per unit
 * @param scaled - the component of a dimension, in codes
 * @returns the sum of the squares of the codes, and the length of the residual, rounded up
 */
function encodeQuery(
  codes: Int8Array,
  scale: number,
  scaled: (dimension: number) => number,
): { squares: number; residual: number } {
  let squares = 0
  let lost = 0
  for (let i = 0; i < codes.length; i++) {
    const at = scaled(i)
    const code = Math.max(-CODE_MAX, Math.min(CODE_MAX, Math.round(at)))
    codes[i] = code
    squares += code * code
    lost += (at - code) * (at - code)
  }
  return { squares, residual: longest(lost) / scale }
}

/** Widens the range of each dimension by rows `from` to `to`. */
function widenRange(
  { vectors, dimensions }: Matrix,
  from: number,
  to: number,
  lowest: Float64Array,
  highest: Float64Array,
): void {
  for (let row = from; row < to; ) {
    // Four rows at a time, so that the range is read once for four components; the last ones by themselves.
    const step = row + 4 <= to ? dimensions : 0
    let i = row * dimensions
    for (let j = 0; j < dimensions; j++, i++) {
      let low = lowest[j] as number
      let high = highest[j] as number
      const a = vectors[i] as number
      const b = vectors[i + step] as number
      const c = vectors[i + 2 * step] as number
      const d = vectors[i + 3 * step] as number
      if (a < low) lowest[j] = low = a
      if (a > high) highest[j] = high = a
      if (b < low) lowest[j] = low = b
      if (b > high) highest[j] = high = b
      if (c < low) lowest[j] = low = c
      if (c > high) highest[j] = high = c
      if (d < low) lowest[j] = low = d
      if (d > high) highest[j] = high = d
    }
    row += step === 0 ? 1 : 4
  }
}

/** Calls `work` on all rows in runs, with a pause for other work between. */
async function inSlices(
  { count, dimensions }: Matrix,
  signal: AbortSignal,
  work: (from: number, to: number) => void,
): Promise<void> {
  const rows = Math.max(4, Math.floor(SLICE_COMPONENTS / dimensions))
  for (let from = 0; from < count; from += rows) {
    if (from > 0) {
      await nodeClock.yield()
      signal.throwIfAborted()
    }
    work(from, Math.min(count, from + rows))
  }
}
