/** How long the event loop is held while batches are ingested, seen by Node's own monitor, by timers and by immediates. */
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { VectorStore } from '../../dist/index.js'
import { DIMENSIONS, loadDataset } from '../dataset.mjs'
import { percentile } from '../statistics.mjs'
import { BATCH, INDEXED } from './bulk-upsert.mjs'

export const title = 'event loop during bulk upsert'
const HELD_MS = 10

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

/** The rest of what an observer saw, a value per repetition. */
function noteOf(seen) {
  const others = ['p50', 'p99.9', 'max'].map(
    (key) => `${key} ${seen.map((one) => one[key].toFixed(1)).join('/')}`,
  )
  const shares = seen.map(({ heldShare }) => heldShare && `${(100 * heldShare).toFixed(0)} %`)
  const held =
    shares[0] === undefined ? [] : [`turns of ${HELD_MS} ms and longer: ${shares.join('/')} of the time`]
  return [...others, ...held].join(', ')
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

/** Node's monitor: the time between two ticks of a timer of 1 ms. Nothing is subtracted. */
function monitored() {
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  histogram.enable()
  return () => {
    histogram.disable()
    const at = (percent) => histogram.percentile(percent) / 1e6
    return { p50: at(50), p99: at(99), 'p99.9': at(99.9), max: histogram.max / 1e6 }
  }
}
monitored.what = 'monitorEventLoopDelay'

/** A chain of timers of 1 ms: the time from one to the next. */
function byTimers() {
  return gaps(
    (again) => setTimeout(again, 1),
    (samples, share) => percentile(samples, share),
  )
}
byTimers.what = 'the gaps between timers of 1 ms'

/**
 * A chain of immediates: the length of every turn of the loop. Almost all are microseconds, so each weighs what it lasts:
 * the percentiles are those of the turn that a request arriving at any moment falls into. The chain keeps the loop from
 * sleeping, as a busy server does.
 */
function byTurns() {
  return gaps((again) => setImmediate(again), percentileByTime)
}
byTurns.what = 'the turn a moment falls into'

function gaps(schedule, percentileOf) {
  const samples = []
  let stopped = false
  let last = performance.now()
  const take = () => {
    const now = performance.now()
    samples.push(now - last)
    last = now
  }
  const tick = () => {
    if (stopped) return
    take()
    schedule(tick)
  }
  schedule(tick)
  return () => {
    stopped = true
    take()
    const at = (share) => percentileOf(samples, share)
    const held = sum(samples.filter((ms) => ms >= HELD_MS))
    return { p50: at(0.5), p99: at(0.99), 'p99.9': at(0.999), max: at(1), heldShare: held / sum(samples) }
  }
}

/** The length that `share` of all time is spent in turns no longer than. */
function percentileByTime(samples, share) {
  const sorted = Float64Array.from(samples).sort()
  let left = share * sum(sorted)
  for (const ms of sorted) {
    left -= ms
    if (left <= 0) return ms
  }
  return sorted.at(-1)
}

function sum(samples) {
  return samples.reduce((total, ms) => total + ms, 0)
}
