import fc from 'fast-check'
import { expect, test } from 'vitest'
import { varintBytes, writeVarint } from '../../../lib/log/varint.js'
import { cut, joined } from '../../../lib/replication/compression/message-cut.js'
import { MESSAGE_BYTES_MAX } from '../../../lib/replication/protocol/message-limits.js'

const MIB = 1024 * 1024
const VIOLATED = expect.objectContaining({ code: 'PROTOCOL_VIOLATED' })
const NONE = new Uint8Array(0)

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.integer({ min: 0, max: 40_000 }).map((count) => Uint8Array.from({ length: count }, (_, at) => at % 251)),
)
/** A payload, and starts and ends in it in order. */
const ranged = bytes.chain((payload) =>
  fc
    .uniqueArray(fc.nat(payload.byteLength), { maxLength: 24 })
    .map((places) => places.slice(places.length % 2).sort((a, b) => a - b))
    .map((ranges) => ({ payload, ranges })),
)

function varint(value: number): Uint8Array {
  const encoded = new Uint8Array(varintBytes(value))
  writeVarint(encoded, value, 0)
  return encoded
}

function listOf(...numbers: readonly number[]): Uint8Array {
  return Buffer.concat(numbers.map(varint))
}

/** How much memory for bytes is in use more than before; nothing that runs to its end can hide it. */
function grownBytes(work: () => void): number {
  const before = process.memoryUsage().arrayBuffers
  work()
  return process.memoryUsage().arrayBuffers - before
}

test('what is cut and joined is the message again, whatever is cut out of it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), ranged, fc.nat(50), (head, { payload, ranges }, spare) => {
      const { plain, vectors } = cut(head, payload, ranges, (length) => new Uint8Array(length + spare))
      const apart = ranges.flatMap((start, at) =>
        at % 2 === 0 ? [payload.subarray(start, ranges[at + 1])] : [],
      )
      expect(Buffer.compare(vectors, Buffer.concat(apart))).toBe(0)
      expect(Buffer.compare(joined({ plain, vectors }), Buffer.concat([head, payload]))).toBe(0)
    }),
    { numRuns: 500 },
  )
})

test('memory that is used again keeps nothing of what was in it before', () => {
  fc.assert(
    fc.property(fc.array(ranged, { minLength: 2, maxLength: 5 }), (messages) => {
      const memory = new Uint8Array(200_000).fill(0xff)
      for (const { payload, ranges } of messages) {
        const once = cut(NONE, payload, ranges, () => memory)
        expect(Buffer.compare(joined(once), payload)).toBe(0)
      }
    }),
  )
})

test('what is joined has memory of its own', () => {
  const payload = Uint8Array.from({ length: 100 }, (_, at) => at)
  const { plain, vectors } = cut(NONE, payload, [10, 90], (length) => new Uint8Array(length))
  const message = joined({ plain, vectors })
  plain.fill(0)
  vectors.fill(0)
  expect([...message]).toEqual([...payload])
  expect(message.buffer.byteLength).toBe(100)
})

test('a list that does not fit what there is violates the protocol', () => {
  const rest = new Uint8Array(20)
  const vectors = new Uint8Array(50)
  const broken: [string, Uint8Array, Uint8Array][] = [
    ['no list', NONE, NONE],
    ['a count alone', listOf(1), NONE],
    ['half of a cut', listOf(1, 5), vectors],
    ['a count that never ends', new Uint8Array(40).fill(0x80), NONE],
    ['a number of six bytes', Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x01), NONE],
    ['a vector that is longer than all', Buffer.concat([listOf(1, 5, 51), rest]), vectors],
    ['a vector that is shorter than all', Buffer.concat([listOf(1, 5, 49), rest]), vectors],
    ['vectors of which nothing is said', Buffer.concat([listOf(0), rest]), vectors],
    ['a rest that is longer than it is', Buffer.concat([listOf(1, 21, 50), rest]), vectors],
    ['a rest of which some is there', Buffer.concat([listOf(2, 20, 25, 1, 25), rest]), vectors],
    ['lengths of 2^35 - 1', Buffer.concat([listOf(1, 2 ** 35 - 1, 2 ** 35 - 1), rest]), vectors],
    ['lengths that add up to 2^32', Buffer.concat([listOf(2, 0, 2 ** 31, 0, 2 ** 31), rest]), vectors],
  ]
  for (const [what, plain, with_] of broken)
    expect(() => joined({ plain, vectors: with_ }), what).toThrow(VIOLATED)
})

test.each([2 ** 20, 2 ** 28, 2 ** 31, 2 ** 32, 2 ** 35 - 1])(
  'a list that counts %i cuts and has few is refused at once, and takes no memory',
  (count) => {
    const plain = Buffer.concat([listOf(count), new Uint8Array(1_000)])
    const grown = grownBytes(() => expect(() => joined({ plain, vectors: NONE })).toThrow(VIOLATED))
    expect(grown).toBeLessThan(MIB)
  },
)

test('a message that would be larger than any is refused before there is memory for it', () => {
  const vectors = new Uint8Array(MESSAGE_BYTES_MAX)
  const plain = Buffer.concat([listOf(1, 1, MESSAGE_BYTES_MAX), Uint8Array.of(7)])
  const grown = grownBytes(() => expect(() => joined({ plain, vectors })).toThrow(VIOLATED))
  expect(grown).toBeLessThan(MIB)
})

test('any damage is refused or gives what is no larger than what came', () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 })
  const refusals: unknown[] = []
  let cameThrough = 0
  fc.assert(
    fc.property(ranged, changes, fc.nat(5), ({ payload, ranges }, changed, shorter) => {
      const { plain, vectors } = cut(NONE, payload, ranges, (length) => new Uint8Array(length))
      for (const [at, byte] of changed) plain[at % Math.min(plain.byteLength, 40)] = byte
      const short = vectors.subarray(0, Math.max(0, vectors.byteLength - shorter))
      const message = joinedOrRefused({ plain, vectors: short }, refusals)
      cameThrough += message.byteLength > 0 ? 1 : 0
      expect(message.byteLength).toBeLessThanOrEqual(plain.byteLength + short.byteLength)
    }),
    { numRuns: 1_000 },
  )
  expect(new Set(refusals)).toEqual(new Set(['PROTOCOL_VIOLATED']))
  expect(cameThrough).toBeGreaterThan(0)
})

function joinedOrRefused(message: Parameters<typeof joined>[0], refusals: unknown[]): Uint8Array {
  try {
    return joined(message)
  } catch (error) {
    refusals.push((error as { code?: unknown }).code)
    return NONE
  }
}

test('cuts for nothing are refused: millions of them fit into a few kilobytes', () => {
  const plain = Buffer.concat([listOf(2, 3, 0, 0, 4), Buffer.from('abc')])
  expect(() => joined({ plain, vectors: new Uint8Array(4) })).toThrow(VIOLATED)
})
