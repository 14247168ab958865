import type { Files, OpenFile } from '../runtime/files.js'
import type { CleanClose } from './clean-close.js'
import type { LogIdentity, Position } from './position.js'
import { type Segment, segmentName } from './segment.js'
import { logCorrupt, provesDamage, type ScanEnd, scanSegment } from './segment-scan.js'

/** Where the log really ends: the offset after the last whole frame of the newest segment, and its position. */
export interface LogTail {
  readonly end: number
  readonly head: Position
}

/** The end of a log that was closed in order. Every segment must be as it was then. */
export async function checkedCleanTail(
  files: Files,
  directory: string,
  segments: readonly Segment[],
  clean: CleanClose,
  durableSeq: number,
): Promise<LogTail> {
  for (const [index, recorded] of clean.segments.entries()) {
    const segment = segments[index]
    if (segment?.firstSeq !== recorded.firstSeq) {
      const path = `${directory}/${segmentName(recorded.firstSeq)}`
      throw logCorrupt(path, 0, `the segment of operation ${recorded.firstSeq} is missing`)
    }
    const size = (await files.stat(segment.path))?.size ?? 0
    if (size !== recorded.bytes) {
      throw logCorrupt(segment.path, size, `it was ${recorded.bytes} bytes long when the store was closed`)
    }
  }
  const newest = segments.at(-1) as Segment
  if (segments.length !== clean.segments.length)
    throw logCorrupt(newest.path, 0, 'it appeared after the close')
  if (clean.lastSeq < durableSeq) throw logCorrupt(newest.path, 0, `it ends before operation ${durableSeq}`)
  const end = (clean.segments.at(-1) as { bytes: number }).bytes
  return { end, head: { epoch: clean.lastEpoch, seq: clean.lastSeq } }
}

/**
 * The end of a log whose process died: after the last whole frame of the newest segment, provided that what
 * follows can only be a write that was never acknowledged as durable.
 */
export async function recoveredTail(
  file: OpenFile,
  segment: Segment,
  identity: LogIdentity,
  durableSeq: number,
): Promise<LogTail> {
  let head: Position = { epoch: identity.epochs.at(-1)?.epoch ?? 1, seq: segment.firstSeq - 1 }
  let end = segment.dataStart
  const scan = scanSegment(file, segment, await file.size())
  let stop: ScanEnd
  for (;;) {
    const step = await scan.next()
    if (step.done) {
      stop = step.value
      break
    }
    head = { epoch: step.value.commit.epoch, seq: step.value.lastSeq }
    end = step.value.end
  }
  const reason = stop.kind === 'damaged' ? stop.reason : 'operations are missing'
  if (head.seq < durableSeq) throw logCorrupt(segment.path, stop.offset, reason)
  if (await provesDamage(file, stop.offset, head.seq + 1)) throw logCorrupt(segment.path, stop.offset, reason)
  return { end, head }
}
