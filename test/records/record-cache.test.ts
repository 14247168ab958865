import { expect, test } from 'vitest'
import { RecordCache } from '../../lib/records/record-cache.js'

const record = (id: string, size = 2) => ({ id, metadata: 'x'.repeat(size) })

test('keeps records by collection and number until they are forgotten', () => {
  const cache = new RecordCache()
  cache.keep(1, 7, record('a'))
  cache.keep(2, 7, record('b'))
  cache.keep(1, 2 ** 32 - 1, record('c'))
  expect(cache.get(1, 7)).toEqual(record('a'))
  expect(cache.get(2, 7)).toEqual(record('b'))
  expect(cache.get(2, 2 ** 32 - 1)).toBeUndefined()
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

test('makes room by the bytes of what it holds, least recently used first', () => {
  const cache = new RecordCache()
  for (let number = 0; number < 6; number++) cache.keep(1, number, record(`${number}`, 1024 * 1024))
  cache.get(1, 0)
  for (let number = 6; number < 9; number++) cache.keep(1, number, record(`${number}`, 1024 * 1024))
  const kept = Array.from({ length: 9 }, (_, number) => number).filter((number) => cache.get(1, number))
  expect(kept).toEqual([0, 3, 4, 5, 6, 7, 8])
  cache.keep(1, 9, record('9', 9 * 1024 * 1024))
  expect(cache.get(1, 9)).toBeUndefined()
})
