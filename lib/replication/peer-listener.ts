import { ReplivecError } from '../errors.js'
import type { Clock } from '../runtime/clock.js'
import { systemErrorCode } from '../runtime/system-error.js'
import type { Link, Listening, RefusedPeer, Transport } from './link.js'
import { asError } from './link-failure.js'

const RETRY_MS = 1_000
/** Whoever opens a store waits until its transport listens; after this long he is told what for. */
const PATIENCE_MS = 5_000

/** Takes the links that a transport yields, for as long as the store is open. */
export class PeerListener {
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #onLink: (link: Link) => void
  readonly #onRefused: (refused: RefusedPeer) => void
  readonly #abort = new AbortController()
  #running: Promise<void> | undefined
  #cancelTimer: (() => void) | undefined

  constructor(
    transport: Transport,
    clock: Clock,
    { onLink, onRefused }: { onLink: (link: Link) => void; onRefused: (refused: RefusedPeer) => void },
  ) {
    this.#transport = transport
    this.#clock = clock
    this.#onLink = onLink
    this.#onRefused = onRefused
  }

  /**
   * Resolves when peers can connect; where that takes long, `onFailure` is told. It is told too when the transport stops later, which is asked to
   * listen again then.
   *
   * @throws what the transport says when it cannot listen; `TRANSPORT_FAILED` where that is no error of ours
   */
  async start(onFailure: (error: ReplivecError) => void): Promise<void> {
    const cancel = this.#clock.timer(() => onFailure(notListening()), PATIENCE_MS)
    try {
      const links = this.#listen()
      const { ready } = links
      this.#running = this.#run(links, onFailure)
      await ready
    } catch (error) {
      throw cannotListen(error)
    } finally {
      cancel()
    }
  }

  async close(): Promise<void> {
    this.#abort.abort(new ReplivecError('CLOSED', 'The store was closed.'))
    this.#cancelTimer?.()
    await this.#running
  }

  #listen(): Listening {
    return this.#transport.listen({ signal: this.#abort.signal, onRefused: this.#onRefused })
  }

  #listenAgain(): Listening {
    const links = this.#listen()
    // That it never was is told where it is iterated.
    links.ready?.catch(() => undefined)
    return links
  }

  async #run(first: AsyncIterable<Link>, onFailure: (error: ReplivecError) => void): Promise<void> {
    const { signal } = this.#abort
    for (let links: AsyncIterable<Link> | undefined = first; ; links = undefined) {
      try {
        links ??= this.#listenAgain()
        for await (const link of links) this.#onLink(link)
      } catch (error) {
        if (!signal.aborted) onFailure(asError(error) as ReplivecError)
      }
      if (signal.aborted) return
      await this.#pause()
      if (signal.aborted) return
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.timer(resolve, RETRY_MS)
      this.#cancelTimer = () => {
        cancel()
        resolve()
      }
    })
  }
}

function notListening(): ReplivecError {
  const message =
    'The store is not open yet, because it waits for its transport to listen. Where that is on a server of yours, have the server listen first.'
  return new ReplivecError('TRANSPORT_FAILED', message)
}

/** A transport of the host's own may throw anything; a port in use must not be taken for a disk that fails. */
function cannotListen(cause: unknown): ReplivecError {
  if (ReplivecError.is(cause)) return cause
  const reason = systemErrorCode(cause)
  const text = cause instanceof Error ? cause.message : String(cause)
  return new ReplivecError('TRANSPORT_FAILED', `The transport cannot listen: ${text}`, {
    cause,
    details: reason === undefined ? {} : { reason },
  })
}
