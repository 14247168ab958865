import type { Clock } from './clock.js'

/** How long a wait may take where its caller does not say. */
export const WAIT_TIMEOUT_MS = 5_000

/** How one wait ends other than by getting what it waits for. */
export interface WaitBounds {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** What a wait that took too long rejects with. */
  readonly expired: () => Error
}

interface Waiting<What> {
  readonly what: What
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/**
 * Calls that wait for something of a kind `What`, each until it is there, its time is over, its signal is aborted, or all are
 * ended. Whoever waits keeps the process alive: a caller who awaits the outcome must get one.
 */
export class BoundedWaits<What> {
  readonly #clock: Clock
  readonly #waiting = new Set<Waiting<What>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#waiting.size
  }

  /** What is being waited for. */
  *all(): Generator<What> {
    for (const { what } of this.#waiting) yield what
  }

  /** @throws what `bounds.expired` gives, the signal's reason, what `isThere` of `check` threw, what `end` was given */
  async wait(what: What, { timeoutMs, signal, expired }: WaitBounds): Promise<void> {
    signal?.throwIfAborted()
    let waiting: Waiting<What> | undefined
    let cancel: (() => void) | undefined
    let abort: (() => void) | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        waiting = { what, resolve, reject }
        this.#waiting.add(waiting)
        cancel = this.#clock.timer(() => reject(expired()), timeoutMs, true)
        abort = () => reject(signal?.reason)
        signal?.addEventListener('abort', abort)
      })
    } finally {
      cancel?.()
      if (abort) signal?.removeEventListener('abort', abort)
      if (waiting) this.#waiting.delete(waiting)
    }
  }

  /** Ends the waits whose thing is there. @param isThere - what it throws ends that wait with a rejection */
  check(isThere: (what: What) => boolean): void {
    for (const waiting of this.#waiting) {
      try {
        if (!isThere(waiting.what)) continue
        this.#waiting.delete(waiting)
        waiting.resolve()
      } catch (error) {
        waiting.reject(error)
      }
    }
  }

  /** Ends all waits. */
  end(error: Error): void {
    this.endEach(() => error)
  }

  /** Ends all waits, each with an error of its own. */
  endEach(errorOf: (what: What) => Error): void {
    for (const { what, reject } of this.#waiting) reject(errorOf(what))
  }
}
