import { dirname } from 'node:path'
import { ReplivecError } from '../errors.js'
import type { Files } from '../runtime/files.js'
import { systemErrorCode } from '../runtime/system-error.js'

/** @throws `PATH_EXISTS` */
export async function assertAbsent(files: Files, path: string): Promise<void> {
  if (await files.stat(path)) throw pathExists(path)
}

/**
 * Gives a directory that was made beside its place its name, durably, now that it is whole.
 *
 * @throws `PATH_EXISTS` also when another call was faster
 */
export async function putInPlace(files: Files, temporary: string, directory: string): Promise<void> {
  await files.syncDirectory(temporary)
  await assertAbsent(files, directory)
  try {
    await files.rename(temporary, directory)
  } catch (error) {
    if (OCCUPIED.has(systemErrorCode(error) ?? '')) throw pathExists(directory, error)
    throw error
  }
  await files.syncDirectory(dirname(directory))
}

/** What `rename` answers where something that is no empty directory has the name. */
const OCCUPIED: ReadonlySet<string> = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR'])

function pathExists(path: string, cause?: unknown): ReplivecError {
  return new ReplivecError(
    'PATH_EXISTS',
    `Something exists at ${path}; give a path that does not exist yet.`,
    {
      cause,
      details: { path },
    },
  )
}
