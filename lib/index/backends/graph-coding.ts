import { indexedKernel, normOf } from '../distance.js'
import type { Metric } from '../metric.js'
import type { Matrix } from './matrix.js'
import { NeighbourSample, type NeighbourSampleOptions, type SampledRows } from './neighbour-sample.js'
import type { Usearch } from './usearch.js'
import type { GraphMetric, GraphScalar } from './usearch-graph.js'

/**
 * How rows stand in a graph: moved so that their mean is the origin, and scaled so that the longest has at most unit length.
 * Neither changes who is near to whom: euclidean distances do not see a common offset, and a dot product with every row
 * loses the same amount. But a compact number has few digits, and an offset would use them up: measured, rows with an
 * offset of 1 000 times their spread are found to 7 % in bf16, and after this as in f32. `cosine` rows are scaled to unit
 * length, each by itself.
 */
export interface GraphCoding {
  readonly metric: Metric
  readonly scalar: GraphScalar
  /** What is subtracted from every row; `undefined` for cosine. */
  readonly centre: Float32Array | undefined
  /** What rows are multiplied by then: a power of two, which costs no digit. */
  readonly scale: number
}

/** Rows they are compared over, in bytes of f32. */
const SAMPLE_BYTES_MAX = 32 * 1024 * 1024
/** In so many runs, from the first row to the last. */
const SAMPLE_RUNS = 16
/** The true neighbours must be among so many compact ones, up to this share of them. */
const AMONG = 50
const KEPT_SHARE_MIN = 0.99
/** Rows that f32 itself is judged by: all of them are measured for each query. */
const MEASURED_ROWS = 1_024
/** A row so many times as long as half of them are has no say in where the middle is. */
const OUTLIER = 1_000
/** A euclidean query farther away than this many times the longest row leaves f32 no digits to tell rows apart. */
const REACH_MAX = 1_000

/**
 * The metric of the library that ranks encoded rows as `metric` ranks the rows. Rows of unit length need no norms, which makes a
 * search a tenth faster (measured); but numbers of one byte are only right for `cos`.
 */
export function graphMetricOf(metric: Metric, scalar: GraphScalar): GraphMetric {
  if (metric === 'euclidean') return 'l2sq'
  return metric === 'cosine' && scalar === 'i8' ? 'cos' : 'ip'
}

/**
 * Chooses how rows are encoded: the first scalar that keeps their neighbours, as a sample tells. `'f32'` always does.
 *
 * @param scalars - in order of preference
 */
export function chooseCoding(matrix: Matrix, scalars: readonly GraphScalar[], usearch: Usearch): GraphCoding {
  const { metric } = matrix
  const centre = metric === 'cosine' ? undefined : meanOf(matrix)
  const scale = centre ? scaleFor(matrix, centre) : 1
  const codings = scalars.map((scalar) => ({ metric, scalar, centre, scale }))
  const exact = { metric, scalar: 'f32', centre, scale } as const
  const fitting = codings.filter(({ scalar }) => keepsMetric(scalar, metric))
  return (
    fitting.find((coding) => coding.scalar === 'f32' || keepsNeighbours(matrix, coding, usearch)) ?? exact
  )
}

/** i8 scales every vector to unit length, after which only angles can be compared. */
export function keepsMetric(scalar: GraphScalar, metric: Metric): boolean {
  return scalar !== 'i8' || metric === 'cosine'
}

/** Rows `from` to `to` as the graph takes them. */
export function encodeRows(
  { centre, scale }: GraphCoding,
  { vectors, dimensions }: Matrix,
  from: number,
  to: number,
): Float32Array {
  const rows = vectors.slice(from * dimensions, to * dimensions)
  if (!centre) return scaledToUnit(rows, dimensions)
  for (let row = 0; row < rows.length; row += dimensions) {
    for (let i = 0; i < dimensions; i++) {
      rows[row + i] = ((rows[row + i] as number) - (centre[i] as number)) * scale
    }
  }
  return rows
}

function scaledToUnit(rows: Float32Array, dimensions: number): Float32Array {
  for (let row = 0; row < rows.length; row += dimensions) {
    const norm = normOf(rows, row, dimensions)
    for (let i = 0; i < dimensions && norm > 0; i++) rows[row + i] = (rows[row + i] as number) / norm
  }
  return rows
}

/** A query as the graph takes it. */
export interface EncodedQuery {
  readonly floats: Float32Array
  /** A distance of the graph in the metric's own unit, as good as the compact rows are. */
  distanceOf(native: number): number
}

/**
 * Encodes the query at `offset` of `queries`, in components.
 *
 * @returns `undefined` when the graph cannot tell rows apart for it
 */
export function encodeQuery(
  { metric, centre, scale }: GraphCoding,
  queries: Float32Array,
  offset: number,
  dimensions: number,
): EncodedQuery | undefined {
  // Nobody writes to it: a single query is taken as it is.
  const isWhole = queries.length === dimensions && queries.byteOffset === 0
  const floats = isWhole && !centre ? queries : queries.slice(offset, offset + dimensions)
  if (!centre) return { floats, distanceOf: (native) => Math.min(2, Math.max(0, native)) }
  if (metric === 'euclidean') {
    for (let i = 0; i < dimensions; i++) floats[i] = ((floats[i] as number) - (centre[i] as number)) * scale
    const reach = normOf(floats, 0, dimensions)
    if (!(reach <= REACH_MAX)) return undefined
    return { floats, distanceOf: (native) => Math.sqrt(Math.max(0, native)) / scale }
  }
  const norm = normOf(floats, 0, dimensions)
  if (norm === 0) return undefined
  let offsetProduct = 0
  for (let i = 0; i < dimensions; i++) {
    offsetProduct += (floats[i] as number) * (centre[i] as number)
    floats[i] = (floats[i] as number) / norm
  }
  return { floats, distanceOf: (native) => -(((1 - native) / scale) * norm + offsetProduct) }
}

