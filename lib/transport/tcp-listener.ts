import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Link, Listening } from '../replication/link.js'
import { Arrivals } from './arrivals.js'
import { encodeHello, HELLO_MS_MAX, receiveHello } from './stream-hello.js'
import { StreamLink } from './stream-link.js'
import { formatAddress, type PreparedTcpOptions, type TcpListenOptions } from './tcp-options.js'
import { FRAME_BYTES_MAX } from './frame-limit.js'
import { transportFailure } from './transport-failure.js'

/** Connections that have not said who they are; one more closes the oldest, which had the longest time to say it. */
const UNNAMED_MAX = 64
/** Links that wait to be taken; one more is closed, and its peer dials again. */
const UNTAKEN_LINKS_MAX = 128
/** When the system begins to ask whether the other side of a silent connection is still there. */
export const KEEP_ALIVE_MS = 30_000

/** Accepts connections from its construction on, until its signal aborts. */
export class TcpListener implements Listening {
  readonly ready: Promise<void>
  readonly #options: PreparedTcpOptions
  readonly #signal: AbortSignal
  readonly #server: Server
  readonly #links = new Arrivals<StreamLink>('This listener', { left: () => this.#stop() })
  /** In the order in which they came. */
  readonly #unnamed = new Set<Socket>()
  #isStopped = false
  readonly #abort = (): void => this.#stop()

  constructor(options: PreparedTcpOptions, { host, port }: TcpListenOptions, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
    this.#server = createServer(
      { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
      (socket) => void this.#welcome(socket),
    )
    this.ready = new Promise((resolve, reject) => {
      this.#server.once('listening', () => {
        // The host's name was being looked up when it was stopped.
        if (this.#isStopped) this.#server.close()
        else resolve()
      })
      this.#server.once('close', () => {
        reject(
          signal.aborted ? signal.reason : transportFailure(options.id, 'Nobody waits for links any more.'),
        )
      })
      this.#server.on('error', (cause) => {
        // A connection that could not be accepted, for want of file descriptors: its peer dials again.
        if (this.#server.listening) return
        const error = transportFailure(options.id, `Cannot listen at ${formatAddress(host, port)}.`, cause)
        reject(error)
        this.#stop(error)
      })
    })
    // Who only iterates hears of it there.
    this.ready.catch(() => {})
    if (signal.aborted) this.#stop()
    else {
      signal.addEventListener('abort', this.#abort)
      this.#server.listen({ host, port })
    }
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** `host:port` while it listens. */
  get address(): string | undefined {
    const address = this.#server.address() as AddressInfo | null
    return address === null ? undefined : formatAddress(address.address, address.port)
  }

  [Symbol.asyncIterator](): AsyncIterator<Link, undefined> {
    return this.#links[Symbol.asyncIterator]()
  }

  /** Makes a connection a link, once it has said who it is. */
  async #welcome(socket: Socket): Promise<void> {
    // Why it broke is told by its end.
    socket.on('error', () => {})
    const { id, clock } = this.#options
    this.#unnamed.add(socket)
    if (this.#unnamed.size > UNNAMED_MAX) this.#refuse([...this.#unnamed][0] as Socket)
    const cancel = clock.timer(() => this.#refuse(socket), HELLO_MS_MAX)
    const address = formatAddress(socket.remoteAddress ?? '', socket.remotePort ?? 0)
    try {
      const hello = await receiveHello(socket)
      if (!this.#unnamed.delete(socket)) return
      if (this.#links.count >= UNTAKEN_LINKS_MAX) throw transportFailure(hello.id, 'Nobody takes links.')
      socket.write(encodeHello({ id, maxFrameBytes: FRAME_BYTES_MAX }))
      const maxFrameBytes = Math.min(hello.maxFrameBytes, FRAME_BYTES_MAX)
      this.#links.push(new StreamLink(socket, { id: hello.id, address }, maxFrameBytes, clock))
    } catch {
      // Who does not say a proper hello is told nothing, not even why.
      this.#refuse(socket)
    } finally {
      cancel()
    }
  }

  #refuse(socket: Socket): void {
    this.#unnamed.delete(socket)
    socket.destroy()
  }

  /** What was taken stays open: it belongs to who took it. */
  #stop(error?: Error): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#signal.removeEventListener('abort', this.#abort)
    this.#server.close()
    for (const socket of [...this.#unnamed]) this.#refuse(socket)
    for (const link of this.#links.discard(error)) void link.close()
  }
}
