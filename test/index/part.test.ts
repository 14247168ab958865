import { describe, expect, test } from 'vitest'
import { Bitmap } from '../../lib/bitmap.js'
import { plainScanOver } from '../../lib/index/backends/plain-scan.js'
import { admit, type Part } from '../../lib/index/part.js'
import { Rows } from '../../lib/index/rows.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'

function partOf(count: number): Part {
  const rows = new Rows(1, 1, count)
  for (let i = 0; i < count; i++) rows.append(2 * i, i + 1)
  return { rows, index: undefined, largestNorm: 0 }
}

const admitted = (part: Part, count: number, seq: number, allow?: Bitmap) => {
  const { mask, count: many } = admit({ part, count }, seq, allow)
  const ordinals = mask && new Bitmap(mask).toArray()
  expect(ordinals?.length ?? many).toBe(many)
  return ordinals
}

describe('admission', () => {
  test('needs no mask when a view sees all rows', () => {
    expect(admitted(partOf(40), 40, 99)).toBeUndefined()
    expect(admitted(partOf(40), 33, 99)).toBeUndefined()
  })

  test('masks the rows that an index has beyond the view', () => {
    const part = partOf(40)
    const matrix = {
      vectors: part.rows.vectors.pieces[0] as Float32Array,
      count: 40,
      dimensions: 1,
      metric: 'dot' as const,
    }
    part.index = plainScanOver(matrix)
    expect(admitted(part, 33, 99)).toEqual(Array.from({ length: 33 }, (_, i) => i))
    expect(admitted(part, 40, 99)).toBeUndefined()
  })

  test('is what the view sees and the filter admits', () => {
    const random = new SeededRandom('admission')
    for (let round = 0; round < 50; round++) {
      const part = partOf(100)
      const killed = new Map<number, number>()
      for (let seq = 101; seq < 130; seq++) {
        const ordinal = random.int(100)
        if (!killed.has(ordinal)) killed.set(ordinal, seq)
        part.rows.kill(ordinal, seq, true)
      }
      const count = random.int(101)
      const seq = 95 + random.int(40)
      const allowed = Array.from({ length: 220 }, (_, number) => number).filter(() => random.chance(0.5))
      const sees = (ordinal: number) => ordinal < count && (killed.get(ordinal) ?? 999) > seq
      const all = Array.from({ length: 100 }, (_, ordinal) => ordinal).filter(sees)
      expect(admitted(part, count, seq)).toEqual(all)
      const expected = all.filter((ordinal) => allowed.includes(2 * ordinal))
      expect(admitted(part, count, seq, Bitmap.of(allowed))).toEqual(expected)
    }
  })
})
