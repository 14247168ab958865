import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Message, Packed, Part } from '../../../lib/replication/protocol/messages.js'
import { encodeHead, encodePayload } from '../../../lib/replication/protocol/payload-encoder.js'
import { decodeWire, encodeWire } from '../../../lib/replication/protocol/wire-codec.js'

type Operations = Message & { kind: 'operations' }
type SnapshotPiece = Message & { kind: 'snapshot-piece' }

const number = fc.oneof(fc.nat(300), fc.maxSafeNat())
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  // Around where a length takes another byte.
  fc
    .constantFrom(100, 127, 128, 16_300, 16_383, 16_384, 2_097_100, 2_097_152)
    .map((count) => new Uint8Array(count).fill(count)),
)
const operations: fc.Arbitrary<Operations> = fc.record({
  kind: fc.constant('operations' as const),
  ...{ firstSeq: number, lastSeq: number, headSeq: number, sentAtMs: number },
  ...{ durable: fc.boolean(), received: fc.boolean(), frames: bytes },
})
const piece: fc.Arbitrary<SnapshotPiece> = fc.record({
  kind: fc.constant('snapshot-piece' as const),
  ...{ atByte: number, sentAtMs: number, headSeq: number, last: fc.boolean(), bytes },
})
const part: fc.Arbitrary<Part> = fc.record({
  kind: fc.constant('part' as const),
  ...{ bytes, last: fc.boolean() },
})
const packed: fc.Arbitrary<Packed> = fc.record({
  kind: fc.constant('packed' as const),
  ...{ rest: bytes, plainBytes: fc.nat(2 ** 32 - 1), vectors: bytes },
})

function payloadOf(message: Operations | SnapshotPiece): Uint8Array {
  return message.kind === 'operations' ? message.frames : message.bytes
}

/** Bytes as plain lists, whatever holds them. */
function plain(message: object): unknown {
  return Object.fromEntries(
    Object.entries(message).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
    ]),
  )
}

test('a head and its payload are the message as it is on the wire', () => {
  fc.assert(
    fc.property(fc.oneof(operations, piece), (message) => {
      const whole = Buffer.concat([encodeHead(message), payloadOf(message)])
      expect(Buffer.compare(whole, encodeWire(message))).toBe(0)
      expect(plain(decodeWire(whole))).toEqual(plain(message))
    }),
    { numRuns: 200 },
  )
})

test('every message with a payload comes back as it was, from memory of any size that was used before', () => {
  fc.assert(
    fc.property(fc.oneof(operations, piece, part, packed), fc.nat(100), (message, spare) => {
      const encoded = encodePayload(message, (length) => new Uint8Array(length + spare).fill(0xff))
      expect(Buffer.compare(encoded, encodeWire(message))).toBe(0)
      expect(plain(decodeWire(encoded))).toEqual(plain(message))
    }),
    { numRuns: 200 },
  )
})
