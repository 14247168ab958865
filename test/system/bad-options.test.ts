import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { VectorStore } from '../../lib/store/vector-store.js'
import { expectRefusal, Refuser, throwing } from './refusal.js'

let directory: string
let refuser: Refuser

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'replivec-bad-options-'))
  refuser = await Refuser.open(join(directory, 'store'))
})

afterEach(() => refuser.expectUnchanged())

afterAll(async () => {
  await refuser.store.close()
  await rm(directory, { recursive: true, force: true })
})

// biome-ignore lint/suspicious/noExplicitAny: what is passed here is wrong on purpose
type Any = any
const notes = (): Any => refuser.notes
const store = (): Any => refuser.store
const SHAPE = { dimensions: 3, metric: 'cosine' }

/** Options that a call would take, for putting one wrong thing among them. */
function goodOptions(call: string): object {
  if (call.startsWith('createCollection') || call.startsWith('getOrCreate')) return SHAPE
  if (call === 'configure') return { backend: 'quantized' }
  return call === 'search' || call === 'explain' ? { vector: [1, 2, 3] } : {}
}
const RECORD = { id: 'x', vector: [1, 2, 3] }

/** Every call that takes options, with the options last. */
const CALLS: [string, (options: unknown) => unknown][] = [
  ['upsert', (options) => notes().upsert(RECORD, options)],
  ['insert', (options) => notes().insert(RECORD, options)],
  ['update', (options) => notes().update('a', { metadata: { kind: 'x' } }, options)],
  ['update by filter', (options) => notes().update({ filter: {} }, { metadata: { kind: 'x' } }, options)],
  ['updateVector', (options) => notes().updateVector('a', [1, 2, 3], options)],
  ['delete', (options) => notes().delete('a', options)],
  ['delete by filter', (options) => notes().delete({ filter: {} }, options)],
  ['get', (options) => notes().get('a', options)],
  ['getMany', (options) => notes().getMany(['a'], options)],
  ['scan', (options) => notes().scan(options).next()],
  ['count', (options) => notes().count({}, options)],
  ['configure', (options) => notes().configure(options)],
  ['dropCollection', (options) => store().dropCollection('notes', options)],
  ['backup', (options) => store().backup(join(directory, 'backup'), options)],
  ['verify', (options) => store().verify(options)],
  [
    'restore',
    (options) => VectorStore.restore(join(directory, 'none'), join(directory, 'new'), options as never),
  ],
  ['search', (options) => notes().search(options)],
  ['explain', (options) => notes().explain(options)],
  ['createCollection', (options) => store().createCollection('fresh', options)],
  ['getOrCreateCollection', (options) => store().getOrCreateCollection('fresh', options)],
  ['getOrCreateCollection of one that exists', (options) => store().getOrCreateCollection('notes', options)],
  ['open', (options) => VectorStore.open(options as never)],
]

const NO_OBJECTS: [string, unknown][] = [
  ['null', null],
  ['a number', 5],
  ['a string', 'fast'],
  ['true', true],
  ['an array', []],
  ['a function', () => ({})],
  ['a symbol', Symbol('x')],
  ['a BigInt', 1n],
]

describe.each(CALLS)('the options of %s', (call, run) => {
  test.each(NO_OBJECTS)('must not be %s', async (_name, options) => {
    await expectRefusal(() => run(options), 'OPTIONS_INVALID', /takes an object of options/)
  })

  test.each([
    ['null', null],
    ['an object', { aborted: false, addEventListener: () => undefined }],
    ['a controller', new AbortController()],
    ['a string', 'SIGTERM'],
    ['true', true],
    ['a bare object', Object.create(null)],
    ['a symbol', Symbol('x')],
  ])('must not have a signal that is %s', async (_name, signal) => {
    const options = { ...goodOptions(call), signal }
    await expectRefusal(() => run(options), 'OPTIONS_INVALID', /signal must be an AbortSignal|not an option/)
  })

  test('must be readable', async () => {
    const options = throwing({ ...goodOptions(call) }, ['signal'])
    await expectRefusal(() => run(options), 'OPTIONS_INVALID', /could not be read/)
  })
})

const ABORTABLE = CALLS.filter(([name]) => name !== 'open')

describe.each(ABORTABLE)('%s', (call, run) => {
  test('rejects with the reason of a signal that is aborted already', async () => {
    const reason = new Error('enough')
    const options = { ...goodOptions(call), signal: AbortSignal.abort(reason) }
    await expect(Promise.resolve().then(() => run(options))).rejects.toBe(reason)
  })

  test.each([
    ['NaN', Number.NaN],
    ['negative', -1],
    ['a string', '5'],
    ['null', null],
    ['a BigInt', 5n],
  ])('takes no timeoutMs that is %s', async (_name, timeoutMs) => {
    const options = { ...goodOptions(call), timeoutMs }
    await expectRefusal(() => run(options), 'OPTIONS_INVALID', /timeoutMs must be a number of milliseconds/)
  })
})

const WRITES = CALLS.filter(([name]) =>
  /^(upsert|insert|update|delete|configure|dropCollection|createCollection|getOrCreate)/.test(name),
)

