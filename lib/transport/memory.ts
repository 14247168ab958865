/** Links between stores of one process, for tests and for trying out: bytes are copied from one end to the other. */
import type { Link, Listening, PeerInfo, Transport } from '../replication/link.js'
import { Arrivals } from './arrivals.js'
import { CreditLink } from './credit-link.js'
import { transportFailure } from './transport-failure.js'

/** Peers that can reach each other. */
export interface MemoryNetwork {
  /** @param id - by which the other peers of the network dial this one */
  transport(id: string): Transport
}

/** Links that may wait for a listener to take them. */
const UNTAKEN_LINKS_MAX = 128

/**
 * A network within this process. Peers dial each other by `peer.id`; an address is not needed. A reader that does not
 * read bounds what it is sent: about 1 MiB waits on the way.
 *
 * @example
 * ```ts
 * import { memoryNetwork } from 'replivec/transport/memory'
 *
 * const network = memoryNetwork()
 * const { signal } = new AbortController()
 * const listening = network.transport('a').listen({ signal })
 * const link = await network.transport('b').dial({ id: 'a' }, { signal })
 * await link.send(new Uint8Array([1, 2, 3]))
 * for await (const accepted of listening) {
 *   for await (const frame of accepted) console.log(accepted.peer.id, frame.byteLength) // b 3
 * }
 * ```
 */
export function memoryNetwork(): MemoryNetwork {
  const listeners = new Map<string, Arrivals<Link>>()
  return {
    transport: (id) => ({
      async dial(peer, { signal }) {
        signal.throwIfAborted()
        const listener = listeners.get(peer.id)
        if (!listener) throw transportFailure(peer.id, `No peer ${peer.id} listens in this network.`)
        if (listener.count >= UNTAKEN_LINKS_MAX) {
          throw transportFailure(
            peer.id,
            `The peer ${peer.id} does not take the links it has; dial again later.`,
          )
        }
        const [dialed, accepted] = linkPair(peer, { id })
        listener.push(accepted)
        return dialed
      },
      listen: ({ signal }) => listen(listeners, id, signal),
    }),
  }
}

/** The two ends of a new link. Each is given the peer that it leads to. */
function linkPair(dialed: PeerInfo, dialer: PeerInfo): [CreditLink, CreditLink] {
  const close = async (): Promise<void> => {}
  const near: CreditLink = new CreditLink(dialed, { post: (message) => far.receive(message), close })
  const far: CreditLink = new CreditLink(dialer, { post: (message) => near.receive(message), close })
  return [near, far]
}

function listen(listeners: Map<string, Arrivals<Link>>, id: string, signal: AbortSignal): Listening {
  const stop = (): void => {
    signal.removeEventListener('abort', stop)
    if (listeners.get(id) === arrivals) listeners.delete(id)
    for (const link of arrivals.discard()) void link.close()
  }
  const arrivals = new Arrivals<Link>('This listener', { left: stop })
  let ready = Promise.resolve()
  if (signal.aborted) {
    arrivals.end()
    ready = Promise.reject(signal.reason)
  } else if (listeners.has(id)) {
    const error = transportFailure(id, `A peer ${id} listens in this network already; stop it first.`)
    arrivals.end(error)
    ready = Promise.reject(error)
  } else {
    listeners.set(id, arrivals)
    signal.addEventListener('abort', stop)
  }
  // Who only iterates hears of it there.
  ready.catch(() => {})
  return { ready, [Symbol.asyncIterator]: () => arrivals[Symbol.asyncIterator]() }
}
