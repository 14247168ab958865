/**
 * Random work on stores with graphs: whatever is frozen, built, merged and exchanged, each search is held to the model.
 * The seed decides what is done, and the machine what falls together.
 */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Collection, type Metric, VectorStore } from '../../lib/index.js'
import type { Clock } from '../../lib/runtime/clock.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'
import { seedsFor } from '../seeds.js'
import { type Asked, type PointHit, VersionedPoints } from './versioned-points.js'

const DIMENSIONS = 16
const CLUSTERS = 24
const GROUPS = 10
const RECALL_MIN = 0.95
/** Rounds with one search at a time, and with many. */
const IN_FLIGHT = [1, 8]

interface Case {
  readonly backends: readonly ('cpu' | 'quantized')[]
  readonly metric: Metric
  readonly ids: number
  readonly rounds: number
}

const CASES: [string, Case][] = [
  ['cpu, cosine', { backends: ['cpu'], metric: 'cosine', ids: 6_000, rounds: 2 }],
  ['cpu, euclidean', { backends: ['cpu'], metric: 'euclidean', ids: 6_000, rounds: 2 }],
  ['quantized, cosine', { backends: ['quantized'], metric: 'cosine', ids: 4_000, rounds: 2 }],
  ['changing', { backends: ['cpu', 'quantized'], metric: 'cosine', ids: 4_000, rounds: 2 }],
]

/** Everything takes so long that whoever yields after a while yields at every chance, and no search stays in this thread. */
function restlessClock(): Clock {
  let reads = 0
  return { ...nodeClock, monotonic: () => nodeClock.monotonic() + 10 * reads++ }
}

class Run {
  readonly model: VersionedPoints
  readonly random: SeededRandom
  readonly events = { built: 0, merged: 0 }
  /** Of searches beside writes, and of such with nothing else going on. */
  readonly recall = { busy: { found: 0, wanted: 0 }, quiet: { found: 0, wanted: 0 } }
  /** Rounds at whose end the plan was to ask graphs. */
  byGraph = 0
  readonly #case: Case
  readonly #points: Collection
  readonly #centres: Float32Array[]

