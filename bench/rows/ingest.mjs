/** From the first durable batch until every vector is in the index, against a bare graph built from the same vectors. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { VectorStore } from '../../dist/index.js'
import { DIMENSIONS, loadDataset } from '../dataset.mjs'
import { newGraph, THREADS } from '../peers/usearch.mjs'
import { figure, median } from '../statistics.mjs'
import { BATCH, INDEXED } from './bulk-upsert.mjs'

export const title = 'ingest until indexed'
/** A first round of this share warms up. */
const WARM_UP_SHARE = 0.1

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const data = loadDataset()
  const batches = data.batches(BATCH)
  const few = batches.slice(0, Math.ceil(batches.length * WARM_UP_SHARE))
  const library = createRequire(import.meta.url)('usearch')
  const cases = [
    { name: 'no field index', indexed: [], runs: [], bars: [{ of: 'ratio', atMost: 1.5 }] },
    { name: 'three field indexes', indexed: INDEXED, runs: [], bars: [] },
  ]
  const graph = []
  await ingest(join(directory, 'warm-up'), few, [])
  for (let round = 0; round < repetitions; round++) {
    for (const { name, indexed, runs } of cases) {
      runs.push(await ingest(join(directory, `${name}-${round}`), batches, indexed))
    }
    graph.push(bareGraph(library, data))
  }
  const baseline = { name: `usearch f32, built in memory on ${THREADS} threads`, samples: graph }
  return cases.map(({ name, runs, bars }) => ({
    name: `${data.count} durable upserts, ${name}`,
    ...{ unit: 's', ours: runs.map(({ indexedS }) => indexedS), baseline, bars },
    note: `acknowledged after ${figure(median(runs.map(({ acknowledgedS }) => acknowledgedS)))} s`,
  }))
}

async function ingest(path, batches, indexed) {
  const store = await VectorStore.open({ path })
  const options = { dimensions: DIMENSIONS, metric: 'cosine', indexed }
  const packages = await store.createCollection('packages', options)
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1_000
  for (const batch of batches) await packages.upsert(batch)
  const acknowledgedS = seconds()
  await packages.flush()
  const indexedS = seconds()
  const { pending } = packages.getStats().index
  if (pending > 0) throw new Error(`${pending} vectors are pending after a flush.`)
  await store.close()
  return { acknowledgedS, indexedS }
}

function bareGraph(library, data) {
  const keys = BigUint64Array.from({ length: data.count }, (_, row) => BigInt(row))
  const started = performance.now()
  newGraph(library).add(keys, data.vectors, THREADS)
  return (performance.now() - started) / 1_000
}
