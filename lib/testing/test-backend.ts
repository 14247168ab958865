import assert from 'node:assert/strict'
import type { Candidates, IndexBackend } from '../index/backend.js'
import { checkedBackend } from '../index/checked-backend.js'
import type { Metric } from '../index/metric.js'
import { BackendTrial } from './backend-trial.js'
import { SampleVectors } from './sample-vectors.js'
import { SeededRandom } from './seeded-random.js'
import { withTemporaryDirectory } from './temporary-directory.js'

/** The two functions the suites need; vitest, jest, mocha (`test` is its `it`) and `node:test` all have them. */
export interface TestRunner {
  describe(name: string, body: () => void): void
  test(name: string, body: () => Promise<void> | void): void
}

const ROWS = 1_200
const DIMENSIONS = 24

/**
 * The conformance suite of `IndexBackend`: what the store relies on, checked through the same wrapper the store uses.
 * An exact backend must be right to 1e-5; an approximate one must find nine in ten of the nearest. Needs a
 * writable temporary directory. The data is the same on every run.
 *
 * @param name - appears in the names of the tests
 * @param factory - makes the backend to test; called once a test
 * @param runner - `describe` and `test` of any test framework
 *
 * @example
 * ```ts
 * import { describe, test } from 'node:test'
 * import type { IndexBackend } from 'replivec'
 * import { testBackend } from 'replivec/testing'
 *
 * declare const myBackend: IndexBackend // the one you wrote
 *
 * testBackend('my backend', () => myBackend, { describe, test })
 * ```
 */
