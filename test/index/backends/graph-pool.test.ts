import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { GraphPool, type GraphPoolOptions } from '../../../lib/index/backends/graph-pool.js'
import type { GraphFile, PooledGraph } from '../../../lib/index/backends/pooled-graph.js'
import {
  type GraphMatches,
  type GraphScalar,
  UsearchGraph,
} from '../../../lib/index/backends/usearch-graph.js'
import type { Clock } from '../../../lib/runtime/clock.js'
import { nodeClock } from '../../../lib/runtime/node-clock.js'
import { SampleVectors } from '../../../lib/testing/sample-vectors.js'
import { SeededRandom } from '../../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../../lib/testing/temporary-directory.js'

const random = new SeededRandom('graph pool')
const slowEntry = new URL('./slow-graph-worker.mjs', import.meta.url)

/** Every search in this thread seems to take no time. */
const fastClock: Clock = { ...nodeClock, monotonic: () => 0 }

/** Every search in this thread seems to take long, so the pool leaves all it can to threads. */
function slowClock(): Clock {
  let nowMs = 0
  const monotonic = () => {
    nowMs += 20
    return nowMs
  }
  return { ...nodeClock, monotonic }
}

/** A graph in files, what it answers by itself, and the pool's way to it. */
class Subject {
  readonly file: GraphFile
  readonly graph: PooledGraph
  readonly #sample: SampleVectors
  readonly #alone: UsearchGraph

  constructor(pool: GraphPool, directory: string, scalar: GraphScalar, count: number, dimensions: number) {
    const shape = { dimensions, metric: 'cos', scalar } as const
    const name = `${directory}/${scalar}-${count}-${dimensions}`
    this.file = { graphPath: name, emptyPath: `${name}-empty`, shape, count }
    this.#sample = SampleVectors.clustered(random, 'cosine', count, dimensions)
    const written = new UsearchGraph(shape)
    written.save(this.file.emptyPath)
    written.add(this.#sample.vectors)
    written.save(this.file.graphPath)
    this.graph = pool.open(this.file)
    this.#alone = written
  }

  queries(count: number): Float32Array[] {
    const { dimensions } = this.file.shape
    const all = this.#sample.queries(random, count)
    return Array.from({ length: count }, (_, i) => all.slice(i * dimensions, (i + 1) * dimensions))
  }

  /** What the graph answers without a pool. */
  alone(query: Float32Array, k: number): GraphMatches {
    return this.#alone.search(query, k)
  }

  /** Asks for all at once. */
  ask(queries: readonly Float32Array[], k: number): Promise<GraphMatches[]> {
    return Promise.all(queries.map((query) => this.graph.search(query.slice(), k)))
  }

  /** Whether a line of the process's maps names it; only Linux tells. */
  isMapped(otherwise: boolean): boolean {
    const maps = '/proc/self/maps'
    if (!existsSync(maps)) return otherwise
    return readFileSync(maps, 'utf8')
      .split('\n')
      .some((line) => line.endsWith(this.file.graphPath))
  }
}

/** Searches of this thread since it was called. */
function countingHere(): () => number {
  const spy = vi.spyOn(UsearchGraph.prototype, 'search')
  return () => spy.mock.calls.length
}

async function withPool(
  options: Partial<GraphPoolOptions>,
  body: (pool: GraphPool, directory: string) => Promise<void>,
): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    const pool = new GraphPool({ clock: nodeClock, threads: 2, ...options })
    await body(pool, directory)
    await pool.close()
    expect(pool.threads).toBe(0)
  })
}

/** A pool that leaves all to threads, once they have started. */
const SLOW = { entry: slowEntry } as const

