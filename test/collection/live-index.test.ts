import { expect, test } from 'vitest'
import { LiveIndex } from '../../lib/collection/live-index.js'
import { Version } from '../../lib/collection/versions.js'
import { plainScan } from '../../lib/index/backends/plain-scan.js'
import { CollectionIndex } from '../../lib/index/collection-index.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'

function newLive(): LiveIndex {
  const options = { dimensions: 1, metric: 'dot', backend: plainScan, clock: nodeClock } as const
  return new LiveIndex(
    new CollectionIndex({ ...options, onSegment: () => {}, onFailure: () => {} }),
    'a reason',
  )
}

/** Of record 7. */
function version(seq: number, content: { vectorSeq?: number; alive?: boolean } = {}): Version {
  const { vectorSeq = seq, alive = true } = content
  const vector = alive ? Float32Array.of(1) : undefined
  return new Version({
    ...{ id: 'a', number: 7, seq, alive, replaces: true, isNew: false, vector, vectorSeq, metadata: '{}' },
  })
}

test('takes writes from when it begins to be filled, and vectors that are new', () => {
  const live = newLive()
  const { index } = live
  live.publish(version(1))
  expect([index.has(7), live.isFilled, live.fallbackReason]).toEqual([false, false, 'a reason'])
  live.beginFilling()
  expect(live.isFilled).toBe(false)
  live.publish(version(2))
  expect([index.has(7), index.pending, index.dead]).toEqual([true, 1, 0])
  // Metadata alone: the vector is that of operation 2.
  live.publish(version(3, { vectorSeq: 2 }))
  expect([index.pending, index.dead]).toEqual([1, 0])
  live.publish(version(4))
  expect([index.pending, index.dead]).toEqual([1, 1])
  live.publish(version(5, { alive: false }))
  expect([index.has(7), index.pending, index.dead]).toEqual([false, 0, 2])
})

test('is complete at once where there are no records yet', () => {
  const live = newLive()
  live.startEmpty()
  live.publish(version(1))
  expect([live.isFilled, live.index.has(7)]).toEqual([true, true])
  expect(live.filled(() => Promise.reject(new Error('not to be called')))).toBeUndefined()
})

test('is filled once at a time, again after a failure or an end too early, and not once it is filled', async () => {
  const live = newLive()
  let fills = 0
  const fill = (outcome: () => Promise<boolean>) =>
    live.filled(() => {
      fills += 1
      return outcome()
    })
  const cause = new Error('the disk is gone')
  const first = fill(() => Promise.reject(cause))
  expect(fill(() => Promise.resolve(true))).toBe(first)
  await expect(first).rejects.toBe(cause)
  await fill(() => Promise.resolve(false))
  expect([fills, live.isFilled]).toEqual([2, false])
  await fill(() => Promise.resolve(true))
  expect([fills, live.isFilled]).toEqual([3, true])
  expect(fill(() => Promise.resolve(true))).toBeUndefined()
  expect(fills).toBe(3)
})

test('is not filled any more once it has ended, and whoever fills it is waited for', async () => {
  const live = newLive()
  await live.end()
  expect(live.isEnded).toBe(true)
  const other = newLive()
  let finish = (_: boolean): void => {}
  const filling = other.filled(() => new Promise((resolve) => (finish = resolve)))
  let isOver = false
  const ended = other.end().then(() => {
    isOver = true
  })
  await nodeClock.yield()
  expect([other.isEnded, isOver]).toEqual([true, false])
  finish(false)
  await Promise.all([filling, ended])
  expect(other.isFilled).toBe(false)
  // A failure is for those who wait for the index, not for who ends it.
  const failing = newLive()
  const failed = expect(failing.filled(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await Promise.all([failing.end(), failed])
})
