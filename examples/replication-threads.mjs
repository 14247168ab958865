/**
 * One writer, and a read replica in each of several worker threads, fed over a `MessagePort` with `accept` and `follow`. A search that
 * compares many vectors then holds up no other, and not the event loop of the writer. Each replica costs the memory of its copy.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMainThread, MessageChannel, parentPort, Worker, workerData } from 'node:worker_threads'
import { VectorStore } from 'replivec'
import { portLink } from 'replivec/transport/worker'

const THREADS = 3

if (isMainThread) await runMain()
else await runThread(workerData)

async function runMain() {
  const directory = mkdtempSync(join(tmpdir(), 'replivec-example-'))
  // No transport: nobody dials, and links are handed over by hand.
  const store = await VectorStore.open({
    path: directory,
    nodeId: 'main',
    replication: { role: 'master' },
  })
  const points = await store.createCollection('points', { dimensions: 2, metric: 'euclidean' })
  await points.upsert(Array.from({ length: 1_000 }, (_, i) => ({ id: `p${i}`, vector: [i, i] })))

  const threads = Array.from({ length: THREADS }, (_, i) => startThread(store, `thread-${i + 1}`))
  for (const { thread } of threads) {
    const { hits } = await ask(thread, { vector: [500.4, 500.4] })
    assert.deepEqual(hits, ['p500'])
  }
  console.log(`${THREADS} threads answer searches`)

  // Two ways to be sure of a write: ask the search to wait for it,
  const { position } = await points.upsert({ id: 'between', vector: [500.5, 500.5] })
  for (const { thread } of threads) {
    const { name, hits } = await ask(thread, { vector: [500.5, 500.5], after: position })
    assert.deepEqual(hits, ['between'])
    console.log(`${name} finds what was written after it began`)
  }
  // or let the write wait until every replica shows it to its readers.
  const { acks } = await points.delete('between', { writeConcern: { w: 'all', level: 'applied' } })
  assert.equal(acks, THREADS + 1)
  for (const { thread } of threads) {
    assert.notDeepEqual((await ask(thread, { vector: [500.5, 500.5] })).hits, ['between'])
  }
  console.log(`${acks} nodes have deleted it`)

  for (const { thread, served } of threads) {
    thread.postMessage({ close: true })
    await served
  }
  for (const { id, linked } of store.replication.getReplicas()) console.log(`${id}: linked ${linked}`)
  await store.close()
  rmSync(directory, { recursive: true })
}

async function runThread({ name, port }) {
  const store = await VectorStore.open({ nodeId: name, replication: { role: 'replica' } })
  store.replication.follow(portLink(port, { id: 'main' }))
  await store.replication.waitFor()
  const points = await store.openCollection('points')
  parentPort.on('message', async ({ close, ...query }) => {
    if (close) {
      await store.close()
      parentPort.close()
      return
    }
    const hits = await points.search({ ...query, topK: 1 })
    parentPort.postMessage({ name, hits: hits.map(({ id }) => id) })
  })
}

/** Starts a thread and serves its replica; `served` resolves when the link has ended. */
function startThread(store, name) {
  const { port1, port2 } = new MessageChannel()
  const thread = new Worker(fileURLToPath(import.meta.url), {
    workerData: { name, port: port2 },
    transferList: [port2],
  })
  // Whoever is at the other end of a port: it does not say, and every node has an id of its own.
  const served = store.replication.accept(portLink(port1, { id: name }))
  return { thread, served }
}

/** Asks one thing at a time. Rejects when the thread fails. */
async function ask(thread, query) {
  thread.postMessage(query)
  const [answer] = await once(thread, 'message')
  return answer
}
