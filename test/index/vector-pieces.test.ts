import { describe, expect, test } from 'vitest'
import { VectorPieces } from '../../lib/index/vector-pieces.js'

/** Rows so long that 128 of them fill a piece. */
const LONG = 65_536

describe('pieces of vectors', () => {
  test('hold about 32 MiB each, and a multiple of 32 rows', () => {
    for (const dimensions of [1, 3, 256, 257, 768, LONG]) {
      const { pieceRows } = new VectorPieces(dimensions, 0)
      expect(pieceRows % 32).toBe(0)
      expect(pieceRows * dimensions * 4).toBeGreaterThanOrEqual(32 * 1024 * 1024)
      expect((pieceRows - 32) * dimensions * 4).toBeLessThan(32 * 1024 * 1024)
    }
  })

  test('keep every row while they grow from one piece into the next, and shrink', () => {
    const pieces = new VectorPieces(LONG, 0)
    const vector = new Float32Array(LONG)
    for (let ordinal = 0; ordinal < 150; ordinal++) {
      if (ordinal === pieces.capacity) pieces.grow()
      vector.fill(ordinal)
      pieces.set(ordinal, vector)
    }
    expect(pieces.capacity).toBe(128 + 64)
    pieces.shrink(150)
    expect(pieces.capacity).toBe(150)
    expect(pieces.pieces.map(({ length }) => length / LONG)).toEqual([128, 22])
    for (let ordinal = 0; ordinal < 150; ordinal++) {
      expect([pieces.at(ordinal)[0], pieces.at(ordinal).at(-1)]).toEqual([ordinal, ordinal])
      expect(pieces.pieceOf(ordinal)[pieces.offsetOf(ordinal)]).toBe(ordinal)
    }
    pieces.shrink(128)
    expect(pieces.pieces.map(({ length }) => length / LONG)).toEqual([128])
    pieces.shrink(0)
    expect([pieces.pieces, pieces.capacity]).toEqual([[], 0])
  })

  test('grow by four, but not past their maximum', () => {
    const pieces = new VectorPieces(2, 3, 100)
    const capacities = [pieces.capacity]
    while (pieces.capacity < 100) {
      pieces.grow()
      capacities.push(pieces.capacity)
    }
    expect(capacities).toEqual([3, 16, 64, 100])
  })
})
