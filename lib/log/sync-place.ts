/**
 * A sync that takes less than this is run where it is asked for. Measured on a virtual machine (fdatasync 0.09 ms),
 * handing it to a thread takes 0.05 ms more, and the caller continues 0.02 ms slower.
 */
const FAST_MS = 0.25
/** A sync that held the event loop this long is one too many. */
const HELD_MS_MAX = 20
/** After it, all syncs go to a thread for so long, and twice as long each time. */
const PAUSE_MS = 10_000
const PAUSE_MS_MAX = 3_600_000
/** How far one measurement moves the running mean. */
const MEAN_WEIGHT = 1 / 8

/**
 * Decides where the sync of a lone write runs, by what syncs took. Most disks are slow enough for a thread; on a fast one
 * the hop there and back takes half as long as the sync itself, and more processor time than waiting for it.
 */
export class SyncPlace {
  #meanMs = Number.POSITIVE_INFINITY
  #threadUntilMs = Number.NEGATIVE_INFINITY
  #pauseMs = PAUSE_MS

  /** @param nowMs - a time that never goes back */
  isHere(nowMs: number): boolean {
    return this.#meanMs < FAST_MS && nowMs >= this.#threadUntilMs
  }

  /**
   * Takes note of a sync that ended now.
   *
   * @param tookMs - how long it took, with the way to a thread and back where it went there
   */
  measured(tookMs: number, wasHere: boolean, nowMs: number): void {
    this.#meanMs =
      this.#meanMs === Number.POSITIVE_INFINITY
        ? tookMs
        : this.#meanMs + (tookMs - this.#meanMs) * MEAN_WEIGHT
    if (!wasHere || tookMs < HELD_MS_MAX) return
    this.#threadUntilMs = nowMs + this.#pauseMs
    this.#pauseMs = Math.min(PAUSE_MS_MAX, 2 * this.#pauseMs)
  }
}
