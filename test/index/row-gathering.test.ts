import { describe, expect, test } from 'vitest'
import type { Part } from '../../lib/index/part.js'
import { contiguous, gather } from '../../lib/index/row-gathering.js'
import { Rows } from '../../lib/index/rows.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'

const { signal } = new AbortController()

/** Rows of records `from`, `from` + 1, …; every third is scaled. */
function part(id: number, from: number, count: number, dimensions = 2): Part {
  const rows = new Rows(id, dimensions, 0)
  for (let i = 0; i < count; i++) {
    const ordinal = rows.append(from + i, 1_000 + from + i, i % 3 === 0)
    rows.vectors.set(ordinal, new Float32Array(dimensions).fill(from + i))
  }
  return { rows, index: undefined, largestNorm: 0 }
}

describe('gathering rows', () => {
  test('takes the live ones of all sources, and tells where each came from', async () => {
    const sources = [part(7, 100, 5), part(8, 200, 4)]
    sources[0]?.rows.kill(1, 1, false)
    sources[1]?.rows.kill(3, 1, false)
    const { rows, transfer } = await gather(
      sources,
      (capacity) => new Rows(9, 2, capacity),
      nodeClock,
      signal,
    )
    const found = Array.from({ length: rows.count }, (_, i) => [
      ...[rows.numberAt(i), rows.seqAt(i), rows.isScaled(i), rows.vectors.at(i)[1]],
      ...[transfer.rowsOf(i), transfer.ordinalOf(i)],
    ])
    expect(found).toEqual([
      [100, 1_100, true, 100, 7, 0],
      [102, 1_102, false, 102, 7, 2],
      [103, 1_103, true, 103, 7, 3],
      [104, 1_104, false, 104, 7, 4],
      [200, 1_200, true, 200, 8, 0],
      [201, 1_201, false, 201, 8, 1],
      [202, 1_202, false, 202, 8, 2],
    ])
    expect(rows.vectors.capacity).toBe(7)
  })

  test('gives others a turn by time, however few bytes a row has', async () => {
    let [now, turns] = [0, 0]
    const clock = {
      ...nodeClock,
      monotonic: () => ++now,
      yield: async () => {
        turns += 1
      },
    }
    await gather([part(1, 0, 1_000, 1)], (capacity) => new Rows(2, 1, capacity), clock, signal)
    expect(turns).toBeGreaterThan(20)
  })

  test('gives others a turn, and ends when it is aborted then', async () => {
    const controller = new AbortController()
    const source = part(1, 0, 100, 65_536)
    const gathering = gather(
      [source],
      (capacity) => new Rows(2, 65_536, capacity),
      nodeClock,
      controller.signal,
    )
    const copying = contiguous(new Rows(3, 4, 0), nodeClock, controller.signal)
    expect(await copying).toHaveLength(0)
    controller.abort(new Error('no more'))
    await expect(gathering).rejects.toThrow('no more')
  })
})

describe('all rows in one array', () => {
  test('are the rows themselves, where those lie in one', async () => {
    const { rows } = part(1, 0, 20)
    rows.shrink()
    expect(await contiguous(rows, nodeClock, signal)).toBe(rows.vectors.pieces[0])
  })

  test('are copied together from several pieces, and where there is room for more', async () => {
    const { rows } = part(1, 0, 20)
    const copied = await contiguous(rows, nodeClock, signal)
    expect([...copied]).toEqual(Array.from({ length: 40 }, (_, i) => Math.floor(i / 2)))
    const long = part(1, 0, 130, 65_536).rows
    const whole = await contiguous(long, nodeClock, signal)
    expect(whole).toHaveLength(130 * 65_536)
    for (let i = 0; i < 130; i++) expect([whole[i * 65_536], whole[i * 65_536 + 65_535]]).toEqual([i, i])
  })
})
