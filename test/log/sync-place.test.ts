import { expect, test } from 'vitest'
import { SyncPlace } from '../../lib/log/sync-place.js'

/** A place that learned from syncs of these lengths, all on a thread and at time 0. */
function learned(...lengths: number[]): SyncPlace {
  const place = new SyncPlace()
  for (const tookMs of lengths) place.measured(tookMs, false, 0)
  return place
}

test('a sync goes to a thread until three of the last sixteen were fast', () => {
  const slow = (count: number): number[] => new Array(count).fill(0.5)
  expect(new SyncPlace().isHere(1)).toBe(false)
  expect(learned(0.1, 0.1).isHere(1)).toBe(false)
  expect(learned(0.49, 0.49, 0.49).isHere(1)).toBe(true)
  // On a busy machine most wait for a processor.
  expect(learned(0.1, ...slow(13), 0.1, 0.1).isHere(1)).toBe(true)
  expect(learned(0.1, ...slow(14), 0.1, 0.1).isHere(1)).toBe(false)
  expect(learned(...slow(100), 0.1, 0.1, 0.1).isHere(1)).toBe(true)
})

test('twelve slow ones of the last sixteen send it back, fewer do not', () => {
  const place = learned(0.1, 0.1, 0.1, 0.1)
  const measured = (count: number, tookMs: number): void => {
    for (let at = 0; at < count; at++) place.measured(tookMs, true, 1)
  }
  measured(11, 1)
  measured(5, 0.99)
  measured(11, 1)
  expect(place.isHere(1)).toBe(true)
  // One that was on its way to a thread by then says nothing of this place.
  place.measured(500, false, 1)
  expect(place.isHere(1)).toBe(true)
  measured(1, 1)
  expect(place.isHere(1)).toBe(false)
})

test('after a sync that held the event loop all go to a thread for a while, twice as long when it soon happens again', () => {
  const place = learned(0.1, 0.1, 0.1, 0.1)
  const until = (nowMs: number): boolean[] => [place.isHere(nowMs - 1), place.isHere(nowMs)]
  place.measured(20, true, 1_000)
  expect(until(2_000)).toEqual([false, true])
  place.measured(20, true, 11_999)
  expect(until(13_999)).toEqual([false, true])
  place.measured(20, true, 33_999)
  expect(until(34_999)).toEqual([false, true])
  let nowMs = 40_000
  for (let at = 0; at < 20; at++) {
    place.measured(20, true, ++nowMs)
    place.measured(0.1, false, nowMs)
  }
  expect(until(nowMs + 3_600_000)).toEqual([false, true])
})

test('a slow sync on a thread held nobody', () => {
  expect(learned(500, 0.1, 0.1, 0.1, 0.1).isHere(1)).toBe(true)
})

test('what disk it is is known after eight measurements', () => {
  expect([learned(...new Array(7).fill(1)).isKnown, learned(...new Array(8).fill(1)).isKnown]).toEqual([
    false,
    true,
  ])
})
