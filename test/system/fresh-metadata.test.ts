/** Searches beside writes: whatever is kept of records, a hit has the metadata, the id and the distance of one instant. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Collection, VectorStore } from '../../lib/index.js'
import { plainScan } from '../../lib/index/backends/plain-scan.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'
import { ControlledBackend } from '../index/controlled-backend.js'
import { seedsFor } from '../seeds.js'

const STEPS = 300
const IDS = Array.from({ length: 30 }, (_, i) => `id ${i}`)

interface Thing {
  readonly id: string
  /** The place of the vector: both are written at once. */
  readonly place: number
  /** Counts the changes of metadata alone. */
  readonly changes: number
}

class Run {
  readonly store: VectorStore
  readonly things: Collection<Thing>
  readonly random: SeededRandom
  /** As written last, and as acknowledged. */
  readonly #written = new Map<string, Thing>()
  readonly #acknowledged = new Map<string, Thing>()
  #places = 0
  hits = 0

  constructor(store: VectorStore, things: Collection<Thing>, seed: number) {
    this.store = store
    this.things = things
    this.random = new SeededRandom(`fresh metadata ${seed}`)
  }

  async write(): Promise<void> {
    const { things, random } = this
    const id = random.pick(IDS)
    const now = this.#written.get(id)
    if (now && random.chance(0.3)) {
      this.#written.delete(id)
      this.#acknowledged.delete(id)
      await things.delete(id)
      return
    }
    if (now && random.chance(0.4)) {
      const changed = { ...now, changes: now.changes + 1 }
      this.#written.set(id, changed)
      await things.update(id, { metadata: { changes: changed.changes } })
      // It may have been replaced or deleted since.
      if (this.#written.get(id) === changed) this.#acknowledged.set(id, changed)
      return
    }
    this.#places += 1
    const thing = { id, place: this.#places, changes: 0 }
    this.#written.set(id, thing)
    this.#acknowledged.delete(id)
    await things.upsert({ id, vector: [thing.place], metadata: thing })
    if (this.#written.get(id) === thing) this.#acknowledged.set(id, thing)
  }

  async search(): Promise<void> {
    const { things, random } = this
    const place = random.int(this.#places + 2)
    const before = new Map(this.#acknowledged)
    const found = await things.search({ vector: [place], topK: 1 + random.int(40) })
    for (const { id, distance, metadata } of found) {
      expect({ id, distance }).toEqual({ id: metadata.id, distance: Math.abs(place - metadata.place) })
      const known = before.get(id)
      // What was acknowledged when the search began is there, or something newer.
      if (known && known.place === metadata.place) {
        expect(metadata.changes).toBeGreaterThanOrEqual(known.changes)
      } else if (known) expect(metadata.place).toBeGreaterThan(known.place)
      this.hits += 1
    }
  }

  /** In the end everything is there as it was written last, read from the record store alone. */
  async finish(): Promise<void> {
    await this.store.verify()
    for (let round = 0; round < 2; round++) {
      const found = await this.things.search({ vector: [0], topK: 100 })
      const expected = [...this.#written.values()].sort((a, b) => a.place - b.place)
      expect(found.map(({ metadata }) => metadata)).toEqual(expected)
    }
  }
}

async function run(store: VectorStore, seed: number): Promise<void> {
  const backend = new ControlledBackend(plainScan)
  backend.isAutomatic = true
  const options = { dimensions: 1, metric: 'euclidean', backend } as const
  const things = await store.createCollection<Thing>('things', options)
  const one = new Run(store, things, seed)
  const { random } = one
  const searches: Promise<void>[] = []
  for (let step = 0; step < STEPS; step++) {
    const writes = Array.from({ length: random.int(4) }, () => one.write())
    if (random.chance(0.6)) searches.push(one.search())
    await Promise.all(writes)
    if (random.chance(0.3)) searches.push(one.search())
    // Segments answer a turn later; verifying waits until all is in the record store.
    if (random.chance(0.05)) await things.flush()
    if (random.chance(0.1)) await store.verify()
    if (random.chance(0.5)) await nodeClock.yield()
  }
  await Promise.all(searches)
  await one.finish()
  expect(one.hits).toBeGreaterThan(STEPS)
  await store.close()
}

describe.each(seedsFor(4))('hits beside writes (seed %i)', (seed) => {
  test('are of one instant in a store in memory', async () => {
    await run(await VectorStore.open(), seed)
  })

  test('are of one instant in a store on disk', async () => {
    await withTemporaryDirectory(async (directory) => {
      await run(await VectorStore.open({ path: join(directory, 'data'), durability: 'buffered' }), seed)
    })
  })
})
