/** The answer nobody can argue with: every distance in f64, sorted. */
import { DIMENSIONS } from './dataset.mjs'

/** Two sums of the same products in another order differ by less. */
const ROUNDING = 1e-9

/**
 * The cosine distances of the `k` nearest rows, nearest first.
 *
 * @param {ReturnType<typeof import('./dataset.mjs').loadDataset>} data
 * @param {Float32Array} query
 * @param {number} k
 * @param {ArrayLike<number>} rows - the rows that may be returned
 */
export function naiveDistances(data, query, k, rows) {
  const nearest = []
  for (let i = 0; i < rows.length; i++) {
    const distance = cosineDistance(data.vectors, rows[i] * DIMENSIONS, query)
    if (nearest.length === k && distance >= nearest[k - 1]) continue
    let at = nearest.length
    while (at > 0 && nearest[at - 1] > distance) at--
    nearest.splice(at, 0, distance)
    if (nearest.length > k) nearest.pop()
  }
  return nearest
}

/** The share of hits at most as far as the last of the true nearest: ids may differ where distances tie. */
export function recallByDistance(hits, truth) {
  const limit = truth.at(-1) + 1e-6
  return hits.filter(({ distance }) => distance <= limit).length / truth.length
}

/**
 * Refuses hits that are not exactly the nearest admitted rows.
 *
 * @param {Map<string, number>} rowsById - the admitted rows
 */
export function assertNearest(data, query, hits, rowsById, k, what) {
  const truth = naiveDistances(data, query, k, [...rowsById.values()])
  const refuse = (why) => {
    throw new Error(`${what}: wrong answer: ${why}`)
  }
  if (hits.length !== truth.length) refuse(`${hits.length} hits where ${truth.length} exist`)
  if (new Set(hits.map(({ id }) => id)).size !== hits.length) refuse('an id twice')
  for (const [rank, { id, distance }] of hits.entries()) {
    const row = rowsById.get(id)
    if (row === undefined) refuse(`${id} does not match the filter`)
    if (Math.abs(cosineDistance(data.vectors, row * DIMENSIONS, query) - distance) > ROUNDING) {
      refuse(`${id} is not at distance ${distance}`)
    }
    if (Math.abs(truth[rank] - distance) > ROUNDING) {
      refuse(`rank ${rank + 1} is at ${distance}, a nearer one at ${truth[rank]}`)
    }
  }
}

function cosineDistance(vectors, offset, query) {
  let dot = 0
  let own = 0
  let other = 0
  for (let i = 0; i < DIMENSIONS; i++) {
    const a = vectors[offset + i]
    const b = query[i]
    dot += a * b
    own += a * a
    other += b * b
  }
  return Math.min(2, Math.max(0, 1 - dot / Math.sqrt(own * other)))
}
