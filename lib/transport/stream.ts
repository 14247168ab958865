import type { Duplex } from 'node:stream'
import { ReplivecError } from '../errors.js'
import type { Link, PeerInfo } from '../replication/link.js'
import { nodeClock } from '../runtime/node-clock.js'
import { FRAME_BYTES_MAX } from './frame-limit.js'
import { ID_RULE, isId } from '../replication/protocol/id.js'
import { encodeHello, HELLO_MS_MAX, receiveHello } from './stream-hello.js'
import { StreamLink } from './stream-link.js'
import { transportFailure } from './transport-failure.js'

export interface StreamLinkOptions {
  /** Who this side says it is: 1 to 128 of `A–Z a–z 0–9 . _ -`. */
  readonly id: string
  /** Who is expected at the other end, for the side that dialed; without it whoever says a proper name is taken. */
  readonly peer?: PeerInfo | undefined
  /** Gives the attempt up. What became a link is not closed by it. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Makes a link of any stream in both directions: a Unix domain socket, a TLS connection, a child's standard input and output, a tunnel.
 * Both ends call it. They tell each other their names, which nothing proves, and from then on the link frames, orders, holds back and tells
 * a clean end from a broken one, as `tcp()` does. The stream belongs to the link from here on; where no link comes of it, it is destroyed.
 *
 * @param stream - open, and not read from yet
 * @returns the link; its `peer` is the one that was expected, or the one whose name came
 * @throws `OPTIONS_INVALID` for an id that is none, `TRANSPORT_FAILED` when the stream ends, says something else or nothing for 10 s, or
 *   another peer is at its end; the signal's reason
 *
 * @example
 * ```ts
 * import { once } from 'node:events'
 * import { connect } from 'node:net'
 * import { ReplivecError, type Transport } from 'replivec'
 * import { streamLink } from 'replivec/transport/stream'
 *
 * const dial: Transport['dial'] = async (peer, { signal }) => {
 *   const socket = connect(peer.address!)
 *   try {
 *     await once(socket, 'connect', { signal })
 *   } catch (cause) {
 *     socket.destroy()
 *     signal.throwIfAborted()
 *     throw new ReplivecError('TRANSPORT_FAILED', `Cannot reach ${peer.id}.`, { cause })
 *   }
 *   return streamLink(socket, { id: 'this-node', peer, signal })
 * }
 * ```
 */
export async function streamLink(stream: Duplex, options: StreamLinkOptions): Promise<Link> {
  const { id, peer, signal } = options
  // Why it broke is told by its end.
  stream.on('error', () => {})
  const late = Object.assign(new Error('No answer in time.'), { code: 'ETIMEDOUT' })
  const cancel = nodeClock.timer(() => stream.destroy(late), HELLO_MS_MAX)
  const abort = (): void => void stream.destroy()
  signal?.addEventListener('abort', abort)
  try {
    signal?.throwIfAborted()
    if (!isId(id))
      throw new ReplivecError('OPTIONS_INVALID', `The option id must be ${ID_RULE}.`, {
        details: { option: 'id' },
      })
    stream.write(encodeHello({ id, maxFrameBytes: FRAME_BYTES_MAX }))
    const hello = await receiveHello(stream)
    signal?.throwIfAborted()
    if (peer && hello.id !== peer.id)
      throw transportFailure(peer.id, `At the other end is the peer ${hello.id}, not ${peer.id}.`)
    const maxFrameBytes = Math.min(hello.maxFrameBytes, FRAME_BYTES_MAX)
    return new StreamLink(stream, peer ?? { id: hello.id }, maxFrameBytes, nodeClock)
  } catch (error) {
    stream.destroy()
    signal?.throwIfAborted()
    throw error
  } finally {
    cancel()
    signal?.removeEventListener('abort', abort)
  }
}
