import { ReplivecError } from '../../errors.js'
import { assertMappable } from '../../runtime/mappable-file.js'
import { requireUsearch } from './usearch.js'

/** How a graph keeps the components of its vectors. `'i8'` scales every vector to unit length, so it is for cosine only. */
export type GraphScalar = 'f32' | 'bf16' | 'i8'
/** `'cos'` is 1 − cos, `'ip'` 1 − (a · b), `'l2sq'` the squared euclidean distance. */
export type GraphMetric = 'cos' | 'ip' | 'l2sq'

export interface GraphShape {
  readonly dimensions: number
  readonly metric: GraphMetric
  readonly scalar: GraphScalar
}

/** Candidates of one query, nearest first, by the distances of the compact vectors. */
export interface GraphMatches {
  readonly ordinals: Uint32Array
  readonly distances: Float32Array
}

const DIMENSIONS_MAX = 65_536
const SCALARS: readonly string[] = ['f32', 'bf16', 'i8'] satisfies GraphScalar[]
const METRICS: readonly string[] = ['cos', 'ip', 'l2sq'] satisfies GraphMetric[]
/**
 * Neighbours of a vertex, usearch's default; and how wide a vertex that is added looks for them. Twice the default takes twice the
 * time to build, and finds what otherwise only a search a fifth wider would (measured at 50 000 text embeddings).
 */
const CONNECTIVITY = 16
const EXPANSION_ADD = 256
/** Results of one search at most: the library takes memory for all of them before it looks. */
export const MATCHES_MAX = 1_000_000
const THREADS_MAX = 256

/** The native class, as far as it is used. */
interface NativeIndex {
  add(keys: BigUint64Array, vectors: Float32Array, threads: number): void
  search(vectors: Float32Array, k: number, threads: number): { keys: BigUint64Array; distances: Float32Array }
  save(path: string): void
  view(path: string): void
  size(): number
  dimensions(): number
}

/**
 * A navigable small-world graph (Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using
 * Hierarchical Navigable Small World graphs", 2018) in the native library usearch. Everything given to the library is
 * checked, because a wrong argument ends the process there.
 *
 * It is either filled and saved, or a view of a file, which the system pages in and out. The file must be known to be
 * whole: the library follows whatever stands in it.
 */
export class UsearchGraph {
  readonly #native: NativeIndex
  readonly #shape: GraphShape
  /** The same for all additions: the library makes room for the threads of the first one only. */
  readonly #threads: number
  #count = 0
  /** Above every ordinal. */
  #end = 0

  /**
   * An empty graph.
   *
   * @param threads - how many of the library's own add vectors
   * @throws `BACKEND_FAILED` where the library does not load or a member is not as described
   */
  constructor(shape: GraphShape, threads = 1) {
    checkShape(shape)
    if (!Number.isInteger(threads) || threads < 1 || threads > THREADS_MAX) refuse('threads', threads)
    this.#shape = shape
    this.#threads = threads
    this.#native = newNative(shape)
  }

