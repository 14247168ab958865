import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LiveTail } from '../../lib/replication/live-tail.js'
import { usedBufferBytes } from '../used-bytes.js'

/** A commit whose frame says which operation it begins with. */
function commit(firstSeq: number, operations = 1, bytes = 10, committedAtMs = 1_000 + firstSeq) {
  const frame = new Uint8Array(bytes).fill(firstSeq % 256)
  return { firstSeq, lastSeq: firstSeq + operations - 1, committedAtMs, frame }
}

const ALL = { bytes: 1_000_000, operations: 1_000_000 }

/** Commits of one operation and 10 bytes, from 1 to `count`. */
function tailOf(count: number, maxBytes = 1_000_000): LiveTail {
  const tail = new LiveTail(maxBytes)
  for (let seq = 1; seq <= count; seq++) tail.append(commit(seq))
  return tail
}

describe('what is held', () => {
  test('nothing at first', () => {
    const tail = new LiveTail(100)
    expect([tail.bytes, tail.firstSeq, tail.bytesAfter(0), tail.committedAfterMs(0)]).toEqual([
      0,
      undefined,
      0,
      0,
    ])
    expect(tail.read(1, ALL)).toBeUndefined()
  })

  test('as many bytes as the budget, the oldest commits go first', () => {
    const tail = tailOf(10, 100)
    expect([tail.bytes, tail.firstSeq]).toEqual([100, 1])
    tail.append(commit(11))
    expect([tail.bytes, tail.firstSeq]).toEqual([100, 2])
    tail.append(commit(12, 1, 35))
    expect([tail.bytes, tail.firstSeq]).toEqual([95, 6])
  })

  test('nothing of a commit that is larger than the budget, nor of what lies before it', () => {
    const tail = tailOf(3, 100)
    tail.append(commit(4, 1, 101))
    expect([tail.bytes, tail.firstSeq]).toEqual([0, undefined])
    tail.append(commit(5))
    expect([tail.bytes, tail.firstSeq, tail.read(5, ALL)?.lastSeq]).toEqual([10, 5, 5])
  })

  test('whole commits until they are released', () => {
    const tail = new LiveTail(1_000)
    tail.append(commit(1, 3))
    tail.append(commit(4, 2))
    tail.release(2)
    expect(tail.firstSeq).toBe(1)
    tail.release(3)
    expect([tail.firstSeq, tail.bytes]).toEqual([4, 10])
    tail.release(99)
    expect([tail.firstSeq, tail.bytes]).toEqual([undefined, 0])
  })

  test('no bytes of commits that are gone', async () => {
    const mebibyte = 1024 * 1024
    const tail = new LiveTail(2 * mebibyte)
    const before = usedBufferBytes()
    for (let seq = 1; seq <= 100; seq++) tail.append(commit(seq, 1, mebibyte))
    expect(tail.bytes).toBe(2 * mebibyte)
    // A collection leaves freeing to a thread, which a busy machine runs later.
    await expect.poll(() => usedBufferBytes() - before).toBeLessThan(20 * mebibyte)
  })

  test('of thousands, the same after their places were cut off', () => {
    const tail = tailOf(5_000)
    tail.release(4_000)
    expect([tail.firstSeq, tail.bytes, tail.bytesAfter(4_990)]).toEqual([4_001, 10_000, 100])
    tail.append(commit(5_001))
    expect(tail.read(4_999, ALL)).toMatchObject({ firstSeq: 4_999, lastSeq: 5_001 })
    expect(tail.committedAfterMs(4_999)).toBe(6_000)
  })
})

describe('bytes after an operation', () => {
  test('are those of the commits that end after it', () => {
    const tail = new LiveTail(1_000)
    tail.append(commit(1, 3, 30))
    tail.append(commit(4, 2, 20))
    expect([0, 1, 2, 3, 4, 5, 6].map((seq) => tail.bytesAfter(seq))).toEqual([50, 50, 50, 20, 20, 0, 0])
  })

  test('are those that are held where older ones are gone', () => {
    const tail = tailOf(10, 50)
    expect([0, 5, 6].map((seq) => tail.bytesAfter(seq))).toEqual([50, 50, 40])
  })
})

test('when the first operation after another was committed', () => {
  const tail = new LiveTail(1_000)
  tail.append(commit(1, 3, 10, 500))
  tail.append(commit(4, 1, 10, 700))
  expect([0, 2, 3, 4].map((seq) => tail.committedAfterMs(seq))).toEqual([500, 500, 700, 0])
})

