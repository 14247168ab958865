import { expect, test } from 'vitest'
import { mapInFlight } from '../../lib/runtime/map-in-flight.js'

test('keeps so many in flight, and the order of the items', async () => {
  const ends: (() => void)[] = []
  const begun: number[] = []
  const mapped = mapInFlight([1, 2, 3, 4, 5], 2, (item) => {
    begun.push(item)
    return new Promise<number>((resolve) => ends.push(() => resolve(item * 10)))
  })
  expect(begun).toEqual([1, 2])
  ends[1]?.()
  await new Promise((resolve) => setImmediate(resolve))
  expect(begun).toEqual([1, 2, 3])
  ends[2]?.()
  ends[0]?.()
  await new Promise((resolve) => setImmediate(resolve))
  expect(begun).toEqual([1, 2, 3, 4, 5])
  ends[4]?.()
  ends[3]?.()
  expect(await mapped).toEqual([10, 20, 30, 40, 50])
  expect(await mapInFlight([], 2, () => Promise.reject(new Error('never')))).toEqual([])
})

test('begins nothing more after a failure', async () => {
  const begun: number[] = []
  const mapped = mapInFlight([1, 2, 3, 4, 5, 6], 2, async (item) => {
    begun.push(item)
    await Promise.resolve()
    if (item === 3) throw new Error('third')
    return item
  })
  await expect(mapped).rejects.toThrow('third')
  await new Promise((resolve) => setImmediate(resolve))
  expect(begun).toEqual([1, 2, 3, 4])
})
