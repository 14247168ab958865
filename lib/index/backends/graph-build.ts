import { ReplivecError } from '../../errors.js'
import { removeBlocking, renameBlocking } from '../../runtime/blocking-files.js'
import type { Metric } from '../metric.js'
import {
  chooseCoding,
  encodeRows,
  type GraphCoding,
  graphMetricOf,
  keepsDigits,
  sampledRows,
} from './graph-coding.js'
import { orderGraph } from './graph-order.js'
import type { Matrix } from './matrix.js'
import { NeighbourSample } from './neighbour-sample.js'
import { loadUsearch } from './usearch.js'
import { type GraphScalar, UsearchGraph } from './usearch-graph.js'

/** Rows added between two looks at whether the build is still wanted: a fraction of a second's work. */
const ROWS_A_STEP = 512

/** Threads that add rows to a small graph do not see each other's, and leave a worse one: each gets so many rows at least. */
const ROWS_A_THREAD = 8_192

/** How wide a search has to look: the first of these that finds enough of a sample's neighbours. */
const EFS = [64, 128, 256, 512, 1_024]
const RECALL_MIN = 0.97

/** What a worker is told to build. */
export interface GraphBuild {
  /** `count × dimensions` f32, row-major; shared, so that nothing is copied between threads. */
  readonly vectors: SharedArrayBuffer
  readonly count: number
  readonly dimensions: number
  readonly metric: Metric
  /** How rows may be kept, in order of preference. */
  readonly scalars: readonly GraphScalar[]
  /** Threads of the library's own at most. */
  readonly threads: number
  /** Where the graph goes, and an empty one beside it. */
  readonly graphPath: string
  readonly emptyPath: string
  /** Two words: set the first to stop the build; the second says how many rows are in. */
  readonly control: SharedArrayBuffer
}

/** What was built. */
export interface BuiltGraph {
  readonly coding: GraphCoding
  /**
   * How wide a search looks by itself. Measured, because it depends on the data: where queries lie apart from the rows, as dot
   * products with an offset do, it has to be much more. `null` when no width is enough: then the rows are to be scanned.
   */
  readonly ef: number | null
}

/**
 * Builds a graph and saves it. Takes minutes of the thread it runs on.
 *
 * @returns `undefined` when it was stopped
 */
export function buildGraph(build: GraphBuild): BuiltGraph | undefined {
  const { count, dimensions, metric, scalars, threads, graphPath, emptyPath } = build
  const control = new Int32Array(build.control)
  const isStopped = (): boolean => Atomics.load(control, 0) !== 0
  if (isStopped()) return undefined
  const matrix = { vectors: new Float32Array(build.vectors), count, dimensions, metric }
  const library = loadUsearch()
  if ('reason' in library) {
    throw new ReplivecError('BACKEND_FAILED', `No graph can be built: ${library.reason}.`, {
      details: { kind: 'graph' },
    })
  }
  const coding = chooseCoding(matrix, scalars, library)
  const isFaithful = keepsDigits(matrix, coding, library)
  const shape = { dimensions, metric: graphMetricOf(metric, coding.scalar), scalar: coding.scalar }
  new UsearchGraph(shape).save(emptyPath)
  const graph = new UsearchGraph(shape, Math.max(1, Math.min(threads, Math.floor(count / ROWS_A_THREAD))))
  const sample = new NeighbourSample(sampledRows(coding, matrix), library, { holdsOut: true })
  const add = (ordinals: Uint32Array): void => {
    graph.add(encoded(coding, matrix, ordinals), ordinals)
    Atomics.store(control, 1, graph.count)
  }
  const heldOut = new Set(sample.heldOut)
  for (let from = 0; from < count; from += ROWS_A_STEP) {
    if (isStopped()) return undefined
    const all = Uint32Array.from({ length: Math.min(ROWS_A_STEP, count - from) }, (_, i) => from + i)
    add(all.filter((ordinal) => !heldOut.has(ordinal)))
  }
  const ef = isFaithful ? widthFor(graph, sample) : null
  if (heldOut.size > 0) add(sample.heldOut)
  const unorderedPath = `${graphPath}.unordered`
  graph.save(unorderedPath)
  // The library's memory is nothing the collector knows of: not to wait for it.
  graph.release(emptyPath)
  ordering(() => {
    const isOrdered = orderGraph(unorderedPath, graphPath, isStopped)
    // A file laid out in another way than this version of the library does is searched as it is.
    if (isOrdered) removeBlocking(unorderedPath)
    else renameBlocking(unorderedPath, graphPath)
  })
  return isStopped() ? undefined : { coding, ef }
}

function encoded(coding: GraphCoding, matrix: Matrix, ordinals: Uint32Array): Float32Array {
  const { dimensions } = matrix
  const vectors = new Float32Array(ordinals.length * dimensions)
  for (const [i, ordinal] of ordinals.entries()) {
    vectors.set(matrix.vectors.subarray(ordinal * dimensions, (ordinal + 1) * dimensions), i * dimensions)
  }
  return encodeRows(coding, { ...matrix, vectors, count: ordinals.length }, 0, ordinals.length)
}

function ordering(order: () => void): void {
  try {
    order()
  } catch (cause) {
    const message = 'The graph index failed: the vertices of a graph could not be put in order.'
    throw new ReplivecError('BACKEND_FAILED', message, { details: { kind: 'graph' }, cause })
  }
}

function widthFor(graph: UsearchGraph, sample: NeighbourSample): number | null {
  for (const ef of EFS) {
    const share = sample.keptShare((query) => graph.search(query, ef).ordinals)
    if (share >= RECALL_MIN) return ef
  }
  return null
}
