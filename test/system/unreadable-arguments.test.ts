import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { VectorStore } from '../../lib/store/vector-store.js'
import { expectRefusal, Refuser, throwing } from './refusal.js'

let directory: string
let refuser: Refuser

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'replivec-unreadable-'))
  refuser = await Refuser.open(join(directory, 'store'))
})

afterEach(async () => {
  await refuser.expectUnchanged()
  await refuser.store.close()
  await rm(directory, { recursive: true, force: true })
})

// biome-ignore lint/suspicious/noExplicitAny: every one of these arguments is of a wrong type.
const notes = () => refuser.notes as any
// biome-ignore lint/suspicious/noExplicitAny: as above.
const store = () => refuser.store as any
const VECTOR = [1, 0, 0]
const SHAPE = { dimensions: 3, metric: 'cosine' }
const RECORD = { id: 'new', vector: VECTOR }

/** An array with an element that throws when it is read. */
const throwingArray = () => Object.defineProperty([1], 0, { get: explode })
function explode(): never {
  throw new TypeError('a getter of the caller broke')
}

function revoked(target: object = {}): object {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

/** Every place of a call that takes something, with that thing put into it. */
const PLACES: [string, (thing: object) => unknown][] = [
  ['a record', (thing) => notes().upsert(thing)],
  ['a record of many', (thing) => notes().insert([thing])],
  ['the options of upsert', (thing) => notes().upsert(RECORD, thing)],
  ['a write concern', (thing) => notes().upsert(RECORD, { writeConcern: thing })],
  ['a patch', (thing) => notes().update('a', thing)],
  ['a selection to update', (thing) => notes().update(thing, { metadata: {} })],
  ['a selection to delete', (thing) => notes().delete(thing)],
  ['the filter of a selection', (thing) => notes().delete({ filter: thing })],
  ['a query', (thing) => notes().search(thing)],
  ['the vector of a query', (thing) => notes().search({ vector: thing })],
  ['the topK of a query', (thing) => notes().search({ vector: VECTOR, topK: thing })],
  ['a query of a batch', (thing) => notes().searchBatch([thing])],
  ['a batch', (thing) => notes().searchBatch(thing)],
  ['a query to explain', (thing) => notes().explain(thing)],
  ['ids', (thing) => notes().getMany(thing)],
  ['the options of get', (thing) => notes().get('a', thing)],
  ['a position', (thing) => notes().get('a', { after: thing })],
  ['a signal', (thing) => notes().get('a', { signal: thing })],
  ['the options of scan', (thing) => notes().scan(thing).next()],
  ['the filter of count', (thing) => notes().count(thing)],
  ['a configuration', (thing) => notes().configure(thing)],
  ['a backend', (thing) => notes().configure({ backend: thing })],
  ['fields to index', (thing) => notes().configure({ indexed: thing })],
  ['the options of a collection', (thing) => store().createCollection('fresh', thing)],
  ['dimensions', (thing) => store().createCollection('fresh', { ...SHAPE, dimensions: thing })],
  ['a path', (thing) => VectorStore.open({ path: thing } as never)],
  ['a logger', (thing) => VectorStore.open({ logger: thing } as never)],
  ['the options of open', (thing) => VectorStore.open(thing)],
  ['replication', (thing) => VectorStore.open({ replication: thing } as never)],
  ['a cache', (thing) => VectorStore.open({ cache: thing } as never)],
  [
    'retention',
    (thing) => VectorStore.open({ replication: { role: 'standalone', retention: thing } as never }),
  ],
]

const NAMES = [
  'id',
  'vector',
  'w',
  'filter',
  'metadata',
  'backend',
  'dimensions',
  'role',
  'bytes',
  'maxBytes',
  'kind',
  'path',
]

describe.each(PLACES)('%s', (_place, call) => {
  test('that is a revoked proxy is refused', async () => {
    const outcome: unknown = await Promise.resolve()
      .then(() => call(revoked()))
      .catch((reason: unknown) => reason)
    expect(outcome).toMatchObject({ code: expect.stringMatching(/_INVALID$/) })
  })

  test('whose members throw is refused', async () => {
    const outcome: unknown = await Promise.resolve()
      .then(() => call(throwing({}, NAMES)))
      .catch((reason: unknown) => reason)
    expect(outcome).toMatchObject({ code: expect.stringMatching(/_INVALID$/) })
  })
})

test.each([
  ['ids', (array: unknown) => notes().getMany(array)],
  ['ids to delete', (array: unknown) => notes().delete(array)],
  ['queries', (array: unknown) => notes().searchBatch(array)],
  ['fields to unset', (unset: unknown) => notes().update('a', { unset })],
  ['fields to index', (indexed: unknown) => notes().configure({ indexed })],
  ['records', (array: unknown) => notes().upsert(array)],
])('an array of %s with an element that throws is refused', async (_name, call) => {
  await expectRefusal(() => call(throwingArray()), 'OPTIONS_INVALID', /could not be read; pass plain data/)
})

test.each([
  ['a promise', Promise.resolve({ path: 'x' })],
  ['a Date', new Date(0)],
  ['a Map', new Map()],
  ['a RegExp', /x/],
])('options that are %s are refused', async (_name, options) => {
  await expectRefusal(
    () => VectorStore.open(options as never),
    'OPTIONS_INVALID',
    /takes an object of options/,
  )
})

test('count tells who gives it a selection', async () => {
  await expectRefusal(
    () => notes().count({ filter: { kind: 'first' } }),
    'OPTIONS_INVALID',
    /takes the filter itself/,
  )
  expect(await notes().count({ filter: { $eq: { kind: 'first' } } })).toBe(0)
})

test('an onProgress that throws does not undo what is stored', async () => {
  const memory = await VectorStore.open()
  const things = await memory.createCollection('things', { dimensions: 3, metric: 'cosine' })
  const onProgress = explode
  expect(await things.upsert(RECORD, { onProgress })).toMatchObject({ count: 1 })
  expect(await things.count()).toBe(1)
  const backup = join(directory, 'backup')
  await memory.backup(backup, { onProgress })
  await VectorStore.restore(backup, join(directory, 'restored'), { onProgress })
  expect(await memory.verify({ onProgress })).toMatchObject({ ok: true })
  await memory.close()
})
