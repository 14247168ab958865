/** What was measured loses half of its weight in this time. */
const HALF_LIFE_MS = 250
/** What is known of a link that is the limit does so more slowly: the system takes megabytes at once, and then nothing for a while. */
const LIMIT_HALF_LIFE_MS = 2_000
const LIMIT_WATCHED_MS_MIN = 500
/** Less than this was not watched for long enough to say anything. */
const WATCHED_MS_MIN = 30
/** A link that takes more of the time than this is what everything waits for. */
const LIMITING_SHARE = 0.7
/** So long a link that was the limit is taken for one: with less to carry it would not be, and have more to carry again. */
const REMEMBERED_MS = 10_000
/** Longer than that only while what goes over it would not fit uncompressed, and then it is tried again: it may be another by now. */
const REMEMBERED_MS_MAX = 60_000

/** The link took it. */
export interface SentFrame {
  readonly bytes: number
  /** So long it made whoever sent it wait. */
  readonly waitedMs: number
  readonly nowMs: number
  /** More was to be sent as soon as the link took this. */
  readonly hasMore: boolean
}

/** How fast one link is, as far as what is sent over it shows. */
export class LinkSpeed {
  readonly #bytesPerMsMax: number
  #atMs = 0
  #watchedMs = 0
  #waitedMs = 0
  #sentBytes = 0
  #limit: { bytesPerMs: number; measuredAtMs: number; neededAtMs: number } | undefined
  /** Whether more waited to be sent when the last frame was. */
  #hadMore = false
  /** Since the link became the limit, and as long as more waited. */
  #busyMs = 0
  #busyBytes = 0

  /** @param bytesPerSecondMax - the host lets the link carry no more */
  constructor(bytesPerSecondMax: number | undefined, nowMs: number) {
    this.#bytesPerMsMax = (bytesPerSecondMax ?? Number.POSITIVE_INFINITY) / 1_000
    this.#atMs = nowMs
  }

  /** Infinite where the link is not what limits. */
  bytesPerMs(nowMs: number): number {
    return Math.min(this.#remembered(nowMs)?.bytesPerMs ?? Number.POSITIVE_INFINITY, this.#bytesPerMsMax)
  }

  /** @param expansion - what goes over the link would be so many times as much uncompressed */
  sent({ bytes, waitedMs, nowMs, hasMore }: SentFrame, expansion: number): void {
    const passedMs = Math.max(0, nowMs - this.#atMs)
    const kept = 0.5 ** (passedMs / HALF_LIFE_MS)
    this.#atMs = nowMs
    this.#watchedMs = this.#watchedMs * kept + passedMs
    this.#waitedMs = this.#waitedMs * kept + Math.min(waitedMs, passedMs)
    this.#sentBytes = this.#sentBytes * kept + bytes
    if (this.#hadMore) this.#carried(bytes, passedMs)
    this.#hadMore = hasMore
    if (this.#watchedMs < WATCHED_MS_MIN) return
    // Of all the time, not of the waits alone: what went without one filled memory on the way, which empties meanwhile.
    const bytesPerMs = this.#sentBytes / this.#watchedMs
    const limit = this.#remembered(nowMs)
    if (this.#waitedMs >= LIMITING_SHARE * this.#watchedMs) {
      if (!limit) this.#busyMs = this.#busyBytes = 0
      this.#limit = { bytesPerMs: limit?.bytesPerMs ?? bytesPerMs, measuredAtMs: nowMs, neededAtMs: nowMs }
    } else if (limit && bytesPerMs * expansion > limit.bytesPerMs) limit.neededAtMs = nowMs
    if (this.#limit && this.#busyMs >= LIMIT_WATCHED_MS_MIN)
      this.#limit.bytesPerMs = this.#busyBytes / this.#busyMs
  }

  #carried(bytes: number, ms: number): void {
    const kept = 0.5 ** (ms / LIMIT_HALF_LIFE_MS)
    this.#busyMs = this.#busyMs * kept + ms
    this.#busyBytes = this.#busyBytes * kept + bytes
  }

  #remembered(nowMs: number) {
    const limit = this.#limit
    if (!limit || nowMs - limit.neededAtMs >= REMEMBERED_MS) return undefined
    return nowMs - limit.measuredAtMs >= REMEMBERED_MS_MAX ? undefined : limit
  }
}
