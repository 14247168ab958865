/** What was measured loses half of its weight in this time. */
const HALF_LIFE_MS = 250
/** Less than this was not watched for long enough to say anything. */
const WATCHED_MS_MIN = 30
/** A link that takes more of the time than this is what everything waits for. */
const LIMITING_SHARE = 0.7
/** So long a link that was the limit is taken for one: with less to carry it would not be, and have more to carry again. */
const REMEMBERED_MS = 10_000
/** Longer than that only while what goes over it would not fit uncompressed, and then it is tried again: it may be another by now. */
const REMEMBERED_MS_MAX = 60_000

/** How fast one link is, as far as what is sent over it shows. */
export class LinkSpeed {
  readonly #bytesPerMsMax: number
  #atMs = 0
  #watchedMs = 0
  #waitedMs = 0
  #sentBytes = 0
  #limit: { readonly bytesPerMs: number; readonly measuredAtMs: number; neededAtMs: number } | undefined

  /** @param bytesPerSecondMax - the host lets the link carry no more */
  constructor(bytesPerSecondMax: number | undefined, nowMs: number) {
    this.#bytesPerMsMax = (bytesPerSecondMax ?? Number.POSITIVE_INFINITY) / 1_000
    this.#atMs = nowMs
  }

  /** Infinite where the link is not what limits. */
  bytesPerMs(nowMs: number): number {
    const limit = this.#limit
    const isRemembered =
      limit && nowMs - limit.neededAtMs < REMEMBERED_MS && nowMs - limit.measuredAtMs < REMEMBERED_MS_MAX
    return Math.min(isRemembered ? limit.bytesPerMs : Number.POSITIVE_INFINITY, this.#bytesPerMsMax)
  }

  /**
   * The link took a frame.
   *
   * @param waitedMs - how long that took
   * @param expansion - what goes over the link would be so many times as much uncompressed
   */
  sent(bytes: number, waitedMs: number, nowMs: number, expansion: number): void {
    const passedMs = Math.max(0, nowMs - this.#atMs)
    const kept = 0.5 ** (passedMs / HALF_LIFE_MS)
    this.#atMs = nowMs
    this.#watchedMs = this.#watchedMs * kept + passedMs
    this.#waitedMs = this.#waitedMs * kept + Math.min(waitedMs, passedMs)
    this.#sentBytes = this.#sentBytes * kept + bytes
    if (this.#watchedMs < WATCHED_MS_MIN) return
    // Of all the time, not of the waits alone: what went without one filled memory on the way, which empties meanwhile.
    const bytesPerMs = this.#sentBytes / this.#watchedMs
    if (this.#waitedMs >= LIMITING_SHARE * this.#watchedMs)
      this.#limit = { bytesPerMs, measuredAtMs: nowMs, neededAtMs: nowMs }
    else if (this.#limit && bytesPerMs * expansion > this.#limit.bytesPerMs) this.#limit.neededAtMs = nowMs
  }
}
