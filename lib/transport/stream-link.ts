import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Link, PeerInfo } from '../replication/link.js'
import type { Clock } from '../runtime/clock.js'
import { Arrivals } from './arrivals.js'
import { costBytes, UNREAD_BYTES_MAX } from './frame-limit.js'
import { END_MARKER, FrameReader, headerOf } from './frame-reader.js'
import { SendQueue } from './send-queue.js'
import { transportFailure } from './transport-failure.js'

/** Longest that a clean close waits for the other side to take what was sent. */
const CLOSE_MS_MAX = 3_000

/** A link over a stream in both directions, a TCP connection for one, on which both sides have said who they are. */
export class StreamLink implements Link {
  readonly peer: PeerInfo
  readonly maxFrameBytes: number
  readonly channelBinding: Uint8Array | undefined
  readonly #stream: Duplex
  readonly #clock: Clock
  /**
   * A socket is done with what it is given when it calls back: the system has copied it, or TLS has encrypted it, which it does as it takes
   * it, after copying what it cannot encrypt yet. Another stream may hand it on as it is, and the sender uses its memory again.
   */
  readonly #isSocket: boolean
  readonly #reader: FrameReader
  readonly #arrivals: Arrivals<Uint8Array>
  #unreadBytes = 0
  readonly #sends: SendQueue
  #ended: Error | undefined
  #closed: Promise<void>

  /**
   * @param stream - paused, with what follows the hello still in it
   * @param isLasting - what it gives is nobody else's memory
   * @param channelBinding - of a connection that is encrypted
   */
  constructor(
    stream: Duplex,
    peer: PeerInfo,
    maxFrameBytes: number,
    clock: Clock,
    isLasting = true,
    channelBinding?: Uint8Array,
  ) {
    this.peer = peer
    this.maxFrameBytes = maxFrameBytes
    this.channelBinding = channelBinding
    this.#stream = stream
    this.#isSocket = stream instanceof Socket
    this.#clock = clock
    this.#sends = new SendQueue(maxFrameBytes, (frames, taken) => this.#write(frames, taken))
    this.#arrivals = new Arrivals('This link', { taken: (frame) => this.#taken(frame) })
    const events = {
      take: (frame: Uint8Array) => this.#arrived(frame),
      ended: () => this.#endedByPeer(),
    }
    this.#reader = new FrameReader(maxFrameBytes, events, isLasting)
    this.#closed = new Promise((resolve) => {
      if (stream.closed) resolve()
      else stream.once('close', () => resolve())
    })
    stream.on('data', (piece) => this.#read(piece))
    // Whoever ends cleanly says so first.
    stream.on('end', () => this.#broke('The other side ended the connection without closing the link.'))
    stream.on('close', () => {
      this.#broke('The connection broke.', stream.errored ?? undefined)
      this.#sends.abandon(this.#ended as Error)
    })
    if (stream.destroyed) this.#broke('The connection broke.', stream.errored ?? undefined)
    else stream.resume()
  }

  send(frame: Uint8Array): Promise<void> {
    return this.#sends.send(frame)
  }

  close(reason?: Error): Promise<void> {
    if (!this.#ended) {
      const error = this.#failure('The link was closed.', reason)
      this.#end(error, reason ? error : undefined)
      if (reason) this.#destroy(error)
      else this.#sayEnd(error)
    }
    this.#arrivals.discard()
    return this.#closed
  }

  limitReceived(frameBytesMax: number): void {
    this.#reader.limit(frameBytesMax)
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return this.#arrivals[Symbol.asyncIterator]()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Hands frames to the system in one call. */
  #write(frames: readonly Uint8Array[], taken: () => void): void {
    // A stream that is being destroyed calls back without an error. The end of the connection rejects what was being written, and says why.
    const written = (error: Error | null | undefined): void => {
      if (!error && !this.#stream.destroyed) taken()
    }
    this.#stream.cork()
    for (const [index, frame] of frames.entries()) {
      const last = index === frames.length - 1 ? written : undefined
      this.#stream.write(headerOf(frame.byteLength), frame.byteLength === 0 ? last : undefined)
      if (frame.byteLength > 0) this.#stream.write(this.#isSocket ? frame : new Uint8Array(frame), last)
    }
    this.#stream.uncork()
  }

  #read(piece: Buffer): void {
    // After a close the rest is read away: a system that is closed with bytes unread resets the connection, and the
    // other side may lose what it has not read.
    if (this.#ended) return
    try {
      this.#reader.read(piece)
    } catch (cause) {
      this.#broke('The other side sent what is no frame of this link.', cause)
    }
  }

  #arrived(frame: Uint8Array): void {
    this.#unreadBytes += costBytes(frame)
    this.#arrivals.push(frame)
    if (this.#unreadBytes >= UNREAD_BYTES_MAX) this.#stream.pause()
  }

  #taken(frame: Uint8Array): void {
    this.#unreadBytes -= costBytes(frame)
    // Not at once: stopping and going on are calls of the system each.
    if (this.#stream.isPaused() && this.#unreadBytes <= UNREAD_BYTES_MAX / 2) this.#stream.resume()
  }

  #endedByPeer(): void {
    this.#end(this.#failure('The other side closed the link.'), undefined)
    this.#stream.destroy()
  }

  #broke(message: string, cause?: unknown): void {
    if (this.#ended) return
    const error = this.#failure(message, cause)
    this.#end(error, error)
    this.#destroy(error)
  }

  /** What is destroyed reads nothing any more, and need not say that it is closed. */
  #destroy(error: Error): void {
    this.#stream.destroy()
    this.#sends.abandon(error)
  }

  /** Sends fail from now on; what has arrived can still be read, and then reading ends, or throws. */
  #end(forSends: Error, forReader: Error | undefined): void {
    this.#ended = forSends
    this.#arrivals.end(forReader)
    this.#sends.end(forSends)
  }

  /** Writes the marker behind what the system was given, and waits until the other side has it all, but not for ever. */
  #sayEnd(error: Error): void {
    let cancel = (): void => {}
    const tooLate = new Promise<void>((resolve) => {
      cancel = this.#clock.timer(() => {
        this.#destroy(error)
        resolve()
      }, CLOSE_MS_MAX)
    })
    this.#closed = Promise.race([this.#closed, tooLate]).finally(cancel)
    this.#stream.end(headerOf(END_MARKER))
    this.#stream.resume()
  }

  #failure(message: string, cause?: unknown): Error {
    return transportFailure(this.peer.id, message, cause)
  }
}
