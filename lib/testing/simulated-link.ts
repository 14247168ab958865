import { ReplivecError } from '../errors.js'
import type { Link, PeerInfo } from '../replication/link.js'
import { transportFailure } from '../transport/transport-failure.js'
import type { SimulatedPipe } from './simulated-pipe.js'

export interface SimulatedLinkOptions {
  readonly peer: PeerInfo
  readonly maxFrameBytes: number
  readonly out: SimulatedPipe
  /** What comes in. */
  readonly incoming: SimulatedPipe
  /** Called with every frame that is sent, before it is. */
  readonly sending: (frame: Uint8Array) => void
  /** This end is over. */
  readonly over: () => void
}

/** One end of a simulated link. */
export class SimulatedLink implements Link {
  readonly #options: SimulatedLinkOptions
  #ended: Error | undefined

  constructor(options: SimulatedLinkOptions) {
    this.#options = options
  }

  get peer(): PeerInfo {
    return this.#options.peer
  }

  get maxFrameBytes(): number {
    return this.#options.maxFrameBytes
  }

  get isOver(): boolean {
    return this.#ended !== undefined
  }

  async send(frame: Uint8Array): Promise<void> {
    if (this.#ended) throw this.#ended
    if (frame.byteLength > this.maxFrameBytes) {
      throw new ReplivecError('FRAME_TOO_LARGE', `A frame of ${frame.byteLength} bytes is too large.`)
    }
    this.#options.sending(frame)
    // Whoever watches may have ended the process that sends.
    if (this.#ended) throw this.#ended
    await this.#options.out.send(frame)
  }

  async close(reason?: Error): Promise<void> {
    const { out, incoming } = this.#options
    if (!this.#ended) {
      const error = transportFailure(this.peer.id, 'The link was closed.', reason)
      this.#end(error)
      out.finish(reason ? 'broken' : 'clean', error)
      incoming.silence()
      incoming.arrivals.end(reason ? error : undefined)
    }
    incoming.arrivals.discard()
  }

  /** The other side's end came out of the pipe. */
  ended(end: 'clean' | 'broken'): void {
    if (end === 'broken') {
      this.break('The other side broke the link off.')
      return
    }
    const error = transportFailure(this.peer.id, 'The other side closed the link.')
    this.#end(error)
    this.#options.out.refuse(error)
    this.#options.incoming.arrivals.end()
  }

  /** The link is gone, as far as this side is concerned; the other is not told. */
  break(message: string): void {
    const { out, incoming } = this.#options
    const error = transportFailure(this.peer.id, message)
    this.#end(error)
    out.refuse(error)
    out.silence()
    incoming.silence()
    incoming.arrivals.end(error)
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#options.incoming.arrivals[Symbol.asyncIterator]()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #end(error: Error): void {
    if (this.#ended) return
    this.#ended = error
    this.#options.over()
  }
}
