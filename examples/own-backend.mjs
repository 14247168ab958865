/**
 * An index backend of your own, in thirty lines, in a store and under the conformance suite of `replivec/testing`.
 * It compares every row, so it is exact; a real one would build a graph or ask another device.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { VectorStore } from 'replivec'
import { testBackend } from 'replivec/testing'

const distances = new Map([
  ['cosine', (a, b) => 1 - dot(a, b)],
  ['dot', (a, b) => -dot(a, b)],
  ['euclidean', (a, b) => Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0))],
])

const ownBackend = {
  kind: 'own-scan',
  supports: { metrics: [...distances.keys()], exact: true, mask: false, persists: false },
  async build({ vectors, count, dimensions, metric, signal }) {
    signal.throwIfAborted()
    const distance = distances.get(metric)
    const rows = Array.from({ length: count }, (_, row) =>
      vectors.subarray(row * dimensions, (row + 1) * dimensions),
    )
    const nearest = (query, k) => {
      const found = rows.map((row, ordinal) => ({ ordinal, distance: distance(row, query) }))
      found.sort((a, b) => a.distance - b.distance)
      return {
        ordinals: Uint32Array.from(found.slice(0, k), ({ ordinal }) => ordinal),
        distances: Float32Array.from(found.slice(0, k), ({ distance }) => distance),
      }
    }
    return {
      search: ({ queries, count: asked, k }) =>
        Array.from({ length: asked }, (_, query) =>
          nearest(queries.subarray(query * dimensions, (query + 1) * dimensions), k),
        ),
      bytes: { memory: vectors.byteLength, disk: 0 },
      async [Symbol.asyncDispose]() {},
    }
  },
}

function dot(a, b) {
  return a.reduce((sum, value, i) => sum + value * b[i], 0)
}

// Every promise of the interface, checked through the same wrapper that the store puts around a backend.
testBackend('own-scan', () => ownBackend, { describe, test })

test('a collection answers through it', async () => {
  const store = await VectorStore.open()
  const options = { dimensions: 2, metric: 'euclidean', backend: ownBackend }
  const points = await store.createCollection('points', options)
  await points.upsert([
    { id: 'near', vector: [1, 1] },
    { id: 'far', vector: [9, 9] },
  ])
  await points.flush()
  const hits = await points.search({ vector: [0, 0], topK: 1 })
  assert.deepEqual(
    hits.map(({ id }) => id),
    ['near'],
  )
  assert.equal(points.getStats().index.kind, 'own-scan')
  await store.close()
})
