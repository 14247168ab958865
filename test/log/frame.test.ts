import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeMessage } from '../../lib/log/codec.js'
import {
  type Commit,
  decodeCommit,
  decodeMark,
  encodeCommitFrame,
  encodeLargeCommitFrame,
  encodeMarkFrame,
  FRAME_BODY_BYTES_MAX,
  FRAME_HEADER_BYTES,
  type FrameReading,
  readFrame,
} from '../../lib/log/frame.js'
import { replivec } from '../../lib/log/schema.js'
import { sampleCommit } from './sample-log.js'

const seq = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
// Defaults (zero, empty) are not written, so only a value that is none can be found again as a property.
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const texts = fc.array(text, { minLength: 1, maxLength: 3 })
const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 })
const record = { collection: seq, id: text }
const operation = fc.oneof(
  fc.record({ put: fc.record({ ...record, vector: bytes, metadata: text }) }),
  fc.record({ setVector: fc.record({ ...record, vector: bytes }) }),
  fc.record({ setMetadata: fc.record({ ...record, set: text, unset: texts }) }),
  fc.record({ update: fc.record({ ...record, vector: bytes, set: text, unset: texts }) }),
  fc.record({ delete: fc.record(record) }),
)
const commit = fc.record({
  epoch: seq,
  originId: text,
  firstSeq: seq,
  count: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  committedAtMs: seq,
  operations: fc.array(operation, { minLength: 1, maxLength: 8 }),
})

function bodyOf(reading: FrameReading): Uint8Array {
  return (reading as Extract<FrameReading, { kind: 'frame' }>).body
}

/** A message as plain data: a decoded one has a prototype of its own, and its bytes are buffers. */
function plain(message: Commit): unknown {
  const numbers = (value: unknown) => (value instanceof Uint8Array ? Array.from(value) : value)
  return JSON.parse(
    JSON.stringify(message, (_, value) => (value?.type === 'Buffer' ? value.data : numbers(value))),
  )
}

describe('a frame', () => {
  test('brings a commit back, at any offset of a buffer', () => {
    fc.assert(
      fc.property(commit, fc.integer({ min: 0, max: 40 }), (written, offset) => {
        const frame = encodeCommitFrame(written)
        const buffer = Buffer.concat([new Uint8Array(offset).fill(0xee), frame, Uint8Array.of(1, 2, 3)])
        const reading = readFrame(buffer, offset)
        expect(reading).toMatchObject({ kind: 'frame', mark: false, end: offset + frame.length })
        expect(plain(decodeCommit(bodyOf(reading)))).toEqual(plain(written))
      }),
    )
  })

  test('of a large commit, encoded in slices, is byte for byte the same', async () => {
    let pauses = 0
    for (const count of [1, 511, 512, 513, 1_300]) {
      const { frame } = sampleCommit(9, count)
      const written = decodeCommit(frame.subarray(FRAME_HEADER_BYTES))
      const sliced = await encodeLargeCommitFrame(written, async () => {
        pauses += 1
      })
      expect(Buffer.compare(sliced, frame)).toBe(0)
    }
    expect(pauses).toBe(1 + 1 + 1 + 2 + 3)
  })

  test('keeps the fields a later version put into a commit and its operations', () => {
    const later = encodeMessage(replivec.v1.Commit, {
      epoch: 2,
      originId: 'n',
      firstSeq: 5,
      count: 1,
      operations: [
        {
          put: { collection: 1, id: 'a', $unknowns: [Uint8Array.of(0xf8, 0x01, 0x07)] },
          $unknowns: [Uint8Array.of(0xf0, 0x01, 0x08)],
        },
      ],
      $unknowns: [Uint8Array.of(0xe8, 0x01, 0x09)],
    })
    const again = encodeCommitFrame(decodeCommit(later))
    expect(Buffer.from(again.subarray(FRAME_HEADER_BYTES)).toString('hex')).toBe(
      Buffer.from(later).toString('hex'),
    )
  })

  test('keeps an operation of a kind that only a later version knows', () => {
    // Field 6 of a commit: an operation that holds nothing but a field 14 of its own.
    const later = Uint8Array.of(0x32, 0x04, 0x72, 0x02, 0x08, 0x05)
    const decoded = decodeCommit(later)
    expect(decoded.operations).toHaveLength(1)
    const again = encodeCommitFrame(decoded)
    expect([...again.subarray(FRAME_HEADER_BYTES)]).toEqual([...later])
  })

  test('brings a mark back and tells it from a commit', () => {
    for (const durableSeq of [0, 1, 255, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      const frame = encodeMarkFrame(durableSeq)
      const reading = readFrame(frame, 0)
      expect(reading).toMatchObject({ kind: 'frame', mark: true, end: frame.length })
      expect(decodeMark(bodyOf(reading)).durableSeq).toBe(durableSeq)
    }
  })

  test('with any bit inverted is never taken for a frame', () => {
    for (const frame of [sampleCommit(1, 2).frame, encodeMarkFrame(77)]) {
      const zeros = new Uint8Array(64)
      for (let bit = 0; bit < frame.length * 8; bit++) {
        const damaged = Buffer.concat([frame, zeros])
        damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7))
        expect(readFrame(damaged, 0).kind, `bit ${bit}`).not.toBe('frame')
      }
    }
  })

  test('cut anywhere is partial, and says up to where it goes once its header is there', () => {
    for (const frame of [sampleCommit(1, 2).frame, encodeMarkFrame(77)]) {
      for (let length = 0; length < frame.length; length++) {
        const end = length < FRAME_HEADER_BYTES ? FRAME_HEADER_BYTES : frame.length
        expect(readFrame(frame.subarray(0, length), 0)).toEqual({ kind: 'partial', end })
      }
    }
  })

  test('with zeros or foreign bytes from anywhere on is never taken for a frame', () => {
    const { frame } = sampleCommit(1, 2)
    // A checksum cannot tell what did not change: the last bytes that differ from the filling decide.
    for (let from = 0; from < frame.length - 1; from++) {
      for (const filling of [0x00, 0xff]) {
        const damaged = Uint8Array.from(frame).fill(filling, from)
        expect(readFrame(damaged, 0).kind, `${filling} from byte ${from}`).not.toBe('frame')
      }
    }
    expect(readFrame(new Uint8Array(32), 0)).toEqual({ kind: 'end' })
  })

  test('swapped with the body of another is damaged', () => {
    const [one, other] = [sampleCommit(1).frame, sampleCommit(2).frame]
    expect(one.length).toBe(other.length)
    const mixed = Buffer.concat([one.subarray(0, FRAME_HEADER_BYTES), other.subarray(FRAME_HEADER_BYTES)])
    expect(readFrame(mixed, 0)).toEqual({ kind: 'damaged', reason: 'a frame checksum does not match' })
  })

  test('longer than any frame may be is damaged, not waited for', () => {
    const header = new Uint8Array(FRAME_HEADER_BYTES)
    const view = new DataView(header.buffer)
    view.setUint32(0, FRAME_BODY_BYTES_MAX, true)
    expect(readFrame(header, 0)).toEqual({ kind: 'partial', end: FRAME_HEADER_BYTES + FRAME_BODY_BYTES_MAX })
    view.setUint32(0, FRAME_BODY_BYTES_MAX + 1, true)
    expect(readFrame(header, 0)).toEqual({
      kind: 'damaged',
      reason: `a frame of ${FRAME_BODY_BYTES_MAX + 1} bytes`,
    })
  })
})
