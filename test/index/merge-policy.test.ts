import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chooseMerge, type SegmentSize } from '../../lib/index/merge-policy.js'

const size = fc
  .tuple(
    fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 100_000 })),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  .map(([count, share]): SegmentSize => ({ count, dead: Math.floor(count * share * share) }))
const sizes = fc.array(size, { maxLength: 40 })
const rowsMax = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 400_000 }))

const live = ({ count, dead }: SegmentSize) => count - dead
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

/** What carrying a choice out makes of the segments: the merged one comes last, and is gone when nothing lives. */
function merged(segments: readonly SegmentSize[], chosen: readonly number[]): SegmentSize[] {
  const kept = segments.filter((_, index) => !chosen.includes(index))
  const count = sum(chosen.map((index) => live(segments[index] as SegmentSize)))
  return count > 0 ? [...kept, { count, dead: 0 }] : kept
}

describe('the merge policy', () => {
  test('chooses each segment once, and never more rows than the backend builds', () => {
    fc.assert(
      fc.property(sizes, rowsMax, (segments, max) => {
        const chosen = chooseMerge(segments, max)
        expect(new Set(chosen).size).toBe(chosen.length)
        expect(chosen.every((index) => index in segments)).toBe(true)
        const rows = sum(chosen.map((index) => live(segments[index] as SegmentSize)))
        expect(chosen.length < 2 || rows <= max).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  test('comes to an end, with few dead rows and few segments', () => {
    fc.assert(
      fc.property(sizes, rowsMax, (given, max) => {
        // No segment is larger than the backend builds to begin with.
        let segments = given.map(({ count, dead }) => ({
          count: Math.min(count, max),
          dead: Math.min(dead, count, max),
        }))
        const rows = sum(segments.map(live))
        let steps = 0
        for (
          let chosen = chooseMerge(segments, max);
          chosen.length > 0;
          chosen = chooseMerge(segments, max)
        ) {
          segments = merged(segments, chosen)
          steps += 1
        }
        expect(steps).toBeLessThanOrEqual(2 * given.length)
        expect(segments.filter(({ count, dead }) => dead > 0.2 * count)).toEqual([])
        expect(sum(segments.map(live))).toBe(rows)
        // Three a tier, two halves of the largest size, and quarters of it that do not fit four together.
        const tiers = 1 + Math.ceil(Math.log(max + 1) / Math.log(4))
        expect(segments.length).toBeLessThanOrEqual(3 * tiers + (4 * rows) / max + 4)
      }),
      { numRuns: 1_000 },
    )
  })

  test('writes each row a logarithmic number of times while a collection grows', () => {
    const memtable = 100
    let segments: SegmentSize[] = []
    let written = 0
    const flushes = 2_000
    for (let flush = 1; flush <= flushes; flush++) {
      segments = [...segments, { count: memtable, dead: 0 }]
      for (let chosen = chooseMerge(segments, 1e9); chosen.length > 0; chosen = chooseMerge(segments, 1e9)) {
        written += sum(chosen.map((index) => live(segments[index] as SegmentSize)))
        segments = merged(segments, chosen)
      }
      expect(segments.length).toBeLessThanOrEqual(3 * (1 + Math.log(flush) / Math.log(4)) + 1)
    }
    expect(sum(segments.map(live))).toBe(flushes * memtable)
    expect(written / (flushes * memtable)).toBeLessThanOrEqual(Math.log(flushes) / Math.log(4))
  })

  test('rewrites at most five rows for each that dies', () => {
    let segment: SegmentSize = { count: 50_000, dead: 0 }
    let written = 0
    for (let died = 1; died <= 40_000; died++) {
      segment = { ...segment, dead: segment.dead + 1 }
      if (chooseMerge([segment], 1e9).length === 0) continue
      segment = { count: live(segment), dead: 0 }
      written += segment.count
    }
    expect(written).toBeLessThanOrEqual(5 * 40_000)
    expect(live(segment)).toBe(10_000)
  })

  test.each<[string, SegmentSize[], number, number[]]>([
    ['nothing of nothing', [], 100, []],
    ['nothing of three alike', [16, 17, 18].map((count) => ({ count, dead: 0 })), 1e6, []],
    ['four alike', [16, 1_000, 17, 18, 19].map((count) => ({ count, dead: 0 })), 1e6, [0, 2, 3, 4]],
    ['not four that are too many together', [16, 17, 18, 19].map((count) => ({ count, dead: 0 })), 69, []],
    ['four that just fit', [16, 17, 18, 19].map((count) => ({ count, dead: 0 })), 70, [0, 1, 2, 3]],
    [
      'later ones when the first do not fit',
      [30, 30, 20, 20, 20, 20].map((count) => ({ count, dead: 0 })),
      89,
      [2, 3, 4, 5],
    ],
    [
      'a worn one alone',
      [
        { count: 10, dead: 2 },
        { count: 10, dead: 3 },
      ],
      1e6,
      [1],
    ],
    ['one that is all dead', [{ count: 4, dead: 4 }], 1, [0]],
  ])('chooses %s', (_, segments, max, expected) => {
    expect(chooseMerge(segments, max)).toEqual(expected)
  })
})
