import type { Link, PeerInfo } from '../replication/link.js'
import { Arrivals } from './arrivals.js'
import { costBytes, FRAME_BYTES_MAX, frameRefusal, UNREAD_BYTES_MAX } from './frame-limit.js'
import { transportFailure } from './transport-failure.js'

/** What the two ends of a pipe without flow control tell each other. */
export type CreditMessage =
  /** Belongs to the receiver. */
  | { readonly frame: Uint8Array }
  /** So many bytes were read, counted by `costBytes`. */
  | { readonly creditBytes: number }
  /** Nothing follows. */
  | { readonly end: 'clean' | 'broken' }

/** The pipe. It delivers in order what is posted, or its owner calls `broke`. */
export interface CreditPipe {
  post(message: CreditMessage): void
  /** Called once, after the last message. Resolves when nothing is left open. */
  close(): Promise<void>
}

interface PendingSend {
  readonly frame: Uint8Array
  resolve(): void
  reject(error: Error): void
}

/** Credit is granted in parts of this size: a message for each frame would cost as much as the frame. */
const GRANT_BYTES = UNREAD_BYTES_MAX / 4

/**
 * A link over a pipe that takes everything at once. A sender may have `UNREAD_BYTES_MAX` that the other side's reader has not
 * taken, and one frame beyond, so that a frame of any size gets through.
 */
export class CreditLink implements Link {
  readonly peer: PeerInfo
  readonly maxFrameBytes = FRAME_BYTES_MAX
  readonly #pipe: CreditPipe
  readonly #arrivals: Arrivals<Uint8Array>
  readonly #pending: PendingSend[] = []
  /** Sent and not known to be read. */
  #unreadBytes = 0
  /** Received, and not known to the other side to be read. */
  #heldBytes = 0
  /** Of these, read here. */
  #owedBytes = 0
  #ended: Error | undefined
  #closing: Promise<void> | undefined

  constructor(peer: PeerInfo, pipe: CreditPipe) {
    this.peer = peer
    this.#pipe = pipe
    this.#arrivals = new Arrivals('This link', { taken: (frame) => this.#owe(costBytes(frame)) })
  }

  /** Takes what the other end posted. */
  receive(message: CreditMessage): void {
    if (this.#ended) return
    if ('frame' in message) this.#arrived(message.frame)
    else if ('creditBytes' in message) this.#credit(message.creditBytes)
    else if (message.end === 'clean') this.#end(this.#failure('The other side closed the link.'), undefined)
    else this.broke('The other side broke the link off.')
  }

  /** Nothing comes through the pipe any more, and it was not a clean end. */
  broke(message: string, cause?: unknown): void {
    const error = this.#failure(message, cause)
    this.#end(error, error)
  }

  send(frame: Uint8Array): Promise<void> {
    const refusal = this.#ended ?? frameRefusal(frame, this.maxFrameBytes)
    if (refusal) return Promise.reject(refusal)
    // Nothing is overtaken: while others wait there is no room.
    if (this.#unreadBytes >= UNREAD_BYTES_MAX) {
      return new Promise((resolve, reject) => this.#pending.push({ frame, resolve, reject }))
    }
    this.#post(frame)
    return Promise.resolve()
  }

  close(reason?: Error): Promise<void> {
    if (!this.#ended) {
      this.#pipe.post({ end: reason ? 'broken' : 'clean' })
      const error = this.#failure('The link was closed.', reason)
      this.#end(error, reason ? error : undefined)
    }
    this.#arrivals.discard()
    return this.#closing as Promise<void>
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return this.#arrivals[Symbol.asyncIterator]()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Copies the frame: it stays the caller's, who may use its memory again once `send` resolved. */
  #post(frame: Uint8Array): void {
    this.#unreadBytes += costBytes(frame)
    this.#pipe.post({ frame: new Uint8Array(frame) })
  }

  #arrived(frame: Uint8Array): void {
    // What the other side knows to be unread is never less than this, so a sender that keeps to it is never refused.
    if (this.#heldBytes >= UNREAD_BYTES_MAX || frame.byteLength > this.maxFrameBytes) {
      this.broke('The other side sent more than this one has room for.')
      return
    }
    this.#heldBytes += costBytes(frame)
    this.#arrivals.push(frame)
  }

  #credit(bytes: number): void {
    if (bytes > this.#unreadBytes) {
      this.broke('The other side says it read more than it was sent.')
      return
    }
    this.#unreadBytes -= bytes
    while (this.#unreadBytes < UNREAD_BYTES_MAX) {
      const next = this.#pending.shift()
      if (next === undefined) return
      this.#post(next.frame)
      next.resolve()
    }
  }

  #owe(bytes: number): void {
    this.#owedBytes += bytes
    if (this.#owedBytes < GRANT_BYTES || this.#ended) return
    const creditBytes = this.#owedBytes
    this.#heldBytes -= creditBytes
    this.#owedBytes = 0
    this.#pipe.post({ creditBytes })
  }

  /** Sends fail from now on; what has arrived can still be read, and then reading ends, or throws. */
  #end(forSends: Error, forReader: Error | undefined): void {
    if (this.#ended) return
    this.#ended = forSends
    this.#arrivals.end(forReader)
    for (const send of this.#pending.splice(0)) send.reject(forSends)
    this.#closing = this.#pipe.close()
  }

  #failure(message: string, cause?: unknown): Error {
    return transportFailure(this.peer.id, message, cause)
  }
}