  constructor(options: Case, points: Collection, random: SeededRandom) {
    this.#case = options
    this.#points = points
    this.random = random
    this.model = new VersionedPoints(options.metric)
    const component = () => 2 * random.next() - 1
    this.#centres = Array.from({ length: CLUSTERS }, () =>
      Float32Array.from({ length: DIMENSIONS }, component),
    )
  }

  /** Writes most of the records, so that graphs are asked from the beginning. */
  async load(): Promise<void> {
    const { random } = this
    for (let from = 0; from < this.#case.ids; from += 1_000) {
      const records = Array.from({ length: 800 }, (_, i) => {
        return {
          id: this.#id(i % 2, from + i),
          vector: this.vector(),
          metadata: { group: random.int(GROUPS) },
        }
      })
      await this.model.put(this.#points, records)
    }
  }

  /** Writers, searches and maintenance at once, until the writers are done; then searches alone. */
  async round(inFlight: number): Promise<void> {
    let isOver = false
    const untilOver = async (work: () => Promise<void>): Promise<void> => {
      while (!isOver) await work()
    }
    const beside = [
      untilOver(() => this.maintain()),
      ...Array.from({ length: inFlight }, () => untilOver(() => this.search('busy'))),
    ]
    // Two writers, each with records of its own.
    const writing = Promise.all([this.write(0), this.write(1)]).finally(() => {
      isOver = true
    })
    await Promise.all([writing, ...beside])
    await this.#points.flush()
    for (let i = 0; i < 10; i++) await this.search('quiet')
    await Promise.all(Array.from({ length: 20 }, () => this.search('quiet')))
    const { vectors } = await this.#points.explain({ vector: this.vector(), topK: 10 })
    if (vectors === 'index') this.byGraph += 1
  }

  async write(writer: number): Promise<void> {
    const { model, random } = this
    for (let step = 0; step < 8; step++) {
      const action = random.int(10)
      const count = random.pick([1, 60, 400, 1_500])
      const first = random.int(this.#case.ids)
      if (action < 6) {
        const records = Array.from({ length: count }, (_, i) => {
          const metadata = { group: random.int(GROUPS) }
          return { id: this.#id(writer, first + i), vector: this.vector(), metadata }
        })
        await model.put(this.#points, records)
      } else if (action < 8) {
        for (let i = 0; i < 10; i++)
          await model.move(this.#points, this.#id(writer, random.int(this.#case.ids)), this.vector())
      } else {
        const ids = Array.from({ length: 1 + random.int(200) }, (_, i) => this.#id(writer, first + i))
        await model.remove(this.#points, ids)
      }
    }
  }

  async maintain(): Promise<void> {
    const { random } = this
    const action = random.int(10)
    if (action < 1) await this.#points.configure({ backend: random.pick(this.#case.backends) })
    else if (action < 4) await this.#points.flush()
    else if (action < 5) await this.#points.compact()
    for (let turns = random.int(40); turns > 0; turns--) await nodeClock.yield()
  }

  async search(when: 'busy' | 'quiet'): Promise<void> {
    const { random, model } = this
    const near = random.chance(0.5)
      ? model.someVector(this.#id(random.int(2), random.int(this.#case.ids)))
      : undefined
    const asked: Asked = {
      vector: near ?? this.vector(),
      topK: random.pick([1, 10, 10, 30]),
      groupsBelow: random.pick([GROUPS, GROUPS, 1, 3, 8]),
      exact: random.chance(0.15),
    }
    const { groupsBelow, ...query } = asked
    const filter = groupsBelow < GROUPS ? { group: { $lt: groupsBelow } } : undefined
    const called = model.tick()
    const hits = await this.#points.search({ ...query, filter, includeVector: true })
    const { problem, found, wanted } = model.judge(asked, hits as readonly PointHit[], called, model.tick())
    expect(problem).toBeUndefined()
    if (asked.exact) return
    this.recall[when].found += found
    this.recall[when].wanted += wanted
  }

  /** A vector in one of the clusters. */
  vector(): Float32Array {
    const { random } = this
    return random.pick(this.#centres).map((component) => component + 0.5 * random.next() - 0.25)
  }

  #id(writer: number, number: number): string {
    return `w${writer}-${(number % this.#case.ids) >> 1}`
  }
}

const share = ({ found, wanted }: { found: number; wanted: number }) => found / wanted

test.each(
  CASES.flatMap(([name, options]) =>
    seedsFor(1).map((seed) => [`${name}, seed ${seed}`, seed, options] as const),
  ),
)('searches beside writes and builds find what there is (%s)', async (name, seed, options) => {
  await withTemporaryDirectory(async (directory) => {
    const random = new SeededRandom(`random graphs/${name}`)
    const isRestless = (seed + CASES.findIndex(([, each]) => each === options)) % 2 === 0
    const store = await VectorStore.open({
      path: join(directory, 'store'),
      durability: 'buffered',
      clock: isRestless ? restlessClock() : nodeClock,
    })
    const { metric, backends, rounds } = options
    const points = await store.createCollection('points', {
      ...{ dimensions: DIMENSIONS, metric, backend: backends[0], indexed: ['group'] },
    })
    const run = new Run(options, points as Collection, random)
    const warnings: string[] = []
    store.on('warning', ({ message }) => warnings.push(message))
    store.on('index', ({ kind }) => {
      run.events[kind] += 1
    })
    await run.load()
    for (let round = 0; round < rounds; round++) {
      await run.round(IN_FLIGHT[round % IN_FLIGHT.length] as number)
    }
    await points.compact()
    for (let i = 0; i < 10; i++) await run.search('quiet')
    expect(points.getStats()).toMatchObject({
      records: { live: run.model.live },
      index: { pending: 0, dead: 0 },
    })
    expect(run.events.built).toBeGreaterThan(0)
    expect(run.events.merged).toBeGreaterThan(0)
    expect(run.byGraph).toBeGreaterThan(0)
    expect(share(run.recall.busy)).toBeGreaterThanOrEqual(RECALL_MIN)
    expect(share(run.recall.quiet)).toBeGreaterThanOrEqual(RECALL_MIN)
    await store.close()
    expect(warnings).toEqual([])
  })
})
