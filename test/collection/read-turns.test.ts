import { expect, test } from 'vitest'
import { ReadTurns } from '../../lib/collection/read-turns.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'

test('reads pause when they took long, and those asked for meanwhile keep their order', async () => {
  let ms = 0
  const turns = new ReadTurns({ ...nodeClock, monotonic: () => ms++ })
  const order: number[] = []
  const read = async (number: number): Promise<void> => {
    const pause = turns.pause()
    if (pause) await pause
    order.push(number)
  }
  await Promise.all(Array.from({ length: 100 }, (_, number) => read(number)))
  expect(order).toEqual(Array.from({ length: 100 }, (_, number) => number))
  const pauses = Array.from({ length: 20 }, () => turns.pause())
  expect(pauses.some((pause) => pause !== undefined)).toBe(true)
  await Promise.all(pauses)
})
