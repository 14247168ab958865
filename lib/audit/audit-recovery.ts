import { makeDurableDirectory } from '../runtime/durable-directory.js'
import type { Files } from '../runtime/files.js'
import { AuditChain, type ChainFault } from './audit-chain.js'
import type { AuditDigest } from './audit-digest.js'
import { type AuditLink, type AuditNote, readEntry } from './audit-entry.js'
import { auditFileName, auditFilePath, auditLines, listAuditFiles } from './audit-files.js'
import { type AuditHead, type AuditPlace, HEAD_NAME, readAuditHead, writeAuditHead } from './audit-head.js'

const NO_HEAD: ChainFault = {
  problem: 'missing',
  message: 'The entry of the head is not where the head says.',
}

/** A place that is not as it was written. */
interface Finding extends ChainFault {
  readonly file: string
  readonly line: number
}

/** Which log, and with what it is chained. */
export interface AuditIdentity {
  readonly files: Files
  readonly directory: string
  readonly digest: AuditDigest
  readonly nodeId: string
  readonly historyId: string
}

/** Where a log goes on. */
export interface RecoveredAudit {
  /** Everything before is on stable storage. */
  readonly place: AuditPlace
  /** What the head file says. */
  readonly headSeq: number
  /** It was begun just now. */
  readonly isNew: boolean
  /** To be written before anything else. */
  readonly note: AuditNote | undefined
  /** What is wrong with the log, where something is. */
  readonly damage: string | undefined
}

/**
 * Finds where a log goes on. What a crash cut off behind its head is removed. What is wrong at or before the head stays as it is, and
 * the log goes on in a new file, on the last entry that was vouched for: evidence is never cut. Only the file of the head and those
 * after it are read, because a log grows for ever; `verifyAuditLog` reads it all.
 *
 * @throws `FORMAT_UNSUPPORTED`, and what the disk says
 */
export async function recoverAudit(audit: AuditIdentity): Promise<RecoveredAudit> {
  const { files, directory, digest, nodeId, historyId } = audit
  await makeDurableDirectory(files, directory)
  const numbers = await listAuditFiles(files, directory)
  const head = await readAuditHead(files, directory, digest)
  if (head === 'missing' && numbers.length === 0) {
    const place = { seq: 0, hash: digest.origin(nodeId, historyId), file: 1, bytes: 0 }
    await writeAuditHead(files, directory, digest, nodeId, place)
    return { place, headSeq: 0, isNew: true, note: undefined, damage: undefined }
  }
  const fault = headFault(audit, head)
  if (fault || typeof head === 'string') {
    const origin = { seq: 0, hash: digest.origin(nodeId, historyId) }
    // With another key nothing here can be told from what somebody made up; the log at least goes on where its head says.
    const isKnown = fault?.problem === 'key' && typeof head !== 'string'
    const last = isKnown ? head : ((await lastSealed(audit, numbers)) ?? origin)
    const finding = { file: HEAD_NAME, line: 1, problem: 'altered', message: '', ...fault } as const
    return goneOn(last, numbers.at(-1) ?? 0, 0, finding)
  }
  const { place, finding, cut } = await readOn(audit, head, numbers)
  if (finding) return goneOn(place, Math.max(head.file, numbers.at(-1) ?? 0), head.seq, finding)
  const note = cut > 0 ? ({ kind: 'recovered', bytes: cut } as const) : undefined
  return { place, headSeq: head.seq, isNew: false, note, damage: undefined }
}

/** Why the head cannot be relied on. */
function headFault(
  { digest, nodeId }: AuditIdentity,
  head: AuditHead | 'missing' | 'damaged',
): ChainFault | undefined {
  if (head === 'missing') return { problem: 'missing', message: 'The head is not there.' }
  if (head === 'damaged') return { problem: 'altered', message: 'The head does not match its checksum.' }
  if (head.keyId !== digest.keyId)
    return { problem: 'key', message: 'The log was chained with another key, or with none.' }
  if (!head.isSealed) return { problem: 'altered', message: 'The head does not match its seal.' }
  if (head.nodeId === nodeId) return undefined
  return { problem: 'misplaced', message: `The log is that of the node '${head.nodeId}'.` }
}

