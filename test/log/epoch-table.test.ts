import { describe, expect, test } from 'vitest'
import {
  continues,
  EPOCH_ROWS_MAX,
  type EpochTable,
  epochOf,
  highestEpoch,
  isEpochTable,
  nodeOf,
  standingOf,
  withNewEpoch,
} from '../../lib/log/epoch-table.js'

const row = (epoch: number, firstSeq: number, nodeId = 'a') => ({ epoch, nodeId, firstSeq })

/** Epoch 2 wrote 1 to 10, epoch 5 (of another node) 11 to 20, epoch 6 from 21 on. */
const TABLE: EpochTable = [row(2, 1), row(5, 11, 'b'), row(6, 21)]

describe('a new epoch', () => {
  test('is above all that were seen, here and elsewhere', () => {
    expect(withNewEpoch([], { nodeId: 'a', firstSeq: 1, above: 0 })).toEqual([row(1, 1)])
    expect(withNewEpoch(TABLE, { nodeId: 'c', firstSeq: 30, above: 0 })).toEqual([...TABLE, row(7, 30, 'c')])
    expect(withNewEpoch(TABLE, { nodeId: 'c', firstSeq: 30, above: 40 })).toEqual([
      ...TABLE,
      row(41, 30, 'c'),
    ])
  })

  test('takes the place of rows in which nothing was written, above their numbers', () => {
    expect(withNewEpoch(TABLE, { nodeId: 'a', firstSeq: 21, above: 0 })).toEqual([
      ...TABLE.slice(0, 2),
      row(7, 21),
    ])
    // A node that knew of epochs to come, and now writes in their place.
    expect(withNewEpoch(TABLE, { nodeId: 'c', firstSeq: 8, above: 0 })).toEqual([row(2, 1), row(7, 8, 'c')])
    expect(withNewEpoch(TABLE, { nodeId: 'c', firstSeq: 1, above: 0 })).toEqual([row(7, 1, 'c')])
  })

  test('changes no table in place and carries fields of a later version', () => {
    const later = { ...row(1, 1), unknownFields: [Uint8Array.of(0xf8, 0x01, 0x07)] }
    const table = Object.freeze([Object.freeze(later)])
    expect(withNewEpoch(table, { nodeId: 'a', firstSeq: 5, above: 0 })).toEqual([later, row(2, 5)])
  })

  test('drops the oldest rows beyond the bound', () => {
    let table: EpochTable = []
    for (let firstSeq = 1; firstSeq <= 3_000; firstSeq++) {
      table = withNewEpoch(table, { nodeId: 'a', firstSeq, above: 0 })
      expect(isEpochTable(table)).toBe(true)
    }
    expect([table.length, table[0], table.at(-1)]).toEqual([
      EPOCH_ROWS_MAX,
      row(3_001 - EPOCH_ROWS_MAX, 3_001 - EPOCH_ROWS_MAX),
      row(3_000, 3_000),
    ])
  })
})

describe('a table', () => {
  test('goes up, and has rows', () => {
    expect(isEpochTable(TABLE)).toBe(true)
    expect(isEpochTable([row(1, 1), row(2, 1), row(3, 1)])).toBe(true)
    const most = Array.from({ length: EPOCH_ROWS_MAX }, (_, index) => row(index + 1, index + 1))
    expect(isEpochTable(most)).toBe(true)
    const others: EpochTable[] = [
      [],
      [...most, row(EPOCH_ROWS_MAX + 1, EPOCH_ROWS_MAX + 1)],
      [row(0, 1)],
      [row(1, 0)],
      [row(1, 1), row(1, 5)],
      [row(2, 1), row(1, 5)],
      [row(1, 5), row(2, 4)],
      [row(1.5, 1)],
      [row(1, Number.NaN)],
      [row(2 ** 53, 1)],
    ]
    for (const table of others) expect(isEpochTable(table), JSON.stringify(table)).toBe(false)
  })

  test('knows which epoch wrote what, and who that was', () => {
    const found = [0, 1, 10, 11, 20, 21, 1_000].map((seq) => epochOf(TABLE, seq))
    expect(found).toEqual([2, 2, 2, 5, 5, 6, 6])
    expect([1, 2, 5, 6, 7].map((epoch) => nodeOf(TABLE, epoch))).toEqual([
      undefined,
      'a',
      'b',
      'a',
      undefined,
    ])
    expect([epochOf([row(3, 101)], 100), epochOf([], 7)]).toEqual([3, 1])
    expect([highestEpoch(TABLE), highestEpoch([])]).toEqual([6, 0])
    // Of epochs that begin alike the last one wrote.
    expect(epochOf([row(1, 1), row(2, 4), row(3, 4)], 4)).toBe(3)
  })
})