/** Until a lone query was not searched for in this thread: a thread is ready. */
async function untilThreadsAnswer(subject: Subject): Promise<void> {
  const [query] = subject.queries(1) as [Float32Array]
  const here = countingHere()
  for (let before = -1; before !== here(); ) {
    before = here()
    await subject.ask([query], 3)
  }
  vi.restoreAllMocks()
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a pool', () => {
  test('searches for a lone query in the calling thread, and starts none', async () => {
    await withPool({ clock: fastClock }, async (pool, directory) => {
      const subject = new Subject(pool, directory, 'bf16', 1_000, 16)
      const queries = subject.queries(100)
      const expected = queries.map((query) => subject.alone(query, 7))
      const here = countingHere()
      for (const [i, query] of queries.entries()) expect(await subject.ask([query], 7)).toEqual([expected[i]])
      expect([here(), pool.threads]).toEqual([100, 0])
      await subject.graph.release()
    })
  })

  test.each(['f32', 'bf16', 'i8'] as const)(
    'spreads queries that meet, of %s, and answers each as alone',
    async (scalar) => {
      await withPool({}, async (pool, directory) => {
        const subject = new Subject(pool, directory, scalar, 2_000, 24)
        const queries = subject.queries(300)
        const expected = queries.map((query) => subject.alone(query, 20))
        const here = countingHere()
        let asked = 0
        // The first rounds may be over before a thread has started.
        while (here() === asked) {
          expect(await subject.ask(queries, 20)).toEqual(expected)
          asked += queries.length
          expect(pool.threads).toBe(2)
        }
        await subject.graph.release()
      })
    },
  )

  test('sees that queries meet which come in ticks of their own', async () => {
    await withPool({ clock: fastClock }, async (pool, directory) => {
      const subject = new Subject(pool, directory, 'f32', 500, 8)
      const queries = subject.queries(8)
      const expected = queries.map((query) => subject.alone(query, 5))
      const caller = async (query: Float32Array, i: number) => {
        while (pool.threads === 0) {
          await new Promise((resolve) => setImmediate(resolve))
          expect(await subject.graph.search(query, 5)).toEqual(expected[i])
        }
      }
      await Promise.all(queries.map(caller))
      expect(pool.threads).toBe(2)
      await subject.graph.release()
    })
  })

  test('gives a lone query that takes long to a thread', async () => {
    await withPool({ ...SLOW, clock: slowClock() }, async (pool, directory) => {
      const subject = new Subject(pool, directory, 'f32', 500, 8)
      await untilThreadsAnswer(subject)
      const queries = subject.queries(20)
      const expected = queries.map((query) => subject.alone(query, 5))
      const here = countingHere()
      for (const [i, query] of queries.entries()) expect(await subject.ask([query], 5)).toEqual([expected[i]])
      expect(await subject.ask(queries, 5)).toEqual(expected)
      expect(here()).toBe(0)
      await subject.graph.release()
    })
  })

  test('searches several graphs of different dimensions at once', async () => {
    await withPool({}, async (pool, directory) => {
      const subjects = [
        new Subject(pool, directory, 'f32', 400, 3),
        new Subject(pool, directory, 'bf16', 1_500, 100),
        new Subject(pool, directory, 'i8', 12, 65_536),
      ]
      const queries = subjects.map((subject) => subject.queries(40))
      for (const k of [1, 12, 300]) {
        const expected = subjects.map((subject, i) => queries[i]?.map((query) => subject.alone(query, k)))
        expect(await Promise.all(subjects.map((subject, i) => subject.ask(queries[i] ?? [], k)))).toEqual(
          expected,
        )
      }
      await Promise.all(subjects.map(({ graph }) => graph.release()))
    })
  })

  test('answers in the calling thread what has no room in the shared memory', async () => {
    await withPool({ ...SLOW, clock: slowClock() }, async (pool, directory) => {
      const subject = new Subject(pool, directory, 'f32', 500, 8)
      await untilThreadsAnswer(subject)
      const queries = subject.queries(5)
      const expected = queries.map((query) => subject.alone(query, 1_000_000))
      const here = countingHere()
      expect(await subject.ask(queries, 1_000_000)).toEqual(expected)
      expect(here()).toBe(5)
      await subject.graph.release()
    })
  })

  test('without threads takes turns in the calling one', async () => {
    await withPool({ threads: 0 }, async (pool, directory) => {
      const subject = new Subject(pool, directory, 'f32', 500, 8)
      const queries = subject.queries(50)
      const expected = queries.map((query) => subject.alone(query, 5))
      let ticks = 0
      const tick = () => {
        ticks++
        ticking = setImmediate(tick)
      }
      let ticking = setImmediate(tick)
      expect(await subject.ask(queries, 5)).toEqual(expected)
      clearImmediate(ticking)
      expect(ticks).toBeGreaterThan(40)
      expect([pool.threads, pool.reason]).toEqual([0, undefined])
      await subject.graph.release()
    })
  })

  test('refuses wrong arguments as the graph does', async () => {
    await withPool({}, async (pool, directory) => {
      const subject = new Subject(pool, directory, 'f32', 100, 8)
      const refused = { code: 'BACKEND_FAILED', message: expect.stringMatching(/was given a wrong/) }
      const { graph } = subject
      await expect(graph.search(new Float32Array(9), 5)).rejects.toMatchObject(refused)
      for (const k of [0, 1.5, Number.NaN, 2_000_000]) {
        await expect(graph.search(new Float32Array(8), k)).rejects.toMatchObject(refused)
      }
      expect(() => pool.open({ ...subject.file, count: 99 })).toThrow(/holds 100 vectors of 8 dimensions/)
      await graph.release()
    })
  })
})

