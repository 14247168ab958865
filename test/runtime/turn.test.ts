import { expect, test } from 'vitest'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { Turn } from '../../lib/runtime/turn.js'

/** A turn by a clock that stands where a test puts it. */
function timed() {
  const time = { ms: 0 }
  const turn = new Turn({ ...nodeClock, monotonic: () => time.ms })
  const pausesAt = (ms: number): boolean => {
    time.ms = ms
    return turn.pause() !== undefined
  }
  return { turn, pausesAt }
}

test('a turn is long after two milliseconds of it, and the next one begins anew', async () => {
  const { turn, pausesAt } = timed()
  expect([pausesAt(10), pausesAt(11.9), pausesAt(12), pausesAt(13)]).toEqual([false, false, true, true])
  await turn.pause()
  expect([pausesAt(500), pausesAt(501.9), pausesAt(502)]).toEqual([false, false, true])
})

test('promises alone do not begin a turn', async () => {
  const { pausesAt } = timed()
  pausesAt(0)
  for (let i = 0; i < 1_000; i++) await undefined
  expect(pausesAt(2)).toBe(true)
})

test('who asks once in a turn never pauses, however much time lies between', async () => {
  const { pausesAt } = timed()
  for (const ms of [0, 100, 5_000, 5_001]) {
    expect(pausesAt(ms)).toBe(false)
    await nodeClock.yield()
  }
})

test('those who ask during a pause keep their order', async () => {
  let ms = 0
  const turn = new Turn({ ...nodeClock, monotonic: () => ms++ })
  const order: number[] = []
  const call = async (number: number): Promise<void> => {
    const pause = turn.pause()
    if (pause) await pause
    order.push(number)
  }
  const numbers = Array.from({ length: 100 }, (_, number) => number)
  await Promise.all(numbers.map(call))
  expect(order).toEqual(numbers)
})
