import { normOf } from '../distance.js'
import type { Metric } from '../metric.js'

/** The rows an exact scan reads: `count × dimensions` floats, row-major, of unit length for `cosine`. */
export interface Matrix {
  readonly vectors: Float32Array
  readonly count: number
  readonly dimensions: number
  readonly metric: Metric
  /** How much the length of a `cosine` row may differ from 1, beyond rounding. Absent: not at all. */
  readonly unitSlack?: number | undefined
}

/** The length of the longest row. */
export function largestNormOf(matrix: Matrix): number {
  const { vectors, count, dimensions } = matrix
  let largest = 0
  for (let row = 0; row < count; row++) {
    largest = Math.max(largest, normOf(vectors, row * dimensions, dimensions))
  }
  return largest
}
