import type { Clock } from './clock.js'

export interface WhenQuietOptions {
  readonly clock: Clock
  /** How long nothing must have happened, in milliseconds. */
  readonly quietMs: number
  /** After so many milliseconds it runs all the same. */
  readonly maxMs?: number
  /** Grows with everything that happens. */
  readonly activity: () => number
  readonly run: () => void
}

/** Runs something once nothing has happened for a while. */
export class WhenQuiet {
  readonly #options: WhenQuietOptions
  #cancel: (() => void) | undefined

  constructor(options: WhenQuietOptions) {
    this.#options = options
  }

  /** Begins to wait, unless it does. */
  wait(): void {
    if (this.#cancel) return
    const { clock, maxMs = Number.POSITIVE_INFINITY } = this.#options
    this.#look(clock.monotonic() + maxMs)
  }

  /** Waits no more. */
  cancel(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #look(untilMs: number): void {
    const { clock, quietMs, activity, run } = this.#options
    const before = activity()
    this.#cancel = clock.timer(() => {
      this.#cancel = undefined
      if (activity() !== before && clock.monotonic() < untilMs) this.#look(untilMs)
      else run()
    }, quietMs)
  }
}
