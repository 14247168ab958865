import type { VectorIndex } from '../backend.js'
import type { Metric } from '../metric.js'
import type { PinnedPart } from '../part.js'
import { plainScanOver } from './plain-scan.js'
import { simdScanOver } from './simd-scan.js'

/** An exact scan over a part's rows as they are now, for rows no backend has indexed; costs nothing to make. */
export function scanIndex(pinned: PinnedPart, metric: Metric): VectorIndex {
  const { rows, largestNorm } = pinned.part
  const { dimensions } = rows
  const vectors = rows.vectors.subarray(0, pinned.count * dimensions)
  const scanned = { vectors, count: pinned.count, dimensions, metric }
  return simdScanOver(scanned, largestNorm) ?? plainScanOver(scanned)
}
