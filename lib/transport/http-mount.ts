import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { systemErrorCode } from '../runtime/system-error.js'
import { reasonOf } from './dial-failure.js'
import { refuseUpgrade } from './http-refusal.js'
import { formatAddress, type TcpListenOptions } from './tcp-options.js'
import type { PreparedTls } from './tls-options.js'
import { tlsRefusal } from './tls-refusal.js'
import { transportFailure } from './transport-failure.js'

/** What whoever mounts something on an HTTP server hears of. */
export interface HttpMountEvents {
  /** Peers can connect. */
  ready(): void
  /** They cannot, or not any more. */
  failed(error: Error): void
  /** Somebody connected. Of a server of the host only those are told of who want to upgrade. */
  connected(socket: Duplex): void
  /** Somebody did not get as far as that; who just leaves is no news. @param message - a sentence */
  refused(socket: Duplex, reason: 'protocol' | 'unauthorized', message: string): void
  /** A request to upgrade at the path. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

/** A path of an HTTP server at which connections become something else. */
export class HttpMount {
  readonly #server: Server | SecureServer
  readonly #path: string
  readonly #isOwn: boolean
  readonly #events: HttpMountEvents

  private constructor(server: Server | SecureServer, path: string, isOwn: boolean, events: HttpMountEvents) {
    this.#server = server
    this.#path = path
    this.#isOwn = isOwn
    this.#events = events
    server.on('upgrade', this.#upgrade).on('close', this.#closed)
    if (server.listening) events.ready()
    else server.on('listening', this.#listening).on('error', this.#failed)
  }

  /** A server for nothing else; an HTTPS one where `tls` is given. */
  static listen(
    listen: TcpListenOptions,
    path: string,
    tls: PreparedTls | undefined,
    events: HttpMountEvents,
  ): HttpMount {
    const server =
      tls === undefined
        ? createServer()
        : createSecureServer({
            requestCert: tls.isMutual,
            rejectUnauthorized: tls.isMutual,
            ...tls.contextOptions,
          })
    // Before anything is said over it: to ask slowly must not hold a connection for longer than to ask nothing.
    server.on('connection', (socket: Duplex) => events.connected(socket))
    server.on('request', (_request, response) => {
      response.writeHead(426, { Connection: 'close', Upgrade: 'websocket', 'Content-Type': 'text/plain' })
      response.end('Only WebSockets are served here.\n')
    })
    server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
      const why = tlsRefusal(error, socket)
      if (why !== undefined) events.refused(socket, 'unauthorized', why)
      socket.destroy()
    })
    server.on('clientError', (error: Error, socket: Duplex) => {
      // Others are of connections that just ended.
      const isNoise = systemErrorCode(error)?.startsWith('HPE_') === true
      if (isNoise) events.refused(socket, 'protocol', `It does not speak HTTP: ${error.message}.`)
      if (isNoise && socket.writable) refuseUpgrade(socket, 400, 'Only HTTP is spoken here.')
      else socket.destroy()
    })
    // A connection that could not be accepted, for want of file descriptors: its peer dials again.
    server.on('error', () => {})
    const mount = new HttpMount(server, path, true, events)
    server.listen(listen)
    return mount
  }

  /** A server of the host. */
  static on(server: Server | SecureServer, path: string, events: HttpMountEvents): HttpMount {
    return new HttpMount(server, path, false, events)
  }

  /** `host:port` while the server listens there. */
  get address(): string | undefined {
    const address = this.#server.address() as AddressInfo | string | null
    if (address === null || typeof address === 'string') return undefined
    return formatAddress(address.address, address.port)
  }

  /** For the connections that come from now on. */
  reloadTls({ contextOptions }: PreparedTls): void {
    ;(this.#server as SecureServer).setSecureContext(contextOptions)
  }

  stop(): void {
    this.#server.off('upgrade', this.#upgrade).off('close', this.#closed)
    this.#server.off('listening', this.#listening).off('error', this.#failed)
    if (!this.#isOwn) return
    this.#server.close()
    // The host's name was being looked up when it was stopped.
    this.#server.once('listening', () => this.#server.close())
  }

  readonly #listening = (): void => {
    this.#server.off('error', this.#failed)
    this.#events.ready()
  }

  readonly #failed = (cause: Error): void => {
    this.#events.failed(
      transportFailure(undefined, `The HTTP server cannot listen: ${reasonOf(cause)}`, cause),
    )
  }

  readonly #closed = (): void => {
    this.#events.failed(transportFailure(undefined, 'The HTTP server was closed.'))
  }

  readonly #upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const isMeant = (request.url ?? '').split('?')[0] === this.#path
    // Others may take what is not meant for this one; where there are none nobody would ever answer.
    if (!isMeant && this.#server.listenerCount('upgrade') > 1) return
    // Why it broke is told by its end.
    socket.on('error', () => {})
    if (!this.#isOwn) this.#events.connected(socket)
    if (isMeant) {
      this.#events.upgrade(request, socket, head)
      return
    }
    const message = 'Nothing is served at this path.'
    this.#events.refused(socket, 'protocol', message)
    refuseUpgrade(socket, 404, message)
  }
}
