/** A burst of writes, durable on both sides, in two processes over TCP. */
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { VectorStore } from '../../dist/index.js'
import { openMaster, startReplica } from '../replicas.mjs'

export const title = 'replication of a burst, two processes over TCP'
const OPERATIONS = 200_000
const BATCH = 100
const DIMENSIONS = 64
/** Batches in flight at the master: a writer that does not wait for each. */
const WRITERS = 4

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const batchOf = burst()
  const figures = { standalone: [], master: [], replica: [], backlog: [], searchableMs: [] }
  for (let round = 0; round < repetitions; round++) {
    const place = join(directory, String(round))
    figures.standalone.push(await standalone(join(place, 'standalone'), batchOf))
    const { master, replica, backlog, searchableMs } = await replicated(place, batchOf)
    figures.master.push(master)
    figures.replica.push(replica)
    figures.backlog.push(backlog)
    figures.searchableMs.push(searchableMs)
  }
  const baseline = { name: 'ours, standalone', samples: figures.standalone }
  const unit = 'operations/s'
  return [
    {
      ...{ name: 'durable on both sides', unit, ours: figures.replica, baseline },
      bars: [{ of: 'ours', atLeast: 50_000 }],
    },
    { name: 'acknowledged by the master meanwhile', unit, ours: figures.master, baseline },
    { name: 'operations the replica lacked at the end of the burst', unit: '', ours: figures.backlog },
    {
      name: 'from the end of the burst until all is in an index there',
      unit: 'ms',
      ours: figures.searchableMs,
    },
  ]
}

async function standalone(path, batchOf) {
  const store = await VectorStore.open({ path })
  const collection = await store.createCollection('burst', { dimensions: DIMENSIONS, metric: 'cosine' })
  const ms = await write(collection, batchOf)
  await store.close()
  return OPERATIONS / (ms / 1_000)
}

async function replicated(directory, batchOf) {
  const { store, address } = await openMaster(join(directory, 'master'))
  const replica = startReplica(directory, 'replica', address)
  await replica.ask('open')
  const collection = await store.createCollection('burst', { dimensions: DIMENSIONS, metric: 'cosine' })
  await replica.ask('waitFor', store.replication.position)
  const started = performance.now()
  const masterMs = await write(collection, batchOf)
  const backlog = store.replication.getStats().lagOperations
  await replica.ask('waitFor', store.replication.position)
  const replicaMs = performance.now() - started
  await replica.ask('searchable', 'burst')
  const searchableMs = performance.now() - started - masterMs
  const { snapshotReason, position } = await replica.ask('stats')
  if (position.seq !== store.replication.position.seq || snapshotReason === 'trimmed')
    throw new Error(`The replica is at ${position.seq} (${snapshotReason}).`)
  await replica.close()
  await store.close()
  return {
    master: OPERATIONS / (masterMs / 1_000),
    replica: OPERATIONS / (replicaMs / 1_000),
    ...{ backlog, searchableMs },
  }
}

async function write(collection, batchOf) {
  const started = performance.now()
  let next = 0
  const writer = async () => {
    while (next < OPERATIONS / BATCH) await collection.upsert(batchOf(next++))
  }
  await Promise.all(Array.from({ length: WRITERS }, writer))
  return performance.now() - started
}

/**
 * Records of 64 dimensions with 100 bytes of metadata, the same in every run, made when they are asked for: as 200 000 objects in the
 * master's heap they would be marked by its garbage collector again and again, on the processors that are measured.
 */
function burst() {
  let state = 12345
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32 - 0.5
  }
  const text = 'x'.repeat(80)
  const vectors = Float32Array.from({ length: OPERATIONS * DIMENSIONS }, random)
  const record = (id) => ({
    id: `record-${id}`,
    vector: vectors.subarray(id * DIMENSIONS, (id + 1) * DIMENSIONS),
    metadata: { number: id, text },
  })
  return (batch) => Array.from({ length: BATCH }, (_, row) => record(batch * BATCH + row))
}
