import { describe, expect, test } from 'vitest'
import { checkOutline, SMALL_BYTES_MAX } from '../../../lib/replication/protocol/wire-outline.js'

const violated = (reason: string) =>
  expect.objectContaining({ code: 'PROTOCOL_VIOLATED', details: { reason } })

/** The tag of a field of bytes, and its length in four bytes of varint. */
function head(field: number, length: number): Uint8Array {
  const parts = [0, 1, 2].map((at) => (Math.floor(length / 128 ** at) % 128) | 0x80)
  return Uint8Array.from([8 * field + 2, ...parts, Math.floor(length / 128 ** 3)])
}

describe('a message by its outside', () => {
  test('a kind that is no data has at most a mebibyte, head and all', () => {
    const most = Buffer.concat([head(1, SMALL_BYTES_MAX - 5), Buffer.alloc(SMALL_BYTES_MAX - 5, 8)])
    expect(() => checkOutline(most)).not.toThrow()
    const more = Buffer.concat([head(1, SMALL_BYTES_MAX - 4), Buffer.alloc(SMALL_BYTES_MAX - 4, 8)])
    expect(() => checkOutline(more)).toThrow(violated('more than 1048576 bytes that are no data'))
  })

  test.each([6, 10, 12])('kind %i carries data of any length', (field) => {
    const bytes = Buffer.alloc(2 * SMALL_BYTES_MAX)
    const inside = Buffer.concat([head(7, bytes.length), bytes])
    expect(() => checkOutline(Buffer.concat([head(field, inside.length), inside]))).not.toThrow()
  })

  test('64 fields beside the data are taken, 65 are not', () => {
    const fields = (count: number) => Buffer.alloc(2 * count, Uint8Array.from([8, 1]))
    expect(() => checkOutline(Buffer.concat([head(6, 128), fields(64)]))).not.toThrow()
    expect(() => checkOutline(Buffer.concat([head(6, 130), fields(65)]))).toThrow(
      violated('it has too many fields'),
    )
  })

  test('groups, wire types that there are not, field 0 and endless numbers are no message', () => {
    for (const tag of [0x0b, 0x0c, 0x0e, 0x0f, 0x00, 0x02]) {
      expect(() => checkOutline(Uint8Array.from([tag, 0, 0]))).toThrow(violated('its bytes are no message'))
    }
    expect(() => checkOutline(new Uint8Array(11).fill(0x80))).toThrow(violated('a number is too long'))
    expect(() => checkOutline(new Uint8Array(9).fill(0x80))).toThrow(violated('it is cut short'))
    // Fields of 8 and 4 bytes that end too early.
    expect(() => checkOutline(Uint8Array.from([0xc9, 0x0c, 1, 2, 3]))).toThrow(violated('it is cut short'))
    expect(() => checkOutline(Uint8Array.from([0xcd, 0x0c, 1, 2, 3]))).toThrow(violated('it is cut short'))
  })
})
