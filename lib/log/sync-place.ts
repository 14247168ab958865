/**
 * A sync on a thread that takes less than 0.5 ms is run where it is asked for from then on, until most of those take a millisecond.
 * Measured on a virtual machine (fdatasync 0.09 to 0.25 ms), handing it to a thread takes 0.05 ms more, 0.3 ms while other processes are
 * busy, and the caller continues 0.02 ms slower. The two are apart, because a change of place costs more than the wrong place does.
 */
const FAST_HERE_MS = 1
const FAST_ON_A_THREAD_MS = 0.5
/** Of the last so many syncs at one place, */
const WINDOW = 16
/**
 * this many slow ones in place, or this many fast ones on a thread, change the mind. On a busy machine three of four are slow on a thread
 * because the thread waits for a processor, and the disk is as fast as before; single slow ones are found on any disk.
 */
const SLOW_HERE = 12
const FAST_ON_A_THREAD = 3
/** So many tell what disk it is. */
const KNOWN_AFTER = 8
/** A sync that held the event loop this long is one too many. */
const HELD_MS_MAX = 20
/** After it, all syncs go to a thread for so long, and twice as long when it soon happens again: within so many such pauses. */
const PAUSE_MS = 1_000
const PAUSE_MS_MAX = 3_600_000
const SOON_PAUSES = 10

/**
 * Decides where the sync of a small write runs, by what the last ones took. Most disks are slow enough for a thread; on a
 * fast one the hop there and back takes as long as the sync itself, and more processor time than waiting for it.
 */
export class SyncPlace {
  #isFast = false
  /** The last syncs where they run now, newest last: those that say otherwise. */
  #otherwise: boolean[] = []
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
    // What was begun elsewhere before the mind changed says nothing of here.
    if (wasHere === this.#isFast) this.#look(isFast !== wasHere)
    if (!wasHere || tookMs < HELD_MS_MAX) return
    const isSoon = nowMs - this.#threadUntilMs < SOON_PAUSES * this.#pauseMs
    this.#pauseMs = isSoon ? Math.min(PAUSE_MS_MAX, 2 * this.#pauseMs) : PAUSE_MS
    this.#threadUntilMs = nowMs + this.#pauseMs
  }

  #look(saysOtherwise: boolean): void {
    this.#otherwise.push(saysOtherwise)
    if (this.#otherwise.length > WINDOW) this.#otherwise.shift()
    if (!saysOtherwise) return
    const count = this.#otherwise.filter((otherwise) => otherwise).length
    if (count < (this.#isFast ? SLOW_HERE : FAST_ON_A_THREAD)) return
    this.#isFast = !this.#isFast
    this.#otherwise = []
  }
}
