/** Single upserts from one caller, each acknowledged when the operating system has it. */
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { VectorStore } from '../../dist/index.js'
import { bareWrites, loggedBytes } from '../bare-file.mjs'
import { DIMENSIONS, loadDataset } from '../dataset.mjs'

export const title = 'buffered single upserts'
const UPSERTS = 30_000

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const data = loadDataset()
  const acknowledged = []
  const applied = []
  const bare = []
  let chunkBytes = 0
  for (let round = -1; round < repetitions; round++) {
    const path = join(directory, `store-${round}`)
    const ours = await upserts(path, data)
    const bytes = loggedBytes(path)
    chunkBytes = bytes.byteLength / UPSERTS
    const baseline = bareWrites({
      path: join(directory, 'bare'),
      bytes,
      chunkBytes,
      sync: false,
      chunks: UPSERTS,
    })
    if (round < 0) continue
    acknowledged.push(ours.acknowledged)
    applied.push(ours.applied)
    bare.push(baseline)
  }
  const baseline = { name: 'write', samples: bare }
  const unit = 'upserts/s'
  return [
    {
      name: '1 caller, until acknowledged',
      unit,
      ours: acknowledged,
      baseline,
      bars: [{ of: 'ours', atLeast: 28_000 }],
      note: `${UPSERTS} upserts of ${Math.round(chunkBytes)} bytes of log`,
    },
    { name: '1 caller, until applied and closed', unit, ours: applied, baseline },
  ]
}

async function upserts(path, data) {
  const store = await VectorStore.open({ path, durability: 'buffered' })
  const packages = await store.createCollection('packages', { dimensions: DIMENSIONS, metric: 'cosine' })
  const started = performance.now()
  for (let row = 0; row < UPSERTS; row++) await packages.upsert(data.record(row))
  const acknowledged = rate(started)
  await store.close()
  return { acknowledged, applied: rate(started) }
}

function rate(started) {
  return UPSERTS / ((performance.now() - started) / 1_000)
}
