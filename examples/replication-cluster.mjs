/**
 * Node's `cluster`: one writer, and a read replica in every worker process behind one HTTP port.
 *
 * A store's directory belongs to one process, so workers that share a port cannot share a store. Here the primary process holds the
 * master, and each worker has a replica of its own in memory: searches use all processors and ask nobody. Workers send what is to
 * be written to the primary, and answer with its position, so that whoever wrote can read it at any other worker with `after`.
 *
 * Workers of a cluster are processes, and a `MessagePort` leads to a thread of the same process only: between them goes TCP, which here
 * listens on this machine alone. Read replicas in threads, over ports, are in replication-threads.mjs.
 */
import assert from 'node:assert/strict'
import cluster from 'node:cluster'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VectorStore } from 'replivec'
import { tcp } from 'replivec/transport/tcp'

const WORKERS = 3
/** Numbers what a worker has written, to know its answer. */
let writes = 0

if (cluster.isPrimary) await runPrimary()
else await runWorker(process.env)

async function runPrimary() {
  const directory = mkdtempSync(join(tmpdir(), 'replivec-example-'))
  const transport = tcp({ id: 'primary', listen: { host: '127.0.0.1', port: 0 } })
  const store = await VectorStore.open({
    path: directory,
    nodeId: 'primary',
    replication: { role: 'master', transport },
  })
  const colors = await store.createCollection('colors', { dimensions: 3, metric: 'euclidean' })
  await colors.upsert([
    { id: 'red', vector: [255, 0, 0] },
    { id: 'lime', vector: [0, 255, 0] },
    { id: 'blue', vector: [0, 0, 255] },
  ])

  // A connection to each worker in turn, also on Windows, where the system would choose.
  cluster.schedulingPolicy = cluster.SCHED_RR
  cluster.on('message', async (worker, { number, record }) => {
    worker.send({ number, position: (await colors.upsert(record)).position })
  })
  const start = (name) => cluster.fork({ NAME: name, MASTER: transport.address })
  const workers = new Map()
  const listening = new Set()
  const port = await new Promise((resolve) => {
    cluster.on('listening', (worker, address) => {
      listening.add(worker)
      if (listening.size === WORKERS) resolve(address.port)
    })
    for (let i = 1; i <= WORKERS; i++) workers.set(`worker-${i}`, start(`worker-${i}`))
  })

  // Every worker answers searches.
  const byWorker = new Map()
  for (let i = 0; i < 2 * WORKERS; i++) {
    const { worker, hits } = await ask(port, 'GET', '/nearest?vector=250,20,20')
    byWorker.set(worker, hits)
  }
  for (const [worker, hits] of [...byWorker].sort()) console.log(`${worker} finds ${hits}`)
  assert.deepEqual(
    [...byWorker].sort(),
    [...workers.keys()].map((worker) => [worker, ['red']]),
  )

  // A write through one worker is found at every other: `after` waits until it is there.
  const written = await ask(port, 'POST', '/colors', { id: 'crimson', vector: [220, 20, 60] })
  console.log(`${written.worker} had operation ${written.position.seq} written`)
  const after = `${written.position.epoch},${written.position.seq}`
  const seenBy = new Set()
  for (let i = 0; i < 2 * WORKERS; i++) {
    const { worker, hits } = await ask(port, 'GET', `/nearest?vector=219,21,61&after=${after}`)
    assert.deepEqual(hits, ['crimson'])
    seenBy.add(worker)
  }
  assert.equal(seenBy.size, WORKERS)
  console.log(`and ${[...seenBy].sort().join(', ')} find it`)

  // One dies. Another takes its place and its name: under a new one the master would wait for the old one to come back.
  const dying = workers.get('worker-2')
  dying.process.kill('SIGKILL')
  await new Promise((exited) => dying.on('exit', exited))
  const again = start('worker-2')
  await new Promise((isListening) => again.on('listening', isListening))
  for (const { id, status, lagOperations } of store.replication.getReplicas())
    console.log(`${id}: ${status}, ${lagOperations} operations behind`)
  assert.equal(store.replication.getReplicas().length, WORKERS)

  await new Promise((disconnected) => cluster.disconnect(disconnected))
  await store.close()
  rmSync(directory, { recursive: true })
}

async function runWorker({ NAME: name, MASTER: address }) {
  const store = await VectorStore.open({
    nodeId: name,
    replication: {
      role: 'replica',
      transport: tcp({ id: name }),
      master: { id: 'primary', address },
    },
  })
  // Until it has everything it takes no connections.
  await store.replication.waitFor()
  const colors = await store.openCollection('colors')
  const server = createServer(async (incoming, response) => {
    try {
      const { pathname, searchParams } = new URL(incoming.url, 'http://localhost')
      const answer = pathname === '/colors' ? await write(incoming) : await nearest(searchParams)
      response.end(JSON.stringify({ worker: name, ...answer }))
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
  // Port 0 is one and the same for all workers.
  server.listen(0, '127.0.0.1')
  process.on('disconnect', () => store.close())

  async function nearest(search) {
    const vector = search.get('vector').split(',').map(Number)
    const [epoch, seq] = (search.get('after') ?? '').split(',').map(Number)
    const hits = await colors.search({ vector, topK: 1, ...(seq ? { after: { epoch, seq } } : {}) })
    return { hits: hits.map(({ id }) => id) }
  }
}

/** Has the primary write a record; a replica writes nothing itself. */
async function write(incoming) {
  let body = ''
  for await (const piece of incoming) body += piece
  const number = ++writes
  process.send({ number, record: JSON.parse(body) })
  return new Promise((resolve) => {
    process.on('message', function listener(message) {
      if (message.number !== number) return
      process.off('message', listener)
      resolve({ position: message.position })
    })
  })
}

/** Each on a connection of its own, so that another worker answers. */
function ask(port, method, path, body) {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, agent: false }
    const sent = request(options, async (response) => {
      let text = ''
      for await (const piece of response) text += piece
      if (response.statusCode === 200) resolve(JSON.parse(text))
      else reject(new Error(text))
    })
    sent.on('error', reject)
    sent.end(body && JSON.stringify(body))
  })
}
