import { isIP } from 'node:net'
import {
  checkServerIdentity,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls'
import { checkNames, invalid } from './checked-options.js'
import { isId } from '../replication/protocol/id.js'

/** How connections are encrypted, and who is believed. What cannot be verified is refused, and no option changes that. */
export interface TlsOptions {
  /** PEM: this peer's certificate, with its chain. Who listens needs one; who dials needs one where the other side asks for it. */
  readonly cert?: string | Uint8Array | undefined
  /** PEM: the private key of `cert`. */
  readonly key?: string | Uint8Array | undefined
  /** What `key` is encrypted with. */
  readonly passphrase?: string | undefined
  /**
   * PEM: the certificate authorities that are believed; those of Node by default. On a listener: who connects must have a
   * certificate of one of them (mutual TLS).
   */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined
  /**
   * PEM: the lists of what was revoked. With any, every authority in the chain of a certificate must have one that has not run
   * out, or the certificate is refused.
   */
  readonly crl?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined
  /** The name expected in the certificate of who is dialed; the host of its address by default. */
  readonly servername?: string | undefined
  /** A listener asks for certificates: true by default where `ca` is given. */
  readonly mutual?: boolean | undefined
}

/** What `node:tls` and `node:https` take. */
export interface PreparedTls {
  /** For servers, and for `setSecureContext` of one that runs. */
  readonly contextOptions: SecureContextOptions
  /** The same, made once for all that is dialed. */
  readonly context: SecureContext
  readonly servername: string | undefined
  /** A listener asks for certificates: `requestCert` and `rejectUnauthorized`. */
  readonly isMutual: boolean
}

const NAMES = ['cert', 'key', 'passphrase', 'ca', 'crl', 'servername', 'mutual']
const REVOCATION_LIST = /-----BEGIN X509 CRL-----[\s\S]*?-----END X509 CRL-----/g

/**
 * Checks the options by using them once. The certificates' dates are not looked at: they change by themselves.
 *
 * @param needsCertificate - for who listens
 * @throws `OPTIONS_INVALID` naming the option
 */
export function prepareTls(options: unknown, needsCertificate: boolean): PreparedTls {
  const given = checkNames('The option tls', options, NAMES, 'tls.') as TlsOptions
  const identity = prepareIdentity(given, needsCertificate)
  const ca = prepareAuthorities(given.ca)
  const crl = prepareRevocations(given.crl)
  const { servername, mutual } = given
  if (servername !== undefined && (typeof servername !== 'string' || !/^[^\s\0]{1,253}$/.test(servername))) {
    throw invalid('tls.servername', 'the name of a host')
  }
  if (mutual !== undefined && typeof mutual !== 'boolean') throw invalid('tls.mutual', 'true or false')
  if (mutual && ca === undefined && needsCertificate) {
    // The authorities of Node vouch for everybody who has a domain.
    throw invalid(
      'tls.ca',
      'given where tls.mutual is true: who may connect is for your own authority to say',
    )
  }
  const contextOptions = {
    ...identity,
    minVersion: 'TLSv1.3',
    ...(ca && { ca }),
    ...(crl && { crl }),
  } as const
  return {
    contextOptions,
    context: createSecureContext(contextOptions),
    servername,
    isMutual: mutual ?? ca !== undefined,
  }
}

function prepareIdentity(
  { cert, key, passphrase }: TlsOptions,
  needsCertificate: boolean,
): { cert?: string; key?: string; passphrase?: string } {
  if (passphrase !== undefined && typeof passphrase !== 'string') throw invalid('tls.passphrase', 'text')
  if (cert === undefined && key === undefined) {
    if (needsCertificate) throw invalid('tls.cert', 'given to who listens, with its tls.key')
    return {}
  }
  if (cert === undefined) throw invalid('tls.cert', 'given with tls.key')
  if (key === undefined) throw invalid('tls.key', 'given with tls.cert')
  const identity = {
    cert: pem('tls.cert', cert),
    key: pem('tls.key', key),
    ...(passphrase === undefined ? {} : { passphrase }),
  }
  use('tls.cert', 'a certificate in PEM, with its chain behind it', { cert: identity.cert })
  const isEncrypted = identity.key.includes('ENCRYPTED')
  if (isEncrypted && passphrase === undefined)
    throw invalid('tls.passphrase', 'given for a tls.key that is encrypted')
  const expected = `a private key in PEM${isEncrypted ? ' that tls.passphrase opens' : ''}`
  use('tls.key', expected, { key: identity.key, passphrase })
  use('tls.key', 'the private key of tls.cert', identity)
  return identity
}

function prepareAuthorities(ca: unknown): string[] | undefined {
  const authorities = pems('tls.ca', ca)
  // As an authority, what cannot be read would be passed over in silence.
  for (const cert of authorities ?? []) use('tls.ca', 'certificates of authorities in PEM', { cert })
  return authorities
}

function prepareRevocations(crl: unknown): string[] | undefined {
  const lists = pems('tls.crl', crl)?.flatMap((text) => {
    // Of a text with several, only the first would be taken.
    const each = text.match(REVOCATION_LIST)
    if (each === null) throw invalid('tls.crl', 'revocation lists in PEM')
    return each.map((one) => `${one}\n`)
  })
  for (const one of lists ?? []) use('tls.crl', 'revocation lists in PEM', { crl: one })
  return lists
}

function use(option: string, expected: string, options: SecureContextOptions): void {
  try {
    createSecureContext(options)
  } catch (cause) {
    throw invalid(option, expected, cause)
  }
}

function pems(option: string, value: unknown): string[] | undefined {
  if (value === undefined) return undefined
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  // None would be believed, or all, and neither is what an empty list was meant to say.
  if (list.length === 0) throw invalid(option, 'PEM, or a list of PEM that is not empty')
  return list.map((one) => pem(option, one))
}

/** PEM as text, and with the end of its last line: what is read behind another would not be found without. */
function pem(option: string, value: unknown): string {
  const isBytes = Object.prototype.toString.call(value) === '[object Uint8Array]'
  const text = isBytes ? new TextDecoder().decode(value as Uint8Array) : value
  if (typeof text !== 'string' || !text.includes('-----BEGIN '))
    throw invalid(option, 'PEM, as text or bytes')
  return `${text}\n`
}

/**
 * Whom a certificate that was verified names: the common name of its subject, where that is one and the id of a peer.
 *
 * @param certificate - of `getPeerCertificate`
 */
export function peerIdOf(certificate: PeerCertificate): string | undefined {
  // An array where there are several; nothing at all where there was no certificate.
  const name: unknown = certificate?.subject?.CN
  return isId(name) ? name : undefined
}

/** A certificate that was verified names the peer: its common name or one of its DNS names is exactly this id. */
export function namesPeer(certificate: PeerCertificate, id: string): boolean {
  if (!isId(id)) return false
  if (peerIdOf(certificate) === id) return true
  // A name in which anything stands that could be taken for the start of another name is in quotes.
  const names = (certificate?.subjectaltname ?? '').replace(/"(?:[^"\\]|\\.)*"/g, '""').split(', ')
  return names.includes(`DNS:${id}`)
}

