/** What it costs to be told how replication does: the call, the counting behind it, and the memory of both. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { setImmediate } from 'node:timers'
import { copyWithoutStats } from '../without-stats.mjs'

export const title = 'stats of replication'
const REPLICAS = 100
const COLLECTIONS = 100
const CALLS = 2_000
/** Short rounds of both, one after the other: a ratio near 1 needs many. */
const ROUNDS = 24
const BATCH = 100
const BATCHES = 500
const COPIES = 20

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const memoryKib = await figuresKib()
  const place = join(directory, 'without')
  mkdirSync(place)
  const counting = await load(new URL('../../dist/', import.meta.url).href)
  const silent = await load(`file://${copyWithoutStats(place)}/`)
  const statusUs = []
  for (let round = 0; round < repetitions; round++) statusUs.push(await statusCall(counting))
  const rates = { counting: [], silent: [] }
  for (let round = -2; round < ROUNDS; round++) {
    // Whoever comes second finds a warmer processor.
    const order = round % 2 === 0 ? ['counting', 'silent'] : ['silent', 'counting']
    for (const name of order) {
      const rate = await throughput(name === 'counting' ? counting : silent)
      if (round >= 0) rates[name].push(rate)
    }
  }
  return [
    {
      ...{
        name: `getStatus() with ${REPLICAS} linked replicas and ${COLLECTIONS} collections`,
        unit: 'µs',
        ours: statusUs,
      },
      bars: [{ of: 'ours', atMost: 100 }],
    },
    {
      ...{ name: 'batches of 100 to a replica in this process', unit: 'operations/s', ours: rates.counting },
      baseline: { name: 'the same with the counting taken out', samples: rates.silent },
      bars: [{ of: 'ratio', atLeast: 0.99 }],
    },
    {
      ...{ name: 'memory of the figures', unit: 'KiB', ours: [memoryKib] },
      bars: [{ of: 'ours', atMost: 1_024 }],
      note: `of ${REPLICAS} replicas, with the times of 200000 commits`,
    },
  ]
}

async function load(base) {
  const { VectorStore } = await import(`${base}index.js`)
  const { memoryNetwork } = await import(`${base}transport/memory.js`)
  return { VectorStore, memoryNetwork }
}

async function openMaster({ VectorStore, memoryNetwork }) {
  const network = memoryNetwork()
  const replication = { role: 'master', transport: network.transport('master') }
  const store = await VectorStore.open({ nodeId: 'master', replication })
  const addReplica = (id) => {
    const transport = network.transport(id)
    return VectorStore.open({
      nodeId: id,
      replication: { role: 'replica', master: { id: 'master' }, transport },
    })
  }
  return { store, addReplica }
}

async function statusCall(module) {
  const { store, addReplica } = await openMaster(module)
  for (let at = 0; at < COLLECTIONS; at++) {
    const collection = await store.createCollection(`collection-${at}`, { dimensions: 2, metric: 'dot' })
    await collection.upsert({ id: 'a', vector: [at, 1] })
  }
  const replicas = []
  for (let at = 0; at < REPLICAS; at++) replicas.push(await addReplica(`replica-${at}`))
  for (const replica of replicas) await replica.replication.waitFor(undefined, { timeoutMs: 60_000 })
  const { replicas: infos } = store.replication.getStatus()
  if (infos.filter(({ linked }) => linked).length !== REPLICAS)
    throw new Error('Not all replicas are linked.')
  const samples = Array.from({ length: CALLS }, () => {
    const started = performance.now()
    store.replication.getStatus()
    return (performance.now() - started) * 1_000
  })
  for (const replica of replicas) await replica.close()
  await store.close()
  return samples.sort((a, b) => a - b)[CALLS >> 1]
}

async function throughput(module) {
  const { store, addReplica } = await openMaster(module)
  const replica = await addReplica('replica')
  const collection = await store.createCollection('packages', { dimensions: 8, metric: 'dot' })
  const vector = Float32Array.from({ length: 8 }, (_, at) => at)
  const batches = Array.from({ length: BATCHES }, (_, batch) =>
    Array.from({ length: BATCH }, (_, row) => ({ id: `${batch}-${row}`, vector })),
  )
  const started = performance.now()
  for (const batch of batches) await collection.upsert(batch)
  await replica.replication.waitFor(store.replication.position)
  const rate = (BATCHES * BATCH) / ((performance.now() - started) / 1_000)
  await replica.close()
  await store.close()
  return rate
}

/** Of many at once: what a heap holds besides comes and goes by more than one of them is. */
async function figuresKib() {
  const { ReplicaRegistry } = await import('../../dist/replication/replica-registry.js')
  const { CommitTimes } = await import('../../dist/replication/commit-times.js')
  const figures = () => {
    const registry = new ReplicaRegistry([])
    for (let at = 0; at < REPLICAS; at++) registry.register(`replica-${at}`)
    const times = new CommitTimes()
    for (let seq = 1; seq <= 200_000; seq++) times.add(seq, seq)
    return { registry, times }
  }
  figures()
  const before = await settledHeap()
  const copies = Array.from({ length: COPIES }, figures)
  const kib = ((await settledHeap()) - before) / 1_024 / COPIES
  // Used after the measurement, or it might be collected before.
  if (copies.some(({ registry, times }) => registry.size !== REPLICAS || times.after(0) === undefined))
    throw new Error('The figures are gone.')
  return kib
}

async function settledHeap() {
  for (let time = 0; time < 4; time++) {
    globalThis.gc()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return process.memoryUsage().heapUsed
}
