import { ReplivecError } from '../errors.js'

/** Largest frame of the transports that come with replivec. */
export const FRAME_BYTES_MAX = 16 * 1024 * 1024

/** How much a receiver that does not read is sent: more than a round trip takes on a fast network, little to hold in memory. */
export const UNREAD_BYTES_MAX = 1024 * 1024

/** What a frame costs beside its content, so that empty ones are bounded too. */
const FRAME_COST_BYTES = 64

/** What a frame that waits takes of a bound, in bytes. */
export function costBytes(frame: Uint8Array): number {
  return frame.byteLength + FRAME_COST_BYTES
}

/** Bytes. Not by instanceof: they may come from another realm. */
export function isFrame(value: unknown): value is Uint8Array {
  return Object.prototype.toString.call(value) === '[object Uint8Array]'
}

/** Why a link does not take a frame: `FRAME_TOO_LARGE`, or `OPTIONS_INVALID` for what is no frame. */
export function frameRefusal(frame: unknown, maxFrameBytes: number): ReplivecError | undefined {
  if (!isFrame(frame)) {
    return new ReplivecError('OPTIONS_INVALID', 'A frame is a Uint8Array.', { details: { option: 'frame' } })
  }
  return frame.byteLength > maxFrameBytes ? frameTooLarge(frame.byteLength, maxFrameBytes) : undefined
}

export function frameTooLarge(bytes: number, maxFrameBytes: number): ReplivecError {
  return new ReplivecError(
    'FRAME_TOO_LARGE',
    `A frame of ${bytes} bytes is more than the ${maxFrameBytes} bytes that this link carries; send it in parts.`,
    { details: { bytes, maxFrameBytes } },
  )
}
