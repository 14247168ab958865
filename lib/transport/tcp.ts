import type { Transport } from '../replication/link.js'
import { invalid } from './checked-options.js'
import { dial } from './tcp-dialer.js'
import { TcpListener } from './tcp-listener.js'
import { prepareTcpOptions, type TcpOptions } from './tcp-options.js'
import { prepareTls, type TlsOptions } from './tls-options.js'
import { transportFailure } from './transport-failure.js'

export type { TcpListenOptions, TcpOptions } from './tcp-options.js'
export type { TlsOptions } from './tls-options.js'

/** Links over TCP. */
export interface TcpTransport extends Transport {
  /** `host:port` while it listens, with the port that the system picked if it was asked to. */
  readonly address?: string | undefined
  /** It listens, and who connects must have a certificate that names him: `authenticated` of his links is true. */
  readonly authenticates: boolean
  /**
   * Takes other certificates, keys, authorities or revocation lists without a restart: connections that begin from now on, in both
   * directions, use these. Links that exist stay as they are, also those of certificates that would be refused now.
   *
   * @throws `OPTIONS_INVALID` for what `tcp()` would not take, for another `mutual`, and where `tcp()` was not given `tls`; what was used
   *   before stays in use then
   */
  reloadTls(tls: TlsOptions): void
}

/**
 * Links over TCP. Without `tls` they are for networks in which everybody is trusted: nothing is encrypted, and the id a peer gives is only
 * a claim. `peer.address` is `host:port`, or `[::1]:port`. Frames have up to 16 MiB. A dial fails after 10 seconds at most. A clean
 * `close` waits up to 3 seconds for the other side to take what was sent.
 *
 * With `tls` every connection is TLS 1.3, and nobody is believed whose certificate cannot be verified. Who is dialed has one for the host
 * of its address or for its id, as the common name or as a DNS name; if it is for the id, `authenticated` of the link is true. A listener
 * with `ca` lets in only who has a certificate of these authorities whose common name is the id that the peer gives (mutual TLS). Both ends
 * of a link have the same `channelBinding`.
 *
 * @param options - `listen` names the place where other peers reach this one; without it the transport only dials. `tls` has certificates
 *   in PEM, and needs `cert` and `key` of who listens
 * @throws `OPTIONS_INVALID`; `listen()` too, without that option, and `dial` for an address that is none. Else `dial` rejects
 *   with `TRANSPORT_FAILED`, also when another peer answers than was asked for, or one of the two sides refuses the other's certificate;
 *   `details.reason` is the code of Node or OpenSSL then, such as `CERT_HAS_EXPIRED`
 *
 * @example
 * ```ts
 * import { tcp } from 'replivec/transport/tcp'
 *
 * const { signal } = new AbortController()
 * const server = tcp({ id: 'a', listen: { host: '127.0.0.1', port: 0 } })
 * const listening = server.listen({ signal })
 * await listening.ready
 *
 * const link = await tcp({ id: 'b' }).dial({ id: 'a', address: server.address! }, { signal })
 * await link.send(new Uint8Array([1, 2, 3]))
 * await link.close()
 * ```
 *
 * @example Mutual TLS, with certificates that are renewed while it runs.
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { type TlsOptions, tcp } from 'replivec/transport/tcp'
 *
 * const load = async (): Promise<TlsOptions> => ({
 *   cert: await readFile('a.crt'), // its common name is `a`
 *   key: await readFile('a.key'),
 *   ca: await readFile('ca.crt'),
 * })
 * const transport = tcp({ id: 'a', listen: { host: '0.0.0.0', port: 7400 }, tls: await load() })
 * // An error of it, which leaves the old ones in use, is yours to catch: see docs/SECURITY.md.
 * process.on('SIGHUP', () => load().then(transport.reloadTls).catch(console.error))
 * ```
 */
export function tcp(options: TcpOptions): TcpTransport {
  let prepared = prepareTcpOptions(options)
  let listener: TcpListener | undefined
  return {
    nodeId: prepared.id,
    get address() {
      return listener?.address
    },
    authenticates: prepared.listen !== undefined && prepared.tls?.isMutual === true,
    async dial(peer, { signal }) {
      signal.throwIfAborted()
      return dial(prepared, peer, signal)
    },
    listen(call) {
      const { listen } = prepared
      if (listen === undefined) throw invalid('listen', 'given to tcp() for a transport that listens')
      if (listener?.isStopped === false) {
        throw transportFailure(
          prepared.id,
          'This transport listens already; abort the signal it was given first.',
        )
      }
      listener = new TcpListener(prepared, listen, call)
      return listener
    },
    reloadTls(next) {
      const { tls: old, listen } = prepared
      if (old === undefined) throw invalid('tls', 'given to tcp() for a transport that uses it')
      const tls = prepareTls(next, listen !== undefined)
      if (listen !== undefined && tls.isMutual !== old.isMutual) {
        throw invalid(
          'tls.mutual',
          `what it was, ${old.isMutual}, also where ca says it, until the transport is made anew`,
        )
      }
      prepared = { ...prepared, tls }
      listener?.reloadTls(tls)
    },
  }
}
