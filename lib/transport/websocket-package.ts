import type { IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import { createRequire } from 'node:module'
import type { Duplex } from 'node:stream'
import type * as Package from 'ws'
import { ReplivecError } from '../errors.js'
import { FRAME_BYTES_MAX } from './frame-limit.js'

export type WebSocket = Package.WebSocket

/** A WebSocket and the stream that it speaks over. */
export interface WebSocketConnection {
  readonly webSocket: WebSocket
  readonly socket: Duplex
}

/** Both sides must speak this; a later version of the framing gets another name. */
export const SUBPROTOCOL = 'replivec.1'

/** How long the package waits for the rest of a connection whose other side said that it closes. */
const CLOSE_TIMEOUT_MS = 5_000
/** A frame may come in as many pieces of the connection: small ones are what a slow link brings, and each has a cost beside its bytes. */
const CHUNKS_MAX = FRAME_BYTES_MAX / 256
/** A gateway may cut a message into pieces of 16 KiB and more. Nodes send it whole. */
const FRAGMENTS_MAX = FRAME_BYTES_MAX / (16 * 1024)

const OPTIONS = {
  maxPayload: FRAME_BYTES_MAX,
  maxBufferedChunks: CHUNKS_MAX,
  maxFragments: FRAGMENTS_MAX,
  // What is small on the wire would be unpacked to any size, and each connection would have windows of memory for it.
  perMessageDeflate: false,
  // It would queue a pong for each ping, also for a peer that reads none of them.
  autoPong: false,
  closeTimeout: CLOSE_TIMEOUT_MS,
} as const

/** What the transport needs of the package `ws`. */
export interface WebSocketPackage {
  /** Begins to dial. Redirects are not followed. Throws for headers that are none. */
  dial(url: string, options: RequestOptions): WebSocket
  /** Answers a request to upgrade; `upgraded` is called at once where it is a proper one. */
  accept(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    upgraded: (webSocket: WebSocket) => void,
  ): void
}

/**
 * Loads the package when a transport is made, so that who imports the library without using WebSockets does not need it.
 *
 * @param load - for tests
 * @throws `OPTIONS_INVALID` where it is not installed
 */
export function loadWebSocketPackage(
  load: (name: string) => unknown = createRequire(import.meta.url),
): WebSocketPackage {
  const { WebSocket, WebSocketServer } = loaded(load)
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    handleProtocols: () => SUBPROTOCOL,
    ...OPTIONS,
  })
  return {
    dial: (url, options) =>
      heardErrors(new WebSocket(url, SUBPROTOCOL, { ...options, followRedirects: false, ...OPTIONS })),
    accept: (request, socket, head, upgraded) =>
      server.handleUpgrade(request, socket, head, (webSocket) => upgraded(heardErrors(webSocket))),
  }
}

function loaded(load: (name: string) => unknown): typeof Package {
  try {
    return load('ws') as typeof Package
  } catch (cause) {
    throw new ReplivecError(
      'OPTIONS_INVALID',
      'Links over WebSockets need the package ws, which cannot be loaded: npm install ws',
      { cause, details: { package: 'ws' } },
    )
  }
}

/** Why it broke is told by its end. An error that nobody listens for would end the process. */
function heardErrors(webSocket: WebSocket): WebSocket {
  return webSocket.on('error', () => {})
}
