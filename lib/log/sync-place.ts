/**
 * A sync that takes less than this is run where it is asked for. Measured on a virtual machine (fdatasync 0.09 ms),
 * handing it to a thread takes 0.05 ms more, 0.15 ms while the processor is busy, and the caller continues 0.02 ms slower.
 */
const FAST_HERE_MS = 0.3
const FAST_ON_A_THREAD_MS = 0.5
/** So many in a row change the mind: the first ones after an open are slow, and any disk is the other kind now and then. */
const RUN = 3
/** So many tell what disk it is. */
const KNOWN_AFTER = 8
/** A sync that held the event loop this long is one too many. */
const HELD_MS_MAX = 20
/** After it, all syncs go to a thread for so long, and twice as long each time. */
const PAUSE_MS = 10_000
const PAUSE_MS_MAX = 3_600_000

/**
 * Decides where the sync of a small write runs, by what the last ones took. Most disks are slow enough for a thread; on a
 * fast one the hop there and back takes as long as the sync itself, and more processor time than waiting for it.
 */
export class SyncPlace {
  #isFast = false
  /** Measurements in a row that say otherwise. */
  #otherwise = 0
  #measurements = 0
  #threadUntilMs = Number.NEGATIVE_INFINITY
  #pauseMs = PAUSE_MS

  /** Enough was measured to tell where syncs run. */
  get isKnown(): boolean {
    return this.#measurements >= KNOWN_AFTER
  }

  /** @param nowMs - a time that never goes back */
  isHere(nowMs: number): boolean {
    return this.#isFast && nowMs >= this.#threadUntilMs
  }

  /**
   * Takes note of the sync of a small write that ended now.
   *
   * @param tookMs - how long it took, with the way to a thread and back where it went there
   */
  measured(tookMs: number, wasHere: boolean, nowMs: number): void {
    this.#measurements += 1
    const isFast = tookMs < (wasHere ? FAST_HERE_MS : FAST_ON_A_THREAD_MS)
    this.#otherwise = isFast === this.#isFast ? 0 : this.#otherwise + 1
    if (this.#otherwise === RUN) {
      this.#isFast = isFast
      this.#otherwise = 0
    }
    if (!wasHere || tookMs < HELD_MS_MAX) return
    this.#threadUntilMs = nowMs + this.#pauseMs
    this.#pauseMs = Math.min(PAUSE_MS_MAX, 2 * this.#pauseMs)
  }
}
