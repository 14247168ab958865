import type { ReplivecError } from '../errors.js'
import { refusalReason } from './refusal-reason.js'

/** Reasons of refusals after which the next attempt may do: the same replica came again, or was forgotten and is taken anew. */
const PASSING: ReadonlySet<string> = new Set(['replaced', 'forgotten', 'busy', 'rotated'])
/** A transport whose every message is another one is believed after so many. */
const WARNINGS_MAX = 8

/**
 * Warns of what keeps a replica from its master, of each thing once until there was a link again. A refusal after which no attempt will do
 * is told at once; a master that is not reached only after a while, because it may just be starting.
 */
export class LinkWarnings {
  readonly #warn: (error: ReplivecError) => void
  readonly #patienceMs: number
  readonly #warnedOf = new Set<string>()
  #sinceMs: number

  /** @param patienceMs - how long a replica may be without a link before that is told */
  constructor(patienceMs: number, nowMs: number, warn: (error: ReplivecError) => void) {
    this.#warn = warn
    this.#patienceMs = patienceMs
    this.#sinceMs = nowMs
  }

  /** An attempt failed. */
  failed(error: ReplivecError, nowMs: number): void {
    const { code, details, message } = error
    if (code === 'CLOSED' || PASSING.has(String(details.reason))) return
    const isLasting = code === 'PEER_REFUSED' || code === 'OPTIONS_INVALID'
    if (!isLasting && nowMs - this.#sinceMs < this.#patienceMs) return
    const what = isLasting ? `${code} ${String(refusalReason(error) ?? details.option)}` : message
    if (this.#warnedOf.has(what) || this.#warnedOf.size >= WARNINGS_MAX) return
    this.#warnedOf.add(what)
    this.#warn(error)
  }

  joined(): void {
    this.#warnedOf.clear()
  }

  /** The link is gone. */
  left(nowMs: number): void {
    this.#sinceMs = nowMs
  }
}
