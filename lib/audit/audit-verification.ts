import type { Abortable } from '../abortable.js'
import type { Files } from '../runtime/files.js'
import { AuditChain, type AuditProblem, type ChainFault } from './audit-chain.js'
import { AuditDigest } from './audit-digest.js'
import { type AuditEntry, type AuditLink, readEntry } from './audit-entry.js'
import { type AuditLine, auditFileName, auditFilePath, auditLines, listAuditFiles } from './audit-files.js'
import { type AuditHead, type AuditPlace, HEAD_NAME, readAuditHead } from './audit-head.js'

/** What an audit log is checked against. */
export interface AuditVerifyOptions extends Abortable {
  /** The key with which the log is chained. An open store takes its own. */
  readonly key?: string | undefined
  /**
   * The last entry of the files that were taken away on purpose: the log is expected to go on from it. Where nothing was taken away it
   * begins with entry 1.
   */
  readonly from?: AuditLink | undefined
  /**
   * An entry that the log must have, such as the `head` of an earlier report that was kept somewhere else. It finds what nothing in the
   * directory can: a log that was written anew as a whole, or put back to an earlier state together with its head.
   */
  readonly expected?: AuditLink | undefined
  /** The node whose log it must be. An open store takes its own. */
  readonly nodeId?: string | undefined
}

/** One place of an audit log that is not as it was written. */
export interface AuditDamage {
  /** Its name in the directory `audit`. */
  readonly file: string
  /** Counts from 1; null where no line is meant. */
  readonly line: number | null
  /** The entry, where that can be told. */
  readonly seq: number | null
  readonly problem: AuditProblem
  readonly message: string
}

/** What `verifyAudit` found. */
export interface AuditReport {
  /** No damage was found. */
  readonly ok: boolean
  /** Entries that are as they were written. */
  readonly entries: number
  readonly files: number
  /** The last of them: kept somewhere else, it is what `expected` takes later. Null where there is none. */
  readonly head: AuditLink | null
  /** Entries that the log says were never written, because the disk took none for too long. */
  readonly lost: number
  /**
   * Bytes at the very end that are no entry, and that nothing vouches for: what a crash cut off, or what is being written. The next open
   * removes them and says so. After a close in order there are none.
   */
  readonly unsettledBytes: number
  /** At most 1 000. */
  readonly damage: readonly AuditDamage[]
}

const DAMAGE_MAX = 1_000

/**
 * Reads a whole audit log, a part of it at a time, and reports what is not as it was written.
 *
 * @param written - what whoever writes the log at the same time has made durable; what is after it does not count yet
 * @throws `FORMAT_UNSUPPORTED`, the signal's reason, and what the disk says
 */
export async function verifyAuditLog(
  files: Files,
  directory: string,
  options: AuditVerifyOptions,
  written: () => AuditPlace | undefined = () => undefined,
): Promise<AuditReport> {
  options.signal?.throwIfAborted()
  return new AuditVerification(files, directory, options).run(written)
}

class AuditVerification {
  readonly #files: Files
  readonly #directory: string
  readonly #options: AuditVerifyOptions
  readonly #digest: AuditDigest
  readonly #damage: AuditDamage[] = []
  /** Entries that must be there and were not met yet. */
  #expected: { readonly link: AuditLink; readonly what: string }[] = []
  #head: AuditHead | undefined
  #written: AuditPlace | undefined
  #last: AuditLink | null = null
  #entries = 0
  #lost = 0
  #unsettledBytes = 0

  constructor(files: Files, directory: string, options: AuditVerifyOptions) {
    this.#files = files
    this.#directory = directory
    this.#options = options
    this.#digest = new AuditDigest(options.key)
  }

