import { expect, test } from 'vitest'
import { SyncPlace } from '../../lib/log/sync-place.js'

/** A place that learned from syncs of these lengths, all on a thread and at time 0. */
function learned(...lengths: number[]): SyncPlace {
  const place = new SyncPlace()
  for (const tookMs of lengths) place.measured(tookMs, false, 0)
  return place
}

test('a sync goes to a thread until three in a row were fast', () => {
  expect(new SyncPlace().isHere(1)).toBe(false)
  expect(learned(0.1, 0.1).isHere(1)).toBe(false)
  expect(learned(0.49, 0.49, 0.49).isHere(1)).toBe(true)
  expect(learned(0.1, 0.1, 0.5, 0.1, 0.1).isHere(1)).toBe(false)
  expect(learned(0.1, 0.1, 0.5, 0.1, 0.1, 0.1).isHere(1)).toBe(true)
})

test('three slow ones in a row send it back, fewer do not; without a way to a thread less counts as slow', () => {
  const place = learned(0.1, 0.1, 0.1)
  for (const tookMs of [0.3, 0.3, 0.29, 0.3, 0.3]) place.measured(tookMs, true, 1)
  expect(place.isHere(1)).toBe(true)
  place.measured(0.3, true, 1)
  expect(place.isHere(1)).toBe(false)
})

test('after a sync that held the event loop all go to a thread for a while, twice as long each time', () => {
  const place = learned(0.1, 0.1, 0.1)
  place.measured(20, true, 1_000)
  expect([place.isHere(10_999), place.isHere(11_000)]).toEqual([false, true])
  place.measured(20, true, 20_000)
  place.measured(0.1, false, 20_001)
  expect([place.isHere(39_999), place.isHere(40_000)]).toEqual([false, true])
  let nowMs = 40_000
  for (let i = 0; i < 20; i++) {
    place.measured(20, true, ++nowMs)
    place.measured(0.1, false, nowMs)
  }
  expect([place.isHere(nowMs + 3_599_999), place.isHere(nowMs + 3_600_000)]).toEqual([false, true])
})

test('a slow sync on a thread held nobody', () => {
  expect(learned(500, 0.1, 0.1, 0.1).isHere(1)).toBe(true)
})

test('what disk it is is known after eight measurements', () => {
  expect([learned(...new Array(7).fill(1)).isKnown, learned(...new Array(8).fill(1)).isKnown]).toEqual([
    false,
    true,
  ])
})
