import { transportFailure } from './transport-failure.js'

interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void
  reject(error: Error): void
}

/**
 * What has arrived and waits to be taken, in order: frames of a link, links of a listener. Iterated once. How much may wait is
 * its owner's to bound, who hears of everything that is taken.
 */
export class Arrivals<T> implements AsyncIterable<T> {
  readonly #what: string
  readonly #taken: (item: T) => void
  readonly #left: () => void
  #waiting: T[] = []
  readonly #waiters: Waiter<T>[] = []
  #isIterated = false
  #isEnded = false
  #error: Error | undefined

  /**
   * @param what - whose arrivals they are, as messages say it: `This link`
   * @param watch - `taken` is called with each item when somebody has it, `left` when the iteration is left before its end
   */
  constructor(what: string, watch: { taken?: (item: T) => void; left?: () => void } = {}) {
    this.#what = what
    this.#taken = watch.taken ?? (() => {})
    this.#left = watch.left ?? (() => {})
  }

  /** How many wait. */
  get count(): number {
    return this.#waiting.length
  }

  /** After the end nothing arrives any more: then `item` is dropped. */
  push(item: T): void {
    if (this.#isEnded) return
    const waiter = this.#waiters.shift()
    if (waiter === undefined) {
      this.#waiting.push(item)
      return
    }
    waiter.resolve({ done: false, value: item })
    this.#taken(item)
  }

  /**
   * Nothing more arrives. What waits can still be taken; then the iteration ends, or throws. Only the first end counts.
   *
   * @param error - what the iteration throws at its end
   */
  end(error?: Error): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#error = error
    for (const waiter of this.#waiters.splice(0)) this.#finish(waiter)
  }

  /** Ends, and gives back what nobody will take. */
  discard(error?: Error): T[] {
    this.end(error)
    const left = this.#waiting
    this.#waiting = []
    return left
  }

  /** @throws `TRANSPORT_FAILED` the second time */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    if (this.#isIterated)
      throw transportFailure(undefined, `${this.#what} is iterated already; it can be once.`)
    this.#isIterated = true
    let isLeft = false
    return {
      next: () => (isLeft ? Promise.resolve({ done: true, value: undefined }) : this.#next()),
      return: async () => {
        isLeft = true
        for (const waiter of this.#waiters.splice(0)) waiter.resolve({ done: true, value: undefined })
        this.#left()
        return { done: true, value: undefined }
      },
    }
  }

  #next(): Promise<IteratorResult<T, undefined>> {
    if (this.#waiting.length > 0) {
      const value = this.#waiting.shift() as T
      this.#taken(value)
      return Promise.resolve({ done: false, value })
    }
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject }
      if (this.#isEnded) this.#finish(waiter)
      else this.#waiters.push(waiter)
    })
  }

  /** An iteration throws once and is over then. */
  #finish(waiter: Waiter<T>): void {
    const error = this.#error
    this.#error = undefined
    if (error) waiter.reject(error)
    else waiter.resolve({ done: true, value: undefined })
  }
}
