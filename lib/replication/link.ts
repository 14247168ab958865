/** A peer. */
export interface PeerInfo {
  /** Stable across reconnects. */
  readonly id: string
  /** Where the host's transport finds it, such as `host:port`. */
  readonly address?: string
  /** The transport proved the id (mutual TLS); otherwise it is a claim. */
  readonly authenticated?: boolean
}

/**
 * An ordered pipe of whole frames to one peer. It may break at any time; it never delivers half a frame. Iterated once: the
 * iteration ends on a clean close by either side, and throws `TRANSPORT_FAILED` on any other end.
 */
export interface Link extends AsyncIterable<Uint8Array>, AsyncDisposable {
  readonly peer: PeerInfo
  /** Largest frame this link carries, in bytes. */
  readonly maxFrameBytes: number
  /**
   * Bytes that only the two ends of this very connection share, where it is encrypted from end to end: TLS exports them (RFC 9266). What
   * the nodes prove to each other is bound to them, so that nobody in between can pass a proof on.
   */
  readonly channelBinding?: Uint8Array | undefined
  /**
   * Resolves when the link can take another frame. Until then it may read `frame`, which neither side modifies or
   * detaches.
   *
   * @throws `TRANSPORT_FAILED` once the link is closed or broken, `FRAME_TOO_LARGE`
   */
  send(frame: Uint8Array): Promise<void>
  /**
   * From now on a frame of more bytes that the other side sends ends the link before it is put together in memory. Once the other side has
   * proved who it is, this is called again with more. A link that cannot do that leaves it out.
   */
  limitReceived?(frameBytesMax: number): void
  /** Idempotent; rejects pending sends. @param reason - tells the other side, as far as the transport can, that this end is not a clean one */
  close(reason?: Error): Promise<void>
}

/** A peer that a transport did not let in: it never had a link. */
export interface RefusedPeer {
  /** Who it says it is, where it came to say so. */
  readonly id?: string | undefined
  /** Where it is, such as `host:port`. */
  readonly address?: string | undefined
  /**
   * `'protocol'`: it does not speak the transport's language; `'unauthorized'`: its certificate is not good, or another's; `'handshake'`: it took
   * too long to say who it is; `'busy'`: too many others were about to.
   */
  readonly reason: 'protocol' | 'unauthorized' | 'handshake' | 'busy'
  /** A sentence. */
  readonly message: string
}

/** How a transport is asked to listen. */
export interface ListenOptions {
  /** Ends it. */
  readonly signal: AbortSignal
  /** Told of peers that get no link, by a transport that can tell. */
  readonly onRefused?: ((refused: RefusedPeer) => void) | undefined
}

/**
 * How nodes find each other. Supplied by the host application; docs/own-transport.md has what it must do, and `testTransport` of
 * `replivec/testing` checks it.
 *
 * @example TCP whose addresses come from a directory of services of yours.
 * ```ts
 * import type { Transport } from 'replivec'
 * import { tcp } from 'replivec/transport/tcp'
 *
 * declare function addressOf(nodeId: string): Promise<string> // yours
 *
 * function discovered(id: string, port: number): Transport {
 *   const { dial, listen } = tcp({ id, listen: { host: '127.0.0.1', port } })
 *   return {
 *     dial: async (peer, options) => dial({ ...peer, address: await addressOf(peer.id) }, options),
 *     listen,
 *   }
 * }
 * ```
 */
export interface Transport {
  /** Who it says this peer is, where it says so by itself: a store that is opened with it must be that node. */
  readonly nodeId?: string | undefined
  /** Where it listens, such as `host:port`; `undefined` while it does not. */
  readonly address?: string | undefined
  /** Every peer that connects has proved its id by then (mutual TLS). */
  readonly authenticates?: boolean | undefined
  /**
   * One attempt; the store owns retry, backoff and jitter.
   *
   * @param peer - whom to reach: the option `master` of a replica
   * @param options - `signal` ends the attempt, and means nothing to the link once there is one
   * @throws `TRANSPORT_FAILED`, the signal's reason; nothing is left open then
   */
  dial(peer: PeerInfo, options: { signal: AbortSignal }): Promise<Link>
  /**
   * Begins to listen at once and yields a link per peer that connects, until `signal` aborts or the iteration is left. Links
   * that were yielded are the caller's; those that were not yet are closed. Throws when it cannot listen.
   *
   * @param options - `signal` ends listening; `onRefused`, for a transport that can, is told of peers that get no link
   */
  listen(options: ListenOptions): Listening
}

/** The links of the peers that connect. Iterated once. */
export interface Listening extends AsyncIterable<Link> {
  /**
   * Resolves when peers can connect; rejects when it cannot listen, or with the signal's reason. Without it the
   * iteration is taken to listen at once.
   */
  readonly ready?: Promise<void>
}
