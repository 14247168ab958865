import type { CodecLevel } from './codec.js'
import { CodecEstimate, type CompressedBytes } from './codec-estimate.js'
import { LinkSpeed, type SentFrame } from './link-speed.js'

/** Compressing has to make bytes arrive so much sooner. */
const GAIN_MIN = 1.05
/** And so much sooner than a level that takes less of the processor. */
const STEP_GAIN_MIN = 1.02

/** More than that at once leaves little less of it, and has what comes after it wait for long. */
const BATCH_BYTES_MAX = 2 * 1024 * 1024
const BATCH_MS_MAX = 250

/**
 * Chooses how hard to compress for one link: as hard as makes bytes arrive soonest, given what the link and the processor were seen to do.
 * Where the link is no limit nothing is compressed.
 */
export class LevelChoice {
  readonly #levels: readonly CodecLevel[]
  readonly #link: LinkSpeed
  #codec = new CodecEstimate()

  /** @param bytesPerSecondMax - the host lets the link carry no more */
  constructor(levels: readonly CodecLevel[], bytesPerSecondMax: number | undefined, nowMs: number) {
    this.#levels = levels
    this.#link = new LinkSpeed(bytesPerSecondMax, nowMs)
  }

  /** @returns `undefined` for not at all */
  choose(nowMs: number): number | undefined {
    const bytesPerMs = this.#link.bytesPerMs(nowMs)
    if (bytesPerMs === Number.POSITIVE_INFINITY) return undefined
    if (this.#codec.isOld(nowMs)) this.#codec = new CodecEstimate()
    const { vectorShare } = this.#codec
    let best: { readonly level: number; readonly cost: number } | undefined
    for (const level of this.#levels) {
      const linkMs = (this.#codec.shareOf(level) + vectorShare) / bytesPerMs
      const cost = ofBoth(this.#codec.processorMsOf(level), linkMs)
      if (!best || cost * STEP_GAIN_MIN <= best.cost) best = { level: level.level, cost }
    }
    return best && best.cost * GAIN_MIN <= (1 + vectorShare) / bytesPerMs ? best.level : undefined
  }

  /** What is worth sending at once: what the link would carry uncompressed in a moment. */
  batchBytes(nowMs: number): number {
    return Math.min(BATCH_BYTES_MAX, Math.floor(BATCH_MS_MAX * this.#link.bytesPerMs(nowMs)))
  }

  /** Some bytes were compressed. @param tookMs - until whoever asked for it heard of it */
  compressed(level: number, bytes: CompressedBytes, tookMs: number, nowMs: number): void {
    const used = this.#levels.find((candidate) => candidate.level === level)
    if (used) this.#codec.compressed(used, bytes, tookMs, nowMs)
  }

  /** The link took a frame. */
  sent(frame: SentFrame): void {
    this.#link.sent(frame, this.#codec.expansionAt(frame.nowMs))
  }
}

/**
 * What two take for the same byte. One works on it while the other has the one before, so that it is what the slower of them takes; and more
 * the less they differ, because neither is always as fast, and then the other waits: a tenth more where they are the same.
 */
function ofBoth(a: number, b: number): number {
  const [less, more] = a < b ? [a, b] : [b, a]
  return more * (1 + (less / more) ** 8) ** (1 / 8)
}
