import type { ReplivecError } from '../errors.js'
import type { Clock } from '../runtime/clock.js'
import { Turn } from '../runtime/turn.js'
import type { OpLog, SyncMode } from './op-log.js'
import type { Position } from './position.js'
import { SyncPlace } from './sync-place.js'

/** Frames of one group stay below this, so that a flood of large commits cannot grow one write without bound. */
const GROUP_BYTES_MAX = 16 * 1024 * 1024
/** The longest group that may be synced in place. */
const HERE_BYTES_MAX = 64 * 1024
/** Where syncs overlap with answering, one in so many does not. */
const MEASURED_EVERY = 64
/** Turns of the microtask queue a finished group leaves to its callers at most, so that their next writes share one sync. */
const REGROUP_TURNS = 6
/** How far one measurement moves a running mean. */
const MEAN_WEIGHT = 1 / 8
/**
 * Answering all callers takes at least this share of a sync where overlapping the two begins, and where it ends. Below 1,
 * because half a group also syncs in less time than a whole one; apart, because a sync seems longer while answering keeps
 * its end from being seen.
 */
const OVERLAP_FROM = 0.6
const OVERLAP_UNTIL = 0.4

/** One sequenced commit on its way to the log. */
export interface PendingCommit {
  /** Its encoded frame, or `undefined` for a caller that only waits for what is before it. */
  readonly frame: Uint8Array | undefined
  /** The position of its last operation; `undefined` without a frame. */
  readonly head: Position | undefined
  /** Wait for stable storage, not only for the operating system. */
  readonly durable: boolean
  /** Makes the commit visible and answers its caller. Must not throw. */
  committed(): void
  /** Answers its caller with the reason why nothing was written. Must not throw. */
  refused(error: ReplivecError): void
}

/**
 * Writes sequenced commits to the log in order: all that wait when the log is free go out as one write and one
 * sync. A commit becomes visible only after its group is as durable as it asked.
 *
 * Where a sync takes much longer than answering callers, all of them are answered first, so that their next writes share one
 * sync. Where answering takes about as long (many callers, a fast disk), half of the callers are always in a sync while the other
 * half is answered: the disk and the processor work at the same time. Both times are measured.
 *
 * On a disk that is hardly slower than the way to a thread and back, a small group is synced in place.
 */
export class GroupCommit {
  readonly #log: OpLog
  readonly #clock: Clock
  #waiting: PendingCommit[] = []
  #running: Promise<void> | undefined
  /** Running means: of one sync, and of answering one caller until it has written again. */
  #syncMs = 0
  #answerMs = 0
  #overlaps = false
  readonly #place = new SyncPlace()
  /** The last sync was in place: then nothing can overlap. */
  #wasHere = false
  /** Groups since one that nothing overlapped. */
  #overlapped = 0
  /** Groups written in place leave no turn to others meanwhile. */
  readonly #turn: Turn

  constructor(log: OpLog, clock: Clock) {
    this.#log = log
    this.#clock = clock
    this.#turn = new Turn(clock)
  }

  /** Queues a commit. Commits are written in the order of these calls. */
  enqueue(commit: PendingCommit): void {
    this.#waiting.push(commit)
    this.#running ??= Promise.resolve().then(() => this.#run())
  }

