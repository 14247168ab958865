import { type GraphMatches, type GraphShape, UsearchGraph } from './usearch-graph.js'

/** How much the newest search counts in what one is expected to take. */
const NEWEST_SHARE = 1 / 8

/** A graph as it lies in a file known to be whole. */
export interface GraphFile {
  readonly graphPath: string
  /** An empty graph: to view it is to let go of the other. */
  readonly emptyPath: string
  readonly shape: GraphShape
  /** Vectors it holds. */
  readonly count: number
}

/** What a graph needs of its pool. */
export interface GraphSearcher {
  search(query: Float32Array, k: number): Promise<GraphMatches>
  /** Resolves when no thread of the pool has the file any more. */
  release(): Promise<void>
}

/** A graph that a pool searches, mapped in this thread too. */
export class PooledGraph {
  /** By which the threads know it. */
  readonly number: number
  readonly shape: GraphShape
  readonly #here: UsearchGraph
  readonly #emptyPath: string
  readonly #pool: GraphSearcher
  #msPerMatch = 0
  #unanswered = 0
  #whenAnswered: (() => void) | undefined
  #released: Promise<void> | undefined

  /** @throws `BACKEND_FAILED` when the file holds something else */
  constructor(number: number, { graphPath, emptyPath, shape, count }: GraphFile, pool: GraphSearcher) {
    this.number = number
    this.shape = shape
    this.#here = UsearchGraph.view(graphPath, shape, count)
    this.#emptyPath = emptyPath
    this.#pool = pool
  }

  /**
   * The `k` nearest vectors as far as the graph finds them; none once it was released.
   *
   * @param query - exactly `dimensions` finite components; taken over
   * @throws `BACKEND_FAILED` when an argument is wrong or the library fails, in whatever thread
   */
  async search(query: Float32Array, k: number): Promise<GraphMatches> {
    this.#here.checkSearch(query, k)
    if (this.#released) return { ordinals: new Uint32Array(0), distances: new Float32Array(0) }
    this.#unanswered++
    try {
      return await this.#pool.search(query, k)
    } finally {
      if (--this.#unanswered === 0) this.#whenAnswered?.()
    }
  }

  /** Resolves when what was asked is answered and the file is mapped nowhere in this process. */
  release(): Promise<void> {
    this.#released ??= this.#release()
    return this.#released
  }

  /** Searches in this thread, as its pool tells it to. */
  searchHere(query: Float32Array, k: number): GraphMatches {
    return this.#here.search(query, k)
  }

  /** What a search is expected to take: about as long for each match as the last ones did. */
  expectedMs(k: number): number {
    return this.#msPerMatch * k
  }

  /** A search for `k` took so long, in whatever thread. */
  took(k: number, ms: number): void {
    this.#msPerMatch += (ms / k - this.#msPerMatch) * NEWEST_SHARE
  }

  async #release(): Promise<void> {
    if (this.#unanswered > 0) {
      await new Promise<void>((resolve) => {
        this.#whenAnswered = resolve
      })
    }
    await this.#pool.release()
    this.#here.release(this.#emptyPath)
  }
}
