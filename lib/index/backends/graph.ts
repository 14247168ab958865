import { ReplivecError } from '../../errors.js'
import type { Clock } from '../../runtime/clock.js'
import type { Files } from '../../runtime/files.js'
import { workerEntry, WorkerThread } from '../../runtime/worker-thread.js'
import type { Candidates, IndexBackend, IndexBytes, IndexForm, VectorIndex } from '../backend.js'
import type { BuiltGraph, GraphBuild } from './graph-build.js'
import { encodeQuery, type GraphCoding, graphMetricOf, keepsMetric } from './graph-coding.js'
import { describeGraph, graphFilesIn, type GraphRows, readGraph } from './graph-files.js'
import type { GraphPool } from './graph-pool.js'
import type { GraphFile } from './pooled-graph.js'
import { type GraphMatches, type GraphScalar, MATCHES_MAX, UsearchGraph } from './usearch-graph.js'

/** Rows copied for the worker before other work gets a turn: about a millisecond of copying. */
const COPY_FLOATS = 1024 * 1024
/** Queries of one call that are asked for at once: enough for every thread, and few enough for one turn of the event loop. */
const QUERIES_AT_ONCE = 64
/** Between two looks at how far a build is. */
const LOOK_MS = 100
/** The width measured at a build is for ten hits, and the two more that a search asks for; each more takes so many candidates. */
const MEASURED_FOR = 12
const CANDIDATES_EACH = 2
/** The largest graph: what one build takes of memory beside the graph. */
const BYTES_MAX = 2 * 1024 * 1024 * 1024

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
  /** Searches with all processors. Without one, every search runs in the calling thread. */
  readonly pool?: GraphPool
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
      return new GraphIndex(directory, { ...built, diskBytes }, rows, options)
    },
    async open({ directory, ...rows }) {
      return new GraphIndex(directory, await readGraph(files, directory, rows), rows, options)
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
    const built = await worker.request(build, stop)
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

type SearchInput = Parameters<VectorIndex['search']>[0]

/** A graph that was opened, in a pool or in this thread alone. */
interface OpenGraph {
  search(query: Float32Array, k: number): GraphMatches | Promise<GraphMatches>
  release(): Promise<void> | void
}

class GraphIndex implements VectorIndex {
  readonly #graph: OpenGraph
  readonly #built: BuiltGraph & { readonly diskBytes: number }
  readonly #rows: GraphRows
  readonly #options: GraphOptions
  /** Calls with several queries: some of theirs are not asked for yet. */
  readonly #batches = new Set<Promise<unknown>>()
  #isReleased = false

  constructor(
    directory: string,
    built: BuiltGraph & { readonly diskBytes: number },
    rows: GraphRows,
    options: GraphOptions,
  ) {
    const { pool } = options
    const { scalar } = built.coding
    const shape = { dimensions: rows.dimensions, metric: graphMetricOf(rows.metric, scalar), scalar }
    const file = { ...graphFilesIn(directory), shape, count: rows.count }
    this.#graph = pool ? pool.open(file) : openHere(file)
    this.#built = built
    this.#rows = rows
    this.#options = options
  }

  get form(): IndexForm {
    const { scalars, pool } = this.#options
    const { coding, ef } = this.#built
    const reason = pool?.reason ?? reasonOf(coding, scalars[0] ?? 'f32', ef)
    return { name: coding.scalar, ...(reason === undefined ? {} : { reason }) }
  }

  /** The file is mapped: the system keeps of it in memory what it has room for. */
  get bytes(): IndexBytes {
    return { memory: 0, disk: this.#built.diskBytes }
  }

  /** All that a search finds: whoever measures them again stops where no other can be nearer. */
  candidatesFor(k: number): number {
    const { ef } = this.#built
    // More than any scan is worth: it is not to be asked.
    if (ef === null) return Number.MAX_SAFE_INTEGER
    return ef + CANDIDATES_EACH * Math.max(0, k - MEASURED_FOR)
  }

  search(input: SearchInput): Promise<Candidates[]> | Candidates[] {
    const { queries, count, k, ef = this.#built.ef } = input
    // No width finds enough: whoever asks scans where too few come back.
    if (ef === null) return Array.from({ length: count }, () => NONE)
    if (count > 1) return this.#inFlight(this.#searchAll(queries, count, k, ef))
    const found = this.#search(queries, 0, k, ef)
    return found instanceof Promise ? found.then((candidates) => [candidates]) : [found]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isReleased) return
    this.#isReleased = true
    await Promise.allSettled(this.#batches)
    await this.#graph.release()
  }

  async #inFlight<T>(batch: Promise<T>): Promise<T> {
    this.#batches.add(batch)
    try {
      return await batch
    } finally {
      this.#batches.delete(batch)
    }
  }

  async #searchAll(queries: Float32Array, count: number, k: number, ef: number): Promise<Candidates[]> {
    const answers: Candidates[] = []
    let next = 0
    const searchOn = async (): Promise<void> => {
      for (let index = next++; index < count; index = next++) {
        answers[index] = await this.#search(queries, index, k, ef)
      }
    }
    await Promise.all(Array.from({ length: Math.min(count, QUERIES_AT_ONCE) }, searchOn))
    return answers
  }

  #search(queries: Float32Array, index: number, k: number, ef: number): Candidates | Promise<Candidates> {
    const { dimensions, count } = this.#rows
    const query = encodeQuery(this.#built.coding, queries, index * dimensions, dimensions)
    if (!query) return NONE
    const found = this.#graph.search(query.floats, Math.min(count, MATCHES_MAX, Math.max(k, ef)))
    const candidatesOf = ({ ordinals, distances }: GraphMatches): Candidates => {
      const found = Math.min(k, ordinals.length)
      // They are fresh: nobody else has them.
      for (let i = 0; i < found; i++) distances[i] = query.distanceOf(distances[i] as number)
      return { ordinals: ordinals.subarray(0, found), distances: distances.subarray(0, found) }
    }
    return found instanceof Promise ? found.then(candidatesOf) : candidatesOf(found)
  }
}

/** Why a graph is not what was asked for. */
function reasonOf(
  { scalar, metric }: GraphCoding,
  preferred: GraphScalar,
  ef: number | null,
): string | undefined {
  if (ef === null) return 'no graph finds the neighbours of these vectors: they are compared one by one'
  if (scalar === preferred) return undefined
  const why = keepsMetric(preferred, metric)
    ? `${preferred} would lose neighbours of these vectors`
    : `${preferred} keeps no lengths, so it is for 'cosine' only`
  return `components are kept as ${scalar}: ${why}`
}

function openHere({ graphPath, emptyPath, shape, count }: GraphFile): OpenGraph {
  const graph = UsearchGraph.view(graphPath, shape, count)
  return {
    search: (query, k) => graph.search(query, k),
    release: () => graph.release(emptyPath),
  }
}

const NONE: Candidates = { ordinals: new Uint32Array(0), distances: new Float32Array(0) }

function noDirectory(kind: string): ReplivecError {
  return new ReplivecError('BACKEND_FAILED', `The backend '${kind}' needs a directory for its files.`, {
    details: { kind },
  })
}
