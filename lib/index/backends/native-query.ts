import { normOf } from '../distance.js'
import type { Matrix } from './matrix.js'

/** Relative error of one f32 operation (2^-24), doubled for comfort. */
const F32_ERROR = 2 ** -23
/** How much longer than 1 a query of unit length may be. */
const UNIT_QUERY_ERROR = 1e-5
/** What a product of f32 values may lose when the processor flushes denormals to zero, doubled. */
const F32_FLUSHED = 2 ** -125

/**
 * One query as the native scan takes it, together with what its f32 answers are worth: between which two true
 * distances an answer lies. An answer is trusted only as far as these bounds separate it from the next.
 *
 * The bounds hold for a native sum of f32 terms in any order (Higham, Accuracy and Stability of Numerical Algorithms,
 * 3.1: at most `dimensions` roundings a term), also where the library in fact sums in f64.
 */
export interface NativeQuery {
  /** `dimensions` floats at offset 0 of their own buffer. */
  readonly floats: Float32Array
  readonly metric: 'ip' | 'l2sq'
  /** The true distance is at least this, in the metric's own unit. */
  nearestAt(native: number): number
  /** The true distance is at most this, in the metric's own unit. */
  farthestAt(native: number): number
}

/**
 * Prepares a query for the native scan.
 *
 * @param offset - where the query starts in `queries`, in components
 * @param largestNorm - the length of the longest row
 * @returns `undefined` when an f32 sum could overflow, or nothing could be told apart: only f64 helps then
 */
export function prepareNativeQuery(
  matrix: Matrix,
  largestNorm: number,
  queries: Float32Array,
  offset: number,
): NativeQuery | undefined {
  const { metric, dimensions } = matrix
  const norm = normOf(queries, offset, dimensions)
  // A copy: the native side wants offset 0, and `dot` scales it.
  const floats = queries.slice(offset, offset + dimensions)
  if (metric === 'euclidean') return euclideanQuery(floats, largestNorm + norm)
  const product = largestNorm * norm
  if (metric === 'cosine')
    return product < 4 ? cosineQuery(floats, product, matrix.unitSlack ?? 0) : undefined
  return product > 0 ? dotQuery(floats, norm, product) : undefined
}

/** @param reach - no row is farther from the query than this, and no partial sum larger than its square */
function euclideanQuery(floats: Float32Array, reach: number): NativeQuery | undefined {
  if (reach * reach > 1e38) return undefined
  const relative = (floats.length + 8) * F32_ERROR
  const absolute = floats.length * F32_FLUSHED
  return {
    floats,
    metric: 'l2sq',
    nearestAt: (native) => Math.sqrt(Math.max(0, native * (1 - relative) - absolute)),
    farthestAt: (native) => Math.sqrt(native * (1 + relative) + absolute),
  }
}

/** @param slack - how far a product with a row of another length than 1 may be off because of that */
function cosineQuery(floats: Float32Array, product: number, slack: number): NativeQuery {
  const clamp = (distance: number) => Math.min(2, Math.max(0, distance))
  const error = errorOfProduct(floats.length, product) + slack * (1 + UNIT_QUERY_ERROR)
  return {
    floats,
    metric: 'ip',
    nearestAt: (native) => clamp(native - error - errorOfRounding(native)),
    farthestAt: (native) => clamp(native + error + errorOfRounding(native)),
  }
}

/**
 * The library answers 1 − (a · b) in f32, which swallows products that are small against 1 and overflows for large
 * ones. Scaling the query by a power of two brings the products near 2^60 (and the query not above it) and costs no
 * digit that the error below does not cover. Products still far below 1 then, of vectors around 1e-20 and less, prove
 * nothing and go to the plain loop.
 */
function dotQuery(floats: Float32Array, norm: number, product: number): NativeQuery {
  const scale = 2 ** (60 - Math.ceil(Math.log2(Math.max(norm, product))))
  for (let i = 0; i < floats.length; i++) floats[i] = (floats[i] as number) * scale
  const error = errorOfProduct(floats.length, product * scale)
  return {
    floats,
    metric: 'ip',
    nearestAt: (native) => (native - 1 - error - errorOfRounding(native)) / scale,
    farthestAt: (native) => (native - 1 + error + errorOfRounding(native)) / scale,
  }
}

/** How far a native a · b may be off, given |a| × |b|. */
function errorOfProduct(dimensions: number, product: number): number {
  return (dimensions + 8) * F32_ERROR * product
}

/** How far the rounding of 1 − (a · b) to f32 may be off. */
function errorOfRounding(native: number): number {
  return 2 * F32_ERROR * (1 + Math.abs(native))
}
