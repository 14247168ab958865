/**
 * Exact distances and scores: the reference every approximate number is rescored with.
 *
 * Components are f32, sums are f64: the square of the largest f32 is 1.2e77 and of the smallest 2e-90, so neither
 * overflow nor underflow can happen at 65 536 dimensions. The order of additions is fixed, so that the same
 * vectors give the same bits on every machine.
 */
import type { Metric } from './metric.js'

/** Distance of two runs of `dimensions` components, at an offset (in components) of their arrays. */
export type DistanceKernel = (
  a: Float32Array,
  aOffset: number,
  b: Float32Array,
  bOffset: number,
  dimensions: number,
) => number

/**
 * The true distance of two vectors in the metric's own unit; for `cosine` they may have any length.
 *
 * Identical vectors are at exactly 0 for `euclidean` and `cosine` (the sums are then the same number x, and
 * √(x·x) is x in IEEE arithmetic). Otherwise the error of `cosine` is absolute, below `dimensions` × 4.5e-16. A zero
 * vector has no direction: its cosine distance to anything is 1.
 *
 * @param aOffset - where `a` starts, in components
 * @param bOffset - where `b` starts, in components
 * @returns cosine 1 − cos in [0, 2], dot −(a · b), euclidean the true L2 distance
 */
export function distance(
  metric: Metric,
  a: Float32Array,
  aOffset: number,
  b: Float32Array,
  bOffset: number,
  dimensions: number,
): number {
  if (metric === 'cosine') return cosineDistance(a, aOffset, b, bOffset, dimensions)
  return indexedKernel(metric)(a, aOffset, b, bOffset, dimensions)
}

/**
 * The distance between a row as an index holds it and a query, where `cosine` rows and queries are already scaled to unit
 * length and need no norms: 1 − (a · b), clamped to [0, 2]. The rounding of unit vectors to f32 leaves an error near
 * 1e-7.
 *
 * @param isUnit - `cosine` rows have unit length; else the row's norm is measured
 */
export function indexedKernel(metric: Metric, isUnit = true): DistanceKernel {
  if (metric === 'euclidean') return euclideanDistance
  if (metric === 'dot') return dotDistance
  return isUnit ? unitCosineDistance : rowCosineDistance
}

/**
 * Measures rows against one query as `distance` does, to the last bit, with the query's part of the work done once.
 *
 * @returns the distance of a row that is a record's vector itself, at an offset of its array
 */
export function distanceTo(
  metric: Metric,
  query: Float32Array,
): (row: Float32Array, rowOffset: number) => number {
  const { length: dimensions } = query
  if (metric !== 'cosine') {
    const kernel = indexedKernel(metric)
    return (row, rowOffset) => kernel(query, 0, row, rowOffset, dimensions)
  }
  const querySquares = dotProduct(query, 0, query, 0, dimensions)
  return (row, rowOffset) => {
    const squares = querySquares * dotProduct(row, rowOffset, row, rowOffset, dimensions)
    if (squares === 0) return 1
    return clampCosine(1 - dotProduct(query, 0, row, rowOffset, dimensions) / Math.sqrt(squares))
  }
}

/** Turns a distance into a score, where higher is nearer: cosine 1 − d, dot −d, euclidean 1 / (1 + d). */
export function scoreOf(metric: Metric, distance: number): number {
  if (metric === 'cosine') return 1 - distance
  // `0 − d` and not `−d`: a score of −0 would surprise whoever compares with Object.is.
  return metric === 'dot' ? 0 - distance : 1 / (1 + distance)
}

/**
 * Writes `source` scaled to unit length into `target`.
 *
 * @param targetOffset - where to write, in components
 * @param norm - the length of `source`, where it is known
 * @returns the length of `source`; 0 for a zero vector, which is written as zeros
 */
export function normalizeInto(
  target: Float32Array,
  targetOffset: number,
  source: Float32Array,
  dimensions: number,
  norm = normOf(source, 0, dimensions),
): number {
  // Divide rather than multiply by 1 / norm: one rounding less.
  for (let i = 0; i < dimensions; i++)
    target[targetOffset + i] = norm === 0 ? 0 : (source[i] as number) / norm
  return norm
}

