import { ReplivecError } from '../errors.js'
import { invalid } from '../collection/call-options.js'
import type { LogIdentity, Position } from '../log/position.js'
import type { Clock } from '../runtime/clock.js'

const TIMEOUT_MS = 5_000

interface Waiter {
  readonly position: Position
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Reads that wait until a position is visible. */
export class PositionWaiters {
  readonly #clock: Clock
  readonly #identity: LogIdentity
  #waiting = new Set<Waiter>()

  constructor(clock: Clock, identity: LogIdentity) {
    this.#clock = clock
    this.#identity = identity
  }

  /** @throws `TIMEOUT`, `POSITION_LOST`, `OPTIONS_INVALID`, `CLOSED`, the signal's reason */
  async wait(
    position: Position,
    visibleSeq: number,
    { timeoutMs = TIMEOUT_MS, signal }: { timeoutMs?: number; signal?: AbortSignal },
  ): Promise<void> {
    this.#check(position)
    if (this.#holds(position, visibleSeq)) return
    signal?.throwIfAborted()
    let waiter: Waiter | undefined
    let cancelTimer: (() => void) | undefined
    let abort: (() => void) | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        waiter = { position, resolve, reject }
        this.#waiting.add(waiter)
        const expire = (): void => reject(timedOut(position, visibleSeq, timeoutMs))
        cancelTimer = this.#clock.timer(expire, timeoutMs, true)
        abort = () => reject(signal?.reason)
        signal?.addEventListener('abort', abort)
      })
    } finally {
      cancelTimer?.()
      if (abort) signal?.removeEventListener('abort', abort)
      if (waiter) this.#waiting.delete(waiter)
    }
  }

  /** Everything up to `seq` is visible now. */
  reached(seq: number): void {
    if (this.#waiting.size === 0) return
    for (const waiter of this.#waiting) if (this.#holds(waiter.position, seq)) waiter.resolve()
  }

  /** An epoch this store has not heard of may begin anywhere: its operations are not those of the same number here. */
  #holds({ epoch, seq }: Position, visibleSeq: number): boolean {
    return seq <= visibleSeq && epoch <= (this.#identity.epochs.at(-1)?.epoch ?? 0)
  }

  fail(error: ReplivecError): void {
    for (const waiter of this.#waiting) waiter.reject(error)
  }

  /** A position is lost when its epoch is none of this history's, or was over before it. */
  #check(position: unknown): void {
    const { epoch, seq } = readPosition(position)
    if (
      !Number.isSafeInteger(epoch) ||
      !Number.isSafeInteger(seq) ||
      (epoch as number) < 0 ||
      (seq as number) < 0
    ) {
      throw invalid('after', 'a position { epoch, seq } from a WriteResult', position)
    }
    const { epochs } = this.#identity
    const at = epochs.findIndex((row) => row.epoch === epoch)
    const isFuture = (epoch as number) > (epochs.at(-1)?.epoch ?? 0)
    const next = epochs[at + 1]
    if ((at === -1 && !isFuture) || (next && at !== -1 && next.firstSeq <= (seq as number))) {
      throw new ReplivecError(
        'POSITION_LOST',
        `The position (epoch ${epoch}, operation ${seq}) is not part of this store's history; read without it, or write again.`,
        { details: { epoch, seq } },
      )
    }
  }
}

function readPosition(position: unknown): Partial<Position> {
  try {
    const { epoch, seq } = (position ?? {}) as Position
    return { epoch, seq }
  } catch {
    // A getter or a proxy of the caller threw: that is no position either.
    return {}
  }
}

function timedOut(position: Position, visibleSeq: number, timeoutMs: number): ReplivecError {
  return new ReplivecError(
    'TIMEOUT',
    `Operation ${position.seq} was not visible within ${timeoutMs} ms; this store is at ${visibleSeq}.`,
    { details: { position, visibleSeq, timeoutMs } },
  )
}
