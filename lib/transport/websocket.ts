import type { Transport } from '../replication/link.js'
import { invalid } from './checked-options.js'
import { prepareTls, type TlsOptions } from './tls-options.js'
import { transportFailure } from './transport-failure.js'
import { dialWebSocket } from './websocket-dial.js'
import { WebSocketListener } from './websocket-listener.js'
import { isOwnServer, prepareWebSocketOptions, type WebSocketOptions } from './websocket-options.js'
import { loadWebSocketPackage } from './websocket-package.js'

export type { TcpListenOptions } from './tcp-options.js'
export type { TlsOptions } from './tls-options.js'
export type { WebSocketMountOptions, WebSocketOptions } from './websocket-options.js'

/** Links over WebSockets. */
export interface WebSocketTransport extends Transport {
  /** `host:port` while it listens, with the port that the system picked if it was asked to. */
  readonly address?: string | undefined
  /**
   * Takes other certificates, for connections that are made from now on; links that there are stay. Whether who connects needs a
   * certificate does not change.
   *
   * @throws `OPTIONS_INVALID`, also where the transport was made without `tls`, and nothing has changed then
   */
  reloadTls(tls: TlsOptions): void
}

/**
 * Links over WebSockets, for networks that let only HTTP through: behind gateways and load balancers, on platforms that route nothing else,
 * or beside the other routes of an HTTP server that there is already. It needs the package `ws`, which replivec does not install:
 * `npm install ws`.
 *
 * `peer.address` is a URL that begins with `ws://` or `wss://`, or `host:port`, which is dialed with TLS where the option `tls` is given.
 * Frames have up to 16 MiB, and are not compressed here. A dial fails after 10 seconds at most and does not follow redirects. A clean
 * `close` waits up to 3 seconds for the other side to take what was sent. Both sides ping, so that nothing in between ends a connection as
 * idle.
 *
 * Browsers are refused: any page can open a WebSocket to any host, also to a node that listens on `localhost` only, and sends the header
 * `Origin` with it. So is who does not ask for the subprotocol `replivec.1`. Without TLS nothing is encrypted, and the id a peer gives is
 * only a claim; with `tls.ca` a listener of its own takes only who has a certificate with its id as the common name, and `authenticated` of
 * the link is true. A server of the host has the certificates of the host, and proves nobody's id.
 *
 * On a server of the host, `listen()` waits until that listens, so call `server.listen` before a store is opened as a master. Other
 * WebSocket servers on it must leave the path alone: of the package `ws` those do that are made with `noServer`, and dispatched by path,
 * while one that is made with `server` and a `path` answers every other path with 400.
 *
 * @param options - `listen` is a place for a server of its own, or `{ server }`; without it the transport only dials
 * @throws `OPTIONS_INVALID`, also where `ws` is not installed; `listen()` too, without that option, and `dial` for an address that is none.
 *   Else `dial` rejects with `TRANSPORT_FAILED` and says what to do, also when another peer answers than was asked for
 *
 * @example A master beside the other routes of an HTTP server, and a replica.
 * ```ts
 * import { once } from 'node:events'
 * import { createServer } from 'node:http'
 * import { VectorStore } from 'replivec'
 * import { webSocket } from 'replivec/transport/websocket'
 *
 * const server = createServer((request, response) => {
 *   response.writeHead(request.url === '/health' ? 200 : 404).end()
 * })
 * server.listen(8080)
 * await once(server, 'listening')
 * const master = await VectorStore.open({
 *   nodeId: 'a',
 *   replication: { role: 'master', transport: webSocket({ id: 'a', listen: { server } }) },
 * })
 * const replica = await VectorStore.open({
 *   nodeId: 'b',
 *   replication: {
 *     role: 'replica',
 *     transport: webSocket({ id: 'b' }),
 *     master: { id: 'a', address: 'ws://127.0.0.1:8080/replivec' },
 *   },
 * })
 * ```
 *
 * @example Through a gateway that ends TLS and asks for a token. The proofs that nodes give each other are bound to no connection then.
 * ```ts
 * import { webSocket } from 'replivec/transport/websocket'
 *
 * const headers = { Authorization: `Bearer ${process.env.GATEWAY_TOKEN}` }
 * const dialer = webSocket({ id: 'b', headers, channelBinding: false })
 * const listen = { host: '127.0.0.1', port: 8080 } // where the gateway finds it
 * const listener = webSocket({ id: 'a', listen, trustProxy: true, channelBinding: false })
 * ```
 */
export function webSocket(options: WebSocketOptions): WebSocketTransport {
  let prepared = prepareWebSocketOptions(options)
  const library = loadWebSocketPackage()
  let listener: WebSocketListener | undefined
  return {
    nodeId: prepared.id,
    authenticates: isOwnServer(prepared.listen) && prepared.tls?.isMutual === true,
    get address() {
      return listener?.address
    },
    async dial(peer, { signal }) {
      signal.throwIfAborted()
      return dialWebSocket(library, prepared, peer, signal)
    },
    listen(call) {
      const { listen } = prepared
      if (listen === undefined) throw invalid('listen', 'given to webSocket() for a transport that listens')
      if (listener?.isStopped === false) {
        throw transportFailure(
          prepared.id,
          'This transport listens already; abort the signal it was given first.',
        )
      }
      listener = new WebSocketListener(library, prepared, listen, call)
      return listener
    },
    reloadTls(options) {
      if (prepared.tls === undefined) throw invalid('tls', 'given to webSocket() before it can be another')
      const tls = prepareTls(options, isOwnServer(prepared.listen))
      if (isOwnServer(prepared.listen) && tls.isMutual !== prepared.tls.isMutual) {
        throw invalid('tls.mutual', 'what it was when the transport was made')
      }
      prepared = { ...prepared, tls }
      listener?.reloadTls(tls)
    },
  }
}
