import type { Clock } from '../runtime/clock.js'

/** How often somebody may fail. */
export interface AttemptLimitOptions {
  readonly perMinute: number
  readonly lockoutMs: number
}

const WINDOW_MS = 60_000
/** More sources are not remembered. */
const SOURCES_MAX = 4_096

interface Source {
  /** When it failed within the last minute. */
  readonly failedAtMs: readonly number[]
  readonly lockedUntilMs: number
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
    if (this.isLockedOut(source)) return false
    const { perMinute, lockoutMs } = this.#options
    const recent = this.#sources.get(source)?.failedAtMs.filter((atMs) => nowMs - atMs < WINDOW_MS) ?? []
    const isLocked = recent.length + 1 >= perMinute
    this.#sources.delete(source)
    this.#sources.set(source, {
      failedAtMs: isLocked ? [] : [...recent, nowMs],
      lockedUntilMs: isLocked ? nowMs + lockoutMs : 0,
    })
    if (this.#sources.size > SOURCES_MAX) this.#forgetOne(nowMs)
    return isLocked
  }

  /** The one that failed least recently; who is locked out is forgotten last, or many others could let it in again. */
  #forgetOne(nowMs: number): void {
    const sources = [...this.#sources]
    const [oldest] = sources.find(([, { lockedUntilMs }]) => lockedUntilMs <= nowMs) ?? sources[0] ?? []
    if (oldest !== undefined) this.#sources.delete(oldest)
  }
}
