import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeMessage, encodeMessage } from '../../lib/log/codec.js'
import { decodeCommit } from '../../lib/log/frame.js'
import { decodePutCommit } from '../../lib/log/put-decoder.js'
import { encodePutCommit } from '../../lib/log/put-encoder.js'
import { replivec } from '../../lib/log/schema.js'

const positive = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
/** Texts that it reads itself: what has a U+FFFD could be no UTF-8. */
const text = (maxLength: number) =>
  fc.string({ minLength: 1, maxLength, unit: 'grapheme' }).filter((value) => !value.includes('\ufffd'))
const put = fc.record({
  collection: positive,
  id: text(200),
  vector: fc.uint8Array({ minLength: 1, maxLength: 3_000 }),
  metadata: fc.json(),
})
const commit = fc.record({
  epoch: positive,
  originId: text(128),
  firstSeq: positive,
  count: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  committedAtMs: positive,
  operations: fc.array(
    put.map((fields) => ({ put: fields })),
    { minLength: 1, maxLength: 4 },
  ),
})
const PUT = { collection: 1, id: 'a', vector: Uint8Array.of(1, 2, 3, 4), metadata: '{}' }
const COMMIT = {
  epoch: 1,
  originId: 'n',
  firstSeq: 1,
  count: 1,
  committedAtMs: 1,
  operations: [{ put: PUT }],
}

function generated(body: Uint8Array): replivec.v1.Commit {
  return decodeMessage(replivec.v1.Commit, body)
}

/** What a commit says, whatever made it. */
function told({ epoch, originId, firstSeq, count, committedAtMs, operations }: replivec.v1.Commit) {
  const puts = operations.map(({ put }) => {
    const { collection, id, vector, metadata } = put as replivec.v1.Put
    return { collection, id, vector: Buffer.from(vector), metadata }
  })
  return { epoch, originId, firstSeq, count, committedAtMs, puts }
}

describe('decodePutCommit', () => {
  test('reads what the generated decoder reads', () => {
    fc.assert(
      fc.property(commit, fc.integer({ min: 0, max: 9 }), (fields, room) => {
        // It need not begin where its memory begins.
        const body = encodePutCommit(fields, room)?.subarray(room) as Uint8Array
        const decoded = decodePutCommit(body)
        expect(decoded && told(decoded)).toEqual(told(generated(body)))
        expect(decoded?.operations[0]?.put?.vector?.buffer).toBe(body.buffer)
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ['a delete', { ...COMMIT, operations: [{ put: PUT }, { delete: { collection: 1, id: 'a' } }] }],
    ['an operation with a version', { ...COMMIT, operations: [{ put: PUT, version: { originId: 'n' } }] }],
    ['a put without a vector', { ...COMMIT, operations: [{ put: { ...PUT, vector: null } }] }],
    [
      'a put with more',
      { ...COMMIT, operations: [{ put: { ...PUT, $unknowns: [Uint8Array.of(0x78, 1)] } }] },
    ],
    ['a commit with more', { ...COMMIT, $unknowns: [Uint8Array.of(0x78, 1)] }],
    ['a commit without an epoch', { ...COMMIT, epoch: 0 }],
    ['a commit of nothing', { ...COMMIT, operations: [] }],
  ])('leaves %s to the generated decoder', (_, fields) => {
    const body = encodeMessage(replivec.v1.Commit, fields)
    expect(decodePutCommit(body)).toBeUndefined()
    expect(decodeCommit(body)).toEqual(generated(body))
  })

  test('leaves a number of more bytes than a number has', () => {
    const body = encodePutCommit(COMMIT, 0) as Buffer
    // The epoch, 1, with zeros behind it.
    const longer = (zeros: number) =>
      Buffer.concat([Buffer.of(0x08, 0x81), Buffer.alloc(zeros - 1, 0x80), Buffer.of(0), body.subarray(2)])
    expect(decodePutCommit(longer(9))).toMatchObject({ epoch: 1, count: 1 })
    for (const zeros of [10, 11, 200]) expect(decodePutCommit(longer(zeros)), `${zeros}`).toBeUndefined()
  })

  test('leaves what is no UTF-8 to the generated decoder, which refuses it', () => {
    const body = encodePutCommit(COMMIT, 0) as Buffer
    body[body.indexOf('{}')] = 0xff
    expect(decodePutCommit(body)).toBeUndefined()
    expect(() => decodeCommit(body)).toThrow()
    const said = encodePutCommit({ ...COMMIT, operations: [{ put: { ...PUT, metadata: '"\ufffd"' } }] }, 0)
    expect(decodeCommit(said as Uint8Array).operations[0]?.put?.metadata).toBe('"\ufffd"')
  })

  test('leaves every truncation, and says of a mutation what the generated decoder says', () => {
    const body = encodePutCommit({ ...COMMIT, operations: [{ put: PUT }, { put: PUT }] }, 0) as Buffer
    const secondAt = body.lastIndexOf(0x32)
    for (let length = 0; length < body.length; length++) {
      if (length !== secondAt)
        expect(decodePutCommit(body.subarray(0, length)), `${length} bytes`).toBeUndefined()
    }
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.nat(255), (at, byte) => {
        const mutated = Buffer.from(body)
        mutated[at] = byte
        const decoded = decodePutCommit(mutated)
        if (decoded) expect(told(decoded)).toEqual(told(generated(mutated)))
      }),
      { numRuns: 3_000 },
    )
  })
})
