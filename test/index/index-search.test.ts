import { describe, expect, test } from 'vitest'
import { Bitmap } from '../../lib/bitmap.js'
import type { IndexBackend } from '../../lib/index/backend.js'
import { plainScan } from '../../lib/index/backends/plain-scan.js'
import { checkedBackend } from '../../lib/index/checked-backend.js'
import { CollectionIndex } from '../../lib/index/collection-index.js'
import { normOf } from '../../lib/index/distance.js'
import type { Found, IndexQuery, IndexView } from '../../lib/index/index-search.js'
import type { Metric } from '../../lib/index/metric.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { seedsFor } from '../seeds.js'
import { ControlledBackend, forgetful } from './controlled-backend.js'
import { IndexModel } from './index-model.js'
import { RestlessClock } from './restless-clock.js'

const METRICS: readonly Metric[] = ['cosine', 'dot', 'euclidean']
/** Components of admitted vectors up to which they are copied together. */
const FEW_FLOATS = 256 * 1024

/** An index, and the model of what it must answer. */
class Setting {
  readonly metric: Metric
  readonly dimensions: number
  readonly random: SeededRandom
  readonly backend: ControlledBackend
  readonly clock = new RestlessClock()
  readonly index: CollectionIndex
  readonly model: IndexModel
  seq = 0

  constructor(metric: Metric, dimensions: number, seed: string, inner: IndexBackend) {
    this.metric = metric
    this.dimensions = dimensions
    this.random = new SeededRandom(seed)
    this.backend = new ControlledBackend(inner)
    this.backend.isAutomatic = true
    this.model = new IndexModel(metric, dimensions)
    this.index = new CollectionIndex({
      ...{ dimensions, metric, clock: this.clock, backend: checkedBackend(this.backend) },
      onSegment: () => {},
      onFailure: (error) => expect(error).toBeUndefined(),
    })
  }

