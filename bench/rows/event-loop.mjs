/** How long the event loop is held while batches are ingested, seen by Node's own monitor, by timers and by immediates. */
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { VectorStore } from '../../dist/index.js'
import { DIMENSIONS, loadDataset } from '../dataset.mjs'
import { percentile } from '../statistics.mjs'
import { BATCH, INDEXED } from './bulk-upsert.mjs'

export const title = 'event loop during bulk upsert'

/** @returns {Promise<import('../line.mjs').Line[]>} */
export async function measure({ directory, repetitions }) {
  const batches = loadDataset().batches(BATCH)
  const cases = [1, 4].flatMap((inFlight) =>
    [monitored, byTimers, byImmediates].map((observe) => ({ inFlight, observe, runs: [] })),
  )
  for (let round = -1; round < repetitions; round++) {
    for (const [index, { inFlight, observe, runs }] of cases.entries()) {
      const path = join(directory, `store-${round}-${index}`)
      const run = await ingest(path, batches, inFlight, observe)
      if (round >= 0) runs.push(run)
    }
  }
  return cases.flatMap(({ inFlight, observe, runs }) => {
    const name = `${inFlight === 1 ? 'one batch after another' : `${inFlight} batches in flight`}, ${observe.what}`
    const values = (key) => runs.map((run) => run[key])
    const bars = inFlight === 1 && observe === monitored ? [{ of: 'ours', below: 10 }] : []
    const range = (key) =>
      `${key} ${values(key)
        .map((ms) => ms.toFixed(1))
        .join('/')}`
    const shares = runs.map((run) => `${(100 * run.heldShare).toFixed(0)} %`).join('/')
    const held = observe === monitored ? '' : `; held 10 ms and longer for ${shares} of the time`
    return {
      name: `${name}, p99`,
      unit: 'ms',
      ours: values('p99'),
      bars,
      note: `${['p50', 'p99.9', 'max'].map(range).join(', ')}${held}`,
    }
  })
}

/** Ingests all batches, `inFlight` at a time, and says what an observer saw until the last one was acknowledged. */
async function ingest(path, batches, inFlight, observe) {
  const store = await VectorStore.open({ path })
  const packages = await store.createCollection('packages', {
    dimensions: DIMENSIONS,
    metric: 'cosine',
    indexed: INDEXED,
  })
  const stop = observe()
  let next = 0
  const writer = async () => {
    while (next < batches.length) await packages.upsert(batches[next++])
  }
  await Promise.all(Array.from({ length: inFlight }, writer))
  const seen = stop()
  await store.close()
  return seen
}

/** Node's monitor: the time between two ticks of a timer of 1 ms. Nothing is subtracted. */
function monitored() {
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  histogram.enable()
  return () => {
    histogram.disable()
    const ms = (value) => value / 1e6
    return {
      p50: ms(histogram.percentile(50)),
      p99: ms(histogram.percentile(99)),
      'p99.9': ms(histogram.percentile(99.9)),
      max: ms(histogram.max),
    }
  }
}
monitored.what = 'monitorEventLoopDelay'

/** A chain of timers of 1 ms: the time from one to the next. */
function byTimers() {
  return gaps((again) => setTimeout(again, 1))
}
byTimers.what = 'gaps between timers'

/** A chain of immediates: the length of every turn of the loop. It keeps the loop busy, as a server under load does. */
function byImmediates() {
  return gaps((again) => setImmediate(again))
}
byImmediates.what = 'turns of the loop'

function gaps(schedule) {
  const samples = []
  let stopped = false
  let last = performance.now()
  const tick = () => {
    const now = performance.now()
    samples.push(now - last)
    last = now
    if (!stopped) schedule(tick)
  }
  schedule(tick)
  return () => {
    stopped = true
    samples.push(performance.now() - last)
    const total = samples.reduce((sum, ms) => sum + ms, 0)
    const held = samples.filter((ms) => ms >= 10).reduce((sum, ms) => sum + ms, 0)
    return {
      p50: percentile(samples, 0.5),
      p99: percentile(samples, 0.99),
      'p99.9': percentile(samples, 0.999),
      max: percentile(samples, 1),
      // One long turn is one sample among many short ones; by time it weighs what it costs.
      heldShare: held / total,
    }
  }
}