  async run(written: () => AuditPlace | undefined): Promise<AuditReport> {
    const { from, expected } = this.#options
    // The head is read first: what is written meanwhile only makes the log longer than it.
    const head = await readAuditHead(this.#files, this.#directory, this.#digest)
    this.#written = written()
    const numbers = await this.#numbers()
    const isKeyed = await this.#checkKey(head, numbers)
    this.#checkHead(head, isKeyed)
    if (expected) this.#expected.push({ link: expected, what: 'the entry that was expected' })
    if (this.#written)
      this.#expected.push({ link: this.#written, what: 'the last entry that this store wrote' })
    if (from) this.#meet(from)
    this.#meet({ seq: 0, hash: this.#head?.seq === 0 ? this.#head.hash : '' })
    const chain = new AuditChain(isKeyed ? this.#digest : undefined, from ?? 'beginning')
    for (const number of numbers) await this.#readFile(number, chain, number === numbers.at(-1))
    for (const { link, what } of this.#expected) {
      const message = `${what[0]?.toUpperCase()}${what.slice(1)}, ${link.seq}, is not there.`
      this.#note(auditFileName(numbers.at(-1) ?? 1), null, link.seq, { problem: 'missing', message })
    }
    return {
      ok: this.#damage.length === 0,
      entries: this.#entries,
      files: numbers.length,
      head: this.#last,
      lost: this.#lost,
      unsettledBytes: this.#unsettledBytes,
      damage: this.#damage,
    }
  }

  async #numbers(): Promise<number[]> {
    const numbers = await listAuditFiles(this.#files, this.#directory)
    const end = this.#written?.file ?? Number.POSITIVE_INFINITY
    return numbers.filter((number) => number <= end)
  }

  /** Where nothing fits the key, one thing is wrong, and not every line. @returns whether hashes can be checked */
  async #checkKey(head: AuditHead | 'missing' | 'damaged', numbers: readonly number[]): Promise<boolean> {
    if (typeof head === 'string' || head.keyId === this.#digest.keyId) return true
    const [first] = numbers
    if (first !== undefined) {
      const file = await this.#files.open(auditFilePath(this.#directory, first), 'read')
      try {
        for await (const line of auditLines(file)) {
          if (readEntry(line.bytes, this.#digest).isSealed) return true
          break
        }
      } finally {
        await file.close()
      }
    }
    const given = this.#options.key === undefined ? 'a key, and none was given' : 'another key, or with none'
    const message = `The log is chained with ${given}. Its hashes cannot be checked.`
    this.#note(HEAD_NAME, null, null, { problem: 'key', message })
    return false
  }

  #checkHead(head: AuditHead | 'missing' | 'damaged', isKeyed: boolean): void {
    if (head === 'missing') {
      const message = 'There is no head: this is no audit log, or somebody removed it.'
      this.#note(HEAD_NAME, null, null, { problem: 'missing', message })
      return
    }
    if (head === 'damaged' || (isKeyed && !head.isSealed)) {
      const message = 'The head is not as it was written.'
      this.#note(HEAD_NAME, null, null, { problem: 'altered', message })
      return
    }
    this.#head = head
    this.#expected.push({ link: head, what: 'the entry of the head' })
    this.#checkNode(HEAD_NAME, null, null, head.nodeId)
  }

  async #readFile(number: number, chain: AuditChain, isLast: boolean): Promise<void> {
    const name = auditFileName(number)
    const file = await this.#files.open(auditFilePath(this.#directory, number), 'read')
    try {
      const end = number === this.#written?.file ? this.#written.bytes : undefined
      let tornAt: number | undefined
      for await (const line of auditLines(file, end)) {
        this.#options.signal?.throwIfAborted()
        const { entry, fault, isTorn } = chain.take(line)
        if (isLast && isTorn && this.#isUnsettled(number, line)) tornAt ??= line.start
        // Behind what a crash tore there may be entries that were written together with it. They are cut with it.
        if (tornAt !== undefined && (isTorn || fault?.problem !== 'altered')) continue
        if (fault) this.#note(name, line.number, entry?.seq ?? null, fault)
        if (entry) this.#take(name, number, line, entry)
      }
      if (tornAt !== undefined) this.#unsettledBytes = (await file.size()) - tornAt
    } finally {
      await file.close()
    }
  }

  #take(name: string, number: number, line: AuditLine, entry: AuditEntry): void {
    const { seq, hash, kind } = entry
    this.#entries += 1
    this.#last = { seq, hash }
    this.#meet(entry)
    if (kind === 'lost') this.#lost += Number(entry.count)
    if (kind === 'opened' || seq === 1) this.#checkNode(name, line.number, seq, String(entry.nodeId))
    if (kind === 'damage-found') {
      const message = `An open found damage in ${entry.file}, line ${entry.line}: ${entry.message}`
      this.#note(name, line.number, seq, { problem: 'found-before', message })
    }
    const head = this.#head
    if (head?.seq === seq && head.hash === hash && (head.file !== number || head.bytes !== line.end)) {
      const message = 'The entry of the head is not where the head says.'
      this.#note(name, line.number, seq, { problem: 'misplaced', message })
    }
  }

  /** Nothing vouches for it. */
  #isUnsettled(number: number, line: AuditLine): boolean {
    const head = this.#head
    if (!head) return false
    return number > head.file || (number === head.file && line.start >= head.bytes)
  }

  #meet({ seq, hash }: AuditLink): void {
    this.#expected = this.#expected.filter(({ link }) => link.seq !== seq || link.hash !== hash)
  }

  #checkNode(file: string, line: number | null, seq: number | null, nodeId: string): void {
    const { nodeId: wanted } = this.#options
    if (wanted === undefined || nodeId === wanted) return
    const message = `The log is that of the node '${nodeId}', not '${wanted}'.`
    this.#note(file, line, seq, { problem: 'misplaced', message })
  }

  #note(file: string, line: number | null, seq: number | null, { problem, message }: ChainFault): void {
    if (this.#damage.length < DAMAGE_MAX) this.#damage.push({ file, line, seq, problem, message })
  }
}
