import { encodeMessage } from '../../log/codec.js'
import { varintBytes, writeVarint } from '../../log/varint.js'
import type { Operations, Part, SnapshotPiece } from './messages.js'
import { replivec } from './schema.js'

import wire = replivec.wire.v1

/** Field tags, number << 3 | 2, as in wire.proto: of the kind in a message, and of its payload. */
const Tag = {
  operations: 0x32,
  frames: 0x3a,
  snapshotPiece: 0x52,
  pieceBytes: 0x12,
  part: 0x62,
  partBytes: 0x0a,
} as const

/** A message that is mostly bytes of the log, of a snapshot, or of another message. */
export type PayloadMessage = Operations | SnapshotPiece | Part

/** A message without its payload, and where that belongs. */
interface Layout {
  readonly kindTag: number
  readonly fields: Uint8Array
  readonly payloadTag: number
  readonly payload: Uint8Array
}

/**
 * Encodes a message, its payload last and copied once, straight to where the frame is to be.
 *
 * @param take - gives at least so many bytes of memory
 */
export function encodePayload(message: PayloadMessage, take: (bytes: number) => Uint8Array): Uint8Array {
  const { kindTag, fields, payloadTag, payload } = layoutOf(message)
  const payloadBytes = payload.byteLength
  const kindBytes = fields.byteLength + 1 + varintBytes(payloadBytes) + payloadBytes
  const bytes = 1 + varintBytes(kindBytes) + kindBytes
  const frame = take(bytes)
  let at = 0
  frame[at++] = kindTag
  at = writeVarint(frame, kindBytes, at)
  frame.set(fields, at)
  at += fields.byteLength
  frame[at++] = payloadTag
  at = writeVarint(frame, payloadBytes, at)
  frame.set(payload, at)
  return new Uint8Array(frame.buffer, frame.byteOffset, bytes)
}

function layoutOf(message: PayloadMessage): Layout {
  switch (message.kind) {
    case 'operations': {
      const { firstSeq, lastSeq, headSeq, sentAtMs, durable, received } = message
      const head = { firstSeq, lastSeq, headSeq, sentAtMs, durable, received }
      const fields = encodeMessage(wire.Operations, head)
      return { kindTag: Tag.operations, fields, payloadTag: Tag.frames, payload: message.frames }
    }
    case 'snapshot-piece': {
      const { atByte, sentAtMs, headSeq, last } = message
      const fields = encodeMessage(wire.SnapshotPiece, { atByte, sentAtMs, headSeq, last })
      return { kindTag: Tag.snapshotPiece, fields, payloadTag: Tag.pieceBytes, payload: message.bytes }
    }
    case 'part': {
      const fields = encodeMessage(wire.Part, { last: message.last })
      return { kindTag: Tag.part, fields, payloadTag: Tag.partBytes, payload: message.bytes }
    }
  }
}
