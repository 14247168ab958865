import { encodeMessage } from '../../log/codec.js'
import { varintBytes, writeVarint } from '../../log/varint.js'
import type { Operations, Packed, Part, SnapshotPiece } from './messages.js'
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
  packed: 0x6a,
  vectors: 0x1a,
} as const

/** A message that is mostly bytes of the log, of a snapshot, or of another message. */
export type PayloadMessage = Operations | SnapshotPiece | Part | Packed

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
  const layout = layoutOf(message)
  const head = headOf(layout)
  const bytes = head.byteLength + layout.payload.byteLength
  const frame = take(bytes)
  frame.set(head)
  frame.set(layout.payload, head.byteLength)
  return new Uint8Array(frame.buffer, frame.byteOffset, bytes)
}

/** A message up to its payload, which ends it. */
export function encodeHead(message: Operations | SnapshotPiece): Uint8Array {
  return headOf(layoutOf(message))
}

function headOf({ kindTag, fields, payloadTag, payload }: Layout): Uint8Array {
  const payloadBytes = payload.byteLength
  const kindBytes = fields.byteLength + 1 + varintBytes(payloadBytes) + payloadBytes
  const head = Buffer.allocUnsafe(2 + varintBytes(kindBytes) + fields.byteLength + varintBytes(payloadBytes))
  head[0] = kindTag
  const at = writeVarint(head, kindBytes, 1)
  head.set(fields, at)
  head[at + fields.byteLength] = payloadTag
  writeVarint(head, payloadBytes, at + fields.byteLength + 1)
  return head
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
    case 'packed': {
      const { rest, plainBytes, vectors } = message
      const fields = encodeMessage(wire.Packed, { rest, plainBytes })
      return { kindTag: Tag.packed, fields, payloadTag: Tag.vectors, payload: vectors }
    }
    case 'part': {
      const fields = encodeMessage(wire.Part, { last: message.last })
      return { kindTag: Tag.part, fields, payloadTag: Tag.partBytes, payload: message.bytes }
    }
  }
}
