import type { Bitmap } from '../../bitmap.js'
import { ReplivecError } from '../../errors.js'
import { admittedRows } from '../admitted-rows.js'
import type { Candidates, IndexBackend, IndexBytes, VectorIndex } from '../backend.js'
import { indexedKernel } from '../distance.js'
import { largestNormOf, type Matrix } from './matrix.js'
import { type NativeQuery, prepareNativeQuery } from './native-query.js'
import { Nearest } from './nearest.js'
import { scanInto } from './plain-scan.js'
import { measureProven } from './proven-nearest.js'
import { SketchScan } from './sketched-nearest.js'
import { INT8_DIMENSIONS_MAX, loadUsearch, type Usearch, type UsearchMissing } from './usearch.js'

/**
 * Below this share of admitted rows they are copied together first. Measured, that pays below 26 % at 128
 * components, 33 % at 256 and 42 % at 768.
 */
const COPY_BELOW = 0.3
/** The same for rows with a sketch, of which a scan in place reads a quarter of the bytes (measured at 256). */
const COPY_BELOW_SKETCHED = 0.25
/** Fewer admitted rows are copied as they are: most of what codes leave would have to be measured (measured at 256). */
const SKETCH_FROM = 256
/** Shorter rows are scanned in place: copying one costs more than reading it in plain TypeScript (measured). */
const COPY_FROM_DIMENSIONS = 64
/** Admitted rows are copied 1 MiB at a time, which stays in the processor's cache. */
const BLOCK_FLOATS = 256 * 1024
/** The longest row of a `cosine` matrix, with room for rounding to f32. */
const UNIT_NORM = 1.001
/** Rows fetched beyond those wanted: they show where the wanted ones end. */
const SLACK = 16

/**
 * The exact scan on the processor's vector instructions, about six times faster than `plainScan` and with the same
 * answers to the last bit: the native f32 distances only choose, and the chosen are measured again in f64. Where
 * the native answer cannot prove that it chose right (more equal rows than it looked at, sums near the end of f32),
 * `plainScan`'s loop answers instead.
 */
export const simdScan: IndexBackend = simdScanWith(loadUsearch)

/** `simdScan` over a given native library. */
export function simdScanWith(load: () => Usearch | UsearchMissing): IndexBackend {
  return {
    kind: 'simd-scan',
    supports: {
      metrics: ['cosine', 'dot', 'euclidean'],
      exact: true,
      mask: true,
      persists: false,
      // A search holds the event loop: 32 MiB take about 1.5 ms.
      maxBytes: 32 * 1024 * 1024,
    },
    async build({ vectors, count, dimensions, metric, signal }) {
      signal.throwIfAborted()
      const matrix = { vectors, count, dimensions, metric }
      // Rows of unit length need no measuring, and most collections are `cosine`.
      const largestNorm = metric === 'cosine' ? UNIT_NORM : largestNormOf(matrix)
      const library = libraryOf(load())
      return new SimdScanIndex(matrix, largestNorm, library, sketchScanOf(matrix, library))
    },
  }
}

/**
 * The exact scan of a matrix as it is, without a build: for rows that no backend has indexed yet.
 *
 * @param largestNorm - at least the length of the longest row; for `cosine` at least 1
 * @returns `undefined` where the native library does not load: then use `plainScanOver`
 */
export function simdScanOver(matrix: Matrix, largestNorm: number): VectorIndex | undefined {
  const library = loadUsearch()
  return 'reason' in library ? undefined : new SimdScanIndex(matrix, largestNorm, library)
}

/** The same for rows that stay as they are: searches come to be narrowed down by a sketch. */
export function sketchedScanOver(matrix: Matrix, largestNorm: number): VectorIndex | undefined {
  const library = loadUsearch()
  if ('reason' in library) return undefined
  return new SimdScanIndex(matrix, largestNorm, library, sketchScanOf(matrix, library))
}

function sketchScanOf(matrix: Matrix, { exactSearchInt8 }: Usearch): SketchScan | undefined {
  if (exactSearchInt8 === undefined || matrix.dimensions > INT8_DIMENSIONS_MAX) return undefined
  return new SketchScan(matrix, exactSearchInt8)
}

function libraryOf(loaded: Usearch | UsearchMissing): Usearch {
  if (!('reason' in loaded)) return loaded
  throw new ReplivecError('BACKEND_FAILED', `No 'simd-scan': ${loaded.reason}. Use 'plain-scan'.`, {
    details: { kind: 'simd-scan' },
  })
}

/** One query over copies of the admitted rows. */
interface CopySearch {
  readonly query: NativeQuery | undefined
  readonly heap: Nearest
  /** Offers a row of the matrix to `heap`, at its exact distance. */
  readonly measure: (row: number) => void
}

class SimdScanIndex implements VectorIndex {
  readonly #matrix: Matrix
  readonly #library: Usearch
  readonly #largestNorm: number
  readonly #sketch: SketchScan | undefined

  constructor(matrix: Matrix, largestNorm: number, library: Usearch, sketch?: SketchScan) {
    this.#matrix = matrix
    this.#library = library
    this.#largestNorm = largestNorm
    this.#sketch = sketch
  }

