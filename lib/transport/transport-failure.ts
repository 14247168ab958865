import { ReplivecError } from '../errors.js'
import { systemErrorCode } from '../runtime/system-error.js'

/**
 * The error of a link that could not be made, or broke.
 *
 * @param peerId - whom it leads to, as far as that is known
 * @param message - what happened, as a sentence
 * @param cause - what the system or the host's code threw
 */
export function transportFailure(
  peerId: string | undefined,
  message: string,
  cause?: unknown,
): ReplivecError {
  const reason = systemErrorCode(cause)
  return new ReplivecError('TRANSPORT_FAILED', message, {
    ...(cause === undefined ? {} : { cause }),
    details: {
      ...(peerId === undefined ? {} : { peerId }),
      ...(reason === undefined ? {} : { reason }),
    },
  })
}
