import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Bitmap } from '../../lib/bitmap.js'
import { Rows } from '../../lib/index/rows.js'
import { VectorPieces } from '../../lib/index/vector-pieces.js'

function filled(count: number, capacity: number): Rows {
  const rows = new Rows(1, 2, capacity)
  for (let i = 0; i < count; i++) {
    const ordinal = rows.append(100 + i, 2 ** 40 + i)
    rows.vectors.set(ordinal, Float32Array.of(i, 0 - i))
  }
  return rows
}

const ordinalsOf = (words: Uint32Array | undefined) => words && new Bitmap(words).toArray()

describe('rows', () => {
  test('keep number, operation and vector of each row while they grow and shrink', () => {
    const rows = filled(40, 3)
    rows.shrink()
    rows.shrink()
    expect(rows.vectors.capacity).toBe(40)
    expect(rows.append(7, 9)).toBe(40)
    rows.vectors.set(40, Float32Array.of(1, 2))
    for (let i = 0; i < 40; i++) {
      expect([rows.numberAt(i), rows.seqAt(i)]).toEqual([100 + i, 2 ** 40 + i])
      expect([...rows.vectors.at(i)]).toEqual([i, 0 - i])
    }
    expect([rows.numberAt(40), rows.seqAt(40), rows.count]).toEqual([7, 9, 41])
    expect([...rows.vectors.at(40)]).toEqual([1, 2])
  })

  test('grow by four, but not past their maximum', () => {
    const rows = new Rows(1, 2, 0, 100)
    const capacities = new Set<number>()
    for (let i = 0; i < 100; i++) {
      rows.append(i, i)
      capacities.add(rows.vectors.capacity)
      expect(rows.bytes).toBe((i + 1) * (2 * 4 + 4 + 8))
    }
    expect([...capacities]).toEqual([16, 64, 100])
  })

  test('count a row dead once', () => {
    const rows = filled(5, 5)
    rows.kill(3, 10, false)
    rows.kill(3, 11, true)
    expect([rows.deadCount, rows.isDead(3), rows.isDead(2)]).toEqual([1, true, false])
    expect(ordinalsOf(rows.visible(5, 10))).toEqual([0, 1, 2, 4])
  })

  test('say nothing of visibility when all is visible', () => {
    expect(filled(5, 5).visible(5, 1)).toBeUndefined()
  })

  test('show each view what was alive at its instant, whatever died since', () => {
    const deaths = fc.uniqueArray(fc.integer({ min: 0, max: 69 }), { maxLength: 60 })
    fc.assert(
      fc.property(
        deaths,
        fc.integer({ min: 0, max: 70 }),
        fc.integer({ min: 0, max: 61 }),
        (order, count, seq) => {
          const rows = filled(70, 0)
          for (const [index, ordinal] of order.entries()) rows.kill(ordinal, index + 1, true)
          const gone = new Set(order.filter((_, index) => index + 1 <= seq))
          const expected = Array.from({ length: count }, (_, i) => i).filter((i) => !gone.has(i))
          expect(ordinalsOf(rows.visible(count, seq) ?? Bitmap.range(count).words)).toEqual(expected)
          rows.forgetDeaths()
          const alive = Array.from({ length: count }, (_, i) => i).filter((i) => !order.includes(i))
          expect(ordinalsOf(rows.visible(count, 100) ?? Bitmap.range(count).words)).toEqual(alive)
        },
      ),
    )
  })

  test('forget deaths that no view needs', () => {
    const rows = filled(3, 3)
    rows.kill(0, 5, false)
    rows.kill(1, 6, true)
    expect(ordinalsOf(rows.visible(3, 4))).toEqual([1, 2])
    rows.forgetDeaths()
    expect(ordinalsOf(rows.visible(3, 4))).toEqual([2])
  })

  test('that are found are dead until they are revived, and say what they were written with', () => {
    const { vectors, numbers, seqs, scaled } = filled(40, 64).content()
    expect([vectors[0]?.length, numbers.length, seqs.length]).toEqual([80, 40, 40])
    const pieces = new VectorPieces(2, 40)
    pieces.pieces[0]?.set(vectors[0] as Float32Array)
    const rows = Rows.found(9, { vectors: pieces, numbers, seqs, scaled })
    expect([rows.id, rows.count, rows.deadCount]).toEqual([9, 40, 40])
    expect(ordinalsOf(rows.visible(40, 1))).toEqual([])
    rows.revive(3)
    rows.revive(3)
    rows.revive(39)
    expect([rows.deadCount, rows.isDead(3), rows.isDead(4)]).toEqual([38, false, true])
    expect(ordinalsOf(rows.visible(40, 1))).toEqual([3, 39])
    expect([rows.numberAt(39), rows.seqAt(39), ...rows.vectors.at(39)]).toEqual([139, 2 ** 40 + 39, 39, -39])
  })
})
