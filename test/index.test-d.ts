import { describe, expectTypeOf, test } from 'vitest'
import {
  type CacheOptions,
  type CacheStats,
  type Change,
  type Collection,
  type CollectionInfo,
  type Filter,
  type Hit,
  type Position,
  ReplivecError,
  type ReplivecErrorCode,
  VectorStore,
  type WriteResult,
} from '../lib/index.js'

interface Package {
  section: 'editors' | 'games'
  tags?: string[]
  released: Date
}

declare const store: VectorStore
declare const packages: Collection<Package>

const shape = { dimensions: 2, metric: 'cosine' } as const
const vector = [1, 2]
const released = new Date(0)

describe('metadata flows', () => {
  test('from the call that opens a collection to its handle', () => {
    expectTypeOf(store.createCollection<Package>('a', shape)).resolves.toEqualTypeOf<Collection<Package>>()
    expectTypeOf(store.openCollection<Package>('a')).resolves.toEqualTypeOf<Collection<Package>>()
    expectTypeOf(store.getOrCreateCollection<Package>('a', shape)).resolves.toEqualTypeOf<
      Collection<Package>
    >()
    expectTypeOf(store.openCollection('a')).resolves.toEqualTypeOf<Collection<Record<string, unknown>>>()
  })

  test('into filters', () => {
    packages.search({ vector, filter: { section: 'editors', tags: 'x', released: { $gt: released } } })
    packages.count({ $or: [{ section: 'games' }, { tags: { $size: 2 } }] })
    packages.delete({ filter: { 'tags.0': 'x' } })
    const filter: Filter<Package> = { section: { $in: ['games'] } }
    packages.scan({ filter })
    packages.update({ filter }, { metadata: { section: 'editors' }, unset: ['tags'] })
    // @ts-expect-error no such section
    packages.search({ vector, filter: { section: 'kitchen' } })
    // @ts-expect-error no such field
    packages.count({ sectoin: 'games' })
    // @ts-expect-error a date has no order with a number
    packages.scan({ filter: { released: { $gt: 1 } } })
    // @ts-expect-error no such section
    packages.delete({ filter: { section: { $in: ['kitchen'] } } })
    // @ts-expect-error no such field
    packages.update({ filter: { size: 1 } }, {})
    // @ts-expect-error no such field
    packages.explain({ vector, filter: { size: 1 } })
    // @ts-expect-error no such section
    packages.searchBatch([{ vector, filter: { section: 'kitchen' } }])
  })

  test('into hits and records', () => {
    type Plain = Pick<Hit<Package>, 'id' | 'score' | 'distance' | 'metadata'>
    expectTypeOf(packages.search({ vector })).resolves.items.toExtend<Plain>()
    expectTypeOf(packages.search({ vector }))
      .resolves.items.toHaveProperty('metadata')
      .toEqualTypeOf<Package>()
    expectTypeOf(packages.get('a'))
      .resolves.exclude<undefined>()
      .toHaveProperty('metadata')
      .toEqualTypeOf<Package>()
    expectTypeOf(packages.getMany(['a']))
      .resolves.items.exclude<undefined>()
      .toHaveProperty('metadata')
      .toEqualTypeOf<Package>()
    expectTypeOf(packages.scan().next()).resolves.toHaveProperty('value')
  })

  test('into writes', () => {
    packages.upsert({ id: 'a', vector, metadata: { section: 'games', released } })
    packages.insert([
      { id: 'a', vector: new Float32Array(2), metadata: { section: 'games', released, tags: [] } },
    ])
    const plain = {} as Collection
    plain.upsert([{ id: 'a', vector }])
    const partial = {} as Collection<Partial<Package>>
    partial.upsert({ id: 'a', vector })
    // @ts-expect-error a package has fields that must be there
    packages.upsert([{ id: 'a', vector }])
    packages.update('a', { metadata: { section: 'editors' }, unset: ['tags'], vector })
    // @ts-expect-error no such section
    packages.upsert({ id: 'a', vector, metadata: { section: 'kitchen', released } })
    // @ts-expect-error a field is missing
    packages.insert({ id: 'a', vector, metadata: { section: 'games' } })
    // @ts-expect-error an id is needed
    packages.upsert({ vector })
    // @ts-expect-error a vector is numbers
    packages.upsert({ id: 'a', vector: ['1', '2'] })
    // @ts-expect-error a vector is f32
    packages.updateVector('a', new Float64Array(2))
    // @ts-expect-error a date is no text
    packages.update('a', { metadata: { released: '2024' } })
    // @ts-expect-error no such field
    packages.update('a', { unset: ['size'] })
    // @ts-expect-error a package needs its section
    packages.update('a', { unset: ['section'] })
    plain.update('a', { unset: ['anything'] })
  })

  test('through a class of its own that is generic', () => {
    class Repository<T extends { kind: string }> {
      constructor(readonly collection: Collection<T>) {}
      put(id: string, metadata: T) {
        return this.collection.upsert({ id, vector, metadata })
      }
    }
    expectTypeOf(
      new Repository({} as Collection<{ kind: string }>).put('a', { kind: 'x' }),
    ).resolves.toEqualTypeOf<WriteResult>()
    const limit: number | undefined = [1, 2].find((n) => n > 2)
    packages.search({ vector, topK: limit, filter: undefined, minScore: undefined, signal: undefined })
    // @ts-expect-error a path that is missing would open a store in memory
    VectorStore.open({ path: undefined })
  })

  test('into the fields to index', () => {
    store.createCollection<Package>('a', { ...shape, indexed: ['section', 'tags.0'] })
    store.createCollection('a', { ...shape, indexed: ['anything'] })
    packages.configure({ indexed: ['released'] })
    // @ts-expect-error no such field
    store.createCollection<Package>('a', { ...shape, indexed: ['sectoin'] })
    // @ts-expect-error no such field
    store.getOrCreateCollection<Package>('a', { ...shape, indexed: ['sectoin'] })
    // @ts-expect-error no such field
    packages.configure({ indexed: ['sectoin'] })
    expectTypeOf(
      store.createCollection('a', { ...shape, indexed: ['x'] }),
    ).resolves.toEqualTypeOf<Collection>()
  })
})

