import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LinkSpeed } from '../../../lib/replication/compression/link-speed.js'

const FRAME_BYTES = 100_000
const NONE = Number.POSITIVE_INFINITY
const BUSY = { hasMore: true }

/** Frames go over a link that does so much and is busy all the time. @returns when the last of them was taken */
function saturate(link: LinkSpeed, bytesPerMs: number, fromMs = 0, frames = 20): number {
  const tookMs = FRAME_BYTES / bytesPerMs
  let nowMs = fromMs
  for (let count = 0; count < frames; count++) {
    nowMs += tookMs
    link.sent({ ...BUSY, bytes: FRAME_BYTES, waitedMs: tookMs, nowMs }, 1)
  }
  return nowMs
}

test('before anything was seen, and where all is taken at once, a link is no limit', () => {
  const link = new LinkSpeed(undefined, 0)
  expect(link.bytesPerMs(0)).toBe(NONE)
  for (let nowMs = 10; nowMs < 2_000; nowMs += 10) {
    link.sent({ ...BUSY, bytes: FRAME_BYTES, waitedMs: 1, nowMs }, 1)
    expect(link.bytesPerMs(nowMs)).toBe(NONE)
  }
})

test('a link that is busy all the time is as fast as it was seen to be', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 6, noNaN: true }), (power) => {
      const link = new LinkSpeed(undefined, 0)
      const nowMs = saturate(link, 10 ** power, 0, 1_000)
      expect(link.bytesPerMs(nowMs) / 10 ** power).toBeCloseTo(1, 6)
    }),
    { numRuns: 100 },
  )
})

test('a link that is waited for less than seven tenths of the time is no limit, at more it is one', () => {
  const waiting = (share: number): number => {
    const link = new LinkSpeed(undefined, 0)
    for (let nowMs = 10; nowMs <= 500; nowMs += 10)
      link.sent({ ...BUSY, bytes: 1_000, waitedMs: 10 * share, nowMs }, 1)
    return link.bytesPerMs(500)
  }
  expect([0, 0.4, 0.65].map(waiting)).toEqual([NONE, NONE, NONE])
  for (const share of [0.75, 0.9, 1]) expect(waiting(share)).toBeCloseTo(100, 6)
})

test('one slow frame says nothing yet', () => {
  const link = new LinkSpeed(undefined, 0)
  link.sent({ ...BUSY, bytes: 1_000, waitedMs: 28, nowMs: 28 }, 1)
  expect(link.bytesPerMs(28)).toBe(NONE)
  link.sent({ ...BUSY, bytes: 1_000, waitedMs: 4, nowMs: 34 }, 1)
  expect(link.bytesPerMs(34)).toBeLessThan(100)
})

test('a link that was the limit is taken for one for ten seconds, and then has to show it again', () => {
  const link = new LinkSpeed(undefined, 0)
  const seenMs = saturate(link, 1_000)
  expect(link.bytesPerMs(seenMs + 9_999)).toBeCloseTo(1_000, 6)
  expect(link.bytesPerMs(seenMs + 10_000)).toBe(NONE)
  const againMs = saturate(link, 1_000, seenMs + 20_000)
  // With what is compressed the link is no limit any more, as soon as what came before has lost its weight.
  for (let nowMs = againMs + 100; nowMs <= againMs + 11_000; nowMs += 100) {
    link.sent({ bytes: 100, waitedMs: 0, nowMs, hasMore: false }, 1)
    // What it was waited for before is most of the time for a while.
    if (Math.abs(nowMs - againMs - 10_100) > 100)
      expect(link.bytesPerMs(nowMs) < NONE).toBe(nowMs < againMs + 10_100)
  }
  expect(link.bytesPerMs(saturate(link, 2_000, againMs + 11_000))).toBeLessThan(NONE)
})

