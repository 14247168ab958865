/** Writes, filtered searches and counts at random, beside each other: every answer is that of a plain Map at one instant. */
import { afterEach, describe, expect, test } from 'vitest'
import { type Collection, VectorStore } from '../../lib/index.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import type { Clock } from '../../lib/runtime/clock.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { RestlessClock } from '../index/restless-clock.js'
import { seedsFor } from '../seeds.js'
import { ModelCollection } from './model-collection.js'

const STEPS = 120
const IDS = Array.from({ length: 24 }, (_, i) => `id${i}`)
const COLOURS = ['red', 'green', 'blue']
/** Asked for again and again. `size` is indexed in no collection, so that finding its matches pauses. */
const FILTERS = [
  {},
  { colour: 'red' },
  { colour: { $ne: 'red' } },
  { colour: { $in: ['red', 'blue'] }, rank: { $gte: 2 } },
  { size: { $lt: 3 } },
  { colour: 'green', size: { $gte: 2 } },
  { $or: [{ rank: 1 }, { colour: 'blue' }] },
]

const clocks: [string, () => Clock][] = [
  ['never pauses', () => new SimulatedClock()],
  ['pauses at every chance', () => new RestlessClock()],
]

/** A collection with all it ever held: its contents after each write that was called, and how many writes were answered. */
class Subject {
  readonly collection: Collection
  readonly contents = [new ModelCollection()]
  answered = 0

  constructor(collection: Collection) {
    this.collection = collection
  }

  get newest(): ModelCollection {
    return this.contents.at(-1)!
  }

  /** Calls a write; contents are what it leaves behind when all that was called before it has come to pass. */
  async write(call: () => Promise<unknown>, change: (model: ModelCollection) => void): Promise<void> {
    const model = new ModelCollection()
    for (const [id, { vector, metadata }] of this.newest.records) model.put(id, vector, metadata)
    change(model)
    const place = this.contents.push(model) - 1
    await call()
    this.answered = Math.max(this.answered, place)
  }

  /** Reads, and expects what the contents of one instant between the call and its answer have. */
  async read<T>(call: () => Promise<T>, expected: (model: ModelCollection) => T): Promise<void> {
    const from = this.answered
    const answer = JSON.stringify(await call())
    const possible = this.contents.slice(from).map((model) => JSON.stringify(expected(model)))
    expect(possible).toContain(answer)
  }
}

let store: VectorStore | undefined
afterEach(async () => {
  await store?.close()
  store = undefined
})

const randomMetadata = (random: SeededRandom) => ({
  colour: random.pick(COLOURS),
  rank: random.int(4),
  size: random.int(5),
})
const randomVector = (random: SeededRandom) => [random.int(9), random.int(9)]

/** Writes whose outcome is settled when they are called. */
function write(random: SeededRandom, subject: Subject): Promise<void> {
  const { collection, newest } = subject
  const id = random.pick(IDS)
  const exists = newest.records.has(id)
  const metadata = randomMetadata(random)
  const vector = randomVector(random)
  const { colour, size } = metadata
  const calls = [
    () =>
      subject.write(
        () => collection.upsert({ id, vector, metadata }),
        (model) => model.put(id, vector, metadata),
      ),
    () =>
      subject.write(
        () => collection.delete(id),
        (model) => model.records.delete(id),
      ),
  ]
  if (exists) {
    calls.push(
      () =>
        subject.write(
          () => collection.update(id, { metadata: { colour, size } }),
          (model) => model.patch(id, { colour, size }, []),
        ),
      () =>
        subject.write(
          () => collection.updateVector(id, vector),
          (model) => model.patch(id, {}, [], vector),
        ),
    )
  }
  return random.pick(calls)()
}

/** Writes that look for their records first: nothing else may be written meanwhile. */
function writeMatching(random: SeededRandom, subject: Subject): Promise<void> {
  const { collection } = subject
  const filter = { $and: [random.pick(FILTERS), { rank: random.int(4) }] }
  const set = { colour: random.pick(COLOURS) }
  if (random.chance(0.5)) {
    return subject.write(
      () => collection.delete({ filter }),
      (model) => {
        for (const id of model.matching(filter)) model.records.delete(id)
      },
    )
  }
  return subject.write(
    () => collection.update({ filter }, { metadata: set }),
    (model) => {
      for (const id of model.matching(filter)) model.patch(id, set, [])
    },
  )
}

function read(random: SeededRandom, subject: Subject): Promise<void> {
  const { collection } = subject
  const filter = random.pick(FILTERS)
  if (random.chance(0.4)) {
    return subject.read(
      () => collection.count(filter),
      (model) => model.matching(filter).length,
    )
  }
  const vector = randomVector(random)
  const topK = random.pick([1, 5, 100])
  const found = (hits: readonly { id: string; distance: number }[]): [string, number][] =>
    hits.map(({ id, distance }) => [id, distance])
  const nearest = (model: ModelCollection) => model.nearest(vector, filter).slice(0, topK)
  if (random.chance(0.3)) {
    const query = { vector, topK, filter }
    return subject.read(
      async () => (await collection.searchBatch([query])).map(found),
      (model) => [nearest(model)],
    )
  }
  return subject.read(async () => found(await collection.search({ vector, topK, filter })), nearest)
}

describe.each(clocks)('on a clock that %s', (_name, clockOf) => {
  test.each(seedsFor(12))('filtered reads find what a plain Map has, seed %d', async (seed) => {
    const random = new SeededRandom(`kept filters ${seed}`)
    const clock = clockOf()
    store = await VectorStore.open({ clock })
    const subjects: Subject[] = []
    for (const name of ['one', 'two']) {
      const indexed = random.pick([[], ['colour'], ['colour', 'rank']])
      const collection = await store.createCollection(name, { dimensions: 2, metric: 'euclidean', indexed })
      subjects.push(new Subject(collection))
    }
    for (let step = 0; step < STEPS; step++) {
      const subject = random.pick(subjects)
      if (random.chance(0.05)) await writeMatching(random, subject)
      const calls: Promise<void>[] = []
      for (let call = random.int(8); call >= 0; call--) {
        calls.push(random.chance(0.15) ? write(random, subject) : read(random, random.pick(subjects)))
      }
      await Promise.all(calls)
      if (random.chance(0.1) && clock instanceof SimulatedClock) await clock.advance(random.int(2_000))
    }
  })
})
