import { expect, test } from 'vitest'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { Turn } from '../../lib/runtime/turn.js'

test('a turn is long after two milliseconds of it, and the next one begins anew', async () => {
  const turn = new Turn(nodeClock)
  expect([turn.isLong(10), turn.isLong(11.9), turn.isLong(12), turn.isLong(13)]).toEqual([
    false,
    false,
    true,
    true,
  ])
  await nodeClock.yield()
  expect([turn.isLong(500), turn.isLong(501.9), turn.isLong(502)]).toEqual([false, false, true])
})

test('promises alone do not begin a turn', async () => {
  const turn = new Turn(nodeClock)
  turn.isLong(0)
  for (let i = 0; i < 1_000; i++) await undefined
  expect(turn.isLong(2)).toBe(true)
})
