import { ReplivecError } from '../errors.js'
import type { OpenFile } from '../runtime/files.js'
import { decodeCommit, decodeMark, FRAME_HEADER_BYTES, readFrame } from './frame.js'
import type { replivec } from './schema.js'
import type { Segment } from './segment.js'

const CHUNK_BYTES = 1024 * 1024

/** A commit as it lies in a segment. */
export interface LoggedCommit {
  readonly commit: replivec.v1.Commit
  /** The whole frame, header included; valid until the next one is asked for. */
  readonly frame: Uint8Array
  readonly firstSeq: number
  readonly lastSeq: number
  /** Offset of the byte after the frame. */
  readonly end: number
  /** Up to this operation the marks so far state stable storage. */
  readonly provenSeq: number
}

/** How a scan ended: cleanly, in zero-filled space, or at bytes that are no frame. */
export type ScanEnd =
  | { readonly kind: 'end'; readonly offset: number }
  | { readonly kind: 'damaged'; readonly offset: number; readonly reason: string }

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
  let expectedSeq = segment.firstSeq
  let provenSeq = segment.firstSeq - 1
  let start = segment.dataStart
  let buffer = new Uint8Array(CHUNK_BYTES)
  let filled = 0
  let offset = 0
  for (;;) {
    const reading = readFrame(buffer.subarray(0, filled), offset)
    if (reading.kind === 'partial') {
      const needed = reading.end - offset
      if (start + reading.end > endOffset) {
        const left = endOffset - start - offset
        if (left <= 0) return { kind: 'end', offset: start + offset }
        if (left >= FRAME_HEADER_BYTES && needed > FRAME_HEADER_BYTES) {
          return { kind: 'damaged', offset: start + offset, reason: 'the last frame is cut short' }
        }
        const rest = new Uint8Array(left)
        const had = await file.read(rest, start + offset)
        const zero = had === left && rest.every((byte) => byte === 0)
        if (zero) return { kind: 'end', offset: start + offset }
        return { kind: 'damaged', offset: start + offset, reason: 'the last frame is cut short' }
      }
      const grown = new Uint8Array(Math.max(CHUNK_BYTES, needed))
      grown.set(buffer.subarray(offset, filled))
      start += offset
      filled -= offset
      offset = 0
      buffer = grown
      const room = Math.min(buffer.byteLength - filled, endOffset - start - filled)
      const had = await file.read(buffer.subarray(filled, filled + room), start + filled)
      if (had < room)
        return { kind: 'damaged', offset: start, reason: 'the file is shorter than it should be' }
      filled += had
      continue
    }
    if (reading.kind === 'end') return { kind: 'end', offset: start + offset }
    if (reading.kind === 'damaged') return { kind: 'damaged', offset: start + offset, reason: reading.reason }
    if (reading.mark) provenSeq = Math.max(provenSeq, decodeMark(reading.body).durableSeq)
    else {
      const commit = decodeBody(reading.body, segment, start + offset)
      const count = commit.count
      if (commit.firstSeq !== expectedSeq || count < 1 || count !== commit.operations.length) {
        const reason = `operation ${expectedSeq} was expected and ${commit.firstSeq} found`
        return { kind: 'damaged', offset: start + offset, reason }
      }
      expectedSeq += count
      yield {
        commit,
        frame: buffer.subarray(offset, reading.end),
        firstSeq: commit.firstSeq,
        lastSeq: expectedSeq - 1,
        end: start + reading.end,
        provenSeq,
      }
    }
    offset = reading.end
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
    throw logCorrupt(segment.path, offset, 'a frame with a valid checksum cannot be decoded', cause)
  }
}

export function logCorrupt(path: string, offset: number, reason: string, cause?: unknown): ReplivecError {
  return new ReplivecError(
    'LOG_CORRUPT',
    `The operation log is damaged in ${path} at byte ${offset}: ${reason}. Nothing was changed. Restore the store from a backup.`,
    { cause, details: { path, offset, reason } },
  )
}
