import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCommitHead } from '../../lib/log/commit-head.js'
import { type Commit, decodeCommit, encodeCommitFrame, FRAME_HEADER_BYTES } from '../../lib/log/frame.js'
import { sampleCommit } from './sample-log.js'

const number = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  fc.constantFrom(0, 127, 128, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER),
)
const operation = fc.oneof(
  fc.record({ put: fc.record({ collection: number, id: fc.string(), vector: fc.uint8Array() }) }),
  fc.record({ delete: fc.record({ collection: number, id: fc.string({ unit: 'binary' }) }) }),
)
const commit = fc.record({
  epoch: number,
  originId: fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constant('\ufeffnode')),
  firstSeq: number,
  count: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  committedAtMs: number,
  operations: fc.array(operation, { maxLength: 5 }),
})

function bodyOf(written: Commit): Uint8Array {
  return encodeCommitFrame(written).subarray(FRAME_HEADER_BYTES)
}

/** What the generated decoder says of the same bytes. */
function decodedHead(body: Uint8Array) {
  const { epoch, originId, firstSeq, count, committedAtMs } = decodeCommit(body)
  return { epoch, originId, firstSeq, count, committedAtMs }
}

/** The fields of a message as their bytes, in order. */
function fieldsOf(written: Commit): Uint8Array[] {
  const { operations = [], ...head } = written
  return [
    ...Object.entries(head).map(([name, value]) => bodyOf({ [name]: value })),
    ...(operations ?? []).map((one) => bodyOf({ operations: [one] })),
  ]
}

describe('the head of a commit', () => {
  test('is what the decoder says', () => {
    fc.assert(
      fc.property(commit, (written) => {
        const body = bodyOf(written)
        expect(readCommitHead(body)).toEqual(decodedHead(body))
      }),
    )
  })

  test('is found in any order of the fields, among fields of a later version', () => {
    const later = fc.constantFrom(
      Uint8Array.of(0x38, 0x2a),
      // Field 8, as a negative number; field 9, of 8 bytes; field 300, of 3; field 10, of 4; epochs of another type.
      Uint8Array.of(0x40, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
      Uint8Array.of(0x49, 1, 2, 3, 4, 5, 6, 7, 8),
      Uint8Array.of(0xe2, 0x12, 3, 0xff, 0xff, 0xff),
      Uint8Array.of(0x55, 1, 2, 3, 4),
      Uint8Array.of(0x0a, 2, 0xff, 0xff),
    )
    const shuffled = fc.tuple(commit, fc.array(later, { maxLength: 4 })).chain(([written, unknown]) =>
      fc.shuffledSubarray([...fieldsOf(written), ...unknown], {
        minLength: fieldsOf(written).length + unknown.length,
      }),
    )
    fc.assert(
      fc.property(shuffled, (fields) => {
        const body = Buffer.concat(fields)
        expect(readCommitHead(body)).toEqual(decodedHead(body))
      }),
    )
  })

  test('of a field that comes twice before the operations is the later one', () => {
    fc.assert(
      fc.property(commit, commit, (one, two) => {
        const { operations, ...head } = one
        const body = Buffer.concat([bodyOf({ ...head, operations: [] }), bodyOf(two)])
        expect(readCommitHead(body)).toEqual(decodedHead(body))
      }),
    )
  })

  test('is read without the operations, whatever is in them', () => {
    const { frame } = sampleCommit(7, 3, 1_000)
    const body = frame.subarray(FRAME_HEADER_BYTES)
    const head = { epoch: 1, originId: 'node-1', firstSeq: 7, count: 3, committedAtMs: 1_000 }
    const garbled = Uint8Array.from(body).fill(0xff, 24)
    expect([readCommitHead(body), readCommitHead(garbled)]).toEqual([head, head])
  })

  test('of numbers that are not exact, and of what is no text, is none', () => {
    const tooLarge = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]
    const refused = [
      ...[0x08, 0x18, 0x28].map((tag) => [tag, ...tooLarge]),
      [0x20, 0x80, 0x80, 0x80, 0x80, 0x10],
      [0x08, ...new Array(10).fill(0xff), 0x01],
      [0x08, ...new Array(9).fill(0xff), 0x01],
      [0x12, 2, 0xc3, 0x28],
      [0x12, 1, 0xff],
      [0x12, 3, 0xed, 0xa0, 0x80],
      [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f],
      [0x32, 0x80, 0x80, 0x80, 0x80, 0x08],
      // Field 0, a group, the end of one, types 6 and 7, a tag of more than 32 bits.
      [0x00, 0x01],
      [0x0b, 0x0c],
      [0x0c],
      [0x0e],
      [0x0f],
      [0xb0, 0x80, 0x80, 0x80, 0x80, 0x02, 0x01],
      [0x08],
    ]
    for (const bytes of refused) expect(readCommitHead(Uint8Array.from(bytes)), bytes.join()).toBeUndefined()
    const largest = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]
    expect(readCommitHead(Uint8Array.of(0x18, ...largest))?.firstSeq).toBe(Number.MAX_SAFE_INTEGER)
    expect(readCommitHead(Uint8Array.of(0x20, 0xff, 0xff, 0xff, 0xff, 0x0f))?.count).toBe(2 ** 32 - 1)
    // Longer than it need be, as protobuf allows.
    expect(readCommitHead(Uint8Array.of(0x08, 0x85, 0x80, 0x80, 0x00))?.epoch).toBe(5)
  })

  test('of any bytes is one or none, and never an error, nor from beyond them', () => {
    const mutated = fc
      .tuple(commit, fc.nat(), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }))
      .map(([written, cut, changes]) => {
        const body = Uint8Array.from(bodyOf(written))
        for (const [at, byte] of changes) if (body.length > 0) body[at % body.length] = byte
        return body.subarray(0, cut % (body.length + 1))
      })
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        const surrounded = Buffer.concat([Uint8Array.of(1, 2, 3), bytes, new Uint8Array(40).fill(0x08)])
        const head = readCommitHead(surrounded.subarray(3, 3 + bytes.length))
        expect(head).toEqual(readCommitHead(bytes))
        for (const value of Object.values(head ?? {})) {
          expect(typeof value === 'string' || Number.isSafeInteger(value)).toBe(true)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
