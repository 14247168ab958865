import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Codec } from '../../../lib/replication/compression/codec.js'
import { CODEC_NAMES, loadCodecs } from '../../../lib/replication/compression/codecs.js'
import { LevelChoice } from '../../../lib/replication/compression/level-choice.js'
import { deflate } from '../../../lib/replication/compression/zlib-codecs.js'

const { levels } = deflate
const FRAME_BYTES = 100_000
const PLAIN_BYTES = 400_000

/** Frames go over a link that does so much and is busy all the time. @returns when the last of them was taken */
function saturate(choice: LevelChoice, bytesPerMs: number, fromMs = 0, frames = 20): number {
  const tookMs = FRAME_BYTES / bytesPerMs
  let nowMs = fromMs
  for (let count = 0; count < frames; count++) {
    nowMs += tookMs
    choice.sent({ bytes: FRAME_BYTES, waitedMs: tookMs, nowMs, hasMore: true })
  }
  return nowMs
}

function levelOver(bytesPerMs: number, of = levels): number | undefined {
  const choice = new LevelChoice(of, undefined, 0)
  return choice.choose(saturate(choice, bytesPerMs))
}

/** Compresses what is chosen, or nothing, on a machine that is so slow. @returns what was chosen, in order */
function use(
  choice: LevelChoice,
  { messages, atMs, slowness = 1, waitMs = 0, share = 1, vectorBytes = 0 }: Use,
): (number | undefined)[] {
  return Array.from({ length: messages }, () => {
    const level = choice.choose(atMs)
    const known = levels.find((candidate) => candidate.level === level)
    if (level === undefined || !known) return undefined
    const tookMs = (slowness * PLAIN_BYTES) / known.bytesPerMs + waitMs
    const packedBytes = Math.min(1, known.share * share) * PLAIN_BYTES
    choice.compressed(level, { plainBytes: PLAIN_BYTES, packedBytes, vectorBytes }, tookMs, atMs)
    return level
  })
}

interface Use {
  readonly messages: number
  readonly atMs: number
  readonly slowness?: number
  readonly waitMs?: number
  readonly share?: number
  readonly vectorBytes?: number
}

describe.each([...(await loadCodecs(CODEC_NAMES)).values()])('with $name', (codec: Codec) => {
  test('a slow link has everything compressed, a slower one as hard or harder', () => {
    expect(levelOver(100, codec.levels)).toBe(codec.levels.at(-1)?.level)
    expect(levelOver(10_000_000, codec.levels)).toBeUndefined()
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 7, noNaN: true }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        (a, b) => {
          const [slower, faster] = [10 ** a, 10 ** (a + b)].map(
            (speed) => levelOver(speed, codec.levels) ?? 0,
          )
          expect(slower).toBeGreaterThanOrEqual(faster as number)
        },
      ),
      { numRuns: 300 },
    )
  })
})

test('every level is for some link', () => {
  expect([100, 10_000, 20_000, 40_000, 1_000_000].map((speed) => levelOver(speed))).toEqual([
    ...[6, 6, 3, 1, undefined],
  ])
})

test('nothing is compressed over a link that takes all at once', () => {
  const choice = new LevelChoice(levels, undefined, 0)
  expect(choice.choose(0)).toBeUndefined()
  for (let nowMs = 10; nowMs < 2_000; nowMs += 10) {
    choice.sent({ bytes: FRAME_BYTES, waitedMs: 1, nowMs, hasMore: true })
    expect(choice.choose(nowMs)).toBeUndefined()
  }
})

test('what the host lets the link carry is reckoned with from the beginning', () => {
  expect(new LevelChoice(levels, 1_000_000, 0).choose(0)).toBe(6)
  expect(new LevelChoice(levels, 40_000_000, 0).choose(0)).toBe(1)
  expect(new LevelChoice(levels, 1e12, 0).choose(0)).toBeUndefined()
})

test('a processor that is slower than the link compresses nothing, and is tried again', () => {
  const choice = new LevelChoice(levels, undefined, 0)
  const atMs = saturate(choice, 20_000)
  const chosen = use(choice, { messages: 100, atMs, slowness: 100 })
  expect([chosen[0], chosen.at(-1)]).toEqual([3, undefined])
  expect(choice.choose(atMs + 4_999)).toBeUndefined()
  expect(choice.choose(atMs + 5_000)).toBe(3)
})

test('a processor that becomes slower compresses less hard, and harder when it is quick again', () => {
  const choice = new LevelChoice(levels, undefined, 0)
  const atMs = saturate(choice, 10_000)
  expect(use(choice, { messages: 50, atMs }).every((level) => level === 6)).toBe(true)
  const slow = use(choice, { messages: 200, atMs, slowness: 3 })
  expect(slow.slice(-100)).toEqual(expect.arrayContaining([3]))
  expect(slow.slice(-100)).not.toContain(undefined)
  expect(use(choice, { messages: 200, atMs }).at(-1)).toBe(6)
})

test('waits that are the same at every level do not make it less hard, while the link takes longer', () => {
  const choice = new LevelChoice(levels, undefined, 0)
  const atMs = saturate(choice, 5_000)
  const chosen = use(choice, { messages: 200, atMs, waitMs: 5 })
  expect(new Set(chosen)).toEqual(new Set([6]))
  // Until it is they that everything waits for.
  expect(use(choice, { messages: 200, atMs, waitMs: 200 }).at(-1)).toBeUndefined()
})

test('what does not shrink is not compressed, whatever the link, until there may be something else', () => {
  const choice = new LevelChoice(levels, undefined, 0)
  const atMs = saturate(choice, 100)
  expect(use(choice, { messages: 100, atMs, share: 99 }).at(-1)).toBeUndefined()
  expect(choice.choose(atMs + 5_000)).toBe(6)
})

test('a level that there is not does no harm', () => {
  const choice = new LevelChoice(levels, undefined, 0)
  const nowMs = saturate(choice, 1_000)
  choice.compressed(99, { plainBytes: 100_000, packedBytes: 99_000, vectorBytes: 0 }, 10_000, nowMs)
  expect(choice.choose(nowMs)).toBe(6)
})

test('vectors that go with it make compressing the rest worth less', () => {
  const chosen = [0, 3 * PLAIN_BYTES, 30 * PLAIN_BYTES].map((vectorBytes) => {
    const choice = new LevelChoice(levels, undefined, 0)
    const atMs = saturate(choice, 1_000)
    return use(choice, { messages: 100, atMs, vectorBytes }).at(-1)
  })
  expect(chosen).toEqual([6, 1, undefined])
})

test('as much is worth sending at once as the link would carry in a moment', () => {
  const over = (bytesPerMs: number): number => {
    const choice = new LevelChoice(levels, undefined, 0)
    return choice.batchBytes(saturate(choice, bytesPerMs))
  }
  // To a byte: powers are not the same in every V8.
  expect(Math.abs(over(1_000) - 250_000)).toBeLessThanOrEqual(1)
  expect(over(100_000)).toBe(2 * 1024 * 1024)
})
