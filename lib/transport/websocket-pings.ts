import type { Clock } from '../runtime/clock.js'
import type { WebSocketConnection } from './websocket-package.js'

/** Intervals in which nothing comes before the other side counts as gone. */
const SILENT_INTERVALS_MAX = 2

/**
 * Keeps a connection from being closed as idle by what is in between, notices when the other side is gone without a word, and answers its
 * pings.
 */
export class WebSocketPings {
  readonly #connection: WebSocketConnection
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #gone: () => void
  /** Anything at all: a frame of 16 MiB on a slow line takes longer than two intervals, and no pong comes in the middle of it. */
  #isHeard = true
  #silentIntervals = 0
  #isAnswering = false
  #cancel = (): void => {}

  /** @param gone - called once, when nothing has come for two intervals */
  constructor(connection: WebSocketConnection, clock: Clock, intervalMs: number, gone: () => void) {
    this.#connection = connection
    this.#clock = clock
    this.#intervalMs = intervalMs
    this.#gone = gone
    connection.webSocket.on('ping', (data: Buffer) => this.#answer(data))
    connection.socket.on('data', () => {
      this.#isHeard = true
    })
    this.#wait()
  }

  stop(): void {
    this.#cancel()
  }

  #wait(): void {
    this.#cancel = this.#clock.timer(() => this.#ping(), this.#intervalMs)
  }

  #ping(): void {
    const { webSocket } = this.#connection
    // While this side does not read it cannot know what the other one says.
    const isSilent = !this.#isHeard && !webSocket.isPaused
    this.#isHeard = false
    this.#silentIntervals = isSilent ? this.#silentIntervals + 1 : 0
    if (this.#silentIntervals >= SILENT_INTERVALS_MAX) {
      this.#gone()
      return
    }
    webSocket.ping()
    this.#wait()
  }

  /** One pong at a time: a peer that sends pings and reads nothing must not fill memory with the answers. */
  #answer(data: Buffer): void {
    if (this.#isAnswering) return
    this.#isAnswering = true
    this.#connection.webSocket.pong(data, undefined, () => {
      this.#isAnswering = false
    })
  }
}
