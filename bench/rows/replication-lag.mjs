/** How long after a write at the master a healthy replica shows it, under a steady load. */
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { loadDataset } from '../dataset.mjs'
import { openMaster, startReplica } from '../replicas.mjs'
import { percentile } from '../statistics.mjs'

export const title = 'lag of a replica under 1000 writes a second'
const PER_SECOND = 1_000
const SECONDS = 10
/** The first writes are compiled, not measured. */
const LEFT_OUT = 1_000

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const data = loadDataset(20_000)
  const half = []
  const most = []
  for (let round = 0; round < repetitions; round++) {
    const place = join(directory, String(round))
    const { store, address } = await openMaster(join(place, 'master'))
    const collection = await store.createCollection('packages', { dimensions: 256, metric: 'cosine' })
    const replica = startReplica(place, 'replica', address)
    await replica.ask('open')
    await replica.ask('waitFor')
    await replica.ask('timeChanges', 'packages')
    const pending = []
    const started = performance.now()
    for (let next = 0; next < PER_SECOND * SECONDS; ) {
      const due = Math.min(
        PER_SECOND * SECONDS,
        Math.floor(((performance.now() - started) * PER_SECOND) / 1_000),
      )
      for (; next < due; next++) {
        const { id, vector } = data.record(next)
        const sentAtMs = performance.timeOrigin + performance.now()
        pending.push(collection.upsert({ id, vector, metadata: { sentAtMs } }))
      }
      await delay(1)
    }
    await Promise.all(pending)
    await replica.ask('waitFor', store.replication.position)
    const delays = (await replica.ask('delays')).slice(LEFT_OUT)
    half.push(percentile(delays, 0.5))
    most.push(percentile(delays, 0.99))
    await replica.close()
    await store.close()
  }
  const note = 'from the call at the master to the change event at the replica, its sync at both included'
  return [
    { name: 'p50', unit: 'ms', ours: half, note },
    { name: 'p99', unit: 'ms', ours: most, bars: [{ of: 'ours', below: 50 }] },
  ]
}
