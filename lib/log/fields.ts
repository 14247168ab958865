/** Fields of a Protocol Buffers message, read one by one where no object is to be made of each. */
const VARINT_BYTES_MAX = 10
const TAG_MAX = 2 ** 32 - 1

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A walk over the fields of a message. Once it met what is no field it stays `isMalformed`, and what it says means nothing. */
export class Fields {
  readonly body: Uint8Array
  /** Never past the end while nothing is malformed. */
  at = 0
  isMalformed = false

  constructor(body: Uint8Array) {
    this.body = body
  }

  varint(): number {
    let value = 0
    let unit = 1
    for (let bytes = 0; bytes < VARINT_BYTES_MAX && this.at < this.body.byteLength; bytes++) {
      const byte = this.body[this.at++] as number
      value += (byte & 0x7f) * unit
      if (byte < 0x80) {
        // A sum that has passed 2^53 is not exact, but stays above.
        if (value > Number.MAX_SAFE_INTEGER) break
        return value
      }
      unit *= 0x80
    }
    this.isMalformed = true
    return 0
  }

  /** @returns `undefined` for what is no UTF-8 */
  text(): string | undefined {
    const length = this.varint()
    const start = this.at
    this.#pass(length)
    if (this.isMalformed) return undefined
    // Ids of nodes are short and ASCII: a decoder takes longer to start than they take to read.
    let text = ''
    for (let at = start; at < this.at; at++) {
      const byte = this.body[at] as number
      if (byte >= 0x80) return decoded(this.body.subarray(start, this.at))
      text += String.fromCharCode(byte)
    }
    return text
  }

  /** Passes over the content of a field. Groups are none: no version of the format has them. */
  skip(tag: number): void {
    const type = tag & 7
    if (tag < 8 || tag > TAG_MAX) this.isMalformed = true
    else if (type === 0) this.#passVarint()
    else if (type === 1) this.#pass(8)
    else if (type === 2) this.#pass(this.varint())
    else if (type === 5) this.#pass(4)
    else this.isMalformed = true
  }

  #pass(bytes: number): void {
    if (bytes > this.body.byteLength - this.at) this.isMalformed = true
    else this.at += bytes
  }

  /** It may be a number that is larger than any of ours: a negative one, or 64 bits of something else. */
  #passVarint(): void {
    for (let bytes = 0; bytes < VARINT_BYTES_MAX && this.at < this.body.byteLength; bytes++) {
      if ((this.body[this.at++] as number) < 0x80) return
    }
    this.isMalformed = true
  }
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    // The one thing it throws for: no UTF-8.
    return undefined
  }
}
