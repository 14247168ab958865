import { crc32 } from 'node:zlib'
import { decodeMessage, encodeMessage } from './codec.js'
import { decodePutCommit } from './put-decoder.js'
import { encodePutCommit, encodePuts } from './put-encoder.js'
import { replivec } from './schema.js'

/**
 * A frame is how one message lies in a segment and on the wire:
 *
 * ```
 * u32 length of the body, little-endian; bit 31 set for a mark | u32 CRC-32 over the length field and the body | body
 * ```
 *
 * A length of zero is the zero-filled space after the last frame.
 */
export const FRAME_HEADER_BYTES = 8
/** Largest body: a commit of 64 MiB of payload with room for ids and field headers. */
export const FRAME_BODY_BYTES_MAX = 96 * 1024 * 1024
const LENGTH_BYTES = 4
const MARK_BIT = 0x8000_0000

export type Commit = replivec.v1.Commit.$Properties
export type Operation = replivec.v1.Operation.$Properties

export function encodeCommitFrame(commit: Commit): Uint8Array {
  const puts = encodePutCommit(commit, FRAME_HEADER_BYTES)
  return seal(puts ?? encodeMessage(replivec.v1.Commit, commit, FRAME_HEADER_BYTES), false)
}

/** The frame's header and the commit up to its operations, which come last. */
function encodeStart(commit: Commit): Uint8Array {
  return encodeMessage(replivec.v1.Commit, { ...commit, operations: [] }, FRAME_HEADER_BYTES)
}

/** Operations encoded before other work gets a turn. */
const OPERATIONS_A_SLICE = 512

/**
 * Encodes a commit of many operations in slices. Concatenated messages are one message whose repeated fields were
 * joined (Protocol Buffers, "Encoding": last one wins, repeated fields append), so each slice is encoded alone.
 *
 * @param pause - awaited between slices
 */
export async function encodeLargeCommitFrame(
  commit: Commit,
  pause: () => Promise<void>,
): Promise<Uint8Array> {
  const operations = commit.operations ?? []
  const parts = [encodeStart(commit)]
  for (let from = 0; from < operations.length; from += OPERATIONS_A_SLICE) {
    await pause()
    const slice = operations.slice(from, from + OPERATIONS_A_SLICE)
    parts.push(encodePuts(slice) ?? encodeMessage(replivec.v1.Commit, { operations: slice }))
  }
  return seal(Buffer.concat(parts), false)
}

export function encodeMarkFrame(durableSeq: number): Uint8Array {
  return seal(encodeMessage(replivec.v1.Mark, { durableSeq }, FRAME_HEADER_BYTES), true)
}

export function decodeCommit(body: Uint8Array): replivec.v1.Commit {
  return decodePutCommit(body) ?? decodeMessage(replivec.v1.Commit, body)
}

export function decodeMark(body: Uint8Array): replivec.v1.Mark {
  return decodeMessage(replivec.v1.Mark, body)
}

function seal(frame: Uint8Array, mark: boolean): Uint8Array {
  const length = (frame.byteLength - FRAME_HEADER_BYTES) | (mark ? MARK_BIT : 0)
  // What the checksum covers lies apart by itself, and together while the length stands in its place.
  writeUint32(frame, length, LENGTH_BYTES)
  const checksum = crc32(frame.subarray(LENGTH_BYTES))
  writeUint32(frame, length, 0)
  writeUint32(frame, checksum, LENGTH_BYTES)
  return frame
}

/** Little-endian. */
function writeUint32(bytes: Uint8Array, value: number, at: number): void {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
  bytes[at + 2] = value >>> 16
  bytes[at + 3] = value >>> 24
}

function frameCrc(frame: Uint8Array): number {
  return crc32(frame.subarray(FRAME_HEADER_BYTES), crc32(frame.subarray(0, 4)))
}

/** What stands at one offset of a buffer of frames. */
export type FrameReading =
  | { readonly kind: 'frame'; readonly mark: boolean; readonly body: Uint8Array; readonly end: number }
  /** Zero length: the log ends here. */
  | { readonly kind: 'end' }
  /** The frame goes on past the buffer, up to `end`. */
  | { readonly kind: 'partial'; readonly end: number }
  | { readonly kind: 'damaged'; readonly reason: string }

/** Reads the frame that begins at `offset`. The body is a view of `buffer`. */
export function readFrame(buffer: Uint8Array, offset: number): FrameReading {
  if (offset + FRAME_HEADER_BYTES > buffer.byteLength) {
    return { kind: 'partial', end: offset + FRAME_HEADER_BYTES }
  }
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
  const field = view.getUint32(offset, true)
  if (field === 0) return { kind: 'end' }
  const length = field & ~MARK_BIT
  if (length > FRAME_BODY_BYTES_MAX) return { kind: 'damaged', reason: `a frame of ${length} bytes` }
  const end = offset + FRAME_HEADER_BYTES + length
  if (end > buffer.byteLength) return { kind: 'partial', end }
  const crc = frameCrc(buffer.subarray(offset, end))
  if (crc !== view.getUint32(offset + 4, true))
    return { kind: 'damaged', reason: 'a frame checksum does not match' }
  const body = buffer.subarray(offset + FRAME_HEADER_BYTES, end)
  return { kind: 'frame', mark: (field & MARK_BIT) !== 0, body, end }
}
