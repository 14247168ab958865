import type { Position } from './position.js'
import type { RawCommit } from './segment-commits.js'

/** Whole commits that follow one another, as bytes. */
export interface LogRun {
  /** May lie before what was asked for: commits are whole. */
  readonly firstSeq: number
  readonly lastSeq: number
  /** The position of the last operation. */
  readonly head: Position
  readonly commits: number
  readonly operations: number
  /** When its first and its last commit were made, in epoch milliseconds by the clock of whoever made them. */
  readonly firstCommittedAtMs: number
  readonly lastCommittedAtMs: number
  /** Their frames exactly as they lie on the disk, without the marks between them; good until the next run is read. */
  readonly frames: Uint8Array
}

/** What a run may hold at most; a single commit may be more. */
export interface RunLimits {
  readonly bytes: number
  readonly operations: number
}

/** A run in the making, in memory that the next one uses again. */
export class GatheredRun {
  readonly #limits: RunLimits
  #memory: Uint8Array
  #first: RawCommit | undefined
  #last: RawCommit | undefined
  #commits = 0
  #operations = 0
  #bytes = 0

  /** @param memory - what the run before left; it grows where it is too small */
  constructor(limits: RunLimits, memory: Uint8Array) {
    this.#limits = limits
    this.#memory = memory
  }

  /** Where the frames are. */
  get memory(): Uint8Array {
    return this.#memory
  }

  get isEmpty(): boolean {
    return this.#commits === 0
  }

  /** Adds a copy of the next commit, unless that would be too much. */
  take(commit: RawCommit): boolean {
    const operations = this.#operations + commit.head.count
    const bytes = this.#bytes + commit.frame.byteLength
    const isOver = operations > this.#limits.operations || bytes > this.#limits.bytes
    if (isOver && !this.isEmpty) return false
    this.#first ??= commit
    this.#last = commit
    this.#commits += 1
    this.#operations = operations
    this.#reserve(bytes)
    this.#memory.set(commit.frame, this.#bytes)
    this.#bytes = bytes
    return true
  }

  /** `undefined` when nothing was taken. */
  finish(): LogRun | undefined {
    if (!this.#first || !this.#last) return undefined
    const { head, lastSeq } = this.#last
    return {
      firstSeq: this.#first.head.firstSeq,
      lastSeq,
      head: { epoch: head.epoch, seq: lastSeq },
      commits: this.#commits,
      operations: this.#operations,
      firstCommittedAtMs: this.#first.head.committedAtMs,
      lastCommittedAtMs: head.committedAtMs,
      frames: this.#memory.subarray(0, this.#bytes),
    }
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#memory.byteLength) return
    const grown = new Uint8Array(Math.max(bytes, Math.min(2 * bytes, this.#limits.bytes)))
    grown.set(this.#memory.subarray(0, this.#bytes))
    this.#memory = grown
  }
}
