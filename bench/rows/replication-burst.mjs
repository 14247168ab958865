/** A burst of writes, durable on both sides, in two processes over TCP. */
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { VectorStore } from '../../dist/index.js'
import { burstOf, DIMENSIONS, writeBurst } from '../burst.mjs'
import { openMaster, startReplica } from '../replicas.mjs'

export const title = 'replication of a burst, two processes over TCP'
const OPERATIONS = 200_000

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const batchOf = burstOf(OPERATIONS)
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
  const ms = await writeBurst(collection, OPERATIONS, batchOf)
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
  const masterMs = await writeBurst(collection, OPERATIONS, batchOf)
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
