import type { Clock } from '../runtime/clock.js'

/** How often somebody may fail. */
export interface AttemptLimitOptions {
  readonly perMinute: number
  readonly lockoutMs: number
}

const WINDOW_MS = 60_000
/** More sources are not remembered; the one that was heard of least recently is forgotten. */
const SOURCES_MAX = 4_096

interface Source {
  failures: number
  sinceMs: number
  lockedUntilMs: number
}

/** Counts failed attempts to join by where they come from, and locks out who fails too often. */
export class AttemptLimit {
  readonly #clock: Clock
  readonly #options: AttemptLimitOptions
  /** In the order in which they failed last. */
  readonly #sources = new Map<string, Source>()

  constructor(clock: Clock, options: AttemptLimitOptions) {
    this.#clock = clock
    this.#options = options
  }

  /** Nothing from there is listened to now. */
  isLockedOut(source: string): boolean {
    return (this.#sources.get(source)?.lockedUntilMs ?? 0) > this.#clock.monotonic()
  }

  /** An attempt failed. @returns whether that was one too many: from now on the source is locked out */
  failed(source: string): boolean {
    const nowMs = this.#clock.monotonic()
    const { perMinute, lockoutMs } = this.#options
    const before = this.#sources.get(source)
    if (before && before.lockedUntilMs > nowMs) return false
    const isOver = !before || nowMs - before.sinceMs >= WINDOW_MS || before.lockedUntilMs > 0
    const failures = isOver ? 1 : before.failures + 1
    const isLocked = failures >= perMinute
    this.#sources.delete(source)
    this.#sources.set(source, {
      failures,
      sinceMs: isOver ? nowMs : before.sinceMs,
      lockedUntilMs: isLocked ? nowMs + lockoutMs : 0,
    })
    const [oldest] = this.#sources.keys()
    if (this.#sources.size > SOURCES_MAX && oldest !== undefined) this.#sources.delete(oldest)
    return isLocked
  }
}
