/** A backup while writes go on, with progress, and a restore into a new directory. */
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ReplivecError, VectorStore } from 'replivec'

// In a new folder, so that the example can run again.
process.chdir(mkdtempSync(join(tmpdir(), 'replivec-example-')))

const store = await VectorStore.open({ path: './original' })
const points = await store.createCollection('points', { dimensions: 8, metric: 'euclidean' })
const records = Array.from({ length: 12_000 }, (_, i) => ({
  id: `point-${String(i).padStart(5, '0')}`,
  vector: Array.from({ length: 8 }, (_, axis) => Math.sin(i * (axis + 1))),
  metadata: { even: i % 2 === 0 },
}))
await points.upsert(records)

// Writes go on meanwhile. The backup holds everything visible at the call, and its position says how far it reaches.
const backingUp = store.backup('./backup', { onProgress: report })
const meanwhile = await points.upsert({ id: 'meanwhile', vector: new Array(8).fill(9) })
const { position, bytes } = await backingUp
console.log(`backup of operation ${position.seq}: ${bytes} bytes`)

await VectorStore.restore('./backup', './restored', { onProgress: report })
const restored = await VectorStore.open({ path: './restored' })
const copy = await restored.openCollection('points')
const query = { vector: new Array(8).fill(0.3), topK: 3, filter: { even: true } }
assert.deepEqual(await copy.search(query), await points.search(query))
const isCopied = (await copy.get('meanwhile')) !== undefined
assert.equal(isCopied, meanwhile.position.seq <= position.seq)
console.log(await copy.search({ ...query, includeMetadata: false }))

// A restored store is a store of its own, with a history of its own: keep positions of the two apart.
assert.notEqual(restored.getStats().historyId, store.getStats().historyId)
assert.equal((await restored.verify()).ok, true)

// Neither call ever writes over something that exists.
await assert.rejects(VectorStore.restore('./backup', './restored'), (error) =>
  ReplivecError.is(error, 'PATH_EXISTS'),
)
await restored.close()
await store.close()

function report({ phase, done, total }) {
  console.log(`${phase.padEnd(8)} ${String(Math.round((done / total) * 100)).padStart(3)} %`)
}
