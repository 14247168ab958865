import { describe, expect, test } from 'vitest'
import { FrameMemory } from '../../lib/replication/frame-memory.js'

const KB = 1024

describe('FrameMemory', () => {
  test('gives again what it was given back, the shortest that is long enough', () => {
    const memory = new FrameMemory()
    const [short, long] = [memory.take(5 * KB), memory.take(100 * KB)]
    expect([short.byteLength, long.byteLength]).toEqual([8 * KB + 256, 128 * KB + 256])
    memory.give(long)
    memory.give(short)
    expect(memory.take(6 * KB)).toBe(short)
    expect(memory.take(6 * KB)).toBe(long)
    expect([short, long]).not.toContain(memory.take(6 * KB))
  })

  test('never gives to two what one has', () => {
    const memory = new FrameMemory()
    memory.give(memory.take(64 * KB))
    const taken = [memory.take(64 * KB), memory.take(64 * KB), memory.take(64 * KB)]
    expect(new Set(taken.map(({ buffer }) => buffer)).size).toBe(3)
  })

  test('keeps no more than 4 MiB, and nothing that is short', () => {
    const memory = new FrameMemory()
    // As long as a full piece of a snapshot in its message.
    const taken = Array.from({ length: 5 }, () => memory.take(1024 * KB + 40))
    const [tiny, huge] = [memory.take(100), memory.take(8 * 1024 * KB)]
    expect(huge).toHaveLength(8 * 1024 * KB)
    for (const frame of [...taken, tiny, huge]) memory.give(frame)
    const again = Array.from({ length: 5 }, () => memory.take(1024 * KB + 40))
    expect(again.filter((frame) => taken.includes(frame))).toHaveLength(4)
    expect(memory.take(100)).not.toBe(tiny)
  })
})
