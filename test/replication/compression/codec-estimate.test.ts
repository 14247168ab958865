import { expect, test } from 'vitest'
import { CodecEstimate } from '../../../lib/replication/compression/codec-estimate.js'
import { deflate } from '../../../lib/replication/compression/zlib-codecs.js'

const [quick, , hard] = deflate.levels as [(typeof deflate.levels)[0], unknown, (typeof deflate.levels)[0]]
const PLAIN = { plainBytes: 400_000, packedBytes: 100_000, vectorBytes: 0 }
const codecMs = (level: typeof quick): number => PLAIN.plainBytes / level.bytesPerMs

function many(estimate: CodecEstimate, tookMs: number, bytes = PLAIN): CodecEstimate {
  for (let count = 0; count < 200; count++) estimate.compressed(quick, bytes, tookMs, count)
  return estimate
}

test('at first a level does what is expected of it', () => {
  const estimate = new CodecEstimate()
  expect(estimate.shareOf(quick)).toBe(quick.share)
  expect(estimate.processorMsOf(hard)).toBe(1 / hard.bytesPerMs)
  expect([estimate.vectorShare, estimate.expansionAt(0)]).toEqual([0, 1])
})

test('what is left of the bytes is what was, and as much more or less at other levels as was expected', () => {
  const estimate = many(new CodecEstimate(), 1)
  expect(estimate.shareOf(quick)).toBeCloseTo(0.25, 3)
  expect(estimate.shareOf(hard)).toBeCloseTo((0.25 * hard.share) / quick.share, 3)
  expect(many(estimate, 1, { ...PLAIN, packedBytes: 500_000 }).shareOf(hard)).toBe(1)
})

test('vectors are counted with what is sent, and not with what is compressed', () => {
  const estimate = many(new CodecEstimate(), 1, { ...PLAIN, vectorBytes: 100_000 })
  expect(estimate.vectorShare).toBeCloseTo(0.25, 3)
  expect(estimate.expansionAt(200)).toBeCloseTo(2.5, 3)
  expect(estimate.shareOf(quick)).toBeCloseTo(0.25, 3)
})

test('what took longer than the codec does is added at every level, what took less is taken off', () => {
  const slow = many(new CodecEstimate(), codecMs(quick) + 4)
  for (const level of [quick, hard])
    expect(PLAIN.plainBytes * slow.processorMsOf(level)).toBeCloseTo(codecMs(level) + 4, 1)
  const fast = many(new CodecEstimate(), 0)
  expect(PLAIN.plainBytes * fast.processorMsOf(quick)).toBeCloseTo(0, 1)
  expect(PLAIN.plainBytes * fast.processorMsOf(hard)).toBeCloseTo(codecMs(hard) - codecMs(quick), 1)
})

test('one message that waited says little, the first one included', () => {
  for (const messages of [0, 200]) {
    const estimate = new CodecEstimate()
    for (let count = 0; count < messages; count++) estimate.compressed(quick, PLAIN, codecMs(quick), count)
    estimate.compressed(quick, PLAIN, 60, messages)
    expect(PLAIN.plainBytes * estimate.processorMsOf(quick)).toBeLessThan(codecMs(quick) + 20)
  }
})

test('a message that is nearly all vectors weighs what is compressed of it', () => {
  const vectors = { plainBytes: 3_500, packedBytes: 1_000, vectorBytes: 500_000 }
  for (const messages of [0, 100]) {
    const estimate = new CodecEstimate()
    for (let count = 0; count < messages; count++) estimate.compressed(quick, PLAIN, 1, count)
    estimate.compressed(quick, vectors, 1, messages)
    expect(estimate.vectorShare).toBeLessThan(0.5)
  }
})

test('small messages weigh what they are', () => {
  const estimate = many(new CodecEstimate(), codecMs(quick))
  const small = { plainBytes: 1_000, packedBytes: 250, vectorBytes: 0 }
  for (let count = 0; count < 10; count++) estimate.compressed(quick, small, 1, 200)
  expect(PLAIN.plainBytes * estimate.processorMsOf(quick)).toBeLessThan(codecMs(quick) + 1)
})

test('five seconds after the last message it is old', () => {
  const estimate = new CodecEstimate()
  estimate.compressed(quick, PLAIN, 1, 1_000)
  expect([5_999, 6_000].map((nowMs) => estimate.isOld(nowMs))).toEqual([false, true])
  expect(estimate.expansionAt(5_999)).toBeGreaterThan(3)
  expect(estimate.expansionAt(6_000)).toBe(1)
})
