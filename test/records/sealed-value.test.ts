import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openValue, sealInPlace, sealValue } from '../../lib/records/sealed-value.js'

const key = Uint8Array.of(2, 0, 0, 0, 0, 0, 7, 1, 0, 0, 0, 9)
const bytes = fc.uint8Array({ maxLength: 40 })
const damaged = expect.objectContaining({
  code: 'RECORDS_DAMAGED',
  message: expect.stringContaining('verify()'),
})

describe('a sealed value', () => {
  test('opens to what was sealed, also when it lies inside other memory', () => {
    fc.assert(
      fc.property(bytes, bytes, fc.nat(9), (anyKey, payload, offset) => {
        const sealed = sealValue(anyKey, payload)
        expect(Buffer.from(openValue(anyKey, sealed))).toEqual(Buffer.from(payload))
        const memory = new Uint8Array(offset + sealed.byteLength + 3).fill(0xee)
        memory.set(sealed, offset)
        const inside = memory.subarray(offset, offset + sealed.byteLength)
        expect(Buffer.from(openValue(anyKey, inside))).toEqual(Buffer.from(payload))
      }),
    )
  })

  test('is the same when sealed in place', () => {
    fc.assert(
      fc.property(bytes, bytes, fc.nat(9), (anyKey, payload, offset) => {
        const memory = new Uint8Array(offset + 4 + payload.byteLength)
        memory.set(payload, offset + 4)
        const sealed = sealInPlace(anyKey, memory.subarray(offset))
        expect(Buffer.from(sealed)).toEqual(Buffer.from(sealValue(anyKey, payload)))
        expect(sealed.buffer).toBe(memory.buffer)
      }),
    )
  })

  test('shows every flipped bit', () => {
    const sealed = sealValue(
      key,
      Uint8Array.from({ length: 33 }, (_, i) => i * 7),
    )
    for (let bit = 0; bit < sealed.byteLength * 8; bit++) {
      const flipped = Uint8Array.from(sealed)
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(() => openValue(key, flipped)).toThrow(damaged)
    }
  })

  test('shows that it was cut or lengthened, down to nothing', () => {
    const sealed = sealValue(key, Uint8Array.of(1, 2, 3, 0, 0))
    for (let length = 0; length < sealed.byteLength; length++) {
      expect(() => openValue(key, sealed.subarray(0, length))).toThrow(damaged)
    }
    expect(() => openValue(key, Buffer.concat([sealed, Buffer.alloc(1)]))).toThrow(damaged)
  })

  test('shows that it lies under another key', () => {
    const sealed = sealValue(key, Uint8Array.of(1, 2, 3))
    for (let bit = 0; bit < key.byteLength * 8; bit++) {
      const other = Uint8Array.from(key)
      other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(() => openValue(other, sealed)).toThrow(damaged)
    }
    expect(() => openValue(key.subarray(1), sealed)).toThrow(damaged)
    expect(() => openValue(Uint8Array.of(0), sealed)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ key: '00' }) }),
    )
  })
})
