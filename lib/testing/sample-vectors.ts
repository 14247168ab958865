import { distance, normalizeInto } from '../index/distance.js'
import type { Metric } from '../index/metric.js'
import type { SeededRandom } from './seeded-random.js'

/** Vectors as a backend gets them, and what an exact search over them must find. */
export class SampleVectors {
  readonly vectors: Float32Array
  readonly count: number
  readonly dimensions: number
  readonly metric: Metric

  /** @param vectors - row-major; taken over, and for `cosine` scaled to unit length */
  constructor(vectors: Float32Array, dimensions: number, metric: Metric) {
    this.vectors = vectors
    this.dimensions = dimensions
    this.metric = metric
    this.count = vectors.length / dimensions
    if (metric === 'cosine') normalizeRows(vectors, dimensions)
  }

  /** Components evenly spread over −1 to 1. */
  static uniform(random: SeededRandom, metric: Metric, count: number, dimensions: number): SampleVectors {
    const vectors = Float32Array.from({ length: count * dimensions }, () => 2 * random.next() - 1)
    return new SampleVectors(vectors, dimensions, metric)
  }

  /** Rows close around a few centres, as real embeddings lie. */
  static clustered(random: SeededRandom, metric: Metric, count: number, dimensions: number): SampleVectors {
    const centres = Array.from({ length: 12 }, () =>
      Float32Array.from({ length: dimensions }, () => 2 * random.next() - 1),
    )
    const vectors = new Float32Array(count * dimensions)
    for (let row = 0; row < count; row++) {
      const centre = random.pick(centres)
      for (let i = 0; i < dimensions; i++) {
        vectors[row * dimensions + i] = (centre[i] as number) + 0.2 * (2 * random.next() - 1)
      }
    }
    return new SampleVectors(vectors, dimensions, metric)
  }

  /** `count` rows, each a little moved: queries that lie where the data lies, row-major. */
  queries(random: SeededRandom, count: number): Float32Array {
    const { dimensions } = this
    const queries = new Float32Array(count * dimensions)
    for (let query = 0; query < count; query++) {
      const row = random.int(this.count)
      for (let i = 0; i < dimensions; i++) {
        const component = this.vectors[row * dimensions + i] as number
        queries[query * dimensions + i] = component + 0.1 * (2 * random.next() - 1)
      }
    }
    if (this.metric === 'cosine') normalizeRows(queries, dimensions)
    return queries
  }

  /** The true distance of a row to the query that starts at `offset`. */
  distanceTo(row: number, queries: Float32Array, offset: number): number {
    return distance(this.metric, this.vectors, row * this.dimensions, queries, offset, this.dimensions)
  }

  /** The true distances of the `k` nearest admitted rows, ascending, by sorting them all. */
  nearestDistances(
    queries: Float32Array,
    offset: number,
    k: number,
    admits: (row: number) => boolean = () => true,
  ): number[] {
    const distances: number[] = []
    for (let row = 0; row < this.count; row++) {
      if (admits(row)) distances.push(this.distanceTo(row, queries, offset))
    }
    return distances.sort((a, b) => a - b).slice(0, k)
  }
}

function normalizeRows(vectors: Float32Array, dimensions: number): void {
  for (let offset = 0; offset < vectors.length; offset += dimensions) {
    normalizeInto(vectors, offset, vectors.slice(offset, offset + dimensions), dimensions)
  }
}
