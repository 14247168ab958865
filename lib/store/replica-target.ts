import { ReplivecError } from '../errors.js'
import { decodeCommit, readFrame } from '../log/frame.js'
import type { LogIdentity, Position } from '../log/position.js'
import type { replivec } from '../log/schema.js'
import type { KeyValue } from '../records/key-value.js'
import type { Epoch, SnapshotStart, Welcome } from '../replication/protocol/messages.js'
import type { ReplicaStore } from '../replication/replica-store.js'
import type { PublishableCommit } from './commit-path.js'
import { checkReceived } from './received-commit.js'
import { stageCommit } from './replay.js'
import { SnapshotIntake } from './snapshot-intake.js'
import type { StoreDirectory } from './store-directory.js'
import type { StoreParts } from './store-parts.js'

export interface ReplicaTargetOptions {
  readonly parts: () => StoreParts
  readonly directory: StoreDirectory
  /** Lets the generation that was put beside the present one take its place. @param keyValues - its record store, open */
  readonly exchange: (keyValues: KeyValue) => Promise<void>
}

/** The store as a replica fills it: commits go its one way for data, and snapshots take its place as a whole. */
export class ReplicaTarget implements ReplicaStore {
  readonly #options: ReplicaTargetOptions
  readonly #listeners: (() => void)[] = []
  #isNotified = false
  #intake: SnapshotIntake | undefined

  constructor(options: ReplicaTargetOptions) {
    this.#options = options
  }

  /** As the master may know it: an epoch of one's own in which nothing was written says nothing. */
  get identity(): LogIdentity {
    const { identity, head } = this.#options.parts().log
    const newest = identity.epochs.at(-1)
    const isEmpty =
      newest?.nodeId === identity.nodeId && newest.firstSeq > head.seq && identity.epochs.length > 1
    return isEmpty ? { ...identity, epochs: identity.epochs.slice(0, -1) } : identity
  }

  get last(): Position {
    return this.#options.parts().commitPath.sequenced
  }

  get durableSeq(): number {
    return this.#options.parts().log.durableSeq
  }

  get appliedSeq(): number {
    return this.#options.parts().commitPath.visible.seq
  }

  get hasData(): boolean {
    return this.last.seq > 0
  }

  onProgress(listener: () => void): void {
    this.#listeners.push(listener)
  }

  adopt(epochs: readonly Epoch[]): Promise<void> {
    return this.#options.parts().commitPath.changeEpochs(epochs)
  }

  append(frames: Uint8Array, isWaitedFor: boolean): Promise<void> | undefined {
    const { commitPath, applier } = this.#options.parts()
    const commits: PublishableCommit[] = []
    let from = 0
    let at = 0
    let { last } = this
    try {
      while (at < frames.byteLength) {
        const { commit, end } = nextCommit(frames, at)
        const lastSeq = commit.firstSeq + commit.count - 1
        if (lastSeq <= last.seq && commits.length === 0) {
          from = end
        } else {
          commits.push(this.#stage(commit, last))
          last = { epoch: commit.epoch, seq: lastSeq }
        }
        at = end
      }
    } finally {
      // What lies before what cannot be used is taken in.
      if (commits.length > 0)
        commitPath.receive(commits, frames.subarray(from, at), isWaitedFor, () => this.#progressed())
    }
    let room = applier.room()
    for (const { staged } of commits) for (const { state } of staged) room ??= state?.room()
    return room
  }

  #stage(commit: replivec.v1.Commit, last: Position): PublishableCommit {
    const { firstSeq, count, operations, epoch } = commit
    if (firstSeq !== last.seq + 1 || count !== operations.length || count < 1)
      throw damaged(`operation ${last.seq + 1} was expected and ${firstSeq} came`)
    const vectors = this.#check(commit, last)
    const staged = stageCommit(this.#options.parts().catalogue, commit, firstSeq, vectors)
    return { staged, position: { epoch, seq: firstSeq + count - 1 } }
  }

  async beginSnapshot(start: SnapshotStart, welcome: Welcome): Promise<void> {
    if (this.#intake?.id === start.snapshotId && start.fromByte > 0) {
      this.#intake.resume(start.fromByte)
      return
    }
    await this.discardSnapshot()
    const { directory, parts } = this.#options
    const place = await directory.beside()
    this.#intake = await SnapshotIntake.begin(parts().environment, place, start, welcome)
  }

  storePiece(bytes: Uint8Array): Promise<number> {
    if (!this.#intake) throw damaged('a piece of a snapshot that was not begun')
    return this.#intake.store(bytes)
  }

  async install(): Promise<void> {
    const intake = this.#intake
    if (!intake) throw damaged('a snapshot that was not begun is to be installed')
    const keyValues = await intake.finish(this.#options.parts().log.identity.nodeId)
    this.#intake = undefined
    await this.#options.exchange(keyValues)
    this.#progressed()
  }

  async discardSnapshot(): Promise<void> {
    const intake = this.#intake
    this.#intake = undefined
    await intake?.abandon()
  }

  /** @returns its vectors, by their places @throws the reason why the commit cannot be applied, with the last position that could be in `details.halted` */
  #check(commit: replivec.v1.Commit, position: Position) {
    const { catalogue, commitPath } = this.#options.parts()
    try {
      if (commitPath.failure) throw commitPath.failure
      return checkReceived(catalogue, commit)
    } catch (error) {
      if (!ReplivecError.is(error)) throw error
      const { code, message, details } = error
      throw new ReplivecError(code, message, { cause: error, details: { ...details, halted: { position } } })
    }
  }

  /** Tells once of all that happens in this turn of the promises. */
  #progressed(): void {
    if (this.#isNotified) return
    this.#isNotified = true
    void Promise.resolve().then(() => {
      this.#isNotified = false
      for (const listener of this.#listeners) listener()
    })
  }
}

/** The commit whose frame begins at an offset, and where the frame ends. */
function nextCommit(frames: Uint8Array, at: number): { commit: replivec.v1.Commit; end: number } {
  const reading = readFrame(frames, at)
  if (reading.kind !== 'frame' || reading.mark)
    throw damaged(reading.kind === 'damaged' ? reading.reason : 'its frames are not whole')
  return { commit: decoded(reading.body), end: reading.end }
}

function decoded(body: Uint8Array): replivec.v1.Commit {
  try {
    return decodeCommit(body)
  } catch (cause) {
    throw damaged('a commit with a valid checksum cannot be decoded', cause)
  }
}

function damaged(reason: string, cause?: unknown): ReplivecError {
  return new ReplivecError('PROTOCOL_VIOLATED', `What the master sent cannot be used: ${reason}.`, {
    cause,
    details: { reason },
  })
}
