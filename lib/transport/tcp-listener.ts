import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type Server as TlsServer, TLSSocket } from 'node:tls'
import type { Link, Listening, ListenOptions } from '../replication/link.js'
import { Arrivals } from './arrivals.js'
import { reasonOf } from './dial-failure.js'
import { encodeHello, receiveHello } from './stream-hello.js'
import { StreamLink } from './stream-link.js'
import { formatAddress, type PreparedTcpOptions, type TcpListenOptions } from './tcp-options.js'
import { FRAME_BYTES_MAX } from './frame-limit.js'
import { channelBindingOf, peerIdOf, type PreparedTls } from './tls-options.js'
import { tlsRefusal } from './tls-refusal.js'
import { transportFailure } from './transport-failure.js'
import { UnnamedConnections } from './unnamed-connections.js'

/** Links that wait to be taken; one more is closed, and its peer dials again. */
const UNTAKEN_LINKS_MAX = 128
/** When the system begins to ask whether the other side of a silent connection is still there. */
export const KEEP_ALIVE_MS = 30_000

/** Accepts connections from its construction on, until its signal aborts. */
export class TcpListener implements Listening {
  readonly ready: Promise<void>
  readonly #options: PreparedTcpOptions
  readonly #signal: AbortSignal
  readonly #server: Server | TlsServer
  readonly #links = new Arrivals<StreamLink>('This listener', { left: () => this.#stop() })
  /** Under TLS too these are the plain connections. */
  readonly #unnamed: UnnamedConnections
  #isStopped = false
  readonly #abort = (): void => this.#stop()

  constructor(
    options: PreparedTcpOptions,
    { host, port }: TcpListenOptions,
    { signal, onRefused }: ListenOptions,
  ) {
    this.#options = options
    this.#signal = signal
    this.#unnamed = new UnnamedConnections(options.clock, onRefused)
    this.#server = this.#createServer()
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
        const error = transportFailure(
          options.id,
          `Cannot listen at ${formatAddress(host, port)}: ${reasonOf(cause)}`,
          cause,
        )
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

  /** For connections that come from now on. */
  reloadTls(tls: PreparedTls): void {
    if (!this.#isStopped) (this.#server as TlsServer).setSecureContext(tls.contextOptions)
  }

  #createServer(): Server | TlsServer {
    const { tls } = this.#options
    const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }
    if (tls === undefined) {
      return createServer(socketOptions, (connection) => {
        this.#accept(connection)
        void this.#welcome(connection)
      })
    }
    const { contextOptions, isMutual } = tls
    const server = createTlsServer({
      ...contextOptions,
      requestCert: isMutual,
      rejectUnauthorized: true,
      ...socketOptions,
    })
    server.on('connection', (connection) => this.#accept(connection))
    server.on('tlsClientError', (error, socket) => {
      const why = tlsRefusal(error, socket)
      if (why !== undefined) this.#unnamed.tell(socket, 'unauthorized', why)
      this.#unnamed.drop(socket)
    })
    server.on('secureConnection', (socket) => {
      if (this.#unnamed.has(socket)) void this.#welcome(socket)
      else socket.destroy()
    })
    return server
  }

  /** From now on it has ten seconds to say who it is, a handshake of TLS included. */
  #accept(connection: Socket): void {
    // Why it broke is told by its end.
    connection.on('error', () => {})
    this.#unnamed.add(connection)
  }

  /**
   * Makes a connection a link, once it has said who it is.
   *
   * @param socket - what is read and written: the connection, or TLS over it
   */
  async #welcome(socket: Socket): Promise<void> {
    // An error of TLS is no end of the connection.
    socket.on('error', (error) => socket.destroy(error))
    const { id, clock, tls } = this.#options
    const address = formatAddress(socket.remoteAddress ?? '', socket.remotePort ?? 0)
    try {
      const secured = socket instanceof TLSSocket ? socket : undefined
      const provenId = tls?.isMutual ? provenIdOf(secured) : undefined
      const channelBinding = secured && channelBindingOf(secured)
      const hello = await receiveHello(socket)
      if (provenId !== undefined && hello.id !== provenId)
        return this.#unnamed.refuse(
          socket,
          'unauthorized',
          `Its certificate is that of ${provenId}.`,
          hello.id,
        )
      if (!this.#unnamed.admit(socket)) return
      if (this.#links.count >= UNTAKEN_LINKS_MAX) throw transportFailure(hello.id, 'Nobody takes links.')
      socket.write(encodeHello({ id, maxFrameBytes: FRAME_BYTES_MAX }))
      const maxFrameBytes = Math.min(hello.maxFrameBytes, FRAME_BYTES_MAX)
      const peer = { id: hello.id, address, ...(provenId !== undefined && { authenticated: true }) }
      this.#links.push(new StreamLink(socket, peer, maxFrameBytes, clock, true, channelBinding))
    } catch (error) {
      // Who does not say a proper hello is told nothing, not even why; who just leaves is no news.
      const isGone = socket.destroyed || socket.readableEnded
      if (isGone) this.#unnamed.drop(socket)
      else this.#unnamed.refuse(socket, 'protocol', (error as Error).message)
    }
  }

  /** What was taken stays open: it belongs to who took it. */
  #stop(error?: Error): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#signal.removeEventListener('abort', this.#abort)
    this.#server.close()
    this.#unnamed.dropAll()
    for (const link of this.#links.discard(error)) void link.close()
  }
}

/** Whose certificate this is: it was verified, or there would be no connection. @throws `TRANSPORT_FAILED` for one of nobody */
function provenIdOf(socket: TLSSocket | undefined): string {
  const id = socket?.authorized ? peerIdOf(socket.getPeerCertificate()) : undefined
  if (id === undefined)
    throw transportFailure(undefined, 'The common name of its certificate is no id of a peer.')
  return id
}
