/** What a store tells: `change` after each commit, `index` when segments are built, and the numbers behind it. */
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VectorStore } from 'replivec'

// In a new folder, so that the example can run again.
process.chdir(mkdtempSync(join(tmpdir(), 'replivec-example-')))

const store = await VectorStore.open({ path: './data', logger: console })
const changes = []
store.on('change', ({ collection, kind, ids, position }) => {
  changes.push(`${kind} ${ids.length} in ${collection} up to operation ${position.seq}`)
})
store.on('index', ({ collection, kind, rows, segments }) => {
  console.log(`index of ${collection}: a segment of ${rows} rows was ${kind}; it has ${segments} now`)
})
store.on('warning', ({ code, message }) => console.log(`${code}: ${message}`))

const colors = await store.createCollection('colors', { dimensions: 3, metric: 'euclidean' })
await colors.upsert([
  { id: 'red', vector: [255, 0, 0] },
  { id: 'lime', vector: [0, 255, 0] },
  { id: 'blue', vector: [0, 0, 255] },
])
await colors.updateVector('lime', [50, 205, 50])
await colors.delete('blue')
await colors.search({ vector: [250, 10, 10], topK: 1 })
assert.deepEqual(changes, [
  'upsert 3 in colors up to operation 4',
  'update 1 in colors up to operation 5',
  'delete 1 in colors up to operation 6',
])
for (const change of changes) console.log(change)

await colors.flush()
const { records, index, bytes, operations, fallbackReason } = colors.getStats()
console.log({ records, index, bytes, operations })
// Why something else answers than was asked for, where that is so.
console.log(`answered by '${index.kind}': ${fallbackReason ?? 'as asked for'}`)

const { position, log, pinnedViews } = store.getStats()
console.log({ position, log, pinnedViews })
await store.close()
