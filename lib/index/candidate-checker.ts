import { Bitmap } from '../bitmap.js'
import { ReplivecError } from '../errors.js'
import type { Candidates } from './backend.js'

/** Checks what one index answers, in O(k) a query. */
export class CandidateChecker {
  readonly #kind: string
  readonly #count: number
  /** Ordinals of the list at hand; empty between lists. One bit a row, where a Set would allocate on every search. */
  readonly #seen = new Bitmap()

  /**
   * @param kind - the backend's kind, for messages
   * @param count - rows of the index
   */
  constructor(kind: string, count: number) {
    this.#kind = kind
    this.#count = count
  }

  /**
   * @param lists - what the backend answered
   * @param asked - how many queries, how many candidates each, and the admitted rows if the backend was given them
   * @returns `lists`, now known to be what the contract says
   * @throws `BACKEND_FAILED` saying what is wrong
   */
  check(lists: unknown, asked: { count: number; k: number; allow: Bitmap | undefined }): Candidates[] {
    if (!Array.isArray(lists) || lists.length !== asked.count) {
      this.#fail(
        `gave ${Array.isArray(lists) ? lists.length : 'no'} lists of candidates for ${asked.count} queries`,
      )
    }
    return lists.map((list: unknown) => {
      if (!isCandidates(list))
        this.#fail('gave candidates that are not { ordinals: Uint32Array, distances: Float32Array }')
      this.#checkList(list, asked)
      return list
    })
  }

  #checkList({ ordinals, distances }: Candidates, asked: { k: number; allow: Bitmap | undefined }): void {
    if (ordinals.length !== distances.length) {
      this.#fail(`gave ${ordinals.length} ordinals but ${distances.length} distances`)
    }
    if (ordinals.length > asked.k)
      this.#fail(`gave ${ordinals.length} candidates where ${asked.k} were asked for`)
    this.#checkDistances(distances)
    const problem = this.#problemOf(ordinals, asked.allow)
    for (const ordinal of ordinals) this.#seen.delete(ordinal)
    if (problem !== undefined) this.#fail(problem)
  }

  #checkDistances(distances: Float32Array): void {
    let last = Number.NEGATIVE_INFINITY
    for (const distance of distances) {
      // Written so that NaN fails too.
      if (!(distance >= last)) {
        this.#fail(
          Number.isNaN(distance)
            ? 'gave a distance that is NaN'
            : 'gave candidates that are not nearest first',
        )
      }
      last = distance
    }
  }

  #problemOf(ordinals: Uint32Array, allow: Bitmap | undefined): string | undefined {
    for (const ordinal of ordinals) {
      if (ordinal >= this.#count) return `gave ordinal ${ordinal}, but there are only ${this.#count} rows`
      if (this.#seen.has(ordinal)) return `gave ordinal ${ordinal} twice for one query`
      if (allow !== undefined && !allow.has(ordinal))
        return `gave ordinal ${ordinal}, which 'allow' does not admit`
      this.#seen.add(ordinal)
    }
    return undefined
  }

  #fail(problem: string): never {
    throw new ReplivecError('BACKEND_FAILED', `The backend '${this.#kind}' ${problem}.`, {
      details: { kind: this.#kind },
    })
  }
}

function isCandidates(list: unknown): list is Candidates {
  if (typeof list !== 'object' || list === null || !('ordinals' in list) || !('distances' in list))
    return false
  return list.ordinals instanceof Uint32Array && list.distances instanceof Float32Array
}
