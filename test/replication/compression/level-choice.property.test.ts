import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LevelChoice } from '../../../lib/replication/compression/level-choice.js'
import { deflate } from '../../../lib/replication/compression/zlib-codecs.js'

const { levels } = deflate
const FRAME_BYTES = 100_000

/** Frames go over a link that does so much and is busy all the time. @returns when the last of them was taken */
function saturate(choice: LevelChoice, bytesPerMs: number, fromMs = 0, frames = 20): number {
  const tookMs = FRAME_BYTES / bytesPerMs
  let nowMs = fromMs
  for (let count = 0; count < frames; count++) {
    nowMs += tookMs
    choice.sent(FRAME_BYTES, tookMs, nowMs)
  }
  return nowMs
}

function levelOver(bytesPerMs: number): number | undefined {
  const choice = new LevelChoice(levels, undefined, 0)
  return choice.choose(saturate(choice, bytesPerMs))
}

test('nothing is compressed before anything was seen, nor over a link that takes all at once', () => {
  const choice = new LevelChoice(levels, undefined, 0)
  expect(choice.choose(0)).toBeUndefined()
  for (let nowMs = 10; nowMs < 2_000; nowMs += 10) {
    choice.sent(FRAME_BYTES, 1, nowMs)
    expect(choice.choose(nowMs)).toBeUndefined()
  }
})

test('a link that is waited for less than seven tenths of the time is no limit, at more it is one', () => {
  const waiting = (share: number): number | undefined => {
    const choice = new LevelChoice(levels, undefined, 0)
    for (let nowMs = 10; nowMs <= 500; nowMs += 10) choice.sent(1_000, 10 * share, nowMs)
    return choice.choose(500)
  }
  expect([0, 0.4, 0.65].map(waiting)).toEqual([undefined, undefined, undefined])
  expect([0.75, 0.9, 1].map(waiting)).toEqual([6, 6, 6])
})

test('one slow frame says nothing yet', () => {
  const choice = new LevelChoice(levels, undefined, 0)
  choice.sent(1_000, 29, 29)
  expect(choice.choose(29)).toBeUndefined()
  choice.sent(1_000, 2, 31)
  expect(choice.choose(31)).toBe(6)
})

test('a slow link has everything compressed, a slower one as hard or harder', () => {
  expect(levelOver(100)).toBe(6)
  expect(levelOver(1_000)).toBe(3)
  expect(levelOver(40_000)).toBe(1)
  expect(levelOver(1_000_000)).toBeUndefined()
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 7, noNaN: true }),
      fc.double({ min: 0, max: 3, noNaN: true }),
      (a, b) => {
        const [slower, faster] = [levelOver(10 ** a) ?? 0, levelOver(10 ** (a + b)) ?? 0]
        expect(slower).toBeGreaterThanOrEqual(faster)
      },
    ),
    { numRuns: 300 },
  )
})

test('a processor that is slower than the link does not compress at all', () => {
  const choice = new LevelChoice(levels, undefined, 0)
  const nowMs = saturate(choice, 10_000)
  expect(choice.choose(nowMs)).toBe(1)
  for (let count = 0; count < 60; count++)
    choice.compressed(6, { plainBytes: 100_000, packedBytes: 16_000, vectorBytes: 0 }, 1_000)
  expect(choice.choose(nowMs)).toBeUndefined()
})

test('a processor that becomes slower compresses less hard', () => {
  const choice = new LevelChoice(levels, undefined, 0)
  const nowMs = saturate(choice, 100)
  const chosen: number[] = []
  for (let count = 0; count < 60; count++) {
    chosen.push(choice.choose(nowMs) ?? 0)
    choice.compressed(6, { plainBytes: 100_000, packedBytes: 16_000, vectorBytes: 0 }, 4_000)
  }
  expect(chosen).toEqual([...chosen].sort((a, b) => b - a))
  expect([chosen[0], chosen.at(-1)]).toEqual([6, 1])
})

