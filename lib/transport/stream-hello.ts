/**
 * The first frame each side of a stream sends, and the first message over a WebSocket: what it speaks, who it is and how large its frames
 * may be.
 */
import type { Duplex } from 'node:stream'
import { isId } from '../replication/protocol/id.js'
import { headerOf, HEADER_BYTES, lengthOf } from './frame-reader.js'
import { transportFailure } from './transport-failure.js'

export interface StreamHello {
  readonly id: string
  /** Largest frame this side takes, in bytes. Both sides keep to the smaller of the two. */
  readonly maxFrameBytes: number
}

const MAGIC = new TextEncoder().encode('replivec')
const VERSION = 1
/** Magic, version, `maxFrameBytes`. The id follows. */
const FIXED_BYTES = MAGIC.byteLength + 1 + 4
/** Nobody who has not said who he is gets more memory than this. */
export const HELLO_BYTES_MAX = 256

/** Smaller frames could not carry the messages of the protocol. */
const FRAME_BYTES_MIN = 1024

/** Longest that a side may take to say who it is. */
export const HELLO_MS_MAX = 10_000

/** A hello as a frame with its header. */
export function encodeHello(hello: StreamHello): Uint8Array {
  const message = encodeHelloMessage(hello)
  const frame = new Uint8Array(HEADER_BYTES + message.byteLength)
  frame.set(headerOf(message.byteLength))
  frame.set(message, HEADER_BYTES)
  return frame
}

/** A hello without a length in front, for what keeps messages apart by itself. */
export function encodeHelloMessage({ id, maxFrameBytes }: StreamHello): Uint8Array {
  const message = new Uint8Array(FIXED_BYTES + id.length)
  message.set(MAGIC)
  const view = new DataView(message.buffer, MAGIC.byteLength)
  view.setUint8(0, VERSION)
  view.setUint32(1, maxFrameBytes, true)
  message.set(new TextEncoder().encode(id), FIXED_BYTES)
  return message
}

/**
 * Waits for the other side's hello. What follows it stays in the stream, which is paused then.
 *
 * @throws `TRANSPORT_FAILED` when something else comes, or the connection ends
 */
export function receiveHello(stream: Duplex): Promise<StreamHello> {
  return new Promise((resolve, reject) => {
    let received: Uint8Array = new Uint8Array(0)
    const finish = (): void => {
      stream.pause()
      stream.off('data', read)
      stream.off('end', end)
      stream.off('close', end)
    }
    const read = (piece: Buffer): void => {
      // Copied: the next piece may come in the same memory.
      received = Buffer.concat([received, piece])
      try {
        const bytes = helloBytes(received)
        if (bytes === undefined) return
        finish()
        if (received.byteLength > bytes) stream.unshift(received.subarray(bytes))
        resolve(decodeHelloMessage(received.subarray(HEADER_BYTES, bytes)))
      } catch (error) {
        finish()
        reject(error)
      }
    }
    const end = (): void => {
      finish()
      const { errored } = stream
      const message = 'The connection ended before the other side said who it is.'
      reject(transportFailure(undefined, message, errored ?? undefined))
    }
    stream.on('data', read).on('end', end).on('close', end)
    if (stream.destroyed) end()
    else stream.resume()
  })
}

/** How long the hello is with its header, once all of it is there. */
function helloBytes(received: Uint8Array): number | undefined {
  if (received.byteLength < HEADER_BYTES) return undefined
  const length = lengthOf(received)
  if (length > HELLO_BYTES_MAX)
    throw transportFailure(undefined, 'The other side does not speak this protocol.')
  return received.byteLength < HEADER_BYTES + length ? undefined : HEADER_BYTES + length
}

/** @throws `TRANSPORT_FAILED` for anything else */
export function decodeHelloMessage(payload: Uint8Array): StreamHello {
  if (
    payload.byteLength < FIXED_BYTES ||
    payload.byteLength > HELLO_BYTES_MAX ||
    MAGIC.some((byte, index) => payload[index] !== byte)
  ) {
    throw transportFailure(undefined, 'The other side does not speak this protocol.')
  }
  const view = new DataView(payload.buffer, payload.byteOffset + MAGIC.byteLength)
  const version = view.getUint8(0)
  if (version !== VERSION) {
    const message = `The other side speaks version ${version} of this protocol, this one version ${VERSION}.`
    throw transportFailure(undefined, message)
  }
  const maxFrameBytes = view.getUint32(1, true)
  if (maxFrameBytes < FRAME_BYTES_MIN) {
    throw transportFailure(
      undefined,
      `The other side takes frames of ${maxFrameBytes} bytes, too small to be of use.`,
    )
  }
  const id = new TextDecoder().decode(payload.subarray(FIXED_BYTES))
  if (!isId(id)) throw transportFailure(undefined, 'The other side gave an id that is none.')
  return { id, maxFrameBytes }
}
