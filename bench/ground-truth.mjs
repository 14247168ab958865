/**
 * Recall by distance: a hit counts when its row, compared in f64, is no farther than the last of the true nearest. Which of
 * two rows at the same distance comes back is then nobody's loss, and no peer is judged by distances it computed itself.
 */
import { DIMENSIONS } from './dataset.mjs'

/** Two rows this near to each other are at one distance: the vectors are f32. */
const TIE = 1e-6

/**
 * Scans everything once for each query.
 *
 * @param {ReturnType<typeof import('./dataset.mjs').loadDataset>} data
 * @param {object} options
 * @param {number} options.queries - the first so many of the set
 * @param {number} options.k
 * @param {ArrayLike<number>} [options.rows] - the rows that may be found; all otherwise
 */
export function groundTruth(data, { queries, k, rows = everyRow(data.count) }) {
  const norms = normsOf(data.vectors, rows)
  const limits = Array.from({ length: queries }, (_, index) => lastDistance(data, index, k, rows, norms))
  const wanted = Math.min(k, rows.length)
  return {
    /** The share of the true nearest among the rows found for a query; a row found twice counts once. */
    recallOf(index, found) {
      const query = data.query(index)
      const near = [...new Set(found)].filter((row) => distanceTo(data, row, query) <= limits[index] + TIE)
      return Math.min(near.length, wanted) / wanted
    },
    /** The mean over the queries, of rows found for each. */
    meanRecall(answers) {
      const recalls = answers.map((found, index) => this.recallOf(index, found))
      return recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length
    },
  }
}

function everyRow(count) {
  return Uint32Array.from({ length: count }, (_, row) => row)
}

/** How far the `k`-th nearest is, or the last one where there are fewer. */
function lastDistance(data, index, k, rows, norms) {
  const query = Float64Array.from(data.query(index))
  const norm = Math.sqrt(dot(query, 0, query))
  const nearest = []
  for (let i = 0; i < rows.length; i++) {
    const distance = 1 - dot(data.vectors, rows[i] * DIMENSIONS, query) / (norms[i] * norm)
    if (nearest.length === k && distance >= nearest[k - 1]) continue
    let at = nearest.length
    while (at > 0 && nearest[at - 1] > distance) at--
    nearest.splice(at, 0, distance)
    if (nearest.length > k) nearest.pop()
  }
  return nearest.at(-1)
}

function distanceTo(data, row, query) {
  const vector = data.vector(row)
  return 1 - dot(vector, 0, query) / Math.sqrt(dot(vector, 0, vector) * dot(query, 0, query))
}

function normsOf(vectors, rows) {
  return Float64Array.from(rows, (row) => {
    const vector = vectors.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS)
    return Math.sqrt(dot(vector, 0, vector))
  })
}

/** Four sums at a time: one would wait for itself with every component. */
function dot(vectors, offset, query) {
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  for (let i = 0; i < DIMENSIONS; i += 4) {
    a += vectors[offset + i] * query[i]
    b += vectors[offset + i + 1] * query[i + 1]
    c += vectors[offset + i + 2] * query[i + 2]
    d += vectors[offset + i + 3] * query[i + 3]
  }
  return a + b + (c + d)
}
