import type { Link, Listening, PeerInfo, Transport } from '../replication/link.js'
import { Arrivals } from '../transport/arrivals.js'
import { transportFailure } from '../transport/transport-failure.js'
import { BadTransport, type BadTransportRates } from './bad-transport.js'
import type { SeededRandom } from './seeded-random.js'
import type { SharedTime } from './shared-time.js'
import { SimulatedLink } from './simulated-link.js'
import { type LinkSettings, SimulatedPipe } from './simulated-pipe.js'

export interface SimulatedNetworkOptions {
  readonly time: SharedTime
  readonly random: SeededRandom
  readonly settings: LinkSettings
  /** Called with every frame that is sent, before it is: may end the process that sends it. */
  readonly sending: (from: string, to: string, frame: Uint8Array) => void
  /** Told what the network does on its own. */
  readonly note: (what: string) => void
}

/** The network as one process sees it. It ends with the process. */
export interface SimulatedPort {
  readonly transport: Transport
  /** The process is gone. @param how - whether the other ends of its links are told, sooner or later, or never */
  die(how: 'break' | 'hang'): void
}

/** A link between two processes, both ends. */
interface Connection {
  readonly ends: readonly [End, End]
}

interface End {
  readonly node: string
  readonly link: SimulatedLink
  /** Carries what this end sends. */
  readonly pipe: SimulatedPipe
}

/** A host's operating system gives up dialing after this time when nobody answers. */
const DIAL_TIMEOUT_MS = 20_000
/** The two ends of a link that breaks learn of it within this time. */
const BREAK_MS_MAX = 400

/** Links between processes of simulated machines, with everything that can go wrong between them. Nodes dial each other by id. */
export class SimulatedNetwork {
  readonly #options: SimulatedNetworkOptions
  readonly #random: SeededRandom
  readonly #bad: BadTransport
  readonly #listeners = new Map<string, Arrivals<Link>>()
  readonly #connections = new Set<Connection>()
  /** Directions in which nothing gets through, as `from>to`. */
  readonly #held = new Set<string>()
  readonly #refusing = new Set<string>()

  constructor(options: SimulatedNetworkOptions) {
    this.#options = options
    this.#random = options.random
    this.#bad = new BadTransport(options.random.fork('bad'), (what) => options.note(`the transport ${what}`))
  }

  /** How many links have an end that is not over. */
  get openLinks(): number {
    return this.#connections.size
  }

