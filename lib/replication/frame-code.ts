import { createHmac, timingSafeEqual } from 'node:crypto'
import { violated } from './protocol/wire-violation.js'

/** How much longer a frame is for its code. */
export const FRAME_CODE_BYTES = 32

/**
 * The authentication codes on the frames of one direction: each frame ends with the HMAC-SHA-256 of how many came before it and of its
 * content. A frame that was changed, repeated or moved has another one, and so has the frame after one that was left out.
 */
export class FrameCode {
  readonly #key: Uint8Array
  readonly #counted = new Uint8Array(8)
  #count = 0

  /** @param key - of this direction of one link alone */
  constructor(key: Uint8Array) {
    this.#key = key
  }

  /** The code of the next frame. */
  next(content: Uint8Array): Uint8Array {
    new DataView(this.#counted.buffer).setBigUint64(0, BigInt(this.#count), true)
    this.#count += 1
    return createHmac('sha256', this.#key).update(this.#counted).update(content).digest()
  }

  /**
   * The content of the next frame.
   *
   * @throws `PROTOCOL_VIOLATED` for a frame with another code than was expected
   */
  opened(frame: Uint8Array): Uint8Array {
    const contentBytes = frame.byteLength - FRAME_CODE_BYTES
    if (contentBytes < 0) throw violated('a frame is without its authentication code')
    const content = frame.subarray(0, contentBytes)
    if (!timingSafeEqual(this.next(content), frame.subarray(contentBytes)))
      throw violated(
        'the authentication code of a frame is wrong: it was changed, lost or repeated on its way',
      )
    return content
  }
}
