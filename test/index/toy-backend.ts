import type { Candidates, IndexBackend, VectorIndex } from '../../lib/index/backend.js'
import { distance } from '../../lib/index/distance.js'
import type { Metric } from '../../lib/index/metric.js'

/** How an outside author might begin: an inverted file of eight lists, approximate, without masks. */
export const toyBackend: IndexBackend = {
  kind: 'toy-inverted-file',
  supports: { metrics: ['cosine', 'euclidean'], exact: false, mask: false, persists: false },
  async build({ vectors, count, dimensions, metric, signal }) {
    signal.throwIfAborted()
    return new ToyIndex(vectors, count, dimensions, metric)
  },
}

const LISTS = 8
const LISTS_SEARCHED = 7

class ToyIndex implements VectorIndex {
  readonly bytes: { readonly memory: number; readonly disk: number }
  readonly #lists: number[][]

  constructor(
    readonly vectors: Float32Array,
    count: number,
    readonly dimensions: number,
    readonly metric: Metric,
  ) {
    this.bytes = { memory: vectors.byteLength + 4 * count, disk: 0 }
    // The first rows stand for the lists' centres.
    this.#lists = Array.from({ length: Math.min(LISTS, count) }, () => [])
    for (let row = 0; row < count; row++) {
      this.#nearestLists(vectors, row * dimensions)[0]?.push(row)
    }
  }

  async search(input: {
    queries: Float32Array
    count: number
    k: number
    ef?: number
  }): Promise<Candidates[]> {
    return Array.from({ length: input.count }, (_, query) => this.#searchOne(input.queries, query, input.k))
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #searchOne(queries: Float32Array, query: number, k: number): Candidates {
    const offset = query * this.dimensions
    const found = this.#nearestLists(queries, offset)
      .slice(0, LISTS_SEARCHED)
      .flat()
      .map((row) => ({ row, distance: this.#distance(row, queries, offset) }))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, k)
    return {
      ordinals: Uint32Array.from(found, ({ row }) => row),
      distances: Float32Array.from(found, ({ distance }) => distance),
    }
  }

  #nearestLists(from: Float32Array, offset: number): number[][] {
    return this.#lists
      .map((list, centre) => ({ list, distance: this.#distance(centre, from, offset) }))
      .sort((a, b) => a.distance - b.distance)
      .map(({ list }) => list)
  }

  #distance(row: number, from: Float32Array, offset: number): number {
    return distance(this.metric, this.vectors, row * this.dimensions, from, offset, this.dimensions)
  }
}
