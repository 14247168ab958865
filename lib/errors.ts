/** Every way replivec says no: one class, one `code` per cause. `docs/errors.md` has a heading for each. */
export type ReplivecErrorCode =
  | 'AUDIT_DAMAGED'
  | 'BACKEND_FAILED'
  | 'BACKUP_INVALID'
  | 'BATCH_TOO_LARGE'
  | 'CLOSED'
  | 'COLLECTION_EXISTS'
  | 'COLLECTION_MISMATCH'
  | 'COLLECTION_NOT_FOUND'
  | 'FILTER_INVALID'
  | 'FORMAT_UNSUPPORTED'
  | 'FRAME_TOO_LARGE'
  | 'HISTORY_MISMATCH'
  | 'ID_EXISTS'
  | 'ID_INVALID'
  | 'ID_NOT_FOUND'
  | 'LINK_INSECURE'
  | 'LOCKED'
  | 'LOG_CORRUPT'
  | 'METADATA_INVALID'
  | 'NOT_MASTER'
  | 'OPTIONS_INVALID'
  | 'PATH_EXISTS'
  | 'PEER_REFUSED'
  | 'POSITION_LOST'
  | 'PROTOCOL_VIOLATED'
  | 'RECORDS_DAMAGED'
  | 'REPLICA_DISCONNECTED'
  | 'REPLICA_LAGGING'
  | 'STALE_EPOCH'
  | 'STORAGE_FAILED'
  | 'TIMEOUT'
  | 'TRANSPORT_FAILED'
  | 'VECTOR_INVALID'
  | 'WRITE_CONCERN_TIMEOUT'

/** Facts about one error, by name: a position, a path, a limit. Plain data, safe to log. */
export type ErrorDetails = Readonly<Record<string, unknown>>

/**
 * The one error class of replivec.
 *
 * @example
 * ```ts
 * import { ReplivecError, VectorStore } from 'replivec'
 *
 * const store = await VectorStore.open()
 * try {
 *   await store.openCollection('missing')
 * } catch (error) {
 *   if (!ReplivecError.is(error, 'COLLECTION_NOT_FOUND')) throw error
 *   console.log(error.message)
 * }
 * await store.close()
 * ```
 */
export class ReplivecError extends Error {
  readonly code: ReplivecErrorCode
  /** Machine-readable facts; which ones depends on `code`. */
  readonly details: ErrorDetails

  /**
   * @param code - what went wrong
   * @param message - what went wrong and what to do about it, as a sentence
   * @param options - `cause` is the underlying error, `details` the facts
   */
  constructor(
    code: ReplivecErrorCode,
    message: string,
    options: { cause?: unknown; details?: ErrorDetails } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'ReplivecError'
    this.code = code
    this.details = options.details ?? {}
  }

  /**
   * Tells a replivec error from any other by name and code, so that it also works for errors of
   * another copy of this module or another realm.
   *
   * @param error - anything that was thrown
   * @param code - when given, only this code counts
   */
  static is(error: unknown, code?: ReplivecErrorCode): error is ReplivecError {
    if (typeof error !== 'object' || error === null) return false
    const candidate = error as { name?: unknown; code?: unknown }
    if (candidate.name !== 'ReplivecError' || typeof candidate.code !== 'string') return false
    return code === undefined || candidate.code === code
  }
}
