import { ReplivecError } from '../errors.js'
import type { Clock } from '../runtime/clock.js'
import type { Failure } from './protocol/step.js'

/** Waits for a promise, but not for ever. */
export function withinTime(promise: Promise<void>, clock: Clock, timeMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.timer(resolve, timeMs)
    promise.then(resolve, resolve).finally(cancel)
  })
}

export function failureError({ code, reason, message }: Failure, peerId: string | undefined): ReplivecError {
  return new ReplivecError(code, message, {
    details: { reason, ...(peerId === undefined ? {} : { peerId }) },
  })
}

export function asError(error: unknown): ReplivecError | undefined {
  if (error === undefined || ReplivecError.is(error)) return error
  const text = error instanceof Error ? error.message : String(error)
  return new ReplivecError('TRANSPORT_FAILED', `The link broke: ${text}`, { cause: error })
}
