import type { ReplivecError } from '../errors.js'
import { refusalReason } from './refusal-reason.js'

/** Reasons of refusals after which the next attempt may do: the same replica came again, or was forgotten and is taken anew. */
const PASSING: ReadonlySet<string> = new Set(['replaced', 'forgotten', 'busy', 'rotated'])

/** Warns of refusals after which no attempt will do unless somebody changes something: of each once, until there was a link again. */
export class RefusalWarnings {
  readonly #warn: (error: ReplivecError) => void
  readonly #warnedOf = new Set<string>()

  constructor(warn: (error: ReplivecError) => void) {
    this.#warn = warn
  }

  told(error: ReplivecError): void {
    const { code, details } = error
    const isLasting = code === 'PEER_REFUSED' || code === 'OPTIONS_INVALID'
    const what = `${code} ${String(refusalReason(error) ?? details.option)}`
    if (!isLasting || PASSING.has(String(details.reason)) || this.#warnedOf.has(what)) return
    this.#warnedOf.add(what)
    this.#warn(error)
  }

  forget(): void {
    this.#warnedOf.clear()
  }
}
