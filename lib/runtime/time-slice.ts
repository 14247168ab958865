import type { Clock } from './clock.js'

/** Longest a pass over many records holds the event loop. */
const SLICE_MS = 2
/** The clock is read only every so many steps, as long as they are short. */
const STEPS = 8

/** Breaks a long pass into slices, so that other work of the host gets its turn. */
export class TimeSlice {
  readonly #clock: Clock
  readonly #signal: AbortSignal | undefined
  #start: number
  #steps = 0
  #stepsMax = STEPS

  constructor(clock: Clock, signal?: AbortSignal) {
    this.#clock = clock
    this.#signal = signal
    this.#start = clock.monotonic()
  }

  /** Call once a step; when it returns a promise, await it before the next one. Rejects when the signal aborts. */
  step(): Promise<void> | undefined {
    this.#steps += 1
    if (this.#steps < this.#stepsMax) return undefined
    const tookMs = this.#clock.monotonic() - this.#start
    if (tookMs < SLICE_MS) {
      this.#steps = 0
      return undefined
    }
    // Steps of which a few fill a slice are looked at one by one.
    this.#stepsMax = tookMs > 2 * SLICE_MS ? 1 : STEPS
    this.#steps = 0
    return this.#pause()
  }

  async #pause(): Promise<void> {
    await this.#clock.yield()
    this.#signal?.throwIfAborted()
    this.#start = this.#clock.monotonic()
  }
}
