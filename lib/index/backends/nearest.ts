import type { Candidates } from '../backend.js'

/** Candidates by distances that are not rounded to f32. */
export interface PreciseCandidates {
  readonly ordinals: Uint32Array
  readonly distances: Float64Array
}

/**
 * The k nearest rows seen so far: a bounded max-heap, so that the worst of them is always on top.
 * Of rows at the same distance the lower ordinals stay, whatever order they come in.
 */
export class Nearest {
  readonly #capacity: number
  readonly #distances: Float64Array
  readonly #ordinals: Uint32Array
  #size = 0
  #bound = Number.POSITIVE_INFINITY

  /** @param capacity - how many rows to keep, at least 1 */
  constructor(capacity: number) {
    this.#capacity = capacity
    this.#distances = new Float64Array(capacity)
    this.#ordinals = new Uint32Array(capacity)
  }

  /** Rows farther than this cannot get in. Infinite until the heap is full. */
  get bound(): number {
    return this.#bound
  }

  offer(distance: number, ordinal: number): void {
    if (distance > this.#bound) return
    if (this.#size < this.#capacity) {
      this.#rise(this.#size++, distance, ordinal)
      if (this.#size === this.#capacity) this.#bound = this.#distances[0] as number
    } else if (this.#isFarther(0, distance, ordinal)) {
      this.#sink(distance, ordinal)
      this.#bound = this.#distances[0] as number
    }
  }

  /** Lets go of all rows but keeps the bound: the same rows, and maybe more, are going to be offered again. */
  restart(): void {
    this.#size = 0
  }

  /** Empties the heap into fresh arrays, nearest first. */
  take(): Candidates {
    return this.#takeInto(new Float32Array(this.#size))
  }

  /** The same with the distances as they were offered, not rounded. */
  takePrecise(): PreciseCandidates {
    return this.#takeInto(new Float64Array(this.#size))
  }

  #takeInto<Distances extends Float32Array | Float64Array>(
    distances: Distances,
  ): { ordinals: Uint32Array; distances: Distances } {
    const ordinals = new Uint32Array(this.#size)
    while (this.#size > 0) {
      const last = --this.#size
      ordinals[last] = this.#ordinals[0] as number
      distances[last] = this.#distances[0] as number
      this.#sink(this.#distances[last] as number, this.#ordinals[last] as number)
    }
    this.#bound = Number.POSITIVE_INFINITY
    return { ordinals, distances }
  }

  /** Whether the row at `node` is farther than the given one; at equal distance the higher ordinal is. */
  #isFarther(node: number, distance: number, ordinal: number): boolean {
    const mine = this.#distances[node] as number
    return mine > distance || (mine === distance && (this.#ordinals[node] as number) > ordinal)
  }

  #rise(from: number, distance: number, ordinal: number): void {
    let node = from
    while (node > 0) {
      const parent = (node - 1) >> 1
      if (this.#isFarther(parent, distance, ordinal)) break
      this.#copy(parent, node)
      node = parent
    }
    this.#put(node, distance, ordinal)
  }

  /** Puts a row in the place of the top one. */
  #sink(distance: number, ordinal: number): void {
    let node = 0
    for (;;) {
      let child = 2 * node + 1
      if (child >= this.#size) break
      const sibling = child + 1
      if (
        sibling < this.#size &&
        this.#isFarther(sibling, this.#distances[child] as number, this.#ordinals[child] as number)
      ) {
        child = sibling
      }
      if (!this.#isFarther(child, distance, ordinal)) break
      this.#copy(child, node)
      node = child
    }
    this.#put(node, distance, ordinal)
  }

  #copy(from: number, to: number): void {
    this.#distances[to] = this.#distances[from] as number
    this.#ordinals[to] = this.#ordinals[from] as number
  }

  #put(node: number, distance: number, ordinal: number): void {
    this.#distances[node] = distance
    this.#ordinals[node] = ordinal
  }
}
