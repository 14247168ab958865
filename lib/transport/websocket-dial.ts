import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, TLSSocket } from 'node:tls'
import type { Link, PeerInfo } from '../replication/link.js'
import { FRAME_BYTES_MAX } from './frame-limit.js'
import { encodeHelloMessage, HELLO_MS_MAX, type StreamHello } from './stream-hello.js'
import { checkServer, namesPeer, type PreparedTls, prepareTls, serverNameOf } from './tls-options.js'
import { transportFailure } from './transport-failure.js'
import { receiveWebSocketHello } from './websocket-hello.js'
import { WebSocketLink } from './websocket-link.js'
import { type PreparedWebSocketOptions, urlOf } from './websocket-options.js'
import type { WebSocket, WebSocketConnection, WebSocketPackage } from './websocket-package.js'
import { dialRefusal, statusRefusal } from './websocket-refusal.js'

/** One attempt to reach a peer. @throws `OPTIONS_INVALID` for an address that is none, `TRANSPORT_FAILED`, the signal's reason */
export async function dialWebSocket(
  library: WebSocketPackage,
  options: PreparedWebSocketOptions,
  peer: PeerInfo,
  signal: AbortSignal,
): Promise<Link> {
  const { path, agent, headers, tls, clock } = options
  const url = urlOf(peer.address, path, tls !== undefined)
  const webSocket = library.dial(url.href, {
    headers,
    ...(agent === undefined ? {} : { agent }),
    ...(url.protocol === 'wss:' ? secureOptions(url, tls, peer.id) : {}),
  })
  let late: Error | undefined
  const abort = (): void => webSocket.terminate()
  const cancel = clock.timer(() => {
    late = Object.assign(new Error('No answer in time.'), { code: 'ETIMEDOUT' })
    webSocket.terminate()
  }, HELLO_MS_MAX)
  signal.addEventListener('abort', abort)
  try {
    const link = await opened(webSocket, options.id, (connection, hello) => {
      signal.throwIfAborted()
      if (hello.id !== peer.id) {
        throw transportFailure(peer.id, `At ${peer.address} is the peer ${hello.id}, not ${peer.id}.`)
      }
      // What the caller says of the peer proves nothing.
      const found = {
        id: peer.id,
        address: peer.address as string,
        ...(isNamed(connection.socket, peer.id) && { authenticated: true }),
      }
      return new WebSocketLink(connection, found, Math.min(hello.maxFrameBytes, FRAME_BYTES_MAX), options)
    })
    signal.throwIfAborted()
    return link
  } catch (cause) {
    webSocket.terminate()
    signal.throwIfAborted()
    const error = late ?? (cause as Error)
    const why = dialRefusal(error)
    throw transportFailure(peer.id, `Cannot reach ${peer.id} at ${peer.address}: ${why}`, error)
  } finally {
    cancel()
    signal.removeEventListener('abort', abort)
  }
}

/** Verification is on whatever the environment says, and TLS 1.3 also where nothing was said of TLS. */
function secureOptions(url: URL, tls: PreparedTls | undefined, id: string): ConnectionOptions {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const { contextOptions, servername } = tls ?? prepareTls({}, false)
  return {
    rejectUnauthorized: true,
    servername: servername ?? serverNameOf(host) ?? '',
    checkServerIdentity: checkServer(id, servername ?? host),
    ...contextOptions,
  }
}

/** The certificate, which was verified, is the peer's own, and not only that of the host at which it is. */
function isNamed(socket: Duplex, id: string): boolean {
  return socket instanceof TLSSocket && socket.authorized && namesPeer(socket.getPeerCertificate(), id)
}

/** Waits until both sides have said who they are, or why that will not be. */
function opened<T>(
  webSocket: WebSocket,
  id: string,
  welcome: (connection: WebSocketConnection, hello: StreamHello) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let socket: Duplex
    webSocket.once('upgrade', (response: IncomingMessage) => {
      socket = response.socket
    })
    webSocket.once('open', () => {
      const connection = { webSocket, socket }
      webSocket.send(encodeHelloMessage({ id, maxFrameBytes: FRAME_BYTES_MAX }))
      resolve(receiveWebSocketHello(connection, (hello) => welcome(connection, hello)))
    })
    webSocket.once('unexpected-response', (request, response: IncomingMessage) => {
      request.destroy()
      reject(statusRefusal(response.statusCode ?? 0, response.headers.location))
    })
    webSocket.once('error', reject)
    webSocket.once('close', () => reject(new Error('The connection ended.')))
  })
}
