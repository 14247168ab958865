import type { Clock } from '../runtime/clock.js'

/** How often something may happen. */
export interface SourceLimitOptions {
  readonly perMinute: number
  /** How long a source is out after that. */
  readonly lockoutMs: number
}

const WINDOW_MS = 60_000
/** More sources are not remembered. */
const SOURCES_MAX = 4_096

interface Source {
  /** When it happened within the last minute. */
  readonly countedAtMs: readonly number[]
  readonly outUntilMs: number
}

/** Counts what happens too often for comfort by where it comes from, and says who is out for a while. */
export class SourceLimit {
  readonly #clock: Clock
  readonly #options: SourceLimitOptions
  /** In the order in which they were counted last. */
  readonly #sources = new Map<string, Source>()

  constructor(clock: Clock, options: SourceLimitOptions) {
    this.#clock = clock
    this.#options = options
  }

  isOut(source: string): boolean {
    return (this.#sources.get(source)?.outUntilMs ?? 0) > this.#clock.monotonic()
  }

  /** It happened. @returns whether that was once too often: from now on the source is out */
  count(source: string): boolean {
    const nowMs = this.#clock.monotonic()
    if (this.isOut(source)) return false
    const { perMinute, lockoutMs } = this.#options
    const recent = this.#sources.get(source)?.countedAtMs.filter((atMs) => nowMs - atMs < WINDOW_MS) ?? []
    const isOut = recent.length + 1 >= perMinute
    this.#sources.delete(source)
    this.#sources.set(source, {
      countedAtMs: isOut ? [] : [...recent, nowMs],
      outUntilMs: isOut ? nowMs + lockoutMs : 0,
    })
    if (this.#sources.size > SOURCES_MAX) this.#forgetOne(nowMs)
    return isOut
  }

  /** The one that was counted least recently; who is out is forgotten last, or many others could let it in again. */
  #forgetOne(nowMs: number): void {
    let [forgotten] = this.#sources.keys()
    for (const [source, { outUntilMs }] of this.#sources) {
      if (outUntilMs > nowMs) continue
      forgotten = source
      break
    }
    if (forgotten !== undefined) this.#sources.delete(forgotten)
  }
}
