import { checkOptions, invalid, readArguments } from '../collection/call-options.js'
import type { WriteConcern, WriteResult } from '../collection/collection-host.js'
import { ReplivecError } from '../errors.js'
import type { Clock } from '../runtime/clock.js'

const TIMEOUT_MS = 5_000

/** Stored writes that wait until as many nodes have them as was asked for. */
export class ConcernWaits {
  readonly #clock: Clock
  /** Each ends one wait. */
  readonly #waits = new Set<(error: ReplivecError) => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @throws `WRITE_CONCERN_TIMEOUT`, the signal's reason, or what `end` was given */
  async met(concern: WriteConcern, result: WriteResult, signal: AbortSignal | undefined): Promise<void> {
    const needed = concern.w === 'all' ? 1 : (concern.w as number)
    if (needed <= result.acks) return
    signal?.throwIfAborted()
    const { timeoutMs = TIMEOUT_MS } = concern
    let end: ((error: ReplivecError) => void) | undefined
    let abort: (() => void) | undefined
    let cancel: (() => void) | undefined
    try {
      await new Promise<never>((_, reject) => {
        cancel = this.#clock.timer(() => reject(timedOut(result, needed, timeoutMs)), timeoutMs, true)
        abort = () => reject(signal?.reason)
        end = reject
        this.#waits.add(end)
        signal?.addEventListener('abort', abort)
      })
    } finally {
      cancel?.()
      if (abort) signal?.removeEventListener('abort', abort)
      if (end) this.#waits.delete(end)
    }
  }

  /** Ends all waits; the writes are stored here. */
  end(error: ReplivecError): void {
    for (const end of this.#waits) end(error)
  }
}

function timedOut({ acks, position }: WriteResult, needed: number, timeoutMs: number): ReplivecError {
  return new ReplivecError(
    'WRITE_CONCERN_TIMEOUT',
    `The write is stored here, but ${needed} nodes did not have it within ${timeoutMs} ms: this store has no replicas.`,
    { details: { acks, needed, position } },
  )
}

/** @throws `OPTIONS_INVALID` */
export function checkWriteConcern(concern: unknown): WriteConcern | undefined {
  return concern === undefined ? undefined : readArguments('writeConcern', () => readWriteConcern(concern))
}

function readWriteConcern(concern: unknown): WriteConcern {
  const { w = 1, level, timeoutMs } = checkOptions(concern, 'writeConcern') as Partial<WriteConcern>
  if (w === 'majority') throw invalid('writeConcern.w', "a number or 'all' (a majority needs members)", w)
  if (w !== 'all' && !(Number.isInteger(w) && (w as number) >= 1)) {
    throw invalid('writeConcern.w', "a whole number from 1, 'majority' or 'all'", w)
  }
  if (level !== undefined && level !== 'received' && level !== 'durable' && level !== 'applied') {
    throw invalid('writeConcern.level', "'received', 'durable' or 'applied'", level)
  }
  return { w, ...(level === undefined ? {} : { level }), ...(timeoutMs === undefined ? {} : { timeoutMs }) }
}
