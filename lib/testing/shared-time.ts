import { ReplivecError } from '../errors.js'
import type { Clock } from '../runtime/clock.js'
import { nodeClock } from '../runtime/node-clock.js'
import { promisesSettled } from '../runtime/promise-turn.js'

interface Timer {
  readonly dueMs: number
  /** Of timers due together, the one armed first fires first. */
  readonly order: number
  run: (() => void) | undefined
}

/** So many turns without time passing are taken for a program that goes round in circles. */
const TURNS_MAX = 200_000
/** The event loop of the real machine gets a turn once in so many. */
const REAL_TURN_EVERY = 500

/**
 * The one time of many simulated machines. It passes only when nothing is left to do at present: every promise that is ready and
 * every turn that was asked for comes first, then the timer that is due next, however far away.
 */
export class SharedTime implements Clock {
  readonly #startMs: number
  #nowMs = 0
  #armed = 0
  readonly #turns: (() => void)[] = []
  /** A binary heap. */
  readonly #timers: Timer[] = []
  #pending = 0
  #sinceRealTurn = 0
  /** How many turns there were. */
  turns = 0

  /** @param startMs - wall time at the start, in milliseconds since the Unix epoch */
  constructor(startMs: number = Date.UTC(2024, 0, 1)) {
    this.#startMs = startMs
  }

  now(): number {
    return this.#startMs + this.#nowMs
  }

  monotonic(): number {
    return this.#nowMs
  }

  /** A delay under 1 ms is 1 ms: a timer that arms itself again cannot stop time. */
  timer(run: () => void, delayMs: number): () => void {
    const timer: Timer = { dueMs: this.#nowMs + Math.max(delayMs, 1), order: this.#armed++, run }
    this.#push(timer)
    this.#pending += 1
    return () => {
      if (timer.run) this.#pending -= 1
      timer.run = undefined
    }
  }

  yield(): Promise<void> {
    return new Promise((resolve) => this.#turns.push(resolve))
  }

  /** Resolves when so much time has passed. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.timer(resolve, ms))
  }

  /** How many timers wait. */
  get pendingTimers(): number {
    return this.#pending
  }

  /**
   * Lets time pass.
   *
   * @param ms - so much at most
   * @param isOver - ends it earlier; asked whenever nothing is left to do at present, and after every turn
   * @throws `TIMEOUT` when time cannot pass, because something is always left to do
   */
  async run(ms: number, isOver: () => boolean = () => false): Promise<void> {
    const endMs = this.#nowMs + ms
    for (let turns = 0; ; ) {
      await this.#settled()
      if (isOver()) return
      const turn = this.#turns.shift()
      if (turn) {
        if (++turns > TURNS_MAX) throw stuck()
        this.turns += 1
        turn()
        continue
      }
      const timer = this.#next(endMs)
      if (!timer) break
      if (timer.dueMs > this.#nowMs) turns = 0
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs)
      this.#fire(timer)
    }
    this.#nowMs = Math.max(this.#nowMs, endMs)
  }

  async #settled(): Promise<void> {
    if (++this.#sinceRealTurn < REAL_TURN_EVERY) return promisesSettled()
    this.#sinceRealTurn = 0
    return nodeClock.yield()
  }

  #fire(timer: Timer): void {
    const { run } = timer
    timer.run = undefined
    this.#pending -= 1
    run?.()
  }

  /** The timer that is due next, taken out, if it is due by then. */
  #next(endMs: number): Timer | undefined {
    for (let first = this.#timers[0]; first; first = this.#timers[0]) {
      if (first.run && first.dueMs > endMs) return undefined
      this.#pop()
      if (first.run) return first
    }
    return undefined
  }

  #push(timer: Timer): void {
    const heap = this.#timers
    let at = heap.push(timer) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(timer, heap[parent] as Timer)) break
      heap[at] = heap[parent] as Timer
      at = parent
    }
    heap[at] = timer
  }

  #pop(): void {
    const heap = this.#timers
    const last = heap.pop()
    if (heap.length === 0 || !last) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Timer, heap[child] as Timer)) child += 1
      if (!isBefore(heap[child] as Timer, last)) break
      heap[at] = heap[child] as Timer
      at = child
    }
    heap[at] = last
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order)
}

function stuck(): ReplivecError {
  return new ReplivecError(
    'TIMEOUT',
    `Time stands still: ${TURNS_MAX} turns of the event loop changed nothing.`,
  )
}
