import { distance } from '../../lib/index/distance.js'
import type { Collection, Metric } from '../../lib/index.js'

/** What was written to one record by one call. */
interface Version {
  /** `undefined` when it was deleted. */
  readonly vector: Float32Array | undefined
  readonly group: number
  /** When the call was made and when it was answered: it became visible in between. */
  readonly called: number
  answered: number
}

/** A hit as the store gives it when asked for vectors. */
export interface PointHit {
  readonly id: string
  readonly distance: number
  readonly vector: Float32Array
  readonly metadata: object
}

export interface Asked {
  readonly vector: Float32Array
  readonly topK: number
  /** Only records of groups below this. */
  readonly groupsBelow: number
  readonly exact: boolean
}

/** What a search owes that was called and answered at these instants, while writes went on. */
export interface Owed {
  /** What is wrong with the answer, in words. */
  readonly problem: string | undefined
  /** How many of the nearest had to be found, and how many of these were. */
  readonly wanted: number
  readonly found: number
}

/**
 * Remembers when every write was called and answered, and so what a search in the middle of them may and must find, by
 * comparing with everything. Writes to one record must follow each other.
 */
export class VersionedPoints {
  readonly #metric: Metric
  readonly #versions = new Map<string, Version[]>()
  #now = 0

  constructor(metric: Metric) {
    this.#metric = metric
  }

  /** The next instant. */
  tick(): number {
    this.#now += 1
    return this.#now
  }

  /** Records there are when no write is under way. */
  get live(): number {
    return [...this.#versions.values()].filter((versions) => versions.at(-1)?.vector).length
  }

  /** A vector of a record there is or was. */
  someVector(id: string): Float32Array | undefined {
    return this.#versions.get(id)?.find(({ vector }) => vector)?.vector
  }

  async put(
    points: Collection,
    records: readonly { id: string; vector: Float32Array; metadata: { group: number } }[],
  ): Promise<void> {
    const written = records.map(({ id, vector, metadata }) => this.#called(id, vector, metadata.group))
    await points.upsert(records)
    this.#answered(written)
  }

  async move(points: Collection, id: string, vector: Float32Array): Promise<void> {
    const before = this.#versions.get(id)?.at(-1)
    if (!before?.vector) return
    const written = [this.#called(id, vector, before.group)]
    await points.updateVector(id, vector)
    this.#answered(written)
  }

  async remove(points: Collection, ids: readonly string[]): Promise<void> {
    const written = ids.map((id) => this.#called(id, undefined, 0))
    await points.delete(ids)
    this.#answered(written)
  }

  /**
   * Judges an answer. Each hit has to be a version that was visible between call and answer. Of those visible all the
   * time, the ones among the `topK` nearest of all that may have been seen had to be found.
   */
  judge(asked: Asked, hits: readonly PointHit[], called: number, answered: number): Owed {
    const { vector: query, topK, groupsBelow, exact } = asked
    const far = (vector: Float32Array) => distance(this.#metric, query, 0, vector, 0, query.length)
    const seen: { id: string; far: number; isCertain: boolean }[] = []
    for (const [id, versions] of this.#versions) {
      for (const [i, version] of [...versions.entries()].reverse()) {
        const next = versions[i + 1]
        // What replaced it was answered before the search was called.
        if (next && next.answered < called) break
        const { vector, group } = version
        if (version.called > answered || !vector || group >= groupsBelow) continue
        const isCertain = version.answered < called && (!next || next.called > answered)
        seen.push({ id, far: far(vector), isCertain })
      }
    }
    seen.sort((a, b) => a.far - b.far)
    const certain = seen.filter(({ isCertain }) => isCertain).length
    const strange = hits.find(({ id, vector, distance }) => {
      return far(vector) !== distance || !this.#mayBe(id, vector, groupsBelow, called, answered)
    })
    const isAscending = hits.every((hit, i) => i === 0 || (hits[i - 1] as PointHit).distance <= hit.distance)
    const ids = new Set(hits.map(({ id }) => id))
    const farthest = seen[topK - 1]?.far ?? Number.POSITIVE_INFINITY
    // One at the same distance as the last may stand for it.
    const must = seen.filter((each) => each.isCertain && each.far < farthest)
    const found = must.filter(({ id }) => ids.has(id)).length
    const problem = strange
      ? `${strange.id} at ${strange.distance} was not there`
      : ids.size !== hits.length
        ? 'a record came twice'
        : !isAscending
          ? 'a nearer one came after a farther one'
          : hits.length > topK || hits.length < Math.min(topK, certain)
            ? `${hits.length} hits of ${topK} with ${certain} records`
            : exact && found < must.length
              ? `an exact search found ${found} of ${must.length}`
              : undefined
    return { problem, wanted: must.length, found }
  }

  /** Whether a record may have had a vector at an instant between the two. */
  #mayBe(id: string, vector: Float32Array, groupsBelow: number, called: number, answered: number): boolean {
    const versions = this.#versions.get(id) ?? []
    return versions.some((version, i) => {
      const next = versions[i + 1]
      if (version.called > answered || (next && next.answered < called)) return false
      return version.group < groupsBelow && version.vector?.every((x, at) => x === vector[at])
    })
  }

  #called(id: string, vector: Float32Array | undefined, group: number): Version {
    const version = { vector, group, called: this.tick(), answered: Number.POSITIVE_INFINITY }
    const versions = this.#versions.get(id) ?? []
    versions.push(version)
    this.#versions.set(id, versions)
    return version
  }

  #answered(written: readonly Version[]): void {
    const now = this.tick()
    for (const version of written) version.answered = now
  }
}
