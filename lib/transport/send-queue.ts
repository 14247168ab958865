import { costBytes, frameRefusal } from './frame-limit.js'

/** Frames that wait go to the system together, up to so many bytes. */
const WRITE_BYTES_MAX = 256 * 1024

interface PendingSend {
  readonly frame: Uint8Array
  resolve(): void
  reject(error: Error): void
}

/**
 * The frames that a link is asked to send. Several are handed to the system in one call, and nothing more until it has taken them: what a
 * peer that does not read costs is this much.
 */
export class SendQueue {
  readonly #maxFrameBytes: number
  readonly #write: (frames: readonly Uint8Array[], taken: () => void) => void
  readonly #waiting: PendingSend[] = []
  /** What the system is taking at the moment. */
  #writing: readonly PendingSend[] = []
  #ended: Error | undefined

  /** @param write - hands frames to the system, which calls `taken` once it needs their memory no more */
  constructor(maxFrameBytes: number, write: (frames: readonly Uint8Array[], taken: () => void) => void) {
    this.#maxFrameBytes = maxFrameBytes
    this.#write = write
  }

  /**
   * Resolves when the system took the frame.
   *
   * @throws `FRAME_TOO_LARGE`, `OPTIONS_INVALID` for what is no frame, the reason for the end
   */
  send(frame: Uint8Array): Promise<void> {
    const refusal = this.#ended ?? frameRefusal(frame, this.#maxFrameBytes)
    if (refusal) return Promise.reject(refusal)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ frame, resolve, reject })
      if (this.#writing.length === 0) this.#next()
    })
  }

  /** Nothing more is sent but what the system has: a clean close still delivers that. */
  end(reason: Error): void {
    this.#ended ??= reason
    for (const send of this.#waiting.splice(0)) send.reject(this.#ended)
  }

  /** The system takes nothing any more. */
  abandon(reason: Error): void {
    this.end(reason)
    for (const send of this.#writing) send.reject(this.#ended as Error)
    this.#writing = []
  }

  #next(): void {
    let bytes = 0
    let count = 0
    while (count < this.#waiting.length && (count === 0 || bytes < WRITE_BYTES_MAX)) {
      bytes += costBytes((this.#waiting[count] as PendingSend).frame)
      count += 1
    }
    const sends = this.#waiting.splice(0, count)
    this.#writing = sends
    this.#write(
      sends.map(({ frame }) => frame),
      () => this.#taken(),
    )
  }

  #taken(): void {
    if (this.#ended) {
      this.abandon(this.#ended)
      return
    }
    for (const send of this.#writing) send.resolve()
    this.#writing = []
    if (this.#waiting.length > 0) this.#next()
  }
}
