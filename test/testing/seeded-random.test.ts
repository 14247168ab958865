import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../lib/testing/seeded-random.js'

const draw = (random: SeededRandom, count = 20) => Array.from({ length: count }, () => random.next())

describe('SeededRandom', () => {
  test('gives the same numbers for the same seed, and others for another', () => {
    expect(draw(new SeededRandom(7))).toEqual(draw(new SeededRandom(7)))
    expect(draw(new SeededRandom('seven'))).toEqual(draw(new SeededRandom('seven')))
    const firsts = new Set(
      [0, 1, 2, 7, 2 ** 31, -1, '', '0', '1', 'seven'].map((s) => new SeededRandom(s).next()),
    )
    expect(firsts.size).toBe(10)
  })

  test('never changes between versions: recorded runs stay replayable', () => {
    const random = new SeededRandom('replay')
    expect([random.int(1000), random.int(1000), random.int(1000), random.int(1000)]).toEqual([
      315, 160, 41, 575,
    ])
  })

  test('spreads evenly', () => {
    const random = new SeededRandom(1)
    const counts = new Array<number>(10).fill(0)
    for (let i = 0; i < 100_000; i++) counts[random.int(10)]!++
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500)
    let heads = 0
    for (let i = 0; i < 10_000; i++) if (random.chance(0.25)) heads++
    expect(Math.abs(heads - 2_500)).toBeLessThan(200)
  })

  test('stays within its range', () => {
    const random = new SeededRandom(2)
    for (const value of draw(random, 10_000)) {
      expect(value >= 0 && value < 1).toBe(true)
    }
    expect(random.int(1)).toBe(0)
    expect(random.chance(0)).toBe(false)
    expect(random.chance(1)).toBe(true)
    expect(new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c'])))).toEqual(
      new Set(['a', 'b', 'c']),
    )
  })

  test('bytes have every length and every value', () => {
    for (const length of [0, 1, 3, 4, 5, 17]) expect(new SeededRandom(3).bytes(length)).toHaveLength(length)
    expect(new SeededRandom(3).bytes(7)).toEqual(new SeededRandom(3).bytes(8).subarray(0, 7))
    expect(new Set(new SeededRandom(3).bytes(10_000)).size).toBe(256)
  })

  test('a fork depends on its label alone, not on what was drawn before', () => {
    const random = new SeededRandom(4)
    const fresh = draw(random.fork('a'))
    random.next()
    expect(draw(random.fork('a'))).toEqual(fresh)
    expect(draw(random.fork('b'))).not.toEqual(fresh)
  })

  test('refuses what has no answer', () => {
    const random = new SeededRandom(5)
    for (const below of [0, -1, 1.5, Number.NaN]) {
      expect(() => random.int(below)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }))
    }
    expect(() => random.pick([])).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }))
  })
})