  /** The nodes at both ends of each link. */
  get links(): [string, string][] {
    return [...this.#connections].map(({ ends: [a, b] }) => [a.node, b.node])
  }

  /** Connects a process of a node. */
  port(node: string): SimulatedPort {
    const state = { isDead: false, ends: new Set<SimulatedLink>() }
    return {
      transport: {
        dial: (peer, { signal }) => this.#dial(node, peer, signal, state),
        listen: ({ signal }) => this.#listen(node, signal, state),
      },
      die: (how) => {
        state.isDead = true
        this.#listeners.delete(node)
        for (const connection of [...this.#connections]) this.#abandon(connection, state.ends, how)
      },
    }
  }

  /** A bad transport may do what no link should; `undefined` ends that. */
  set badRates(rates: BadTransportRates | undefined) {
    this.#bad.rates = rates
  }

  /** Nothing gets from one node to the other, and nobody is told; what is on the way waits. */
  hold(from: string, to: string): void {
    this.#held.add(`${from}>${to}`)
    this.#updateHeld()
  }

  /** Everything gets through again. */
  release(): void {
    this.#held.clear()
    this.#refusing.clear()
    this.#updateHeld()
  }

  /** Refuses new links to a node, or not any more. */
  refuse(node: string, isRefused: boolean): void {
    if (isRefused) this.#refusing.add(node)
    else this.#refusing.delete(node)
  }

  /**
   * Breaks the links between two nodes. Each end learns of it in its own time.
   *
   * @param deaf - this node never learns of it
   */
  cut(a: string, b: string, deaf?: string): void {
    for (const connection of [...this.#connections]) {
      const nodes = connection.ends.map(({ node }) => node)
      if (!nodes.includes(a) || !nodes.includes(b)) continue
      for (const { pipe } of connection.ends) pipe.silence()
      for (const { node, link } of connection.ends) {
        if (node !== deaf) this.#later(() => link.break('The network broke the link.'))
      }
    }
  }

  #later(run: () => void): void {
    const delayMs = this.#random.chance(0.4) ? 0 : this.#random.int(BREAK_MS_MAX)
    this.#options.time.timer(run, delayMs)
  }

  /** @param own - ends of a process that is gone */
  #abandon(connection: Connection, own: ReadonlySet<SimulatedLink>, how: 'break' | 'hang'): void {
    const [a, b] = connection.ends
    const [near, far] = own.has(a.link) ? [a, b] : [b, a]
    if (!own.has(near.link)) return
    near.pipe.silence()
    near.link.break('The process is gone.')
    if (how === 'break') this.#later(() => far.link.break('The other side is gone.'))
  }

  async #dial(
    node: string,
    peer: PeerInfo,
    signal: AbortSignal,
    state: { readonly isDead: boolean; readonly ends: Set<SimulatedLink> },
  ): Promise<Link> {
    signal.throwIfAborted()
    const { time } = this.#options
    const isHeld = (): boolean => this.#held.has(`${node}>${peer.id}`) || this.#held.has(`${peer.id}>${node}`)
    const startMs = time.monotonic()
    do {
      const waitMs = isHeld() ? 500 : this.#settingsLatencyMs()
      await abortable(time, waitMs, signal)
      if (time.monotonic() - startMs > DIAL_TIMEOUT_MS) throw transportFailure(peer.id, 'Nobody answers.')
    } while (isHeld())
    const listener = this.#listeners.get(peer.id)
    if (state.isDead || !listener || this.#refusing.has(peer.id)) {
      throw transportFailure(peer.id, `${peer.id} takes no links.`)
    }
    return this.#connect(node, peer, listener, state.ends)
  }

  #settingsLatencyMs(): number {
    const { latencyMsMin, latencyMsMax } = this.#options.settings
    return Math.ceil(latencyMsMin + this.#random.next() * (latencyMsMax - latencyMsMin))
  }

  #connect(node: string, peer: PeerInfo, listener: Arrivals<Link>, ends: Set<SimulatedLink>): Link {
    const { sending, settings } = this.#options
    const { maxFrameBytes } = settings
    const out = this.#pipe((end) => accepted.ended(end))
    const back = this.#pipe((end) => dialed.ended(end))
    const over = (): void => {
      if (dialed.isOver && accepted.isOver) this.#connections.delete(connection)
    }
    const dialed: SimulatedLink = new SimulatedLink({
      sending: (frame) => sending(node, peer.id, frame),
      ...{ peer, maxFrameBytes, out, incoming: back, over },
    })
    const accepted: SimulatedLink = new SimulatedLink({
      sending: (frame) => sending(peer.id, node, frame),
      ...{ peer: { id: node, address: `${node}:7000` }, maxFrameBytes, out: back, incoming: out, over },
    })
    const connection: Connection = {
      ends: [
        { node, link: dialed, pipe: out },
        { node: peer.id, link: accepted, pipe: back },
      ],
    }
    this.#connections.add(connection)
    ends.add(dialed)
    this.#acceptedEnds.get(listener)?.add(accepted)
    this.#updateHeld()
    listener.push(accepted)
    return dialed
  }

  /** The ends that the process of each listener has. */
  readonly #acceptedEnds = new WeakMap<Arrivals<Link>, Set<SimulatedLink>>()

  #pipe(ended: (end: 'clean' | 'broken') => void): SimulatedPipe {
    const { time, settings } = this.#options
    return new SimulatedPipe(time, this.#random, settings, this.#bad, ended)
  }

  #listen(
    node: string,
    signal: AbortSignal,
    state: { readonly isDead: boolean; readonly ends: Set<SimulatedLink> },
  ): Listening {
    const stop = (): void => {
      signal.removeEventListener('abort', stop)
      if (this.#listeners.get(node) === arrivals) this.#listeners.delete(node)
      for (const link of arrivals.discard()) void link.close()
    }
    const arrivals = new Arrivals<Link>('This listener', { left: stop })
    if (signal.aborted || state.isDead) arrivals.end()
    else {
      this.#listeners.set(node, arrivals)
      this.#acceptedEnds.set(arrivals, state.ends)
      signal.addEventListener('abort', stop)
    }
    return { ready: Promise.resolve(), [Symbol.asyncIterator]: () => arrivals[Symbol.asyncIterator]() }
  }

  #updateHeld(): void {
    for (const { ends } of this.#connections) {
      const [a, b] = ends
      a.pipe.hold(this.#held.has(`${a.node}>${b.node}`))
      b.pipe.hold(this.#held.has(`${b.node}>${a.node}`))
    }
  }
}

/** Waits for so much time, or until the signal aborts. */
function abortable(time: SharedTime, waitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      cancel()
      reject(signal.reason)
    }
    const cancel = time.timer(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    }, waitMs)
    signal.addEventListener('abort', abort)
  })
}
