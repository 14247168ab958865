import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ReplivecError } from '../../../lib/errors.js'
import { decodeWire, encodeWire } from '../../../lib/replication/protocol/wire-codec.js'
import { wireMessage } from './wire-arbitrary.js'

const VIOLATED = expect.objectContaining({ code: 'PROTOCOL_VIOLATED' })

/** Nothing but a message or `PROTOCOL_VIOLATED` comes of bytes, whatever they are. */
function decodes(bytes: Uint8Array): void {
  try {
    expect(decodeWire(bytes)).toHaveProperty('kind')
  } catch (error) {
    if (!ReplivecError.is(error, 'PROTOCOL_VIOLATED')) throw error
    expect(error.details.reason).not.toBe('')
  }
}

test('random bytes', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), decodes), { numRuns: 20_000 })
})

test('random bytes inside of each kind', () => {
  const kind = fc.integer({ min: 1, max: 13 })
  fc.assert(
    fc.property(kind, fc.uint8Array({ maxLength: 120 }), (field, content) => {
      decodes(Uint8Array.from([8 * field + 2, content.length, ...content]))
    }),
    { numRuns: 20_000 },
  )
})

test('a message that is cut short at any byte is no message', () => {
  fc.assert(
    fc.property(wireMessage, (message) => {
      const bytes = encodeWire(message)
      for (let length = 0; length < bytes.byteLength; length++) {
        expect(() => decodeWire(bytes.subarray(0, length)), `cut at ${length}`).toThrow(VIOLATED)
      }
    }),
    { numRuns: 100 },
  )
})

test('messages with changed bits, lengths, and ends', () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 5,
  })
  fc.assert(
    fc.property(wireMessage, changes, fc.nat(), (message, places, cut) => {
      const bytes = Uint8Array.from(encodeWire(message))
      for (const [place, value] of places) bytes[place % bytes.length] = value
      decodes(bytes)
      decodes(bytes.subarray(0, cut % (bytes.length + 1)))
    }),
    { numRuns: 5_000 },
  )
})

test('two messages one after the other', () => {
  fc.assert(
    fc.property(wireMessage, wireMessage, (first, second) => {
      expect(() => decodeWire(Buffer.concat([encodeWire(first), encodeWire(second)]))).toThrow(VIOLATED)
    }),
    { numRuns: 500 },
  )
})
