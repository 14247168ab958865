import type { TLSSocket } from 'node:tls'
import { systemErrorCode } from '../runtime/system-error.js'
import { reasonOf, tlsExplanation } from './dial-failure.js'

/** What a code means at the side that listens, where that is another thing. */
const EXPLANATIONS: Readonly<Record<string, string>> = {
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'It showed no certificate; give it tls.cert and tls.key.',
  INVALID_PURPOSE:
    'Its certificate is not one for clients; have it made with that among its extended key usages.',
}

/**
 * Why a connection to a listener came to nothing in TLS.
 *
 * @param error - of the event `tlsClientError`
 * @returns `undefined` for one that just left
 */
export function tlsRefusal(error: Error, socket: TLSSocket): string | undefined {
  // Node says the same of who leaves, which is no news, and of whose certificate is not believed.
  const unbelieved = (socket.authorizationError as unknown as string | null) ?? undefined
  const code = unbelieved ?? systemErrorCode(error)
  if (code === 'ECONNRESET') return undefined
  if (code !== undefined && Object.hasOwn(EXPLANATIONS, code)) return EXPLANATIONS[code]
  return unbelieved === undefined
    ? reasonOf(error)
    : (tlsExplanation(unbelieved) ?? `TLS failed: ${unbelieved}.`)
}
