import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '../runtime/clock.js'
import { HELLO_MS_MAX } from './stream-hello.js'

/** One more closes the oldest, which had the longest time to say who it is. */
const UNNAMED_MAX = 64

interface Unnamed {
  readonly socket: Duplex
  cancel(): void
}

/** Connections that have not said who they are: so many at most, and each for ten seconds at most. */
export class UnnamedConnections {
  readonly #clock: Clock
  /** In the order in which they came. */
  readonly #connections = new Map<string | Duplex, Unnamed>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** From here on its time runs. */
  add(socket: Duplex): void {
    const key = keyOf(socket)
    const cancel = this.#clock.timer(() => this.drop(socket), HELLO_MS_MAX)
    this.#connections.get(key)?.cancel()
    this.#connections.set(key, { socket, cancel })
    socket.once('close', () => {
      if (this.#connections.get(key)?.socket === socket) this.#forget(key)
    })
    const [oldest] = this.#connections.values()
    if (this.#connections.size > UNNAMED_MAX && oldest) this.drop(oldest.socket)
  }

  /**
   * It has said who it is.
   *
   * @param socket - the one that was added, or the encrypted one over it
   * @returns whether it was still waited for
   */
  admit(socket: Duplex): boolean {
    return this.#forget(keyOf(socket))
  }

  drop(socket: Duplex): void {
    this.#forget(keyOf(socket))
    socket.destroy()
  }

  dropAll(): void {
    for (const { socket } of [...this.#connections.values()]) this.drop(socket)
  }

  #forget(key: string | Duplex): boolean {
    this.#connections.get(key)?.cancel()
    return this.#connections.delete(key)
  }
}

/**
 * What a connection and the encrypted one over it have in common: Node tells of each, and not that they belong together. A stream that is
 * no connection of the system is itself.
 */
function keyOf(stream: Duplex): string | Duplex {
  const { remotePort, remoteAddress, localPort, localAddress } = stream as Partial<Socket>
  if (remotePort === undefined) return stream
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
}
