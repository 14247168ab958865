import type { CodecLevel } from './codec.js'

/** What was measured loses half of its weight with so many bytes that are compressed after it. */
const HALF_LIFE_BYTES = 4 * 1024 * 1024
/** And shares, which differ less, with so many messages. */
const SHARE_MESSAGES = 8
/** At first as much was compressed in the time that was expected: the first message waits for code to be loaded. */
const PRIOR_BYTES = 1024 * 1024
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
  #shareFactor = 1
  /** Time that compressing took beside the codec's own, for so many bytes. */
  #waitedMs = 0
  #waitedBytes = PRIOR_BYTES
  #vectorShare = 0
  #expansion = 1
  #atMs = 0

  /** Bytes of vectors for each byte that is compressed. */
  get vectorShare(): number {
    return this.#vectorShare
  }

  /** What is sent would be so many times as much uncompressed. */
  get expansion(): number {
    return this.#expansion
  }

  /** What is left of a byte. */
  shareOf({ share }: CodecLevel): number {
    return Math.min(1, share * this.#shareFactor)
  }

  /**
   * Milliseconds for a byte. Beside what the codec takes that is waiting, for a thread and for the event loop, which is about the same
   * whatever the level; and what this processor is slower than another.
   */
  processorMsOf({ bytesPerMs }: CodecLevel): number {
    return Math.max(0, 1 / bytesPerMs + this.#waitedMs / this.#waitedBytes)
  }

  compressed(level: CodecLevel, bytes: CompressedBytes, tookMs: number, nowMs: number): void {
    const { plainBytes, packedBytes, vectorBytes } = bytes
    const kept = 0.5 ** (plainBytes / HALF_LIFE_BYTES)
    this.#waitedMs = this.#waitedMs * kept + tookMs - plainBytes / level.bytesPerMs
    this.#waitedBytes = this.#waitedBytes * kept + plainBytes
    const expansion = (plainBytes + vectorBytes) / (packedBytes + vectorBytes)
    this.#expansion += (expansion - this.#expansion) / SHARE_MESSAGES
    this.#vectorShare += (vectorBytes / plainBytes - this.#vectorShare) / SHARE_MESSAGES
    this.#shareFactor += (packedBytes / plainBytes / level.share - this.#shareFactor) / SHARE_MESSAGES
    this.#atMs = nowMs
  }

  /** Whether nothing was compressed for so long that this says nothing any more. */
  isOld(nowMs: number): boolean {
    return nowMs - this.#atMs >= REMEMBERED_MS
  }
}
