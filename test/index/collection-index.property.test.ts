import { describe, expect, test } from 'vitest'
import { Bitmap } from '../../lib/bitmap.js'
import type { ReplivecError } from '../../lib/errors.js'
import type { BackendSupport, IndexBackend } from '../../lib/index/backend.js'
import { plainScan } from '../../lib/index/backends/plain-scan.js'
import { simdScan } from '../../lib/index/backends/simd-scan.js'
import { checkedBackend } from '../../lib/index/checked-backend.js'
import { CollectionIndex } from '../../lib/index/collection-index.js'
import type { IndexView } from '../../lib/index/index-search.js'
import type { Metric } from '../../lib/index/metric.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { ControlledBackend, forgetful } from './controlled-backend.js'
import { expectAnswer, IndexModel } from './index-model.js'
import { RestlessClock } from './restless-clock.js'
import { toyBackend } from './toy-backend.js'

const DIMENSIONS = 6
const STEPS = 300
/** Rows of one segment at most. */
const ROWS_MAX = 90

interface OpenView {
  readonly view: IndexView
  /** The indexes it may search, which must last as long as it does. */
  readonly indexes: readonly { readonly bytes: { readonly memory: number } }[]
}

/** One run of random work on an index and on the model beside it. */
class Run {
  readonly random: SeededRandom
  readonly metric: Metric
  readonly clock = new RestlessClock()
  readonly backend: ControlledBackend
  readonly index: CollectionIndex
  readonly model: IndexModel
  readonly failures: ReplivecError[] = []
  readonly waits: Promise<void>[] = []
  readonly checks: Promise<void>[] = []
  views: OpenView[] = []
  seq = 0

  constructor(inner: IndexBackend, supports: Partial<BackendSupport>, seed: string) {
    this.random = new SeededRandom(seed)
    this.backend = new ControlledBackend(inner, { ...supports, maxBytes: ROWS_MAX * DIMENSIONS * 4 })
    this.metric = this.random.pick(inner.supports.metrics)
    this.model = new IndexModel(this.metric, DIMENSIONS)
    this.index = new CollectionIndex({
      dimensions: DIMENSIONS,
      metric: this.metric,
      backend: checkedBackend(this.backend),
      clock: this.clock,
      onSegment: () => {},
      onFailure: (error) => this.failures.push(error),
    })
  }

  put(number: number): void {
    const vector = this.vector()
    this.seq += 1
    this.index.put(number, this.seq, vector)
    this.model.put(number, this.seq, vector)
  }

  remove(number: number): void {
    this.seq += 1
    this.index.remove(number, this.seq)
    this.model.remove(number, this.seq)
  }

  pin(): OpenView {
    const view = this.index.pin(this.seq)
    const indexes = view.parts.flatMap(({ part }) => (part.index ? [part.index] : []))
    return { view, indexes }
  }

  release({ view, indexes }: OpenView): void {
    expect(indexes.filter(({ bytes }) => bytes.memory === 0)).toEqual([])
    view.release()
    view.release()
  }

  /** Searches a view while other work goes on, and compares with the model. */
  async search({ view }: OpenView): Promise<void> {
    const { random } = this
    const query = this.vector()
    const live = this.model.live(view.seq)
    const share = random.pick([0.02, 0.3, 0.9])
    const admitted = random.chance(0.5) ? undefined : new Set(live.filter(() => random.chance(share)))
    const k = 1 + random.int(live.length + 3)
    const exact = random.chance(0.3)
    const nearest = this.model.nearest(view.seq, query, (number) => !admitted || admitted.has(number))
    const allow = admitted && Bitmap.of(admitted)
    const found = await this.index.search(view, { vector: query, k, ef: undefined, exact, allow }, undefined)
    expectAnswer(found, nearest, k, exact || this.index.exact)
  }

  /** Searches a pinned view, or pins one for the time of the search as a collection does. */
  async searchOneOf(views: readonly (OpenView | undefined)[]): Promise<void> {
    const pinned = this.random.pick(views)
    const view = pinned ?? this.pin()
    await this.search(view)
    if (!pinned) this.release(view)
  }

