import { ReplivecError } from '../errors.js'
import type { OpLog } from '../log/op-log.js'

/** Trims the log, one request at a time. */
export class LogTrimming {
  readonly #log: OpLog
  readonly #keepBytes: number
  readonly #onWarning: (error: ReplivecError) => void
  #running = false

  constructor(log: OpLog, keepBytes: number, onWarning: (error: ReplivecError) => void) {
    this.#log = log
    this.#keepBytes = keepBytes
    this.#onWarning = onWarning
  }

  request(throughSeq: number): void {
    if (this.#running) return
    this.#running = true
    this.#log
      .trim(throughSeq, this.#keepBytes)
      .catch((cause: unknown) =>
        this.#onWarning(
          new ReplivecError(
            'STORAGE_FAILED',
            'Old log segments could not be removed; they take space until they can.',
            {
              cause,
            },
          ),
        ),
      )
      .finally(() => {
        this.#running = false
      })
  }
}
