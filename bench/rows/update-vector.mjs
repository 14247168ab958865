/** Single vectors replaced: against a bare graph that has them replaced in place, and against our own delete and insert. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { loadDataset } from '../dataset.mjs'
import { filledStore } from '../filled-store.mjs'
import { newGraph, THREADS } from '../peers/usearch.mjs'

export const title = 'single vectors replaced'
/** Each turn; the others' turns come between. */
const UPDATES = 250
const TURNS = 4

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const data = loadDataset()
  const stores = {}
  for (const durability of ['buffered', 'sync']) {
    stores[durability] = await filledStore(join(directory, durability), data, { opened: { durability } })
  }
  const graph = newGraph(createRequire(import.meta.url)('usearch'))
  graph.add(
    BigUint64Array.from({ length: data.count }, (_, row) => BigInt(row)),
    data.vectors,
    THREADS,
  )
  const { buffered, sync } = stores
  const works = {
    buffered: {
      update: (row, vector) => buffered.packages.updateVector(data.id(row), vector),
      quiet: () => buffered.packages.flush(),
    },
    graph: {
      update(row, vector) {
        graph.remove(BigInt(row))
        graph.add(BigInt(row), vector, 1)
      },
      quiet() {},
    },
    sync: {
      update: (row, vector) => sync.packages.updateVector(data.id(row), vector),
      quiet: () => sync.packages.flush(),
    },
    replaced: {
      async update(row, vector) {
        await sync.packages.delete(data.id(row))
        await sync.packages.insert({ id: data.id(row), vector, metadata: data.metadata(row) })
      },
      quiet: () => sync.packages.flush(),
    },
  }
  const rates = await byTurns(works, data, repetitions)
  for (const { store } of Object.values(stores)) await store.close()
  const unit = 'vectors/s'
  return [
    {
      ...{ name: 'updateVector, buffered', unit, ours: rates.buffered },
      baseline: { name: 'usearch f32, remove and add in memory', samples: rates.graph },
      bars: [{ of: 'ratio', atLeast: 2 }],
    },
    {
      ...{ name: 'updateVector, sync', unit, ours: rates.sync },
      baseline: { name: 'ours, delete and insert, both awaited', samples: rates.replaced },
      bars: [{ of: 'ratio', atLeast: 1.5 }],
    },
  ]
}

/** What one turn leaves to the background is done before the next turn begins: it would slow down the wrong one. */
async function byTurns(works, data, repetitions) {
  const rates = Object.fromEntries(Object.keys(works).map((name) => [name, []]))
  let next = 0
  for (let round = -1; round < repetitions; round++) {
    const spent = Object.fromEntries(Object.keys(works).map((name) => [name, 0]))
    for (let turn = 0; turn < TURNS; turn++) {
      for (const [name, { update, quiet }] of Object.entries(works)) {
        const started = performance.now()
        for (let i = 0; i < UPDATES; i++, next++) {
          const row = next % data.count
          // Another row's vector: nothing stays where it was in the graph.
          await update(row, data.vector((row + next + 1) % data.count))
        }
        spent[name] += performance.now() - started
        await quiet()
      }
    }
    if (round < 0) continue
    for (const [name, ms] of Object.entries(spent)) rates[name].push((TURNS * UPDATES) / (ms / 1_000))
  }
  return rates
}
