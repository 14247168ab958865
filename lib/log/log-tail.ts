import type { Files, OpenFile } from '../runtime/files.js'
import type { CleanClose } from './clean-close.js'
import { epochOf } from './epoch-table.js'
import type { ScanEnd } from './frame-reader.js'
import type { LogIdentity, Position } from './position.js'
import { type Segment, segmentName } from './segment.js'
import { logCorrupt, provesDamage, scanSegment } from './segment-scan.js'

const REWRITE_BYTES = 1024 * 1024

/** Where the log really ends: the offset after the last whole frame of the newest segment, and its position. */
export interface LogTail {
  readonly end: number
  /** Up to this offset a mark states stable storage. */
  readonly provenEnd: number
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
  return { end, provenEnd: end, head: { epoch: clean.lastEpoch, seq: clean.lastSeq } }
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
  const beforeSeq = segment.firstSeq - 1
  let head: Position = { epoch: epochOf(identity.epochs, beforeSeq), seq: beforeSeq }
  let end = segment.dataStart
  let provenEnd = end
  const commits: { readonly lastSeq: number; readonly end: number }[] = []
  let provenCount = 0
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
    const { provenSeq, lastSeq } = step.value
    commits.push({ lastSeq, end })
    for (let next = commits[provenCount]; next && next.lastSeq <= provenSeq; next = commits[provenCount]) {
      provenEnd = next.end
      provenCount += 1
    }
  }
  const reason = stop.kind === 'damaged' ? stop.reason : 'operations are missing'
  if (head.seq < durableSeq) throw logCorrupt(segment.path, stop.offset, reason)
  if (await provesDamage(file, stop.offset, head.seq + 1)) throw logCorrupt(segment.path, stop.offset, reason)
  return { end, provenEnd, head }
}

/**
 * Puts a recovered tail on stable storage. A sync may have failed under the process that died: its pages count as clean
 * since then, and another sync would not write them (Rebello et al., "Can Applications Recover from fsync Failures?",
 * USENIX ATC 2020). So what no mark proves is written again.
 */
export async function secureTail(file: OpenFile, { end, provenEnd }: LogTail): Promise<void> {
  for (let at = provenEnd; at < end; at += REWRITE_BYTES) {
    const bytes = new Uint8Array(Math.min(REWRITE_BYTES, end - at))
    await file.read(bytes, at)
    await file.write(bytes, at)
  }
  await file.sync()
}