describe('letting go', () => {
  test('of a graph unmaps it in every thread, after what was asked is answered, and leaves the others', async () => {
    await withPool({ ...SLOW, clock: slowClock() }, async (pool, directory) => {
      const kept = new Subject(pool, directory, 'f32', 400, 8)
      const left = new Subject(pool, directory, 'f32', 300, 16)
      await untilThreadsAnswer(left)
      const queries = left.queries(100)
      const expected = queries.map((query) => left.alone(query, 9))
      const [keptQuery] = kept.queries(1) as [Float32Array]
      await kept.ask([keptQuery, keptQuery], 3)
      const answers = left.ask(queries, 9)
      const release = left.graph.release()
      expect(await answers).toEqual(expected)
      expect(await Promise.all([release, left.graph.release()])).toEqual([undefined, undefined])
      expect([left.isMapped(false), kept.isMapped(true)]).toEqual([false, true])
      expect((await left.graph.search(queries[0] as Float32Array, 9)).ordinals).toHaveLength(0)
      expect(await kept.ask([keptQuery], 3)).toEqual([kept.alone(keptQuery, 3)])
      const again = pool.open(left.file)
      expect(await again.search(queries[0] as Float32Array, 9)).toEqual(expected[0])
      await Promise.all([again.release(), kept.graph.release()])
      expect([left.isMapped(false), kept.isMapped(false)]).toEqual([false, false])
    })
  })

  test('of the pool answers what was asked, and later queries in the calling thread', async () => {
    await withPool({}, async (pool, directory) => {
      const subject = new Subject(pool, directory, 'f32', 500, 8)
      const queries = subject.queries(100)
      const expected = queries.map((query) => subject.alone(query, 5))
      await subject.ask(queries, 5)
      const answers = subject.ask(queries, 5)
      await Promise.all([pool.close(), pool.close()])
      expect(await answers).toEqual(expected)
      expect(pool.threads).toBe(0)
      expect(await subject.ask(queries, 5)).toEqual(expected)
      expect([pool.threads, pool.reason]).toEqual([0, undefined])
      await subject.graph.release()
      expect(subject.isMapped(false)).toBe(false)
    })
  })
})

