import type { CodecLevel } from './codec.js'

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
/** What the processor spends is missed elsewhere: it is counted so often beside the time that it takes by now, as if it had nothing else to do. */
const PROCESSOR_WEIGHT = 1.5
/** Compressing has to make bytes arrive so much sooner. */
const GAIN_MIN = 1.05

/**
 * Chooses how hard to compress for one link: as hard as makes bytes arrive soonest, given what the link and the processor were seen to do.
 * A byte takes as long as the slower of the two, because one works on it while the other has the one before. Where the link is no limit
 * nothing is compressed.
 */
export class LevelChoice {
  readonly #levels: readonly CodecLevel[]
  readonly #bytesPerMsMax: number
  /** How the codec does here, compared with what was expected. */
  #speedFactor = 1
  #shareFactor = 1
  /** Bytes of vectors, which go as they are, for each byte that is compressed. */
  #vectorShare = 0
  /** What goes over the link would be so many times as much uncompressed. */
  #expansion = 1
  #atMs = 0
  #watchedMs = 0
  #waitedMs = 0
  #sentBytes = 0
  #link: { readonly bytesPerMs: number; readonly measuredAtMs: number; neededAtMs: number } | undefined

  /** @param bytesPerSecondMax - the host lets the link carry no more */
  constructor(levels: readonly CodecLevel[], bytesPerSecondMax: number | undefined, nowMs: number) {
    this.#levels = levels
    this.#bytesPerMsMax = (bytesPerSecondMax ?? Number.POSITIVE_INFINITY) / 1_000
    this.#atMs = nowMs
  }

  /** @returns `undefined` for not at all */
  choose(nowMs: number): number | undefined {
    const link = this.#linkBytesPerMs(nowMs)
    if (link === Number.POSITIVE_INFINITY) return undefined
    let best: { level: number; cost: number } | undefined
    for (const { level, bytesPerMs, share } of this.#levels) {
      const shareHere = Math.min(1, share * this.#shareFactor)
      const processorMs = 1 / (bytesPerMs * this.#speedFactor)
      const linkMs = (shareHere + this.#vectorShare) / link
      const cost = Math.max(processorMs, linkMs) + PROCESSOR_WEIGHT / bytesPerMs
      if (!best || cost < best.cost) best = { level, cost }
    }
    return best && best.cost * GAIN_MIN <= (1 + this.#vectorShare) / link ? best.level : undefined
  }

  /** Some bytes were compressed. @param vectorBytes - that go with them */
  compressed(
    level: number,
    bytes: { readonly plainBytes: number; readonly packedBytes: number; readonly vectorBytes: number },
    tookMs: number,
  ): void {
    const { plainBytes, packedBytes, vectorBytes } = bytes
    const expected = this.#levels.find((candidate) => candidate.level === level)
    if (!expected) return
    const speed = plainBytes / Math.max(tookMs, 0.01) / expected.bytesPerMs
    this.#speedFactor += (speed - this.#speedFactor) / 8
    this.#expansion += ((plainBytes + vectorBytes) / (packedBytes + vectorBytes) - this.#expansion) / 8
    this.#vectorShare += (vectorBytes / plainBytes - this.#vectorShare) / 8
    this.#shareFactor += (packedBytes / plainBytes / expected.share - this.#shareFactor) / 8
  }

  /** The link took a frame. @param waitedMs - how long that took */
  sent(bytes: number, waitedMs: number, nowMs: number): void {
    const passedMs = Math.max(0, nowMs - this.#atMs)
    const kept = 0.5 ** (passedMs / HALF_LIFE_MS)
    this.#atMs = nowMs
    this.#watchedMs = this.#watchedMs * kept + passedMs
    this.#waitedMs = this.#waitedMs * kept + Math.min(waitedMs, passedMs)
    this.#sentBytes = this.#sentBytes * kept + bytes
    if (this.#watchedMs < WATCHED_MS_MIN) return
    if (this.#waitedMs >= LIMITING_SHARE * this.#watchedMs) {
      // Of all the time, not of the waits alone: what went without one filled memory on the way, which empties meanwhile.
      this.#link = { bytesPerMs: this.#sentBytes / this.#watchedMs, measuredAtMs: nowMs, neededAtMs: nowMs }
    } else if (this.#link) {
      const uncompressed = (this.#sentBytes / this.#watchedMs) * this.#expansion
      if (uncompressed > this.#link.bytesPerMs) this.#link.neededAtMs = nowMs
    }
  }

  #linkBytesPerMs(nowMs: number): number {
    const link = this.#link
    const isRemembered =
      link && nowMs - link.neededAtMs < REMEMBERED_MS && nowMs - link.measuredAtMs < REMEMBERED_MS_MAX
    return Math.min(isRemembered ? link.bytesPerMs : Number.POSITIVE_INFINITY, this.#bytesPerMsMax)
  }
}
