import { Rows } from '../../lib/index/rows.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'

/**
 * Rows of records 0, 10, 20, …, each written by an operation of its own; not in the order of the operations. Every third
 * is scaled.
 */
export function sampleRows(seed: string, count: number, dimensions: number): Rows {
  const random = new SeededRandom(seed)
  const rows = new Rows(1, dimensions, 0)
  const vector = new Float32Array(dimensions)
  for (let i = 0; i < count; i++) {
    const ordinal = rows.append(10 * i, 1_000 + ((i * 7) % count), i % 3 === 1)
    for (let component = 0; component < dimensions; component += 1 + (dimensions >>> 6)) {
      vector[component] = 2 * random.next() - 1
    }
    rows.vectors.set(ordinal, vector)
  }
  return rows
}

/** All there is to know of rows. */
export function contentOf(rows: Rows): {
  numbers: number[]
  seqs: number[]
  scaled: number[]
  vectors: Buffer
} {
  const { numbers, seqs, scaled, vectors } = rows.content()
  const bytes = vectors.map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  )
  return { numbers: [...numbers], seqs: [...seqs], scaled: [...scaled], vectors: Buffer.concat(bytes) }
}