  /**
   * A graph as it lies in a file.
   *
   * @param path - of a file that `save` wrote, known to be whole; it must not change while it is viewed
   * @param count - vectors it must hold
   * @throws `BACKEND_FAILED` when it holds something else
   */
  static view(path: string, shape: GraphShape, count: number): UsearchGraph {
    const graph = new UsearchGraph(shape)
    graph.#view('open', path)
    const found = { dimensions: Number(graph.#native.dimensions()), count: Number(graph.#native.size()) }
    if (found.dimensions !== shape.dimensions || found.count !== count) {
      throw failed(
        `${path} holds ${found.count} vectors of ${found.dimensions} dimensions, not ${count} of ${shape.dimensions}`,
      )
    }
    graph.#count = count
    graph.#end = count
    return graph
  }

  /** Vectors in the graph. */
  get count(): number {
    return this.#count
  }

  /**
   * Adds vectors.
   *
   * @param vectors - row-major, finite; `count × dimensions` components
   * @param ordinals - of each, none of which came before; absent: they follow those added before
   */
  add(vectors: Float32Array, ordinals?: Uint32Array): void {
    const { dimensions } = this.#shape
    const count = Math.max(1, Math.floor((vectors?.length ?? 0) / dimensions))
    checkFloats('vectors', vectors, count * dimensions)
    const keys = new BigUint64Array(count)
    if (ordinals && ordinals.length !== count) refuse('ordinals', ordinals.length)
    for (let i = 0; i < count; i++) keys[i] = BigInt(ordinals?.[i] ?? this.#count + i)
    calling('build', () => this.#native.add(keys, vectors, this.#threads))
    this.#count += count
    for (const key of keys) this.#end = Math.max(this.#end, Number(key) + 1)
  }

  /** Writes the graph to a file, which is neither atomic nor synced. */
  save(path: string): void {
    calling('save', () => this.#native.save(path))
  }

  /**
   * The `k` nearest vectors as far as the graph finds them. The wider the search the more it finds: it looks as wide as `k`.
   *
   * @param query - exactly `dimensions` finite components
   */
  search(query: Float32Array, k: number): GraphMatches {
    this.checkSearch(query, k)
    // Asked for more than there are, the library would clear room for all of them.
    const wanted = Math.min(k, Math.max(1, this.#count))
    const { keys, distances } = calling('search', () => this.#native.search(query, wanted, 1))
    const ordinals = new Uint32Array(keys.length)
    // Lower and upper halves: a BigInt for each key would take longer than all else here.
    const halves = new Uint32Array(keys.buffer, keys.byteOffset, 2 * keys.length)
    for (let i = 0; i < keys.length; i++) {
      const ordinal = halves[2 * i] as number
      if (ordinal >= this.#end || halves[2 * i + 1] !== 0) {
        throw failed(`a search answered with vector ${keys[i]} of ${this.#end}`)
      }
      ordinals[i] = ordinal
    }
    return { ordinals, distances }
  }

  /** @throws `BACKEND_FAILED` when these are nothing that `search` takes */
  checkSearch(query: Float32Array, k: number): void {
    checkFloats('query', query, this.#shape.dimensions)
    if (!Number.isInteger(k) || k < 1 || k > MATCHES_MAX) refuse('k', k)
  }

  /**
   * Lets go of the file at once; the graph is empty then. The library unmaps a file only when the view is collected, or
   * views another one.
   *
   * @param emptyPath - a file that an empty graph was saved to
   */
  release(emptyPath: string): void {
    this.#count = 0
    this.#end = 0
    this.#view('release', emptyPath)
  }

  /** Where it cannot open or map a file, the library closes a descriptor it does not have: number 0, the standard input. */
  #view(what: string, path: string): void {
    calling(what, () => {
      assertMappable(path)
      this.#native.view(path)
    })
  }
}

function newNative({ dimensions, metric, scalar }: GraphShape): NativeIndex {
  const Index = indexClassOf(requireUsearch())
  return calling('make', () => {
    return new Index({
      dimensions,
      metric,
      quantization: scalar,
      connectivity: CONNECTIVITY,
      // How wide a search looks is the larger of this and `k`, so that `k` alone decides.
      ...{ expansion_add: EXPANSION_ADD, expansion_search: 1, multi: false },
    })
  })
}

function indexClassOf(library: unknown): new (config: object) => NativeIndex {
  const found =
    typeof library === 'object' && library !== null && 'Index' in library ? library.Index : undefined
  if (typeof found === 'function') return found as new (config: object) => NativeIndex
  throw failed('the native library usearch has no graphs here')
}

function checkShape({ dimensions, metric, scalar }: GraphShape): void {
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > DIMENSIONS_MAX) {
    refuse('dimensions', dimensions)
  }
  if (!METRICS.includes(metric)) refuse('metric', metric)
  if (!SCALARS.includes(scalar) || (scalar === 'i8' && metric !== 'cos')) refuse('scalar', scalar)
}

function checkFloats(name: string, floats: Float32Array, length: number): void {
  if (!(floats instanceof Float32Array) || floats.length !== length) refuse(name, floats?.length)
  if (!(floats.buffer instanceof ArrayBuffer)) refuse(`${name}.buffer`, 'shared')
}

function calling<T>(what: string, call: () => T): T {
  try {
    return call()
  } catch (cause) {
    if (ReplivecError.is(cause)) throw cause
    throw failed(`the native library could not ${what} a graph`, cause)
  }
}

function refuse(name: string, value: unknown): never {
  throw failed(`a graph was given a wrong ${name} (${String(value)}): please report this`)
}

function failed(problem: string, cause?: unknown): ReplivecError {
  return new ReplivecError('BACKEND_FAILED', `The graph index failed: ${problem}.`, {
    details: { kind: 'graph' },
    ...(cause === undefined ? {} : { cause }),
  })
}
