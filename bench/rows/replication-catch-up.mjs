/** A replica that was away comes back: the operations it missed, without a snapshot. */
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { loadDataset } from '../dataset.mjs'
import { openMaster, startReplica } from '../replicas.mjs'

export const title = 'catching up what was missed'
const MISSED = 10_000
const BATCH = 100
/** Rounds that do not count: V8 compiles the way of an operation while the first thirty thousand go it. */
const WARM_UPS = 3

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const data = loadDataset(MISSED)
  const rates = []
  const { store, address } = await openMaster(join(directory, 'master'))
  const collection = await store.createCollection('packages', { dimensions: 256, metric: 'cosine' })
  const replica = startReplica(directory, 'replica', address)
  await replica.ask('open')
  await replica.ask('waitFor')
  for (let round = -WARM_UPS; round < repetitions; round++) {
    const before = await replica.ask('stats')
    await replica.ask('pause')
    for (const batch of data.batches(BATCH)) await collection.upsert(batch)
    // The master is done with what it wrote: what is measured is the replica's way back.
    await collection.flush()
    const started = performance.now()
    await replica.ask('resume')
    await replica.ask('waitFor', store.replication.position)
    const ms = performance.now() - started
    if (round >= 0) rates.push(MISSED / (ms / 1_000))
    const after = await replica.ask('stats')
    if (
      after.totalReplicated - before.totalReplicated !== MISSED ||
      after.snapshotSize !== before.snapshotSize
    )
      throw new Error(`The replica took a snapshot: ${JSON.stringify(after)}.`)
    await replica.ask('searchable', 'packages')
    await collection.flush()
  }
  await replica.close()
  await store.close()
  const note = `${MISSED} × 256, from its resume, which dials, until reads find them`
  return [
    { name: 'no snapshot', unit: 'operations/s', ours: rates, note, bars: [{ of: 'ours', atLeast: 50_000 }] },
  ]
}
