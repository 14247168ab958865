import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { Link, PeerInfo } from '../replication/link.js'
import type { Clock } from '../runtime/clock.js'
import { Arrivals } from './arrivals.js'
import { costBytes, FRAME_BYTES_MAX, frameTooLarge, UNREAD_BYTES_MAX } from './frame-limit.js'
import { SendQueue } from './send-queue.js'
import { channelBindingOf } from './tls-options.js'
import { transportFailure } from './transport-failure.js'
import type { WebSocketConnection } from './websocket-package.js'
import { WebSocketPings } from './websocket-pings.js'

/** Longest that a clean close waits for the other side to take what was sent. */
const CLOSE_MS_MAX = 3_000
/**
 * What may come between two messages beside the frame that ends in the second: the headers of its pieces, pings, and what a piece of the
 * connection holds of the one after.
 */
const GATHERED_BESIDE_BYTES = 128 * 1024
/** What a piece of the connection costs in memory beside its bytes. */
const PIECE_COST_BYTES = 256
/** The code of RFC 6455 for a connection that did what it was for. Every other end is a break. */
const NORMAL_CLOSURE = 1000
/** What the package says where the connection ended without a word. */
const NO_WORD = 1006

export interface WebSocketLinkOptions {
  readonly clock: Clock
  readonly pingIntervalMs: number
  /** Off where something in between ends TLS. */
  readonly hasChannelBinding: boolean
}