  /** Of any length, or of nearly unit length, as embeddings are. */
  vector(): Float32Array {
    const { random, dimensions } = this
    const vector = Float32Array.from({ length: dimensions }, () => 2 * random.next() - 1)
    const length = random.chance(0.6) ? 1 + 1e-3 * (2 * random.next() - 1) : 0.5 + 3 * random.next()
    const norm = normOf(vector, 0, dimensions)
    return vector.map((component) => (component / norm) * length)
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

  query(k: number, allow: Bitmap | undefined, exact = false): IndexQuery {
    return { vector: this.vector(), k, ef: undefined, exact, allow }
  }

  get searches(): number {
    return this.backend.indexes.reduce((sum, { searches }) => sum + searches, 0)
  }

  /** The answer must be the nearest of all that is admitted, with each vector as it was written where it is said to be that. */
  expectNearest(view: IndexView, { vector, k, allow }: IndexQuery, found: readonly Found[]): void {
    const { model, dimensions, metric } = this
    const nearest = model.nearest(view.seq, vector, (number) => !allow || allow.has(number)).slice(0, k)
    expect(found).toHaveLength(nearest.length)
    expect(new Set(found.map(({ number }) => number)).size).toBe(found.length)
    const live = new Map(
      model.nearest(view.seq, vector, () => true).map(({ number, distance }) => [number, distance]),
    )
    for (const [i, { number, distance, vectors, offset }] of found.entries()) {
      expect(allow?.has(number) ?? true).toBe(true)
      expect(Math.abs(distance - (live.get(number) ?? Number.NaN))).toBeLessThan(2e-6)
      expect(Math.abs(distance - (nearest[i]?.distance ?? Number.NaN))).toBeLessThan(2e-6)
      const written = model.current(number, view.seq)?.vector as Float32Array
      const isNearlyUnit = Math.abs(normOf(written, 0, dimensions) - 1) <= 1e-3
      expect(vectors !== undefined).toBe(metric !== 'cosine' || isNearlyUnit)
      if (vectors) expect(vectors.slice(offset, offset + dimensions)).toEqual(written)
    }
  }
}

const approximate = forgetful(plainScan, false)

/** 900 records in two segments, of which the second has 200, and 100 in the memtable: 1 000 in all. */
async function filled(metric: Metric, seed: string, inner = approximate): Promise<Setting> {
  const setting = new Setting(metric, 5, seed, inner)
  for (const [from, to] of [
    [0, 700],
    [700, 900],
    [900, 1_000],
  ] as const) {
    for (let number = from; number < to; number++) setting.put(number)
    if (to < 1_000) await setting.index.flush()
  }
  expect(setting.index).toMatchObject({ segments: 2, indexed: 900, pending: 100 })
  return setting
}

describe.each(METRICS)('few admitted records (%s)', (metric) => {
  test.each(seedsFor(6))(
    'are compared one by one, wherever they lie, at the instant of the view (seed %i)',
    async (seed) => {
      const setting = await filled(metric, `few ${metric} ${seed}`)
      const { index, random } = setting
      let views = [index.pin(setting.seq)]
      for (let step = 0; step < 60; step++) {
        const action = random.int(8)
        if (action < 3) for (let i = random.int(30); i >= 0; i--) setting.put(random.int(1_000))
        else if (action < 4) for (let i = random.int(10); i >= 0; i--) setting.remove(random.int(1_000))
        else if (action < 5) views.push(index.pin(setting.seq))
        else if (action < 6 && step % 3 === 0) await index.flush()
        const view = random.pick(views)
        const live = setting.model.live(view.seq)
        // Some that the view does not see, or that never were, admit nothing.
        const allow = Bitmap.of([
          ...live.filter(() => random.chance(0.05)),
          ...(random.chance(0.3) ? [5_000] : []),
        ])
        const query = setting.query(1 + random.int(60), allow, random.chance(0.5))
        setting.expectNearest(view, query, await index.search(view, query, undefined))
        if (views.length > 3) {
          for (const each of views.splice(0, 2)) each.release()
        }
      }
      for (const view of views) view.release()
      views = []
      await index.close()
    },
  )

  test('are asked of no index, also where a view sees all', async () => {
    const setting = await filled(metric, `unasked ${metric}`)
    const { index } = setting
    const view = index.pin(setting.seq)
    const allow = Bitmap.of([3, 699, 700, 899, 900, 999])
    const query = setting.query(4, allow)
    setting.expectNearest(view, query, await index.search(view, query, undefined))
    expect(setting.searches).toBe(0)
    expect(index.plan(view, query)).toEqual({ segments: 0, candidates: 0, compared: 6 })
    view.release()
    await index.close()
  })
})

test('few admitted records are those of the view where they moved since, were deleted, or are there again', async () => {
  const setting = await filled('euclidean', 'moved')
  const { index } = setting
  const allow = Bitmap.of([10, 11, 12, 950, 951])
  const before = index.pin(setting.seq)
  setting.put(10)
  setting.remove(11)
  const between = index.pin(setting.seq)
  setting.put(11)
  setting.put(950)
  setting.remove(951)
  const after = index.pin(setting.seq)
  const expectAll = async () => {
    for (const [view, there] of [
      [before, [10, 11, 12, 950, 951]],
      [between, [10, 12, 950, 951]],
      [after, [10, 11, 12, 950]],
    ] as const) {
      const query = setting.query(9, allow)
      const found = await index.search(view, query, undefined)
      expect(found.map(({ number }) => number).sort((a, b) => a - b)).toEqual(there)
      setting.expectNearest(view, query, found)
    }
  }
  await expectAll()
  await index.compact()
  await expectAll()
  for (const view of [before, between, after]) view.release()
  await index.close()
})

describe('a plan', () => {
  const LONG = 1_024

  /** 3 000 rows so long that more than 256 of them are not few; and 200 in the memtable. */
  async function long(): Promise<Setting> {
    const setting = new Setting('euclidean', LONG, 'plan', approximate)
    for (let number = 0; number < 3_000; number++) setting.put(number)
    await setting.index.flush()
    for (let number = 3_000; number < 3_200; number++) setting.put(number)
    expect(setting.index).toMatchObject({ indexed: 3_000, pending: 200 })
    return setting
  }

  const every = (step: number) =>
    Bitmap.of(Array.from({ length: Math.ceil(3_200 / step) }, (_, i) => i * step))

  /** For a share of admitted rows: 64 of them at least where that is all, 96 where it is a half or less. */
  const candidatesAt = (share: number) => Math.ceil((64 + 32 * Math.min(1, 2 * (1 - share))) / share)

  test('says what a search does, for any share of admitted records', async () => {
    const setting = await long()
    const { index } = setting
    const view = index.pin(setting.seq)
    const done: [number, boolean][] = []
    for (const step of [1, 2, 4, 13, 40]) {
      const allow = every(step)
      const query = setting.query(5, allow)
      const { segments, candidates, compared } = index.plan(view, query)
      const before = setting.searches
      const found = await index.search(view, query, undefined)
      const isAsked = setting.searches > before
      done.push([step, isAsked])
      expect({ step, isAsked: segments > 0 }).toEqual({ step, isAsked })
      const count = allow.count()
      const inMemtable = 200 / step
      if (isAsked) {
        expect(candidates).toBe(candidatesAt(count / 3_200))
        expect(Math.abs(compared - inMemtable)).toBeLessThan(2)
        expect(found).toHaveLength(5)
      } else {
        expect([candidates, compared]).toEqual([0, count])
        setting.expectNearest(view, query, found)
      }
    }
    expect(done).toEqual([
      [1, true],
      [2, false],
      [4, false],
      [13, false],
      [40, false],
    ])
    expect(3_200 / 13).toBeLessThan(FEW_FLOATS / LONG)
    view.release()
    await index.close()
  })

  test('knows in which segment the few admitted records lie', async () => {
    const setting = new Setting('euclidean', 200, 'apart', approximate)
    const { index } = setting
    for (const [from, to] of [
      [0, 14_400],
      [14_400, 16_000],
    ] as const) {
      for (let number = from; number < to; number++) setting.put(number)
      await index.flush()
    }
    expect(index).toMatchObject({ segments: 2, indexed: 16_000 })
    const view = index.pin(setting.seq)
    const query = setting.query(5, Bitmap.of(Array.from({ length: 1_600 }, (_, i) => 14_400 + i)))
    expect(index.plan(view, query)).toEqual({ segments: 1, candidates: candidatesAt(1), compared: 0 })
    expect(await index.search(view, query, undefined)).toHaveLength(5)
    expect(setting.searches).toBe(1)
    view.release()
    await index.close()
  })

  test('says that many of short vectors are scanned, for they are few components', async () => {
    const setting = new Setting('euclidean', 2, 'short', approximate)
    for (let number = 0; number < 10_000; number++) setting.put(number)
    await setting.index.flush()
    const view = setting.index.pin(setting.seq)
    const all = setting.query(5, undefined)
    expect(setting.index.plan(view, all)).toEqual({ segments: 1, candidates: 64, compared: 0 })
    const few = { ...all, allow: Bitmap.range(9_000) }
    expect(setting.index.plan(view, few)).toEqual({ segments: 0, candidates: 0, compared: 9_000 })
    setting.expectNearest(view, few, await setting.index.search(view, few, undefined))
    expect(setting.searches).toBe(0)
    view.release()
    await setting.index.close()
  })

  test('asks an index for what is wanted, and scans where that is asked for or nothing is built', async () => {
    const setting = await long()
    const { index } = setting
    const view = index.pin(setting.seq)
    const plan = (k: number, more: Partial<IndexQuery> = {}) =>
      index.plan(view, { ...setting.query(k, undefined), ...more })
    expect(plan(5)).toEqual({ segments: 1, candidates: 64, compared: 200 })
    expect(plan(50)).toEqual({ segments: 1, candidates: 150, compared: 200 })
    expect(plan(5, { ef: 20 })).toEqual({ segments: 1, candidates: 20, compared: 200 })
    expect(plan(5, { exact: true })).toEqual({ segments: 0, candidates: 0, compared: 3_200 })
    expect(plan(1_000)).toEqual({ segments: 0, candidates: 0, compared: 3_200 })
    view.release()
    // Dead rows are passed over: more candidates are asked for.
    for (let number = 0; number < 300; number++) setting.remove(number)
    const later = index.pin(setting.seq)
    expect(index.plan(later, setting.query(5, undefined))).toEqual({
      ...{ segments: 1, candidates: candidatesAt(0.9), compared: 200 },
    })
    later.release()
    await index.close()
  })
})

test('a search that takes long lets others have a turn, and ends there when it is aborted', async () => {
  const setting = await filled('dot', 'aborted')
  const { index, clock } = setting
  const view = index.pin(setting.seq)
  const reason = new Error('enough')
  const controller = new AbortController()
  clock.hold()
  const query = setting.query(5, undefined)
  const searching = index.search(view, query, controller.signal)
  while (clock.held === 0) await Promise.resolve()
  controller.abort(reason)
  clock.resume()
  await expect(searching).rejects.toBe(reason)
  setting.expectNearest(
    view,
    { ...query, exact: true },
    await index.search(view, { ...query, exact: true }, undefined),
  )
  view.release()
  await index.close()
})
