import { join } from 'node:path'
import type { Clock } from '../runtime/clock.js'
import type { Files, OpenFile } from '../runtime/files.js'
import { readCleanClose, removeCleanClose } from './clean-close.js'
import { checkedCleanTail, recoveredTail, secureTail } from './log-tail.js'
import type { LogIdentity, Position } from './position.js'
import { createSegment, openSegment, type Segment, segmentFirstSeq, segmentName } from './segment.js'
import { logCorrupt } from './segment-scan.js'

/** What a crash can leave of a file that was about to get its name; nothing else in the directory is ours to remove. */
const TEMPORARY = /^(\d{16}\.log|clean-close\.json)\.tmp$/

export interface OpLogOptions {
  readonly files: Files
  readonly clock: Clock
  readonly directory: string
  /** A segment that has grown past this is followed by a new one. */
  readonly segmentBytes: number
  /** The highest operation the record store holds durably: less in the log is damage. */
  readonly durableSeq: number
  /** Called for the identity of a log that does not exist yet, and where its sequence numbers begin. */
  readonly create: () => { identity: LogIdentity; start: Position }
}

/** A log as it was found or begun, ready for the next write. */
export interface FoundLog {
  /** As the newest segment has it. */
  readonly identity: LogIdentity
  /** Oldest first. */
  readonly segments: readonly Segment[]
  /** The newest segment. */
  readonly file: OpenFile
  /** Offset of the next write in it. */
  readonly end: number
  readonly head: Position
  /** Bytes of all segments but the newest. */
  readonly olderBytes: number
}

/**
 * Opens the log of a directory, or begins one. A write that a crash cut off at the end is removed; damage to
 * anything that was safe is `LOG_CORRUPT`.
 */
export async function openFoundLog(options: OpLogOptions): Promise<FoundLog> {
  const { files, directory } = options
  await files.makeDirectory(directory)
  await files.syncDirectory(join(directory, '..'))
  const names = await files.list(directory)
  for (const name of names) if (TEMPORARY.test(name)) await files.remove(`${directory}/${name}`)
  const firstSeqs = names.map(segmentFirstSeq).filter((seq) => seq !== undefined)
  const clean = await readCleanClose(files, directory)
  const newestSeq = firstSeqs.at(-1)
  if (newestSeq === undefined) {
    if (clean) throw logCorrupt(directory, 0, 'its segments are missing')
    return beginLog(options)
  }
  const path = `${directory}/${segmentName(newestSeq)}`
  const file = await files.open(path, 'write')
  try {
    const { segment, identity } = await openSegment(file, path, newestSeq)
    const older = firstSeqs.slice(0, -1).map((seq) => olderSegment(directory, seq))
    const segments = [...older, segment]
    const size = await file.size()
    const tail = clean
      ? await checkedCleanTail(files, directory, segments, clean, options.durableSeq)
      : await recoveredTail(file, segment, identity, options.durableSeq)
    if (tail.end < size) await file.truncate(tail.end)
    if (clean) {
      await removeCleanClose(files, directory)
    } else {
      // What a dead process wrote may be in memory only, the segment's name included; we answer with it from now on.
      await secureTail(file, tail)
      await files.syncDirectory(directory)
    }
    let olderBytes = 0
    for (const { path } of older) olderBytes += (await files.stat(path))?.size ?? 0
    return { identity, segments, file, end: tail.end, head: tail.head, olderBytes }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function beginLog({ files, directory, clock, durableSeq, create }: OpLogOptions): Promise<FoundLog> {
  const { identity, start } = create()
  if (start.seq < durableSeq) throw logCorrupt(directory, 0, 'its segments are missing')
  const { segment, file } = await createSegment(files, directory, identity, start.seq + 1, clock.now())
  return { identity, segments: [segment], file, end: segment.dataStart, head: start, olderBytes: 0 }
}

function olderSegment(directory: string, firstSeq: number): Segment {
  return { path: `${directory}/${segmentName(firstSeq)}`, firstSeq, dataStart: 0 }
}
