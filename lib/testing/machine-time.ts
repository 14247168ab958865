import type { Clock } from '../runtime/clock.js'
import type { SharedTime } from './shared-time.js'

/** Shared time as one machine reads it: its wall clock is set wrong, and its other clock began some time ago. */
export class MachineTime implements Clock {
  readonly #time: SharedTime
  readonly #sinceBootMs: number
  #skewMs: number

  constructor(time: SharedTime, { sinceBootMs, skewMs }: { sinceBootMs: number; skewMs: number }) {
    this.#time = time
    this.#sinceBootMs = sinceBootMs
    this.#skewMs = skewMs
  }

  now(): number {
    return this.#time.now() + this.#skewMs
  }

  monotonic(): number {
    return this.#time.monotonic() + this.#sinceBootMs
  }

  timer(run: () => void, delayMs: number): () => void {
    return this.#time.timer(run, delayMs)
  }

  yield(): Promise<void> {
    return this.#time.yield()
  }

  /** Sets wall time forward (or back, when negative); durations do not change. */
  jumpWall(ms: number): void {
    this.#skewMs += ms
  }
}

/** What a disk waits with: mostly a turn, and time where it is slow. */
export class DeviceTime implements Clock {
  /** How likely a wait takes time, 0 to 1, and how much at most. */
  slowness = { probability: 0, msMax: 1 }
  readonly #time: SharedTime
  readonly #chance: () => number

  /** @param chance - a number from 0 up to 1, another one at every call */
  constructor(time: SharedTime, chance: () => number) {
    this.#time = time
    this.#chance = chance
  }

  now(): number {
    return this.#time.now()
  }

  monotonic(): number {
    return this.#time.monotonic()
  }

  timer(run: () => void, delayMs: number): () => void {
    return this.#time.timer(run, delayMs)
  }

  yield(): Promise<void> {
    const { probability, msMax } = this.slowness
    if (probability === 0 || this.#chance() >= probability) return this.#time.yield()
    return this.#time.sleep(Math.ceil(this.#chance() * msMax))
  }
}
