import { ReplivecError } from '../errors.js'
import { admittedRows } from './admitted-rows.js'
import type { Candidates, IndexBackend, IndexBytes, IndexForm, VectorIndex } from './backend.js'
import { CandidateChecker } from './candidate-checker.js'

type SearchInput = Parameters<VectorIndex['search']>[0]

/**
 * Candidates asked of an approximate index that does not say itself. Measured at 50 000 text embeddings, the ten nearest are
 * among 50 by numbers of one byte in 98.3 % of the cases.
 */
const CANDIDATES_MIN = 64
const CANDIDATES_EACH = 3

/** What is known about an index without asking it. */
export interface IndexFacts {
  readonly backend: IndexBackend
  /** Rows it was built over. */
  readonly count: number
  readonly dimensions: number
}

/** One index of a checked backend: arguments are checked on the way in, answers on the way out. */
export class CheckedIndex implements VectorIndex {
  /** Absent when the backend cannot lose its index. Never rejects. */
  readonly lost?: Promise<string>
  readonly #index: VectorIndex
  readonly #facts: IndexFacts
  readonly #checker: CandidateChecker
  #disposed: Promise<void> | undefined

  /**
   * @param index - what the backend gave
   * @throws `BACKEND_FAILED` when that is no `VectorIndex`
   */
  constructor(index: VectorIndex | undefined, facts: IndexFacts) {
    const { kind } = facts.backend
    if (!isIndex(index)) {
      throw failure(kind, 'gave no VectorIndex: an object with search, bytes and Symbol.asyncDispose')
    }
    this.#index = index
    this.#facts = facts
    this.#checker = new CandidateChecker(kind, facts.count)
    const { lost } = index
    if (lost !== undefined) {
      this.lost = Promise.resolve(lost).then(
        (reason) => (typeof reason === 'string' && reason !== '' ? reason : `'${kind}' gave no reason`),
        () => `'${kind}' failed while it watched its index`,
      )
    }
    checkBytes(kind, index)
  }

  /** @throws `BACKEND_FAILED` when the backend reports anything but byte counts. Zero once disposed. */
  get bytes(): IndexBytes {
    if (this.#disposed !== undefined) return { memory: 0, disk: 0 }
    return checkBytes(this.#facts.backend.kind, this.#index)
  }

  /** @throws `BACKEND_FAILED` when the backend gives anything but strings */
  get form(): IndexForm {
    const { kind } = this.#facts.backend
    const { form } = this.#index
    if (form === undefined) return { name: kind }
    const { name, reason } = form
    if (typeof name !== 'string' || (reason !== undefined && typeof reason !== 'string')) {
      throw failure(kind, "must give 'form' as { name, reason? }, both strings")
    }
    return { name, ...(reason === undefined ? {} : { reason }) }
  }

  /** @throws `BACKEND_FAILED` when the backend answers anything but a whole number from `k` */
  candidatesFor(k: number): number {
    const { kind } = this.#facts.backend
    if (!this.#index.candidatesFor) return Math.max(CANDIDATES_MIN, CANDIDATES_EACH * k)
    let wanted: unknown
    try {
      wanted = this.#index.candidatesFor(k)
    } catch (error) {
      throw failure(kind, "failed to say how many candidates it needs; its own error is the 'cause'", error)
    }
    if (Number.isInteger(wanted) && (wanted as number) >= k) return wanted as number
    throw failure(kind, `must ask for ${k} candidates or more where ${k} are wanted, not ${String(wanted)}`)
  }

  /**
   * @throws `OPTIONS_INVALID` when the caller's arguments are wrong, `BACKEND_FAILED` when the backend fails, answers
   *   wrongly or is disposed; an answer that is not a promise throws at once
   */
  search(input: SearchInput): Promise<Candidates[]> | Candidates[] {
    const { kind, supports } = this.#facts.backend
    if (this.#disposed !== undefined) throw failure(kind, 'was asked after its index was disposed')
    checkSearch(input, this.#facts.dimensions)
    const { queries, count, k, ef } = input
    const allow = supports.mask && input.allow ? admittedRows(input.allow, this.#facts.count) : undefined
    const request = {
      queries,
      count,
      k,
      ...(ef === undefined ? {} : { ef }),
      ...(allow === undefined ? {} : { allow: allow.words }),
    }
    const accept = (lists: unknown) => this.#checker.check(lists, { count, k, allow })
    const refuse = (cause: unknown) => {
      throw failure(kind, "failed to search; its own error is the 'cause'", cause)
    }
    let answer: Promise<Candidates[]> | Candidates[]
    try {
      answer = this.#index.search(request)
    } catch (error) {
      return refuse(error)
    }
    return isThenable(answer) ? answer.then(accept, refuse) : accept(answer)
  }

  /** Idempotent. @throws `BACKEND_FAILED` when the backend could not let go. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose()
    return this.#disposed
  }

  async #dispose(): Promise<void> {
    try {
      await this.#index[Symbol.asyncDispose]()
    } catch (error) {
      throw failure(
        this.#facts.backend.kind,
        "could not dispose its index; its own error is the 'cause'",
        error,
      )
    }
  }
}

function failure(kind: string, problem: string, cause?: unknown): ReplivecError {
  if (ReplivecError.is(cause, 'BACKEND_FAILED')) return cause
  return new ReplivecError('BACKEND_FAILED', `The backend '${kind}' ${problem}.`, {
    details: { kind },
    ...(cause === undefined ? {} : { cause }),
  })
}

function isIndex(index: VectorIndex | undefined): index is VectorIndex {
  if (typeof index !== 'object' || index === null) return false
  return typeof index.search === 'function' && typeof index[Symbol.asyncDispose] === 'function'
}

function isThenable(answer: Promise<Candidates[]> | Candidates[]): answer is Promise<Candidates[]> {
  return typeof answer === 'object' && answer !== null && 'then' in answer
}

function checkBytes(kind: string, index: VectorIndex): IndexBytes {
  let bytes: { memory: unknown; disk: unknown; shared: unknown }
  try {
    const { memory, disk, shared = 0 } = index.bytes
    bytes = { memory, disk, shared }
  } catch (error) {
    throw failure(kind, "failed to report its bytes; its own error is the 'cause'", error)
  }
  const { memory, disk, shared } = bytes
  if (!isByteCount(memory) || !isByteCount(disk) || !isByteCount(shared) || shared > memory) {
    throw failure(
      kind,
      "must report 'bytes' as { memory, disk }, both finite numbers from 0; 'shared' may be a part of 'memory'",
    )
  }
  return { memory, disk, ...(shared === 0 ? {} : { shared }) }
}

function isByteCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function checkSearch(input: SearchInput, dimensions: number): void {
  const { queries, count, k, ef, allow } = input
  if (!Number.isInteger(count) || count < 1) refuse("'count' must be a whole number from 1")
  if (!(queries instanceof Float32Array) || queries.length !== count * dimensions) {
    refuse(`'queries' must be a Float32Array of count × dimensions (${count * dimensions}) components`)
  }
  if (!Number.isInteger(k) || k < 1 || k > 0xffffffff) refuse("'k' must be a whole number from 1")
  if (ef !== undefined && (!Number.isInteger(ef) || ef < 1)) refuse("'ef' must be a whole number from 1")
  if (allow !== undefined && !(allow instanceof Uint32Array)) refuse("'allow' must be a Uint32Array")
}

function refuse(problem: string): never {
  throw new ReplivecError('OPTIONS_INVALID', `An index cannot be searched: ${problem}.`)
}
