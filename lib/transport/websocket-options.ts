import { type Agent, type Server, validateHeaderName, validateHeaderValue } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import { ReplivecError } from '../errors.js'
import type { Clock } from '../runtime/clock.js'
import { nodeClock } from '../runtime/node-clock.js'
import { checkNames, invalid } from './checked-options.js'
import { ID_RULE, isId } from '../replication/protocol/id.js'
import { parseAddress, prepareListen, type TcpListenOptions } from './tcp-options.js'
import { type PreparedTls, prepareTls, type TlsOptions } from './tls-options.js'

/** The HTTP server of the host, whose other routes stay as they are. */
export interface WebSocketMountOptions {
  /** Stays the host's to start and to close. Where it is an HTTPS server its certificate is used. */
  readonly server: Server | SecureServer
}

export interface WebSocketOptions {
  /** Who this peer says it is: 1 to 128 of `A–Z a–z 0–9 . _ -`. */
  readonly id: string
  /** A server of its own, or one that the host has. Without it the transport only dials. */
  readonly listen?: TcpListenOptions | WebSocketMountOptions | undefined
  /**
   * Encrypts what goes over a server of its own, and says whom it believes when it dials. Without it `wss:` can be dialed all the same, with
   * the authorities of Node.
   */
  readonly tls?: TlsOptions | undefined
  /** Where links begin on a server, and what is dialed where an address has no path. `/replivec` by default. */
  readonly path?: string | undefined
  /** Makes the connections that are dialed, for one through a proxy. Of `node:https` where the address is `wss:`. */
  readonly agent?: Agent | undefined
  /** Sent when dialing, for a gateway that asks for them. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** How often each side pings, in milliseconds: 1 000 or more, 30 000 by default. When nothing comes for two of them the link breaks. */
  readonly pingIntervalMs?: number | undefined
  /**
   * A proxy of yours is in front of the listener: the last entry of its `X-Forwarded-For` is the peer's address. Without a proxy that sets
   * it, whoever connects could write there what it likes. `false` by default.
   */
  readonly trustProxy?: boolean | undefined
  /**
   * `false` where a proxy in between ends TLS, on both sides: each would have a binding of another connection. By default links over TLS
   * have one.
   */
  readonly channelBinding?: boolean | undefined
  /** For tests: the time of pings, and of those who do not say who they are. */
  readonly clock?: Clock | undefined
}

export interface PreparedWebSocketOptions {
  readonly id: string
  readonly listen: TcpListenOptions | WebSocketMountOptions | undefined
  readonly tls: PreparedTls | undefined
  readonly path: string
  readonly agent: Agent | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly pingIntervalMs: number
  readonly trustProxy: boolean
  readonly hasChannelBinding: boolean
  readonly clock: Clock
}

const NAMES = [
  'id',
  'listen',
  'tls',
  'path',
  'agent',
  'headers',
  'pingIntervalMs',
  'trustProxy',
  'channelBinding',
  'clock',
]
const PATH = '/replivec'
const PING_INTERVAL_MS = 30_000
/** Longer waits than this a timer cannot do in one go. */
const PING_INTERVAL_MS_MAX = 2 ** 31 - 1

/** @throws `OPTIONS_INVALID` naming the option */
export function prepareWebSocketOptions(options: WebSocketOptions): PreparedWebSocketOptions {
  const given = checkNames('webSocket()', options, NAMES) as unknown as WebSocketOptions
  const { id, listen, tls, path = PATH, agent, headers = {}, clock = nodeClock } = given
  const { pingIntervalMs = PING_INTERVAL_MS, trustProxy = false, channelBinding = true } = given
  if (!isId(id)) throw invalid('id', ID_RULE)
  if (typeof path !== 'string' || !/^\/[^\s?#]*$/.test(path)) {
    throw invalid('path', 'a path that begins with a slash, without a query')
  }
  if (agent !== undefined && typeof agent?.destroy !== 'function') throw invalid('agent', 'an http.Agent')
  if (!Number.isInteger(pingIntervalMs) || pingIntervalMs < 1_000 || pingIntervalMs > PING_INTERVAL_MS_MAX) {
    throw invalid('pingIntervalMs', `a whole number from 1000 to ${PING_INTERVAL_MS_MAX}`)
  }
  if (typeof trustProxy !== 'boolean') throw invalid('trustProxy', 'true or false')
  if (typeof channelBinding !== 'boolean') throw invalid('channelBinding', 'true or false')
  if (typeof clock?.monotonic !== 'function' || typeof clock.timer !== 'function') {
    throw invalid('clock', 'a Clock')
  }
  const mount = listen === undefined ? undefined : prepareMount(listen)
  return {
    id,
    listen: mount,
    tls: tls === undefined ? undefined : prepareTls(tls, isOwnServer(mount)),
    path,
    agent,
    headers: prepareHeaders(headers),
    pingIntervalMs,
    trustProxy,
    hasChannelBinding: channelBinding,
    clock,
  }
}

/**
 * What to dial for the address of a peer.
 *
 * @param path - for an address without one
 * @param isSecure - TLS was asked for
 * @throws `OPTIONS_INVALID`
 */
export function urlOf(address: string | undefined, path: string, isSecure: boolean): URL {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(address ?? '')) {
    parseAddress(address)
    const whole = `${isSecure ? 'wss' : 'ws'}://${address}${path}`
    if (!URL.canParse(whole)) throw invalid('peer.address', 'host:port, without a zone')
    return new URL(whole)
  }
  const url = URL.canParse(address as string) ? new URL(address as string) : undefined
  if (url === undefined || !['ws:', 'wss:'].includes(url.protocol) || url.hash !== '') {
    throw invalid(
      'peer.address',
      'a URL that begins with ws:// or wss://, or host:port; in the options of a store it is replication.master.address',
    )
  }
  // Addresses are shown in messages and statistics.
  if (url.username !== '' || url.password !== '') {
    throw invalid('peer.address', 'without a name and a password; give webSocket() the option headers')
  }
  if (isSecure && url.protocol === 'ws:') {
    throw invalid('peer.address', 'one with wss://, because the option tls is given')
  }
  if (/^[a-z]+:\/\/[^/?]*(\?|$)/i.test(address as string)) url.pathname = path
  return url
}

/** One that the transport makes, and ends. */
export function isOwnServer(listen: PreparedWebSocketOptions['listen']): listen is TcpListenOptions {
  return listen !== undefined && !('server' in listen)
}

function prepareMount(listen: unknown): TcpListenOptions | WebSocketMountOptions {
  if (Object(listen) !== listen || !('server' in (listen as object))) return prepareListen(listen)
  const { server } = checkNames('The option listen', listen, ['server']) as unknown as WebSocketMountOptions
  if (typeof server?.address !== 'function' || typeof server.listening !== 'boolean') {
    throw invalid('listen.server', 'a server of node:http or node:https')
  }
  return { server }
}

function prepareHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (Object.prototype.toString.call(headers) !== '[object Object]') {
    throw invalid('headers', 'an object with a text for each name')
  }
  for (const [name, value] of Object.entries(headers)) {
    try {
      if (typeof value !== 'string') throw new TypeError(`The header ${name} is no text.`)
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch (cause) {
      throw new ReplivecError('OPTIONS_INVALID', `The option headers has what is no header: ${name}.`, {
        cause,
        details: { option: 'headers' },
      })
    }
  }
  return { ...headers }
}
