import { isIP, isIPv4, isIPv6 } from 'node:net'
import type { PeerInfo } from './link.js'

/** The host and port of an address such as `192.0.2.10:6381` or `[::1]:6381`; `undefined` of any other. */
export function placeOf(address: string | undefined): { host: string; port: number } | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\][\s]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(address ?? '') ?? []
  const host = bracketed ?? plain
  return host === undefined || Number(port) > 65_535 ? undefined : { host, port: Number(port) }
}

/** The host of an address, with a port or without one, as proxies give it. */
export function hostOf(address: string | undefined): string | undefined {
  return placeOf(address)?.host ?? (isIP(address ?? '') === 0 ? undefined : address)
}

/** Only this machine gets there. */
export function isLoopback(host: string): boolean {
  const plain = host.replace(/^::ffff:/i, '')
  return host === 'localhost' || host === '::1' || (isIPv4(plain) && plain.startsWith('127.'))
}

/**
 * Where somebody comes from, for counting: the host; of IPv6 its /64, of which everybody has 2^64 addresses (RFC 6177); another address
 * as it is, and the name that the transport gives where there is none.
 */
export function sourceOf({ address, id }: PeerInfo): string {
  const host = hostOf(address)
  if (host === undefined) return address || id
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host)?.[1]
  if (mapped !== undefined) return mapped
  return isIPv6(host) ? `${network64(host)}::/64` : host
}

/** The first four groups of an IPv6 address. */
function network64(address: string): string {
  const [head = '', tail] = (address.split('%')[0] as string).split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length
  const groups = [...first, ...Array<string>(Math.max(0, zeros)).fill('0'), ...last]
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
