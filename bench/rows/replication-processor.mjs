/** What three replicas cost their master's processor. */
import { join } from 'node:path'
import process from 'node:process'
import { VectorStore } from '../../dist/index.js'
import { loadDataset } from '../dataset.mjs'
import { openMaster, startReplica } from '../replicas.mjs'

export const title = 'processor time of a master with three replicas'
const CALLERS = 16
const WRITES = 20_000
/** So few records each that no index is built: what that costs is the same with and without replicas, and would hide them. */
const COLLECTIONS = 10
const REPLICAS = 3

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const data = loadDataset(WRITES)
  const figures = { alone: [], replicated: [] }
  for (let round = -1; round < repetitions; round++) {
    const place = join(directory, String(round))
    const keep = (name, value) => round >= 0 && figures[name].push(value)
    const store = await VectorStore.open({ path: join(place, 'alone') })
    keep('alone', await spent(store, data, () => undefined))
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
    keep('replicated', await spent(master.store, data, arrived))
    for (const replica of replicas) await replica.close()
  }
  return [
    {
      ...{
        name: '16 callers, until all replicas have it',
        unit: 'µs an operation',
        ours: figures.replicated,
      },
      baseline: { name: 'ours, standalone', samples: figures.alone },
      bars: [{ of: 'ratio', atMost: 1.3 }],
    },
  ]
}

/** Processor time an operation, of all threads of this process, from the first write until all is applied and closed. */
async function spent(store, data, arrived) {
  const collections = []
  for (let at = 0; at < COLLECTIONS; at++) {
    collections.push(await store.createCollection(`packages-${at}`, { dimensions: 256, metric: 'cosine' }))
  }
  const before = process.cpuUsage()
  let next = 0
  const caller = async () => {
    while (next < WRITES) {
      const at = next++
      await collections[at % COLLECTIONS].upsert(data.record(at))
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  await arrived()
  await store.close()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / WRITES
}
