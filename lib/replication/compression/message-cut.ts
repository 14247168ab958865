import { varintBytes, writeVarint } from '../../log/varint.js'
import { MESSAGE_BYTES_MAX } from '../protocol/message-limits.js'
import { violated } from '../protocol/wire-violation.js'

/** A message in two: its vectors, and everything else with a list of where they were. */
export interface Cut {
  readonly plain: Uint8Array
  readonly vectors: Uint8Array
}

/**
 * Cuts the vectors out of a message. What is left begins with how it was cut: how many cuts there are, and for each the bytes in front
 * of it and the bytes of the vector, as varints.
 *
 * @param head - the message up to its payload
 * @param ranges - start and end of each vector in the payload, in order
 * @param take - gives at least so many bytes of memory
 */
export function cut(
  head: Uint8Array,
  payload: Uint8Array,
  ranges: readonly number[],
  take: (bytes: number) => Uint8Array,
): Cut {
  let vectorBytes = 0
  let listBytes = varintBytes(ranges.length / 2)
  let before = -head.byteLength
  for (let at = 0; at < ranges.length; at += 2) {
    const [start, end] = [ranges[at] as number, ranges[at + 1] as number]
    listBytes += varintBytes(start - before) + varintBytes(end - start)
    vectorBytes += end - start
    before = end
  }
  const plainBytes = listBytes + head.byteLength + payload.byteLength - vectorBytes
  const plain = take(plainBytes).subarray(0, plainBytes)
  const vectors = Buffer.allocUnsafe(vectorBytes)
  let listAt = writeVarint(plain, ranges.length / 2, 0)
  plain.set(head, listBytes)
  let plainAt = listBytes + head.byteLength
  let vectorAt = 0
  before = -head.byteLength
  for (let at = 0; at < ranges.length; at += 2) {
    const [start, end] = [ranges[at] as number, ranges[at + 1] as number]
    listAt = writeVarint(plain, start - before, listAt)
    listAt = writeVarint(plain, end - start, listAt)
    const from = Math.max(0, before)
    plain.set(payload.subarray(from, start), plainAt)
    plainAt += start - from
    vectors.set(payload.subarray(start, end), vectorAt)
    vectorAt += end - start
    before = end
  }
  plain.set(payload.subarray(Math.max(0, before)), plainAt)
  return { plain, vectors }
}

/**
 * Puts a message together again that was cut.
 *
 * @throws `PROTOCOL_VIOLATED` when the list does not fit what there is
 */
export function joined({ plain, vectors }: Cut): Uint8Array {
  const list = new CutList(plain)
  const bytes = list.restBytes + vectors.byteLength
  if (bytes > MESSAGE_BYTES_MAX) throw violated(`a message of ${bytes} bytes`)
  const message = new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer)
  let [at, restAt, vectorAt] = [0, list.endsAt, 0]
  for (const [restBytes, vectorBytes] of list.cuts()) {
    const restEnd = restAt + restBytes
    const vectorEnd = vectorAt + vectorBytes
    // Cuts for nothing would cost time and no bytes.
    if (vectorBytes === 0) throw misfit()
    if (restEnd > plain.byteLength || vectorEnd > vectors.byteLength) throw misfit()
    message.set(plain.subarray(restAt, restEnd), at)
    message.set(vectors.subarray(vectorAt, vectorEnd), at + restBytes)
    at += restBytes + vectorBytes
    restAt = restEnd
    vectorAt = vectorEnd
  }
  if (vectorAt !== vectors.byteLength) throw misfit()
  message.set(plain.subarray(restAt), at)
  return message
}

/** How a message was cut. */
class CutList {
  readonly #plain: Uint8Array
  readonly #count: number
  readonly #from: number
  /** Where the list is over. */
  readonly endsAt: number
  #at = 0

  constructor(plain: Uint8Array) {
    this.#plain = plain
    this.#count = this.#varint()
    this.#from = this.#at
    for (let numbers = 2 * this.#count; numbers > 0; numbers--) this.#varint()
    this.endsAt = this.#at
  }

  get restBytes(): number {
    return this.#plain.byteLength - this.endsAt
  }

  *cuts(): Generator<[restBytes: number, vectorBytes: number]> {
    this.#at = this.#from
    for (let count = this.#count; count > 0; count--) yield [this.#varint(), this.#varint()]
  }

  #varint(): number {
    let value = 0
    for (let factor = 1; factor <= 2 ** 28; factor *= 128) {
      const byte = this.#plain[this.#at++]
      if (byte === undefined) break
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
    throw misfit()
  }
}

function misfit(): Error {
  return violated('a compressed message does not fit together')
}
