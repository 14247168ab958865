import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
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

describe.each(CALLS)('the options of %s', (_call, run) => {
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
    const options = { ...SHAPE, vector: [1, 2, 3], signal }
    await expectRefusal(() => run(options), 'OPTIONS_INVALID', /signal must be an AbortSignal|not an option/)
  })

  test('must be readable', async () => {
    const options = throwing({ ...SHAPE, vector: [1, 2, 3] }, ['signal'])
    await expectRefusal(() => run(options), 'OPTIONS_INVALID', /could not be read/)
  })
})

const ABORTABLE = CALLS.filter(([name]) => name !== 'open')

describe.each(ABORTABLE)('%s', (_call, run) => {
  test('rejects with the reason of a signal that is aborted already', async () => {
    const reason = new Error('enough')
    const options = { ...SHAPE, backend: 'quantized', vector: [1, 2, 3], signal: AbortSignal.abort(reason) }
    await expect(Promise.resolve().then(() => run(options))).rejects.toBe(reason)
  })

  test.each([
    ['NaN', Number.NaN],
    ['negative', -1],
    ['a string', '5'],
    ['null', null],
    ['a BigInt', 5n],
  ])('takes no timeoutMs that is %s', async (_name, timeoutMs) => {
    const options = { ...SHAPE, vector: [1, 2, 3], timeoutMs }
    await expectRefusal(() => run(options), 'OPTIONS_INVALID', /timeoutMs must be a number of milliseconds/)
  })
})

const WRITES = CALLS.filter(([name]) =>
  /^(upsert|insert|update|delete|configure|dropCollection|createCollection|getOrCreate)/.test(name),
)

const BAD_CONCERNS: [string, unknown, RegExp][] = [
  ['null', null, /object of options/],
  ['a number', 1, /object of options/],
  ['a string', 'majority', /object of options/],
  ['an array', [1], /object of options/],
  ['empty', {}, /writeConcern\.w must be/],
  ['w 0', { w: 0 }, /writeConcern\.w must be a whole number from 1/],
  ['w -1', { w: -1 }, /writeConcern\.w must be a whole number from 1/],
  ['w 1.5', { w: 1.5 }, /writeConcern\.w must be a whole number from 1/],
  ['w NaN', { w: Number.NaN }, /writeConcern\.w must be a whole number from 1/],
  ['w Infinity', { w: Number.POSITIVE_INFINITY }, /writeConcern\.w must be a whole number from 1/],
  ["w '1'", { w: '1' }, /writeConcern\.w must be a whole number from 1/],
  ["w 'most'", { w: 'most' }, /writeConcern\.w must be a whole number from 1/],
  ['w null', { w: null }, /writeConcern\.w must be a whole number from 1/],
  ['w of a bare object', { w: Object.create(null) }, /writeConcern\.w must be a whole number from 1/],
  ['a majority without members', { w: 'majority' }, /a majority needs members/],
  ['an unknown level', { w: 1, level: 'fsynced' }, /writeConcern\.level must be/],
  ['level null', { w: 1, level: null }, /writeConcern\.level must be/],
  ['timeoutMs -1', { w: 1, timeoutMs: -1 }, /timeoutMs must be/],
  ['timeoutMs a string', { w: 1, timeoutMs: '10' }, /timeoutMs must be/],
]

