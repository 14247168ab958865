import { describe, expect, test } from 'vitest'
import { Bitmap } from '../../lib/bitmap.js'
import { distance } from '../../lib/index/distance.js'
import type { Part } from '../../lib/index/part.js'
import { PieceScans, scanPart } from '../../lib/index/part-scan.js'
import { Rows } from '../../lib/index/rows.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'

const noPause = { pause: () => undefined }

describe('the scan of a part', () => {
  test('compares with the rows of a view, not those appended since, nor the room for more', async () => {
    const rows = new Rows(1, 1, 64)
    const part: Part = { rows, index: undefined, largestNorm: 50 }
    for (let i = 0; i < 20; i++) rows.vectors.set(rows.append(i, i), Float32Array.of(i))
    const pinned = { part, count: rows.count }
    for (let i = 20; i < 100; i++) rows.vectors.set(rows.append(i, i), Float32Array.of(i))
    const scan = { query: Float32Array.of(25), wanted: 3, ...noPause }
    const found = await scanPart(pinned, { ...scan, metric: 'euclidean', mask: undefined })
    expect([...found.ordinals]).toEqual([19, 18, 17])
    expect([...found.distances]).toEqual([6, 7, 8])
    const masked = await scanPart(pinned, { ...scan, metric: 'dot', mask: Uint32Array.of(0b1001) })
    expect([...masked.ordinals]).toEqual([3, 0])
  })

  test.each(['fresh', 'kept'])(
    'goes over all pieces, and others get a turn between (%s scans)',
    async (kind) => {
      // Rows so long that 32 of them fill a piece.
      const dimensions = 65_536
      const pieceRows = 128
      const count = pieceRows + 40
      const random = new SeededRandom('pieces')
      const rows = new Rows(1, dimensions, count)
      for (let i = 0; i < count; i++) {
        const vector = new Float32Array(dimensions)
        vector[0] = random.int(1_000)
        rows.vectors.set(rows.append(i, i), vector)
      }
      expect(rows.vectors.pieces.map(({ length }) => length / dimensions)).toEqual([pieceRows, 40])
      const part: Part = { rows, index: undefined, largestNorm: 1_000 }
      if (kind === 'kept') part.scans = new PieceScans(part, 'euclidean')
      const query = new Float32Array(dimensions)
      query[0] = 321
      let pauses = 0
      const pause = () => {
        pauses += 1
        return Promise.resolve()
      }
      const search = async (mask: Uint32Array | undefined) => {
        pauses = 0
        const wanted = 7
        return scanPart({ part, count }, { query, metric: 'euclidean', wanted, mask, pause })
      }
      const naive = (admits: (ordinal: number) => boolean) =>
        Array.from({ length: count }, (_, ordinal) => ordinal)
          .filter(admits)
          .map((ordinal) => ({
            ordinal,
            distance: distance('euclidean', rows.vectors.at(ordinal), 0, query, 0, dimensions),
          }))
          .sort((a, b) => a.distance - b.distance || a.ordinal - b.ordinal)
          .slice(0, 7)
      const all = await search(undefined)
      expect([...all.ordinals]).toEqual(naive(() => true).map(({ ordinal }) => ordinal))
      expect([...all.distances]).toEqual(naive(() => true).map(({ distance }) => distance))
      expect(pauses).toBe(1)
      const odd = Bitmap.of(Array.from({ length: count }, (_, i) => i).filter((i) => i % 2 === 1))
      odd.reserve(count)
      expect([...(await search(odd.words)).ordinals]).toEqual(
        naive((i) => i % 2 === 1).map(({ ordinal }) => ordinal),
      )
      // Nothing is admitted of the first piece.
      const last = Bitmap.of([pieceRows + 3, pieceRows + 39])
      const found = await search(last.words)
      expect([...found.ordinals].sort()).toEqual([pieceRows + 3, pieceRows + 39].sort())
      expect(pauses).toBe(0)
      await part.scans?.[Symbol.asyncDispose]()
    },
  )
})
