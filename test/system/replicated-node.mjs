/**
 * A master or a replica in a process of its own, which does what its parent asks for: `node replicated-node.mjs <options>`. The options
 * are JSON: `{ id, path, durability, segmentBytes, address, replication }`; with an address it is a replica of the node `m` there, else the
 * master. A write is answered to the parent once the store has answered it.
 */
import process, { argv } from 'node:process'
import { nodeEnvironment } from '../../dist/store/environment.js'
import { VectorStore } from '../../dist/store/vector-store.js'
import { tcp } from '../../dist/transport/tcp.js'

const NAME = 'packages'
const SHAPE = { dimensions: 256, metric: 'cosine', indexed: ['section', 'owner'] }

const { id, path, durability, segmentBytes, address, replication } = JSON.parse(argv[2])
const listen = address === undefined ? { host: '127.0.0.1', port: 0 } : undefined
const transport = tcp({ id, listen })
const opened = open()
// Whoever asks for something is told.
opened.catch(() => {})

async function open() {
  const store = await VectorStore.openIn(
    { ...nodeEnvironment(), segmentBytes },
    {
      ...{ path, nodeId: id, durability },
      replication: {
        ...{ transport, ...replication },
        ...(listen ? { role: 'master' } : { role: 'replica', master: { id: 'm', address } }),
      },
    },
  )
  const { position } = store.getStats()
  if (listen) await store.getOrCreateCollection(NAME, SHAPE)
  return { store, position }
}

const actions = {
  /** Where a master listens, and which position the node had when it was opened. */
  opened: (_store, _argument, position) => ({ address: transport.address, position }),
  position: (store) => store.replication.position,
  stats: (store) => store.replication.getStats(),
  replicas: (store) => store.replication.getReplicas(),
  /** The first operation that its log has. */
  oldestKept: (store) => store.getStats().log.oldestSeq,
  waitFor: (store, position) => store.replication.waitFor(position, { timeoutMs: 60_000 }),
  async write(store, { call, writeConcern }) {
    const collection = await store.openCollection(NAME)
    const options = writeConcern && { writeConcern }
    if (call.kind === 'upsert') return collection.upsert(call.records, options)
    if (call.kind === 'update') return collection.update(call.id, call.patch, options)
    if (call.kind === 'delete') return collection.delete(call.ids, options)
    return collection.delete({ filter: call.filter }, options)
  },
  async getMany(store, ids) {
    return (await store.openCollection(NAME)).getMany(ids, { includeVector: true })
  },
  async records(store) {
    const all = []
    for await (const record of (await store.openCollection(NAME)).scan({ includeVector: true }))
      all.push(record)
    return all
  },
  /** Which records are nearest to each of these, among all and among some. */
  async rankings(store, { queries, filter }) {
    const collection = await store.openCollection(NAME)
    const rankings = []
    for (const vector of queries) {
      rankings.push(await collection.search({ vector, topK: 20, exact: true }))
      rankings.push(await collection.search({ vector, topK: 20, exact: true, filter }))
    }
    return rankings
  },
  collections: (store) => store.listCollections(),
  async verify(store) {
    const { ok, damage } = await store.verify()
    return { ok, damage }
  },
  close: (store) => store.close(),
}

process.on('message', async ({ number, action, argument }) => {
  try {
    const { store, position } = await opened
    const answer = await actions[action](store, argument, position)
    process.send({ number, answer })
    if (action === 'close') process.disconnect()
  } catch (error) {
    process.send({
      number,
      error: { message: String(error.stack), code: error.code, details: error.details },
    })
  }
})
// A parent that is gone wants nothing any more.
process.on('disconnect', () => process.exit())
