import { ReplivecError } from '../errors.js'

/** The words of the protocol; a stranger may say others, and must not choose what is logged. */
const KNOWN: ReadonlySet<string> = new Set([
  ...['role', 'self', 'cluster', 'version', 'unauthorized', 'duplicate', 'replaced', 'forgotten'],
  ...['secret', 'locked-out', 'busy', 'rotated', 'codec'],
])

/** One node does not want the other, though it had joined. */
export function isRefusal({ code }: ReplivecError): boolean {
  return code === 'PEER_REFUSED' || code === 'STALE_EPOCH'
}

/** Why a node that never joined was refused, or refused this one, in a word; `undefined` where a link only broke. */
export function refusalReason({ code, details, cause }: ReplivecError): string | undefined {
  switch (code) {
    case 'PEER_REFUSED':
      return KNOWN.has(String(details.reason)) ? String(details.reason) : 'other'
    case 'STALE_EPOCH':
      return 'epoch'
    case 'PROTOCOL_VIOLATED':
      return 'protocol'
    case 'TIMEOUT':
      return 'handshake'
    case 'POSITION_LOST':
    case 'HISTORY_MISMATCH':
      return 'other'
    default:
      return ReplivecError.is(cause, 'FRAME_TOO_LARGE') ? 'protocol' : undefined
  }
}
