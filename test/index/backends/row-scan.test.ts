import { expect, test } from 'vitest'
import { scanIndex } from '../../../lib/index/backends/row-scan.js'
import type { Part } from '../../../lib/index/part.js'
import { Rows } from '../../../lib/index/rows.js'

test('scans the rows of a view, not those appended since, nor the room for more', async () => {
  const rows = new Rows(1, 1, 64)
  const part: Part = { rows, index: undefined, largestNorm: 50 }
  for (let i = 0; i < 20; i++) rows.vectors[rows.append(i, i)] = i
  const pinned = { part, count: rows.count }
  for (let i = 20; i < 100; i++) {
    const ordinal = rows.append(i, i)
    rows.vectors[ordinal] = i
  }
  const search = { queries: Float32Array.of(25), count: 1, k: 3 }
  const [found] = await scanIndex(pinned, 'euclidean').search(search)
  expect([...(found?.ordinals ?? [])]).toEqual([19, 18, 17])
  expect([...(found?.distances ?? [])]).toEqual([6, 7, 8])
  const allow = Uint32Array.of(0b1001)
  const [masked] = await scanIndex(pinned, 'dot').search({ ...search, allow })
  expect([...(masked?.ordinals ?? [])]).toEqual([3, 0])
})
