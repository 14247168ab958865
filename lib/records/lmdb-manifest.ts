import { ReplivecError } from '../errors.js'
import { readCheckedJson, writeCheckedJson } from '../runtime/checked-json.js'
import type { FileChecksums } from '../runtime/file-checksums.js'
import type { Files } from '../runtime/files.js'
import { damagedError } from './lmdb-error.js'

export const MANIFEST_NAME = 'records.manifest'
const FORMAT = 1

/** What the data file was when it was closed in order. While this exists, any other content is damage. */
export type Manifest = FileChecksums

/**
 * Writes the manifest durably beside the data file. It is two lines of JSON: the manifest with its format version, and
 * the CRC-32 of that first line, which every format keeps so that damage is told from a newer format.
 */
export async function writeManifest(files: Files, directory: string, manifest: Manifest): Promise<void> {
  await writeCheckedJson(files, `${directory}/${MANIFEST_NAME}`, { format: FORMAT, ...manifest })
}

/**
 * Reads the manifest, or `undefined` when the data file was not closed in order.
 *
 * @throws ReplivecError `RECORDS_DAMAGED` when it is unreadable, `FORMAT_UNSUPPORTED` when a newer version wrote it
 */
export async function readManifest(files: Files, directory: string): Promise<Manifest | undefined> {
  const path = `${directory}/${MANIFEST_NAME}`
  const found = await files.stat(path)
  if (found === undefined) return undefined
  if (found.kind !== 'file') throw damagedError(path, 'it is not a file')
  const manifest = await readCheckedJson(files, path)
  if (!manifest) throw damagedError(path, 'it does not match its own checksum')
  if (manifest.format !== FORMAT) {
    throw new ReplivecError(
      'FORMAT_UNSUPPORTED',
      `${path} has format ${String(manifest.format)}; this version reads format ${FORMAT}. Upgrade replivec.`,
      { details: { file: path, format: manifest.format, supported: FORMAT } },
    )
  }
  return {
    size: Number(manifest.size),
    checksums: Array.isArray(manifest.checksums) ? manifest.checksums : [],
  }
}

/** Removes the manifest durably: from now on the data file may change. */
export async function removeManifest(files: Files, directory: string): Promise<void> {
  const path = `${directory}/${MANIFEST_NAME}`
  if ((await files.stat(path)) === undefined) return
  await files.remove(path)
  await files.syncDirectory(directory)
}
