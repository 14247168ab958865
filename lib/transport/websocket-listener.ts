import type { IncomingMessage } from 'node:http'
import { isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { ReplivecError } from '../errors.js'
import type { Link, Listening, ListenOptions, PeerInfo, RefusedPeer } from '../replication/link.js'
import { Arrivals } from './arrivals.js'
import { FRAME_BYTES_MAX } from './frame-limit.js'
import { HttpMount } from './http-mount.js'
import { refuseUpgrade } from './http-refusal.js'
import { encodeHelloMessage } from './stream-hello.js'
import { formatAddress, type TcpListenOptions } from './tcp-options.js'
import { type PreparedTls, peerIdOf } from './tls-options.js'
import { transportFailure } from './transport-failure.js'
import { UnnamedConnections } from './unnamed-connections.js'
import { receiveWebSocketHello } from './websocket-hello.js'
import { WebSocketLink } from './websocket-link.js'
import {
  isOwnServer,
  type PreparedWebSocketOptions,
  type WebSocketMountOptions,
} from './websocket-options.js'
import { SUBPROTOCOL, type WebSocketConnection, type WebSocketPackage } from './websocket-package.js'

/** Links that wait to be taken; one more is closed, and its peer dials again. */
const UNTAKEN_LINKS_MAX = 128

/** Accepts WebSockets from its construction on, until its signal aborts. */
export class WebSocketListener implements Listening {
  readonly ready: Promise<void>
  readonly #library: WebSocketPackage
  readonly #options: PreparedWebSocketOptions
  readonly #signal: AbortSignal
  readonly #unnamed: UnnamedConnections
  readonly #links = new Arrivals<WebSocketLink>('This listener', { left: () => this.#stop() })
  #mount: HttpMount | undefined
  #isStopped = false
  #notReady: (reason: unknown) => void = () => {}
  readonly #abort = (): void => this.#stop()

  constructor(
    library: WebSocketPackage,
    options: PreparedWebSocketOptions,
    listen: TcpListenOptions | WebSocketMountOptions,
    { signal, onRefused }: ListenOptions,
  ) {
    this.#library = library
    this.#options = options
    this.#signal = signal
    this.#unnamed = new UnnamedConnections(options.clock, onRefused)
    this.ready = new Promise((resolve, reject) => {
      this.#notReady = reject
      if (signal.aborted) {
        this.#stop()
        return
      }
      signal.addEventListener('abort', this.#abort)
      const { path, tls } = options
      const events = {
        ready: resolve,
        failed: (error: Error) => this.#stop(error),
        connected: (socket: Duplex) => this.#unnamed.add(socket),
        refused: (socket: Duplex, reason: RefusedPeer['reason'], message: string) =>
          this.#unnamed.tell(socket, reason, message),
        upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) =>
          this.#upgrade(request, socket, head),
      }
      this.#mount = isOwnServer(listen)
        ? HttpMount.listen(listen, path, tls, events)
        : HttpMount.on(listen.server, path, events)
    })
    // Who only iterates hears of it there.
    this.ready.catch(() => {})
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** `host:port` while it listens. */
  get address(): string | undefined {
    return this.#mount?.address
  }

  /** For the connections that come from now on. */
  reloadTls(tls: PreparedTls): void {
    if (isOwnServer(this.#options.listen)) this.#mount?.reloadTls(tls)
  }

  [Symbol.asyncIterator](): AsyncIterator<Link, undefined> {
    return this.#links[Symbol.asyncIterator]()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { headers } = request
    const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
    // A browser sends it, and lets any page open WebSockets to any host, localhost among them, with what it knows of the user. No page has
    // business here, and no node sends it.
    if (headers.origin !== undefined || headers['sec-websocket-origin'] !== undefined) {
      this.#refuse(socket, 403, 'Browsers are not served here.')
    } else if (!offered.includes(SUBPROTOCOL)) {
      this.#refuse(socket, 400, `Only the subprotocol ${SUBPROTOCOL} is spoken here.`)
    } else {
      const address = this.#addressOf(request, socket)
      try {
        this.#library.accept(request, socket, head, (webSocket) => {
          void this.#welcome({ webSocket, socket }, address)
        })
      } catch {
        // Somebody else on the same server took the connection for its own.
        this.#unnamed.drop(socket)
      }
    }
  }

  #refuse(socket: Duplex, status: number, message: string): void {
    this.#unnamed.tell(socket, 'protocol', message)
    refuseUpgrade(socket, status, message)
  }

  /** Makes a connection a link, once it has said who it is. */
  async #welcome(connection: WebSocketConnection, address: string): Promise<void> {
    const { webSocket, socket } = connection
    const { id } = this.#options
    try {
      await receiveWebSocketHello(connection, (hello) => {
        const peer = this.#peerOf(hello.id, address, socket)
        if (!this.#unnamed.admit(socket)) throw transportFailure(hello.id, 'It is not waited for any more.')
        if (this.#links.count >= UNTAKEN_LINKS_MAX) throw transportFailure(hello.id, 'Nobody takes links.')
        webSocket.send(encodeHelloMessage({ id, maxFrameBytes: FRAME_BYTES_MAX }))
        const maxFrameBytes = Math.min(hello.maxFrameBytes, FRAME_BYTES_MAX)
        this.#links.push(new WebSocketLink(connection, peer, maxFrameBytes, this.#options))
      })
    } catch (error) {
      // Who does not say a proper hello is told nothing, not even why; who just leaves is no news.
      const reason =
        ReplivecError.is(error) && error.details.reason === 'certificate' ? 'unauthorized' : 'protocol'
      if (socket.destroyed || socket.readableEnded) this.#unnamed.drop(socket)
      else this.#unnamed.refuse(socket, reason, (error as Error).message)
      webSocket.terminate()
    }
  }

  /** @throws `TRANSPORT_FAILED` where its certificate is another's */
  #peerOf(id: string, address: string, socket: Duplex): PeerInfo {
    const { listen, tls } = this.#options
    // A server of the host asks for the certificates that the host wants, which need not name peers.
    if (!isOwnServer(listen) || !tls?.isMutual) return { id, address }
    if (peerIdOf((socket as TLSSocket).getPeerCertificate()) !== id) {
      throw new ReplivecError('TRANSPORT_FAILED', `Its certificate does not name ${id}.`, {
        details: { peerId: id, reason: 'certificate' },
      })
    }
    return { id, address, authenticated: true }
  }

  #addressOf({ headers }: IncomingMessage, socket: Duplex): string {
    const { remoteAddress = '', remotePort = 0 } = socket as Socket
    const forwarded = String(headers['x-forwarded-for'] ?? '')
      .split(',')
      .at(-1)
      ?.trim()
    // Entries before the last one were there when the proxy got the request: anybody may have written them.
    if (this.#options.trustProxy && isAddress(forwarded)) return forwarded
    return formatAddress(remoteAddress, remotePort)
  }

  /** What was taken stays open: it belongs to who took it. */
  #stop(error?: Error): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#signal.removeEventListener('abort', this.#abort)
    this.#mount?.stop()
    this.#mount = undefined
    this.#unnamed.dropAll()
    for (const link of this.#links.discard(error)) void link.close()
    const { aborted, reason } = this.#signal
    const { id } = this.#options
    this.#notReady(error ?? (aborted ? reason : transportFailure(id, 'Nobody waits for links any more.')))
  }
}

/** Some proxies add the port. */
function isAddress(entry: string | undefined): entry is string {
  return isIP(entry ?? '') !== 0 || isIP(/^\[?([^\]]*)\]?:\d{1,5}$/.exec(entry ?? '')?.[1] ?? '') !== 0
}
