import { FRAME_HEADER_BYTES } from '../../log/frame.js'

/** Shorter ones are not worth a cut. */
const VECTOR_BYTES_MIN = 32

/** Fields as in replivec.proto: of a commit, of an operation, and the vector in each kind of operation that has one. */
const OPERATIONS_FIELD = 6
const KINDS_WITH_VECTOR: ReadonlySet<number> = new Set([1, 2, 8])
const VECTOR_FIELD = 3
const BYTES_TYPE = 2

/**
 * Where the vectors of commits lie, as the log has them: start and end of each, in order. What cannot be understood has none, which
 * is no error: it is only not cut there.
 *
 * @param frames - whole commits
 */
export function vectorRanges(frames: Uint8Array): number[] {
  return new RangeFinder(frames).ranges
}

class RangeFinder {
  readonly ranges: number[] = []
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at + FRAME_HEADER_BYTES < bytes.byteLength; ) {
      const end = at + FRAME_HEADER_BYTES + (view.getUint32(at, true) & 0x7fff_ffff)
      if (end > bytes.byteLength) return
      this.#fields(at + FRAME_HEADER_BYTES, end, this.#commitField)
      at = end
    }
  }

  readonly #commitField = (field: number, start: number, end: number): void => {
    if (field === OPERATIONS_FIELD) this.#fields(start, end, this.#operationField)
  }

  readonly #operationField = (field: number, start: number, end: number): void => {
    if (KINDS_WITH_VECTOR.has(field)) this.#fields(start, end, this.#vectorField)
  }

  readonly #vectorField = (field: number, start: number, end: number): void => {
    const after = this.ranges.at(-1) ?? 0
    if (field === VECTOR_FIELD && end - start >= VECTOR_BYTES_MIN && start >= after)
      this.ranges.push(start, end)
  }

  /** Visits the fields of a message that are bytes: Protocol Buffers, "Encoding". */
  #fields(start: number, end: number, visit: (field: number, start: number, end: number) => void): void {
    this.#at = start
    while (this.#at < end) {
      const tag = this.#varint(end)
      const type = tag & 7
      if (type === BYTES_TYPE) {
        const length = this.#varint(end)
        const from = this.#at
        if (!(from + length <= end)) return
        visit(tag >>> 3, from, from + length)
        this.#at = from + length
      } else if (type === 0) this.#varint(end)
      else if (type === 1) this.#at += 8
      else if (type === 5) this.#at += 4
      else return
    }
  }

  /** Of a number that does not end, or is too large to be a length, nothing comes that fits. */
  #varint(end: number): number {
    let value = 0
    let factor = 1
    while (this.#at < end) {
      const byte = this.#bytes[this.#at++] as number
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 128
    }
    return Number.NaN
  }
}
