import { ReplivecError } from '../errors.js'
import type { Position } from '../log/position.js'
import { BoundedWaits, WAIT_TIMEOUT_MS } from '../runtime/bounded-waits.js'
import type { Clock } from '../runtime/clock.js'
import type { WaitOptions } from './replication.js'

/** What waiting looks at and asks for. */
export interface ReplicaWaitsHost {
  readonly clock: Clock
  /** The newest position reads find. */
  readonly position: Position
  /** Why nothing is applied any more, if so. */
  readonly halted:
    | { readonly position: Position; readonly code: string; readonly message: string }
    | undefined
  /** Where the replica is and why it has no link, for the message. */
  readonly standing: { readonly words: string; readonly cause: ReplivecError | undefined }
  waitUntilVisible(position: Position, options: WaitOptions): Promise<void>
  /** Asks the master what it has; it also sends then what it would have gathered. */
  ask(question: number): void
}

/** A call that waits for all that the master had: until the answer to its question says what that is. */
interface CatchUp {
  readonly question: number
  targetSeq: number | undefined
}

/** The calls that wait at a replica for what its master has. */
export class ReplicaWaits {
  readonly #host: ReplicaWaitsHost
  readonly #catchUps: BoundedWaits<CatchUp>
  /** Waits for positions that will not come while nothing is applied. */
  readonly #halting = new Set<AbortController>()
  #questions = 0

  constructor(host: ReplicaWaitsHost) {
    this.#host = host
    this.#catchUps = new BoundedWaits(host.clock)
  }

  /** Resolves when reads find all that the master had at some moment after this call. */
  async forAll(options: WaitOptions): Promise<void> {
    const { halted } = this.#host
    if (halted) throw haltedError(halted)
    const { timeoutMs = WAIT_TIMEOUT_MS, signal } = options
    const catchUp: CatchUp = { question: this.#questions + 1, targetSeq: undefined }
    const met = this.#catchUps.wait(catchUp, { timeoutMs, signal, expired: () => this.#late(timeoutMs) })
    this.#ask()
    return met
  }

  /** What is here already can be waited for, unless it is of another history than the master's. */
  async forPosition(position: Position, options: WaitOptions): Promise<void> {
    const { halted } = this.#host
    const halting = new AbortController()
    const { signal } = options
    const abort = (): void => halting.abort(signal?.reason)
    const wait = this.#host.waitUntilVisible(position, { ...options, signal: halting.signal })
    signal?.addEventListener('abort', abort)
    this.#halting.add(halting)
    if (signal?.aborted) abort()
    else if (halted && (halted.code === 'HISTORY_MISMATCH' || position.seq > halted.position.seq))
      halting.abort(haltedError(halted))
    else if (position.seq > this.#host.position.seq) this.#ask()
    try {
      await wait
    } catch (error) {
      throw ReplivecError.is(error, 'TIMEOUT') ? this.#withReason(error) : error
    } finally {
      this.#halting.delete(halting)
      signal?.removeEventListener('abort', abort)
    }
  }

  /** The master said what it has. @param answer - the last question that this answers */
  answered(headSeq: number, answer: number): void {
    for (const catchUp of this.#catchUps.all()) {
      if (catchUp.question <= answer) catchUp.targetSeq ??= headSeq
    }
  }

  /** Reads find all up to an operation of the master's. */
  progressed(appliedSeq: number): void {
    this.#catchUps.check(({ targetSeq }) => targetSeq !== undefined && targetSeq <= appliedSeq)
  }

  /** Nothing is applied any more. */
  halted(halt: NonNullable<ReplicaWaitsHost['halted']>): void {
    const error = haltedError(halt)
    this.#catchUps.end(error)
    for (const halting of this.#halting) halting.abort(error)
  }

  /** The store closes. */
  end(error: ReplivecError): void {
    this.#catchUps.end(error)
  }

  #ask(): void {
    this.#questions += 1
    this.#host.ask(this.#questions)
  }

  /** A position that did not come, with what the replica knows of why. */
  #withReason({ message, details }: ReplivecError): ReplivecError {
    const { words, cause } = this.#host.standing
    return new ReplivecError('TIMEOUT', `${message.replace(/\.$/, '')}: ${words}.`, { cause, details })
  }

  #late(timeoutMs: number): ReplivecError {
    const { words, cause } = this.#host.standing
    return new ReplivecError(
      'TIMEOUT',
      `The replica did not have all that its master had within ${timeoutMs} ms: ${words}.`,
      { cause, details: { position: null, visibleSeq: this.#host.position.seq, timeoutMs } },
    )
  }
}

/** What a call that waits for more than a halted replica will get ends with. */
export function haltedError({
  position,
  code,
  message,
}: NonNullable<ReplicaWaitsHost['halted']>): ReplivecError {
  return new ReplivecError(code as ReplivecError['code'], message, { details: { halted: { position } } })
}
