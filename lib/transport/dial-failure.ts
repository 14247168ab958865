import type { ReplivecError } from '../errors.js'
import type { PeerInfo } from '../replication/link.js'
import { systemErrorCode } from '../runtime/system-error.js'
import { transportFailure } from './transport-failure.js'

/** How far a dial came, and with what. */
export interface DialStage {
  /** Who dials. */
  readonly id: string
  readonly isTls: boolean
  /** It has a certificate of its own to show. */
  readonly hasCertificate: boolean
  /** There is a connection, of TLS where that was wanted. */
  readonly isOpen: boolean
  /** The connection ended, and not by this side. */
  readonly hasEnded: boolean
}

const UNBELIEVED =
  'Its certificate is of an authority that is not believed here; give that one as tls.ca, and have the other side send its whole chain.'
const REFUSED = "It refused this peer's certificate"
const NO_TLS = 'It does not speak TLS; give it the option tls too, or leave it out here.'
const OLD_TLS = 'It does not speak TLS 1.3, and nothing older is taken.'

/** What codes of Node and OpenSSL mean to whoever operates this peer. */
const EXPLANATIONS: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNBELIEVED,
  UNABLE_TO_GET_ISSUER_CERT: UNBELIEVED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNBELIEVED,
  SELF_SIGNED_CERT_IN_CHAIN: UNBELIEVED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNBELIEVED,
  CERT_SIGNATURE_FAILURE: UNBELIEVED,
  CERT_HAS_EXPIRED:
    'Its certificate has expired, or that of its authority; renew it, and compare the clocks of the two machines.',
  CERT_NOT_YET_VALID: 'Its certificate is not valid yet; compare the clocks of the two machines.',
  CERT_REVOKED: 'Its certificate was revoked; give it another.',
  INVALID_PURPOSE:
    'Its certificate is not one for servers; have it made with that among its extended key usages.',
  UNABLE_TO_GET_CRL: 'An authority of its certificate has no list in tls.crl; add one, also an empty one.',
  CRL_HAS_EXPIRED: 'The list of its authority in tls.crl is out of date; give a newer one.',
  CRL_NOT_YET_VALID: 'The list of its authority in tls.crl is not valid yet; compare the clocks.',
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  ERR_SSL_HTTP_REQUEST: NO_TLS,
  ERR_SSL_UNSUPPORTED_PROTOCOL: OLD_TLS,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: OLD_TLS,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'It asks for a certificate; give tls.cert and tls.key.',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: `${REFUSED}: its authority is not in tls.ca there.`,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: `${REFUSED}: it has expired.`,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: `${REFUSED}: it was revoked.`,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: `${REFUSED}.`,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: `${REFUSED}.`,
  ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE: `${REFUSED}: it is not one for clients.`,
}

/** Codes of a connection that is gone, without a word why. */
const GONE = [undefined, 'TRANSPORT_FAILED', 'ECONNRESET', 'EPIPE', 'ECONNABORTED']

/**
 * The error of a dial.
 *
 * @param error - what the socket or the other side's hello failed with
 */
export function dialFailure({ id, address }: PeerInfo, error: unknown, stage: DialStage): ReplivecError {
  const advice =
    stage.hasEnded && GONE.includes(systemErrorCode(error)) ? ` ${adviceOnEnd(stage) ?? ''}`.trimEnd() : ''
  return transportFailure(id, `Cannot reach ${id} at ${address}: ${reasonOf(error)}${advice}`, error)
}

/** What an error of a connection means to whoever operates this peer. */
export function reasonOf(error: unknown): string {
  const code = systemErrorCode(error)
  // Where several addresses of a name were tried, only the code says why; what OpenSSL says is in its reason.
  const { message, reason } = error as { message: string; reason?: unknown }
  const isOpenSsl = code?.startsWith('ERR_SSL_') && typeof reason === 'string'
  return tlsExplanation(code) ?? ((isOpenSsl ? `TLS failed: ${reason}.` : message) || String(code))
}

/** What a code of TLS means to whoever operates this peer, where it is one. */
export function tlsExplanation(code: string | undefined): string | undefined {
  return code !== undefined && Object.hasOwn(EXPLANATIONS, code) ? EXPLANATIONS[code] : undefined
}

/** Who refuses a peer closes the connection and says nothing, so that nobody learns from it: what it may have been. */
function adviceOnEnd({ id, isTls, hasCertificate, isOpen }: DialStage): string | undefined {
  if (!isTls) return isOpen ? 'If it listens with TLS, this side needs the option tls too.' : undefined
  if (!isOpen) return 'If it listens without TLS, leave the option tls out here, or give it there too.'
  return hasCertificate
    ? `It may have refused this peer's certificate: that must be of an authority in tls.ca there, have the common name ${id}, and be neither expired nor revoked.`
    : 'It may want a certificate: give tls.cert and tls.key.'
}