/** The mean of all rows but those that are very far out: one of them would take its digits from the centre. */
function meanOf({ vectors, count, dimensions }: Matrix): Float32Array {
  const norms = Float64Array.from({ length: count }, (_, row) =>
    normOf(vectors, row * dimensions, dimensions),
  )
  const normMax = OUTLIER * (norms.toSorted()[count >> 1] as number)
  const sums = new Float64Array(dimensions)
  let summed = 0
  for (let row = 0; row < count; row++) {
    if ((norms[row] as number) > normMax) continue
    summed += 1
    for (let i = 0; i < dimensions; i++) {
      sums[i] = (sums[i] as number) + (vectors[row * dimensions + i] as number)
    }
  }
  return Float32Array.from(sums, (sum) => sum / summed)
}

function scaleFor({ vectors, count, dimensions }: Matrix, centre: Float32Array): number {
  let largest = 0
  for (let row = 0; row < count * dimensions; row += dimensions) {
    let squares = 0
    for (let i = 0; i < dimensions; i++)
      squares += ((vectors[row + i] as number) - (centre[i] as number)) ** 2
    largest = Math.max(largest, squares)
  }
  return largest === 0 ? 1 : 2 ** -Math.ceil(Math.log2(largest) / 2)
}

/** The rows of a matrix, to sample them as they are encoded. */
export function sampledRows(coding: GraphCoding, matrix: Matrix): SampledRows {
  const { vectors, count, dimensions } = matrix
  const kernel = indexedKernel(coding.metric)
  return {
    rows: (from, to) => encodeRows(coding, matrix, from, to),
    // A copy, because the rows may be shared between threads, and the library takes no such memory.
    query: (row) => {
      const query = vectors.slice(row * dimensions, (row + 1) * dimensions)
      return encodeQuery(coding, query, 0, dimensions)?.floats
    },
    distance: (row, other) => kernel(vectors, row * dimensions, vectors, other * dimensions, dimensions),
    ...{ count, dimensions, metric: coding.metric === 'euclidean' ? 'l2sq' : 'ip' },
  }
}

/** Whether rows as compact as `coding` has them keep neighbours. */
function keepsNeighbours(matrix: Matrix, coding: GraphCoding, usearch: Usearch): boolean {
  const rowsMax = Math.max(AMONG, Math.floor(SAMPLE_BYTES_MAX / (matrix.dimensions * 4)))
  return keepsSampled(spreadSample(matrix, rowsMax), coding, usearch)
}

/**
 * Whether f32 keeps neighbours once rows are centred and scaled: one row that is farther away than f32 has digits leaves none
 * to the others.
 */
export function keepsDigits(matrix: Matrix, coding: GraphCoding, usearch: Usearch): boolean {
  if (!coding.centre) return true
  const exact = { ...coding, scalar: 'f32' } as const
  return keepsSampled(spreadSample(matrix, MEASURED_ROWS), exact, usearch, { measuresAll: true })
}

/** Whether true neighbours are among those by encoded rows, which are brute-forced: no graph is judged here. */
function keepsSampled(
  sample: Matrix,
  coding: GraphCoding,
  usearch: Usearch,
  options?: NeighbourSampleOptions,
): boolean {
  const { dimensions } = sample
  const rows = sampledRows(coding, sample)
  const { count, metric } = rows
  if (count <= AMONG) return true
  const vectors = roundTo(coding.scalar, rows.rows(0, count), dimensions)
  const share = new NeighbourSample(rows, usearch, options).keptShare((exact) => {
    const query = roundTo(coding.scalar, exact, dimensions)
    const { ordinals } = usearch.exactSearch({ vectors, query, dimensions, count, metric, k: AMONG })
    return Uint32Array.from(ordinals, Number)
  })
  return share >= KEPT_SHARE_MIN
}

/** Some rows of a matrix, in runs from all over it: what was written late may be of another kind. */
function spreadSample(matrix: Matrix, rowsMax: number): Matrix {
  const { vectors, count, dimensions } = matrix
  if (count <= rowsMax) return matrix
  const runRows = Math.floor(rowsMax / SAMPLE_RUNS)
  const sample = new Float32Array(SAMPLE_RUNS * runRows * dimensions)
  for (let run = 0; run < SAMPLE_RUNS; run++) {
    const from = Math.floor((run * (count - runRows)) / (SAMPLE_RUNS - 1))
    const rows = vectors.subarray(from * dimensions, (from + runRows) * dimensions)
    sample.set(rows, run * runRows * dimensions)
  }
  return { ...matrix, vectors: sample, count: SAMPLE_RUNS * runRows }
}

/** Rows rounded as the library rounds them, as f32 again. */
function roundTo(scalar: GraphScalar, rows: Float32Array, dimensions: number): Float32Array {
  const rounded = rows.slice()
  if (scalar === 'bf16') {
    const bits = new Uint32Array(rounded.buffer)
    // The upper half of an f32, rounded to the nearest, ties to even.
    for (let i = 0; i < bits.length; i++) {
      const word = bits[i] as number
      bits[i] = (word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000
    }
  }
  if (scalar === 'i8') {
    for (let row = 0; row < rounded.length; row += dimensions) {
      const norm = normOf(rows, row, dimensions)
      for (let i = 0; i < dimensions && norm > 0; i++) {
        rounded[row + i] = Math.round(((rows[row + i] as number) / norm) * 127)
      }
    }
  }
  return rounded
}
