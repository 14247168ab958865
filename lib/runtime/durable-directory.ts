import { dirname } from 'node:path'
import type { Files } from './files.js'
import { systemErrorCode } from './system-error.js'

/**
 * Creates a directory, and what is missing above it, so that all their names survive a power cut. The parent of what is
 * there already is synced too: an earlier attempt may have died between the creation and its sync.
 */
export async function makeDurableDirectory(files: Files, directory: string): Promise<void> {
  const parent = dirname(directory)
  if (parent === directory) return
  if (await files.stat(directory)) return syncForeign(files, parent)
  await makeDurableDirectory(files, parent)
  await files.makeDirectory(directory)
  await files.syncDirectory(parent)
}

/** A directory that this process may not even read was not written by an earlier attempt of it either. */
async function syncForeign(files: Files, directory: string): Promise<void> {
  try {
    await files.syncDirectory(directory)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code !== 'EACCES' && code !== 'EPERM') throw error
  }
}
