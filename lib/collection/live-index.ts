import type { CollectionIndex } from '../index/collection-index.js'
import type { Version } from './versions.js'

/** An index of a collection, and how far it knows the records. */
export class LiveIndex {
  readonly index: CollectionIndex
  /** Why the backend behind it is not the one asked for. */
  readonly fallbackReason: string | undefined
  /** Puts and removals go to the index only once it is being filled. */
  #takesWrites = false
  #isFilled = false
  #filling: Promise<void> | undefined
  #isEnded = false

  constructor(index: CollectionIndex, fallbackReason: string | undefined) {
    this.index = index
    this.fallbackReason = fallbackReason
  }

  /** The index has every record. */
  get isFilled(): boolean {
    return this.#isFilled
  }

  /** It is not to be filled any more: what fills it stops where it is. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  /** From now on published versions go to the index. */
  beginFilling(): void {
    this.#takesWrites = true
  }

  /** Declares the index complete: the collection has no records yet. */
  startEmpty(): void {
    this.#takesWrites = true
    this.#isFilled = true
  }

  /**
   * Fills the index when it is not; a promise as long as that is going on. A failure is tried again at the next call.
   *
   * @param fill - resolves with whether it came to its end
   */
  filled(fill: () => Promise<boolean>): Promise<void> | undefined {
    if (this.#isFilled) return undefined
    this.#filling ??= fill()
      .then((isComplete) => {
        this.#isFilled = isComplete
      })
      .finally(() => {
        this.#filling = undefined
      })
    return this.#filling
  }

  /** Stops the filling that goes on, and resolves when it has stopped; the index may remain with less than all. */
  async end(): Promise<void> {
    this.#isEnded = true
    await this.#filling?.catch(() => undefined)
  }

  /** Takes a version that reads find from now on. */
  publish(version: Version): void {
    if (!this.#takesWrites) return
    const { alive, number, seq, vector, vectorSeq } = version
    if (!alive) this.index.remove(number, seq)
    else if (vector && vectorSeq === seq) this.index.put(number, seq, vector)
  }
}