  /** Vectors of few values make ties, others none. */
  vector(): Float32Array {
    const { random } = this
    const isCoarse = random.chance(0.3)
    const component = (): number => (isCoarse ? random.int(3) - 1 : 2 * random.next() - 1)
    const vector = Float32Array.from({ length: DIMENSIONS }, component)
    vector[0] = (vector[0] as number) + 2
    return vector
  }

  async step(): Promise<void> {
    const { random, index, backend } = this
    const action = random.int(16)
    if (action < 3) this.put(random.int(60))
    else if (action < 5) for (let i = random.int(70); i > 0; i--) this.put(random.int(400))
    else if (action < 6) this.remove(random.int(400))
    else if (action < 7) for (let i = random.int(50); i > 0; i--) this.remove(random.int(400))
    else if (action < 8) this.views.push(this.pin())
    else if (action < 10) this.checks.push(this.searchOneOf([...this.views, undefined]))
    else if (action < 11) this.waits.push(index.flush().catch(asFailed))
    else if (action < 12)
      this.waits.push((random.chance(0.3) ? index.compact() : index.flush()).catch(asFailed))
    else if (action < 14) backend.finish()
    else if (action < 15) await this.disturb()
    else await this.settleViews()
    await (random.chance(0.5) ? Promise.resolve() : nodeClock.yield())
  }

  async disturb(): Promise<void> {
    const { random, backend, clock } = this
    const trouble = random.int(3)
    if (trouble === 0) backend.fail()
    else if (trouble === 1) backend.indexes.at(-1 - random.int(3))?.lose('gone')
    else await clock.advance(60_000)
  }

  /** Ends the searches under way, and all views but the newest few. */
  async settleViews(): Promise<void> {
    await Promise.all(this.checks.splice(0))
    const ended = this.views.splice(0, Math.max(0, this.views.length - this.random.int(4)))
    for (const view of ended) this.release(view)
  }

  async finish(): Promise<void> {
    const { backend, index } = this
    backend.isAutomatic = true
    backend.finish()
    await Promise.all([...this.checks, ...this.waits])
    await Promise.all(this.views.map((view) => this.search(view)))
    for (const view of this.views) this.release(view)
    await index.compact()
    const live = this.model.live(this.seq)
    expect({ dead: index.dead, pending: index.pending, indexed: index.indexed }).toEqual({
      dead: 0,
      pending: 0,
      indexed: live.length,
    })
    expect(backend.held).toHaveLength(index.segments)
    const view = this.pin()
    await this.search(view)
    await this.search(view)
    this.release(view)
    expect(Math.max(0, ...backend.builds)).toBeLessThanOrEqual(ROWS_MAX)
  }

  async close(): Promise<void> {
    const { backend, index, clock } = this
    backend.isAutomatic = false
    for (let i = 0; i < 10; i++) this.put(i)
    const flushed = index.flush()
    while (backend.building === 0) await nodeClock.yield()
    await Promise.all([index.close(), flushed, index.close()])
    expect({ building: backend.building, held: backend.held, timers: clock.pendingTimers }).toEqual({
      building: 0,
      held: [],
      timers: 0,
    })
    expect(
      backend.indexes.filter(({ disposals, interrupted }) => disposals !== 1 || interrupted > 0),
    ).toEqual([])
  }
}

/** A flush rejects where a build failed or an index was lost, and with nothing else. */
function asFailed(error: unknown): void {
  expect(error).toMatchObject({ code: 'BACKEND_FAILED' })
}

const BACKENDS: [string, IndexBackend, Partial<BackendSupport>][] = [
  ['an exact backend', plainScan, {}],
  ['an exact backend without masks', simdScan, { mask: false }],
  ['an approximate backend with masks', forgetful(plainScan, true), {}],
  ['an approximate backend without masks', toyBackend, {}],
]

describe.each(BACKENDS)('a collection index over %s', (name, inner, supports) => {
  test.each(Array.from({ length: 8 }, (_, seed) => `${name} ${seed}`))(
    'answers as a scan of the instant does, whatever happens meanwhile (seed %s)',
    async (seed) => {
      const run = new Run(inner, supports, seed)
      for (let step = 0; step < STEPS; step++) await run.step()
      await run.finish()
      await run.close()
    },
  )
})
