import { ReplivecError } from '../errors.js'
import type { OpenFile } from '../runtime/files.js'
import { decodeCommit, decodeMark, readFrame } from './frame.js'
import { FrameReader, type ScanEnd } from './frame-reader.js'
import type { replivec } from './schema.js'
import type { Segment } from './segment.js'

const CHUNK_BYTES = 1024 * 1024

/** A commit as it lies in a segment. */
export interface LoggedCommit {
  readonly commit: replivec.v1.Commit
  /** The whole frame, header included. */
  readonly frame: Uint8Array
  readonly firstSeq: number
  readonly lastSeq: number
  /** Offset of the byte after the frame. */
  readonly end: number
  /** Up to this operation the marks so far state stable storage. */
  readonly provenSeq: number
}

/**
 * Reads the commits of a segment in order, checking every frame and that sequence numbers follow one another.
 * The generator returns where and why it stopped.
 *
 * @param endOffset - where the known content ends; reading stops there
 */
export async function* scanSegment(
  file: OpenFile,
  segment: Segment,
  endOffset: number,
): AsyncGenerator<LoggedCommit, ScanEnd> {
  const frames = new FrameReader(file, segment.dataStart, CHUNK_BYTES)
  let expectedSeq = segment.firstSeq
  let provenSeq = segment.firstSeq - 1
  for (;;) {
    const frame = await frames.next(endOffset)
    if (frame.kind !== 'frame') return frame
    if (frame.mark) {
      provenSeq = Math.max(provenSeq, decodeMark(frame.body).durableSeq)
      continue
    }
    const { offset, end } = frame
    const commit = decodeBody(frame.body, segment, offset)
    const { firstSeq, count } = commit
    if (firstSeq !== expectedSeq || count < 1 || count !== commit.operations.length) {
      return { kind: 'damaged', offset, reason: outOfOrder(expectedSeq, firstSeq) }
    }
    expectedSeq += count
    yield { commit, frame: frame.bytes, firstSeq, lastSeq: expectedSeq - 1, end, provenSeq }
  }
}

/**
 * Tells a write that a crash cut off from damage to what was already safe: a later mark that states the missing
 * operations were on stable storage proves damage.
 *
 * @param offset - where the scan stopped
 * @param missingSeq - the first operation that could not be read
 */
export async function provesDamage(file: OpenFile, offset: number, missingSeq: number): Promise<boolean> {
  const size = await file.size()
  const tail = new Uint8Array(Math.max(0, size - offset))
  await file.read(tail, offset)
  // A mark is shorter than 256 bytes and has bit 31 set: its length field ends in 00 00 80. Looking at longer ones
  // too would take a checksum over megabytes for every such byte of a vector.
  for (let at = tail.indexOf(0x80, 3); at !== -1; at = tail.indexOf(0x80, at + 1)) {
    if (tail[at - 1] !== 0 || tail[at - 2] !== 0) continue
    const reading = readFrame(tail, at - 3)
    if (reading.kind === 'frame' && reading.mark && decodeMark(reading.body).durableSeq >= missingSeq)
      return true
  }
  return false
}

function decodeBody(body: Uint8Array, segment: Segment, offset: number): replivec.v1.Commit {
  try {
    return decodeCommit(body)
  } catch (cause) {
    throw notDecodable(segment.path, offset, cause)
  }
}

/** Why a commit that is whole does not belong where it lies. */
export function outOfOrder(expectedSeq: number, foundSeq: number): string {
  return `operation ${expectedSeq} was expected and ${foundSeq} found`
}

export function notDecodable(path: string, offset: number, cause?: unknown): ReplivecError {
  return logCorrupt(path, offset, 'a frame with a valid checksum cannot be decoded', cause)
}

export function logCorrupt(path: string, offset: number, reason: string, cause?: unknown): ReplivecError {
  return new ReplivecError(
    'LOG_CORRUPT',
    `The operation log is damaged in ${path} at byte ${offset}: ${reason}. Nothing was changed. Restore the store from a backup.`,
    { cause, details: { path, offset, reason } },
  )
}
