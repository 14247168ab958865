import { describe, expect, test } from 'vitest'
import type { StoreView } from '../../lib/collection/collection-host.js'
import { RecordLookup } from '../../lib/collection/record-lookup.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { seedsFor } from '../seeds.js'
import { LayeredState } from './layered-state.js'

const STEPS = 600
const IDS = Array.from({ length: 12 }, (_, i) => `id ${i}`)

/** What one operation made of a record. */
interface Written {
  readonly seq: number
  readonly number: number
  /** `undefined`: it was deleted. */
  readonly metadata: string | undefined
}

/** One run of random work on the layers of a collection, and every state each record ever had. */
class Run {
  readonly layers: LayeredState
  readonly random: SeededRandom
  readonly #written = new Map<string, Written[]>()
  #views: StoreView[] = []
  #last = 0
  /** Records whose number was another's before. */
  recycled = 0
  readonly #owners = new Map<number, string>()

  constructor(layers: LayeredState, seed: number) {
    this.layers = layers
    this.random = new SeededRandom(`record lookup ${seed}`)
  }

  write(): void {
    const { layers, random } = this
    const id = random.pick(IDS)
    const now = this.#at(id, layers.seq)
    const change = random.pick(['put', 'remove', 'remove', 'move', 'patch'] as const)
    this.#last += 1
    if (now === undefined || change === 'put') {
      const version = layers.put(id, this.#last, { n: this.#last })
      if ((this.#owners.get(version.number) ?? id) !== id) this.recycled += 1
      this.#owners.set(version.number, id)
      this.#note(id, version, `{"n":${this.#last}}`)
    } else if (change === 'remove') this.#note(id, layers.remove(id), undefined)
    else if (change === 'move') this.#note(id, layers.move(id, this.#last), now.metadata)
    else this.#note(id, layers.patch(id, { n: this.#last }), `{"n":${this.#last}}`)
  }

  /** What is written leaves the overlay only where no view is left from before. */
  apply(): Promise<void> {
    return this.layers.apply(this.#views.length > 0)
  }

  pin(): void {
    this.#views.push(this.layers.pin())
  }

  release(): void {
    this.#views.splice(this.random.int(this.#views.length + 1), 1)[0]?.release()
  }

  /** Reads records as some view sees them; they are read often enough to be kept, and by other views after. */
  read(): void {
    const { layers, random } = this
    const pinned = random.chance(0.3) ? undefined : random.pick([...this.#views, undefined])
    const view = pinned ?? layers.pin()
    const lookup = new RecordLookup(layers.state, view)
    for (const id of IDS) {
      const expected = this.#at(id, view.seq)
      if (!expected || random.chance(0.3)) continue
      const { number, metadata } = expected
      expect(lookup.existing(number)).toEqual({ id, number, metadata })
      expect(lookup.decoded(number)).toEqual({ id, metadata: JSON.parse(metadata ?? '') })
    }
    if (!pinned) view.release()
  }

  async step(): Promise<void> {
    const action = this.random.int(11)
    if (action < 4) this.write()
    else if (action < 5) await this.apply()
    else if (action < 6 && this.#views.length < 3) this.pin()
    else if (action < 8) this.release()
    else this.read()
  }

  #at(id: string, seq: number): Written | undefined {
    const written = this.#written.get(id)?.findLast((each) => each.seq <= seq)
    return written?.metadata === undefined ? undefined : written
  }

  #note(id: string, { seq, number }: { seq: number; number: number }, metadata: string | undefined): void {
    this.#written.set(id, [...(this.#written.get(id) ?? []), { seq, number, metadata }])
  }
}

describe('records that are kept decoded', () => {
  test.each(seedsFor(20))('are those of the instant of the view that asks (seed %i)', async (seed) => {
    const run = new Run(await LayeredState.open(), seed)
    for (let step = 0; step < STEPS; step++) await run.step()
    expect(run.recycled).toBeGreaterThan(0)
  })

  test('are asked for only where the overlay says nothing', async () => {
    const layers = await LayeredState.open()
    const { state } = layers
    const { number } = layers.put('a', 1, { n: 1 })
    const kept = () => state.recordCache?.get(state.number, number)
    const read = (view = layers.pin()) => new RecordLookup(state, view).decoded(number).metadata
    expect([read(), kept()]).toEqual([{ n: 1 }, undefined])
    await layers.apply()
    expect([read(), kept()]).toMatchObject([{ n: 1 }, { id: 'a', metadata: { n: 1 } }])
    const before = layers.pin()
    layers.patch('a', { n: 2 })
    expect([read(), read(before), kept()]).toEqual([{ n: 2 }, { n: 1 }, undefined])
    await layers.apply(true)
    expect([read(before), read(), kept()]).toEqual([{ n: 1 }, { n: 2 }, undefined])
    before.release()
    await layers.apply()
    expect([read(), kept()?.metadata]).toEqual([{ n: 2 }, { n: 2 }])
  })
})
