/** Single writes from 16 callers with a replica that follows: what it costs the callers, and how far behind the replica is. */
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { VectorStore } from '../../dist/index.js'
import { loadDataset } from '../dataset.mjs'
import { openMaster, startReplica } from '../replicas.mjs'

export const title = 'single writes with a replica'
const CALLERS = 16
const SECONDS = 1.5
const WARM_UP = 1
const DURABLE_ON_BOTH = { w: 2, level: 'durable', timeoutMs: 30_000 }

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const data = loadDataset(20_000)
  const figures = { alone: [], asynchronous: [], durable: [], lagMs: [] }
  for (let round = -WARM_UP; round < repetitions; round++) {
    const place = join(directory, String(round))
    const keep = (name, value) => round >= 0 && figures[name].push(value)
    const store = await VectorStore.open({ path: join(place, 'alone') })
    await writes(store, data, 'warm-up')
    await settled(store)
    keep('alone', await writes(store, data, 'measured'))
    await store.close()
    const master = await openMaster(join(place, 'master'))
    const replica = startReplica(place, 'replica', master.address)
    await replica.ask('open')
    await replica.ask('waitFor')
    await writes(master.store, data, 'warm-up')
    await settled(master.store, replica)
    keep('asynchronous', await writes(master.store, data, 'asynchronous'))
    const ended = performance.now()
    await replica.ask('waitFor', master.store.replication.position)
    keep('lagMs', performance.now() - ended)
    await settled(master.store, replica)
    keep('durable', await writes(master.store, data, 'durable', { writeConcern: DURABLE_ON_BOTH }))
    await replica.close()
    await master.store.close()
  }
  const baseline = { name: 'ours, standalone', samples: figures.alone }
  const unit = 'upserts/s'
  return [
    {
      ...{ name: 'asynchronous', unit, ours: figures.asynchronous, baseline },
      bars: [{ of: 'ratio', atLeast: 0.6 }],
    },
    {
      ...{ name: 'from the last acknowledgement until the replica has it', unit: 'ms', ours: figures.lagMs },
      bars: [{ of: 'ours', below: 100 }],
    },
    {
      ...{ name: 'durable on both (w: 2)', unit, ours: figures.durable, baseline },
      bars: [{ of: 'ratio', atLeast: 0.35 }],
    },
  ]
}

/** Every vector is in an index, here and there: a build that is left over from before would slow down what is measured. */
async function settled(store, replica) {
  for (const { name } of await store.listCollections()) {
    await (await store.openCollection(name)).flush()
    await replica?.ask('waitFor', store.replication.position)
    await replica?.ask('searchable', name)
  }
}

async function writes(store, data, name, options) {
  const collection = await store.createCollection(name, { dimensions: 256, metric: 'cosine' })
  const started = performance.now()
  const end = started + SECONDS * 1_000
  let next = 0
  const caller = async () => {
    while (performance.now() < end) await collection.upsert(data.record(next++), options)
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  return next / ((performance.now() - started) / 1_000)
}
