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

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Whether it is time for others. Then await `clock.yield()`.
   *
   * @param nowMs - the present `clock.monotonic()`
   */
  isLong(nowMs: number): boolean {
    if (this.#startedMs !== undefined) return nowMs - this.#startedMs >= TURN_MS
    this.#startedMs = nowMs
    void this.#clock.yield().then(() => {
      this.#startedMs = undefined
    })
    return false
  }
}