export function testBackend(
  name: string,
  factory: () => IndexBackend | Promise<IndexBackend>,
  runner: TestRunner,
): void {
  /** Registers a test that runs once with each metric the backend declares. */
  const testEachMetric = (title: string, body: (backend: IndexBackend, metric: Metric) => Promise<void>) => {
    runner.test(title, async () => {
      const backend = await factory()
      assert.ok(backend.supports.metrics.length > 0, 'supports.metrics must not be empty')
      for (const metric of backend.supports.metrics) await body(backend, metric)
    })
  }

  runner.describe(`index backend: ${name}`, () => {
    runner.test('has the members of the interface', async () => {
      checkedBackend(await factory())
    })

    testEachMetric('finds the nearest of evenly spread vectors', async (backend, metric) => {
      const random = new SeededRandom(`uniform ${metric}`)
      const sample = SampleVectors.uniform(random, metric, ROWS, DIMENSIONS)
      await BackendTrial.run(backend, sample, async (trial) => {
        await trial.expectNearest({ queries: sample.queries(random, 25), k: 10 })
      })
    })

    testEachMetric('finds the nearest of clustered vectors', async (backend, metric) => {
      const random = new SeededRandom(`clustered ${metric}`)
      const sample = SampleVectors.clustered(random, metric, ROWS, DIMENSIONS)
      await BackendTrial.run(backend, sample, async (trial) => {
        await trial.expectNearest({ queries: sample.queries(random, 25), k: 10 })
      })
    })

    testEachMetric('answers for one, for all and for more than all rows', async (backend, metric) => {
      const random = new SeededRandom(`k ${metric}`)
      const sample = SampleVectors.uniform(random, metric, 100, 8)
      const queries = sample.queries(random, 10)
      await BackendTrial.run(backend, sample, async (trial) => {
        for (const k of [1, 100, 101, 5_000]) await trial.expectNearest({ queries, k })
      })
    })

    testEachMetric('indexes a single vector', async (backend, metric) => {
      const random = new SeededRandom(`single ${metric}`)
      const sample = SampleVectors.uniform(random, metric, 1, 5)
      await BackendTrial.run(backend, sample, async (trial) => {
        for (const k of [1, 10]) await trial.expectNearest({ queries: sample.queries(random, 3), k })
      })
    })

    testEachMetric('indexes vectors of 1, 3 and 256 components', async (backend, metric) => {
      for (const dimensions of [1, 3, 256]) {
        const random = new SeededRandom(`${dimensions} components ${metric}`)
        const sample = SampleVectors.uniform(random, metric, 300, dimensions)
        await BackendTrial.run(backend, sample, async (trial) => {
          await trial.expectNearest({ queries: sample.queries(random, 10), k: 10 })
        })
      }
    })

    testEachMetric('answers several queries as it answers each alone', async (backend, metric) => {
      const random = new SeededRandom(`batch ${metric}`)
      const sample = SampleVectors.clustered(random, metric, 400, 12)
      const queries = sample.queries(random, 7)
      await BackendTrial.run(backend, sample, async (trial) => {
        const together = await trial.search({ queries, k: 5 })
        const alone: Candidates[] = []
        for (const query of rowsOf(queries, 12)) alone.push(...(await trial.search({ queries: query, k: 5 })))
        assert.deepEqual(together.map(ordinalsOf), alone.map(ordinalsOf))
        trial.expectRight({ queries, k: 5 }, together)
      })
    })

    testEachMetric('finds the nearest admitted rows, if it declares masks', async (backend, metric) => {
      const random = new SeededRandom(`masks ${metric}`)
      // Not a multiple of 32, so that the last word of the mask is a part of one.
      const sample = SampleVectors.uniform(random, metric, 1_000, 64)
      const queries = sample.queries(random, 10)
      const rows = Array.from({ length: 1_000 }, (_, row) => row)
      const masks = backend.supports.mask
        ? [[], [999], rows.filter((row) => row % 10 === 3), rows.filter((row) => row % 7 !== 0), rows]
        : [rows]
      await BackendTrial.run(backend, sample, async (trial) => {
        for (const allow of masks) await trial.expectNearest({ queries, k: 10, allow })
      })
    })

    testEachMetric('finds every one of several equal vectors', async (backend, metric) => {
      const random = new SeededRandom(`equal ${metric}`)
      const { vectors } = SampleVectors.uniform(random, metric, 120, 8)
      // Rows 0, 10, 20, … become the same vector, long enough to be the nearest to itself by `dot` too.
      for (let i = 0; i < 8; i++) vectors[i] = 4 * (vectors[i] as number)
      for (let row = 10; row < 120; row += 10) vectors.copyWithin(row * 8, 0, 8)
      const sample = new SampleVectors(vectors, 8, metric)
      await BackendTrial.run(backend, sample, async (trial) => {
        await trial.expectNearest({ queries: vectors.slice(0, 8), k: 12 })
      })
    })

    testEachMetric('stops building when its signal is aborted', async (backend, metric) => {
      const sample = SampleVectors.uniform(new SeededRandom(`abort ${metric}`), metric, 200, 8)
      const { vectors, count, dimensions } = sample
      await withTemporaryDirectory(async (directory) => {
        const input = {
          vectors,
          count,
          dimensions,
          metric,
          ...(backend.supports.persists ? { directory } : {}),
        }
        await assert.rejects(
          async () => backend.build({ ...input, signal: AbortSignal.abort() }),
          'a build whose signal is already aborted must reject',
        )
      })
      // Aborted while it builds it may still finish, but it must end either way.
      await withTemporaryDirectory(async (directory) => {
        const controller = new AbortController()
        const building = checkedBackend(backend).build({
          signal: controller.signal,
          ...{ vectors, count, dimensions, metric, directory },
        })
        controller.abort()
        await assert.rejects(building, { name: 'AbortError' })
      })
    })

    testEachMetric('can be disposed twice', async (backend, metric) => {
      const sample = SampleVectors.uniform(new SeededRandom(`dispose ${metric}`), metric, 20, 4)
      const { vectors, count, dimensions } = sample
      await withTemporaryDirectory(async (directory) => {
        const index = await backend.build({
          ...(backend.supports.persists ? { directory } : {}),
          signal: new AbortController().signal,
          ...{ vectors, count, dimensions, metric },
        })
        await index[Symbol.asyncDispose]()
        await index[Symbol.asyncDispose]()
      })
    })

    testEachMetric('keeps two indexes apart', async (backend, metric) => {
      const random = new SeededRandom(`two ${metric}`)
      const first = SampleVectors.uniform(random, metric, 300, 12)
      const second = SampleVectors.clustered(random, metric, 200, 8)
      const firstSearch = { queries: first.queries(random, 5), k: 10 }
      const secondSearch = { queries: second.queries(random, 5), k: 10 }
      await BackendTrial.run(backend, first, async (one) => {
        await BackendTrial.run(backend, second, async (other) => {
          await one.expectNearest(firstSearch)
          await other.expectNearest(secondSearch)
          await one.expectNearest(firstSearch)
        })
        // The other one is disposed by now.
        await one.expectNearest(firstSearch)
      })
    })

    testEachMetric('answers concurrent searches as it answers each alone', async (backend, metric) => {
      const random = new SeededRandom(`concurrent ${metric}`)
      const sample = SampleVectors.uniform(random, metric, 400, 12)
      const queries = rowsOf(sample.queries(random, 16), 12)
      await BackendTrial.run(backend, sample, async (trial) => {
        const searches = queries.map((query, i) => ({ queries: query, k: 1 + i }))
        const together = await Promise.all(searches.map((search) => trial.search(search)))
        for (const [i, search] of searches.entries()) {
          const alone = await trial.search(search)
          assert.deepEqual(together[i]?.map(ordinalsOf), alone.map(ordinalsOf))
        }
        const all = sample.queries(random, 16)
        trial.expectRight({ queries: all, k: 10 }, await trial.search({ queries: all, k: 10 }))
      })
    })

    testEachMetric('gives answers that later searches leave alone', async (backend, metric) => {
      const random = new SeededRandom(`kept ${metric}`)
      const sample = SampleVectors.uniform(random, metric, 200, 8)
      await BackendTrial.run(backend, sample, async (trial) => {
        const kept = await trial.search({ queries: sample.queries(random, 1), k: 10 })
        const before = kept.map(listOf)
        await trial.search({ queries: sample.queries(random, 4), k: 10 })
        assert.deepEqual(kept.map(listOf), before)
      })
    })

    testEachMetric('leaves its input as it was', async (backend, metric) => {
      const random = new SeededRandom(`input ${metric}`)
      const sample = SampleVectors.uniform(random, metric, 200, 8)
      const queries = sample.queries(random, 4)
      const allow = Uint32Array.from({ length: 7 }, () => random.int(2 ** 32))
      allow[6] = (allow[6] as number) & 0xff
      const before = [sample.vectors.slice(), queries.slice(), allow.slice()]
      await BackendTrial.run(backend, sample, async ({ index }) => {
        await index.search({ queries, count: 4, k: 10, allow })
      })
      assert.deepEqual([sample.vectors, queries, allow], before)
    })

    testEachMetric('brings back what it wrote, if it declares to persist', async (backend, metric) => {
      const random = new SeededRandom(`persist ${metric}`)
      const sample = SampleVectors.clustered(random, metric, 400, 12)
      const { vectors, count, dimensions } = sample
      const search = { queries: sample.queries(random, 10), k: 10 }
      const checked = checkedBackend(backend)
      await withTemporaryDirectory(async (directory) => {
        const input = { count, dimensions, metric, directory }
        const built = await checked.build({ ...input, vectors, signal: new AbortController().signal })
        const answers = await new BackendTrial(built, sample, backend.supports.exact).search(search)
        await built[Symbol.asyncDispose]()
        const opened = backend.supports.persists ? await checked.open?.(input) : undefined
        assert.equal(opened !== undefined, backend.supports.persists, 'open must give an index')
        if (opened === undefined) return
        const trial = new BackendTrial(opened, sample, backend.supports.exact)
        const again = await trial.search(search)
        trial.expectRight(search, again)
        assert.deepEqual(again.map(listOf), answers.map(listOf))
        assert.ok(opened.bytes.disk > 0, 'an index brought back from files occupies bytes.disk')
        await opened[Symbol.asyncDispose]()
      })
    })

    testEachMetric('reports plausible bytes', async (backend, metric) => {
      const random = new SeededRandom(`bytes ${metric}`)
      const sample = SampleVectors.uniform(random, metric, ROWS, DIMENSIONS)
      await BackendTrial.run(backend, sample, async ({ index }) => {
        const { memory, disk } = index.bytes
        const bytes = memory + disk
        // One bit a component is the tightest code there is; a fixed cost of some megabytes is fair for any.
        assert.ok(
          bytes >= (ROWS * DIMENSIONS) / 8,
          `${bytes} bytes cannot hold ${ROWS} × ${DIMENSIONS} components`,
        )
        const most = 64 * sample.vectors.byteLength + 64 * 1024 * 1024
        assert.ok(bytes <= most, `${bytes} bytes are over 64 times what the vectors take`)
      })
    })
  })
}

function rowsOf(vectors: Float32Array, dimensions: number): Float32Array[] {
  return Array.from({ length: vectors.length / dimensions }, (_, row) =>
    vectors.slice(row * dimensions, (row + 1) * dimensions),
  )
}

function ordinalsOf({ ordinals }: Candidates): number[] {
  return [...ordinals]
}

/** Candidates as plain arrays, copied, to compare them by content. */
function listOf({ ordinals, distances }: Candidates): { ordinals: number[]; distances: number[] } {
  return { ordinals: [...ordinals], distances: [...distances] }
}
