import { crc32 } from 'node:zlib'
import { ReplivecError } from '../errors.js'
import type { Files, OpenFile } from '../runtime/files.js'
import { decodeMessage, encodeMessage } from './codec.js'
import type { LogIdentity } from './position.js'
import { replivec } from './schema.js'

/**
 * A segment file begins with a preamble whose layout holds for every format version:
 *
 * ```
 * "RVLG" | u32 format version | u32 header length | u32 CRC-32 of the twelve bytes before and the header | header
 * ```
 *
 * The header is a protobuf `SegmentHeader`; frames follow.
 */
export const SEGMENT_FORMAT = 1
const MAGIC = Uint8Array.from([0x52, 0x56, 0x4c, 0x47])
const PREAMBLE_BYTES = 16
const HEADER_BYTES_MAX = 1024 * 1024

/** One file of the log. `firstSeq` is the first sequence number it may hold, and its name. */
export interface Segment {
  readonly path: string
  readonly firstSeq: number
  /** Where its first frame begins. */
  readonly dataStart: number
}

export function segmentName(firstSeq: number): string {
  return `${String(firstSeq).padStart(16, '0')}.log`
}

/** The first sequence number a segment's name states, or `undefined` when it is no segment's name. */
export function segmentFirstSeq(name: string): number | undefined {
  return /^\d{16}\.log$/.test(name) ? Number.parseInt(name, 10) : undefined
}

/** Creates a segment durably: it has its whole header from the moment it has its name. */
export async function createSegment(
  files: Files,
  directory: string,
  identity: LogIdentity,
  firstSeq: number,
  createdAtMs: number,
): Promise<{ segment: Segment; file: OpenFile }> {
  const path = `${directory}/${segmentName(firstSeq)}`
  const temporary = `${path}.tmp`
  const bytes = encodeHeader(identity, firstSeq, createdAtMs)
  await files.remove(temporary).catch(ignoreMissing)
  const file = await files.open(temporary, 'create')
  try {
    await file.write(bytes, 0)
    await file.sync()
    await files.rename(temporary, path)
    await files.syncDirectory(directory)
  } catch (error) {
    await file.close()
    throw error
  }
  return { segment: { path, firstSeq, dataStart: bytes.byteLength }, file }
}

/** Reads and checks a segment's header. */
export async function openSegment(
  file: OpenFile,
  path: string,
  firstSeq: number,
): Promise<{ segment: Segment; identity: LogIdentity; createdAtMs: number }> {
  const preamble = new Uint8Array(PREAMBLE_BYTES)
  const had = await file.read(preamble, 0)
  const view = new DataView(preamble.buffer)
  if (had < PREAMBLE_BYTES || !MAGIC.every((byte, index) => preamble[index] === byte)) {
    throw headerDamaged(path, 'it does not begin like a replivec log segment')
  }
  const format = view.getUint32(4, true)
  const length = view.getUint32(8, true)
  if (length > HEADER_BYTES_MAX) throw headerDamaged(path, 'its header length is impossible')
  const header = new Uint8Array(length)
  if ((await file.read(header, PREAMBLE_BYTES)) < length)
    throw headerDamaged(path, 'it ends inside its header')
  if (crc32(header, crc32(preamble.subarray(0, 12))) !== view.getUint32(12, true)) {
    throw headerDamaged(path, 'its header checksum does not match')
  }
  if (format !== SEGMENT_FORMAT) {
    throw new ReplivecError(
      'FORMAT_UNSUPPORTED',
      `The log segment ${path} has format ${format}; this version reads format ${SEGMENT_FORMAT}. Open it with the version that wrote it, or upgrade.`,
      { details: { path, format, supported: SEGMENT_FORMAT } },
    )
  }
  const message = decodeHeader(path, header)
  if (message.firstSeq !== firstSeq) throw headerDamaged(path, 'its name and its header disagree')
  const { historyId, nodeId, epochs, parent, createdAtMs } = message
  return {
    createdAtMs,
    segment: { path, firstSeq, dataStart: PREAMBLE_BYTES + length },
    identity: {
      historyId,
      nodeId,
      epochs: epochs.map((row) => ({
        epoch: row.epoch ?? 0,
        nodeId: row.nodeId ?? '',
        firstSeq: row.firstSeq ?? 0,
        ...carried(row),
      })),
      ...(parent
        ? {
            parent: {
              historyId: parent.historyId ?? '',
              epoch: parent.epoch ?? 0,
              seq: parent.seq ?? 0,
              ...carried(parent),
            },
          }
        : {}),
      ...carried(message),
    },
  }
}

/** When a segment was begun, and the one before it was full; milliseconds since the Unix epoch. */
export async function segmentBeganAtMs(files: Files, { path, firstSeq }: Segment): Promise<number> {
  const file = await files.open(path, 'read')
  try {
    return (await openSegment(file, path, firstSeq)).createdAtMs
  } finally {
    await file.close()
  }
}

function decodeHeader(path: string, header: Uint8Array): replivec.v1.SegmentHeader {
  try {
    return decodeMessage(replivec.v1.SegmentHeader, header)
  } catch (cause) {
    throw headerDamaged(path, 'its header has a valid checksum and cannot be decoded', cause)
  }
}

/** Copies the fields this version does not know out of a message. */
function carried(message: { $unknowns?: Uint8Array[] }): { unknownFields?: Uint8Array[] } {
  return message.$unknowns ? { unknownFields: message.$unknowns.map((field) => Uint8Array.from(field)) } : {}
}

/** The fields of a part of the identity as the encoder wants them, unknown ones included. */
function carrying<Part extends { readonly unknownFields?: readonly Uint8Array[] }>(
  part: Part,
): Part & { $unknowns?: Uint8Array[] } {
  return part.unknownFields ? { ...part, $unknowns: [...part.unknownFields] } : part
}

function encodeHeader(identity: LogIdentity, firstSeq: number, createdAtMs: number): Uint8Array {
  const bytes = encodeMessage(
    replivec.v1.SegmentHeader,
    {
      ...carrying(identity),
      epochs: identity.epochs.map(carrying),
      parent: identity.parent ? carrying(identity.parent) : null,
      firstSeq,
      createdAtMs: Math.max(0, Math.trunc(createdAtMs)),
    },
    PREAMBLE_BYTES,
  )
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  bytes.set(MAGIC, 0)
  view.setUint32(4, SEGMENT_FORMAT, true)
  view.setUint32(8, bytes.byteLength - PREAMBLE_BYTES, true)
  view.setUint32(12, crc32(bytes.subarray(PREAMBLE_BYTES), crc32(bytes.subarray(0, 12))), true)
  return bytes
}

function headerDamaged(path: string, why: string, cause?: unknown): ReplivecError {
  return new ReplivecError(
    'LOG_CORRUPT',
    `The log segment ${path} is damaged: ${why}. Restore the store from a backup.`,
    { cause, details: { path, offset: 0 } },
  )
}

function ignoreMissing(error: unknown): void {
  if ((error as { code?: unknown }).code !== 'ENOENT') throw error
}
