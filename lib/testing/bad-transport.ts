import { encodeWire } from '../replication/protocol/wire-codec.js'
import { overheard } from './overheard-message.js'
import type { SeededRandom } from './seeded-random.js'

/** How often a transport that breaks its promises does so, for each frame; from 0 to 1. */
export interface BadTransportRates {
  readonly drop: number
  readonly duplicate: number
  readonly reorder: number
  /** Of frames that carry operations or a piece of a snapshot one bit of what they carry; of frames with codes one bit. */
  readonly corrupt: number
}

/** What a bad transport does to frames. A good one, with no rates, does nothing. */
export class BadTransport {
  rates: BadTransportRates | undefined
  readonly #random: SeededRandom
  readonly #note: (what: string) => void

  /** @param note - told what it does */
  constructor(random: SeededRandom, note: (what: string) => void) {
    this.#random = random
    this.#note = note
  }

  /** What comes of one frame: copies of it, as many as arrive. */
  deliveries(frame: Uint8Array): Uint8Array[] {
    const { rates } = this
    const copy = new Uint8Array(frame)
    if (!rates) return [copy]
    if (this.#random.chance(rates.drop)) {
      this.#note(`drops a frame of ${frame.byteLength} bytes`)
      return []
    }
    const corrupted = this.#random.chance(rates.corrupt) ? this.#corrupted(frame) : undefined
    if (corrupted) return [corrupted]
    if (!this.#random.chance(rates.duplicate)) return [copy]
    this.#note(`duplicates a frame of ${frame.byteLength} bytes`)
    return [copy, new Uint8Array(frame)]
  }

  /** A frame overtakes the one before it. */
  reorders(): boolean {
    if (!this.rates || !this.#random.chance(this.rates.reorder)) return false
    this.#note('lets a frame overtake another')
    return true
  }

  /**
   * Of frames without codes only what has a checksum of its own is touched: nothing in the rest of them can tell.
   */
  #corrupted(frame: Uint8Array): Uint8Array | undefined {
    const { message, hasCode } = overheard(frame)
    if (hasCode) {
      this.#note(`damages a frame of ${frame.byteLength} bytes, which has a code`)
      return this.#flipped(frame)
    }
    if (message.kind === 'operations' && message.frames.byteLength > 0) {
      this.#note(`damages operations ${message.firstSeq} to ${message.lastSeq}`)
      return encodeWire({ ...message, frames: this.#flipped(message.frames) })
    }
    if (message.kind === 'snapshot-piece' && message.bytes.byteLength > 0) {
      this.#note(`damages a piece of a snapshot at byte ${message.atByte}`)
      return encodeWire({ ...message, bytes: this.#flipped(message.bytes) })
    }
    return undefined
  }

  #flipped(bytes: Uint8Array): Uint8Array {
    const copy = new Uint8Array(bytes)
    const at = this.#random.int(copy.byteLength)
    copy[at] = (copy[at] as number) ^ (1 << this.#random.int(8))
    return copy
  }
}
