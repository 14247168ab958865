import { resolve } from 'node:path'
import type { AuditLog } from '../audit/audit-log.js'
import { type AuditReport, type AuditVerifyOptions, verifyAuditLog } from '../audit/audit-verification.js'
import { ReplivecError } from '../errors.js'
import { checkAuditVerifyOptions } from './audit-input.js'
import type { Environment } from './environment.js'
import { auditDirectory } from './open-store.js'
import { checkPath } from './store-options.js'
import { asStorageError } from './store-parts.js'

/** Verifies the audit log of an open store. @param path - the store's, when it has one */
export async function verifyOpenAudit(
  audit: AuditLog | undefined,
  path: string | undefined,
  options: AuditVerifyOptions,
): Promise<AuditReport> {
  const checked = checkAuditVerifyOptions(options)
  if (!audit || path === undefined) {
    const message =
      'This store keeps no audit log: open it with the option audit, or ask VectorStore.verifyAudit(path).'
    throw new ReplivecError('OPTIONS_INVALID', message, { details: { option: 'audit' } })
  }
  try {
    return await audit.verify(checked)
  } catch (error) {
    throw asStorageError(error, auditDirectory(path))
  }
}

/** Verifies the audit log in a store's directory, whether or not somebody has that open. */
export async function verifyAuditAt(
  { files }: Environment,
  path: string,
  options: AuditVerifyOptions,
): Promise<AuditReport> {
  checkPath('path', path)
  const checked = checkAuditVerifyOptions(options)
  const directory = auditDirectory(resolve(path))
  try {
    return await verifyAuditLog(files, directory, checked)
  } catch (error) {
    throw asStorageError(error, directory)
  }
}
