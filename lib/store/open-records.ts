import { ReplivecError } from '../errors.js'
import { segmentFirstSeq, segmentName } from '../log/segment.js'
import type { KeyValue } from '../records/key-value.js'
import { RecordReader } from '../records/record-reader.js'
import { recordsDamaged } from '../records/sealed-value.js'
import type { Environment } from './environment.js'

/** Where a record store lies, and the log that it was filled from. */
export interface RecordsPlace {
  readonly directory: string
  readonly logDirectory: string
  /** Reads all of the log. Rejects when it is not whole. */
  readonly proveLog: () => Promise<void>
  readonly onWarning: (error: ReplivecError) => void
}

/** Opens the record store; when it is damaged and the log holds everything, begins an empty one to be filled from it. */
export async function openRecords(
  { keyValues, files }: Environment,
  { directory, logDirectory, proveLog, onWarning }: RecordsPlace,
): Promise<KeyValue> {
  const logged = (await files.stat(logDirectory)) ? await files.list(logDirectory) : []
  const hasLog = logged.some((name) => segmentFirstSeq(name) !== undefined)
  const isMissing = hasLog && (await files.stat(directory)) === undefined
  try {
    if (isMissing) throw recordsDamaged('its directory is missing', { directory })
    await files.makeDirectory(directory)
    const opened = await keyValues.open(directory)
    try {
      new RecordReader(opened).state()
      for (const _ of new RecordReader(opened).collections());
      return opened
    } catch (error) {
      await opened.close()
      throw error
    }
  } catch (error) {
    if (!ReplivecError.is(error, 'RECORDS_DAMAGED')) throw error
    // The log of a history that was not trimmed begins with operation 1.
    if (!logged.includes(segmentName(1))) throw error
    // What is damaged may still be worth more than a log that cannot replace it.
    await proveLog()
    onWarning(
      new ReplivecError(
        'RECORDS_DAMAGED',
        'The record store was damaged and is being rebuilt from the log; nothing is lost.',
        {
          cause: error,
          details: { directory },
        },
      ),
    )
    if (isMissing) await files.makeDirectory(directory)
    else await keyValues.discard(directory)
    return keyValues.open(directory)
  }
}
