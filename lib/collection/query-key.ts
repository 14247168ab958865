import { filterKey } from '../filter/filter-key.js'
import type { PreparedQuery } from './search-query.js'

/** Numbers in front of the vector. */
const HEAD_NUMBERS = 6

/**
 * Makes keys of the queries of a collection, one for each query that may have another answer. A key is the bytes of all
 * numbers that decide it, the vector's among them, read as UTF-16, and then the filter. No hash: two keys are equal only
 * where the queries are.
 */
export class QueryKeys {
  readonly #head: Float64Array
  readonly #vector: Float32Array
  readonly #bytes: Buffer

  /** @param collection - the number of the collection: those of a store share one cache */
  constructor(collection: number, dimensions: number) {
    const headBytes = HEAD_NUMBERS * Float64Array.BYTES_PER_ELEMENT
    const buffer = new ArrayBuffer(headBytes + dimensions * Float32Array.BYTES_PER_ELEMENT)
    this.#head = new Float64Array(buffer, 0, HEAD_NUMBERS)
    this.#vector = new Float32Array(buffer, headBytes)
    this.#bytes = Buffer.from(buffer)
    this.#head[0] = collection
  }

  /** @param generation - of the collection's contents */
  keyOf(query: PreparedQuery, generation: number): string {
    const { vector, topK, filter, includeVector, includeMetadata, exact, ef = 0, minScore } = query
    const head = this.#head
    head[1] = generation
    head[2] = topK
    head[3] = ef
    head[4] = minScore
    head[5] = (includeVector ? 1 : 0) + (includeMetadata ? 2 : 0) + (exact ? 4 : 0)
    this.#vector.set(vector)
    const numbers = this.#bytes.toString('utf16le')
    return filter ? numbers + filterKey(filter) : numbers
  }
}