/** The length (L2 norm) of the `dimensions` components at `offset`. */
export function normOf(vector: Float32Array, offset: number, dimensions: number): number {
  return Math.sqrt(dotProduct(vector, offset, vector, offset, dimensions))
}

/** a · b. Four sums instead of one, because each addition would otherwise wait for the one before it. */
export function dotProduct(
  a: Float32Array,
  aOffset: number,
  b: Float32Array,
  bOffset: number,
  dimensions: number,
): number {
  let sum0 = 0
  let sum1 = 0
  let sum2 = 0
  let sum3 = 0
  let i = aOffset
  let j = bOffset
  const end = aOffset + dimensions
  for (const last = end - 3; i < last; i += 4, j += 4) {
    sum0 += (a[i] as number) * (b[j] as number)
    sum1 += (a[i + 1] as number) * (b[j + 1] as number)
    sum2 += (a[i + 2] as number) * (b[j + 2] as number)
    sum3 += (a[i + 3] as number) * (b[j + 3] as number)
  }
  for (; i < end; i++, j++) sum0 += (a[i] as number) * (b[j] as number)
  return sum0 + sum1 + (sum2 + sum3)
}

function dotDistance(
  a: Float32Array,
  aOffset: number,
  b: Float32Array,
  bOffset: number,
  dimensions: number,
): number {
  return 0 - dotProduct(a, aOffset, b, bOffset, dimensions)
}

function unitCosineDistance(
  a: Float32Array,
  aOffset: number,
  b: Float32Array,
  bOffset: number,
  dimensions: number,
): number {
  return clampCosine(1 - dotProduct(a, aOffset, b, bOffset, dimensions))
}

/** For a query of unit length. */
function rowCosineDistance(
  row: Float32Array,
  rowOffset: number,
  query: Float32Array,
  queryOffset: number,
  dimensions: number,
): number {
  const squares = dotProduct(row, rowOffset, row, rowOffset, dimensions)
  return clampCosine(1 - dotProduct(row, rowOffset, query, queryOffset, dimensions) / Math.sqrt(squares))
}

function cosineDistance(
  a: Float32Array,
  aOffset: number,
  b: Float32Array,
  bOffset: number,
  dimensions: number,
): number {
  // Three passes that add in the same order, so that identical vectors give three identical sums.
  const product = dotProduct(a, aOffset, b, bOffset, dimensions)
  const squares =
    dotProduct(a, aOffset, a, aOffset, dimensions) * dotProduct(b, bOffset, b, bOffset, dimensions)
  return squares === 0 ? 1 : clampCosine(1 - product / Math.sqrt(squares))
}

function clampCosine(distance: number): number {
  return Math.min(2, Math.max(0, distance))
}

function euclideanDistance(
  a: Float32Array,
  aOffset: number,
  b: Float32Array,
  bOffset: number,
  dimensions: number,
): number {
  let sum0 = 0
  let sum1 = 0
  let sum2 = 0
  let sum3 = 0
  let i = aOffset
  let j = bOffset
  const end = aOffset + dimensions
  for (const last = end - 3; i < last; i += 4, j += 4) {
    const gap0 = (a[i] as number) - (b[j] as number)
    const gap1 = (a[i + 1] as number) - (b[j + 1] as number)
    const gap2 = (a[i + 2] as number) - (b[j + 2] as number)
    const gap3 = (a[i + 3] as number) - (b[j + 3] as number)
    sum0 += gap0 * gap0
    sum1 += gap1 * gap1
    sum2 += gap2 * gap2
    sum3 += gap3 * gap3
  }
  for (; i < end; i++, j++) {
    const gap = (a[i] as number) - (b[j] as number)
    sum0 += gap * gap
  }
  return Math.sqrt(sum0 + sum1 + (sum2 + sum3))
}