describe('a history continues', () => {
  const peer = (epoch: number, seq: number, nodeId = 'a', headSeq = 30) =>
    continues(TABLE, headSeq, { epoch, nodeId, seq })

  test('what lies in a row, from the point where it begins to its end', () => {
    const inside = (epoch: number, nodeId: string) =>
      Array.from({ length: 33 }, (_, seq) => seq).filter((seq) => peer(epoch, seq, nodeId))
    const from = (first: number, last: number) =>
      Array.from({ length: last - first + 1 }, (_, index) => first + index)
    expect(inside(2, 'a')).toEqual(from(0, 10))
    expect(inside(5, 'b')).toEqual(from(10, 20))
    expect(inside(6, 'a')).toEqual(from(20, 30))
  })

  test('nothing of another node, whatever its number', () => {
    for (let seq = 0; seq <= 40; seq++) {
      expect([peer(2, seq, 'b'), peer(5, seq, 'a'), peer(6, seq, 'b')]).toEqual([false, false, false])
    }
  })

  test('nothing of an epoch without a row: it was replaced, dropped, or is of another history', () => {
    for (const epoch of [0, 1, 3, 4, 7]) {
      for (let seq = 0; seq <= 40; seq++) expect(peer(epoch, seq)).toBe(false)
    }
  })

  test('a row in which nothing was written only at its one point', () => {
    const table = [row(1, 1), row(2, 5), row(3, 5)]
    const points = [3, 4, 5, 6].filter((seq) => continues(table, 9, { epoch: 2, nodeId: 'a', seq }))
    expect(points).toEqual([4])
  })

  test('no further than its own head, also where rows to come are known', () => {
    expect([peer(6, 30), peer(6, 31)]).toEqual([true, false])
    const ahead = (epoch: number, seq: number, nodeId: string) => peer(epoch, seq, nodeId, 8)
    expect([ahead(2, 8, 'a'), ahead(2, 9, 'a'), ahead(5, 10, 'b')]).toEqual([true, false, false])
  })

  test('nothing of a history without operations but its beginning', () => {
    const table = [row(4, 101)]
    const points = [0, 99, 100, 101].filter((seq) => continues(table, 100, { epoch: 4, nodeId: 'a', seq }))
    expect(points).toEqual([100])
  })
})

describe('a position of unknown node', () => {
  test('is known inside its row, lost outside, and to come above all rows', () => {
    const standings = (epoch: number) =>
      [0, 9, 10, 11, 20, 21].map((seq) => standingOf(TABLE, { epoch, seq }))
    const [known, lost] = ['known', 'lost']
    expect(standings(2)).toEqual([known, known, known, lost, lost, lost])
    expect(standings(5)).toEqual([lost, lost, known, known, known, lost])
    expect(standings(6)).toEqual([lost, lost, lost, lost, known, known])
    expect(standings(4)).toEqual([lost, lost, lost, lost, lost, lost])
    expect(new Set(standings(7))).toEqual(new Set(['to come']))
    expect(standingOf(TABLE, { epoch: 6, seq: 9_999 })).toBe('known')
  })

  test('before the oldest row cannot be proven lost', () => {
    const table = [row(7, 101), row(9, 201)]
    const standing = (epoch: number, seq: number) => standingOf(table, { epoch, seq })
    expect([standing(1, 50), standing(6, 100), standing(7, 3)]).toEqual(['known', 'known', 'known'])
    expect([standing(1, 101), standing(6, 150), standing(8, 50), standing(9, 50)]).toEqual(
      new Array(4).fill('lost'),
    )
    expect([standingOf([], { epoch: 0, seq: 0 }), standingOf([], { epoch: 1, seq: 0 })]).toEqual([
      'lost',
      'to come',
    ])
  })
})
