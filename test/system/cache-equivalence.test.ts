/** A store with a cache and one without, given the same calls at random: no answer may tell them apart. */
import { afterEach, describe, expect, test } from 'vitest'
import {
  type CacheOptions,
  type Collection,
  type Filter,
  type SearchQuery,
  VectorStore,
} from '../../lib/index.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'

const STEPS = 600
const NAMES = ['one', 'two', 'three']
const METRICS = ['cosine', 'dot', 'euclidean'] as const
const DIMENSIONS = 3
const IDS = Array.from({ length: 40 }, (_, n) => `id ${n}`)
const DAY_MS = 86_400_000

/** What every search asks for now and then: few, so that it was asked before. */
const FILTERS: readonly (Filter | undefined)[] = [
  undefined,
  {},
  { n: 1 },
  { n: '1' },
  { n: { $in: [1, '1'] } },
  { at: new Date(DAY_MS) },
  { at: new Date(DAY_MS).toISOString() },
  { at: { $gt: new Date(DAY_MS) } },
  { text: /B/ },
  { text: /B/i },
  { text: { $regex: '^a' } },
  { deep: { x: [1, 2] } },
  { deep: { x: [2, 1] } },
  { 'deep.x': 2 },
  { $or: [{ n: 1 }, { n: 2 }] },
  { $nor: [{ n: 1 }, { n: 2 }] },
]

interface Side {
  readonly store: VectorStore
  readonly collections: Map<string, Collection>
}

const clock = new SimulatedClock()
let sides: Side[] = []
afterEach(async () => {
  for (const { store } of sides) await store.close()
  sides = []
})

async function open(options: object): Promise<Side> {
  const store = await VectorStore.open({ clock, ...options })
  const side = { store, collections: new Map() }
  sides.push(side)
  return side
}

/** Does the same to both stores. */
async function both<T>(call: (side: Side) => Promise<T>): Promise<[T, T]> {
  return [await call(sides[0]!), await call(sides[1]!)]
}

function on(name: string, call: (things: Collection) => Promise<unknown>) {
  return both((side) => call(side.collections.get(name)!))
}

function randomMetadata(random: SeededRandom): Record<string, unknown> {
  return {
    n: random.pick([1, 2, '1', null]),
    at: random.pick([new Date(DAY_MS), new Date(2 * DAY_MS), new Date(DAY_MS).toISOString()]),
    text: random.pick(['abc', 'aBc', 'b', 'ü€']),
    ...(random.chance(0.5) ? { deep: { x: random.pick([[1, 2], [2, 1], [new Date(5)]]) } } : {}),
  }
}

const randomVector = (random: SeededRandom) => Array.from({ length: DIMENSIONS }, () => 1 + random.int(5))

async function create(name: string, metric: (typeof METRICS)[number]): Promise<void> {
  await both(async ({ store, collections }) => {
    collections.set(name, await store.createCollection(name, { dimensions: DIMENSIONS, metric }))
  })
}

async function write(random: SeededRandom, name: string): Promise<void> {
  const metadata = randomMetadata(random)
  const vector = randomVector(random)
  const id = random.pick(IDS)
  const filter = random.pick(FILTERS) ?? { n: 2 }
  const indexed = random.pick([[], ['n'], ['n', 'at'], ['text']])
  const backend = random.pick(['cpu', 'quantized'] as const)
  const records = Array.from({ length: random.int(6) }, () => ({
    id: random.pick(IDS),
    vector: randomVector(random),
    metadata: randomMetadata(random),
  }))
  const metric = random.pick(METRICS)
  await random.pick([
    () => on(name, (things) => things.upsert(records)),
    () => on(name, (things) => things.upsert(records)),
    () => on(name, (things) => things.update(id, { metadata, vector }).catch(() => undefined)),
    () => on(name, (things) => things.updateVector(id, vector).catch(() => undefined)),
    () => on(name, (things) => things.update({ filter }, { metadata: { n: 2 } })),
    () => on(name, (things) => things.delete(id)),
    () => on(name, (things) => things.delete({ filter: { $and: [filter, { n: 1 }] } })),
    () => on(name, (things) => things.configure({ indexed, backend })),
    async () => {
      await both(({ store }) => store.dropCollection(name))
      await create(name, metric)
    },
  ])()
}

