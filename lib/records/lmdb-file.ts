import { describeFile, firstDifference } from '../runtime/file-checksums.js'
import type { Files } from '../runtime/files.js'
import { damagedError, recordStoreError } from './lmdb-error.js'
import { MANIFEST_NAME, readManifest, removeManifest, writeManifest } from './lmdb-manifest.js'
import { readLmdbMeta } from './lmdb-meta.js'
import { checkLmdbPages } from './lmdb-pages.js'

/** The file that LMDB maps. */
export function dataPath(directory: string): string {
  return `${directory}/data.mdb`
}

/** Readers and mutexes of the processes that have the data file open; LMDB names it. */
export function lockPath(directory: string): string {
  return `${dataPath(directory)}-lock`
}

/**
 * Checks the data file of a directory before LMDB maps it, since what LMDB trusts wrongly ends the process. A file
 * that was closed in order must be, byte for byte, what its manifest says; of any other, everything that LMDB follows
 * must make sense, and what keys and values say is for the layer above to check.
 *
 * Nobody else may have the directory open: what earlier processes left in the lock file is removed.
 *
 * @returns whether there is a data file
 * @throws ReplivecError `RECORDS_DAMAGED` with `details.file` and `details.reason`, `FORMAT_UNSUPPORTED`,
 * `STORAGE_FAILED`
 */
export async function checkDataFile(files: Files, directory: string): Promise<boolean> {
  return onDisk(directory, 'read', async () => {
    await removeStaleLock(files, directory)
    const path = dataPath(directory)
    const manifest = await readManifest(files, directory)
    const found = await files.stat(path)
    if (found === undefined) {
      if (manifest === undefined) return false
      throw damagedError(path, 'it is missing')
    }
    if (found.kind !== 'file') throw damagedError(path, 'it is not a file')
    if (manifest === undefined) {
      await checkCrashed(files, path)
      return true
    }
    if (found.size !== manifest.size) {
      throw damagedError(path, `it has ${found.size} bytes instead of ${manifest.size}`)
    }
    const difference = firstDifference(manifest, await describeFile(files, path))
    if (difference !== undefined) throw damagedError(path, `MiB ${difference} does not match its checksum`)
    // The checksums know nothing of versions: an older replivec must still refuse a newer file.
    const file = await files.open(path, 'read')
    try {
      await readLmdbMeta(file, path)
    } finally {
      await file.close()
    }
    return true
  })
}

/** Makes the data file free to change: from now on, until the next close in order, it is checked as after a crash. */
export function beginChanges(files: Files, directory: string): Promise<void> {
  return onDisk(directory, 'change', async () => {
    await removeManifest(files, directory)
    // The name of a new data file must be as durable as what will be committed to it.
    await files.syncDirectory(directory)
  })
}

/** Records what the data file is after it was closed in order. */
export function endChanges(files: Files, directory: string): Promise<void> {
  return onDisk(directory, 'close', async () => {
    await writeManifest(files, directory, await describeFile(files, dataPath(directory)))
  })
}

/** Removes the data file, the lock file and the manifest, whatever they are, so that the next open starts empty. */
export function discardDataFile(files: Files, directory: string): Promise<void> {
  return onDisk(directory, 'discard', async () => {
    if ((await files.stat(directory)) === undefined) return
    // The manifest goes last: until then the directory reads as damaged, never as empty.
    const manifest = `${directory}/${MANIFEST_NAME}`
    for (const path of [dataPath(directory), lockPath(directory), `${manifest}.tmp`, manifest]) {
      await files.removeTree(path)
    }
    await files.syncDirectory(directory)
  })
}

async function checkCrashed(files: Files, path: string): Promise<void> {
  const file = await files.open(path, 'read')
  try {
    await checkLmdbPages(file, path, await readLmdbMeta(file, path))
  } finally {
    await file.close()
  }
}

async function removeStaleLock(files: Files, directory: string): Promise<void> {
  const path = lockPath(directory)
  const found = await files.stat(path)
  if (found === undefined) return
  if (found.kind !== 'file') throw damagedError(path, 'it is not a file')
  await files.remove(path)
}

async function onDisk<T>(directory: string, what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw recordStoreError(error, directory, what)
  }
}
