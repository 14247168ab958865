import { getSystemErrorName } from 'node:util'
import { ReplivecError } from '../errors.js'
import { systemErrorCode } from '../runtime/system-error.js'

/** Native codes that mean damage, from lmdb.h; all others are the disk's or the system's. */
const DAMAGE_CODES: ReadonlySet<unknown> = new Set([
  -30_797, // MDB_PAGE_NOTFOUND
  -30_796, // MDB_CORRUPTED
  -30_794, // MDB_VERSION_MISMATCH
  -30_793, // MDB_INVALID
  -30_787, // MDB_CURSOR_FULL
  -30_784, // MDB_INCOMPATIBLE
  -30_779, // MDB_PROBLEM
])

/** Damage of one file of a record store, with what to do about it. */
export function damagedError(file: string, reason: string, cause?: unknown): ReplivecError {
  return new ReplivecError(
    'RECORDS_DAMAGED',
    `The record store file ${file} is damaged: ${reason}. Restore a backup into a new directory.`,
    { ...(cause === undefined ? {} : { cause }), details: { file, reason } },
  )
}

/**
 * Turns what LMDB or the disk threw into an error of ours, which keeps it as its `cause`.
 *
 * @param what - what was being done, to go between "Cannot" and "the record store in …"
 */
export function recordStoreError(error: unknown, directory: string, what: string): ReplivecError {
  if (ReplivecError.is(error)) return error
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (DAMAGE_CODES.has(code))
    return damagedError(`${directory}/data.mdb`, 'LMDB cannot follow its pages', error)
  return new ReplivecError(
    'STORAGE_FAILED',
    `Cannot ${what} the record store in ${directory}; check free space, permissions and the disk, then open it again.`,
    { cause: error, details: { directory, reason: reasonOf(error) } },
  )
}

/** The system's name of a failure; LMDB gives its number. */
function reasonOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (typeof code === 'number' && code > 0) return getSystemErrorName(-code)
  return systemErrorCode(error) ?? null
}

/** Refuses a snapshot when `limit` are open. */
export function tooManySnapshotsError(directory: string, limit: number): ReplivecError {
  return new ReplivecError(
    'STORAGE_FAILED',
    `The record store in ${directory} has ${limit} snapshots open, which is the most; close some first.`,
    { details: { directory, limit } },
  )
}
