/** From vectors to graphs: build the index with progress, measure its recall, explain a search, and change the backend. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VectorStore } from 'replivec'

const DIMENSIONS = 256

const packages = readSample('packages')
const queries = readSample('queries')
const directory = mkdtempSync(join(tmpdir(), 'replivec-example-'))
// Graphs are files: a store in memory has none and compares with every vector.
const store = await VectorStore.open({ path: directory })
store.on('index', ({ kind, rows, segments }) => {
  console.log(`  a segment of ${rows} vectors was ${kind}; segments now: ${segments}`)
})
store.on('warning', ({ code, message }) => console.log(`  ${code}: ${message}`))

const collection = await store.createCollection('packages', {
  dimensions: DIMENSIONS,
  metric: 'cosine',
  indexed: ['section', 'tags'],
})
for (let from = 0; from < packages.length; from += 600) {
  await collection.upsert(packages.slice(from, from + 600))
}
showIndex('written, and searchable already')

console.log('\nflush: everything written goes into a graph, also a memtable that is not full yet')
await collection.flush({ onProgress: progress() })
showIndex('flushed')

console.log('\nrecall: how many of the true ten nearest a search finds')
for (const ef of [10, 32, undefined, 256]) {
  console.log(`  ef ${String(ef ?? 'default').padEnd(8)} ${(await recall(ef)).toFixed(3)}`)
}

console.log('\nhow a search goes about it')
const { vector } = queries[0]
for (const filter of [undefined, { tags: 'role::program' }, { section: 'games' }]) {
  const { vectors, reason } = await collection.explain({ vector, ...(filter && { filter }) })
  console.log(`  ${JSON.stringify(filter ?? {}).padEnd(24)} ${vectors.padEnd(10)}  ${reason}`)
}

console.log("\nthe same with 'quantized': the old index answers until the new one is complete")
await collection.configure({ backend: 'quantized' })
assert.equal(collection.getStats().backend, 'quantized')
console.log(`  ${collection.getStats().fallbackReason}`)
await collection.flush({ onProgress: progress() })
showIndex('changed')
console.log(`  recall ${(await recall()).toFixed(3)}`)

await store.close()
rmSync(directory, { recursive: true })

/** The share of the true ten nearest among the ten found, over all queries. */
async function recall(ef) {
  let found = 0
  let wanted = 0
  for (const { vector } of queries) {
    const truth = await collection.search({ vector, exact: true, includeMetadata: false })
    const hits = await collection.search({ vector, ef, includeMetadata: false })
    // By distance, not by id: of records that lie equally far any will do.
    const farthest = truth.at(-1).distance
    found += hits.filter(({ distance }) => distance <= farthest).length
    wanted += truth.length
  }
  return found / wanted
}

/** Reports each quarter once. */
function progress() {
  let quarters = 0
  return ({ done, total }) => {
    const now = total === 0 ? 4 : Math.floor((done / total) * 4)
    if (now > quarters) console.log(`  ${done} of ${total} vectors`)
    quarters = Math.max(quarters, now)
  }
}

function showIndex(when) {
  const { index, bytes } = collection.getStats()
  const { kind, indexed, pending, segments } = index
  const each = ({ memory, disk }) =>
    `${Math.round(memory / packages.length)} bytes of memory and ${Math.round(disk / packages.length)} of disk a vector`
  console.log(
    `  ${when}: ${kind}, ${indexed} indexed (segments: ${segments}), ${pending} pending; ${each(bytes)}`,
  )
}

/** Rows of examples/data as records: `data/README.md` describes the files. */
function readSample(name) {
  const read = (extension) => readFileSync(new URL(`data/${name}.${extension}`, import.meta.url))
  const { buffer } = Uint8Array.from(read('f32'))
  const lines = read('jsonl').toString().trim().split('\n')
  return lines.map((line, row) => {
    const metadata = JSON.parse(line)
    const vector = new Float32Array(buffer, row * DIMENSIONS * 4, DIMENSIONS)
    return { id: metadata.name, vector, metadata }
  })
}
