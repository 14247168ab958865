import { expect, test } from 'vitest'
import { BackgroundFilling } from '../../lib/collection/background-filling.js'
import { ReplivecError } from '../../lib/errors.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { RestlessClock } from '../index/restless-clock.js'
import { LayeredState } from './layered-state.js'

async function stored(clock = new RestlessClock()): Promise<LayeredState> {
  const layers = await LayeredState.open([], clock)
  for (let i = 0; i < 100; i++) layers.put(`id${i}`, 1 + i)
  await layers.apply()
  return layers
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nodeClock.yield()
}

const unexpected = (error: ReplivecError): never => {
  throw error
}

test('fills one index after another, but for those of dropped collections', async () => {
  const clock = new RestlessClock()
  const layers = await Promise.all([stored(clock), stored(clock), stored(clock)])
  const states = layers.map(({ state }) => state)
  const [first, dropped, last] = states as [(typeof states)[0], (typeof states)[0], (typeof states)[0]]
  dropped.dropped = true
  // Each is read through the host of the first: they hold the same.
  const filling = new BackgroundFilling(states, layers[0].host, unexpected)
  expect([first.index.pending, last.index.pending]).toEqual([0, 0])
  await until(() => last.live.isFilled)
  expect(states.map(({ live, index }) => [live.isFilled, index.pending])).toEqual([
    [true, 100],
    [false, 0],
    [true, 100],
  ])
  await filling.end()
})

test('ends in the middle, and begins no other', async () => {
  const clock = new RestlessClock()
  const [one, two] = [await stored(clock), await stored(clock)]
  const filling = new BackgroundFilling([one.state, two.state], one.host, unexpected)
  await until(() => one.state.index.pending > 10)
  clock.hold()
  await until(() => clock.held > 0)
  let asked = 0
  one.host.assertUsable = () => {
    asked += 1
    throw new ReplivecError('CLOSED', 'It is closed.')
  }
  const ended = filling.end()
  clock.resume()
  await ended
  expect(asked).toBe(1)
  expect([one.state.live.isFilled, two.state.live.isFilled, two.state.index.pending]).toEqual([
    false,
    false,
    0,
  ])
  expect(one.state.index.pending).toBeLessThan(100)
  // Twice is once.
  await filling.end()
})

test('tells of what cannot be read, and goes on with the next', async () => {
  const layers = [await stored(), await stored(), await stored()] as const
  const failures: ReplivecError[] = []
  const states = layers.map(({ state }) => state)
  const errors = [new Error('unreadable'), new ReplivecError('RECORDS_DAMAGED', 'It is damaged.')]
  const pin = () => {
    const error = errors.shift()
    if (error) throw error
    return layers[0].pin()
  }
  const host = { ...layers[0].host, pin }
  const filling = new BackgroundFilling(states, host, (error) => failures.push(error))
  await until(() => layers[2].state.live.isFilled)
  expect(failures).toMatchObject([
    {
      code: 'BACKEND_FAILED',
      message: expect.stringContaining("'layers'"),
      cause: { message: 'unreadable' },
    },
    { code: 'RECORDS_DAMAGED' },
  ])
  await filling.end()
})
