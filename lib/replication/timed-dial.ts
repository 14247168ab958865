import { ReplivecError } from '../errors.js'
import type { Clock } from '../runtime/clock.js'
import { untilAborted } from '../runtime/until-aborted.js'
import type { Link, PeerInfo, Transport } from './link.js'

/** An attempt to dial takes at most so long. */
const DIAL_TIMEOUT_MS = 30_000

/** Dials once, and gives up in time. What a transport that does not look at its signal comes up with later is closed. */
export async function dialWithin(
  transport: Transport,
  master: PeerInfo,
  dialing: AbortController,
  clock: Clock,
): Promise<Link> {
  const { signal } = dialing
  const late = new ReplivecError(
    'TRANSPORT_FAILED',
    `The master '${master.id}' could not be reached in time.`,
  )
  const cancel = clock.timer(() => dialing.abort(late), DIAL_TIMEOUT_MS)
  let attempt: Promise<Link> | undefined
  try {
    attempt = transport.dial(master, { signal })
    return await untilAborted(attempt, signal)
  } catch (error) {
    if (signal.aborted) attempt?.then((unwanted) => unwanted.close()).catch(() => undefined)
    throw error
  } finally {
    cancel()
  }
}
