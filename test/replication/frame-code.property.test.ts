import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameCode } from '../../lib/replication/frame-code.js'

const VIOLATED = expect.objectContaining({ code: 'PROTOCOL_VIOLATED' })

const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
/** Alike ones too: those are told apart by their place alone. */
const content = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc.constantFrom(new Uint8Array(0), Uint8Array.of(7)),
)
const contents = fc.array(content, { minLength: 1, maxLength: 12 })

function sealed(secret: Uint8Array, said: readonly Uint8Array[]): Uint8Array[] {
  const code = new FrameCode(secret)
  return said.map((bytes) => Buffer.concat([bytes, code.next(bytes)]))
}

/** Frames come as they were up to one place, where the frame is refused. */
function refusedAt(
  secret: Uint8Array,
  frames: readonly Uint8Array[],
  said: readonly Uint8Array[],
  at: number,
) {
  const reader = new FrameCode(secret)
  const opened = frames.slice(0, at).map((frame) => [...reader.opened(frame)])
  expect(opened).toEqual(said.slice(0, at).map((bytes) => [...bytes]))
  expect(() => reader.opened(frames[at] as Uint8Array)).toThrow(VIOLATED)
}

test('what is sent comes out as it was, whatever it is', () => {
  fc.assert(
    fc.property(key, contents, (secret, said) => {
      const reader = new FrameCode(secret)
      const opened = sealed(secret, said).map((frame) => [...reader.opened(frame)])
      expect(opened).toEqual(said.map((bytes) => [...bytes]))
    }),
  )
})

test('a frame with a changed bit is refused, wherever the bit is', () => {
  fc.assert(
    fc.property(key, contents, fc.nat(), fc.nat(), (secret, said, frameAt, bitAt) => {
      const frames = sealed(secret, said)
      const at = frameAt % frames.length
      const frame = frames[at] as Uint8Array
      const bit = bitAt % (8 * frame.byteLength)
      frame[bit >> 3] = (frame[bit >> 3] as number) ^ (1 << (bit & 7))
      refusedAt(secret, frames, said, at)
    }),
    { numRuns: 500 },
  )
})

test('a frame that is cut short or grown at either end is refused', () => {
  const change = fc.constantFrom<(frame: Uint8Array, bytes: number) => Uint8Array>(
    (frame, bytes) => frame.subarray(0, Math.max(0, frame.byteLength - bytes)),
    (frame, bytes) => frame.subarray(Math.min(bytes, frame.byteLength)),
    (frame, bytes) => Buffer.concat([frame, new Uint8Array(bytes)]),
    (frame, bytes) => Buffer.concat([new Uint8Array(bytes), frame]),
  )
  fc.assert(
    fc.property(
      ...([key, contents, change, fc.nat(), fc.integer({ min: 1, max: 140 })] as const),
      (secret, said, changed, frameAt, bytes) => {
        const frames = sealed(secret, said)
        const at = frameAt % frames.length
        frames[at] = changed(frames[at] as Uint8Array, bytes)
        refusedAt(secret, frames, said, at)
      },
    ),
    { numRuns: 500 },
  )
})

test('after a frame that was left out the next is refused', () => {
  fc.assert(
    fc.property(key, contents, content, fc.nat(), (secret, said, last, droppedAt) => {
      const frames = sealed(secret, [...said, last])
      const at = droppedAt % said.length
      frames.splice(at, 1)
      refusedAt(secret, frames, said, at)
    }),
  )
})

test('a frame that comes again is refused, at once or later', () => {
  fc.assert(
    fc.property(key, contents, fc.nat(), fc.nat(), (secret, said, firstAt, later) => {
      const frames = sealed(secret, said)
      const first = firstAt % frames.length
      const again = first + 1 + (later % (frames.length - first))
      frames.splice(again, 0, frames[first] as Uint8Array)
      refusedAt(secret, frames, said, again)
    }),
  )
})

test('of two frames that changed places the first is refused, even when they say the same', () => {
  fc.assert(
    fc.property(key, contents, content, fc.nat(), fc.nat(), (secret, said, last, oneAt, otherAt) => {
      const frames = sealed(secret, [...said, last])
      const one = oneAt % said.length
      const other = one + 1 + (otherAt % (said.length - one))
      const kept = frames[one] as Uint8Array
      frames[one] = frames[other] as Uint8Array
      frames[other] = kept
      refusedAt(secret, frames, said, one)
    }),
  )
})

test('every frame of another conversation is refused', () => {
  fc.assert(
    fc.property(key, contents, fc.nat(255), (secret, said, bit) => {
      const other = Uint8Array.from(secret)
      other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7))
      const reader = new FrameCode(secret)
      for (const frame of sealed(other, said)) expect(() => reader.opened(frame)).toThrow(VIOLATED)
    }),
  )
})
