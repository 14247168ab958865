/** What a store is asked to do, one thing after another, and how many bytes wait with it. */
export class WorkQueue {
  readonly #failed: (error: unknown) => void
  #last: Promise<void> | undefined
  #bytes = 0

  /** @param failed - told of what a piece of work throws; the next one is done all the same */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed
  }

  /** The end of what is to be done now; `undefined` when there is nothing. */
  get idle(): Promise<void> | undefined {
    return this.#last
  }

  /** Bytes that are held for what is to be done. */
  get bytes(): number {
    return this.#bytes
  }

  /** @param bytes - that it holds until it is done */
  add(work: () => Promise<void> | undefined, bytes = 0): void {
    this.#bytes += bytes
    const current = (this.#last ?? Promise.resolve())
      .then(work)
      .catch(this.#failed)
      .then(() => {
        this.#bytes -= bytes
        if (this.#last === current) this.#last = undefined
      })
    this.#last = current
  }
}
