import { ReplivecError } from '../errors.js'
import type { Link, PeerInfo } from '../replication/link.js'
import type { Clock } from '../runtime/clock.js'
import { nodeClock } from '../runtime/node-clock.js'
import { FAULTS, type FaultProbabilities, FrameFaults } from './frame-faults.js'
import { SeededRandom } from './seeded-random.js'

/** What is wrong with a link. */
export interface FaultyOptions extends FaultProbabilities {
  /** The same seed gives the same faults for the same frames. Print it when a test fails. */
  readonly seed: number | string
  /** Longest delay in milliseconds; 100 by default. */
  readonly delayMsMax?: number | undefined
  /** Whose time delays take; the machine's by default. */
  readonly clock?: Clock | undefined
}

const DELAY_MS_MAX = 100
const OPTIONS: readonly string[] = [...FAULTS, 'seed', 'delayMsMax', 'clock']

/**
 * A link that does what links must not do, to test what stands on it: it loses, corrupts, truncates, duplicates, reorders and
 * delays frames, and breaks, in both directions. Faults come from a seed. Without any it is the link as it was.
 *
 * @param link - taken over: use only the returned one
 * @param options - the probability of each fault, for each frame
 * @throws `OPTIONS_INVALID`
 *
 * @example
 * ```ts
 * import type { Link } from 'replivec'
 * import { faulty } from 'replivec/testing'
 *
 * declare const link: Link
 * declare function accept(link: Link): void // what is tested
 *
 * for (let seed = 0; seed < 100; seed++) {
 *   accept(faulty(link, { seed, corrupt: 0.01, duplicate: 0.05, cut: 0.001 }))
 * }
 * ```
 */
export function faulty(link: Link, options: FaultyOptions): Link {
  checkOptions(options)
  return new FaultyLink(link, options)
}

class FaultyLink implements Link {
  readonly #link: Link
  readonly #clock: Clock
  readonly #sent: FrameFaults
  readonly #received: FrameFaults
  readonly #closing = new AbortController()
  /** The send before the next one. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(link: Link, options: FaultyOptions) {
    const random = new SeededRandom(options.seed)
    const delayMsMax = options.delayMsMax ?? DELAY_MS_MAX
    this.#link = link
    this.#clock = options.clock ?? nodeClock
    this.#sent = new FrameFaults(random.fork('sent'), options, delayMsMax)
    this.#received = new FrameFaults(random.fork('received'), options, delayMsMax)
  }

  get peer(): PeerInfo {
    return this.#link.peer
  }

  get maxFrameBytes(): number {
    return this.#link.maxFrameBytes
  }

  send(frame: Uint8Array): Promise<void> {
    // The link says no to it in its own words.
    if (!(frame.byteLength <= this.maxFrameBytes) || this.#closing.signal.aborted)
      return this.#link.send(frame)
    const { frames, delayMs, isCut } = this.#sent.next(frame)
    const sending = this.#last.then(async () => {
      await this.#pause(delayMs)
      if (isCut) await this.#cut()
      // When it is cut or closed by now, this is what says so.
      if (isCut || this.#closing.signal.aborted) return this.#link.send(frame)
      for (const part of frames) await this.#link.send(part)
    })
    this.#last = sending.catch(() => {})
    return sending
  }

  async close(reason?: Error): Promise<void> {
    if (!this.#closing.signal.aborted && !reason) {
      // As much as a link promises: it goes out if there is room.
      for (const frame of this.#sent.rest()) this.#link.send(frame).catch(() => {})
    }
    this.#closing.abort()
    await this.#link.close(reason)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, undefined> {
    for await (const frame of this.#link) {
      const { frames, delayMs, isCut } = this.#received.next(frame)
      await this.#pause(delayMs)
      if (isCut) await this.#cut()
      else if (!this.#closing.signal.aborted) yield* frames
    }
    if (!this.#closing.signal.aborted) yield* this.#received.rest()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #cut(): Promise<void> {
    return this.close(new Error('The link was cut by faulty().'))
  }

  /** Ends early when the link is closed. */
  async #pause(ms: number): Promise<void> {
    const { signal } = this.#closing
    if (ms <= 0 || signal.aborted) return
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.timer(() => end(), ms, true)
      const end = (): void => {
        cancel()
        signal.removeEventListener('abort', end)
        resolve()
      }
      signal.addEventListener('abort', end)
    })
  }
}

function checkOptions(options: FaultyOptions): void {
  const invalid = (option: string, expected: string): ReplivecError =>
    new ReplivecError('OPTIONS_INVALID', `The option ${option} of faulty() must be ${expected}.`, {
      details: { option },
    })
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name))
  if (unknown !== undefined) throw invalid(unknown, `one of ${OPTIONS.join(', ')}`)
  const { seed, delayMsMax = DELAY_MS_MAX } = options
  if (typeof seed !== 'number' && typeof seed !== 'string') throw invalid('seed', 'a number or a string')
  if (!(delayMsMax >= 0)) throw invalid('delayMsMax', 'a number of milliseconds from 0')
  for (const fault of FAULTS) {
    const probability = options[fault] ?? 0
    if (!(probability >= 0 && probability <= 1)) throw invalid(fault, 'a probability from 0 to 1')
  }
}
