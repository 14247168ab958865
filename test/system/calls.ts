/** Every call of a store and of a collection that can fail or wait, to be made in some state of the store. */
import { join } from 'node:path'
import type { Collection, VectorStore } from '../../lib/index.js'
import { collected } from '../collection/contents.js'

const record = { id: 'called', vector: [1, 2] }
const shape = { dimensions: 2, metric: 'euclidean' } as const

interface Options {
  readonly signal?: AbortSignal
}

export type CollectionCall = (things: Collection, options?: Options) => Promise<unknown>

export const READS: Record<string, CollectionCall> = {
  get: (things, options) => things.get('old', options),
  getMany: (things, options) => things.getMany(['old'], options),
  'getMany of nothing': (things, options) => things.getMany([], options),
  search: (things, options) => things.search({ vector: [1, 2], ...options }),
  'filtered search': (things, options) => things.search({ vector: [1, 2], filter: { n: 1 }, ...options }),
  searchBatch: (things, options) => things.searchBatch([{ vector: [1, 2], ...options }]),
  explain: (things, options) => things.explain({ vector: [1, 2], filter: { n: 1 }, ...options }),
  scan: (things, options) => collected(things.scan(options)),
  count: (things, options) => things.count(undefined, options),
  'filtered count': (things, options) => things.count({ n: 1 }, options),
}

export const WRITES: Record<string, CollectionCall> = {
  upsert: (things, options) => things.upsert(record, options),
  'upsert of nothing': (things, options) => things.upsert([], options),
  insert: (things, options) => things.insert([record], options),
  update: (things, options) => things.update('old', { metadata: { n: 2 } }, options),
  'empty update': (things, options) => things.update('old', {}, options),
  'update by filter': (things, options) => things.update({ filter: {} }, { metadata: { n: 2 } }, options),
  updateVector: (things, options) => things.updateVector('old', [3, 4], options),
  delete: (things, options) => things.delete('old', options),
  'delete of nothing': (things, options) => things.delete([], options),
  'delete by filter': (things, options) => things.delete({ filter: {} }, options),
  configure: (things, options) => things.configure({ indexed: ['n'], ...options }),
}

/** Calls that take no signal. */
export const UPKEEP: Record<string, CollectionCall> = {
  'empty searchBatch': (things) => things.searchBatch([]),
  flush: (things) => things.flush(),
  compact: (things) => things.compact(),
  getStats: async (things) => things.getStats(),
}

export type StoreCall = (store: VectorStore, directory: string, options?: Options) => Promise<unknown>

export const STORE_CALLS: Record<string, StoreCall> = {
  createCollection: (store, _, options) => store.createCollection('made', { ...shape, ...options }),
  'getOrCreateCollection of a new one': (store, _, options) =>
    store.getOrCreateCollection('made', { ...shape, ...options }),
  'getOrCreateCollection of an old one': (store, _, options) =>
    store.getOrCreateCollection('things', { ...shape, indexed: ['n'], ...options }),
  dropCollection: (store, _, options) => store.dropCollection('things', options),
  backup: (store, directory, options) => store.backup(join(directory, 'backup'), options),
  verify: (store, _, options) => store.verify(options),
}

/** Calls of a store that take no signal. */
export const STORE_UPKEEP: Record<string, StoreCall> = {
  openCollection: (store) => store.openCollection('things'),
  listCollections: async (store) => store.listCollections(),
  getStats: async (store) => store.getStats(),
  'replication.getStatus': async (store) => store.replication.getStatus(),
  'replication.getReplicas': async (store) => store.replication.getReplicas(),
}
