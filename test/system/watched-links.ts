/** A transport whose links a test can count, hold, cut and tamper with. It stands between a replica and its own transport. */
import { type Link, type Listening, type PeerInfo, ReplivecError, type Transport } from '../../lib/index.js'
import { decodeWire } from '../../lib/replication/protocol/wire-codec.js'

/** Which way a frame goes, as the replica sees it. */
export type Way = 'sent' | 'received'

/** What becomes of a frame: it passes, changed, several times, or not at all. */
export type Tamper = (frame: Uint8Array, way: Way, link: WatchedLink) => Iterable<Uint8Array>

const passOn: Tamper = (frame) => [frame]

export class WatchedTransport implements Transport {
  readonly links: WatchedLink[] = []
  /** Nobody can be reached. */
  isDown = false
  tamper: Tamper = passOn
  /** How many attempts to dial there were, and when by the clock given. */
  readonly dialedAtMs: number[] = []
  /** Overrides what the links say of themselves. */
  maxFrameBytes: number | undefined
  readonly #inner: Transport
  readonly #nowMs: () => number
  readonly #find: (peer: PeerInfo) => PeerInfo

  /** @param find - where a peer is now: one that was restarted may listen at another port */
  constructor(inner: Transport, find: (peer: PeerInfo) => PeerInfo = (peer) => peer, nowMs = () => 0) {
    this.#inner = inner
    this.#find = find
    this.#nowMs = nowMs
  }

  async dial(peer: PeerInfo, options: { signal: AbortSignal }): Promise<Link> {
    this.dialedAtMs.push(this.#nowMs())
    if (this.isDown) throw new ReplivecError('TRANSPORT_FAILED', 'The network is down.')
    const link = new WatchedLink(await this.#inner.dial(this.#find(peer), options), this)
    this.links.push(link)
    return link
  }

  listen(options: { signal: AbortSignal }): Listening {
    return this.#inner.listen(options)
  }

  /** Breaks every link; new ones can be made unless it is down. */
  async cut(): Promise<void> {
    await Promise.all(this.links.map((link) => link.cut()))
  }

  /** Nobody can be reached until `heal`, and whoever was is lost. */
  async isolate(): Promise<void> {
    this.isDown = true
    await this.cut()
  }

  heal(): void {
    this.isDown = false
    this.tamper = passOn
  }

  /** Bytes that passed over all its links. */
  bytes(way: Way): number {
    return this.links.reduce((sum, link) => sum + link.bytes[way], 0)
  }

  /** Kinds of the messages that passed, in order. */
  kinds(way: Way): string[] {
    return this.links.flatMap((link) => link.kinds[way])
  }
}

/** One link of a replica. */
export class WatchedLink implements Link {
  readonly bytes = { sent: 0, received: 0 }
  readonly kinds: Record<Way, string[]> = { sent: [], received: [] }
  readonly #inner: Link
  readonly #transport: WatchedTransport
  #held: Promise<void> | undefined
  #release: () => void = () => {}

  constructor(inner: Link, transport: WatchedTransport) {
    this.#inner = inner
    this.#transport = transport
  }

  get peer(): PeerInfo {
    return this.#inner.peer
  }

  get maxFrameBytes(): number {
    return this.#transport.maxFrameBytes ?? this.#inner.maxFrameBytes
  }

  get channelBinding(): Uint8Array | undefined {
    return this.#inner.channelBinding
  }

  limitReceived(frameBytesMax: number): void {
    // The link itself may carry more than a test lets this side send.
    const isAll = frameBytesMax >= this.maxFrameBytes
    this.#inner.limitReceived?.(isAll ? this.#inner.maxFrameBytes : frameBytesMax)
  }

  async send(frame: Uint8Array): Promise<void> {
    for (const passed of this.#transport.tamper(frame, 'sent', this)) {
      this.#count('sent', passed)
      await this.#inner.send(passed)
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for await (const frame of this.#inner) {
      await this.#held
      for (const passed of this.#transport.tamper(frame, 'received', this)) {
        this.#count('received', passed)
        yield passed
      }
    }
  }

  /** What comes from now on is not delivered until `release`. */
  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#release = resolve
    })
  }

  release(): void {
    this.#release()
    this.#held = undefined
  }

  /** Breaks it, for both sides. */
  async cut(): Promise<void> {
    this.release()
    await this.#inner.close(new Error('the cable was cut'))
  }

  close(reason?: Error): Promise<void> {
    return this.#inner.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #count(way: Way, frame: Uint8Array): void {
    this.bytes[way] += frame.byteLength
    this.kinds[way].push(kindOf(frame))
  }
}

/** The kind of message in a frame; `'damaged'` where there is none. */
export function kindOf(frame: Uint8Array): string {
  try {
    return decodeWire(frame).kind
  } catch {
    return 'damaged'
  }
}
