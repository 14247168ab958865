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
import { SegmentStore } from '../../lib/index/segment-store.js'
import type { Files } from '../../lib/runtime/files.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'
import { seedsFor } from '../seeds.js'
import { ControlledBackend, forgetful } from './controlled-backend.js'
import { expectAnswer, IndexModel } from './index-model.js'
import { persisting } from './persisting-backend.js'
import { RestlessClock } from './restless-clock.js'
import { toyBackend } from './toy-backend.js'

const DIMENSIONS = 6
const DIRECTORY = '/index/1'

/** How much a run does. */
interface Size {
  readonly steps: number
  /** Rows of one segment at most. */
  readonly rowsMax: number
  /** Different records. */
  readonly numbers: number
  readonly putsMax: number
  readonly removalsMax: number
}

/** Many segments of few rows: all of them are scanned, whatever the backend. */
const SMALL: Size = { steps: 300, rowsMax: 90, numbers: 400, putsMax: 70, removalsMax: 50 }
/** So many rows that an approximate index is asked for few of them. */
const LARGE: Size = { steps: 150, rowsMax: 3_000, numbers: 6_000, putsMax: 3_000, removalsMax: 300 }

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
  readonly size: Size
  /** Segments lie there, if anywhere. */
  readonly files: Files | undefined
  index: CollectionIndex
  /** While it is false, writes do not go to the index: it is being restored. */
  isFilling = true
  readonly model: IndexModel
  readonly failures: ReplivecError[] = []
  readonly waits: Promise<unknown>[] = []
  readonly checks: Promise<void>[] = []
  /** The share of the nearest that each search found which might have missed some. */
  readonly recalls: number[] = []
  views: OpenView[] = []
  seq = 0

  constructor({ inner, supports, size, hasFiles }: Subject, seed: string) {
    this.random = new SeededRandom(seed)
    this.size = size
    const disk = new SimulatedDisk({ seed })
    disk.delayYieldsMax = 2
    this.files = hasFiles ? disk.files : undefined
    const kept = this.files ? persisting(inner, this.files) : inner
    this.backend = new ControlledBackend(kept, { ...supports, maxBytes: size.rowsMax * DIMENSIONS * 4 })
    this.metric = this.random.pick(inner.supports.metrics)
    this.model = new IndexModel(this.metric, DIMENSIONS)
    this.index = this.newIndex()
  }

  /** The mean of the searches that might have missed some. */
  get recall(): number {
    const { recalls } = this
    return recalls.length === 0 ? 1 : recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length
  }

  newIndex(): CollectionIndex {
    const { files, clock, metric } = this
    const options = { files: files as Files, directory: DIRECTORY, clock, historyId: 'this' }
    return new CollectionIndex({
      ...{ dimensions: DIMENSIONS, metric, clock, restores: true },
      backend: checkedBackend(this.backend),
      storage: files && new SegmentStore({ ...options, logSynced: () => clock.yield() }),
      onSegment: () => {},
      onFailure: (error) => this.failures.push(error),
    })
  }

  put(number: number): void {
    const vector = this.vector()
    this.seq += 1
    if (this.isFilling) this.index.put(number, this.seq, vector)
    this.model.put(number, this.seq, vector)
  }

  /** In a row none is replaced, so that a memtable may become a segment as it is. */
  putMany(count: number): void {
    const { numbers } = this.size
    const isRow = this.random.chance(0.5)
    const from = this.random.int(numbers)
    for (let i = 0; i < count; i++) this.put(isRow ? (from + i) % numbers : this.random.int(numbers))
  }

  remove(number: number): void {
    this.seq += 1
    if (this.isFilling) this.index.remove(number, this.seq)
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

  /**
   * Searches a view while other work goes on, and compares with the model.
   *
   * @param few - so many of all records
   */
  async search({ view }: OpenView, few?: number): Promise<void> {
    const { random } = this
    const query = this.vector()
    const live = this.model.live(view.seq)
    const share = random.pick([0.02, 0.3, 0.9])
    const admitted =
      few !== undefined || random.chance(0.5) ? undefined : new Set(live.filter(() => random.chance(share)))
    const k = few ?? (random.chance(0.5) ? 1 + random.int(20) : 1 + random.int(live.length + 3))
    const exact = few === undefined && random.chance(0.3)
    const nearest = this.model.nearest(view.seq, query, (number) => !admitted || admitted.has(number))
    // With one that is nowhere, the admitted are not looked up one by one.
    const strangers = random.chance(0.5) ? [this.size.numbers + 1] : []
    const allow = admitted && Bitmap.of([...admitted, ...strangers])
    const found = await this.index.search(view, { vector: query, k, ef: undefined, exact, allow }, undefined)
    const isExact = exact || this.index.exact
    const recall = expectAnswer(found, nearest, k, isExact)
    // Whoever asks for all that there is misses none.
    if (!isExact && k < nearest.length) this.recalls.push(recall)
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
    const { random, index, backend, size } = this
    const { numbers, putsMax, removalsMax } = size
    const action = random.int(16)
    if (action < 3) this.put(random.int(60))
    else if (action < 5) this.putMany(random.int(putsMax))
    else if (action < 6) this.remove(random.int(numbers))
    else if (action < 7) for (let i = random.int(removalsMax); i > 0; i--) this.remove(random.int(numbers))
    else if (action < 8) this.views.push(this.pin())
    else if (action < 10) this.checks.push(this.searchOneOf([...this.views, undefined]))
    else if (action < 11) this.waits.push(index.flush().catch(asFailed))
    else if (action < 12)
      this.waits.push((random.chance(0.3) ? index.compact() : index.flush()).catch(asFailed))
    else if (action < 14) backend.finish()
    else if (action < 15) await (this.files && random.chance(0.4) ? this.reopen() : this.disturb())
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

  /** Closes the index and fills another one from its files and from the records, while writes go on. */
  async reopen(): Promise<void> {
    const { random, model } = this
    await Promise.all(this.checks.splice(0))
    for (const view of this.views.splice(0)) this.release(view)
    await Promise.all([this.index.close(), ...this.waits.splice(0)])
    expect(this.backend.held).toEqual([])
    const index = this.newIndex()
    this.index = index
    this.isFilling = false
    let isOver = false
    const writing = async (): Promise<void> => {
      while (!isOver) {
        if (random.chance(0.6)) this.put(random.int(this.size.numbers))
        else this.remove(random.int(this.size.numbers))
        if (random.chance(0.1)) this.waits.push(index.flush().catch(asFailed))
        await nodeClock.yield()
      }
    }
    const writes = writing()
    await index.restore(0)
    this.isFilling = true
    const { seq } = this
    for (const number of model.live(seq)) {
      if (random.chance(0.02)) await nodeClock.yield()
      const stored = model.current(number, seq)
      if (!stored || index.has(number) || !model.current(number, this.seq)) continue
      if (!index.revive(number, stored.seq)) index.put(number, stored.seq, stored.vector)
    }
    index.endRestore()
    isOver = true
    await writes
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
    for (let number = 0; number < this.size.rowsMax; number++) this.put(number)
    await index.compact()
    const live = this.model.live(this.seq)
    expect({ dead: index.dead, pending: index.pending, indexed: index.indexed }).toEqual({
      dead: 0,
      pending: 0,
      indexed: live.length,
    })
    expect(backend.held).toHaveLength(index.segments)
    const view = this.pin()
    for (const k of [3, undefined, undefined]) await this.search(view, k)
    // Nothing is deleted and few are asked for: an approximate index of many rows is asked, not a scan.
    for (let k = 1; k <= 20; k++) await this.search(view, k)
    this.release(view)
    expect(Math.max(0, ...backend.builds)).toBeLessThanOrEqual(this.size.rowsMax)
  }

  async close(): Promise<void> {
    const { backend, index, clock } = this
    const { segments } = index
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
    if (this.files) expect(await this.files.list(DIRECTORY)).toHaveLength(segments)
    expect(
      backend.indexes.filter(({ disposals, interrupted }) => disposals !== 1 || interrupted > 0),
    ).toEqual([])
  }
}

/** A flush rejects where a build failed or an index was lost, and with nothing else. */
function asFailed(error: unknown): void {
  expect(error).toMatchObject({ code: 'BACKEND_FAILED' })
}

/** A kind of backend, and how much is done with it. */
interface Subject {
  readonly inner: IndexBackend
  readonly supports: Partial<BackendSupport>
  readonly size: Size
  readonly hasFiles?: boolean
  /** The share of the nearest that every run finds: 1 where small segments are scanned. */
  readonly recallMin: number
}

/** It misses a quarter of the rows of each segment; a few of the searches are scans. */
const FORGETFUL_RECALL = 0.65
/** It misses what lies in one of eight lists, the farthest. */
const TOY_RECALL = 0.99
const inexact = forgetful(plainScan, true)
const SUBJECTS: [string, Subject][] = [
  ['an exact backend', { inner: plainScan, supports: {}, size: SMALL, recallMin: 1 }],
  [
    'an exact backend without masks',
    { inner: simdScan, supports: { mask: false }, size: SMALL, recallMin: 1 },
  ],
  ['an approximate backend with masks', { inner: inexact, supports: {}, size: SMALL, recallMin: 1 }],
  ['an approximate backend without masks', { inner: toyBackend, supports: {}, size: SMALL, recallMin: 1 }],
  [
    'many rows and a backend with masks',
    { inner: inexact, supports: {}, size: LARGE, recallMin: FORGETFUL_RECALL },
  ],
  [
    'many rows and a backend without masks',
    { inner: toyBackend, supports: {}, size: LARGE, recallMin: TOY_RECALL },
  ],
  [
    'an exact backend with files',
    { inner: plainScan, supports: {}, size: SMALL, hasFiles: true, recallMin: 1 },
  ],
  [
    'an approximate backend with files',
    { inner: toyBackend, supports: {}, size: SMALL, hasFiles: true, recallMin: 1 },
  ],
  [
    'many rows and a backend with files',
    { inner: toyBackend, supports: {}, size: LARGE, hasFiles: true, recallMin: TOY_RECALL },
  ],
]

describe.each(SUBJECTS)('a collection index over %s', (name, subject) => {
  test.each(seedsFor(8).map((seed) => `${name} ${seed}`))(
    'answers as a scan of the instant does, whatever happens meanwhile (seed %s)',
    async (seed) => {
      const run = new Run(subject, seed)
      for (let step = 0; step < subject.size.steps; step++) await run.step()
      await run.finish()
      await run.close()
      const asked = run.backend.indexes.filter(({ searches }) => searches > 0).length
      // Small segments of an approximate backend are scanned.
      expect(asked > 0).toBe(subject.size === LARGE || run.backend.supports.exact)
      expect(run.recall).toBeGreaterThanOrEqual(subject.recallMin)
    },
  )
})
