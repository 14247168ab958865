import { ReplivecError } from '../errors.js'
import type { Clock } from '../runtime/clock.js'
import { untilAborted } from '../runtime/until-aborted.js'
import { checkLink } from './handed-link.js'
import type { Link, PeerInfo, Transport } from './link.js'

/** An attempt to dial takes at most so long. */
const DIAL_TIMEOUT_MS = 30_000

export interface DialerOptions {
  readonly clock: Clock
  /** Without them nobody is dialed. */
  readonly transport: Transport | undefined
  readonly master: PeerInfo | undefined
}

/** What a dialer tells whom it dials for. */
export interface DialerOwner {
  /** A link that nobody wants any more is closed. */
  wantsLink(): boolean
  dialed(link: Link): void
  dialFailed(error: unknown): void
}

/** Dials the master that a replica follows, one attempt at a time. */
export class Dialer {
  readonly #options: DialerOptions
  readonly #owner: DialerOwner
  #attempt: AbortController | undefined
  readonly #running = new Set<Promise<void>>()

  constructor(options: DialerOptions, owner: DialerOwner) {
    this.#options = options
    this.#owner = owner
  }

  get isDialing(): boolean {
    return this.#attempt !== undefined
  }

  /** Begins an attempt, which takes the place of one that goes on. */
  dial(): void {
    const { transport, master } = this.#options
    if (!transport || !master) return
    this.#attempt?.abort(new ReplivecError('CLOSED', 'Another attempt took the place of this one.'))
    const attempt = new AbortController()
    this.#attempt = attempt
    const running = this.#run(transport, master, attempt).finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  /** Resolves when nothing of it is going on. */
  async close(): Promise<void> {
    this.#attempt?.abort(new ReplivecError('CLOSED', 'The store was closed.'))
    await Promise.all(this.#running)
  }

  async #run(transport: Transport, master: PeerInfo, attempt: AbortController): Promise<void> {
    let link: Link
    try {
      link = await this.#dialWithin(transport, master, attempt)
      checkLink("The transport's dial() has to give a Link and gave", link)
    } catch (error) {
      if (this.#attempt !== attempt) return
      this.#attempt = undefined
      this.#owner.dialFailed(error)
      return
    }
    const isLast = this.#attempt === attempt
    if (isLast) this.#attempt = undefined
    if (isLast && !attempt.signal.aborted && this.#owner.wantsLink()) this.#owner.dialed(link)
    else await link.close().catch(() => undefined)
  }

  /** Dials once, and gives up in time. What a transport that does not look at its signal comes up with later is closed. */
  async #dialWithin(transport: Transport, master: PeerInfo, attempt: AbortController): Promise<Link> {
    const { signal } = attempt
    const late = new ReplivecError(
      'TRANSPORT_FAILED',
      `The master '${master.id}' could not be reached in time.`,
    )
    const cancel = this.#options.clock.timer(() => attempt.abort(late), DIAL_TIMEOUT_MS)
    let dialed: Promise<Link> | undefined
    try {
      dialed = transport.dial(master, { signal })
      return await untilAborted(dialed, signal)
    } catch (error) {
      if (signal.aborted) dialed?.then((unwanted) => unwanted.close()).catch(() => undefined)
      throw error
    } finally {
      cancel()
    }
  }
}
