import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { VectorStore } from '../../lib/store/vector-store.js'
import { expectRefusal, Refuser } from './refusal.js'

let directory: string
let refuser: Refuser

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'replivec-bad-settings-'))
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
  ['an unknown option', { pth: './data' }, /open has no option "pth"; it has path, /],
  ['an inherited name', { constructor: 1 }, /open has no option "constructor"/],
  ['an empty path', { path: '' }, /path must be a directory name/],
  ['a path with NUL', { path: 'a\0b' }, /path must be a directory name/],
  ['a path that is null', { path: null }, /path must be a directory name/],
  ['a path that is a number', { path: 3 }, /path must be a directory name/],
  ['a path that is a URL', { path: new URL('file:///data') }, /fileURLToPath/],
  ['a path that is a Buffer', { path: Buffer.from('data') }, /path must be a directory name/],
  ['a path that is a bare object', { path: Object.create(null) }, /path must be a directory name/],
  ['an empty nodeId', { nodeId: '' }, /nodeId must be 1 to 128/],
  ['a nodeId with a space', { nodeId: 'a b' }, /nodeId must be 1 to 128/],
  ['a nodeId that is a number', { nodeId: 1 }, /nodeId must be 1 to 128/],
  ['an unknown durability', { durability: 'none' }, /durability must be 'sync' or 'buffered'/],
  ['a durability that is true', { durability: true }, /durability must be 'sync' or 'buffered'/],
  ['replication true', { replication: true }, /replication must be an object with role, /],
  ['replication null', { replication: null }, /replication must be an object with role, /],
  ['an unknown role', { replication: { role: 'primary' } }, /replication\.role must be/],
  ['no role', { replication: {} }, /replication\.role must be/],
  [
    'retention as a number',
    { replication: { role: 'standalone', retention: 5 } },
    /retention must be an object with bytes/,
  ],
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
  ['a cache that is true', { cache: true }, /cache must be an object with maxEntries, maxBytes, ttlMs, not /],
  ['a cache that is null', { cache: null }, /cache must be an object with maxEntries, maxBytes, ttlMs, not /],
  [
    'a cache that is a number',
    { cache: 100 },
    /cache must be an object with maxEntries, maxBytes, ttlMs, not /,
  ],
  [
    'a cache that is an array',
    { cache: [] },
    /cache must be an object with maxEntries, maxBytes, ttlMs, not /,
  ],
  ['a cache with an unknown option', { cache: { max: 5 } }, /cache has no "max"; it has maxEntries, /],
  ...['maxEntries', 'maxBytes', 'ttlMs'].flatMap((name) =>
    [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '5', 5n, true, null, [5], {}].map(
      (limit): [string, object, RegExp] => [
        `a cache of ${name} ${typeof limit} ${String(limit)}`,
        { cache: { [name]: limit } },
        new RegExp(`The option cache\\.${name} must be a whole number from 1 to 9007199254740991, not `),
      ],
    ),
  ),
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

test('a backup is not taken into the store itself, and not opened as a store', async () => {
  for (const inside of ['store', 'store/backup', 'store/log/../deeper/backup']) {
    await expectRefusal(() => store().backup(join(directory, inside)), 'OPTIONS_INVALID', /own directory/)
  }
  // A name that only begins alike is another directory.
  await store().backup(join(directory, 'store-backup'))
  const open = () => VectorStore.open({ path: join(directory, 'store-backup') })
  await expectRefusal(open, 'OPTIONS_INVALID', /is a backup, not a store; VectorStore.restore/)
  expect(await readdir(join(directory, 'store-backup'))).toEqual(['store.backup'])
  await rm(join(directory, 'store-backup'), { recursive: true })
})

test('after all of it the store writes, finds, verifies and opens again', async () => {
  await refuser.expectUsable(join(directory, 'store'))
  await rm(join(directory, 'store'), { recursive: true })
  refuser = await Refuser.open(join(directory, 'store'))
})
