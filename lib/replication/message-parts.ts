import { violated } from './protocol/wire-violation.js'

const FIRST_BYTES = 64 * 1024

/**
 * Puts a message together that came in parts. The parts are copied, so that what is held is never more than twice what came:
 * of a part of one byte, its view and its frame would be a hundred times that.
 */
export class MessageParts {
  /** No message is larger from now on. */
  maxBytes: number
  #buffer: Uint8Array = new Uint8Array(0)
  #bytes = 0

  /** @param maxBytes - no message is larger */
  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** Some of a message came, and not its end. */
  get isOpen(): boolean {
    return this.#bytes > 0
  }

  /**
   * @returns the whole message after its last part
   * @throws `PROTOCOL_VIOLATED`
   */
  add({ bytes, last }: { readonly bytes: Uint8Array; readonly last: boolean }): Uint8Array | undefined {
    if (bytes.byteLength === 0) throw violated('an empty part')
    const end = this.#bytes + bytes.byteLength
    if (end > this.maxBytes) throw violated(`a message of more than ${this.maxBytes} bytes`)
    if (end > this.#buffer.byteLength) {
      const grown = new Uint8Array(Math.min(this.maxBytes, Math.max(FIRST_BYTES, 2 * end)))
      grown.set(this.#buffer.subarray(0, this.#bytes))
      this.#buffer = grown
    }
    this.#buffer.set(bytes, this.#bytes)
    this.#bytes = end
    if (!last) return undefined
    const whole = this.#buffer.subarray(0, end)
    this.#buffer = new Uint8Array(0)
    this.#bytes = 0
    return whole
  }
}
