import assert from 'node:assert/strict'
import { setMaxListeners } from 'node:events'
import type { Link } from '../replication/link.js'
import { nodeClock } from '../runtime/node-clock.js'
import { LinkEnd } from './link-end.js'
import type { LinkPair, TransportPair } from './transport-pair.js'

/** Makes what is under test. */
export type MakePair = () => TransportPair | LinkPair | Promise<TransportPair | LinkPair>

/** How often a condition is asked for. */
const ASKING_MS = 5

/** The transport under test during one test: it gives links, and closes them all afterwards. */
export class TransportTrial {
  /** Two transports; `undefined` when the links under test come without dialling. */
  readonly transports: TransportPair | undefined
  /** Of every dial that is not given another. */
  readonly dialSignal: AbortSignal = new AbortController().signal
  readonly #makePair: MakePair
  /** The first pair of links, until it is given away. */
  #unused: LinkPair | undefined
  readonly #given = new Set<LinkPair>()
  readonly #links = new Set<Link>()
  readonly #listening = new AbortController()
  #accepted: AsyncIterator<Link> | undefined
  #isOver = false
  #missing = 'a frame, an answer or an end of the link does not come'

  private constructor(makePair: MakePair, first: TransportPair | LinkPair) {
    this.#makePair = makePair
    if ('ends' in first) this.#unused = first
    else this.transports = first
    // Many dials at once are meant here, and would be reported as a leak.
    setMaxListeners(0, this.dialSignal)
  }

  /** Runs a test. One that has come to no end after `limitMs` fails, and so does one whose links cannot be closed. */
  static async run(
    makePair: MakePair,
    limitMs: number,
    body: (trial: TransportTrial) => Promise<void>,
  ): Promise<void> {
    const trial = new TransportTrial(makePair, await makePair())
    let failure: { error: unknown } | undefined
    for (const part of [() => body(trial), () => trial.#close()]) {
      try {
        await withLimit(part(), limitMs, () => trial.#missing)
      } catch (error) {
        // What goes wrong first tells the most.
        failure ??= { error }
      }
    }
    if (failure) throw failure.error
  }

  /** A new link: the dialer's end, then the listener's. */
  async connect(): Promise<readonly [LinkEnd, LinkEnd]> {
    if (this.transports) {
      await this.listen()
      const [dialed, accepted] = await Promise.all([this.dial(), this.accept()])
      return [new LinkEnd(dialed), new LinkEnd(accepted)]
    }
    const pair = this.#unused ?? ((await this.#makePair()) as LinkPair)
    this.#unused = undefined
    this.#given.add(pair)
    for (const link of pair.ends) this.#links.add(link)
    return [new LinkEnd(pair.ends[0]), new LinkEnd(pair.ends[1])]
  }

  /** Begins to listen, the first time. */
  async listen(): Promise<void> {
    if (!this.transports || this.#accepted) return
    const listening = this.transports.listener.listen({ signal: this.#listening.signal })
    this.#accepted = listening[Symbol.asyncIterator]()
    await listening.ready
  }

  async dial(signal: AbortSignal = this.dialSignal): Promise<Link> {
    const pair = this.transports as TransportPair
    const link = await pair.dialer.dial(pair.peer(), { signal })
    this.#links.add(link)
    return link
  }

  /** The next link that the listener yields. */
  async accept(): Promise<Link> {
    const { done, value } = await (this.#accepted as AsyncIterator<Link>).next()
    assert.ok(!done, 'listening ended where a link was expected')
    this.#links.add(value)
    return value
  }

  /** Breaks a link that `connect` gave, as the outside would. Whether the pair can. */
  async cut({ link }: LinkEnd): Promise<boolean> {
    const pair = this.transports ?? [...this.#given].find(({ ends }) => ends[0] === link)
    if (!pair?.cut) return false
    await pair.cut(link)
    return true
  }

  /** Forgets links that the test has closed, and releases what they were made from. */
  async release(): Promise<void> {
    this.#links.clear()
    const given = [...this.#given]
    this.#given.clear()
    for (const pair of given) await pair.close?.()
  }

  /**
   * Waits until a condition holds.
   *
   * @param missing - what the test says when it never does
   */
  async until(condition: () => boolean, missing: string): Promise<void> {
    this.#missing = missing
    while (!condition() && !this.#isOver) {
      await new Promise<void>((resolve) => nodeClock.timer(resolve, ASKING_MS, true))
    }
  }

  async #close(): Promise<void> {
    this.#isOver = true
    this.#listening.abort()
    // A pair that no test asked for was opened all the same.
    const links = [...this.#links, ...(this.#unused?.ends ?? [])]
    // Not a clean close: that may wait for the other end.
    await Promise.all(links.map((link) => link.close(new Error('The test is over.'))))
    await this.#unused?.close?.()
    await this.release()
    await this.transports?.close?.()
  }
}

function withLimit(work: Promise<void>, limitMs: number, missing: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      reject(new assert.AssertionError({ message: `no end after ${limitMs} ms: ${missing()}` }))
    }
    const cancel = nodeClock.timer(giveUp, limitMs, true)
    work.then(resolve, reject).finally(cancel)
  })
}