describe('flags change what is there', () => {
  test('of a hit', async () => {
    const [plain] = await packages.search({ vector })
    expectTypeOf(plain!).toHaveProperty('metadata')
    expectTypeOf(plain!).not.toHaveProperty('vector')
    const [whole] = await packages.search({ vector, includeVector: true })
    expectTypeOf(whole!).toExtend<Hit<Package>>()
    expectTypeOf(whole!.vector).toEqualTypeOf<Float32Array>()
    const [bare] = await packages.search({ vector, includeMetadata: false })
    expectTypeOf(bare!).not.toHaveProperty('metadata')
    expectTypeOf(bare!).not.toHaveProperty('vector')
    const [[batched] = []] = await packages.searchBatch([
      { vector, includeVector: true, includeMetadata: false },
    ])
    expectTypeOf(batched!).toHaveProperty('vector')
    expectTypeOf(batched!).not.toHaveProperty('metadata')
    // @ts-expect-error the vector was not asked for
    plain?.vector
  })

  test('of a record', async () => {
    const plain = await packages.get('a')
    expectTypeOf(plain!).not.toHaveProperty('vector')
    const whole = await packages.get('a', { includeVector: true })
    expectTypeOf(whole!.vector).toEqualTypeOf<Float32Array>()
    const [many] = await packages.getMany(['a'], { includeVector: true })
    expectTypeOf(many!.vector).toEqualTypeOf<Float32Array>()
    for await (const scanned of packages.scan()) {
      expectTypeOf(scanned).toHaveProperty('metadata').toEqualTypeOf<Package>()
      expectTypeOf(scanned).not.toHaveProperty('vector')
    }
    for await (const scanned of packages.scan({ includeVector: true, pageSize: 3 })) {
      expectTypeOf(scanned.vector).toEqualTypeOf<Float32Array>()
    }
  })
})

describe('results and options', () => {
  test('of writes', () => {
    expectTypeOf(packages.upsert([])).resolves.toEqualTypeOf<WriteResult>()
    expectTypeOf<WriteResult['position']>().toEqualTypeOf<Position>()
    expectTypeOf(packages.delete('a')).resolves.toExtend<WriteResult & { deleted: number }>()
    expectTypeOf(packages.upsert)
      .parameter(1)
      .exclude<undefined>()
      .toHaveProperty('signal')
      .toEqualTypeOf<AbortSignal | undefined>()
    // @ts-expect-error an unknown option
    packages.upsert([], { speed: 'fast' })
  })

  test('of collections', () => {
    expectTypeOf(store.listCollections()).toEqualTypeOf<CollectionInfo[]>()
    // @ts-expect-error a metric is needed
    store.createCollection('a', { dimensions: 2 })
    // @ts-expect-error no such metric
    store.createCollection('a', { dimensions: 2, metric: 'manhattan' })
    // @ts-expect-error no such backend
    store.createCollection('a', { ...shape, backend: 'abacus' })
    // @ts-expect-error dimensions stay
    packages.configure({ dimensions: 3 })
    // @ts-expect-error read-only
    packages.name = 'b'
  })

  test('of stores', () => {
    expectTypeOf(VectorStore.open).returns.resolves.toEqualTypeOf<VectorStore>()
    expectTypeOf<VectorStore>().toExtend<AsyncDisposable>()
    store.on('change', (change) => expectTypeOf(change).toEqualTypeOf<Change>())
    store.on('warning', ({ code }) => expectTypeOf(code).toEqualTypeOf<ReplivecErrorCode>())
    // @ts-expect-error no such event
    store.on('weather', () => undefined)
    VectorStore.open({ cache: {} })
    VectorStore.open({ cache: { maxEntries: 5, maxBytes: undefined, ttlMs: 5 } satisfies CacheOptions })
    expectTypeOf(packages.getStats().cache).toEqualTypeOf<CacheStats>()
    // @ts-expect-error no such limit
    VectorStore.open({ cache: { max: 5 } })
    // @ts-expect-error a cache has limits, if only the default ones
    VectorStore.open({ cache: true })
    // @ts-expect-error no such durability
    VectorStore.open({ durability: 'eventual' })
  })

  test('of errors', () => {
    const error: unknown = undefined
    // @ts-expect-error no such code
    ReplivecError.is(error, 'TOO_BAD')
    expectTypeOf(ReplivecError.is).guards.toEqualTypeOf<ReplivecError>()
    expectTypeOf<ReplivecError['code']>().toEqualTypeOf<ReplivecErrorCode>()
  })
})
