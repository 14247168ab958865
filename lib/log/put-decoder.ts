import { Tag } from './commit-tags.js'
import { Fields } from './fields.js'
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
  const fields = new PutFields(body)
  const epoch = fields.number(Tag.epoch)
  const originId = fields.string(Tag.originId)
  const firstSeq = fields.number(Tag.firstSeq)
  const count = fields.number(Tag.count)
  const committedAtMs = fields.number(Tag.committedAtMs)
  const operations: Commit['operations'] = []
  while (fields.at < body.byteLength) {
    const end = fields.enter(Tag.operations)
    const put = readPut(fields, end)
    if (!put) return undefined
    operations.push({ put })
  }
  if (operations.length === 0 || count > COUNT_MAX) return undefined
  return { epoch, originId, firstSeq, count, committedAtMs, operations }
}

const COUNT_MAX = 2 ** 32 - 1

/** @param end - where the operation ends */
function readPut(fields: PutFields, end: number): Put | undefined {
  const putEnd = fields.enter(Tag.put)
  const collection = fields.number(Tag.collection)
  const id = fields.string(Tag.id)
  const vector = fields.bytes(Tag.vector)
  const metadata = fields.string(Tag.metadata)
  const isWhole = !fields.isMalformed && fields.at === end && putEnd === end
  return isWhole ? { collection, id, vector, metadata } : undefined
}

/** Goes from field to field in the order of the encoder: any other field is malformed here. */
class PutFields extends Fields {
  readonly #text: Buffer

  constructor(body: Uint8Array) {
    super(body)
    this.#text = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  }

  number(tag: number): number {
    this.#expect(tag)
    return this.varint()
  }

  /** @returns where the field ends */
  enter(tag: number): number {
    this.#expect(tag)
    const bytes = this.varint()
    const end = this.at + bytes
    if (end > this.body.byteLength) this.isMalformed = true
    return end
  }

  string(tag: number): string {
    const end = this.enter(tag)
    if (this.isMalformed) return ''
    const text = this.#text.toString('utf8', this.at, end)
    if (text.includes(REPLACEMENT)) this.isMalformed = true
    this.at = end
    return text
  }

  bytes(tag: number): Uint8Array {
    const end = this.enter(tag)
    const from = this.at
    this.at = end
    return this.isMalformed ? NO_BYTES : this.body.subarray(from, end)
  }

  #expect(tag: number): void {
    if (this.body[this.at++] !== tag) this.isMalformed = true
  }
}

const NO_BYTES = new Uint8Array(0)