describe.each(WRITES)('the write concern of %s', (_call, run) => {
  test.each(BAD_CONCERNS)('must not be %s', async (_name, writeConcern, message) => {
    const options = { ...SHAPE, backend: 'quantized', writeConcern }
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

const BAD_NAMES: [string, unknown][] = [
  ['missing', undefined],
  ['null', null],
  ['empty', ''],
  ['129 characters', 'n'.repeat(129)],
  ['a megabyte', 'n'.repeat(2 ** 20)],
  ['a hidden file', '.notes'],
  ['the parent', '..'],
  ['a path', 'a/b'],
  ['a path out of here', '../../etc'],
  ['with a backslash', 'a\\b'],
  ['with a space', 'a b'],
  ['with NUL', 'a\0b'],
  ['with a line feed', 'notes\n'],
  ['not ASCII', 'notés'],
  ['a number', 5],
  ['an array', ['notes']],
  ['a String object', new String('notes')],
  ['an object', { toString: () => 'notes' }],
  ['a symbol', Symbol('notes')],
]

test.each(BAD_NAMES)('no collection has a name that is %s', async (_name, name) => {
  const message = /1 to 128 of the characters/
  await expectRefusal(() => store().createCollection(name, SHAPE), 'OPTIONS_INVALID', message)
  await expectRefusal(() => store().getOrCreateCollection(name, SHAPE), 'OPTIONS_INVALID', message)
  await expectRefusal(() => store().openCollection(name), 'OPTIONS_INVALID', message)
  await expectRefusal(() => store().dropCollection(name), 'OPTIONS_INVALID', message)
})

test.each(['unknown', 'Notes', '__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  'the collection %s does not exist',
  async (name) => {
    const message = new RegExp(`no collection '${name}'.*Use createCollection`)
    await expectRefusal(() => store().openCollection(name), 'COLLECTION_NOT_FOUND', message)
    await expectRefusal(() => store().dropCollection(name), 'COLLECTION_NOT_FOUND', message)
  },
)

test('a collection that exists is neither made again nor taken for another', async () => {
  const { createCollection, getOrCreateCollection } = VectorStore.prototype as Any
  const create = (...call: unknown[]) => createCollection.apply(store(), call)
  const getOrCreate = (...call: unknown[]) => getOrCreateCollection.apply(store(), call)
  await expectRefusal(() => create('notes', SHAPE), 'COLLECTION_EXISTS', /Use openCollection or getOrCreate/)
  const other = { dimensions: 4, metric: 'cosine' }
  await expectRefusal(
    () => getOrCreate('notes', other),
    'COLLECTION_MISMATCH',
    /has 3 dimensions.*Use another name/,
  )
  const metric = { dimensions: 3, metric: 'dot' }
  await expectRefusal(
    () => getOrCreate('notes', metric),
    'COLLECTION_MISMATCH',
    /metric 'cosine', not 3 and 'dot'/,
  )
})

const BAD_SHAPES: [string, object, RegExp][] = [
  ['no dimensions', { metric: 'dot' }, /dimensions must be a whole number from 1 to 65536/],
  ...[
    0,
    -1,
    1.5,
    65_537,
    1e12,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '3',
    3n,
    null,
    [3],
    Object.create(null),
  ].map((dimensions): [string, object, RegExp] => [
    `dimensions ${Object.is(dimensions, null) ? 'null' : typeof dimensions} ${JSON.stringify(String(Object(dimensions).constructor?.name))}`,
    { metric: 'dot', dimensions },
    /dimensions must be a whole number from 1 to 65536/,
  ]),
  ['no metric', { dimensions: 3 }, /metric must be 'cosine', 'dot' or 'euclidean'/],
  ...['l2', 'Cosine', 'jaccard', '', 5, null, ['dot'], Symbol('dot')].map(
    (metric): [string, object, RegExp] => [
      `metric ${String(metric)}`,
      { dimensions: 3, metric },
      /metric must be 'cosine', 'dot' or 'euclidean'/,
    ],
  ),
]

test.each(BAD_SHAPES)('no collection has %s', async (_name, shape, message) => {
  await expectRefusal(() => store().createCollection('fresh', shape), 'OPTIONS_INVALID', message)
  await expectRefusal(() => store().getOrCreateCollection('notes', shape), 'OPTIONS_INVALID', message)
})

function ownBackend(kind: string): object {
  const supports = { metrics: ['cosine'], exact: true, mask: true, persists: false }
  return { kind, supports, build: () => Promise.reject(new Error('never built')) }
}

const BAD_CONFIGURATIONS: [string, object, RegExp][] = [
  ['an unknown backend', { backend: 'hnsw' }, /backend/],
  ['a backend that is null', { backend: null }, /backend/i],
  ['a backend that is a number', { backend: 5 }, /backend/i],
  ['a backend that is a symbol', { backend: Symbol('cpu') }, /backend/i],
  ['a backend that is empty', { backend: {} }, /backend/i],
  ['a backend without a build', { backend: { kind: 'own', supports: { metrics: ['dot'] } } }, /backend/i],
  ['a backend whose kind is a lone surrogate', { backend: ownBackend('\ud800') }, /'kind' must be/],
  ['a backend whose kind is long', { backend: ownBackend('k'.repeat(2 ** 20)) }, /'kind' must be/],
  ['indexed as a string', { indexed: 'kind' }, /indexed must be an array/],
  ['indexed null', { indexed: null }, /indexed must be an array/],
  ['too many indexed', { indexed: Array.from({ length: 65 }, (_, at) => `f${at}`) }, /at most 64/],
  ['an indexed number', { indexed: ['kind', 5] }, /dotted field paths/],
  ['an indexed bare object', { indexed: [Object.create(null)] }, /dotted field paths/],
  ['an indexed empty path', { indexed: [''] }, /dotted field paths/],
  ['an indexed path with an empty part', { indexed: ['a..b'] }, /dotted field paths/],
  ['an indexed operator', { indexed: ['a.$size'] }, /dotted field paths/],
  ['an indexed __proto__', { indexed: ['a.__proto__.b'] }, /dotted field paths/],
  ['an indexed lone surrogate', { indexed: ['a\ud800'] }, /dotted field paths/],
  ['an indexed path of 600 bytes', { indexed: ['x'.repeat(600)] }, /dotted field paths/],
  ['an indexed path of a megabyte', { indexed: ['x'.repeat(2 ** 20)] }, /dotted field paths/],
]

test.each(BAD_CONFIGURATIONS)('no collection is configured with %s', async (_name, options, message) => {
  await expectRefusal(() => notes().configure(options), 'OPTIONS_INVALID', message)
  const shape = { ...SHAPE, ...options }
  await expectRefusal(() => store().createCollection('fresh', shape), 'OPTIONS_INVALID', message)
  await expectRefusal(() => store().getOrCreateCollection('fresh', shape), 'OPTIONS_INVALID', message)
  await expectRefusal(() => store().getOrCreateCollection('notes', shape), 'OPTIONS_INVALID', message)
})

const BAD_OPENS: [string, object, RegExp][] = [
  ['an unknown option', { pth: './data' }, /pth must be left out: it is not an option \(path, /],
  ['an inherited name', { constructor: 1 }, /constructor must be left out/],
  ['an empty path', { path: '' }, /path must be a directory name/],
  ['a path with NUL', { path: 'a\0b' }, /path must be a directory name/],
  ['a path that is null', { path: null }, /path must be a directory name/],
  ['a path that is a number', { path: 3 }, /path must be a directory name/],
  ['a path that is a URL', { path: new URL('file:///data') }, /path must be a directory name/],
  ['a path that is a Buffer', { path: Buffer.from('data') }, /path must be a directory name/],
  ['a path that is a bare object', { path: Object.create(null) }, /path must be a directory name/],
  ['an empty nodeId', { nodeId: '' }, /nodeId must be 1 to 128/],
  ['a nodeId with a space', { nodeId: 'a b' }, /nodeId must be 1 to 128/],
  ['a nodeId that is a number', { nodeId: 1 }, /nodeId must be 1 to 128/],
  ['an unknown durability', { durability: 'none' }, /durability must be 'sync' or 'buffered'/],
  ['a durability that is true', { durability: true }, /durability must be 'sync' or 'buffered'/],
  ['replication true', { replication: true }, /object of options/],
  ['replication null', { replication: null }, /object of options/],
  ['an unknown role', { replication: { role: 'primary' } }, /replication\.role must be/],
  ['no role', { replication: {} }, /replication\.role must be/],
  ['retention as a number', { replication: { role: 'standalone', retention: 5 } }, /object of options/],
  [
    'a negative retention',
    { replication: { role: 'standalone', retention: { bytes: -1 } } },
    /retention\.bytes/,
  ],
  [
    'a NaN retention',
    { replication: { role: 'standalone', retention: { bytes: Number.NaN } } },
    /retention\.bytes/,
  ],
  ['a clock without hands', { clock: { now: () => 0 } }, /clock must be an object with now, /],
  ['a clock that is a function', { clock: Date }, /clock must be an object with now, /],
  [
    'a logger that cannot warn',
    { logger: { info: () => undefined } },
    /logger must be an object with debug, /,
  ],
  ['a logger that is null', { logger: null }, /logger must be an object with debug, /],
]

test.each(BAD_OPENS)('no store opens with %s, and nothing is made', async (_name, options, message) => {
  const path = join(directory, 'never')
  await expectRefusal(() => VectorStore.open({ path, ...options } as never), 'OPTIONS_INVALID', message)
  expect(await readdir(directory)).toEqual(['store'])
})

test.each([undefined, null, '', 5, {}, ['x'], 'a\0b', Symbol('x')])(
  'a backup and a restore need directories, not %s',
  async (path) => {
    const target = join(directory, 'target')
    await expectRefusal(() => store().backup(path), 'OPTIONS_INVALID', /must be a directory name/)
    await expectRefusal(
      () => VectorStore.restore(path as never, target),
      'OPTIONS_INVALID',
      /must be a directory name/,
    )
    await expectRefusal(
      () => VectorStore.restore(directory, path as never),
      'OPTIONS_INVALID',
      /must be a directory name/,
    )
    expect(await readdir(directory)).toEqual(['store'])
  },
)

test('a backup goes nowhere where something is, a restore neither', async () => {
  await mkdir(join(directory, 'taken'))
  await expectRefusal(
    () => store().backup(join(directory, 'taken')),
    'PATH_EXISTS',
    /give a path that does not exist/,
  )
  await store().backup(join(directory, 'backup'))
  const restore = (from: string, to: string) =>
    VectorStore.restore(join(directory, from), join(directory, to))
  await expectRefusal(() => restore('backup', 'taken'), 'PATH_EXISTS', /give a path that does not exist/)
  await expectRefusal(() => restore('backup', 'store'), 'PATH_EXISTS', /give a path that does not exist/)
  await expectRefusal(() => restore('taken', 'new'), 'BACKUP_INVALID', /no backup in .*taken/)
  await expectRefusal(() => restore('nowhere', 'new'), 'BACKUP_INVALID', /no backup in .*nowhere/)
  expect((await readdir(directory)).sort()).toEqual(['backup', 'store', 'taken'])
  for (const name of ['backup', 'taken']) await rm(join(directory, name), { recursive: true })
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
