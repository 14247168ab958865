import { FRAME_CODE_BYTES } from '../replication/frame-code.js'
import type { WireMessage } from '../replication/protocol/messages.js'
import { decodeWire } from '../replication/protocol/wire-codec.js'
import { ReplivecError } from '../errors.js'

/** A frame as somebody in between reads it. */
export interface Overheard {
  readonly message: WireMessage
  /** It ends with an authentication code, which covers every bit of it. */
  readonly hasCode: boolean
}

/** Reads a frame without knowing whether nodes agreed on codes: what is no message with its end is one without. */
export function overheard(frame: Uint8Array): Overheard {
  try {
    return { message: decodeWire(frame), hasCode: false }
  } catch (error) {
    if (!ReplivecError.is(error, 'PROTOCOL_VIOLATED')) throw error
    return { message: decodeWire(frame.subarray(0, -FRAME_CODE_BYTES)), hasCode: true }
  }
}
