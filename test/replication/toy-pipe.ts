import type { Link, PeerInfo } from '../../lib/replication/link.js'

/** One end of a link in memory that keeps the frames that were sent until a test lets them through. */
export class ToyPipe implements Link {
  readonly peer: PeerInfo = { id: 'peer' }
  readonly maxFrameBytes: number
  /** What was sent, oldest first. */
  readonly sent: Uint8Array[] = []
  closedWith: Error | undefined | 'open' = 'open'
  /** Sends wait as long as this is set. */
  isSlow = false
  readonly #arrived: (Uint8Array | 'end' | Error)[] = []
  #wake: (() => void) | undefined
  #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []

  constructor(maxFrameBytes = 1024) {
    this.maxFrameBytes = maxFrameBytes
  }

  /** A frame from the other side, its clean end, or the break of the link. */
  arrive(...frames: (Uint8Array | 'end' | Error)[]): void {
    this.#arrived.push(...frames)
    this.#wake?.()
  }

  /** The link can take more. */
  proceed(): void {
    this.#waiting.shift()?.resolve()
  }

  async send(frame: Uint8Array): Promise<void> {
    if (frame.byteLength > this.maxFrameBytes) throw new Error(`a frame of ${frame.byteLength} bytes`)
    if (this.closedWith !== 'open') throw new Error('closed')
    this.sent.push(frame)
    if (this.isSlow) await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  async close(reason?: Error): Promise<void> {
    if (this.closedWith !== 'open') return
    this.closedWith = reason
    for (const { reject } of this.#waiting) reject(new Error('closed while sending'))
    this.arrive('end')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = this.#arrived.shift()
      if (next === 'end') return
      if (next instanceof Error) throw next
      if (next) yield next
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}