/** A link over a WebSocket on which both sides have said who they are: one binary message for each frame. */
export class WebSocketLink implements Link {
  readonly peer: PeerInfo
  readonly maxFrameBytes: number
  readonly channelBinding: Uint8Array | undefined
  readonly #connection: WebSocketConnection
  readonly #clock: Clock
  readonly #pings: WebSocketPings
  readonly #arrivals: Arrivals<Uint8Array>
  #unreadBytes = 0
  readonly #sends: SendQueue
  /** A frame that comes may have so many bytes. */
  #limitBytes: number
  /** What came since the last message: the package gathers it, and tells of a whole one only. */
  #gatheredBytes = 0
  readonly #count = (piece: Buffer): void => {
    this.#gatheredBytes += piece.byteLength + PIECE_COST_BYTES
    if (this.#gatheredBytes <= this.#limitBytes + GATHERED_BESIDE_BYTES) return
    // What is closed says nothing any more.
    if (this.#ended) this.#connection.webSocket.terminate()
    else this.#refuse(frameTooLarge(this.#gatheredBytes, this.#limitBytes))
  }
  #ended: Error | undefined
  #closed: Promise<void>

  /** @param connection - of which nothing was read behind the hello yet */
  constructor(
    connection: WebSocketConnection,
    peer: PeerInfo,
    maxFrameBytes: number,
    { clock, pingIntervalMs, hasChannelBinding }: WebSocketLinkOptions,
  ) {
    this.peer = peer
    this.maxFrameBytes = maxFrameBytes
    this.#limitBytes = maxFrameBytes
    this.channelBinding = hasChannelBinding ? bindingOf(connection.socket) : undefined
    this.#connection = connection
    this.#clock = clock
    this.#sends = new SendQueue(maxFrameBytes, (frames, taken) => this.#write(frames, taken))
    this.#arrivals = new Arrivals('This link', { taken: (frame) => this.#taken(frame) })
    this.#pings = new WebSocketPings(connection, clock, pingIntervalMs, () => {
      this.#broke(
        `Nothing came from the other side for ${2 * pingIntervalMs} ms, not even an answer to a ping.`,
      )
    })
    const { webSocket } = connection
    webSocket.on('message', (data, isBinary) => this.#received(data as Buffer, isBinary))
    webSocket.on('error', (cause) => this.#refuse(cause))
    this.#closed = new Promise((resolve) => {
      webSocket.on('close', (code) => {
        this.#closedWith(code)
        resolve()
      })
    })
  }

  send(frame: Uint8Array): Promise<void> {
    return this.#sends.send(frame)
  }

  close(reason?: Error): Promise<void> {
    if (!this.#ended) {
      const error = this.#failure('The link was closed.', reason)
      this.#end(error, reason ? error : undefined)
      if (reason) this.#destroy(error)
      else this.#sayEnd()
    }
    this.#arrivals.discard()
    return this.#closed
  }

  limitReceived(frameBytesMax: number): void {
    this.#limitBytes = Math.min(frameBytesMax, this.maxFrameBytes)
    this.#gatheredBytes = 0
    const { socket } = this.#connection
    socket.off('data', this.#count)
    // The package itself keeps to the largest frame of all, and not of this link. It has read a piece by the time that its bytes are counted.
    if (this.#limitBytes < FRAME_BYTES_MAX && !this.#ended) socket.on('data', this.#count)
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return this.#arrivals[Symbol.asyncIterator]()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /**
   * Hands frames to the system in one call.
   *
   * The package never writes to a frame: who dialed has to mask what it sends, and it masks into memory of its own. Who was dialed sends
   * the frame's own memory, as may the other side where the mask it drew is zero. The system has read it when it calls back, which is when
   * `send` resolves; a stream that is none of the system's may hand it on as it is, so there it is copied.
   */
  #write(frames: readonly Uint8Array[], taken: () => void): void {
    const { webSocket, socket } = this.#connection
    const isSystem = socket instanceof Socket
    // A stream that is being destroyed calls back without an error. The end of the connection rejects what was being written, and says why.
    const written = (error?: Error | null): void => {
      if (!error && !socket.destroyed) taken()
    }
    socket.cork()
    for (const [index, frame] of frames.entries()) {
      const last = index === frames.length - 1 ? written : undefined
      webSocket.send(isSystem ? frame : new Uint8Array(frame), { binary: true }, last)
    }
    socket.uncork()
  }

  #received(data: Buffer, isBinary: boolean): void {
    this.#gatheredBytes = 0
    if (this.#ended) return
    if (!isBinary) {
      this.#broke('The other side sent text, which is no frame of this link.')
      return
    }
    if (data.byteLength > this.#limitBytes) {
      this.#refuse(frameTooLarge(data.byteLength, this.#limitBytes))
      return
    }
    // Not a Buffer, whose `slice` would share memory.
    const frame = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    this.#unreadBytes += costBytes(frame)
    this.#arrivals.push(frame)
    if (this.#unreadBytes >= UNREAD_BYTES_MAX) this.#connection.webSocket.pause()
  }

  #taken(frame: Uint8Array): void {
    this.#unreadBytes -= costBytes(frame)
    const { webSocket } = this.#connection
    // Not at once: stopping and going on are calls of the system each.
    if (webSocket.isPaused && this.#unreadBytes <= UNREAD_BYTES_MAX / 2) webSocket.resume()
  }

  #closedWith(code: number): void {
    if (code === NORMAL_CLOSURE) this.#end(this.#failure('The other side closed the link.'), undefined)
    else if (code === NO_WORD)
      this.#broke('The connection broke.', this.#connection.socket.errored ?? undefined)
    else this.#broke(`The other side, or a gateway in between, broke the link off with the code ${code}.`)
    this.#sends.abandon(this.#ended as Error)
  }

  #refuse(cause: Error): void {
    this.#broke('The other side sent what is no frame of this link.', cause)
  }

  #broke(message: string, cause?: unknown): void {
    if (this.#ended) return
    const error = this.#failure(message, cause)
    this.#end(error, error)
    this.#destroy(error)
  }

  #destroy(error: Error): void {
    this.#connection.webSocket.terminate()
    this.#sends.abandon(error)
  }

  /** Sends fail from now on; what has arrived can still be read, and then reading ends, or throws. */
  #end(forSends: Error, forReader: Error | undefined): void {
    if (this.#ended) return
    this.#ended = forSends
    this.#pings.stop()
    this.#arrivals.end(forReader)
    this.#sends.end(forSends)
  }

  /** Says the end behind what the system was given, and waits until the other side has it all, but not for ever. */
  #sayEnd(): void {
    const { webSocket } = this.#connection
    // Of who was not to say much nothing is wanted now but the answer.
    if (this.#limitBytes < this.maxFrameBytes) this.#limitBytes = 0
    const cancel = this.#clock.timer(() => webSocket.terminate(), CLOSE_MS_MAX)
    this.#closed = this.#closed.finally(cancel)
    // What still comes is read away: the other side's answer is behind it.
    webSocket.resume()
    webSocket.close(NORMAL_CLOSURE)
  }

  #failure(message: string, cause?: unknown): Error {
    return transportFailure(this.peer.id, message, cause)
  }
}

/** Before TLS 1.3 what is exported need not be this connection's alone (RFC 9266, section 3). */
function bindingOf(socket: Duplex): Uint8Array | undefined {
  return socket instanceof TLSSocket && socket.getProtocol() === 'TLSv1.3'
    ? channelBindingOf(socket)
    : undefined
}
