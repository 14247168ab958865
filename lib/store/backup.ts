import { dirname, join, sep } from 'node:path'
import type { Abortable, Observable } from '../abortable.js'
import { TimeSlice } from '../runtime/time-slice.js'
import { ReplivecError } from '../errors.js'
import type { Position } from '../log/position.js'
import { RecordReader } from '../records/record-reader.js'
import { makeDurableDirectory } from '../runtime/durable-directory.js'
import type { OpenFile } from '../runtime/files.js'
import { progressReporter } from '../runtime/progress.js'
import { randomName } from '../runtime/random.js'
import { BACKUP_NAME, BackupWriter } from './backup-file.js'
import { assertAbsent, putInPlace } from './new-directory.js'
import type { StoreParts } from './store-parts.js'

/** What a backup holds. */
export interface BackupResult {
  /** Everything up to this position, and nothing later. */
  readonly position: Position
  /** Size of the backup. */
  readonly bytes: number
}

/** Hears how far the file is, which can be read up to there. */
interface FileWatch {
  /** @param position - what the file will hold everything up to */
  onBegin?(position: Position): void
  /** @param isWhole - these are all the bytes there will be */
  onWritten?(bytes: number, isWhole: boolean): void
}

/** Keys begin with a byte below this. */
const KEYS_END = Uint8Array.of(0xff)
const PROGRESS_ENTRIES = 10_000

/**
 * Copies the record store as of one position into a file: everything visible at the call is applied first, then one snapshot is
 * copied, in slices, while writes go on.
 *
 * @param isCounted - entries are counted first, so that the header says how many there are; that takes nearly as long as copying them
 */
export async function copyRecords(
  { environment, applier, keyValues, log }: Pick<StoreParts, 'environment' | 'applier' | 'keyValues' | 'log'>,
  file: OpenFile,
  isCounted: boolean,
  { signal, onProgress, onBegin, onWritten }: Abortable & Observable & FileWatch,
): Promise<BackupResult> {
  const { clock } = environment
  const report = progressReporter(onProgress)
  await applier.drain()
  signal?.throwIfAborted()
  const snapshot = keyValues.snapshot()
  try {
    const state = new RecordReader(snapshot).state()
    const position = { epoch: state?.appliedEpoch || 1, seq: state?.appliedSeq ?? 0 }
    const everything = { start: Uint8Array.of(0), end: KEYS_END }
    const slice = new TimeSlice(clock, signal)
    let total = 0
    for (const _ of isCounted ? snapshot.range(everything) : []) {
      total += 1
      const pause = slice.step()
      if (pause) await pause
    }
    const writer = new BackupWriter(file)
    const { historyId, nodeId } = log.identity
    const createdAtMs = Math.max(0, Math.trunc(clock.now()))
    await writer.begin({ ...position, format: 1, historyId, nodeId, createdAtMs, entries: total })
    onBegin?.(position)
    let done = 0
    for (const entry of snapshot.range(everything)) {
      const written = writer.add(entry)
      if (written) {
        await written
        onWritten?.(writer.bytes, false)
      }
      const pause = slice.step()
      if (pause) await pause
      done += 1
      if (done % PROGRESS_ENTRIES === 0) report?.({ done, total, phase: 'copy' })
    }
    signal?.throwIfAborted()
    await writer.finish()
    onWritten?.(writer.bytes, true)
    await file.sync()
    report?.({ done: total, total, phase: 'copy' })
    return { position, bytes: writer.bytes }
  } finally {
    snapshot.close()
  }
}

/**
 * Copies the store into a directory that must not exist. The copy gets its name only when it is whole and durable.
 *
 * @param own - the store's own directory; `undefined` in memory
 */
export async function backupStore(
  parts: StoreParts,
  own: string | undefined,
  directory: string,
  options: Abortable & Observable,
): Promise<BackupResult> {
  const { environment } = parts
  const files = environment.backupFiles ?? environment.files
  if (own !== undefined && `${directory}${sep}`.startsWith(`${own}${sep}`)) {
    throw new ReplivecError(
      'OPTIONS_INVALID',
      `${directory} lies in the store's own directory, which whatever happens to the store happens to; give a place outside.`,
      { details: { option: 'directory', directory } },
    )
  }
  await assertAbsent(files, directory)
  options.signal?.throwIfAborted()
  const temporary = `${directory}.partial-${randomName(environment.random, 4)}`
  try {
    await makeDurableDirectory(files, dirname(directory))
    await files.makeDirectory(temporary)
    const file = await files.open(join(temporary, BACKUP_NAME), 'create')
    let result: BackupResult
    try {
      result = await copyRecords(parts, file, true, options)
    } finally {
      await file.close()
    }
    await putInPlace(files, temporary, directory)
    return result
  } catch (error) {
    await files.removeTree(temporary)
    throw error
  }
}