  get bytes(): IndexBytes {
    const shared = this.#matrix.vectors.byteLength
    return { memory: shared + (this.#sketch?.bytes ?? 0), disk: 0, shared }
  }

  search(input: { queries: Float32Array; count: number; k: number; allow?: Uint32Array }): Candidates[] {
    const { queries, count, k } = input
    const allow = input.allow && admittedRows(input.allow, this.#matrix.count)
    const admitted = allow?.count() ?? this.#matrix.count
    const wanted = Math.min(k, admitted)
    const nearest = Array.from({ length: count }, () => new Nearest(wanted))
    const copyBelow = this.#sketch?.isMade ? COPY_BELOW_SKETCHED : COPY_BELOW
    if (wanted > 0) {
      if (allow === undefined || admitted >= this.#matrix.count * copyBelow) {
        this.#searchAll(nearest, queries, wanted, admitted, allow)
      } else if (this.#isWorthCopying(wanted, admitted)) {
        this.#searchThese(nearest, queries, wanted, ordinalsOf(allow, admitted))
      } else {
        for (const [index, heap] of nearest.entries()) {
          scanInto(heap, this.#matrix, queries, index * this.#matrix.dimensions, allow)
        }
      }
    }
    return nearest.map((heap) => heap.take())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sketch?.close()
  }

  /** Searches all rows in place, looking for enough of them that the wanted admitted ones are among them. */
  #searchAll(
    nearest: Nearest[],
    queries: Float32Array,
    wanted: number,
    admitted: number,
    allow: Bitmap | undefined,
  ): void {
    const matrix = this.#matrix
    const { vectors, dimensions } = matrix
    const kernel = indexedKernel(matrix.metric, !matrix.unitSlack)
    const share = admitted / matrix.count
    const fetch = share === 1 ? wanted + SLACK : Math.ceil(((wanted + SLACK) / share) * 1.2)
    for (const [index, heap] of nearest.entries()) {
      const offset = index * dimensions
      const measure = (row: number) => {
        heap.offer(kernel(vectors, row * dimensions, queries, offset, dimensions), row)
      }
      const narrowed = { queries, offset, wanted, nearest: heap, measure }
      if (this.#sketch?.searchAll(narrowed, admitted, allow)) continue
      const query = prepareNativeQuery(matrix, this.#largestNorm, queries, offset)
      const search = { matrix, query, wanted, fetch, bound: heap.bound, allow, measure }
      if (!measureProven(this.#library, search)) scanInto(heap, matrix, queries, offset, allow)
    }
  }

  #isWorthCopying(wanted: number, admitted: number): boolean {
    const { dimensions } = this.#matrix
    if (dimensions < COPY_FROM_DIMENSIONS) return false
    // A block of which half is fetched is measured row by row anyway.
    return 2 * (wanted + SLACK) < Math.min(Math.floor(BLOCK_FLOATS / dimensions), admitted)
  }

  /** Searches the admitted rows by their codes where there are any, else copies them together. */
  #searchThese(nearest: Nearest[], queries: Float32Array, wanted: number, ordinals: Uint32Array): void {
    const { vectors, dimensions, metric, unitSlack } = this.#matrix
    const kernel = indexedKernel(metric, !unitSlack)
    const sketch = ordinals.length < SKETCH_FROM ? undefined : this.#sketch
    const left: CopySearch[] = []
    for (const [index, heap] of nearest.entries()) {
      const offset = index * dimensions
      const measure = (row: number) => {
        heap.offer(kernel(vectors, row * dimensions, queries, offset, dimensions), row)
      }
      if (sketch?.searchThese({ queries, offset, wanted, nearest: heap, measure }, ordinals)) continue
      const query = prepareNativeQuery(this.#matrix, this.#largestNorm, queries, offset)
      left.push({ query, heap, measure })
    }
    if (left.length > 0) this.#searchCopies(left, wanted, ordinals)
  }

  /** Copies the given rows together, block by block, and has each block searched by all. */
  #searchCopies(searches: readonly CopySearch[], wanted: number, ordinals: Uint32Array): void {
    const blockRows = Math.floor(BLOCK_FLOATS / this.#matrix.dimensions)
    const fetch = wanted + SLACK
    for (let from = 0; from < ordinals.length; from += blockRows) {
      const block = ordinals.subarray(from, from + blockRows)
      const matrix = copyRows(this.#matrix, block)
      for (const { query, heap, measure } of searches) {
        const measureCopy = (row: number) => measure(block[row] as number)
        const search = { matrix, query, wanted, fetch, bound: heap.bound, measure: measureCopy }
        if (!measureProven(this.#library, search)) block.forEach(measure)
      }
    }
  }
}

function ordinalsOf(allow: Bitmap, count: number): Uint32Array {
  const ordinals = new Uint32Array(count)
  let size = 0
  allow.forEach((ordinal) => {
    ordinals[size++] = ordinal
  })
  return ordinals
}

/** Where blocks are copied to. Searches are synchronous, so one is enough for all indexes. */
let scratch = new Float32Array(0)

function copyRows(matrix: Matrix, ordinals: Uint32Array): Matrix {
  const { vectors, dimensions, metric, unitSlack } = matrix
  const count = ordinals.length
  if (scratch.length < count * dimensions) scratch = new Float32Array(BLOCK_FLOATS)
  for (let row = 0; row < count; row++) {
    const from = (ordinals[row] as number) * dimensions
    scratch.set(vectors.subarray(from, from + dimensions), row * dimensions)
  }
  return { vectors: scratch.subarray(0, count * dimensions), count, dimensions, metric, unitSlack }
}
