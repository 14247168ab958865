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
  /** Their frames exactly as they lie on the disk, without the marks between them. Not to be written to. */
  readonly frames: Uint8Array
}

/** What a run may hold at most; a single commit may be more. */
export interface RunLimits {
  readonly bytes: number
  readonly operations: number
}

/** A run in the making. */
export class GatheredRun {
  readonly #limits: RunLimits
  /** What lies together in memory is one piece. */
  readonly #pieces: Uint8Array[] = []
  #first: RawCommit | undefined
  #last: RawCommit | undefined
  #commits = 0
  #operations = 0
  #bytes = 0

  constructor(limits: RunLimits) {
    this.#limits = limits
  }

  get isEmpty(): boolean {
    return this.#commits === 0
  }

  /** Adds the next commit, unless that would be too much. */
  take(commit: RawCommit): boolean {
    const operations = this.#operations + commit.head.count
    const bytes = this.#bytes + commit.frame.byteLength
    const isOver = operations > this.#limits.operations || bytes > this.#limits.bytes
    if (isOver && !this.isEmpty) return false
    this.#first ??= commit
    this.#last = commit
    this.#commits += 1
    this.#operations = operations
    this.#bytes = bytes
    this.#add(commit.frame)
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
      frames: this.#joined(),
    }
  }

  #add(frame: Uint8Array): void {
    const piece = this.#pieces.at(-1)
    const follows = piece?.buffer === frame.buffer && piece.byteOffset + piece.byteLength === frame.byteOffset
    if (!piece || !follows) {
      this.#pieces.push(frame)
      return
    }
    const bytes = piece.byteLength + frame.byteLength
    this.#pieces[this.#pieces.length - 1] = new Uint8Array(piece.buffer, piece.byteOffset, bytes)
  }

  /** One piece is given as it is, unless that would keep much more memory than it needs. */
  #joined(): Uint8Array {
    const [piece] = this.#pieces
    if (piece && this.#pieces.length === 1 && 2 * piece.byteLength >= piece.buffer.byteLength) return piece
    return Buffer.concat(this.#pieces, this.#bytes)
  }
}
