/** What an answered write survives: 'sync' and 'buffered' side by side, and reading your own writes with `after`. */
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VectorStore } from 'replivec'

// In a new folder, so that the example can run again.
process.chdir(mkdtempSync(join(tmpdir(), 'replivec-example-')))

await measure('sync')
await measure('buffered')

const store = await VectorStore.open({ path: './mixed', durability: 'buffered' })
const notes = await store.createCollection('notes', { dimensions: 2, metric: 'dot' })

// One write of a buffered store that must survive a power cut all the same.
const important = await notes.upsert(
  { id: 'invoice', vector: [1, 2], metadata: { paid: true } },
  { writeConcern: { w: 1, level: 'durable' } },
)
assert.ok(store.getStats().log.durableSeq >= important.position.seq)
console.log(`operation ${important.position.seq} is on stable storage`)

// A position names everything up to a write. A read with `after` waits until it sees that much; a store without
// replicas shows a write before it answers it, so here the wait is over at once.
const { position } = await notes.update('invoice', { metadata: { paid: false } })
const invoice = await notes.get('invoice', { after: position })
assert.deepEqual(invoice, { id: 'invoice', metadata: { paid: false } })
console.log(`read after operation ${position.seq}:`, invoice)
await store.close()

/** Times writes one after another: each waits for its answer. */
async function measure(durability) {
  const store = await VectorStore.open({ path: `./${durability}`, durability })
  const collection = await store.createCollection('points', { dimensions: 64, metric: 'euclidean' })
  const vector = new Float32Array(64).fill(0.5)
  const started = performance.now()
  for (let i = 0; i < 200; i++) await collection.upsert({ id: `point-${i}`, vector })
  const each = (performance.now() - started) / 200
  await store.close()

  const reopened = await VectorStore.open({ path: `./${durability}` })
  assert.equal(await (await reopened.openCollection('points')).count(), 200)
  await reopened.close()
  console.log(`${durability.padEnd(9)} ${each.toFixed(3)} ms a write`)
}
