import { describe, expect, test } from 'vitest'
import { FRAME_CODE_BYTES, FrameCode } from '../../lib/replication/frame-code.js'

const key = Uint8Array.from({ length: 32 }, (_, at) => at)
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const without = expect.objectContaining({
  code: 'PROTOCOL_VIOLATED',
  details: { reason: 'a frame is without its authentication code' },
})
const wrong = expect.objectContaining({
  code: 'PROTOCOL_VIOLATED',
  details: {
    reason: 'the authentication code of a frame is wrong: it was changed, lost or repeated on its way',
  },
})

/** A frame as it is sent: the content, and its code behind it. */
const framed = (code: FrameCode, content: Uint8Array) => Buffer.concat([content, code.next(content)])

describe('a code', () => {
  test('is the HMAC of how many frames came before and of the content', () => {
    const code = new FrameCode(key)
    expect(hex(code.next(new Uint8Array(0)))).toBe(
      '9f0cd9b94097fe4929918d2b8942b34439574261a35dc50163f06c67d4e48899',
    )
    expect(hex(code.next(Buffer.from('replivec')))).toBe(
      '38ea99f85eab2043790aabd3064cd016f004b70de73247cb317490692b4bdb4d',
    )
  })

  test('is another one for the same content again, and for another key', () => {
    const content = Buffer.from('again and again')
    const codes = [key, Uint8Array.from(key).fill(9)].flatMap((secret) => {
      const code = new FrameCode(secret)
      return Array.from({ length: 300 }, () => hex(code.next(content)))
    })
    expect(new Set(codes).size).toBe(600)
  })
})

describe('a frame', () => {
  test('without content is opened, and the one after it too', () => {
    const [sender, reader] = [new FrameCode(key), new FrameCode(key)]
    const [empty, after] = [framed(sender, new Uint8Array(0)), framed(sender, Buffer.of(1))]
    expect(empty).toHaveLength(FRAME_CODE_BYTES)
    expect(reader.opened(empty)).toHaveLength(0)
    expect([...reader.opened(after)]).toEqual([1])
  })

  test.each([0, 1, 31])('of %i bytes has no code', (length) => {
    const frame = framed(new FrameCode(key), new Uint8Array(0)).subarray(0, length)
    expect(() => new FrameCode(key).opened(frame)).toThrow(without)
  })

  test('is opened where it lies, in the middle of other bytes, and is not changed', () => {
    const frame = framed(new FrameCode(key), Buffer.from('content'))
    const around = new Uint8Array(frame.byteLength + 20).fill(0xee)
    around.set(frame, 7)
    const before = hex(around)
    const content = new FrameCode(key).opened(around.subarray(7, 7 + frame.byteLength))
    expect(Buffer.from(content).toString()).toBe('content')
    expect(hex(around)).toBe(before)
  })

  test('with the right code of another content is refused', () => {
    const [one, other] = ['one', 'two'].map((text) => framed(new FrameCode(key), Buffer.from(text))) as [
      Buffer,
      Buffer,
    ]
    const mixed = Buffer.concat([one.subarray(0, 3), other.subarray(3)])
    expect(() => new FrameCode(key).opened(mixed)).toThrow(wrong)
  })

  test('of the other direction is refused', () => {
    const frame = framed(new FrameCode(Uint8Array.from(key).reverse()), Buffer.from('sent back'))
    expect(() => new FrameCode(key).opened(frame)).toThrow(wrong)
  })

  test('without a code is refused where one is expected', () => {
    expect(() => new FrameCode(key).opened(new Uint8Array(100))).toThrow(wrong)
  })
})
