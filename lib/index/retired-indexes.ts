import type { ReplivecError } from '../errors.js'

/** What a part of the index held: its index, its scans. */
export interface Retired {
  readonly held: readonly (AsyncDisposable | undefined)[]
  /** Called once all of that is disposed. */
  readonly after?: (() => Promise<void>) | undefined
}

interface RetiredIndex extends Retired {
  /** The newest view that may still be searching it. */
  readonly lastPin: number
}

/** Replaced indexes that a view may still be searching: each is disposed once, when the last such view is gone. */
export class RetiredIndexes {
  readonly #onFailure: (error: ReplivecError) => void
  /** In the order in which they were replaced. */
  readonly #waiting: RetiredIndex[] = []
  /** Views not yet released, by number, oldest first. */
  readonly #pins = new Set<number>()
  #lastPin = 0
  /** Those going on. */
  readonly #disposals = new Set<Promise<void>>()

  /** @param onFailure - an index could not be disposed */
  constructor(onFailure: (error: ReplivecError) => void) {
    this.#onFailure = onFailure
  }

  /** Some view is pinned. */
  get isPinned(): boolean {
    return this.#pins.size > 0
  }

  /** Begins a view: what is retired from now on stays until it is released. */
  pin(): number {
    this.#lastPin += 1
    this.#pins.add(this.#lastPin)
    return this.#lastPin
  }

  /** Ends a view. @returns false when it had ended before */
  release(pin: number): boolean {
    if (!this.#pins.delete(pin)) return false
    this.#disposeUnused()
    return true
  }

  /** Views pinned from now on do not use what is given. */
  retire(retired: Retired): void {
    this.#waiting.push({ ...retired, lastPin: this.#lastPin })
    this.#disposeUnused()
  }

  /** Resolves when the disposals begun so far have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#disposals)
  }

  #disposeUnused(): void {
    const [oldestPin = Number.POSITIVE_INFINITY] = this.#pins
    while (this.#waiting[0] && this.#waiting[0].lastPin < oldestPin) {
      const retired = this.#waiting.shift() as RetiredIndex
      const disposal = this.#dispose(retired).finally(() => this.#disposals.delete(disposal))
      this.#disposals.add(disposal)
    }
  }

  async #dispose({ held, after }: Retired): Promise<void> {
    try {
      await Promise.all(held.map((one) => one?.[Symbol.asyncDispose]()))
      await after?.()
    } catch (error) {
      this.#onFailure(error as ReplivecError)
    }
  }
}