/**
 * For `checkServerIdentity` of `tls.connect`: the certificate of who is dialed must be for the host, or name the peer, which
 * may move from host to host.
 *
 * @param expectedId - the peer that is dialed
 * @param host - `servername` where it is given, else the host of the address
 */
export function checkServer(
  expectedId: string,
  host: string,
): (hostname: string, certificate: PeerCertificate) => Error | undefined {
  return (_, certificate) => {
    if (namesPeer(certificate, expectedId)) return undefined
    const cause = checkServerIdentity(host, certificate)
    if (cause === undefined) return undefined
    const message = `Its certificate is for ${shownNames(certificate)}; it must be for ${host} or name the peer ${expectedId}.`
    return Object.assign(new Error(message, { cause }), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  }
}

/** The name to ask for (SNI), which may not be an address. */
export function serverNameOf(host: string): string | undefined {
  return isIP(host) === 0 ? host : undefined
}

/** Whoever made the certificate chose the names: they are cut, and nothing in them gets into a log as it is. */
function shownNames(certificate: PeerCertificate): string {
  const { subject, subjectaltname } = certificate
  const common = subject?.CN === undefined ? [] : [`CN:${[subject.CN].flat().join(', CN:')}`]
  const names = [...common, ...(subjectaltname ? [subjectaltname] : [])].join(', ')
  return names === '' ? 'nobody' : JSON.stringify(names.slice(0, 300))
}

/** What only the two ends of this connection share: `tls-exporter` of RFC 9266. */
export function channelBindingOf(socket: TLSSocket): Uint8Array {
  return new Uint8Array(socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)))
}
