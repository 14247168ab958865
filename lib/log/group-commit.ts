import type { ReplivecError } from '../errors.js'
import type { OpLog } from './op-log.js'
import type { Position } from './position.js'

/** Frames of one group stay below this, so that a flood of large commits cannot grow one write without bound. */
const GROUP_BYTES_MAX = 16 * 1024 * 1024
/** Turns of the microtask queue a finished group leaves to its callers, so that their next writes share one sync. */
const REGROUP_TURNS = 6

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
 */
export class GroupCommit {
  readonly #log: OpLog
  #waiting: PendingCommit[] = []
  #running: Promise<void> | undefined

  constructor(log: OpLog) {
    this.#log = log
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
    while (this.#waiting.length > 0) {
      const group = this.#take()
      try {
        const written = this.#write(group)
        if (written) await written
      } catch (error) {
        this.#refuse(group, error as ReplivecError)
        break
      }
      for (const commit of group) commit.committed()
      for (let turn = 0; turn < REGROUP_TURNS; turn++) await undefined
    }
    this.#running = undefined
  }

  #write(group: readonly PendingCommit[]): Promise<void> | undefined {
    const frames: Uint8Array[] = []
    let head: Position | undefined
    let durable = false
    for (const commit of group) {
      if (commit.frame) frames.push(commit.frame)
      head = commit.head ?? head
      durable ||= commit.durable
    }
    return head ? this.#log.append(frames, head, durable) : this.#log.sync()
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
