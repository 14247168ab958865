import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '../runtime/clock.js'
import type { RefusedPeer } from '../replication/link.js'
import { HELLO_MS_MAX } from './stream-hello.js'
import { formatAddress } from './tcp-options.js'

/** One more closes the oldest, which had the longest time to say who it is. */
const UNNAMED_MAX = 64

interface Unnamed {
  readonly socket: Duplex
  /** Where it is. */
  readonly address: string | undefined
  /** It said who it is, or was told of. */
  isSettled: boolean
  cancel(): void
}

/** Connections that have not said who they are: so many at most, and each for ten seconds at most. */
export class UnnamedConnections {
  readonly #clock: Clock
  readonly #onRefused: (refused: RefusedPeer) => void
  /** In the order in which they came. */
  readonly #connections = new Map<string | Duplex, Unnamed>()
  /** Of every connection that was added: once it is gone it does not say its ends any more, and TLS over it may fail only then. */
  readonly #known = new WeakMap<Duplex, Unnamed & { readonly key: string | Duplex }>()

  /** @param onRefused - told of those that get no link, unless they just leave */
  constructor(clock: Clock, onRefused: (refused: RefusedPeer) => void = () => {}) {
    this.#clock = clock
    this.#onRefused = onRefused
  }

  /** Whether it is still waited for, by itself or by the connection that is under it. */
  has(socket: Duplex): boolean {
    return this.#connections.has(this.#keyOf(socket))
  }

  /** From here on its time runs. */
  add(socket: Duplex): void {
    const key = this.#keyOf(socket)
    const late = 'It took too long to say who it is.'
    const cancel = this.#clock.timer(() => this.refuse(socket, 'handshake', late), HELLO_MS_MAX)
    this.#connections.get(key)?.cancel()
    const unnamed = { key, socket, address: addressOf(socket), isSettled: false, cancel }
    this.#connections.set(key, unnamed)
    this.#known.set(socket, unnamed)
    socket.once('close', () => {
      if (this.#connections.get(key)?.socket === socket) this.#forget(key)
    })
    const [oldest] = this.#connections.values()
    if (this.#connections.size > UNNAMED_MAX && oldest)
      this.refuse(oldest.socket, 'busy', 'Too many others are about to say who they are.')
  }

  /**
   * It has said who it is.
   *
   * @param socket - the one that was added, or the encrypted one over it
   * @returns whether it was still waited for
   */
  admit(socket: Duplex): boolean {
    const waiting = this.#forget(this.#keyOf(socket))
    if (waiting) waiting.isSettled = true
    return waiting !== undefined
  }

  /** Gives it up, and tells why. @param id - who it says it is, if it does */
  refuse(socket: Duplex, reason: RefusedPeer['reason'], message: string, id?: string): void {
    this.tell(socket, reason, message, id)
    socket.destroy()
  }

  /** Waits for it no more, and tells why; who calls ends the connection. */
  tell(socket: Duplex, reason: RefusedPeer['reason'], message: string, id?: string): void {
    const known = this.#knownOf(socket) ?? this.#connections.get(keyOf(socket))
    const isNews = known ? !known.isSettled : (socket as Partial<Socket>).remotePort === undefined
    if (known) known.isSettled = true
    this.#forget(this.#keyOf(socket))
    // Of an encrypted one that is gone, and does not say what was under it, nobody knows where it was.
    if (isNews) this.#onRefused({ id, address: known?.address, reason, message })
  }

  drop(socket: Duplex): void {
    this.#forget(this.#keyOf(socket))
    socket.destroy()
  }

  dropAll(): void {
    for (const { socket } of [...this.#connections.values()]) this.drop(socket)
  }

  #forget(key: string | Duplex): Unnamed | undefined {
    const known = this.#connections.get(key)
    known?.cancel()
    this.#connections.delete(key)
    return known
  }

  #keyOf(socket: Duplex): string | Duplex {
    return this.#knownOf(socket)?.key ?? keyOf(socket)
  }

  /** Of an encrypted connection that is gone only Node's own note of what was under it tells which it was. */
  #knownOf(socket: Duplex): (Unnamed & { readonly key: string | Duplex }) | undefined {
    const { _parent: plain } = socket as { readonly _parent?: Duplex | null }
    return this.#known.get(socket) ?? (plain ? this.#known.get(plain) : undefined)
  }
}

/** Where the other end is, as `host:port`. */
function addressOf(stream: Duplex): string | undefined {
  const { remoteAddress, remotePort } = stream as Partial<Socket>
  return remoteAddress === undefined || remotePort === undefined
    ? undefined
    : formatAddress(remoteAddress, remotePort)
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
