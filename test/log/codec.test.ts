import { describe, expect, test } from 'vitest'
import { decodeMessage, encodeMessage } from '../../lib/log/codec.js'
import { replivec } from '../../lib/log/schema.js'

const { Delete, Put } = replivec.v1

describe('codec', () => {
  test('reserves zero bytes in front of the message', () => {
    const plain = encodeMessage(Delete, { collection: 3, id: 'a' })
    for (const reservedBytes of [4, 8, 16]) {
      const reserved = encodeMessage(Delete, { collection: 3, id: 'a' }, reservedBytes)
      expect([...reserved.subarray(0, reservedBytes)]).toEqual(new Array(reservedBytes).fill(0))
      expect([...reserved.subarray(reservedBytes)]).toEqual([...plain])
    }
  })

  test('fields of a later version survive, wherever they stand', () => {
    // Field 30 as a string, field 31 as a varint, around the fields that are known.
    const before = Uint8Array.of(0xf2, 0x01, 0x03, 0x6e, 0x65, 0x77)
    const after = Uint8Array.of(0xf8, 0x01, 0x2a)
    const known = encodeMessage(Put, { collection: 7, id: 'vim', metadata: '{}' })
    const decoded = decodeMessage(Put, Buffer.concat([before, known, after]))
    expect(decoded).toMatchObject({ collection: 7, id: 'vim', metadata: '{}' })
    const again = encodeMessage(Put, decoded)
    expect(Buffer.from(again).toString('hex')).toBe(Buffer.concat([known, before, after]).toString('hex'))
  })

  test('takes numbers up to 2^53 − 1 and brings them back as numbers', () => {
    const decoded = decodeMessage(
      Delete,
      encodeMessage(Delete, { collection: Number.MAX_SAFE_INTEGER, id: '' }),
    )
    expect(decoded.collection).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('malformed bytes throw', () => {
    const whole = encodeMessage(Put, { collection: 7, id: 'vim' })
    expect(() => decodeMessage(Put, whole.subarray(0, whole.length - 1))).toThrow(RangeError)
    expect(() => decodeMessage(Put, Uint8Array.of(0x0a))).toThrow()
  })
})
