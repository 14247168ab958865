import { ReplivecError } from '../../errors.js'

/** What the other node sent cannot be used. */
export function violated(reason: string, cause?: unknown): ReplivecError {
  return new ReplivecError(
    'PROTOCOL_VIOLATED',
    `The other node sent a message that cannot be used: ${reason}. The link is closed.`,
    { cause, details: { reason } },
  )
}
