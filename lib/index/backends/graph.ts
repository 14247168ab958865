import { ReplivecError } from '../../errors.js'
import type { Clock } from '../../runtime/clock.js'
import type { Files } from '../../runtime/files.js'
import { workerEntry, WorkerThread } from '../../runtime/worker-thread.js'
import type { Candidates, IndexBackend, IndexBytes, VectorIndex } from '../backend.js'
import type { BuiltGraph, GraphBuild } from './graph-build.js'
import { encodeQuery, graphMetricOf } from './graph-coding.js'
import { describeGraph, graphFilesIn, type GraphRows, readGraph } from './graph-files.js'
import { type GraphScalar, UsearchGraph } from './usearch-graph.js'

/** Rows copied for the worker before other work gets a turn: about a millisecond of copying. */
const COPY_FLOATS = 1024 * 1024
/** The largest graph: what one build takes of memory beside the graph. */
const BYTES_MAX = 2 * 1024 * 1024 * 1024

/** Between two looks at how far a build is. */
const LOOK_MS = 100

export interface GraphOptions {
  /** How statistics call it. */
  readonly kind: string
  /** How rows may be kept, in order of preference: the first that keeps their neighbours is taken, at last f32. */
  readonly scalars: readonly GraphScalar[]
  /** Real files: the library maps them. */
  readonly files: Files
  readonly clock: Clock
  /** Builds; one build at a time. */
  readonly worker: WorkerThread
  /** Threads of one build. */
  readonly threads: number
}

/** The thread that builds graphs. It starts with the first build. */
export function graphWorker(): WorkerThread {
  return new WorkerThread(workerEntry(import.meta.url, './graph-worker.js'))
}

/**
 * An approximate index: a graph over compact vectors, built by a worker thread into a file and searched where that file is
 * mapped. Candidates only: distances are those of the compact vectors.
 */
export function graphBackend(options: GraphOptions): IndexBackend {
  const { kind, files } = options
  return {
    kind,
    supports: {
      metrics: ['cosine', 'dot', 'euclidean'],
      exact: false,
      mask: false,
      persists: true,
      maxBytes: BYTES_MAX,
    },
    async build({ vectors, count, dimensions, metric, directory, signal, onProgress }) {
      if (directory === undefined) throw noDirectory(kind)
      const rows = { count, dimensions, metric }
      const built = await buildIn(options, directory, vectors, rows, signal, onProgress)
      const diskBytes = await describeGraph(files, directory, built, rows)
      return new GraphIndex(directory, { ...built, diskBytes }, rows)
    },
    async open({ directory, ...rows }) {
      return new GraphIndex(directory, await readGraph(files, directory, rows), rows)
    },
  }
}

async function buildIn(
  { scalars, clock, worker, threads }: GraphOptions,
  directory: string,
  vectors: Float32Array,
  rows: GraphRows,
  signal: AbortSignal,
  onProgress: ((indexed: number) => void) | undefined,
): Promise<BuiltGraph> {
  const shared = new SharedArrayBuffer(vectors.byteLength)
  const copy = new Float32Array(shared)
  for (let from = 0; from < vectors.length; from += COPY_FLOATS) {
    copy.set(vectors.subarray(from, from + COPY_FLOATS), from)
    await clock.yield()
    signal.throwIfAborted()
  }
  const control = new SharedArrayBuffer(8)
  const stop = (): void => void Atomics.store(new Int32Array(control), 0, 1)
  signal.addEventListener('abort', stop, { once: true })
  const stopLooking = onProgress && lookAt(clock, new Int32Array(control), onProgress)
  try {
    const build: GraphBuild = {
      vectors: shared,
      ...rows,
      scalars,
      threads,
      ...graphFilesIn(directory),
      control,
    }
    const built = await worker.request(build)
    signal.throwIfAborted()
    return built as BuiltGraph
  } finally {
    stopLooking?.()
    signal.removeEventListener('abort', stop)
  }
}

/** Tells now and then how many rows are in. @returns how to stop that */
function lookAt(clock: Clock, control: Int32Array, onProgress: (indexed: number) => void): () => void {
  let cancel: () => void
  const look = (): void => {
    cancel = clock.timer(() => {
      onProgress(Atomics.load(control, 1))
      look()
    }, LOOK_MS)
  }
  look()
  return () => cancel()
}

class GraphIndex implements VectorIndex {
  readonly #graph: UsearchGraph
  readonly #built: BuiltGraph & { readonly diskBytes: number }
  readonly #rows: GraphRows
  readonly #emptyPath: string
  #isReleased = false

  constructor(directory: string, built: BuiltGraph & { readonly diskBytes: number }, rows: GraphRows) {
    const { graphPath, emptyPath } = graphFilesIn(directory)
    const { scalar } = built.coding
    const shape = { dimensions: rows.dimensions, metric: graphMetricOf(rows.metric), scalar }
    this.#graph = UsearchGraph.view(graphPath, shape, rows.count)
    this.#built = built
    this.#rows = rows
    this.#emptyPath = emptyPath
  }

  /** The file is mapped: the system keeps of it in memory what it has room for. */
  get bytes(): IndexBytes {
    return { memory: 0, disk: this.#built.diskBytes }
  }

  /** Rows of two bytes a component and more rank their neighbours as the vectors do, but for a few in a thousand. */
  candidatesFor(k: number): number {
    return this.#built.coding.scalar === 'i8' ? Math.max(64, 3 * k) : k
  }

  search(input: { queries: Float32Array; count: number; k: number; ef?: number }): Candidates[] {
    const { queries, count, k, ef = this.#built.ef } = input
    // No width finds enough: whoever asks scans where too few come back.
    if (ef === null) return Array.from({ length: count }, () => NONE)
    return Array.from({ length: count }, (_, index) => this.#search(queries, index, k, ef))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#graph.release(this.#emptyPath)
  }

  #search(queries: Float32Array, index: number, k: number, ef: number): Candidates {
    const { dimensions, count } = this.#rows
    const query = encodeQuery(this.#built.coding, queries, index * dimensions, dimensions)
    if (!query) return NONE
    const found = this.#graph.search(query.floats, Math.min(count, Math.max(k, ef)))
    const ordinals = found.ordinals.slice(0, k)
    return { ordinals, distances: found.distances.slice(0, k).map((native) => query.distanceOf(native)) }
  }
}

const NONE: Candidates = { ordinals: new Uint32Array(0), distances: new Float32Array(0) }

function noDirectory(kind: string): ReplivecError {
  return new ReplivecError('BACKEND_FAILED', `The backend '${kind}' needs a directory for its files.`, {
    details: { kind },
  })
}
