/** The beginning of a commit, read without its operations: what a link needs to know of what it carries. */
import { Tag } from './commit-tags.js'
import { Fields } from './fields.js'

/** A commit without its operations; what its fields mean is in `log/replivec.proto`. */
export interface CommitHead {
  readonly epoch: number
  readonly originId: string
  readonly firstSeq: number
  readonly count: number
  readonly committedAtMs: number
}

const COUNT_MAX = 2 ** 32 - 1
/** Bits of the five fields, by tag. */
const ALL_FIELDS = 0x3e

/**
 * Reads the fields of a commit up to its first operation; further only while one is missing, as an encoder of somebody else
 * may put them last. A field that is nowhere is 0 or empty, as Protocol Buffers have it. Whether the numbers make sense
 * together is not looked at.
 *
 * @param body - the body of a frame, or anything
 * @returns `undefined` when the bytes are no commit, or hold a number that is not exact (2^53 and more): callers know
 *   whose bytes they are
 */
export function readCommitHead(body: Uint8Array): CommitHead | undefined {
  const fields = new Fields(body)
  let [epoch, firstSeq, count, committedAtMs] = [0, 0, 0, 0]
  let originId: string | undefined = ''
  let found = 0
  while (fields.at < body.byteLength) {
    const tag = fields.varint()
    if (tag === Tag.operations && found === ALL_FIELDS) break
    let isOther = false
    if (tag === Tag.epoch) epoch = fields.varint()
    else if (tag === Tag.originId) originId = fields.text()
    else if (tag === Tag.firstSeq) firstSeq = fields.varint()
    else if (tag === Tag.count) count = fields.varint()
    else if (tag === Tag.committedAtMs) committedAtMs = fields.varint()
    else {
      fields.skip(tag)
      isOther = true
    }
    if (fields.isMalformed) return undefined
    if (!isOther) found |= 1 << (tag >> 3)
  }
  if (originId === undefined || count > COUNT_MAX) return undefined
  return { epoch, originId, firstSeq, count, committedAtMs }
}