describe('a batch', () => {
  test('is whole commits up to the bytes', () => {
    const tail = tailOf(10)
    expect(tail.read(3, { bytes: 30, operations: 100 })).toMatchObject({ firstSeq: 3, lastSeq: 5 })
    expect(tail.read(3, { bytes: 39, operations: 100 })?.lastSeq).toBe(5)
    expect([...(tail.read(3, { bytes: 20, operations: 100 })?.frames ?? [])]).toEqual([
      ...Array(10).fill(3),
      ...Array(10).fill(4),
    ])
  })

  test('is whole commits up to the operations', () => {
    const tail = tailOf(10)
    expect(tail.read(3, { bytes: 1_000, operations: 4 })?.lastSeq).toBe(6)
    const large = new LiveTail(1_000)
    large.append(commit(1, 3))
    large.append(commit(4, 3))
    expect(large.read(1, { bytes: 1_000, operations: 5 })?.lastSeq).toBe(3)
    expect(large.read(1, { bytes: 1_000, operations: 6 })?.lastSeq).toBe(6)
  })

  test('is one commit at least', () => {
    const tail = new LiveTail(1_000)
    tail.append(commit(1, 50, 500))
    tail.append(commit(51))
    expect(tail.read(1, { bytes: 1, operations: 1 })).toMatchObject({ firstSeq: 1, lastSeq: 50 })
  })

  test('is none where no commit begins, or none is held', () => {
    const tail = new LiveTail(1_000)
    tail.append(commit(1, 3))
    tail.append(commit(4))
    for (const seq of [0, 2, 3, 5, 6]) expect(tail.read(seq, ALL), String(seq)).toBeUndefined()
    tail.release(3)
    expect(tail.read(1, ALL)).toBeUndefined()
  })

  test('is made once for all that ask for the same, and not after its commits are gone', () => {
    const tail = tailOf(10)
    const limits = { bytes: 50, operations: 100 }
    const batch = tail.read(1, limits)
    expect(tail.read(1, limits)).toBe(batch)
    expect(tail.read(2, limits)).not.toBe(batch)
    for (const seq of [3, 4, 5]) tail.read(seq, limits)
    // Four others were asked for since.
    expect(tail.read(1, limits)).not.toBe(batch)
    tail.release(10)
    expect(tail.read(1, limits)).toBeUndefined()
  })

  test('is made again where those that are kept would be more than two mebibytes', () => {
    const mebibyte = 1024 * 1024
    const tail = new LiveTail(20 * mebibyte)
    for (let seq = 1; seq <= 4; seq++) {
      const frame = new Uint8Array(mebibyte / 2)
      tail.append({ firstSeq: seq, lastSeq: seq, committedAtMs: 0, frame })
    }
    const two = { bytes: mebibyte, operations: 100 }
    const batch = tail.read(1, two)
    tail.read(2, two)
    expect(tail.read(1, two)).toBe(batch)
    tail.read(3, two)
    expect(tail.read(1, two)).not.toBe(batch)
  })
})

test('a tail and a plain list say the same', () => {
  const step = fc.oneof(
    fc.record({ operations: fc.integer({ min: 1, max: 4 }), bytes: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ release: fc.nat(60) }),
  )
  const question = fc.record({ seq: fc.nat(80), bytes: fc.nat(100), operations: fc.nat(10) })
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.array(question, { maxLength: 10 }),
      (steps, questions) => {
        const tail = new LiveTail(120)
        let list: ReturnType<typeof commit>[] = []
        let next = 1
        for (const taken of steps) {
          if ('release' in taken) {
            tail.release(taken.release)
            list = list.filter(({ lastSeq }) => lastSeq > taken.release)
            continue
          }
          const added = commit(next, taken.operations, taken.bytes)
          tail.append(added)
          list.push(added)
          next = added.lastSeq + 1
          while (list.reduce((sum, { frame }) => sum + frame.byteLength, 0) > 120) list.shift()
        }
        expect(tail.firstSeq).toBe(list[0]?.firstSeq)
        for (const { seq, bytes, operations } of questions) {
          const after = list.filter(({ lastSeq }) => lastSeq > seq)
          expect(tail.bytesAfter(seq)).toBe(after.reduce((sum, { frame }) => sum + frame.byteLength, 0))
          expect(tail.committedAfterMs(seq)).toBe(after[0]?.committedAtMs ?? 0)
          const batch = tail.read(seq, { bytes, operations })
          expect(batch === undefined).toBe(!list.some(({ firstSeq }) => firstSeq === seq))
          if (!batch) continue
          const parts = list.filter(({ firstSeq }) => firstSeq >= seq && firstSeq <= batch.lastSeq)
          expect(Buffer.compare(batch.frames, Buffer.concat(parts.map(({ frame }) => frame)))).toBe(0)
          const isOver = batch.frames.byteLength > bytes || batch.lastSeq - seq + 1 > operations
          if (isOver) expect(parts).toHaveLength(1)
        }
      },
    ),
  )
})
