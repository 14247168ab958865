/**
 * Writes to a store until its disk is full, looks at what is left, closes, and prints what it saw as one line of
 * JSON. Argument: the directory of the store. The shell that starts it limits the size of its files.
 */
import { VectorStore } from '../../dist/index.js'

const VECTOR = new Float32Array(256).fill(0.5)
const facts = { acknowledged: [], refused: null, later: [], warnings: 0, changes: 0 }
const store = await VectorStore.open({ path: process.argv[2] })
store.on('warning', () => {
  facts.warnings += 1
})
store.on('change', ({ ids }) => {
  facts.changes += ids.length
})
const notes = await store.createCollection('notes', { dimensions: 256, metric: 'dot', indexed: ['part'] })

for (let round = 0; facts.refused === null; round++) {
  const ids = Array.from({ length: 8 }, (_, at) => `id-${round}-${at}`)
  const writes = await Promise.allSettled(
    ids.map((id, at) => notes.upsert({ id, vector: VECTOR, metadata: { part: at, round } })),
  )
  for (const [at, { status, reason }] of writes.entries()) {
    if (status === 'fulfilled') facts.acknowledged.push(ids[at])
    else
      facts.refused = {
        name: reason.name,
        code: reason.code,
        message: reason.message,
        hasCause: 'cause' in reason,
      }
  }
}
for (const write of [
  () => notes.upsert({ id: 'late', vector: VECTOR }),
  () => notes.insert({ id: 'late', vector: VECTOR }),
  () => notes.update('id-0-0', { metadata: { late: true } }),
  () => notes.updateVector('id-0-0', VECTOR),
  () => notes.delete('id-0-0'),
  () => notes.configure({ indexed: [] }),
  () => store.createCollection('late', { dimensions: 1, metric: 'dot' }),
  () => store.dropCollection('notes'),
]) {
  facts.later.push(
    await write().then(
      () => 'written',
      (error) => error.code,
    ),
  )
}
const ids = []
for await (const { id } of notes.scan()) ids.push(id)
facts.read = ids
facts.count = await notes.count({ part: 0 })
facts.hits = (await notes.search({ vector: VECTOR, topK: 3 })).map(({ id }) => id)
facts.first = await notes.get('id-0-0')
facts.readOnly = store.getStats().readOnly
await store.close()
facts.closed = true
process.stdout.write(`${JSON.stringify(facts)}\n`)
