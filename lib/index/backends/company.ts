/** After company was met, so many gatherings are given the time for it again. */
const EXPECTED_AFTER = 16
/** Of queries that were alone, one in so many is given that time: in 16 at first, and fewer while nobody comes. */
const TRY_EVERY_MIN = 16
const TRY_EVERY_MAX = 256

/**
 * Whether a query should be given a turn of the event loop to meet others. Calls that come from one tick meet by themselves. But
 * the requests of a server come one by one, each in a tick of its own, and if each were searched for at once nobody would
 * ever see that others wait behind it. A turn costs a lone query some microseconds, so it is given rarely, and always where
 * it has lately paid off.
 */
export class Company {
  #expected = 0
  #alone = 0
  #tryEvery = TRY_EVERY_MIN

  /** Asked once for every gathering. */
  isWorthATurn(): boolean {
    if (this.#expected > 0) {
      this.#expected--
      return true
    }
    if (++this.#alone < this.#tryEvery) return false
    this.#alone = 0
    this.#tryEvery = Math.min(TRY_EVERY_MAX, this.#tryEvery * 2)
    return true
  }

  /** Two queries were there at once. */
  met(): void {
    this.#expected = EXPECTED_AFTER
    this.#alone = 0
    this.#tryEvery = TRY_EVERY_MIN
  }
}
