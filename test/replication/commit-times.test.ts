import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CommitTimes } from '../../lib/replication/commit-times.js'

test('nothing is known at first', () => {
  expect(new CommitTimes().after(0)).toBeUndefined()
})

test('the time of the first operation after another, exactly', () => {
  const times = new CommitTimes()
  times.add(3, 100)
  times.add(4, 100)
  times.add(9, 250)
  expect([0, 2, 3, 4, 8, 9].map((seq) => times.after(seq))).toEqual([100, 100, 100, 250, 250, undefined])
})

test('what is released is not known any more, what follows still is', () => {
  const times = new CommitTimes()
  for (let seq = 1; seq <= 10; seq++) times.add(seq, seq * 10)
  times.release(0)
  expect(times.after(0)).toBe(10)
  times.release(4)
  expect([0, 4, 5].map((seq) => times.after(seq))).toEqual([50, 50, 60])
  times.release(10)
  expect(times.after(0)).toBeUndefined()
  times.add(11, 200)
  expect(times.after(10)).toBe(200)
})

test('of many commits the times become coarser, never later, and the count stays bounded', () => {
  const times = new CommitTimes()
  const count = 100_000
  for (let seq = 1; seq <= count; seq++) times.add(seq, seq)
  const distinct = new Set<number | undefined>()
  let worst = 0
  for (let seq = 0; seq < count; seq++) {
    const atMs = times.after(seq) as number
    distinct.add(atMs)
    expect(atMs).toBeLessThanOrEqual(seq + 1)
    worst = Math.max(worst, seq + 1 - atMs)
  }
  expect(distinct.size).toBeLessThanOrEqual(2_048)
  // A few thousandths of the time that is covered.
  expect(worst).toBeLessThan(count / 200)
})

test('after what was coarse is released, times are exact again', () => {
  const times = new CommitTimes()
  for (let seq = 1; seq <= 10_000; seq++) times.add(seq, seq)
  times.release(9_990)
  for (let seq = 10_001; seq <= 10_020; seq++) times.add(seq, seq)
  for (let seq = 10_001; seq < 10_020; seq++) expect(times.after(seq)).toBe(seq + 1)
})

test('whatever is added and released, a time is one that was, and not a later one', () => {
  const step = fc.oneof(
    fc.record({ operations: fc.integer({ min: 1, max: 5 }), laterMs: fc.nat(50) }),
    fc.record({ release: fc.nat(100) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const times = new CommitTimes()
      let commits: { lastSeq: number; atMs: number }[] = []
      let [lastSeq, atMs] = [0, 0]
      for (const taken of steps) {
        if ('release' in taken) {
          times.release(taken.release)
          commits = commits.filter((commit) => commit.lastSeq > taken.release)
          continue
        }
        lastSeq += taken.operations
        atMs += taken.laterMs
        times.add(lastSeq, atMs)
        commits.push({ lastSeq, atMs })
      }
      // Few enough to be exact.
      for (let seq = 0; seq <= lastSeq; seq++) {
        expect(times.after(seq)).toBe(commits.find((commit) => commit.lastSeq > seq)?.atMs)
      }
    }),
  )
})
