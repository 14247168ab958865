import assert from 'node:assert/strict'
import { Bitmap } from '../bitmap.js'
import type { Candidates, IndexBackend, VectorIndex } from '../index/backend.js'
import { checkedBackend } from '../index/checked-backend.js'
import type { SampleVectors } from './sample-vectors.js'
import { withTemporaryDirectory } from './temporary-directory.js'

/** Allowed error of an exact backend's distance, relative above 1 and absolute below. */
const TOLERANCE = 1e-5
/** Least share of the true nearest that an approximate backend must find among its first `RECALL_AT`. */
const RECALL_MIN = 0.9
const RECALL_AT = 10

/** What a test asks of an index. */
export interface TrialSearch {
  /** Row-major queries. */
  readonly queries: Float32Array
  readonly k: number
  /** The admitted rows; absent: all. */
  readonly allow?: readonly number[]
}

/** One index of the backend under test, and the truth about the vectors it was built over. */
export class BackendTrial {
  readonly index: VectorIndex
  readonly sample: SampleVectors
  readonly #isExact: boolean

  constructor(index: VectorIndex, sample: SampleVectors, isExact: boolean) {
    this.index = index
    this.sample = sample
    this.#isExact = isExact
  }

  /**
   * Builds an index over the sample, runs `body` and disposes the index. The checking wrapper is around the
   * backend, so that an answer out of order, out of range or against `allow` fails with its reason.
   */
  static async run(
    backend: IndexBackend,
    sample: SampleVectors,
    body: (trial: BackendTrial) => Promise<void>,
  ): Promise<void> {
    await withTemporaryDirectory(async (directory) => {
      const { vectors, count, dimensions, metric } = sample
      const { signal } = new AbortController()
      const index = await checkedBackend(backend).build({
        vectors,
        count,
        dimensions,
        metric,
        directory,
        signal,
      })
      try {
        await body(new BackendTrial(index, sample, backend.supports.exact))
      } finally {
        await index[Symbol.asyncDispose]()
      }
    })
  }

  /** The backend's raw answer. */
  async search({ queries, k, allow }: TrialSearch): Promise<Candidates[]> {
    const count = queries.length / this.sample.dimensions
    return this.index.search({
      queries,
      count,
      k,
      ...(allow === undefined ? {} : { allow: maskOf(allow, this.sample.count) }),
    })
  }

  /** Searches, and asserts that the answers are right, or right enough for an approximate backend. */
  async expectNearest(search: TrialSearch): Promise<void> {
    this.expectRight(search, await this.search(search))
  }

  /** Asserts that given answers are right, or right enough for an approximate backend. */
  expectRight(search: TrialSearch, answers: readonly Candidates[]): void {
    const { queries, k, allow } = search
    const { dimensions, metric } = this.sample
    const admitted = allow === undefined ? undefined : new Set(allow)
    let found = 0
    let wanted = 0
    for (const [query, candidates] of answers.entries()) {
      const offset = query * dimensions
      const truth = this.sample.nearestDistances(queries, offset, k, (row) => admitted?.has(row) ?? true)
      if (this.#isExact) this.#expectExact(candidates, truth, queries, offset)
      const judged = truth.slice(0, RECALL_AT)
      const limit = withTolerance(judged.at(-1) ?? 0)
      wanted += judged.length
      for (const row of candidates.ordinals.subarray(0, judged.length)) {
        if (this.sample.distanceTo(row, queries, offset) <= limit) found += 1
      }
    }
    const about = `${metric}, ${this.sample.count} × ${dimensions}, k ${k}, ${admitted?.size ?? 'all'} rows admitted`
    assert.ok(found >= wanted * RECALL_MIN, `found ${found} of the ${wanted} nearest (${about})`)
  }

  #expectExact(candidates: Candidates, truth: number[], queries: Float32Array, offset: number): void {
    const { ordinals, distances } = candidates
    assert.equal(
      ordinals.length,
      truth.length,
      'an exact backend gives as many candidates as there are, up to k',
    )
    for (const [i, row] of ordinals.entries()) {
      const actual = this.sample.distanceTo(row, queries, offset)
      const { metric } = this.sample
      expectClose(distances[i] as number, actual, `${metric} distance given for row ${row}`)
      // By distance and not by ordinal: of rows at equal distance any may come first.
      expectClose(actual, truth[i] as number, `${metric} distance of the row given as number ${i + 1}`)
    }
  }
}

function expectClose(actual: number, expected: number, what: string): void {
  const isClose = Math.abs(actual - expected) <= TOLERANCE * Math.max(1, Math.abs(expected))
  assert.ok(isClose, `${what} is ${actual}, expected ${expected}`)
}

function withTolerance(distance: number): number {
  return distance + TOLERANCE * Math.max(1, Math.abs(distance))
}

function maskOf(rows: readonly number[], count: number): Uint32Array {
  const mask = new Bitmap()
  mask.reserve(count)
  for (const row of rows) mask.add(row)
  return mask.words
}
