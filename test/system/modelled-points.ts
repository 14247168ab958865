import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { distance } from '../../lib/index/distance.js'
import { type Collection, type Metric, VectorStore } from '../../lib/index.js'
import type { SeededRandom } from '../../lib/testing/seeded-random.js'

export const DIMENSIONS = 16
const CLUSTERS = 24
const TOP_K = 10

export interface PointsOptions {
  readonly metric?: Metric
  /** Added to every component. */
  readonly offset?: number
  /** Vectors are up to so many times as long as others. */
  readonly lengthMax?: number
}

/** Points in clusters, as many as graphs need, and what a collection of them must answer: by comparing with all. */
export class ModelledPoints {
  readonly metric: Metric
  readonly vectors = new Map<string, Float32Array>()
  /** Of what was replaced or deleted. */
  readonly former: Float32Array[] = []
  readonly #random: SeededRandom
  readonly #offset: number
  readonly #lengthMax: number
  readonly #centres: Float32Array[]

  constructor(random: SeededRandom, { metric = 'cosine', offset = 0, lengthMax = 1 }: PointsOptions = {}) {
    this.#random = random
    this.metric = metric
    this.#offset = offset
    this.#lengthMax = lengthMax
    this.#centres = Array.from({ length: CLUSTERS }, () => this.#around(new Float32Array(DIMENSIONS), 1))
  }

  create(store: VectorStore, backend: 'cpu' | 'quantized' = 'cpu'): Promise<Collection> {
    return store.createCollection('points', { dimensions: DIMENSIONS, metric: this.metric, backend })
  }

  /** Writes records `from` to `to`, new or not. */
  async put(points: Collection, from: number, to: number): Promise<void> {
    for (let next = from; next < to; next += 1_000) {
      const records = Array.from({ length: Math.min(1_000, to - next) }, (_, i) => {
        return { id: `p${next + i}`, vector: this.vector() }
      })
      await points.upsert(records)
      for (const { id, vector } of records) this.#set(id, vector)
    }
  }

  async move(points: Collection, number: number): Promise<void> {
    const vector = this.vector()
    await points.updateVector(`p${number}`, vector)
    this.#set(`p${number}`, vector)
  }

  async remove(points: Collection, numbers: readonly number[]): Promise<void> {
    const ids = numbers.map((number) => `p${number}`)
    await points.delete(ids)
    for (const id of ids) this.#set(id, undefined)
  }

  /**
   * Asks near what there is and was. Every answer has current vectors only, at their distances and in order; exact ones lack nothing.
   *
   * @returns which share of the nearest was found, by distance, when not asked to be exact
   */
  async recall(points: Collection, queries: number): Promise<number> {
    const live = [...this.vectors.values()]
    let found = 0
    for (let query = 0; query < queries; query++) {
      const isFormer = this.former.length > 0 && query % 4 === 0
      const vector = this.#around(this.#random.pick(isFormer ? this.former : live), 0.05)
      const nearest = this.#nearest(vector)
      const exact = await points.search({ vector, topK: TOP_K, exact: true })
      expect(exact.map(({ id, distance }) => ({ id, distance }))).toEqual(nearest)
      const hits = await points.search({ vector, topK: TOP_K, includeVector: true })
      expect(hits.map(({ vector }) => vector)).toEqual(hits.map(({ id }) => this.vectors.get(id)))
      const distances = hits.map(({ vector: hit }) => this.#distance(vector, hit))
      expect(hits.map(({ distance }) => distance)).toEqual(distances)
      expect(distances).toEqual([...distances].sort((a, b) => a - b))
      expect(new Set(hits.map(({ id }) => id)).size).toBe(TOP_K)
      const farthest = nearest.at(-1)?.distance ?? Number.NaN
      found += distances.filter((distance) => distance <= farthest).length
    }
    return found / (queries * TOP_K)
  }

  /** A new vector in one of the clusters. */
  vector(): Float32Array {
    const random = this.#random
    const length = 1 + random.next() * (this.#lengthMax - 1)
    return this.#around(random.pick(this.#centres), 0.25).map(
      (component) => component * length + this.#offset,
    )
  }

  #nearest(query: Float32Array): { id: string; distance: number }[] {
    return [...this.vectors]
      .map(([id, vector]) => ({ id, distance: this.#distance(query, vector) }))
      .sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
      .slice(0, TOP_K)
  }

  #distance(query: Float32Array, vector: Float32Array): number {
    return distance(this.metric, query, 0, vector, 0, DIMENSIONS)
  }

  #around(centre: Float32Array, spread: number): Float32Array {
    return centre.map((component) => component + spread * (2 * this.#random.next() - 1))
  }

  #set(id: string, vector: Float32Array | undefined): void {
    const before = this.vectors.get(id)
    if (before) this.former.push(before)
    if (vector) this.vectors.set(id, vector)
    else this.vectors.delete(id)
  }
}

/** A store on disk and what it said since it was opened. */
export interface ObservedStore {
  readonly store: VectorStore
  /** Codes of warnings. */
  readonly warnings: string[]
  /** What happened to segments. */
  readonly segments: string[]
}

export async function openObserved(path: string): Promise<ObservedStore> {
  const store = await VectorStore.open({ path })
  const warnings: string[] = []
  const segments: string[] = []
  store.on('warning', ({ code }) => warnings.push(code))
  store.on('index', ({ kind }) => segments.push(kind))
  return { store, warnings, segments }
}

/** Names of the directories under the index of a store, `undefined` where there is none. */
export async function indexDirectories(path: string): Promise<Record<string, string[]>> {
  const root = join(path, 'index')
  const collections = await readdir(root)
  const entries = collections.map(async (name) => [name, await segmentsIn(join(root, name))] as const)
  return Object.fromEntries(await Promise.all(entries))
}

async function segmentsIn(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => /^[0-9]+$/.test(name)).sort()
}
