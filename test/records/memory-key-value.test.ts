import { expect, test } from 'vitest'
import { memoryKeyValues } from '../../lib/records/memory-key-value.js'

const a = Uint8Array.of(1)

test('counts the bytes of keys and values, through replacement and removal', async () => {
  const store = await memoryKeyValues().open('anywhere')
  expect(store.bytes).toEqual({ memory: 0, disk: 0 })
  await store.commit([
    { key: a, value: new Uint8Array(10) },
    { key: Uint8Array.of(2, 3), value: new Uint8Array(100) },
  ])
  expect(store.bytes).toEqual({ memory: 113, disk: 0 })
  await store.commit([{ key: a, value: new Uint8Array(4) }])
  expect(store.bytes.memory).toBe(107)
  await store.commit([
    { key: a, value: undefined },
    { key: Uint8Array.of(9), value: undefined },
  ])
  expect(store.bytes.memory).toBe(102)
  await store.close()
  expect(store.bytes.memory).toBe(0)
})

test('every open is a store of its own, which closing forgets', async () => {
  const factory = memoryKeyValues()
  const [first, second] = [await factory.open('same'), await factory.open('same')]
  await first.commit([{ key: a, value: a }])
  expect(first.get(a)).toEqual(a)
  expect(second.get(a)).toBeUndefined()
  await first.close()
  await factory.discard('same')
  expect((await factory.open('same')).get(a)).toBeUndefined()
})

test('keys with every byte are in byte order', async () => {
  const store = await memoryKeyValues().open('')
  const keys = Array.from({ length: 256 }, (_, byte) => Uint8Array.of((byte * 167) % 256))
  await store.commit(keys.map((key) => ({ key, value: key })))
  const seen = [...store.range({ start: new Uint8Array(0), end: Uint8Array.of(255, 0) })]
  expect(seen.map(({ key, value }) => [key[0], value[0]])).toEqual(
    Array.from({ length: 256 }, (_, byte) => [byte, byte]),
  )
})
