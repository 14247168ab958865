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

/** docs later */
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
    listen({ signal }) {
      const { listen } = prepared
      if (listen === undefined) throw invalid('listen', 'given to webSocket() for a transport that listens')
      if (listener?.isStopped === false) {
        throw transportFailure(
          prepared.id,
          'This transport listens already; abort the signal it was given first.',
        )
      }
      listener = new WebSocketListener(library, prepared, listen, signal)
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
