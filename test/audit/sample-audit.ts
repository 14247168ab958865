/** Audit logs to be tested: small files, a clock that stands still, and all that a log said. */
import { AuditDigest } from '../../lib/audit/audit-digest.js'
import type { AuditEntry, AuditNote } from '../../lib/audit/audit-entry.js'
import { auditFilePath, listAuditFiles } from '../../lib/audit/audit-files.js'
import { AuditLog, type AuditLogOptions } from '../../lib/audit/audit-log.js'
import type { ReplivecError } from '../../lib/errors.js'
import type { Files } from '../../lib/runtime/files.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'

export const DIRECTORY = '/store/audit'
export const KEY = 'a key that nobody else has'

export interface OpenedAudit {
  readonly log: AuditLog
  readonly warnings: ReplivecError[]
  readonly clock: SimulatedClock
}

export async function openAudit(files: Files, options: Partial<AuditLogOptions> = {}): Promise<OpenedAudit> {
  const warnings: ReplivecError[] = []
  const clock = new SimulatedClock()
  const log = await AuditLog.open({
    clock,
    directory: DIRECTORY,
    maxFileBytes: 1_000,
    nodeId: 'a',
    historyId: 'h',
    onWarning: (error) => warnings.push(error),
    ...{ files, key: options.key, digest: new AuditDigest(options.key), ...options },
  })
  return { log, warnings, clock }
}

export function connected(peerId: string): AuditNote {
  return { kind: 'connected', peerId, snapshotReason: null }
}

/** Opens a log, adds entries and closes it in order. */
export async function writeAudit(
  files: Files,
  peers: readonly string[],
  options: Partial<AuditLogOptions> = {},
): Promise<void> {
  const { log } = await openAudit(files, options)
  for (const peerId of peers) log.add(connected(peerId))
  await log.close({ kind: 'closed' })
}

/** The lines of all files, in order, with their line feeds. */
export async function linesOf(files: Files, directory = DIRECTORY): Promise<string[]> {
  const texts = []
  for (const number of await listAuditFiles(files, directory))
    texts.push(new TextDecoder().decode(await files.readFile(auditFilePath(directory, number))))
  return texts.join('').split(/(?<=\n)/)
}

export async function entriesOf(files: Files, directory = DIRECTORY): Promise<AuditEntry[]> {
  return (await linesOf(files, directory)).map((line) => JSON.parse(line))
}

/** Puts bytes in the place of a file, as somebody does who writes to the disk. */
export async function replaceFile(files: Files, path: string, bytes: Uint8Array | string): Promise<void> {
  if (await files.stat(path)) await files.remove(path)
  const file = await files.open(path, 'create')
  await file.write(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes, 0)
  await file.sync()
  await file.close()
}
