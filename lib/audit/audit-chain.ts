import type { AuditDigest } from './audit-digest.js'
import { type AuditEntry, type AuditLink, readEntry } from './audit-entry.js'
import type { AuditLine } from './audit-files.js'

/**
 * What is wrong with a place of an audit log.
 *
 * - `altered`: the bytes are not those that were written
 * - `missing`: entries, files or the head are not there
 * - `misplaced`: an entry that was written as it is, but not there: put in, repeated, moved, or of another log
 * - `key`: the log is chained with another key than the one given, or with none; nothing can be said about its hashes
 * - `found-before`: an open found damage and said so in this entry
 */
export type AuditProblem = 'altered' | 'missing' | 'misplaced' | 'key' | 'found-before'

export interface ChainFault {
  readonly problem: AuditProblem
  readonly message: string
}

/** What a line of a log is. */
export interface TakenLine {
  /** There when it is as it was written, wherever it belongs. */
  readonly entry: AuditEntry | undefined
  readonly fault: ChainFault | undefined
  /** It is no entry at all, as a crash may leave the end of a file. What only has a wrong hash somebody made. */
  readonly isTorn: boolean
}

/** Follows a chain line by line. After a fault it goes on from what is there, so that one change is not told of for ever. */
export class AuditChain {
  readonly #digest: AuditDigest | undefined
  /** The entry before; its hash is unknown after a line that cannot be relied on. */
  #last: { readonly seq: number; readonly hash: string | undefined } | undefined

  /** The next line may be any. */
  #isAnywhere: boolean

  /**
   * @param digest - `undefined` when nobody can tell whether hashes are right
   * @param start - the entry before the first line; `'beginning'` when that is the first of its log, `'anywhere'` when nobody knows
   */
  constructor(digest: AuditDigest | undefined, start: AuditLink | 'beginning' | 'anywhere') {
    this.#digest = digest
    this.#last = typeof start === 'string' ? undefined : start
    this.#isAnywhere = start === 'anywhere'
  }

  /** Takes the next line. */
  take(line: AuditLine): TakenLine {
    const { entry, isSealed } = readEntry(line.bytes, this.#digest)
    const last = this.#last
    if (!isSealed || !entry || !line.isWhole) {
      this.#last = { seq: (last?.seq ?? 0) + 1, hash: undefined }
      const message = line.isWhole ? 'The line does not match its own hash.' : 'The line is not whole.'
      return { entry: undefined, fault: { problem: 'altered', message }, isTorn: !entry || !line.isWhole }
    }
    this.#last = { seq: entry.seq, hash: entry.hash }
    const isAnywhere = this.#isAnywhere
    this.#isAnywhere = false
    if (isAnywhere) return { entry, fault: undefined, isTorn: false }
    return { entry, fault: last ? faultAfter(last, entry) : this.#faultAtStart(entry), isTorn: false }
  }

  #faultAtStart({ seq, previous, nodeId, historyId }: AuditEntry): ChainFault | undefined {
    if (seq !== 1) {
      const message = `The log begins with entry ${seq}: what was before is gone. If it was taken away on purpose, give its last entry as the option from.`
      return { problem: 'missing', message }
    }
    const origin = this.#digest?.origin(String(nodeId), String(historyId)) ?? previous
    if (previous === origin) return undefined
    return { problem: 'misplaced', message: 'The first entry is not that of the node it names.' }
  }
}

function faultAfter(
  last: { readonly seq: number; readonly hash: string | undefined },
  { seq, previous }: AuditEntry,
): ChainFault | undefined {
  const expected = last.seq + 1
  if (seq > expected) {
    const what = seq === expected + 1 ? `Entry ${expected} is` : `The entries ${expected} to ${seq - 1} are`
    return { problem: 'missing', message: `${what} missing before this one.` }
  }
  if (seq < expected)
    return { problem: 'misplaced', message: `Entry ${seq} stands where entry ${expected} belongs.` }
  if (last.hash === undefined || previous === last.hash) return undefined
  return { problem: 'misplaced', message: 'The entry does not follow on the one before.' }
}
