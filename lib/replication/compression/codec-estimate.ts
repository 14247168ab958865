import type { CodecLevel } from './codec.js'

/** What was measured loses half of its weight with so many bytes that are compressed after it. */
const HALF_LIFE_BYTES = 4 * 1024 * 1024
/** At first as if so much had been compressed as expected: one message says little, and the first one waits for code to be loaded. */
const PRIOR_BYTES = 1024 * 1024
/** What was expected to be left of that: where levels were measured, between the quickest and the hardest. */
const PRIOR_SHARE = 0.2
/** So long after the last message nothing is known any more: there may be other records by now, or less to do. */
const REMEMBERED_MS = 5_000

/** What was compressed of a message, and the vectors that go with it as they are. */
export interface CompressedBytes {
  readonly plainBytes: number
  readonly packedBytes: number
  readonly vectorBytes: number
}

/** What a codec does with what goes over one link, on this machine and with what else that has to do. */
export class CodecEstimate {
  #plainBytes = PRIOR_BYTES
  #packedBytes = PRIOR_SHARE * PRIOR_BYTES
  /** What would have been left if everything were as expected. */
  #expectedBytes = PRIOR_SHARE * PRIOR_BYTES
  #vectorBytes = 0
  /** Time that compressing took beside the codec's own. */
  #waitedMs = 0
  #atMs = Number.NEGATIVE_INFINITY

  /** Bytes of vectors for each byte that is compressed. */
  get vectorShare(): number {
    return this.#vectorBytes / this.#plainBytes
  }

  /** What is left of a byte. */
  shareOf({ share }: CodecLevel): number {
    return Math.min(1, (share * this.#packedBytes) / this.#expectedBytes)
  }

  /** What is sent would be so many times as much uncompressed. */
  expansionAt(nowMs: number): number {
    if (this.isOld(nowMs)) return 1
    return (this.#plainBytes + this.#vectorBytes) / (this.#packedBytes + this.#vectorBytes)
  }

  /**
   * Milliseconds for a byte. Beside what the codec takes that is waiting, for a thread and for the event loop, which is about the same
   * whatever the level; and what this processor is slower than another.
   */
  processorMsOf({ bytesPerMs }: CodecLevel): number {
    return Math.max(0, 1 / bytesPerMs + this.#waitedMs / this.#plainBytes)
  }

  compressed(level: CodecLevel, bytes: CompressedBytes, tookMs: number, nowMs: number): void {
    const { plainBytes, packedBytes, vectorBytes } = bytes
    const kept = 0.5 ** (plainBytes / HALF_LIFE_BYTES)
    this.#plainBytes = this.#plainBytes * kept + plainBytes
    this.#packedBytes = this.#packedBytes * kept + packedBytes
    this.#expectedBytes = this.#expectedBytes * kept + plainBytes * level.share
    this.#vectorBytes = this.#vectorBytes * kept + vectorBytes
    this.#waitedMs = this.#waitedMs * kept + tookMs - plainBytes / level.bytesPerMs
    this.#atMs = nowMs
  }

  /** Whether nothing was compressed for so long that this says nothing any more. */
  isOld(nowMs: number): boolean {
    return nowMs - this.#atMs >= REMEMBERED_MS
  }
}
