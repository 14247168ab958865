/**
 * Observers of the event loop. Each starts to watch when it is called and returns a function that stops it and says what it
 * saw: `p50`, `p99`, `p99.9` and `max` in milliseconds.
 */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { percentile } from './statistics.mjs'

/** A turn this long is felt. */
export const HELD_MS = 10

/** The rest of what an observer saw, a value per repetition. */
export function noteOf(seen) {
  const others = ['p50', 'p99.9', 'max'].map(
    (key) => `${key} ${seen.map((one) => one[key].toFixed(1)).join('/')}`,
  )
  const shares = seen.map(({ heldShare }) => heldShare && `${(100 * heldShare).toFixed(0)} %`)
  const held =
    shares[0] === undefined ? [] : [`turns of ${HELD_MS} ms and longer: ${shares.join('/')} of the time`]
  return [...others, ...held].join(', ')
}

/** Node's monitor: the time between two ticks of a timer of 1 ms. Nothing is subtracted. */
export function monitored() {
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
export function byTimers() {
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
export function byTurns() {
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