  /** Resolves when everything queued so far is on stable storage. */
  synced(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.enqueue({ frame: undefined, head: undefined, durable: true, committed: resolve, refused: reject })
    })
  }

  /** Resolves when everything queued so far has been answered. */
  async drained(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #run(): Promise<void> {
    let written = NONE
    for (;;) {
      const first = this.#answeredFirst(written.length)
      let late = first < written.length ? written.slice(first) : NONE
      await this.#answer(late === NONE ? written : written.slice(0, first))
      if (this.#waiting.length === 0) {
        await this.#answer(late)
        late = NONE
      }
      if (this.#waiting.length === 0) break
      const group = this.#take()
      const startedMs = this.#clock.monotonic()
      const isSmall = late === NONE && isSmallWrite(group)
      const mode = this.#syncMode(group, isSmall, startedMs)
      const writing = this.#write(group, mode)
      const outcome = writing?.then(
        () => undefined,
        (error: ReplivecError) => error,
      )
      await this.#answer(late)
      const failure = await outcome
      if (failure) {
        this.#refuse(group, failure)
        break
      }
      if (mode !== 'none') this.#measured(startedMs, isSmall, mode === 'here')
      const pause = writing ? undefined : this.#turn.pause()
      if (pause) await pause
      written = group
    }
    this.#running = undefined
  }

  #syncMode(group: readonly PendingCommit[], isSmall: boolean, nowMs: number): SyncMode {
    if (!group.some(({ durable }) => durable)) return 'none'
    return isSmall && this.#place.isHere(nowMs) ? 'here' : 'on a thread'
  }

  #measured(startedMs: number, isSmall: boolean, wasHere: boolean): void {
    const nowMs = this.#clock.monotonic()
    const tookMs = nowMs - startedMs
    if (isSmall) this.#place.measured(tookMs, wasHere, nowMs)
    this.#wasHere = wasHere
    if (!wasHere) this.#syncMs = movedMean(this.#syncMs, tookMs)
  }

  /** How many of the commits just written are answered before the next group is begun; the others while it is written. */
  #answeredFirst(count: number): number {
    const answerMs = (count + this.#waiting.length) * this.#answerMs
    this.#overlaps = answerMs > this.#syncMs * (this.#overlaps ? OVERLAP_UNTIL : OVERLAP_FROM)
    if (!this.#overlaps || this.#wasHere || !this.#place.isKnown) return count
    // Only a sync that nothing overlaps tells how fast the disk is.
    this.#overlapped = (this.#overlapped + 1) % MEASURED_EVERY
    if (this.#overlapped === 0) return count
    return this.#waiting.length > 0 ? 0 : Math.ceil(count / 2)
  }

  /** Answers, and lets the callers write again. */
  async #answer(commits: readonly PendingCommit[]): Promise<void> {
    if (commits.length === 0) return
    const startedMs = this.#clock.monotonic()
    const all = this.#waiting.length + commits.length
    for (const commit of commits) commit.committed()
    for (let turn = 0; turn < REGROUP_TURNS && this.#waiting.length < all; turn++) await undefined
    this.#answerMs = movedMean(this.#answerMs, (this.#clock.monotonic() - startedMs) / commits.length)
  }

  #write(group: readonly PendingCommit[], mode: SyncMode): Promise<void> | undefined {
    const frames: Uint8Array[] = []
    let head: Position | undefined
    for (const commit of group) {
      if (commit.frame) frames.push(commit.frame)
      head = commit.head ?? head
    }
    return head ? this.#log.append(frames, head, mode) : this.#log.sync()
  }

  #take(): PendingCommit[] {
    let bytes = 0
    let count = 0
    for (const commit of this.#waiting) {
      bytes += commit.frame?.byteLength ?? 0
      if (count > 0 && bytes > GROUP_BYTES_MAX) break
      count += 1
    }
    if (count === this.#waiting.length) {
      const all = this.#waiting
      this.#waiting = []
      return all
    }
    return this.#waiting.splice(0, count)
  }

  /** After a failed write nothing later can be written either: the sequence numbers in between are gone. */
  #refuse(group: readonly PendingCommit[], error: ReplivecError): void {
    const refused = [...group, ...this.#waiting]
    this.#waiting = []
    for (const commit of refused) commit.refused(error)
  }
}

const NONE: readonly PendingCommit[] = []

/** Something is to be written, and it is not much. */
function isSmallWrite(group: readonly PendingCommit[]): boolean {
  let bytes = 0
  for (const { frame } of group) bytes += frame?.byteLength ?? 0
  return bytes > 0 && bytes <= HERE_BYTES_MAX
}

function movedMean(mean: number, value: number): number {
  return mean + (value - mean) * MEAN_WEIGHT
}
