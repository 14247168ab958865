import type { Clock } from './clock.js'

/** Longest that one turn of the event loop goes to awaited calls that wait for nothing but memory. */
const TURN_MS = 2

/**
 * How long the present turn of the event loop has lasted, as far as it was asked about. Promises alone never end a turn:
 * callers that are answered, write again and are answered again keep everything else of the host waiting.
 */
export class Turn {
  readonly #clock: Clock
  /** When it was first asked about; `undefined` when another turn has begun since. */
  #startedMs: number | undefined
  #pausing: Promise<void> | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * A promise when it is time for others: await it. All who ask during a pause wait for its end, so that none overtakes an
   * earlier one.
   */
  pause(): Promise<void> | undefined {
    if (this.#pausing) return this.#pausing
    const nowMs = this.#clock.monotonic()
    if (this.#startedMs === undefined) {
      this.#startedMs = nowMs
      void this.#clock.yield().then(() => {
        this.#startedMs = undefined
      })
    }
    if (nowMs - this.#startedMs < TURN_MS) return undefined
    this.#pausing = this.#clock.yield().then(() => {
      this.#pausing = undefined
    })
    return this.#pausing
  }
}
