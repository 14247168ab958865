/** Why a WebSocket could not be had of somebody who was dialed, in words that say what to do. */
import { systemErrorCode } from '../runtime/system-error.js'
import { tlsExplanation } from './dial-failure.js'
import { SUBPROTOCOL } from './websocket-package.js'

const HINTS_BY_STATUS: Readonly<Record<number, string>> = {
  400: `it does not take the subprotocol ${SUBPROTOCOL}, or another WebSocket server took the request for its own`,
  401: 'a gateway asks for credentials: give webSocket() the option headers',
  403: 'a gateway, or the header Origin among the option headers, forbids it',
  404: 'nothing takes links at this path: compare the path of the address with the option path of the listener',
  407: 'the proxy asks for credentials: give its agent some',
  426: 'it answers at another path than this: compare with the option path of the listener',
  502: 'the gateway does not reach the node behind it',
  503: 'the gateway does not reach the node behind it',
  504: 'the gateway does not reach the node behind it',
}

/** Of `ws`, of the parser of Node, and of OpenSSL where the request was being written when it failed. */
const HINTS_BY_MESSAGE: readonly (readonly [RegExp, string])[] = [
  [
    /subprotocol/,
    `A WebSocket server is there that does not speak ${SUBPROTOCOL}: is the path that of a replivec node?`,
  ],
  [/Sec-WebSocket-Accept|Upgrade header|Sec-WebSocket-Extensions/, 'What answers is not a WebSocket server.'],
  [/^Parse Error/, 'What answers does not speak HTTP: it may be another service, or want wss://.'],
  [
    /socket hang up/,
    'The connection was ended instead of answered: where the server has TLS the address begins with wss://.',
  ],
  [
    /wrong version number|packet length too long/,
    'What answers does not speak TLS: without it the address begins with ws://.',
  ],
  [/alert protocol version|unsupported protocol/, 'It does not speak TLS 1.3, and nothing older is taken.'],
  [
    /ended before the other side said who it is/,
    'It may have too many links, or with TLS have refused the certificate of this peer, whose common name must be its id.',
  ],
  [/alert certificate required/, 'It asks for a certificate; give tls.cert and tls.key.'],
]

const HINTS_BY_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'there is no such host',
  ECONNRESET: 'where the server has TLS the address begins with wss://',
}

/** What an answer means that is no upgrade. */
export function statusRefusal(status: number, location: string | undefined): Error {
  const isRedirect = status >= 300 && status < 400 && location !== undefined
  const hint = isRedirect
    ? `redirects are not followed: dial ${JSON.stringify(location.slice(0, 200))}`
    : HINTS_BY_STATUS[status]
  return new Error(
    `It answers HTTP ${status} instead of a WebSocket${hint === undefined ? '' : `: ${hint}`}.`,
  )
}

/** What went wrong, as a sentence. */
export function dialRefusal(error: Error): string {
  const code = systemErrorCode(error)
  const hint = code === undefined ? undefined : HINTS_BY_CODE[code]
  const known = HINTS_BY_MESSAGE.find(([pattern]) => pattern.test(error.message))
  // Where several addresses of a name were tried, only the code says why.
  const message = error.message.trim().replaceAll(/\s+/g, ' ') || code || 'The connection ended.'
  if (known) return `${known[1]} (${message})`
  return hint === undefined ? (tlsExplanation(code) ?? message) : `${message}: ${hint}.`
}
