/**
 * How long the event loop is held while everything happens at once: batches are written, searches are answered one after
 * another, segments are built, and merged because half of the records were replaced.
 */
import { join } from 'node:path'
import { VectorStore } from '../../dist/index.js'
import { DIMENSIONS, loadDataset } from '../dataset.mjs'
import { byTimers, byTurns, HELD_MS, monitored, noteOf } from '../event-loop-observers.mjs'
import { BATCH, INDEXED } from './bulk-upsert.mjs'

export const title = 'event loop while writing, searching and merging'
const HELD_RARELY_MS = 50
const K = 10

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const data = loadDataset()
  const batches = data.batches(BATCH)
  // Turns are counted alone: the chain of immediates that counts them keeps the loop from sleeping.
  const cases = [
    { observers: { monitor: monitored, timers: byTimers }, runs: [] },
    { observers: { turns: byTurns }, runs: [] },
  ]
  for (let round = 0; round < repetitions; round++) {
    for (const [index, { observers, runs }] of cases.entries()) {
      const path = join(directory, `store-${round}-${index}`)
      // The first run warms up the compiler.
      if (round === 0 && index === 0) await everything(`${path}-warm`, data, batches, observers)
      runs.push(await everything(path, data, batches, observers))
    }
  }
  return cases.flatMap(({ observers, runs }) =>
    Object.entries(observers).flatMap(([observer, { what }]) => {
      const seen = runs.map((run) => run.seen[observer])
      const line = (share, bound) => ({
        ...{ name: `${share} of ${what}`, unit: 'ms', ours: seen.map((one) => one[share]) },
        bars: observer === 'monitor' ? [{ of: 'ours', below: bound }] : [],
      })
      const each = (key) => runs.map((run) => run[key]).join('/')
      const work = `${each('searches')} searches in ${runs.map(({ seconds }) => seconds.toFixed(1)).join('/')} s, segments built ${each('built')} and merged ${each('merged')} times`
      return [
        { ...line('p99', HELD_MS), note: `${noteOf(seen)}; ${work}` },
        ...(observer === 'monitor' ? [line('p99.9', HELD_RARELY_MS)] : []),
      ]
    }),
  )
}

/**
 * Half of the records are there. The rest are written and become a segment of their own; then all segments are merged while
 * the first half is written again with other vectors, until all of that is indexed as well.
 */
async function everything(path, data, batches, observers) {
  const store = await VectorStore.open({ path })
  const options = { dimensions: DIMENSIONS, metric: 'cosine', indexed: INDEXED }
  const packages = await store.createCollection('packages', options)
  const half = Math.floor(batches.length / 2)
  const [before, during] = [batches.slice(0, half), batches.slice(half)]
  const again = before.map((batch, index) =>
    batch.map((record, row) => ({ ...record, vector: during[index][row % during[index].length].vector })),
  )
  for (const batch of before) await packages.upsert(batch)
  await packages.flush()
  const events = { built: 0, merged: 0 }
  store.on('index', ({ kind }) => {
    events[kind]++
  })
  const watching = Object.entries(observers).map(([name, observe]) => [name, observe()])
  const started = performance.now()
  let writing = true
  let searches = 0
  const searching = async () => {
    while (writing) await packages.search({ vector: data.query(searches++), topK: K })
  }
  const writer = async () => {
    for (const batch of during) await packages.upsert(batch)
    await packages.flush()
    const merging = packages.compact()
    for (const batch of again) await packages.upsert(batch)
    await merging
    await packages.flush()
    writing = false
  }
  await Promise.all([writer(), searching()])
  const seconds = (performance.now() - started) / 1_000
  const seen = Object.fromEntries(watching.map(([name, stop]) => [name, stop()]))
  await store.close()
  if (events.built === 0 || events.merged === 0)
    throw new Error(`nothing was ${events.built === 0 ? 'built' : 'merged'}`)
  return { seen, searches, seconds, ...events }
}
