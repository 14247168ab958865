import { expect, test } from 'vitest'
import { WhenQuiet } from '../../lib/runtime/when-quiet.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'

function waiting(maxMs?: number) {
  const clock = new SimulatedClock()
  const setting = { clock, activity: 0, runs: [] as number[] }
  const quiet = new WhenQuiet({
    ...{ clock, quietMs: 100, activity: () => setting.activity },
    run: () => setting.runs.push(clock.monotonic()),
    ...(maxMs === undefined ? {} : { maxMs }),
  })
  const start = clock.monotonic()
  return { setting, clock, quiet, ran: () => setting.runs.map((at) => at - start) }
}

test('runs once nothing has happened for a while, and once for each wait', async () => {
  const { setting, clock, quiet, ran } = waiting()
  quiet.wait()
  quiet.wait()
  for (let i = 0; i < 5; i++) {
    await clock.advance(100)
    if (i < 3) setting.activity += 1
  }
  expect(ran()).toEqual([100])
  quiet.wait()
  for (let i = 0; i < 3; i++) {
    setting.activity += 1
    await clock.advance(100)
  }
  expect(ran()).toEqual([100])
  await clock.advance(100)
  expect(ran()).toEqual([100, 900])
  expect(clock.pendingTimers).toBe(0)
})

test('runs at last although something happens all the time', async () => {
  const { setting, clock, quiet, ran } = waiting(250)
  quiet.wait()
  for (let i = 0; i < 5; i++) {
    setting.activity += 1
    await clock.advance(100)
  }
  expect(ran()).toEqual([300])
})

test('does not run after it was cancelled, and may wait again', async () => {
  const { clock, quiet, ran } = waiting()
  quiet.wait()
  quiet.cancel()
  quiet.cancel()
  expect(clock.pendingTimers).toBe(0)
  await clock.advance(200)
  expect(ran()).toEqual([])
  quiet.wait()
  await clock.advance(100)
  expect(ran()).toEqual([300])
})
