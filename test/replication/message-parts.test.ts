import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MessageParts } from '../../lib/replication/message-parts.js'

test('any cuts give the message back, one after the other', () => {
  const message = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(fc.array(message, { maxLength: 4 }), (messages) => {
      const parts = new MessageParts(1_000)
      for (const cut of messages) {
        const whole = cut.map((bytes, at) => parts.add({ bytes, last: at === cut.length - 1 })).at(-1)
        expect([...(whole ?? [])]).toEqual([...Buffer.concat(cut)])
        expect(parts.isOpen).toBe(false)
      }
    }),
  )
})

test('what came is kept apart from its frames, and holds no more than twice as much', () => {
  const parts = new MessageParts(10 * 1024 * 1024)
  const bytes = Uint8Array.of(7)
  for (let count = 0; count < 200_000; count++) parts.add({ bytes, last: false })
  bytes[0] = 8
  expect(parts.isOpen).toBe(true)
  const whole = parts.add({ bytes, last: true }) as Uint8Array
  expect([whole.byteLength, whole[0], whole.at(-1)]).toEqual([200_001, 7, 8])
  expect(whole.buffer.byteLength).toBeLessThanOrEqual(2 * whole.byteLength)
})

test('a message of the limit is taken, one byte more is not', () => {
  const parts = new MessageParts(100_000)
  expect(parts.add({ bytes: new Uint8Array(99_999), last: false })).toBeUndefined()
  expect(parts.add({ bytes: new Uint8Array(1), last: true })?.byteLength).toBe(100_000)
  parts.add({ bytes: new Uint8Array(100_000), last: false })
  expect(() => parts.add({ bytes: new Uint8Array(1), last: true })).toThrow(
    expect.objectContaining({ code: 'PROTOCOL_VIOLATED' }),
  )
})
