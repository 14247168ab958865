import { deflateRawSync } from 'node:zlib'
import type { Clock } from '../../runtime/clock.js'
import type { FrameMemory } from '../frame-memory.js'
import { PLAIN_BYTES_MAX } from '../protocol/message-limits.js'
import type { Operations, Packed, SnapshotPiece } from '../protocol/messages.js'
import { encodeHead } from '../protocol/payload-encoder.js'
import type { Codec } from './codec.js'
import type { CompressionCounts } from './compression-stats.js'
import { LevelChoice } from './level-choice.js'
import { cut } from './message-cut.js'
import { vectorRanges } from './vector-ranges.js'

/** Of less there is nothing to be saved. */
const PLAIN_BYTES_MIN = 512
/** What does not shrink to this share in a sample, or as a whole, goes as it is. */
const SHARE_MAX = 0.9
const SAMPLE_BYTES = 4 * 1024
const NONE: readonly number[] = []

export interface CompressorOptions {
  readonly codec: Codec
  readonly clock: Clock
  readonly memory: FrameMemory
  /** The host lets the link carry no more. */
  readonly bytesPerSecondMax: number | undefined
  readonly counts: CompressionCounts
}

/** Compresses what goes over one link, where that makes it arrive sooner. */
export class Compressor {
  readonly codec: Codec
  readonly #clock: Clock
  readonly #memory: FrameMemory
  readonly #counts: CompressionCounts
  readonly #choice: LevelChoice
  #level: number | undefined
  /** Whether there was more to send when the last message was made. */
  #hasMore = false

  constructor({ codec, clock, memory, bytesPerSecondMax, counts }: CompressorOptions) {
    this.codec = codec
    this.#clock = clock
    this.#memory = memory
    this.#counts = counts
    this.#choice = new LevelChoice(codec.levels, bytesPerSecondMax, clock.monotonic())
  }

  /** How hard the last message was compressed, if it was. */
  get level(): number | undefined {
    return this.#level
  }

  /** So much is worth sending at once, because a codec leaves less of more; 0 where nothing is compressed. */
  batchBytes(nowMs: number): number {
    return this.#level === undefined ? 0 : this.#choice.batchBytes(nowMs)
  }

  /** @returns `undefined` for a message that goes as it is */
  async packed(message: Operations | SnapshotPiece): Promise<Packed | undefined> {
    const isOperations = message.kind === 'operations'
    this.#hasMore = isOperations ? message.lastSeq < message.headSeq : !message.last
    const level = this.#choice.choose(this.#clock.monotonic())
    this.#level = level
    if (level === undefined) return undefined
    const payload = isOperations ? message.frames : message.bytes
    if (payload.byteLength < PLAIN_BYTES_MIN || payload.byteLength > PLAIN_BYTES_MAX) return this.#skipped()
    let memory: Uint8Array | undefined
    const { plain, vectors } = cut(
      encodeHead(message),
      payload,
      isOperations ? vectorRanges(payload) : NONE,
      (bytes) => {
        memory = this.#memory.take(bytes)
        return memory
      },
    )
    try {
      if (plain.byteLength > PLAIN_BYTES_MAX || !shrinks(plain)) return this.#skipped()
      const startMs = this.#clock.monotonic()
      const rest = await this.codec.compress(plain, level)
      const endMs = this.#clock.monotonic()
      const bytes = {
        plainBytes: plain.byteLength,
        packedBytes: rest.byteLength,
        vectorBytes: vectors.byteLength,
      }
      this.#choice.compressed(level, bytes, endMs - startMs, endMs)
      if (rest.byteLength > SHARE_MAX * plain.byteLength) return this.#skipped()
      this.#counts.plainBytes += plain.byteLength
      this.#counts.packedBytes += rest.byteLength
      return { kind: 'packed', rest, plainBytes: plain.byteLength, vectors }
    } finally {
      if (memory) this.#memory.give(memory)
    }
  }

  /** Sends a frame, and sees how long the link takes for it. */
  async watched(bytes: number, send: () => Promise<void>): Promise<void> {
    const startMs = this.#clock.monotonic()
    await send()
    const nowMs = this.#clock.monotonic()
    this.#choice.sent({ bytes, waitedMs: nowMs - startMs, nowMs, hasMore: this.#hasMore })
  }

  #skipped(): undefined {
    this.#counts.skipped += 1
    return undefined
  }
}

/** Whether some bytes out of the middle do. */
function shrinks(plain: Uint8Array): boolean {
  if (plain.byteLength < PLAIN_BYTES_MIN) return false
  const from = Math.max(0, (plain.byteLength - SAMPLE_BYTES) >> 1)
  const sample = plain.subarray(from, from + SAMPLE_BYTES)
  return deflateRawSync(sample, { level: 1 }).byteLength <= SHARE_MAX * sample.byteLength
}
