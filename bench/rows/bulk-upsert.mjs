/** Bulk ingest: durable batches of a thousand records, one after another, with and without field indexes. */
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { VectorStore } from '../../dist/index.js'
import { bareWrites, loggedBytes } from '../bare-file.mjs'
import { DIMENSIONS, loadDataset } from '../dataset.mjs'

export const title = 'bulk upsert, batches of 1000'
export const BATCH = 1_000
export const INDEXED = ['section', 'tags', 'installedSize']

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const data = loadDataset()
  const batches = data.batches(BATCH)
  const cases = [
    { name: 'three indexes', indexed: INDEXED, acknowledged: [], applied: [], bare: [] },
    { name: 'no index', indexed: [], acknowledged: [], applied: [], bare: [] },
  ]
  for (let round = -1; round < repetitions; round++) {
    for (const { name, indexed, acknowledged, applied, bare } of cases) {
      const path = join(directory, `${name}-${round}`)
      const ours = await ingest(path, batches, data.count, indexed)
      const bytes = loggedBytes(path)
      const chunkBytes = bytes.byteLength / batches.length
      const chunks = batches.length
      const file = join(directory, 'bare')
      const baseline =
        (data.count / chunks) * bareWrites({ path: file, bytes, chunkBytes, sync: true, chunks })
      if (round < 0) continue
      acknowledged.push(ours.acknowledged)
      applied.push(ours.applied)
      bare.push(baseline)
    }
  }
  return cases.flatMap(({ name, acknowledged, applied, bare }) => {
    const baseline = { name: 'write + fdatasync', samples: bare }
    const unit = 'records/s'
    return [
      {
        name: `${name}, until acknowledged`,
        unit,
        ours: acknowledged,
        baseline,
        bars: [{ of: 'ours', atLeast: 50_000 }],
      },
      { name: `${name}, until applied and closed`, unit, ours: applied, baseline },
    ]
  })
}

async function ingest(path, batches, count, indexed) {
  const store = await VectorStore.open({ path })
  const options = { dimensions: DIMENSIONS, metric: 'cosine', indexed }
  const packages = await store.createCollection('packages', options)
  const started = performance.now()
  const rate = () => count / ((performance.now() - started) / 1_000)
  for (const batch of batches) await packages.upsert(batch)
  const acknowledged = rate()
  await store.close()
  return { acknowledged, applied: rate() }
}
