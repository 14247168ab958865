import { expect, test } from 'vitest'
import type { VectorIndex } from '../../lib/index/backend.js'
import type { Part } from '../../lib/index/part.js'
import { bytesOf, deadRows, formsOf, liveRows } from '../../lib/index/part-figures.js'
import { Rows } from '../../lib/index/rows.js'

function part(count: number, index?: Partial<VectorIndex>, more: Partial<Part> = {}): Part {
  const rows = new Rows(1, 2, count)
  for (let i = 0; i < count; i++) rows.append(i, i)
  rows.kill(0, 9, false)
  return { rows, index: index as VectorIndex | undefined, largestNorm: 1, ...more }
}

const ROW_BYTES = 2 * 4 + 4 + 8
const DEAD_WORD_BYTES = 4

test('rows are alive or dead', () => {
  expect([liveRows([part(5), part(3)]), deadRows([part(5), part(3)])]).toEqual([6, 2])
  expect([liveRows([]), deadRows([])]).toEqual([0, 0])
})

test('bytes count what is shared once, and rows on disk', () => {
  const stored = { place: { path: 'a', indexPath: 'a/index' }, diskBytes: 1_000 }
  const scans = { bytes: 7, of: () => ({}) as VectorIndex, [Symbol.asyncDispose]: async () => {} }
  const parts = [
    part(5),
    part(3, { bytes: { memory: 50, disk: 300, shared: 20 } }, { stored, scans }),
    part(1, { bytes: { memory: 5, disk: 0 } }),
  ]
  const rowBytes = 9 * ROW_BYTES + 3 * DEAD_WORD_BYTES
  expect(bytesOf(parts)).toEqual({ memory: rowBytes + 30 + 7 + 5, disk: 1_300 })
})

test('forms are named once, with the first reason there is', () => {
  const parts = [
    part(1),
    part(1, { form: { name: 'i8' } }),
    part(1, { form: { name: 'bf16', reason: 'i8 would lose neighbours' } }),
    part(1, { form: { name: 'i8' } }),
    part(1, {}),
  ]
  expect(formsOf(parts)).toEqual({ names: ['bf16', 'i8'], reason: 'i8 would lose neighbours' })
  expect(formsOf([])).toEqual({ names: [], reason: undefined })
})
