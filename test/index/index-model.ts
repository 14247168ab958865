import { expect } from 'vitest'
import type { Found } from '../../lib/index/index-search.js'
import { indexedKernel, normalizeInto } from '../../lib/index/distance.js'
import type { Metric } from '../../lib/index/metric.js'

interface Write {
  readonly seq: number
  readonly vector: Float32Array | undefined
  /** As it was written, not normalised. */
  readonly given?: Float32Array
}

/** What a collection's index must answer, by remembering every write and comparing with everything. */
export class IndexModel {
  readonly #metric: Metric
  readonly #dimensions: number
  readonly #writes = new Map<number, Write[]>()

  constructor(metric: Metric, dimensions: number) {
    this.#metric = metric
    this.#dimensions = dimensions
  }

  put(number: number, seq: number, vector: Float32Array): void {
    this.#add(number, { seq, vector: this.#indexed(vector), given: vector })
  }

  remove(number: number, seq: number): void {
    this.#add(number, { seq, vector: undefined })
  }

  /** The records there are after operation `seq`. */
  live(seq: number): number[] {
    return [...this.#writes.keys()].filter((number) => this.#vectorAt(number, seq))
  }

  /** What the newest write at operation `seq` gave to a record: `undefined` when there is none. */
  current(number: number, seq: number): { seq: number; vector: Float32Array } | undefined {
    const write = this.#writes.get(number)?.findLast((each) => each.seq <= seq)
    return write?.given && { seq: write.seq, vector: write.given }
  }

  /** All admitted records after operation `seq`, nearest first. */
  nearest(
    seq: number,
    query: Float32Array,
    admits: (number: number) => boolean,
  ): Pick<Found, 'number' | 'distance'>[] {
    const indexedQuery = this.#indexed(query)
    const found: Pick<Found, 'number' | 'distance'>[] = []
    for (const number of this.#writes.keys()) {
      const vector = this.#vectorAt(number, seq)
      if (!vector || !admits(number)) continue
      const kernel = indexedKernel(this.#metric)
      found.push({ number, distance: kernel(vector, 0, indexedQuery, 0, this.#dimensions) })
    }
    return found.sort((a, b) => a.distance - b.distance)
  }

  #vectorAt(number: number, seq: number): Float32Array | undefined {
    return this.#writes.get(number)?.findLast((write) => write.seq <= seq)?.vector
  }

  #indexed(vector: Float32Array): Float32Array {
    if (this.#metric !== 'cosine') return vector.slice()
    const unit = new Float32Array(this.#dimensions)
    normalizeInto(unit, 0, vector, this.#dimensions)
    return unit
  }

  #add(number: number, write: Write): void {
    const writes = this.#writes.get(number) ?? []
    writes.push(write)
    this.#writes.set(number, writes)
  }
}

/**
 * Checks an answer: only admitted live records, each once and with its own distance, nearest first, as many as asked
 * for or as there are; and with `exact` none nearer is missing.
 *
 * @returns which share of the nearest it has, by distance: of records that lie equally far any will do
 */
export function expectAnswer(
  found: readonly Found[],
  nearest: readonly Pick<Found, 'number' | 'distance'>[],
  k: number,
  exact: boolean,
): number {
  const distanceOf = new Map(nearest.map(({ number, distance }) => [number, distance]))
  const strangers = found.filter(({ number }) => !distanceOf.has(number))
  expect(strangers).toEqual([])
  expect(new Set(found.map(({ number }) => number)).size).toBe(found.length)
  expect(found).toHaveLength(Math.min(k, nearest.length))
  // Backends answer in f32, and one may measure cosine with the norms that are 1 up to rounding.
  const errors = found.map(({ number, distance }) => Math.abs(distance - (distanceOf.get(number) as number)))
  expect(Math.max(0, ...errors)).toBeLessThan(2e-6)
  const distances = found.map(({ distance }) => distance)
  expect(distances).toEqual([...distances].sort((a, b) => a - b))
  const wanted = nearest.slice(0, k)
  if (exact) expect(distances).toEqual(wanted.map(({ distance }) => Math.fround(distance)))
  const farthest = wanted.at(-1)?.distance ?? 0
  const near = found.filter(({ number }) => (distanceOf.get(number) as number) <= farthest)
  return wanted.length === 0 ? 1 : near.length / wanted.length
}