describe('a thread', () => {
  test('that fails natively gives the same typed error, and goes on', async () => {
    await withPool({ ...SLOW, clock: slowClock(), threads: 1 }, async (pool, directory) => {
      const ready = new Subject(pool, directory, 'f32', 500, 8)
      await untilThreadsAnswer(ready)
      const gone = new Subject(pool, directory, 'f32', 100, 8)
      const [query] = gone.queries(1) as [Float32Array]
      expect(await gone.ask([query], 2)).toEqual([gone.alone(query, 2)])
      // This thread has mapped it, the other has not and never will.
      rmSync(gone.file.graphPath)
      const failed = { code: 'BACKEND_FAILED', message: expect.stringMatching(/could not open a graph/) }
      const answers = await Promise.allSettled(Array.from({ length: 100 }, () => gone.graph.search(query, 2)))
      expect(answers).toMatchObject(Array(100).fill({ status: 'rejected', reason: failed }))
      const queries = ready.queries(10)
      expect(await ready.ask(queries, 5)).toEqual(queries.map((each) => ready.alone(each, 5)))
      expect(pool.reason).toBeUndefined()
      await Promise.all([gone.graph.release(), ready.graph.release()])
    })
  })

  test.each([666, 667])('that dies (%d) is replaced, and what it had is answered once', async (deadly) => {
    await withPool({ ...SLOW, clock: slowClock() }, async (pool, directory) => {
      const subject = new Subject(pool, directory, 'f32', 500, 8)
      await untilThreadsAnswer(subject)
      for (let round = 0; round < 5; round++) {
        const queries = subject.queries(60)
        for (const at of [3, 30]) (queries[at] as Float32Array)[0] = deadly
        const expected = queries.map((query) => subject.alone(query, 5))
        const here = countingHere()
        expect(await subject.ask(queries, 5)).toEqual(expected)
        // This thread answers what was deadly, and what it found untaken while there was no thread.
        expect(here()).toBeGreaterThanOrEqual(2)
        vi.restoreAllMocks()
        await untilThreadsAnswer(subject)
      }
      expect([pool.reason, pool.threads]).toEqual([undefined, 2])
      await subject.graph.release()
      expect(subject.isMapped(false)).toBe(false)
    })
  })

  test.each([
    [
      'with every task',
      new URL('./dying-graph-worker.mjs', import.meta.url),
      /died 3 times within 10 seconds .*exit code 4/,
    ],
    [
      'when it starts',
      new URL('data:text/javascript,throw new Error("broken module")'),
      /died 3 times within 10 seconds .*broken module/,
    ],
  ])('that dies %s is given up after some others', async (_when, entry, reason) => {
    await withPool({ entry, clock: slowClock() }, async (pool, directory) => {
      const subject = new Subject(pool, directory, 'f32', 500, 8)
      const queries = subject.queries(60)
      const expected = queries.map((query) => subject.alone(query, 5))
      while (pool.reason === undefined) expect(await subject.ask(queries, 5)).toEqual(expected)
      expect(pool.reason).toMatch(reason)
      expect(await subject.ask(queries, 5)).toEqual(expected)
      await subject.graph.release()
      expect(subject.isMapped(false)).toBe(false)
      expect(pool.threads).toBe(0)
    })
  })
})

describe('the process', () => {
  const child = fileURLToPath(new URL('./graph-pool-child.mjs', import.meta.url))
  const run = (directory: string, what: string) =>
    execFileSync(process.execPath, [child, directory, what], { encoding: 'utf8', timeout: 50_000 })

  test('ends beside an idle pool, and not while somebody waits for it', async () => {
    await withTemporaryDirectory(async (directory) => {
      expect(run(directory, 'idle')).toBe('64 2\n')
      expect(run(directory, 'asked')).toBe('answered\nreleased\nclosed\n')
    })
  })

  test('may exit in the middle of searches', async () => {
    await withTemporaryDirectory(async (directory) => {
      for (let round = 0; round < 5; round++) {
        const { status, stderr } = spawnSync(process.execPath, [child, directory, 'exit'], {
          encoding: 'utf8',
        })
        expect({ status, stderr }).toEqual({ status: 7, stderr: '' })
      }
    })
  })
})
