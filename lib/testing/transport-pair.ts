import type { Link, PeerInfo, Transport } from '../replication/link.js'

/** Two transports, one of which dials the other. For `testTransport`. */
export interface TransportPair {
  readonly dialer: Transport
  readonly listener: Transport
  /** Whom `dialer` dials to reach `listener`. Asked when it listens, because an address may be known only then. */
  peer(): PeerInfo
  /** The id by which `listener` knows `dialer`. */
  readonly dialerId: string
  /**
   * Breaks a link as a pulled cable or a killed process would, while frames are on their way. Without it, breaking is only tested by
   * `close(reason)`.
   *
   * @param dialed - the dialer's end
   */
  cut?(dialed: Link): void | Promise<void>
  /** Releases what the pair holds beside its links. */
  close?(): void | Promise<void>
}

/** The two ends of one link, for links that come into being without dialling, as those over a `MessagePort`. For `testTransport`. */
export interface LinkPair {
  readonly ends: readonly [Link, Link]
  /** Breaks the link as the end of the thread or process at its other end would, while frames are on their way. */
  cut?(): void | Promise<void>
  /** Releases what the pair holds beside its ends. */
  close?(): void | Promise<void>
}
