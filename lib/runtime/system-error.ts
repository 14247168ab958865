/** The Node-style errors that `Files` answers with: an `Error` whose `code` names the failure (`ENOENT`, `EIO`, …). */
export interface SystemError extends Error {
  readonly code: string
  readonly syscall: string
  readonly path: string
}

/**
 * Makes an error like the ones of `node:fs`, for failures that the operating system never sees.
 *
 * @param code - the failure, such as `EBADF`
 * @param syscall - the operation that failed
 * @param path - the file it failed on
 */
export function systemError(code: string, syscall: string, path: string): SystemError {
  return Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, syscall, path })
}

/** The `code` of anything that was thrown, or `undefined` when it has none. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
