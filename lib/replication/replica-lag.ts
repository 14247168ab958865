import { readCommitHead } from '../log/commit-head.js'
import { FRAME_HEADER_BYTES } from '../log/frame.js'
import type { Heartbeat, Operations } from './protocol/messages.js'

/** What was received and perhaps not applied yet. */
interface Received {
  readonly lastSeq: number
  /** How old its oldest commit was when the master sent it, by the master's clock. */
  readonly ageMs: number
  readonly atMs: number
}

/**
 * How far a replica is behind, in time. Differences are taken of one clock only: how old an operation was when it was sent, by the
 * master's, and how long ago it came, by the replica's own.
 */
export class ReplicaLag {
  #received: Received[] = []
  #headSeq = 0
  /** How old the first operation that was not sent yet was, and when that was said. */
  #unsent: { readonly ageMs: number; readonly atMs: number } | undefined
  /** When the replica last was known to be equal; at first when it began. */
  #equalAtMs: number

  constructor(nowMs: number) {
    this.#equalAtMs = nowMs
  }

  /** The master's last operation, as far as it is known. */
  get headSeq(): number {
    return this.#headSeq
  }

  /** The master told how its log stands, perhaps another log than before. */
  welcomed(headSeq: number): void {
    this.#headSeq = headSeq
    this.#received = []
    this.#unsent = undefined
  }

  received({ frames, lastSeq, headSeq, sentAtMs }: Operations, nowMs: number): void {
    // Whoever appends it checks its checksum; here a glance at the first commit is enough.
    const commit = readCommitHead(frames.subarray(FRAME_HEADER_BYTES))
    this.#headSeq = Math.max(this.#headSeq, headSeq)
    this.#received.push({
      lastSeq,
      ageMs: Math.max(0, sentAtMs - (commit?.committedAtMs ?? sentAtMs)),
      atMs: nowMs,
    })
    this.#unsent = undefined
  }

  heartbeat({ head, sentAtMs, unsentSinceMs }: Heartbeat, nowMs: number): void {
    this.#headSeq = Math.max(this.#headSeq, head.seq)
    this.#unsent =
      unsentSinceMs > 0 ? { ageMs: Math.max(0, sentAtMs - unsentSinceMs), atMs: nowMs } : undefined
  }

  /** @returns whether the replica has all that the master is known to have */
  progressed(appliedSeq: number, isLinked: boolean, nowMs: number): boolean {
    const applied = this.#received.findIndex(({ lastSeq }) => lastSeq > appliedSeq)
    if (applied !== 0) this.#received = applied === -1 ? [] : this.#received.slice(applied)
    const isEqual = isLinked && appliedSeq >= this.#headSeq
    if (isEqual) this.#equalAtMs = nowMs
    return isEqual
  }

  /** @param isLinked - the master can tell when there is more */
  lagMs(appliedSeq: number, isLinked: boolean, nowMs: number): number {
    if (this.progressed(appliedSeq, isLinked, nowMs)) return 0
    const oldest = this.#received[0] ?? (isLinked ? this.#unsent : undefined)
    const knownMs = oldest ? oldest.ageMs + nowMs - oldest.atMs : 0
    // Nothing says how old what is missing is: at least it came after the last moment of being equal.
    return isLinked && oldest ? knownMs : Math.max(knownMs, nowMs - this.#equalAtMs)
  }
}
