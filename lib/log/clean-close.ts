import { ReplivecError } from '../errors.js'
import { readCheckedJson, writeCheckedJson } from '../runtime/checked-json.js'
import type { Files } from '../runtime/files.js'

const NAME = 'clean-close.json'
const FORMAT = 1

/**
 * What a log was when it was closed in order. While this record exists, a file that is shorter, longer or missing
 * was damaged afterwards; without it the last segment may end in a write that was cut off by a crash.
 */
export interface CleanClose {
  readonly lastEpoch: number
  readonly lastSeq: number
  readonly segments: readonly { readonly firstSeq: number; readonly bytes: number }[]
}

/** Writes the record durably. */
export async function writeCleanClose(files: Files, directory: string, state: CleanClose): Promise<void> {
  await writeCheckedJson(files, `${directory}/${NAME}`, { format: FORMAT, ...state }, 'first')
}

/** Reads the record of the last close, or `undefined` when the log was not closed in order. */
export async function readCleanClose(files: Files, directory: string): Promise<CleanClose | undefined> {
  const path = `${directory}/${NAME}`
  if (!(await files.stat(path))) return undefined
  const record = await readCheckedJson(files, path, 'first')
  if (!record) {
    throw new ReplivecError(
      'LOG_CORRUPT',
      `The close record ${path} is damaged. Restore the store from a backup.`,
      { details: { path } },
    )
  }
  if (record.format !== FORMAT) {
    throw new ReplivecError(
      'FORMAT_UNSUPPORTED',
      `The close record ${path} has format ${String(record.format)}; this version reads format ${FORMAT}. Upgrade replivec.`,
      { details: { path, format: record.format, supported: FORMAT } },
    )
  }
  return record as unknown as CleanClose
}

/** Forgets the record, durably: from now on the log may end in the middle of a write. */
export async function removeCleanClose(files: Files, directory: string): Promise<void> {
  const path = `${directory}/${NAME}`
  if (!(await files.stat(path))) return
  await files.remove(path)
  await files.syncDirectory(directory)
}
