import { Tag } from './put-tags.js'
import type { replivec } from './schema.js'

type Commit = replivec.v1.Commit
type Put = replivec.v1.Put.$Properties

/** What a decoder puts in the place of bytes that are no UTF-8; texts with one are left to the generated decoder, which refuses those. */
const REPLACEMENT = '\ufffd'

/**
 * Decodes a commit that only puts records, as `encodePutCommit` wrote it: almost every byte of a log is a put, and the generated
 * decoder takes 1.4 times as long (bench row `pieces`) and makes an instance with every field of each. The vectors are views of `body`.
 *
 * @param body - the body of a frame, or anything
 * @returns `undefined` for everything else: the generated decoder reads that, or says what is wrong with it
 */
export function decodePutCommit(body: Uint8Array): Commit | undefined {
  const walk = new Walk(body)
  const epoch = walk.number(Tag.epoch)
  const originId = walk.text(Tag.originId)
  const firstSeq = walk.number(Tag.firstSeq)
  const count = walk.number(Tag.count)
  const committedAtMs = walk.number(Tag.committedAtMs)
  const operations: Commit['operations'] = []
  while (walk.at < body.byteLength) {
    const end = walk.enter(Tag.operations)
    const put = readPut(walk, end)
    if (!put) return undefined
    operations.push({ put })
  }
  if (operations.length === 0 || count > COUNT_MAX) return undefined
  return { epoch, originId, firstSeq, count, committedAtMs, operations }
}

const COUNT_MAX = 2 ** 32 - 1
const VARINT_BYTES_MAX = 10

/** @param end - where the operation ends */
function readPut(walk: Walk, end: number): Put | undefined {
  const putEnd = walk.enter(Tag.put)
  const collection = walk.number(Tag.collection)
  const id = walk.text(Tag.id)
  const vector = walk.bytes(Tag.vector)
  const metadata = walk.text(Tag.metadata)
  const isWhole = !walk.isOther && walk.at === end && putEnd === end
  return isWhole ? { collection, id, vector, metadata } : undefined
}

/** Goes from field to field in the order of the encoder. Once something else came it says `isOther`, and what it reads means nothing. */
class Walk {
  readonly #body: Uint8Array
  readonly #text: Buffer
  /** Never past the end while nothing is other. */
  at = 0
  isOther = false

  constructor(body: Uint8Array) {
    this.#body = body
    this.#text = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  }

  number(tag: number): number {
    this.#expect(tag)
    return this.#varint()
  }

  /** @returns where the field ends */
  enter(tag: number): number {
    this.#expect(tag)
    const bytes = this.#varint()
    const end = this.at + bytes
    if (end > this.#body.byteLength) this.isOther = true
    return end
  }

  text(tag: number): string {
    const end = this.enter(tag)
    if (this.isOther) return ''
    const text = this.#text.toString('utf8', this.at, end)
    if (text.includes(REPLACEMENT)) this.isOther = true
    this.at = end
    return text
  }

  bytes(tag: number): Uint8Array {
    const end = this.enter(tag)
    const from = this.at
    this.at = end
    return this.isOther ? NO_BYTES : this.#body.subarray(from, end)
  }

  #expect(tag: number): void {
    if (this.#body[this.at++] !== tag) this.isOther = true
  }

  #varint(): number {
    const body = this.#body
    let value = 0
    let unit = 1
    for (let bytes = 0; bytes < VARINT_BYTES_MAX && this.at < body.byteLength; bytes++) {
      const byte = body[this.at++] as number
      value += (byte & 0x7f) * unit
      if (byte < 0x80) {
        // What is not exact is not one of ours.
        if (value > Number.MAX_SAFE_INTEGER) break
        return value
      }
      unit *= 0x80
    }
    this.isOther = true
    return 0
  }
}

const NO_BYTES = new Uint8Array(0)
