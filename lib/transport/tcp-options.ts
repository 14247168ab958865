import { isIPv6 } from 'node:net'
import type { Clock } from '../runtime/clock.js'
import { nodeClock } from '../runtime/node-clock.js'
import { checkNames, invalid } from './checked-options.js'
import { ID_RULE, isId } from '../replication/protocol/id.js'
import { type PreparedTls, prepareTls, type TlsOptions } from './tls-options.js'

/** Where a TCP transport listens. */
export interface TcpListenOptions {
  /** A name or an address of this machine, such as `127.0.0.1`, or `0.0.0.0` and `::` for all it has. */
  readonly host: string
  /** 0 to 65535; 0 lets the system pick one that is free. */
  readonly port: number
}

export interface TcpOptions {
  /** Who this peer says it is: 1 to 128 of `A–Z a–z 0–9 . _ -`. */
  readonly id: string
  /** Without it the transport only dials. */
  readonly listen?: TcpListenOptions | undefined
  /** Encrypts every connection, those that are dialed and those that come; without it nothing is encrypted. */
  readonly tls?: TlsOptions | undefined
  /** For tests: the time by which connections that do not say who they are get closed. */
  readonly clock?: Clock | undefined
}

export interface PreparedTcpOptions {
  readonly id: string
  readonly listen: TcpListenOptions | undefined
  readonly tls: PreparedTls | undefined
  readonly clock: Clock
}

/** @throws `OPTIONS_INVALID` naming the option */
export function prepareTcpOptions(options: TcpOptions): PreparedTcpOptions {
  const given = checkNames('tcp()', options, ['id', 'listen', 'tls', 'clock'])
  const { id, listen, tls, clock = nodeClock } = given as unknown as TcpOptions
  if (!isId(id)) throw invalid('id', ID_RULE)
  if (typeof clock?.monotonic !== 'function' || typeof clock.timer !== 'function') {
    throw invalid('clock', 'a Clock')
  }
  return {
    id,
    listen: listen === undefined ? undefined : prepareListen(listen),
    tls: tls === undefined ? undefined : prepareTls(tls, listen !== undefined),
    clock,
  }
}

/** @throws `OPTIONS_INVALID` naming the option */
export function prepareListen(listen: unknown): TcpListenOptions {
  const { host, port } = checkNames('The option listen', listen, ['host', 'port'])
  if (typeof host !== 'string' || host === '' || host.includes('\0')) {
    throw invalid('listen.host', 'a name or an address of this machine')
  }
  if (!isPort(port)) throw invalid('listen.port', 'a whole number from 0 to 65535')
  return { host, port }
}

/** `host:port` in its parts. @throws `OPTIONS_INVALID` */
export function parseAddress(address: string | undefined): TcpListenOptions {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(address ?? '')
  const [, bracketed, plain, digits] = parts ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  if (host === undefined || !isPort(port) || port === 0 || (bracketed !== undefined && !isIPv6(bracketed))) {
    throw invalid(
      'peer.address',
      'host:port, with brackets around an IPv6 address; in the options of a store it is replication.master.address',
    )
  }
  return { host, port }
}

/** The parts as `host:port`. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function isPort(port: unknown): port is number {
  return Number.isInteger(port) && (port as number) >= 0 && (port as number) <= 65_535
}
