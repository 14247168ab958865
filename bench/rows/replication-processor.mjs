/** What three replicas cost their master's processor. */
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { VectorStore } from '../../dist/index.js'
import { loadDataset } from '../dataset.mjs'
import { openMaster, startReplica } from '../replicas.mjs'

export const title = 'processor time of a master with three replicas'
const CALLERS = 16
const WRITES = 10_000
/**
 * A pace that four processes keep to on two processors. When they want more than there is, the same instructions take up to half as
 * long again, and that would be measured.
 */
const WRITES_A_SECOND = 2_000
const REPLICAS = 3

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const data = loadDataset(WRITES)
  const whole = await compared(join(directory, 'indexed'), data, repetitions, 1)
  // So few records each that no index is built: that costs the same with replicas and without, and hides what they cost.
  const bare = await compared(join(directory, 'small'), data, repetitions, 10)
  const name = `16 at once, ${WRITES_A_SECOND} a second, until all replicas have it`
  const unit = 'µs an operation'
  return [
    {
      ...{ name: `${name}, and all is in an index`, unit, ours: whole.replicated },
      baseline: { name: 'ours, standalone', samples: whole.alone },
      bars: [{ of: 'ratio', atMost: 1.3 }],
    },
    {
      ...{ name: `${name}, into ten collections too small for an index`, unit, ours: bare.replicated },
      baseline: { name: 'ours, standalone', samples: bare.alone },
    },
  ]
}

/** @param {number} count - of collections that the records are dealt to */
async function compared(directory, data, repetitions, count) {
  const figures = { alone: [], replicated: [] }
  for (let round = -1; round < repetitions; round++) {
    const place = join(directory, String(round))
    const keep = (name, value) => round >= 0 && figures[name].push(value)
    const store = await VectorStore.open({ path: join(place, 'alone') })
    keep('alone', await spent(store, data, count, () => undefined))
    const master = await openMaster(join(place, 'master'))
    const replicas = Array.from({ length: REPLICAS }, (_, at) =>
      startReplica(place, `replica-${at}`, master.address),
    )
    for (const replica of replicas) {
      await replica.ask('open')
      await replica.ask('waitFor')
    }
    const arrived = () =>
      Promise.all(replicas.map((replica) => replica.ask('waitFor', master.store.replication.position)))
    keep('replicated', await spent(master.store, data, count, arrived))
    for (const replica of replicas) await replica.kill()
  }
  return figures
}

/** Processor time an operation, of all threads of this process, from the first write until all is applied, indexed and closed. */
async function spent(store, data, count, arrived) {
  const collections = []
  for (let at = 0; at < count; at++) {
    collections.push(await store.createCollection(`packages-${at}`, { dimensions: 256, metric: 'cosine' }))
  }
  const before = process.cpuUsage()
  const startedMs = performance.now()
  for (let first = 0; first < WRITES; first += CALLERS) {
    await setTimeout(Math.max(0, startedMs + (first / WRITES_A_SECOND) * 1_000 - performance.now()))
    const records = Array.from({ length: Math.min(CALLERS, WRITES - first) }, (_, at) => first + at)
    await Promise.all(records.map((at) => collections[at % count].upsert(data.record(at))))
  }
  await arrived()
  if (count === 1) for (const collection of collections) await collection.flush()
  await store.close()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / WRITES
}