function randomQuery(random: SeededRandom): SearchQuery {
  return {
    vector: [1 + random.int(3), 1, 1],
    topK: random.pick([1, 10, 10]),
    filter: random.chance(0.5) ? undefined : random.pick(FILTERS),
    includeVector: random.chance(0.3),
    includeMetadata: random.chance(0.8),
    exact: random.chance(0.2),
    minScore: random.chance(0.2) ? random.pick([0, 0.3, -1]) : undefined,
  } as SearchQuery
}

/** Changes everything in hits that a caller could. */
function spoil(value: unknown): void {
  if (value instanceof Date) value.setTime(1)
  else if (value instanceof Float32Array) value.fill(-1)
  else if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) spoil(part)
    if (Array.isArray(value)) value.length = 0
    else for (const name of Object.keys(value)) delete (value as Record<string, unknown>)[name]
  }
}

const LIMITS: [string, CacheOptions][] = [
  ['roomy', {}],
  ['of few answers', { maxEntries: 5 }],
  ['of one answer', { maxEntries: 1 }],
  ['of few bytes', { maxBytes: 10_000 }],
  ['of short memory', { ttlMs: 5 }],
]
const SEEDS = [1, 2, 3]
const RUNS = LIMITS.flatMap(([name, cache]) => SEEDS.map((seed) => ({ name, cache, seed })))

describe.each(RUNS)('a cache $name, seed $seed', ({ cache, seed }) => {
  test('answers as none', async () => {
    const random = new SeededRandom(`cache-${seed}`)
    const cached = await open({ cache })
    await open({})
    for (const [index, name] of NAMES.entries()) await create(name, METRICS[index]!)
    const favourites = Array.from({ length: 4 }, () => randomQuery(random))
    const query = () => (random.chance(0.7) ? random.pick(favourites) : randomQuery(random))
    let asked = 0
    const counted = { hits: 0, misses: 0, evictions: 0 }
    for (let step = 0; step < STEPS; step++) {
      const name = random.pick(NAMES)
      if (random.chance(0.1)) {
        // A drop takes the counts with it.
        const before = cached.collections.get(name)!.getStats()
        await write(random, name)
        const after = cached.collections.get(name)!.getStats()
        if (after.operations.searches < before.operations.searches) add(counted, before.cache)
      }
      if (random.chance(0.1)) await clock.advance(random.int(4))
      const queries = Array.from({ length: random.pick([1, 1, 3]) }, query)
      const search = (things: Collection) =>
        queries.length === 1 ? things.search(queries[0]!).then((hits) => [hits]) : things.searchBatch(queries)
      const [answers, expected] = await on(name, search)
      expect(answers, `step ${step}`).toStrictEqual(expected)
      expect(JSON.stringify(answers)).toBe(JSON.stringify(expected))
      spoil(answers)
      asked += queries.length
    }
    for (const things of cached.collections.values()) add(counted, things.getStats().cache)
    expect(counted.hits + counted.misses).toBe(asked)
    // The queries of one batch are searched for together, and a cache of one answer has rarely one that helps.
    expect(counted.hits).toBeGreaterThan(asked / 40)
    const isLimited = Object.keys(cache).length > 0
    expect(counted.evictions > 0).toBe(isLimited)
  })
})

function add(
  counted: { hits: number; misses: number; evictions: number },
  cache: { readonly hits: number; readonly misses: number; readonly evictions: number },
): void {
  counted.hits += cache.hits
  counted.misses += cache.misses
  counted.evictions += cache.evictions
}
