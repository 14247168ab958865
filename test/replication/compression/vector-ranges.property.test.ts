import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Commit, encodeCommitFrame, encodeMarkFrame, type Operation } from '../../../lib/log/frame.js'
import { vectorRanges } from '../../../lib/replication/compression/vector-ranges.js'

/** Of vectors that are shorter nobody makes a range. */
const WORTH_BYTES = 32

const seq = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
const vector = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 100 }),
  fc.constantFrom(WORTH_BYTES - 1, WORTH_BYTES, 127, 128, 4_000, 20_000).map((bytes) => noise(bytes)),
)
const record = { collection: seq, id: text }
const unset = fc.array(text, { maxLength: 3 })
const put = fc.record({ put: fc.record({ ...record, vector, metadata: text }) })
const operation: fc.Arbitrary<Operation> = fc.oneof(
  put,
  fc.record({ setVector: fc.record({ ...record, vector }) }),
  fc.record({ update: fc.record({ ...record, vector, set: text, unset }) }),
  fc.record({ setMetadata: fc.record({ ...record, set: text, unset }) }),
  fc.record({ delete: fc.record(record) }),
  fc.record({ createCollection: fc.record({ name: text, indexed: fc.array(text, { maxLength: 3 }) }) }),
)
const commit: fc.Arbitrary<Commit> = fc.record({
  epoch: seq,
  originId: text,
  firstSeq: seq,
  count: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  committedAtMs: seq,
  // Puts alone are encoded by a way of their own.
  operations: fc.oneof(
    fc.array(put, { minLength: 1, maxLength: 6 }),
    fc.array(operation, { minLength: 1, maxLength: 6 }),
  ),
})
const commits = fc.array(commit, { minLength: 1, maxLength: 4 })

function noise(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, at) => (at * 31 + bytes) % 256)
}

function framesOf(written: readonly Commit[]): Uint8Array {
  return Buffer.concat(written.map(encodeCommitFrame))
}

/** The vectors that are worth a range, in the order in which they were written. */
function vectorsOf(written: readonly Commit[]): Uint8Array[] {
  return written
    .flatMap(({ operations }) => operations ?? [])
    .flatMap(({ put, setVector, update }) => [put, setVector, update])
    .flatMap((kind) => (kind?.vector && kind.vector.byteLength >= WORTH_BYTES ? [kind.vector] : []))
}

function slices(frames: Uint8Array, ranges: readonly number[]): string[] {
  return pairs(ranges).map(([start, end]) => hex(frames.subarray(start, end)))
}

function pairs(ranges: readonly number[]): [number, number][] {
  return Array.from({ length: ranges.length / 2 }, (_, at) => [
    ranges[2 * at] as number,
    ranges[2 * at + 1] as number,
  ])
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** Whatever the bytes are, the ranges can be cut out of them one after another. */
function expectCuttable(bytes: Uint8Array): void {
  const ranges = vectorRanges(bytes)
  expect(ranges.length % 2).toBe(0)
  let before = 0
  for (const [start, end] of pairs(ranges)) {
    expect([start >= before, end - start >= WORTH_BYTES, end <= bytes.byteLength]).toEqual([true, true, true])
    before = end
  }
}

test('the ranges of commits are exactly the bytes of their vectors, in order', () => {
  fc.assert(
    fc.property(commits, (written) => {
      const frames = framesOf(written)
      expect(slices(frames, vectorRanges(frames))).toEqual(vectorsOf(written).map(hex))
    }),
    { numRuns: 300 },
  )
})

test('the bytes may lie anywhere in their buffer', () => {
  fc.assert(
    fc.property(commits, fc.nat(9), (written, offset) => {
      const frames = framesOf(written)
      const moved = Buffer.concat([noise(offset), frames]).subarray(offset)
      expect(vectorRanges(moved)).toEqual(vectorRanges(frames))
    }),
  )
})

test('marks between commits have no vectors and hide none', () => {
  fc.assert(
    fc.property(commits, seq, (written, durableSeq) => {
      const mark = encodeMarkFrame(durableSeq)
      const frames = Buffer.concat(written.flatMap((one) => [mark, encodeCommitFrame(one), mark]))
      expect(slices(frames, vectorRanges(frames))).toEqual(vectorsOf(written).map(hex))
    }),
  )
})

test('of commits that are cut short the whole ones have their ranges, and the rest has none', () => {
  fc.assert(
    fc.property(commits, commit, fc.nat(), (written, last, cutAt) => {
      const whole = framesOf(written)
      const frames = Buffer.concat([whole, encodeCommitFrame(last)])
      const short = frames.subarray(0, whole.byteLength + (cutAt % (frames.byteLength - whole.byteLength)))
      expect(vectorRanges(short)).toEqual(vectorRanges(whole))
    }),
  )
})

test('random bytes, and commits of which some bytes were changed, have ranges that can be cut', () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(commits, changes, fc.uint8Array({ maxLength: 400 }), (written, changed, random) => {
      const frames = framesOf(written)
      for (const [at, byte] of changed) frames[at % frames.byteLength] = byte
      expectCuttable(frames)
      expectCuttable(random)
      // A header that fits, in front of a body that is none.
      const header = encodeMarkFrame(1).slice(0, 8)
      new DataView(header.buffer).setUint32(0, random.byteLength, true)
      expectCuttable(Buffer.concat([header, random]))
    }),
    { numRuns: 500 },
  )
})

test('lengths that lie, numbers that never end and groups make no ranges', () => {
  const bodies = [
    // An operation of 2^35 − 1 bytes.
    [0x32, 0xff, 0xff, 0xff, 0xff, 0x7f],
    [0x32, ...Array<number>(60).fill(0xff)],
    Array<number>(60).fill(0x80),
    [0x33, ...Array<number>(60).fill(0x08)],
    [0x32, 60, 0x0a, 58, 0x1a, 200, ...Array<number>(57).fill(7)],
  ]
  for (const body of bodies) {
    const header = new Uint8Array(8)
    new DataView(header.buffer).setUint32(0, body.length, true)
    expect(vectorRanges(Buffer.concat([header, Uint8Array.from(body)]))).toEqual([])
  }
})