test('what would not fit uncompressed keeps it in mind, for a minute at most', () => {
  const link = new LinkSpeed(undefined, 0)
  const seenMs = saturate(link, 1_000)
  // Half of what the link carries, and it takes it at once: ten times as much would not fit.
  for (let nowMs = seenMs + 10; nowMs < seenMs + 59_000; nowMs += 10)
    link.sent({ ...BUSY, bytes: 5_000, waitedMs: 1, nowMs }, 10)
  expect(link.bytesPerMs(seenMs + 59_000)).toBeLessThan(NONE)
  for (let nowMs = seenMs + 59_000; nowMs < seenMs + 61_000; nowMs += 10)
    link.sent({ ...BUSY, bytes: 5_000, waitedMs: 1, nowMs }, 10)
  expect(link.bytesPerMs(seenMs + 61_000)).toBe(NONE)
})

test('what the host lets the link carry is its speed from the beginning, unless it is slower', () => {
  expect(new LinkSpeed(1_000_000, 0).bytesPerMs(0)).toBe(1_000)
  const slower = new LinkSpeed(40_000_000, 0)
  expect(slower.bytesPerMs(saturate(slower, 1_000))).toBeCloseTo(1_000, 6)
  const faster = new LinkSpeed(1_000_000, 0)
  expect(faster.bytesPerMs(saturate(faster, 1_000_000))).toBe(1_000)
})

test('a clock that stands still or goes back makes no nonsense', () => {
  const link = new LinkSpeed(undefined, 1_000)
  for (const nowMs of [1_000, 1_000, 500, 1_000, 900])
    link.sent({ ...BUSY, bytes: FRAME_BYTES, waitedMs: 5, nowMs }, 1)
  expect(link.bytesPerMs(1_000)).toBe(NONE)
  expect(link.bytesPerMs(saturate(link, 1_000, 1_000))).toBeGreaterThan(900)
})

test('megabytes that the system takes at once are not what it carries', () => {
  const link = new LinkSpeed(undefined, 0)
  // Six megabytes at once, and then what the link carries, a megabyte at a time.
  for (let nowMs = 1; nowMs <= 60; nowMs++) link.sent({ ...BUSY, bytes: 100_000, waitedMs: 0, nowMs }, 1)
  expect(link.bytesPerMs(saturate(link, 10_000, 60, 30))).toBeGreaterThan(15_000)
  expect(link.bytesPerMs(saturate(link, 10_000, 360, 60))).toBeCloseTo(10_000, 6)
})

test.each([
  ['the window', 100_000, 100],
  ['the processor', 120_000, 60],
])(
  'a link that is not waited for, because it waits for %s, is remembered for ten seconds',
  (_, bytes, everyMs) => {
    const link = new LinkSpeed(undefined, 0)
    const busyMs = saturate(link, 10_000)
    // Less than it carries, also uncompressed.
    for (let nowMs = busyMs + everyMs; nowMs < busyMs + 11_000; nowMs += everyMs)
      link.sent({ ...BUSY, bytes, waitedMs: 1, nowMs }, 3)
    expect(link.bytesPerMs(busyMs + 9_900)).toBeLessThan(NONE)
    expect(link.bytesPerMs(busyMs + 11_000)).toBe(NONE)
  },
)

test('a link that stood still for some of the time is as fast as when it did not', () => {
  const link = new LinkSpeed(undefined, 0)
  const againMs = saturate(link, 10_000, 0, 100) + 3_000
  link.sent({ ...BUSY, bytes: FRAME_BYTES, waitedMs: 10, nowMs: againMs }, 1)
  expect(link.bytesPerMs(againMs)).toBeCloseTo(10_000, 6)
})

test('after a quiet time a link is a limit again within half a second', () => {
  const link = new LinkSpeed(undefined, 0)
  link.sent({ bytes: 30, waitedMs: 0, nowMs: 60_000, hasMore: false }, 1)
  expect(link.bytesPerMs(saturate(link, 10_000, 60_000, 40))).toBe(NONE)
  expect(link.bytesPerMs(saturate(link, 10_000, 60_400, 10))).toBeLessThan(NONE)
  expect(link.bytesPerMs(saturate(link, 10_000, 60_500, 60))).toBeCloseTo(10_000, 6)
})
