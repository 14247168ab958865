import type { WriteResult } from '../collection/collection-host.js'
import type { ReplivecError } from '../errors.js'
import type { PendingCommit } from '../log/group-commit.js'
import type { Position } from '../log/position.js'

/** Who sequences commits, of a kind `Staged`. */
export interface CommitOwner<Staged> {
  /** Makes a commit what reads find. With a promise, its caller is answered only then. */
  publish(staged: Staged, position: Position, logged: LoggedFrame): Promise<void> | undefined
  /** The log takes no more. */
  fail(error: ReplivecError): void
}

/** A commit as the log has it. */
export interface LoggedFrame {
  readonly firstSeq: number
  /** Milliseconds since the Unix epoch. */
  readonly committedAtMs: number
  readonly frame: Uint8Array
}

export interface SequencedCommitOptions<Staged> {
  readonly owner: CommitOwner<Staged>
  readonly staged: Staged
  /** The position of its last operation. */
  readonly head: Position
  /** What its caller is answered with. */
  readonly result: WriteResult
  readonly committedAtMs: number
  readonly durable: boolean
  readonly signal: AbortSignal | undefined
  readonly resolve: (result: WriteResult) => void
  readonly reject: (reason: unknown) => void
}

/**
 * A commit that has its sequence numbers, on its way through the log, with the promise of its caller. One object, not
 * four closures: thousands of them are made each second.
 */
export class SequencedCommit<Staged> implements PendingCommit {
  /** Its encoded frame; set before it is queued. */
  frame: Uint8Array | undefined
  readonly #options: SequencedCommitOptions<Staged>
  readonly #abort: (() => void) | undefined

  constructor(options: SequencedCommitOptions<Staged>) {
    const { signal, reject } = options
    this.frame = undefined
    this.#options = options
    if (!signal) return
    this.#abort = () => reject(signal.reason)
    signal.addEventListener('abort', this.#abort, { once: true })
  }

  get head(): Position {
    return this.#options.head
  }

  get durable(): boolean {
    return this.#options.durable
  }

  committed(): void {
    this.#ignoreAbort()
    const { owner, staged, head, result, committedAtMs, resolve } = this.#options
    const frame = this.frame as Uint8Array
    const later = owner.publish(staged, head, { firstSeq: head.seq - result.count + 1, committedAtMs, frame })
    if (later) later.then(() => resolve(result))
    else resolve(result)
  }

  refused(error: ReplivecError): void {
    this.#ignoreAbort()
    const { owner, reject } = this.#options
    owner.fail(error)
    reject(error)
  }

  #ignoreAbort(): void {
    if (this.#abort) this.#options.signal?.removeEventListener('abort', this.#abort)
  }
}
