import type { Clock } from '../runtime/clock.js'
import { nodeClock } from '../runtime/node-clock.js'

interface Timer {
  readonly dueMs: number
  readonly run: () => void
}

/**
 * Time that stands still until a test moves it. Timers fire inside `advance` only, in the order in which they are due.
 * `yield` is the exception: it goes through the machine's event loop, so that real promises, and real files and sockets
 * too, make progress without virtual time passing.
 */
export class SimulatedClock implements Clock {
  #wallMs: number
  #monotonicMs = 0
  readonly #timers = new Set<Timer>()

  /** @param startMs - wall time at the start, in milliseconds since the Unix epoch */
  constructor(startMs: number = Date.UTC(2024, 0, 1)) {
    this.#wallMs = startMs
  }

  now(): number {
    return this.#wallMs + this.#monotonicMs
  }

  monotonic(): number {
    return this.#monotonicMs
  }

  /** As in Node, a delay under 1 ms is 1 ms: a timer that arms itself again cannot stop time. */
  timer(run: () => void, delayMs: number): () => void {
    const timer = { dueMs: this.#monotonicMs + Math.max(delayMs, 1), run }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  yield(): Promise<void> {
    return nodeClock.yield()
  }

  /** How many timers wait. */
  get pendingTimers(): number {
    return this.#timers.size
  }

  /**
   * Lets `ms` of virtual time pass. After every timer, and before the first, pending work gets one turn of the event loop, so
   * timers that it arms within the span fire too. What a timer throws rejects the promise; the timers after it still wait.
   */
  async advance(ms: number): Promise<void> {
    const endMs = this.#monotonicMs + ms
    await this.yield()
    for (let timer = this.#first(); timer && timer.dueMs <= endMs; timer = this.#first()) {
      this.#timers.delete(timer)
      this.#monotonicMs = Math.max(this.#monotonicMs, timer.dueMs)
      timer.run()
      await this.yield()
    }
    this.#monotonicMs = Math.max(this.#monotonicMs, endMs)
  }

  /** Sets wall time forward (or back, when negative) as an operator or a time server may; durations do not change. */
  jumpWall(ms: number): void {
    this.#wallMs += ms
  }

  /** The timer due first; of two due together, the one armed first. */
  #first(): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) if (!first || timer.dueMs < first.dueMs) first = timer
    return first
  }
}
