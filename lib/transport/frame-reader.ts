import { frameTooLarge } from './frame-limit.js'
import { transportFailure } from './transport-failure.js'

/** Bytes of the length in front of each frame, little-endian. */
export const HEADER_BYTES = 4

/** Stands where a length would: nothing follows. A stream that ends without it broke. */
export const END_MARKER = 0xffff_ffff

/** First memory for a frame that comes in pieces; it grows sixteenfold as they come, so that most move once. */
const FIRST_BYTES = 64 * 1024
const GROWTH = 16

/**
 * Cuts a stream of bytes into frames. A frame that lies in one piece of the stream is a view of it, where pieces are lasting; others are
 * put together in memory that is never more than sixteen times what has arrived and 64 KiB, whatever length was announced.
 */
export class FrameReader {
  readonly #maxFrameBytes: number
  #limitBytes: number
  readonly #take: (frame: Uint8Array) => void
  readonly #ended: () => void
  readonly #isLasting: boolean
  readonly #header = new Uint8Array(HEADER_BYTES)
  #headerBytes = 0
  /** Of the frame that is being put together; `undefined` between frames. */
  #lengthBytes: number | undefined
  #frame = new Uint8Array(0)
  #filledBytes = 0
  #isEnded = false

  /**
   * @param events - `take` is called with each frame, `ended` at the marker
   * @param isLasting - nobody writes to a piece once it was read
   */
  constructor(
    maxFrameBytes: number,
    events: { take: (frame: Uint8Array) => void; ended: () => void },
    isLasting = true,
  ) {
    this.#maxFrameBytes = maxFrameBytes
    this.#limitBytes = maxFrameBytes
    this.#isLasting = isLasting
    this.#take = events.take
    this.#ended = events.ended
  }

  /** Takes no larger frames from now on. */
  limit(frameBytesMax: number): void {
    this.#limitBytes = Math.min(this.#maxFrameBytes, frameBytesMax)
  }

  /**
   * Reads the next piece.
   *
   * @throws `FRAME_TOO_LARGE`, or `TRANSPORT_FAILED` for bytes after the end
   */
  read(piece: Uint8Array): void {
    let at = 0
    while (at < piece.byteLength) {
      if (this.#isEnded) throw transportFailure(undefined, 'Bytes follow the end of the frames.')
      at = this.#lengthBytes === undefined ? this.#readHeader(piece, at) : this.#readFrame(piece, at)
    }
  }

  #readHeader(piece: Uint8Array, at: number): number {
    const part = piece.subarray(at, at + HEADER_BYTES - this.#headerBytes)
    this.#header.set(part, this.#headerBytes)
    this.#headerBytes += part.byteLength
    if (this.#headerBytes < HEADER_BYTES) return at + part.byteLength
    this.#headerBytes = 0
    const length = lengthOf(this.#header)
    if (length === END_MARKER) {
      this.#isEnded = true
      this.#ended()
    } else if (length > this.#limitBytes) {
      throw frameTooLarge(length, this.#limitBytes)
    } else if (length === 0) {
      this.#take(new Uint8Array(0))
    } else {
      this.#lengthBytes = length
    }
    return at + part.byteLength
  }

  #readFrame(piece: Uint8Array, at: number): number {
    const lengthBytes = this.#lengthBytes as number
    // The limit may have come after the header.
    if (lengthBytes > this.#limitBytes) throw frameTooLarge(lengthBytes, this.#limitBytes)
    const part = piece.subarray(at, at + lengthBytes - this.#filledBytes)
    if (part.byteLength === lengthBytes) {
      this.#lengthBytes = undefined
      // Not a Buffer, whose `slice` would share memory.
      const view = new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
      this.#take(this.#isLasting ? view : new Uint8Array(view))
      return at + lengthBytes
    }
    this.#reserve(this.#filledBytes + part.byteLength, lengthBytes)
    this.#frame.set(part, this.#filledBytes)
    this.#filledBytes += part.byteLength
    if (this.#filledBytes === lengthBytes) {
      const frame = this.#frame
      this.#frame = new Uint8Array(0)
      this.#filledBytes = 0
      this.#lengthBytes = undefined
      this.#take(frame)
    }
    return at + part.byteLength
  }

  #reserve(neededBytes: number, lengthBytes: number): void {
    if (neededBytes <= this.#frame.byteLength) return
    const grown = new Uint8Array(Math.min(lengthBytes, Math.max(FIRST_BYTES, neededBytes * GROWTH)))
    grown.set(this.#frame.subarray(0, this.#filledBytes))
    this.#frame = grown
  }
}

/** The length that a header announces. */
export function lengthOf(header: Uint8Array): number {
  return new DataView(header.buffer, header.byteOffset, HEADER_BYTES).getUint32(0, true)
}

/** What stands in front of a frame of so many bytes, or the end marker. */
export function headerOf(length: number): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES)
  new DataView(header.buffer).setUint32(0, length, true)
  return header
}