/** The log goes on in a file of its own, which begins with what was found. */
function goneOn(
  { seq, hash }: AuditLink,
  lastFile: number,
  headSeq: number,
  finding: Finding,
): RecoveredAudit {
  const { file, line, problem, message } = finding
  return {
    place: { seq, hash, file: lastFile + 1, bytes: 0 },
    headSeq,
    isNew: false,
    note: { kind: 'damage-found', file, line, problem, message },
    damage: `${file}, line ${line}: ${message}`,
  }
}

/** Reads the file of the head and those after it; removes what a crash left at the very end. */
async function readOn(
  { files, directory, digest }: AuditIdentity,
  head: AuditHead,
  numbers: readonly number[],
): Promise<{ place: AuditPlace; finding?: Finding; cut: number }> {
  let place: AuditPlace = { seq: head.seq, hash: head.hash, file: head.file, bytes: head.bytes }
  const chain = new AuditChain(digest, head.bytes === 0 ? head : 'anywhere')
  const found = (file: number, line: number, fault: ChainFault) => {
    return { place, finding: { ...fault, file: auditFileName(file), line }, cut: 0 }
  }
  if (head.bytes > 0 && !numbers.includes(head.file))
    return found(head.file, 1, { problem: 'missing', message: 'The file is not there.' })
  for (const number of numbers.filter((other) => other >= head.file)) {
    if (number > place.file + 1) {
      const message = 'The file before this one is not there.'
      return found(number, 1, { problem: 'missing', message })
    }
    const file = await files.open(auditFilePath(directory, number), 'write')
    try {
      const size = await file.size()
      let isHeadMet = number > head.file || head.bytes === 0
      let tornAt: number | undefined
      if (number > head.file) place = { seq: place.seq, hash: place.hash, file: number, bytes: 0 }
      for await (const line of auditLines(file)) {
        const isVouchedFor = number === head.file && line.start < head.bytes
        if (!isVouchedFor && !isHeadMet) return found(number, line.number, NO_HEAD)
        const { entry, fault, isTorn } = chain.take(line)
        if (isTorn && !isVouchedFor && number === numbers.at(-1)) tornAt ??= line.start
        // Behind what a crash tore there may be entries that were written together with it. They are cut with it.
        if (tornAt !== undefined && (isTorn || fault?.problem !== 'altered')) continue
        if (fault || !entry) return found(number, line.number, fault as ChainFault)
        if (entry.seq === head.seq && entry.hash === head.hash && line.end === head.bytes) isHeadMet = true
        if (!isVouchedFor) place = { seq: entry.seq, hash: entry.hash, file: number, bytes: line.end }
      }
      if (!isHeadMet) return found(number, 1, NO_HEAD)
      if (tornAt !== undefined) {
        await file.truncate(tornAt)
        await file.sync()
        return { place, cut: size - tornAt }
      }
      // What a process wrote before it died may not be on stable storage yet.
      if (place.seq > head.seq && number === place.file) await file.sync()
    } finally {
      await file.close()
    }
  }
  return { place, cut: 0 }
}

/** The last whole entry there is, for a log whose head says nothing. */
async function lastSealed(
  { files, directory, digest }: AuditIdentity,
  numbers: readonly number[],
): Promise<AuditLink | undefined> {
  for (const number of [...numbers].reverse()) {
    const file = await files.open(auditFilePath(directory, number), 'read')
    let last: AuditLink | undefined
    try {
      for await (const line of auditLines(file)) {
        const { entry, isSealed } = readEntry(line.bytes, digest)
        if (isSealed && entry && line.isWhole) last = { seq: entry.seq, hash: entry.hash }
      }
    } finally {
      await file.close()
    }
    if (last) return last
  }
  return undefined
}
