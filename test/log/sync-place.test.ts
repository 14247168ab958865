import { expect, test } from 'vitest'
import { SyncPlace } from '../../lib/log/sync-place.js'

/** A place that learned from so many syncs of a length, all on a thread and at time 0. */
function learned(tookMs: number, count = 1): SyncPlace {
  const place = new SyncPlace()
  for (let i = 0; i < count; i++) place.measured(tookMs, false, 0)
  return place
}

test('a sync goes to a thread until one was measured, and as long as they are slow', () => {
  expect(new SyncPlace().isHere(1)).toBe(false)
  expect(learned(0.1).isHere(1)).toBe(true)
  expect(learned(0.3, 50).isHere(1)).toBe(false)
})

test('a disk that turns slow or fast is noticed, a single measurement is not enough', () => {
  const place = learned(0.1, 50)
  place.measured(1, true, 1)
  expect(place.isHere(1)).toBe(true)
  for (let i = 0; i < 5; i++) place.measured(1, true, 1)
  expect(place.isHere(1)).toBe(false)
  for (let i = 0; i < 30; i++) place.measured(0.1, false, 1)
  expect(place.isHere(1)).toBe(true)
})

test('after a sync that held the event loop all go to a thread for a while, twice as long each time', () => {
  const place = learned(0.1)
  const fast = (nowMs: number) => {
    for (let i = 0; i < 100; i++) place.measured(0.1, false, nowMs)
  }
  place.measured(20, true, 1_000)
  fast(1_001)
  expect([place.isHere(10_999), place.isHere(11_000)]).toEqual([false, true])
  place.measured(20, true, 20_000)
  fast(20_001)
  expect([place.isHere(39_999), place.isHere(40_000)]).toEqual([false, true])
  let nowMs = 40_000
  for (let i = 0; i < 20; i++) place.measured(20, true, ++nowMs)
  fast(nowMs)
  expect([place.isHere(nowMs + 3_599_999), place.isHere(nowMs + 3_600_000)]).toEqual([false, true])
})

test('a slow sync on a thread held nobody', () => {
  const place = learned(500)
  for (let i = 0; i < 100; i++) place.measured(0.1, false, 0)
  expect(place.isHere(1)).toBe(true)
})
