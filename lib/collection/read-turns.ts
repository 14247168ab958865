import type { Clock } from '../runtime/clock.js'
import { TimeSlice } from '../runtime/time-slice.js'

/** Reads answer without waiting for anything, so one after another would keep writes and timers from their turn. */
export class ReadTurns {
  readonly #slice: TimeSlice
  #pausing: Promise<void> | undefined

  constructor(clock: Clock) {
    this.#slice = new TimeSlice(clock)
  }

  /**
   * A promise when it is time for others. All reads asked for during a pause wait for its end, so that none overtakes an
   * earlier one.
   */
  pause(): Promise<void> | undefined {
    this.#pausing ??= this.#slice.step()?.then(() => {
      this.#pausing = undefined
    })
    return this.#pausing
  }
}
