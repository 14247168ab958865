import { expect, test } from 'vitest'
import { BuildPass, chooseParts } from '../../lib/index/build-pass.js'
import type { Part } from '../../lib/index/part.js'
import { Rows } from '../../lib/index/rows.js'

const limits = { exact: false, memtableRows: 10, rowsMax: 100 }
let rowsId = 0

/** So many rows, in a segment or frozen. */
function part(count: number, isBuilt: boolean): Part {
  const rows = new Rows(++rowsId, 1, count)
  for (let number = 0; number < count; number++) rows.append(number, number + 1, false)
  return { rows, index: isBuilt ? INDEX : undefined, largestNorm: 1 }
}

const INDEX = { bytes: { memory: 0, disk: 0 }, search: async () => [], [Symbol.asyncDispose]: async () => {} }

test('a pass ends with what was there when it began', () => {
  const [old, frozen, since] = [part(90, true), part(10, false), part(10, false)]
  const pass = new BuildPass([old, frozen], limits)
  expect([pass.outcome, pass.pending, pass.has(since)]).toEqual(['unfinished', 10, false])
  expect(pass.choose()).toEqual([frozen])
  // Built together with what it does not wait for.
  const segment = part(20, true)
  pass.replace([frozen, since], segment)
  expect([pass.outcome, pass.pending, pass.parts]).toEqual(['done', 0, [old, segment]])
  pass.replace([since], part(10, true))
  expect(pass.parts).toEqual([old, segment])
})

test('a pass builds again what it is told, once', () => {
  const [first, second] = [part(30, true), part(60, true)]
  const pass = new BuildPass([first, second], limits)
  expect(pass.outcome).toBe('done')
  pass.buildAgain([first, second])
  expect([pass.outcome, pass.rowsAgain]).toEqual(['indexed', 90])
  expect(pass.choose()).toEqual([first, second])
  pass.replace([first, second], undefined)
  expect([pass.outcome, pass.rowsAgain, pass.parts]).toEqual(['done', 0, []])
})

test('what is frozen is built first, together up to the largest segment, or one by one for scans', () => {
  const parts = [part(80, true), part(60, false), part(40, false), part(10, false)]
  expect(chooseParts(parts, limits, new Set(parts))).toEqual(parts.slice(1, 3))
  expect(chooseParts(parts, { ...limits, exact: true })).toEqual(parts.slice(1, 2))
  expect(chooseParts(parts.slice(0, 1), limits)).toEqual([])
  const small = Array.from({ length: 4 }, () => part(8, true))
  expect(chooseParts(small, limits)).toEqual(small)
})
