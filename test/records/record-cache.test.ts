import { expect, test } from 'vitest'
import { RecordCache } from '../../lib/records/record-cache.js'

const record = (id: string, size = 2) => ({ id, metadata: { text: 'x'.repeat(size) } })

test('keeps records by collection and number until they are forgotten', () => {
  const cache = new RecordCache()
  expect(cache.keep(1, 7, record('a'))).toBe(true)
  cache.keep(2, 7, record('b'))
  cache.keep(1, 2 ** 32 - 1, record('c'))
  expect(cache.get(1, 7)).toMatchObject(record('a'))
  expect(cache.get(2, 7)).toMatchObject(record('b'))
  expect(cache.get(2, 2 ** 32 - 1)).toBeUndefined()
  expect(cache.keep(1, 7, record('other'))).toBe(false)
  expect(cache.get(1, 7)?.id).toBe('a')
  cache.forget(1, 7)
  cache.forget(1, 8)
  expect([cache.get(1, 7), cache.get(2, 7)?.id, cache.get(1, 2 ** 32 - 1)?.id]).toEqual([undefined, 'b', 'c'])
})

test('tells records apart in a collection that was created by any operation there can be', () => {
  const cache = new RecordCache()
  for (const collection of [2 ** 21, 3_000_001, 2 ** 48 - 1]) {
    for (const number of [0, 1, 2 ** 32 - 1])
      cache.keep(collection, number, record(`${collection}/${number}`))
    cache.forget(collection, 2)
    const ids = [0, 1, 2 ** 32 - 1].map((number) => cache.get(collection, number)?.id)
    expect(ids).toEqual([0, 1, 2 ** 32 - 1].map((number) => `${collection}/${number}`))
    expect(cache.get(collection + 1, 0)).toBeUndefined()
  }
})

test('lets one in 64 in once it is full, in the place of the oldest', () => {
  const cache = new RecordCache()
  const size = 64 * 1024
  const kept = () =>
    Array.from({ length: 400 }, (_, number) => number).filter((number) => cache.get(1, number))
  let next = 0
  while (next < 200 && cache.keep(1, next, record(`${next}`, size))) next += 1
  const full = kept()
  expect(full.length).toBeGreaterThan(60)
  expect(full.length).toBeLessThanOrEqual(64)
  for (let i = 0; i < 128; i++) cache.keep(1, 200 + i, record('new', size))
  const young = kept().filter((number) => number >= 200)
  expect(young).toHaveLength(2)
  expect(kept()).toHaveLength(full.length)
  expect(kept()).not.toContain(full[0])
  cache.forget(1, full.at(-1) as number)
  expect(cache.keep(1, 399, record('room', size))).toBe(true)
})

test('does not keep what would push out all others', () => {
  const cache = new RecordCache()
  expect(cache.keep(1, 9, record('9', 1024 * 1024))).toBe(false)
  expect(cache.get(1, 9)).toBeUndefined()
})
