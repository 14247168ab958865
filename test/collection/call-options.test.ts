import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Collection, ReplivecError, VectorStore } from '../../lib/index.js'

let store: VectorStore
// biome-ignore lint/suspicious/noExplicitAny: what is passed here is misspelled on purpose
let notes: any

beforeAll(async () => {
  store = await VectorStore.open()
  notes = (await store.createCollection('notes', { dimensions: 1, metric: 'dot' })) as Collection
  await notes.upsert({ id: 'a', vector: [1], metadata: { tenant: 1 } })
})

afterAll(() => store.close())

const MISSPELLED: [string, () => Promise<unknown>][] = [
  ['a filter of a search', () => notes.search({ vector: [1], filters: { tenant: 2 } })],
  ['topK', () => notes.search({ vector: [1], topk: 1 })],
  ['a filter of a scan', () => notes.scan({ fitler: {} }).next()],
  ['a flag of get', () => notes.get('a', { includeVectors: true })],
  ['the metadata of a record', () => notes.upsert({ id: 'b', vector: [1], metdata: { tenant: 2 } })],
  ['the metadata of a patch', () => notes.update('a', { metdata: { tenant: 2 } })],
  ['the write concern', () => notes.upsert({ id: 'b', vector: [1] }, { writeconcern: { w: 1 } })],
  ['a selection', () => notes.delete({ filter: { tenant: 1 }, limit: 1 })],
  ['indexed', () => store.createCollection('other', { dimensions: 1, metric: 'dot', index: ['x'] } as never)],
]

test.each(MISSPELLED)('a misspelled name of %s is refused, not passed over', async (_what, call) => {
  const error = await call().then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(ReplivecError.is(error, 'OPTIONS_INVALID')).toBe(true)
  expect(await notes.scan().next()).toMatchObject({ value: { id: 'a', metadata: { tenant: 1 } } })
  expect(await notes.count()).toBe(1)
})

test('reads in a row let writes and timers have their turn', async () => {
  let isWritten = false
  const written = notes.upsert({ id: 'late', vector: [1] }).then(() => {
    isWritten = true
  })
  while (!isWritten) await notes.get('late')
  await written
  expect(await notes.get('late')).toEqual({ id: 'late', metadata: {} })
  await notes.delete('late')
})

test('a refusal names the options that there are', async () => {
  for (const call of ['flush', 'compact']) {
    await expect(notes[call]({ bogus: 5 })).rejects.toThrow(
      `${call} has no option "bogus"; it has signal, onProgress.`,
    )
  }
})
