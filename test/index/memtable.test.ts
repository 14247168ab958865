import { describe, expect, test } from 'vitest'
import { plainScan } from '../../lib/index/backends/plain-scan.js'
import { appendVector, memtableRowsOf } from '../../lib/index/memtable.js'
import type { Metric } from '../../lib/index/metric.js'
import type { Part } from '../../lib/index/part.js'
import { Rows } from '../../lib/index/rows.js'
import { forgetful } from './controlled-backend.js'

const approximate = forgetful(plainScan, false)

function memtable(metric: Metric, backend = approximate) {
  const part: Part = { rows: new Rows(1, 2, 0), index: undefined, largestNorm: 0 }
  const options = { dimensions: 2, metric, backend }
  return { part, put: (x: number, y: number) => appendVector(part, 7, 9, Float32Array.of(x, y), options) }
}

describe('a memtable', () => {
  test('is full at 4 096 rows or 4 MiB, and where all is scanned at 65 536 or 16 MiB', () => {
    const rows = (dimensions: number, backend = approximate) =>
      memtableRowsOf({ dimensions, metric: 'dot', backend })
    expect([rows(1), rows(256), rows(1_024), rows(65_536)]).toEqual([4_096, 4_096, 1_024, 64])
    expect([rows(1, plainScan), rows(256, plainScan)]).toEqual([65_536, 16_384])
    const small = { ...approximate, supports: { ...approximate.supports, maxBytes: 8_000 } }
    expect(rows(10, small)).toBe(200)
  })

  test('keeps vectors as they are, and knows the longest', () => {
    for (const metric of ['dot', 'euclidean'] as const) {
      const { part, put } = memtable(metric)
      const ordinals = [put(3, 4), put(0.5, 0)]
      expect(ordinals.map((ordinal) => [...part.rows.vectors.at(ordinal)])).toEqual([
        [3, 4],
        [0.5, 0],
      ])
      expect([part.largestNorm, part.unitSlack, part.rows.isScaled(0)]).toEqual([5, undefined, false])
      expect([part.rows.numberAt(1), part.rows.seqAt(1)]).toEqual([7, 9])
    }
  })

  test('scales vectors to unit length for cosine, but for those that nearly have it', () => {
    const { part, put } = memtable('cosine')
    const [long, near] = [put(3, 4), put(1.000_5, 0)]
    expect([...part.rows.vectors.at(long)]).toEqual([...Float32Array.of(0.6, 0.8)])
    expect([...part.rows.vectors.at(near)]).toEqual([...Float32Array.of(1.000_5, 0)])
    expect([part.rows.isScaled(long), part.rows.isScaled(near)]).toEqual([true, false])
    expect(part.unitSlack).toBeCloseTo(0.000_5, 6)
    expect(put(1.01, 0)).toBe(2)
    expect([part.rows.isScaled(2), part.rows.vectors.at(2)[0]]).toEqual([true, 1])
  })

  test('gives an exact backend nothing that is off by more than rounding', () => {
    const { part, put } = memtable('cosine', plainScan)
    put(1.000_5, 0)
    put(1, 1e-8)
    expect([part.rows.isScaled(0), part.rows.isScaled(1), part.unitSlack]).toEqual([true, false, undefined])
  })
})
