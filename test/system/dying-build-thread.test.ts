/** The thread that builds graphs dies under a store: what it had is built again by the next one. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Collection, IndexBackend, Warning } from '../../lib/index.js'
import { VectorStore } from '../../lib/index.js'
import { graphBackend } from '../../lib/index/backends/graph.js'
import type { Clock } from '../../lib/runtime/clock.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { WorkerThread } from '../../lib/runtime/worker-thread.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'
import { indexDirectories, ModelledPoints } from './modelled-points.js'

const SEED = 'dying build thread'
const COUNT = 5_000
const RECALL_MIN = 0.97
const WORKER = new URL('../index/backends/mortal-graph-worker.mjs', import.meta.url)

type Death = 'early' | 'late'

/** Waits pass fifty times as fast, so that the next attempt after a failed one comes soon. */
const hastyClock: Clock = {
  ...nodeClock,
  monotonic: () => 50 * nodeClock.monotonic(),
  timer: (run, delayMs, keepsAlive) => nodeClock.timer(run, delayMs / 50, keepsAlive),
}

class Subject {
  readonly model = new ModelledPoints(new SeededRandom(SEED))
  readonly warnings: Warning[] = []
  readonly events: string[] = []
  readonly backend: IndexBackend
  store!: VectorStore
  points!: Collection
  readonly #path: string
  readonly #counter: string
  readonly #worker: WorkerThread
  #onEvent = (): void => {}

  constructor(directory: string, deaths: Record<number, Death>) {
    this.#path = join(directory, 'store')
    this.#counter = join(directory, 'requests')
    const entry = join(directory, 'worker.mjs')
    writeFileSync(
      entry,
      `import { buildUntilDeath } from ${JSON.stringify(WORKER)}
      buildUntilDeath(${JSON.stringify(this.#counter)}, ${JSON.stringify(deaths)})`,
    )
    this.#worker = new WorkerThread(pathToFileURL(entry))
    const options = { files: nodeFiles, clock: hastyClock, worker: this.#worker, threads: 1 }
    this.backend = graphBackend({ kind: 'mortal', scalars: ['bf16'], ...options })
  }

  /** Builds the thread was asked for. */
  get requests(): number {
    return Number(readFileSync(this.#counter, 'utf8'))
  }

  async open(): Promise<void> {
    this.store = await VectorStore.open({ path: this.#path, clock: hastyClock })
    this.store.on('warning', (warning) => {
      this.warnings.push(warning)
      this.#onEvent()
    })
    this.store.on('index', ({ kind }) => {
      this.events.push(kind)
      this.#onEvent()
    })
    const { metric } = this.model
    const options = { dimensions: 16, metric, backend: this.backend }
    this.points = await this.store.getOrCreateCollection('points', options)
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        this.#onEvent = resolve
      })
    }
  }

  /** Two segments, in one of which some are dead. */
  async fillTwice(): Promise<void> {
    const { model, points } = this
    await model.put(points, 0, COUNT / 2)
    await points.flush()
    await model.put(points, COUNT / 2, COUNT)
    await points.flush()
    await model.remove(points, [1, 2, 3, 4, 5])
    expect(this.requests).toBe(2)
  }

  recall(): Promise<number> {
    return this.model.recall(this.points, 20)
  }

  /** What is answered by graphs, all of it, and only directories in use are left. */
  async expectWhole(): Promise<void> {
    await this.points.flush()
    const { index, fallbackReason } = this.points.getStats()
    expect(index).toMatchObject({ kind: 'mortal', indexed: this.model.vectors.size, pending: 0, dead: 0 })
    expect(fallbackReason).toBeUndefined()
    expect(await this.points.explain({ vector: this.model.vector(), topK: 10 })).toMatchObject({
      vectors: 'index',
    })
    expect(await this.recall()).toBeGreaterThanOrEqual(RECALL_MIN)
    const [names] = Object.values(await indexDirectories(this.#path))
    expect(names).toHaveLength(index.segments)
  }

  async close(): Promise<void> {
    await this.store.close()
    await this.#worker.close()
  }
}

async function withDeaths(
  deaths: Record<number, Death>,
  body: (subject: Subject) => Promise<void>,
): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    const subject = new Subject(directory, deaths)
    await subject.open()
    await body(subject)
    await subject.close()
  })
}

const died = {
  code: 'BACKEND_FAILED',
  message: expect.stringContaining('could not build its index'),
  details: { kind: 'mortal' },
}

describe.each(['early', 'late'] as const)(`the thread that builds dies (%s, seed ${SEED})`, (death) => {
  test('once, and what it had is built again without a call', () =>
    withDeaths({ 1: death }, async (subject) => {
      await subject.model.put(subject.points, 0, COUNT)
      await subject.until(() => subject.warnings.length > 0)
      expect(subject.warnings).toMatchObject([died])
      expect(await subject.recall()).toBeGreaterThanOrEqual(RECALL_MIN)
      await subject.until(() => subject.events.length > 0)
      expect(subject.requests).toBeGreaterThanOrEqual(2)
      await subject.expectWhole()
      expect(subject.warnings).toHaveLength(1)
    }))

  test('under a flush, which says so; the next one has it built', () =>
    withDeaths({ 1: death, 2: death }, async (subject) => {
      await subject.model.put(subject.points, 0, COUNT - 2_000)
      const failed = { code: 'BACKEND_FAILED' }
      await expect(subject.points.flush()).rejects.toMatchObject(failed)
      expect(subject.points.getStats()).toMatchObject({ index: { segments: 0, pending: COUNT - 2_000 } })
      expect(subject.points.getStats().fallbackReason).toBe(subject.warnings[0]?.message)
      expect(await subject.recall()).toBeGreaterThanOrEqual(RECALL_MIN)
      await subject.until(() => subject.events.length > 0)
      await subject.expectWhole()
      expect(subject.warnings).toMatchObject([died, died])
    }))

  test('under a merge, and the segments that were to be merged go on answering', () =>
    withDeaths({ 3: death }, async (subject) => {
      await subject.fillTwice()
      // Whether that is told is another test's matter.
      await Promise.allSettled([subject.points.compact()])
      expect(subject.warnings).toMatchObject([died])
      expect(subject.points.getStats().index).toMatchObject({ segments: 2, dead: 5 })
      expect(await subject.recall()).toBeGreaterThanOrEqual(RECALL_MIN)
      await subject.points.compact()
      expect(subject.points.getStats().index).toMatchObject({ segments: 1 })
      await subject.expectWhole()
    }))

  test('under a compaction, which says so', () =>
    withDeaths({ 3: death }, async (subject) => {
      await subject.fillTwice()
      await expect(subject.points.compact()).rejects.toMatchObject({ code: 'BACKEND_FAILED' })
    }))

  test('and a store that is opened again has what came of it, and builds nothing', () =>
    withDeaths({ 1: death }, async (subject) => {
      await subject.model.put(subject.points, 0, COUNT)
      await subject.until(() => subject.events.length > 0)
      await subject.expectWhole()
      const { requests } = subject
      await subject.store.close()
      await subject.open()
      expect(await subject.recall()).toBeGreaterThanOrEqual(RECALL_MIN)
      await subject.expectWhole()
      expect(subject.requests).toBe(requests)
    }))
})
