import { describe, expect, test } from 'vitest'
import { Bitmap } from '../../lib/bitmap.js'
import { RecordNumbers } from '../../lib/collection/record-numbers.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'

const take = (numbers: RecordNumbers, count: number) => Array.from({ length: count }, () => numbers.take())

describe('record numbers', () => {
  test('begin at 0 and count up', () => {
    expect(take(new RecordNumbers(new Bitmap()), 3)).toEqual([0, 1, 2])
  })

  test('fill the gaps of a reopened collection before they grow', () => {
    const numbers = new RecordNumbers(Bitmap.of([0, 2, 31, 33, 34]))
    const gaps = Array.from({ length: 34 }, (_, i) => i).filter((i) => ![0, 2, 31, 33].includes(i))
    expect(take(numbers, gaps.length).sort((a, b) => a - b)).toEqual(gaps)
    expect(take(numbers, 2)).toEqual([35, 36])
  })

  test('come back once they are given back, also before the first is taken', () => {
    const numbers = new RecordNumbers(Bitmap.of([0, 1, 2]))
    numbers.giveBack(1)
    expect(take(numbers, 2)).toEqual([1, 3])
  })

  test('are never given to two at once, and stay as small as the collection', () => {
    const random = new SeededRandom('record numbers')
    const before = Array.from({ length: 300 }, (_, i) => i).filter(() => random.chance(0.6))
    const numbers = new RecordNumbers(Bitmap.of(before))
    const used = new Set(before)
    let most = used.size
    for (let step = 0; step < 5_000; step++) {
      if (random.chance(0.5) && used.size > 0) {
        const gone = random.pick([...used].slice(0, 50))
        used.delete(gone)
        numbers.giveBack(gone)
      } else {
        const number = numbers.take()
        expect(used.has(number)).toBe(false)
        used.add(number)
      }
      most = Math.max(most, used.size)
    }
    expect(Math.max(...used)).toBeLessThan(Math.max(most, 300))
  })
})
