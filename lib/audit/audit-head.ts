import { join } from 'node:path'
import { ReplivecError } from '../errors.js'
import { readCheckedJson, writeCheckedJson } from '../runtime/checked-json.js'
import type { Files } from '../runtime/files.js'
import type { AuditDigest } from './audit-digest.js'
import type { AuditLink } from './audit-entry.js'

export const HEAD_NAME = 'head.json'
const FORMAT = 1

/** The last entry that is known to be on stable storage, and where it ends. */
export interface AuditPlace extends AuditLink {
  /** The number of its file. */
  readonly file: number
  /** The byte after it. */
  readonly bytes: number
}

/** What the head file of a log says. */
export interface AuditHead extends AuditPlace {
  readonly nodeId: string
  /** A name for the key with which the log is chained; null without one. */
  readonly keyId: string | null
  /** It was written by somebody who has the key. */
  readonly isSealed: boolean
}

/** Writes the head durably. A log that is shorter than its head was cut; one that is longer was not finished by its process. */
export async function writeAuditHead(
  files: Files,
  directory: string,
  digest: AuditDigest,
  nodeId: string,
  { seq, hash, file, bytes }: AuditPlace,
): Promise<void> {
  const head = { seq, hash, file, bytes, nodeId, keyId: digest.keyId }
  const record = { format: FORMAT, ...head, seal: digest.of(sealed(head)) }
  await writeCheckedJson(files, join(directory, HEAD_NAME), record, 'first')
}

/**
 * Reads the head: `'missing'`, or `'damaged'` when its checksum does not match.
 *
 * @throws `FORMAT_UNSUPPORTED`
 */
export async function readAuditHead(
  files: Files,
  directory: string,
  digest: AuditDigest,
): Promise<AuditHead | 'missing' | 'damaged'> {
  const path = join(directory, HEAD_NAME)
  if (!(await files.stat(path))) return 'missing'
  const record = await readCheckedJson(files, path, 'first')
  if (!record) return 'damaged'
  if (record.format !== FORMAT) {
    throw new ReplivecError(
      'FORMAT_UNSUPPORTED',
      `The head of the audit log ${path} has format ${String(record.format)}; this version reads format ${FORMAT}. Upgrade replivec.`,
      { details: { path, format: record.format, supported: FORMAT } },
    )
  }
  const head = record as unknown as AuditHead & { readonly seal: unknown }
  const numbers = [head.seq, head.file, head.bytes]
  if (!numbers.every((number) => Number.isSafeInteger(number) && number >= 0)) return 'damaged'
  return { ...head, isSealed: head.seal === digest.of(sealed(head)) }
}

function sealed({ seq, hash, file, bytes, nodeId }: AuditPlace & { readonly nodeId: string }): string {
  return `replivec audit head 1\n${seq}\n${hash}\n${file}\n${bytes}\n${nodeId}\n`
}
