import type { Bitmap } from '../../bitmap.js'
import { admittedRows } from '../admitted-rows.js'
import type { Candidates, IndexBackend, IndexBytes, VectorIndex } from '../backend.js'
import { indexedKernel } from '../distance.js'
import type { Matrix } from './matrix.js'
import { Nearest } from './nearest.js'

/**
 * The exact scan in plain TypeScript: no native code, every platform, every magnitude a float can have.
 * Of rows at equal distance the lower ordinal comes first.
 */
export const plainScan: IndexBackend = {
  kind: 'plain-scan',
  supports: {
    metrics: ['cosine', 'dot', 'euclidean'],
    exact: true,
    mask: true,
    persists: false,
    // One nanosecond a component (measured): 16 MiB hold the event loop for about 4 ms.
    maxBytes: 16 * 1024 * 1024,
  },
  async build({ vectors, count, dimensions, metric, signal }) {
    signal.throwIfAborted()
    return plainScanOver({ vectors, count, dimensions, metric })
  },
}

/** The exact scan of a matrix as it is, without a build: for rows that no backend has indexed yet. */
export function plainScanOver(matrix: Matrix): VectorIndex {
  return new PlainScanIndex(matrix)
}

class PlainScanIndex implements VectorIndex {
  readonly bytes: IndexBytes
  readonly #matrix: Matrix

  constructor(matrix: Matrix) {
    this.#matrix = matrix
    const shared = matrix.vectors.byteLength
    this.bytes = { memory: shared, disk: 0, shared }
  }

  search(input: { queries: Float32Array; count: number; k: number; allow?: Uint32Array }): Candidates[] {
    const { queries, count, k } = input
    const allow = input.allow && admittedRows(input.allow, this.#matrix.count)
    const results: Candidates[] = []
    for (let query = 0; query < count; query++) {
      const nearest = new Nearest(Math.min(k, this.#matrix.count))
      scanInto(nearest, this.#matrix, queries, query * this.#matrix.dimensions, allow)
      results.push(nearest.take())
    }
    return results
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/**
 * Offers every admitted row to `nearest`.
 *
 * @param offset - where the query starts in `queries`, in components
 * @param allow - the admitted rows, all of them below `matrix.count`; absent: all
 */
export function scanInto(
  nearest: Nearest,
  matrix: Matrix,
  queries: Float32Array,
  offset: number,
  allow?: Bitmap,
): void {
  const { vectors, count, dimensions } = matrix
  const kernel = indexedKernel(matrix.metric, !matrix.unitSlack)
  const offer = (row: number) => {
    nearest.offer(kernel(vectors, row * dimensions, queries, offset, dimensions), row)
  }
  if (allow !== undefined) allow.forEach(offer)
  else for (let row = 0; row < count; row++) offer(row)
}
