import { ReplivecError } from '../errors.js'
import type { OpLog } from '../log/op-log.js'
import type { Clock } from '../runtime/clock.js'

/** A log may grow to this many times what it is to keep, and to this at least, for a snapshot that is under way. */
const PINNED_TIMES = 4
const PINNED_BYTES_MIN = 1024 * 1024 * 1024

export interface LogTrimmingOptions {
  readonly log: OpLog
  readonly clock: Clock
  /** How far the log reaches back beyond what recovery needs. */
  readonly keepBytes: number
  /** Segments whose operations are all older are not kept for that. */
  readonly keepMs: number
  readonly onWarning: (error: ReplivecError) => void
}

/** Trims the log, one request at a time. */
export class LogTrimming {
  readonly #options: LogTrimmingOptions
  /** Operations that snapshots under way go on from. */
  readonly #pins = new Map<string, number>()
  #running = false

  constructor(options: LogTrimmingOptions) {
    this.#options = options
  }

  /** Keeps what follows an operation, within a limit of its own, until it is released. */
  pin(name: string, seq: number): void {
    this.#pins.set(name, seq)
  }

  release(name: string): void {
    this.#pins.delete(name)
  }

  /** @param flushedSeq - the record store holds everything up to it on stable storage */
  request(flushedSeq: number): void {
    const { log, clock, keepBytes, keepMs, onWarning } = this.#options
    if (this.#running) return
    this.#running = true
    const limitBytes = Math.max(PINNED_BYTES_MIN, PINNED_TIMES * keepBytes)
    const throughSeq = log.bytes > limitBytes ? flushedSeq : Math.min(flushedSeq, ...this.#pins.values())
    log
      .trim(throughSeq, keepBytes, clock.now() - keepMs)
      .catch((cause: unknown) =>
        onWarning(
          new ReplivecError(
            'STORAGE_FAILED',
            'Old log segments could not be removed; they take space until they can.',
            { cause },
          ),
        ),
      )
      .finally(() => {
        this.#running = false
      })
  }
}