const BAD_CONCERNS: [string, unknown, RegExp][] = [
  ['null', null, /writeConcern must be an object with w, level, timeoutMs, not /],
  ['a number', 1, /writeConcern must be an object with w, level, timeoutMs, not /],
  ['a string', 'majority', /writeConcern must be an object with w, level, timeoutMs, not /],
  ['an array', [1], /writeConcern must be an object with w, level, timeoutMs, not /],
  ['w 0', { w: 0 }, /writeConcern\.w must be a whole number from 1/],
  ['w -1', { w: -1 }, /writeConcern\.w must be a whole number from 1/],
  ['w 1.5', { w: 1.5 }, /writeConcern\.w must be a whole number from 1/],
  ['w NaN', { w: Number.NaN }, /writeConcern\.w must be a whole number from 1/],
  ['w Infinity', { w: Number.POSITIVE_INFINITY }, /writeConcern\.w must be a whole number from 1/],
  ["w '1'", { w: '1' }, /writeConcern\.w must be a whole number from 1/],
  ["w 'most'", { w: 'most' }, /writeConcern\.w must be a whole number from 1/],
  ['w null', { w: null }, /writeConcern\.w must be a whole number from 1/],
  ['w of a bare object', { w: Object.create(null) }, /writeConcern\.w must be a whole number from 1/],
  ['a majority without members', { w: 'majority' }, /a majority needs replication\.members/],
  ['an unknown level', { w: 1, level: 'fsynced' }, /writeConcern\.level must be/],
  ['level null', { w: 1, level: null }, /writeConcern\.level must be/],
  ['timeoutMs -1', { w: 1, timeoutMs: -1 }, /timeoutMs must be/],
  ['timeoutMs a string', { w: 1, timeoutMs: '10' }, /timeoutMs must be/],
]

describe.each(WRITES)('the write concern of %s', (call, run) => {
  test.each(BAD_CONCERNS)('must not be %s', async (_name, writeConcern, message) => {
    const options = { ...goodOptions(call), writeConcern }
    await expectRefusal(() => run(options), 'OPTIONS_INVALID', message)
  })
})

test('the write concern of an empty write is looked at too', async () => {
  const writeConcern = { w: 0 }
  await expectRefusal(() => notes().upsert([], { writeConcern }), 'OPTIONS_INVALID', /writeConcern\.w/)
  await expectRefusal(() => notes().delete([], { writeConcern }), 'OPTIONS_INVALID', /writeConcern\.w/)
  await expectRefusal(() => notes().update('a', {}, { writeConcern }), 'OPTIONS_INVALID', /writeConcern\.w/)
})

const READS: [string, (options: object) => unknown][] = [
  ['get', (options) => notes().get('a', options)],
  ['getMany', (options) => notes().getMany(['a'], options)],
  ['scan', (options) => notes().scan(options).next()],
  ['count', (options) => notes().count({}, options)],
  ['search', (options) => notes().search({ vector: [1, 2, 3], ...options })],
  ['searchBatch', (options) => notes().searchBatch([{ vector: [1, 2, 3], ...options }])],
  ['explain', (options) => notes().explain({ vector: [1, 2, 3], ...options })],
]

const loop: Record<string, unknown> = { epoch: 1 }
loop.seq = loop

const BAD_POSITIONS: [string, unknown][] = [
  ['null', null],
  ['a number', 5],
  ['a string', '1:5'],
  ['empty', {}],
  ['an array', [1, 5]],
  ['without a seq', { epoch: 1 }],
  ['negative', { epoch: 1, seq: -1 }],
  ['a fraction', { epoch: 1, seq: 1.5 }],
  ['of strings', { epoch: '1', seq: '5' }],
  ['NaN', { epoch: 1, seq: Number.NaN }],
  ['beyond exact numbers', { epoch: 1, seq: 2 ** 53 }],
  ['of BigInt', { epoch: 1n, seq: 5n }],
  ['cyclic', loop],
  ['a symbol', Symbol('x')],
  ['unreadable', throwing({ epoch: 1 }, ['seq'])],
]

describe.each(READS)('the position that %s waits for', (_call, run) => {
  test.each(BAD_POSITIONS)('must not be %s', async (_name, after) => {
    await expectRefusal(() => run({ after }), 'OPTIONS_INVALID', /after must be a position \{ epoch, seq \}/)
  })

  test('must be of this history, and come in time', async () => {
    await expectRefusal(
      () => run({ after: { epoch: 0, seq: 1 } }),
      'POSITION_LOST',
      /not part of this store's history/,
    )
    await expectRefusal(
      () => run({ after: { epoch: 1, seq: 999 }, timeoutMs: 0 }),
      'TIMEOUT',
      /not visible within 0 ms/,
    )
  })
})

test('progress goes to functions only', async () => {
  const onProgress = 'loud'
  await expectRefusal(
    () => notes().upsert(RECORD, { onProgress }),
    'OPTIONS_INVALID',
    /onProgress must be a function/,
  )
  await expectRefusal(
    () => store().verify({ onProgress }),
    'OPTIONS_INVALID',
    /onProgress must be a function/,
  )
})

test('after all of it the store writes, finds, verifies and opens again', async () => {
  await refuser.expectUsable(join(directory, 'store'))
  await rm(join(directory, 'store'), { recursive: true })
  refuser = await Refuser.open(join(directory, 'store'))
})
