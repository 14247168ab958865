import type { Batch } from './protocol/master-state.js'

/** One commit as it was logged. */
export interface LiveCommit {
  readonly firstSeq: number
  readonly lastSeq: number
  /** By the master's wall clock, milliseconds since the Unix epoch. */
  readonly committedAtMs: number
  frame: Uint8Array
  /** Bytes of all commits up to this one, since the store was opened. */
  readonly endBytes: number
}

const NO_BYTES = new Uint8Array(0)

/** Batches kept for the next replica that asks for the same, and no more than fit in so many bytes. */
const BATCHES_KEPT = 4
const KEPT_BYTES_MAX = 2 * 1024 * 1024

/**
 * The newest commits of a master's log, in memory, for the replicas that keep up: what waits for them is here, once for all of
 * them. What would be more than the budget is left to the log on disk.
 */
export class LiveTail {
  readonly #maxBytes: number
  #commits: LiveCommit[] = []
  /** Commits before this place in the array are gone; they are cut off now and then. */
  #start = 0
  #totalBytes = 0
  #droppedBytes = 0
  #batches: { readonly key: string; readonly batch: Batch }[] = []

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#totalBytes - this.#droppedBytes
  }

  /** The first operation held; `undefined` when there is none. */
  get firstSeq(): number | undefined {
    return this.#commits[this.#start]?.firstSeq
  }

  append(commit: Omit<LiveCommit, 'endBytes'>): void {
    this.#totalBytes += commit.frame.byteLength
    const { firstSeq, lastSeq, committedAtMs, frame } = commit
    this.#commits.push({ firstSeq, lastSeq, committedAtMs, frame, endBytes: this.#totalBytes })
    while (this.bytes > this.#maxBytes && this.#start < this.#commits.length) this.#drop()
  }

  /** Nobody needs what lies up to an operation. */
  release(throughSeq: number): void {
    for (let first = this.#commits[this.#start]; first && first.lastSeq <= throughSeq; ) {
      this.#drop()
      first = this.#commits[this.#start]
    }
  }

  /** Bytes held of what follows an operation. */
  bytesAfter(seq: number): number {
    const at = this.#at(seq + 1)
    const before = this.#commits[at - 1]
    return this.#totalBytes - (at > this.#start && before ? before.endBytes : this.#droppedBytes)
  }

  /** When the first operation after `seq` was committed; 0 when none is held. */
  committedAfterMs(seq: number): number {
    return this.#commits[this.#at(seq + 1)]?.committedAtMs ?? 0
  }

  /**
   * Whole commits from `fromSeq` on, at least one.
   *
   * @returns `undefined` when the commit that begins there is not here
   */
  read(fromSeq: number, limits: { readonly bytes: number; readonly operations: number }): Batch | undefined {
    const at = this.#at(fromSeq)
    const first = this.#commits[at]
    if (first?.firstSeq !== fromSeq) return undefined
    let end = at
    let bytes = 0
    for (let next: LiveCommit | undefined = first; next; next = this.#commits[end]) {
      const isMore =
        bytes + next.frame.byteLength > limits.bytes || next.lastSeq - fromSeq >= limits.operations
      if (end > at && isMore) break
      bytes += next.frame.byteLength
      end += 1
    }
    const { lastSeq } = this.#commits[end - 1] as LiveCommit
    const key = `${fromSeq}-${lastSeq}`
    const kept = this.#batches.find((candidate) => candidate.key === key)
    if (kept) return kept.batch
    const frames = this.#commits.slice(at, end).map(({ frame }) => frame)
    const batch = {
      firstSeq: fromSeq,
      lastSeq,
      frames: frames.length === 1 ? first.frame : Buffer.concat(frames, bytes),
    }
    this.#keep(key, batch)
    return batch
  }

  #keep(key: string, batch: Batch): void {
    let bytes = 0
    this.#batches = [{ key, batch }, ...this.#batches].slice(0, BATCHES_KEPT).filter((kept) => {
      bytes += kept.batch.frames.byteLength
      return bytes <= KEPT_BYTES_MAX
    })
  }

  /** The place of the first commit that ends at or after an operation. */
  #at(seq: number): number {
    let low = this.#start
    let high = this.#commits.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#commits[middle] as LiveCommit).lastSeq < seq) low = middle + 1
      else high = middle
    }
    return low
  }

  #drop(): void {
    const dropped = this.#commits[this.#start] as LiveCommit
    this.#droppedBytes += dropped.frame.byteLength
    // Its place stays for a while; its bytes must not.
    dropped.frame = NO_BYTES
    this.#start += 1
    if (this.#start === this.#commits.length) this.#batches = []
    if (this.#start < 1_024 || this.#start < this.#commits.length / 2) return
    this.#commits = this.#commits.slice(this.#start)
    this.#start = 0
  }
}
