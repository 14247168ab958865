import { expect, test } from 'vitest'
import { CachedRecord, RecordCache } from '../../lib/records/record-cache.js'

const record = (id: string, size = 2) => new CachedRecord(id, 'x'.repeat(size))

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

test('makes room by the bytes of what it holds, oldest first', () => {
  const cache = new RecordCache()
  for (let number = 0; number < 6; number++) cache.keep(1, number, record(`${number}`, 512 * 1024))
  cache.forget(1, 4)
  for (let number = 6; number < 9; number++) cache.keep(1, number, record(`${number}`, 512 * 1024))
  const kept = Array.from({ length: 9 }, (_, number) => number).filter((number) => cache.get(1, number))
  expect(kept).toEqual([1, 2, 3, 5, 6, 7, 8])
  cache.keep(1, 9, record('9', 9 * 512 * 1024))
  expect(cache.get(1, 9)).toBeUndefined()
  expect(cache.get(1, 8)).toBeDefined()
})

test('decodes metadata once and gives copies', () => {
  const kept = new CachedRecord('a', '{"tags":["x",{"y":1}],"at":{"$date":5}}')
  const fields = kept.fields() as { tags: unknown[]; at: Date }
  expect(fields).toEqual({ tags: ['x', { y: 1 }], at: new Date(5) })
  fields.tags.push('mine')
  fields.at.setTime(9)
  expect(kept.fields()).toEqual({ tags: ['x', { y: 1 }], at: new Date(5) })
})
