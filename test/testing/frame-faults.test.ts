import { describe, expect, test } from 'vitest'
import { type FaultProbabilities, FrameFaults } from '../../lib/testing/frame-faults.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'

const COUNT = 2_000

/** What comes out of numbered frames of 20 bytes, held ones too. */
function run(
  probabilities: FaultProbabilities,
  seed = 1,
): { out: Uint8Array[]; cuts: number; delaysMs: number[] } {
  const faults = new FrameFaults(new SeededRandom(seed), probabilities, 50)
  const out: Uint8Array[] = []
  const delaysMs: number[] = []
  let cuts = 0
  for (let i = 0; i < COUNT; i++) {
    const frame = numbered(i)
    const fate = faults.next(frame)
    expect(frame).toEqual(numbered(i))
    out.push(...fate.frames)
    if (fate.delayMs > 0) delaysMs.push(fate.delayMs)
    if (fate.isCut) cuts += 1
  }
  return { out: [...out, ...faults.rest()], cuts, delaysMs }
}

function numbered(i: number): Uint8Array {
  const frame = new Uint8Array(20)
  new DataView(frame.buffer).setUint32(0, i)
  return frame
}

const numberOf = (frame: Uint8Array): number => new DataView(frame.buffer, frame.byteOffset).getUint32(0)
const all = Array.from({ length: COUNT }, (_, i) => i)

describe('faults of frames', () => {
  test('are none without a probability', () => {
    const { out, cuts, delaysMs } = run({})
    expect(out).toEqual(all.map(numbered))
    expect([cuts, delaysMs]).toEqual([0, []])
  })

  test('are the same for the same seed, and others for another', () => {
    const probabilities = {
      drop: 0.1,
      corrupt: 0.1,
      truncate: 0.1,
      duplicate: 0.1,
      reorder: 0.1,
      delay: 0.1,
      cut: 0.1,
    }
    expect(run(probabilities)).toEqual(run(probabilities))
    expect(run(probabilities)).not.toEqual(run(probabilities, 2))
  })

  test('are as frequent as was asked for', () => {
    expect(run({ drop: 1 }).out).toEqual([])
    expect(run({ duplicate: 1 }).out).toHaveLength(2 * COUNT)
    expect(run({ cut: 1 })).toMatchObject({ out: [], cuts: COUNT })
    for (const [found, expected] of [
      [COUNT - run({ drop: 0.1 }).out.length, 200],
      [run({ duplicate: 0.1 }).out.length - COUNT, 200],
      [run({ cut: 0.1 }).cuts, 200],
      [run({ delay: 0.1 }).delaysMs.length, 200],
    ] as const) {
      expect(Math.abs(found - expected)).toBeLessThan(60)
    }
  })

  test('drop whole frames and leave the order', () => {
    const numbers = run({ drop: 0.3 }).out.map(numberOf)
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
  })

  test('flip one bit', () => {
    const flips = run({ corrupt: 1 }).out.map((frame, i) =>
      frame.reduce((bits, byte, at) => bits + bitsOf(byte ^ numbered(i)[at]!), 0),
    )
    expect(new Set(flips)).toEqual(new Set([1]))
    expect(new FrameFaults(new SeededRandom(1), { corrupt: 1 }, 0).next(new Uint8Array(0)).frames).toEqual([
      new Uint8Array(0),
    ])
  })

  test('cut the end of a frame off, by every length', () => {
    const { out } = run({ truncate: 1 })
    expect(new Set(out.map(({ byteLength }) => byteLength))).toEqual(new Set(all.slice(0, 20)))
    for (const [i, frame] of out.entries()) expect(frame).toEqual(numbered(i).subarray(0, frame.byteLength))
  })

  test('put a frame behind its next and lose none', () => {
    const numbers = run({ reorder: 0.2 }).out.map(numberOf)
    expect(numbers).not.toEqual(all)
    expect([...numbers].sort((a, b) => a - b)).toEqual(all)
    for (const [at, number] of numbers.entries()) expect(Math.abs(at - number)).toBeLessThanOrEqual(1)
    // Also when every frame is to be late.
    expect(run({ reorder: 1 }).out.map(numberOf).slice(0, 4)).toEqual([1, 0, 3, 2])
  })

  test('delay by less than the longest', () => {
    const { delaysMs } = run({ delay: 1 })
    expect(Math.max(...delaysMs)).toBeLessThan(50)
    expect(Math.max(...delaysMs)).toBeGreaterThan(45)
    expect(Math.min(...delaysMs)).toBeLessThan(5)
  })
})

function bitsOf(byte: number): number {
  return byte === 0 ? 0 : (byte & 1) + bitsOf(byte >>> 1)
}
