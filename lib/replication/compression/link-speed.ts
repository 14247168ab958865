/** What was measured loses half of its weight in this time. */
const HALF_LIFE_MS = 250
/** And what says how fast a link is in this one: the system takes megabytes at once, and then nothing for a while. */
const SPEED_HALF_LIFE_MS = 2_000
/** Before so much of it was seen the first look has to do. */
const SPEED_WATCHED_MS_MIN = 500
/** A longer time between two frames is not one in which the link was used. */
const GAP_MS_MAX = 500
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
  /** What it carried when it was seen to be the limit: a first look, half too much or too little. */
  #limit: { readonly bytesPerMs: number; readonly measuredAtMs: number; neededAtMs: number } | undefined
  /** Whether more waited to be sent when the last frame was. */
  #hadMore = false
  /** What it carried since then, as long as more waited. */
  #usedMs = 0
  #usedBytes = 0

  /** @param bytesPerSecondMax - the host lets the link carry no more */
  constructor(bytesPerSecondMax: number | undefined, nowMs: number) {
    this.#bytesPerMsMax = (bytesPerSecondMax ?? Number.POSITIVE_INFINITY) / 1_000
    this.#atMs = nowMs
  }

  /** Infinite where the link is not what limits. */
  bytesPerMs(nowMs: number): number {
    const limit = this.#remembered(nowMs)
    if (!limit) return this.#bytesPerMsMax
    const isWatched = this.#usedMs >= SPEED_WATCHED_MS_MIN
    return Math.min(isWatched ? this.#usedBytes / this.#usedMs : limit.bytesPerMs, this.#bytesPerMsMax)
  }

  /** @param expansion - what goes over the link would be so many times as much uncompressed */
  sent({ bytes, waitedMs, nowMs, hasMore }: SentFrame, expansion: number): void {
    const passedMs = Math.max(0, nowMs - this.#atMs)
    const kept = 0.5 ** (passedMs / HALF_LIFE_MS)
    // Of a long time the beginning has lost its weight by its end.
    const weight = passedMs > 0 ? ((1 - kept) * HALF_LIFE_MS) / Math.LN2 / passedMs : 1
    this.#atMs = nowMs
    this.#watchedMs = this.#watchedMs * kept + passedMs * weight
    this.#waitedMs = this.#waitedMs * kept + Math.min(waitedMs, passedMs) * weight
    this.#sentBytes = this.#sentBytes * kept + bytes * weight
    if (this.#hadMore && passedMs <= GAP_MS_MAX) this.#used(bytes, passedMs)
    this.#hadMore = hasMore
    if (this.#watchedMs < WATCHED_MS_MIN) return
    // Of all the time, not of the waits alone: what went without one filled memory on the way, which empties meanwhile.
    const bytesPerMs = this.#sentBytes / this.#watchedMs
    const limit = this.#remembered(nowMs)
    if (this.#waitedMs >= LIMITING_SHARE * this.#watchedMs) {
      if (!limit) this.#usedMs = this.#usedBytes = 0
      this.#limit = { bytesPerMs, measuredAtMs: nowMs, neededAtMs: nowMs }
    } else if (limit && bytesPerMs * expansion > limit.bytesPerMs) limit.neededAtMs = nowMs
  }

  #used(bytes: number, ms: number): void {
    const kept = 0.5 ** (ms / SPEED_HALF_LIFE_MS)
    this.#usedMs = this.#usedMs * kept + ms
    this.#usedBytes = this.#usedBytes * kept + bytes
  }

  #remembered(nowMs: number) {
    const limit = this.#limit
    if (!limit || nowMs - limit.neededAtMs >= REMEMBERED_MS) return undefined
    return nowMs - limit.measuredAtMs >= REMEMBERED_MS_MAX ? undefined : limit
  }
}
