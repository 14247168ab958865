import { expect, test } from 'vitest'
import { TimeSlice } from '../../lib/runtime/time-slice.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'

/** Takes steps of one millisecond each until one pauses; returns how many that were. */
async function stepsToPause(clock: SimulatedClock, slice: TimeSlice, stepMs: number): Promise<number> {
  for (let steps = 1; ; steps++) {
    const pause = slice.step()
    if (pause) {
      await pause
      return steps
    }
    await clock.advance(stepMs)
  }
}

test('pauses when it took long, and begins again after the pause', async () => {
  const clock = new SimulatedClock()
  const slice = new TimeSlice(clock)
  const pauses = [await stepsToPause(clock, slice, 1), await stepsToPause(clock, slice, 1)]
  // Where eight steps take so long, each is looked at.
  expect(pauses).toEqual([8, 3])
  expect(await stepsToPause(clock, slice, 0.05)).toBeGreaterThan(39)
})

test('never pauses while no time passes', () => {
  const slice = new TimeSlice(new SimulatedClock())
  const pauses = Array.from({ length: 10_000 }, () => slice.step()).filter((pause) => pause !== undefined)
  expect(pauses).toEqual([])
})

test('ends with the reason when it is aborted by the next pause', async () => {
  const clock = new SimulatedClock()
  const aborting = new AbortController()
  const slice = new TimeSlice(clock, aborting.signal)
  aborting.abort(new Error('enough'))
  await expect(stepsToPause(clock, slice, 1)).rejects.toThrow('enough')
})
