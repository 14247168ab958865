import type { AuditLink } from '../audit/audit-entry.js'
import type { AuditVerifyOptions } from '../audit/audit-verification.js'
import { checkOptions, invalid } from '../collection/call-options.js'

/** An audit log of what happens between nodes, in the directory `audit` of the store. */
export interface AuditOptions {
  /**
   * A secret of 16 to 1 024 bytes, with which entries are chained by HMAC-SHA-256. Without one they are chained by SHA-256: that finds
   * every change, but whoever can write to the disk can compute the whole chain anew, head included. Only a head that was kept elsewhere
   * (`expected`) finds that. A log keeps its key: for another one, close the store and move `audit` away.
   */
  readonly key?: string | undefined
  /** A file that would become larger than so many bytes goes on in the next one; a whole number from 1, 16 MiB by default. */
  readonly maxFileBytes?: number | undefined
}

export interface PreparedAudit {
  readonly key: string | undefined
  readonly maxFileBytes: number
}

const FILE_BYTES = 16 * 1024 * 1024
const KEY_BYTES_MIN = 16
const KEY_BYTES_MAX = 1_024
const HASH = /^[0-9a-f]{64}$/

/** @param inMemory - the store has no directory. @throws `OPTIONS_INVALID` naming the option */
export function prepareAudit(audit: unknown, inMemory: boolean): PreparedAudit | undefined {
  if (audit === undefined || audit === false) return undefined
  const { key, maxFileBytes = FILE_BYTES } = (
    audit === true ? {} : checkOptions(audit, 'audit')
  ) as AuditOptions
  // In memory it would grow for as long as the process lives, and be gone when somebody wants to read it.
  if (inMemory) throw invalid('audit', 'left out, or given together with path: the log lies there', audit)
  checkKey('audit.key', key)
  if (!Number.isSafeInteger(maxFileBytes) || maxFileBytes < 1)
    throw invalid('audit.maxFileBytes', `a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`, maxFileBytes)
  return { key, maxFileBytes }
}

/** @throws `OPTIONS_INVALID` naming the option */
export function checkAuditVerifyOptions(options: unknown): AuditVerifyOptions {
  const given = checkOptions(options, 'verifyAudit') as AuditVerifyOptions
  const { key, from, expected, nodeId } = given
  checkKey('key', key)
  checkLink('from', from)
  checkLink('expected', expected)
  if (nodeId !== undefined && typeof nodeId !== 'string') throw invalid('nodeId', 'a string', nodeId)
  return given
}

/** A key is not repeated in the message. */
function checkKey(option: string, key: unknown): void {
  if (key === undefined) return
  const bytes = typeof key === 'string' ? Buffer.byteLength(key) : 0
  if (bytes >= KEY_BYTES_MIN && bytes <= KEY_BYTES_MAX) return
  const given = typeof key === 'string' ? `one of ${bytes} bytes` : `a value of the type ${typeof key}`
  throw invalid(option, `a string of ${KEY_BYTES_MIN} to ${KEY_BYTES_MAX} bytes`, given)
}

function checkLink(option: string, link: unknown): void {
  if (link === undefined) return
  const { seq, hash } = (typeof link === 'object' && link !== null ? link : {}) as Partial<AuditLink>
  const isLink = Number.isSafeInteger(seq) && typeof hash === 'string' && HASH.test(hash)
  if (!isLink) throw invalid(option, 'the head of a report: { seq, hash }', link)
}