test('what does not shrink is not compressed, whatever the link', () => {
  const choice = new LevelChoice(levels, undefined, 0)
  const nowMs = saturate(choice, 100)
  for (let count = 0; count < 60; count++)
    choice.compressed(6, { plainBytes: 100_000, packedBytes: 99_000, vectorBytes: 0 }, 4)
  expect(choice.choose(nowMs)).toBeUndefined()
})

test('what took no time at all, and a level that there is not, do no harm', () => {
  const choice = new LevelChoice(levels, undefined, 0)
  const nowMs = saturate(choice, 1_000)
  choice.compressed(99, { plainBytes: 100_000, packedBytes: 99_000, vectorBytes: 0 }, 10_000)
  for (let count = 0; count < 60; count++)
    choice.compressed(6, { plainBytes: 1_000, packedBytes: 160, vectorBytes: 0 }, 0)
  expect(choice.choose(nowMs)).toBe(3)
})

test('a link that was the limit is taken for one for ten seconds, and then has to show it again', () => {
  const choice = new LevelChoice(levels, undefined, 0)
  const seenMs = saturate(choice, 1_000)
  expect(choice.choose(seenMs + 9_999)).toBe(3)
  expect(choice.choose(seenMs + 10_000)).toBeUndefined()
  const againMs = saturate(choice, 1_000, seenMs + 20_000)
  // With what is compressed the link is no limit any more, as soon as what came before has lost its weight.
  for (let nowMs = againMs + 100; nowMs <= againMs + 11_000; nowMs += 100) {
    choice.sent(100, 0, nowMs)
    expect(choice.choose(nowMs)).toBe(nowMs < againMs + 10_000 ? 3 : undefined)
  }
  expect(choice.choose(saturate(choice, 1_000, againMs + 11_000))).toBe(3)
})

test('what the host lets the link carry is its speed from the beginning, unless it is slower', () => {
  expect(new LevelChoice(levels, 1_000_000, 0).choose(0)).toBe(3)
  expect(new LevelChoice(levels, 40_000_000, 0).choose(0)).toBe(1)
  expect(new LevelChoice(levels, 1e12, 0).choose(0)).toBeUndefined()
  const slower = new LevelChoice(levels, 40_000_000, 0)
  expect(slower.choose(saturate(slower, 1_000))).toBe(3)
  const faster = new LevelChoice(levels, 1_000_000, 0)
  expect(faster.choose(saturate(faster, 1_000_000))).toBe(3)
})

test('a clock that stands still or goes back makes no nonsense', () => {
  const choice = new LevelChoice(levels, undefined, 1_000)
  for (const nowMs of [1_000, 1_000, 500, 1_000, 900]) choice.sent(FRAME_BYTES, 5, nowMs)
  expect(choice.choose(1_000)).toBeUndefined()
  expect(choice.choose(saturate(choice, 1_000, 1_000))).toBe(3)
})

test('what would not fit uncompressed keeps it in mind, for a minute at most', () => {
  const choice = new LevelChoice(levels, undefined, 0)
  const seenMs = saturate(choice, 1_000)
  for (let count = 0; count < 60; count++)
    choice.compressed(3, { plainBytes: 100_000, packedBytes: 10_000, vectorBytes: 0 }, 2)
  // Half of what the link carries, and it takes it at once: ten times as much would not fit.
  for (let nowMs = seenMs + 10; nowMs < seenMs + 59_000; nowMs += 10) choice.sent(5_000, 1, nowMs)
  expect(choice.choose(seenMs + 59_000)).toBeDefined()
  for (let nowMs = seenMs + 59_000; nowMs < seenMs + 61_000; nowMs += 10) choice.sent(5_000, 1, nowMs)
  expect(choice.choose(seenMs + 61_000)).toBeUndefined()
})

test('vectors that go with it make compressing the rest worth less', () => {
  const chosen = [0, 100_000, 3_000_000].map((vectorBytes) => {
    const choice = new LevelChoice(levels, undefined, 0)
    const nowMs = saturate(choice, 1_000)
    for (let count = 0; count < 60; count++)
      choice.compressed(3, { plainBytes: 100_000, packedBytes: 19_000, vectorBytes }, 2)
    return choice.choose(nowMs)
  })
  expect(chosen).toEqual([3, 3, undefined])
})
