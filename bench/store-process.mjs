/**
 * A process of its own that does one thing with a store and reports to its parent: `node store-process.mjs <what> <path>
 * <records>`. Opening a store is only honest in a process that has not seen it before.
 */
import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import process, { argv, pid, platform } from 'node:process'

const [, , what, path, records] = argv
const started = performance.now()
const { VectorStore } = await import('../dist/index.js')
const loadedMs = performance.now() - started
const { loadDataset, loadQueries } = await import('./dataset.mjs')
const { INDEXED, BATCH } = await import('./rows/bulk-upsert.mjs')
const count = Number(records)

const actions = { write, writeIndexed, writeAndDie, reopen, reopenSearch, memory }
process.send(await actions[what](), () => process.disconnect())

/** Fills a store and closes it. */
async function write() {
  const store = await fill()
  await store.close()
  return {}
}

/** Fills a store and closes it when every vector is in the index. */
async function writeIndexed() {
  const store = await fill()
  await (await store.openCollection('packages')).flush()
  await store.close()
  return {}
}

/** Fills a store and dies with the last acknowledgement, most of it not applied yet. */
async function writeAndDie() {
  await fill()
  process.kill(pid, 'SIGKILL')
}

/** Times the way from `open` to the first record, and on to the first search. */
async function reopen() {
  const data = loadDataset(1)
  const opening = performance.now()
  const store = await VectorStore.open({ path })
  const packages = await store.openCollection('packages')
  const record = await packages.get(data.id(0))
  const getMs = performance.now() - opening
  if (record?.id !== data.id(0)) throw new Error(`The reopened store did not find ${data.id(0)}.`)
  const live = await packages.count()
  if (live !== count) throw new Error(`The reopened store has ${live} records instead of ${count}.`)
  const searching = performance.now()
  await packages.search({ vector: data.vector(0), topK: 10 })
  const searchMs = performance.now() - searching
  await store.close()
  return { loadedMs, getMs, searchMs }
}

/** Times the way from `open` to the first answer of a search. */
async function reopenSearch() {
  const [vector] = loadQueries()
  const topK = 10
  const opening = performance.now()
  const store = await VectorStore.open({ path })
  const packages = await store.openCollection('packages')
  const hits = await packages.search({ vector, topK })
  const searchedMs = performance.now() - opening
  if (hits.length !== topK) throw new Error(`The reopened store found ${hits.length} records.`)
  const { kind, pending } = packages.getStats().index
  await store.close()
  return { searchedMs, kind, pending }
}

/** Memory before and after an open and a first search. The data set is not loaded here, or it would be counted. */
async function memory() {
  const before = resident()
  const store = await VectorStore.open({ path })
  const packages = await store.openCollection('packages')
  await packages.count()
  const opened = resident()
  const vector = new Float32Array(packages.dimensions).fill(1)
  await packages.search({ vector, topK: 10 })
  await packages.flush()
  const searched = resident()
  const { bytes } = packages.getStats()
  const { log, records: stored } = store.getStats()
  await store.close()
  return {
    before,
    opened,
    searched,
    indexBytes: bytes.memory,
    logBytes: log.bytes,
    recordBytes: stored.diskBytes,
  }
}

async function fill() {
  const data = loadDataset(count)
  const store = await VectorStore.open({ path })
  const options = { dimensions: 256, metric: 'cosine', indexed: INDEXED }
  const packages = await store.createCollection('packages', options)
  for (const batch of data.batches(BATCH)) await packages.upsert(batch)
  return store
}

/** Bytes resident now, and of those the ones that are no mapped file, where the system tells. */
function resident() {
  globalThis.gc?.()
  const rss = process.memoryUsage.rss()
  if (platform !== 'linux') return { rss, anonymous: null }
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return { rss, anonymous: kib === undefined ? null : Number(kib) * 1024 }
}
