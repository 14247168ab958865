/** How long the event loop is held while batches are ingested, seen by Node's own monitor, by timers and by immediates. */
import { join } from 'node:path'
import { VectorStore } from '../../dist/index.js'
import { DIMENSIONS, loadDataset } from '../dataset.mjs'
import { byTimers, byTurns, HELD_MS, monitored, noteOf } from '../event-loop-observers.mjs'
import { BATCH, INDEXED } from './bulk-upsert.mjs'

export const title = 'event loop during bulk upsert'

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const batches = loadDataset().batches(BATCH)
  const cases = [
    {
      name: 'one batch after another',
      inFlight: 1,
      observers: { monitor: monitored, timers: byTimers },
      runs: [],
    },
    { name: 'one batch after another', inFlight: 1, observers: { turns: byTurns }, runs: [] },
    {
      name: '4 batches in flight',
      inFlight: 4,
      observers: { monitor: monitored, timers: byTimers },
      runs: [],
    },
    { name: '4 batches in flight', inFlight: 4, observers: { turns: byTurns }, runs: [] },
  ]
  for (let round = 0; round < repetitions; round++) {
    for (const [index, { inFlight, observers, runs }] of cases.entries()) {
      const path = join(directory, `store-${round}-${index}`)
      // The first run warms up the compiler.
      if (round === 0 && index === 0) await ingest(`${path}-warm`, batches, inFlight, observers)
      runs.push(await ingest(path, batches, inFlight, observers))
    }
  }
  return cases.flatMap(({ name, inFlight, observers, runs }) =>
    Object.keys(observers).map((observer) => {
      const seen = runs.map((run) => run[observer])
      const bars = inFlight === 1 && observer === 'monitor' ? [{ of: 'ours', below: HELD_MS }] : []
      const { what } = observers[observer]
      return {
        name: `${name}, p99 of ${what}`,
        unit: 'ms',
        ours: seen.map(({ p99 }) => p99),
        bars,
        note: noteOf(seen),
      }
    }),
  )
}

/** Ingests all batches, `inFlight` at a time, and says what the observers saw until the last one was acknowledged. */
async function ingest(path, batches, inFlight, observers) {
  const store = await VectorStore.open({ path })
  const options = { dimensions: DIMENSIONS, metric: 'cosine', indexed: INDEXED }
  const packages = await store.createCollection('packages', options)
  const watching = Object.entries(observers).map(([name, observe]) => [name, observe()])
  let next = 0
  const writer = async () => {
    while (next < batches.length) await packages.upsert(batches[next++])
  }
  await Promise.all(Array.from({ length: inFlight }, writer))
  const seen = Object.fromEntries(watching.map(([name, stop]) => [name, stop()]))
  await store.close()
  return seen
}
