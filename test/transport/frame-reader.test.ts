import { describe, expect, test } from 'vitest'
import { END_MARKER, FrameReader, HEADER_BYTES, headerOf } from '../../lib/transport/frame-reader.js'

const MIB = 1024 * 1024

describe('a frame reader', () => {
  const frames: Uint8Array[] = []
  const reader = (maxFrameBytes = 16 * MIB): FrameReader => {
    frames.length = 0
    return new FrameReader(maxFrameBytes, { take: (frame) => frames.push(frame), ended: () => {} })
  }

  test('hands out what lies in one piece as it lies there', () => {
    const piece = Buffer.concat([headerOf(3), Buffer.from('abc'), headerOf(2), Buffer.from('de')])
    reader().read(piece)
    expect(frames.map((frame) => Buffer.from(frame).toString())).toEqual(['abc', 'de'])
    for (const frame of frames) expect(frame.buffer).toBe(piece.buffer)
  })

  test('frames outlive pieces that are written over', () => {
    const kept: Uint8Array[] = []
    const careful = new FrameReader(1024, { take: (frame) => kept.push(frame), ended: () => {} }, false)
    const memory = new Uint8Array(64)
    for (const text of ['one', 'two', 'three']) {
      memory.set(headerOf(text.length))
      memory.set(new TextEncoder().encode(text), HEADER_BYTES)
      careful.read(memory.subarray(0, HEADER_BYTES + text.length))
      memory.fill(0xff)
    }
    expect(kept.map((frame) => new TextDecoder().decode(frame))).toEqual(['one', 'two', 'three'])
  })

  test('needs memory for what has arrived, not for what was announced', () => {
    const announced = reader()
    announced.read(headerOf(16 * MIB))
    const before = process.memoryUsage().arrayBuffers
    announced.read(new Uint8Array(1_000))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(MIB)
  })

  test('puts a frame of many pieces together', () => {
    const whole = Uint8Array.from({ length: 16 * MIB }, (_, i) => i >>> 8)
    const patient = reader()
    patient.read(headerOf(whole.byteLength))
    for (let at = 0; at < whole.byteLength; at += 50_000) patient.read(whole.slice(at, at + 50_000))
    expect(frames).toHaveLength(1)
    expect(frames[0]!.buffer.byteLength).toBe(whole.byteLength)
    expect(Buffer.compare(frames[0]!, whole)).toBe(0)
  })

  test('takes the largest frame and no larger one', () => {
    reader(10).read(Buffer.concat([headerOf(10), Buffer.alloc(10)]))
    expect(frames).toHaveLength(1)
    expect(() => reader(10).read(headerOf(11))).toThrow(
      expect.objectContaining({ code: 'FRAME_TOO_LARGE', details: { bytes: 11, maxFrameBytes: 10 } }),
    )
  })

  test('takes nothing behind the end', () => {
    const ended = reader()
    ended.read(headerOf(END_MARKER))
    ended.read(new Uint8Array(0))
    expect(() => ended.read(new Uint8Array(1))).toThrow(expect.objectContaining({ code: 'TRANSPORT_FAILED' }))
  })
})
