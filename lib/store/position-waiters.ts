import { ReplivecError } from '../errors.js'
import { invalid } from '../collection/call-options.js'
import { type EpochTable, highestEpoch, standingOf } from '../log/epoch-table.js'
import type { Position } from '../log/position.js'
import { BoundedWaits, WAIT_TIMEOUT_MS } from '../runtime/bounded-waits.js'
import type { Clock } from '../runtime/clock.js'

/** Reads that wait until a position is visible. */
export class PositionWaiters {
  readonly #epochs: () => EpochTable
  readonly #waits: BoundedWaits<Position>

  /** @param epochs - of the history that reads find, as they are now */
  constructor(clock: Clock, epochs: () => EpochTable) {
    this.#waits = new BoundedWaits(clock)
    this.#epochs = epochs
  }

  /** @throws `TIMEOUT`, `POSITION_LOST`, `OPTIONS_INVALID`, `CLOSED`, the signal's reason */
  async wait(
    position: Position,
    visibleSeq: number,
    {
      timeoutMs = WAIT_TIMEOUT_MS,
      signal,
    }: { timeoutMs?: number | undefined; signal?: AbortSignal | undefined },
  ): Promise<void> {
    checkPosition(position)
    if (this.#holds(position, visibleSeq)) return
    const expired = (): ReplivecError =>
      timedOut(position, visibleSeq, highestEpoch(this.#epochs()), timeoutMs)
    await this.#waits.wait(position, { timeoutMs, signal, expired })
  }

  /** Everything up to `seq` is visible now, or the epochs are others: then with the operation that was visible before. */
  reached(seq: number): void {
    if (this.#waits.size > 0) this.#waits.check((position) => this.#holds(position, seq))
  }

  fail(error: ReplivecError): void {
    this.#waits.end(error)
  }

  /** An epoch this store has not heard of may begin anywhere: its operations are not those of the same number here. */
  #holds({ epoch, seq }: Position, visibleSeq: number): boolean {
    const standing = standingOf(this.#epochs(), { epoch, seq })
    if (standing !== 'lost') return standing === 'known' && seq <= visibleSeq
    throw new ReplivecError(
      'POSITION_LOST',
      `The position (epoch ${epoch}, operation ${seq}) is not part of this store's history; read without it, or write again.`,
      { details: { epoch, seq } },
    )
  }
}

function checkPosition(position: unknown): void {
  const { epoch, seq } = readPosition(position)
  if (
    !Number.isSafeInteger(epoch) ||
    !Number.isSafeInteger(seq) ||
    (epoch as number) < 0 ||
    (seq as number) < 0
  ) {
    throw invalid('after', 'a position { epoch, seq } from a WriteResult', position)
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

/** @param epoch - the newest that this store has heard of */
function timedOut(position: Position, visibleSeq: number, epoch: number, timeoutMs: number): ReplivecError {
  const { seq } = position
  const message =
    position.epoch > epoch
      ? `Operation ${seq} of epoch ${position.epoch} was not visible within ${timeoutMs} ms; this store is at ${visibleSeq} and has heard of no epoch after ${epoch}. Look whether it is linked to the master that answered the write.`
      : `Operation ${seq} was not visible within ${timeoutMs} ms; this store is at ${visibleSeq}.`
  return new ReplivecError('TIMEOUT', message, { details: { position, visibleSeq, timeoutMs } })
}
