import type { ChangeKind, WriteConcern, WriteOptions, WriteResult } from '../collection/collection-host.js'
import type { CollectionState } from '../collection/collection-state.js'
import type { Version } from '../collection/versions.js'
import type { ReplivecError } from '../errors.js'
import { type Commit, encodeCommitFrame, encodeLargeCommitFrame, type Operation } from '../log/frame.js'
import { GroupCommit } from '../log/group-commit.js'
import type { OpLog } from '../log/op-log.js'
import type { LogIdentity, Position } from '../log/position.js'
import type { Clock } from '../runtime/clock.js'
import { Turn } from '../runtime/turn.js'
import type { Applier, PublishedPart } from './applier.js'
import type { PositionWaiters } from './position-waiters.js'
import { type CommitOwner, type LoggedFrame, SequencedCommit } from './sequenced-commit.js'
import type { ConcernWaits } from './write-concern.js'

/** Commits of more operations are encoded in slices: 64 take about 0.2 ms. */
const SMALL_OPERATIONS = 64

/** Records of one collection that a commit changed. */
export interface RecordChange {
  readonly kind: ChangeKind
  readonly state: CollectionState
  readonly versions: readonly Version[]
}

/** Operations staged for one commit. */
export interface StagedCommit {
  readonly operations: Operation[]
  /** Versions of records, one to one with the operations; none for a change of collections. */
  readonly versions: readonly Version[]
  /** The collection concerned; `undefined` when the commit means nothing here any more. */
  readonly state: CollectionState | undefined
  readonly kind?: ChangeKind
  /** For a change of collections: makes it visible. */
  publish?(): void
}

/** A commit as it was staged. */
export interface PublishableCommit {
  readonly staged: readonly StagedCommit[]
  /** Of its last operation. */
  readonly position: Position
}

export interface CommitPathOptions {
  readonly clock: Clock
  readonly log: OpLog
  readonly applier: Applier
  readonly waiters: PositionWaiters
  readonly concerns: ConcernWaits
  readonly isSync: boolean
  /** Why this store takes no writes of its own callers. */
  readonly refusal: () => ReplivecError | undefined
  /** A commit of this store is in the log, and reads find it. */
  readonly onLogged: (logged: LoggedFrame, position: Position) => void
  /** What reads find before the log is replayed. */
  readonly visible: Position
  /** Records changed; called for each collection of a commit. */
  readonly onChange: (change: RecordChange, position: Position) => void
  readonly onFailure: (error: ReplivecError) => void
}

/**
 * The one way anything is written: a call is sequenced and staged in one tick, logged in a group, then published. What
 * reads find is always a prefix of the log that is as durable as was promised.
 */
export class CommitPath {
  readonly #options: CommitPathOptions
  readonly #group: GroupCommit
  /** What commits come back to. */
  readonly #owner: CommitOwner<StagedCommit> = {
    publish: (staged, position, logged) => {
      this.#publish([{ staged: [staged], position }], position)
      this.#options.onLogged(logged, position)
      // The caller of a large commit often has the next one ready: a turn in between is for everybody else.
      return isLarge(staged) ? this.#options.clock.yield() : undefined
    },
    fail: (error) => this.fail(error),
  }
  /** For calls that change nothing, and so reach no group that lets others have their turn. */
  readonly #turn: Turn
  #nextSeq: number
  /** The last operation that came from another node. */
  #received: Position | undefined
  #visible: Position
  #queue: Promise<void> | undefined
  #encoding: Promise<void> | undefined
  #failure: ReplivecError | undefined
  #ended: ReplivecError | undefined

  constructor(options: CommitPathOptions) {
    const { log, clock } = options
    this.#options = options
    this.#group = new GroupCommit(log, clock)
    this.#turn = new Turn(clock)
    this.#nextSeq = log.head.seq + 1
    this.#visible = options.visible
  }

  /** The newest position reads find. */
  get visible(): Position {
    return this.#visible
  }

  /** Why nothing can be written any more. */
  get failure(): ReplivecError | undefined {
    return this.#failure
  }

  /** @throws `OPTIONS_INVALID` */
  checkConcern(concern: unknown): void {
    this.#options.concerns.check(concern)
  }

  /** Refuses every later write: the disk failed, or another master took over. */
  fail(error: ReplivecError): void {
    if (this.#failure) return
    this.#failure = error
    this.#options.concerns.end(error)
    this.#options.onFailure(error)
  }

  /**
   * Commits one call.
   *
   * @param stage - resolves the call against the pending state and stages it from `firstSeq` on, in one tick
   * @param size - about how many operations that will be; a large call is staged in a turn of its own
   */
  commit(options: WriteOptions, stage: (firstSeq: number) => StagedCommit, size = 1): Promise<WriteResult> {
    try {
      const concern = this.#options.concerns.check(options.writeConcern)
      const room = this.#room(size > SMALL_OPERATIONS)
      if (room) return room.then(() => this.#sequence(options, concern, stage))
      return this.#sequence(options, concern, stage)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Not `async`, as all on the way of a small write: that and its awaits are a quarter kilobyte of garbage each. */
  #sequence(
    options: WriteOptions,
    concern: WriteConcern | undefined,
    stage: (firstSeq: number) => StagedCommit,
  ): Promise<WriteResult> {
    options.signal?.throwIfAborted()
    const refusal = this.#ended ?? this.#options.refusal() ?? this.#failure
    if (refusal) throw refusal
    const firstSeq = this.#nextSeq
    const staged = stage(firstSeq)
    const count = staged.operations.length
    if (count === 0) return this.#nothing()
    const { epochs, nodeId } = this.#options.log.identity
    const epoch = epochs.at(-1)?.epoch ?? 1
    const position: Position = { epoch, seq: firstSeq + count - 1 }
    this.#nextSeq += count
    const commit = {
      epoch,
      originId: nodeId,
      firstSeq,
      count,
      committedAtMs: Math.max(0, Math.trunc(this.#options.clock.now())),
      operations: staged.operations,
    }
    const durable = concern?.level === 'durable' || this.#options.isSync
    // The caller's own, to do with as it likes.
    const result = { position: { epoch: position.epoch, seq: position.seq }, count, acks: 1 }
    const { concerns } = this.#options
    if (concern) concerns.expect(concern, position.seq)
    const logged = this.#logged(commit, position, result, staged, durable, options.signal)
    return concern ? logged.then(() => concerns.met(concern, result, options.signal)) : logged
  }

  async #nothing(): Promise<WriteResult> {
    const position = { ...this.#visible }
    await this.#turn.pause()
    return { position, count: 0, acks: 1 }
  }

  /** Resolves when the log holds everything up to an operation on stable storage; `undefined` when it does. */
  logSynced(seq: number): Promise<void> | undefined {
    return this.#options.log.durableSeq >= seq ? undefined : this.#group.synced()
  }

  /**
   * The store closes: refuses what is not sequenced yet, calls that wait for their turn included, and ends the waits for
   * other nodes, whose writes are stored here.
   */
  end(error: ReplivecError): void {
    this.#ended = error
    this.#options.concerns.end(error)
  }

  /** Resolves when every call sequenced before this one has been answered. */
  async settled(): Promise<void> {
    await this.#encoding
    await this.#group.synced()
  }

  /** Resolves when every sequenced call has been answered. */
  async drained(): Promise<void> {
    await this.#queue
    await this.#encoding
    await this.#group.drained()
  }

  #logged(
    commit: Commit,
    head: Position,
    result: WriteResult,
    staged: StagedCommit,
    durable: boolean,
    signal: AbortSignal | undefined,
  ): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      const owner = this.#owner
      const { committedAtMs } = commit
      const sequenced = new SequencedCommit({
        committedAtMs: committedAtMs ?? 0,
        ...{ owner, staged, head, result, durable, signal, resolve, reject },
      })
      if (isLarge(staged) || this.#encoding) return this.#enqueueLater(commit, sequenced)
      sequenced.frame = encodeCommitFrame(commit)
      this.#group.enqueue(sequenced)
    })
  }

  /** Encodes a large commit in slices; whatever is sequenced meanwhile is queued behind it. */
  #enqueueLater(commit: Commit, sequenced: SequencedCommit<StagedCommit>): void {
    const before = this.#encoding ?? Promise.resolve()
    const encoding = before
      .then(() => encodeLargeCommitFrame(commit, () => this.#options.clock.yield()))
      .then((frame) => {
        if (this.#encoding === encoding) this.#encoding = undefined
        sequenced.frame = frame
        this.#group.enqueue(sequenced)
      })
    this.#encoding = encoding
  }

  /** Makes commits what reads find, all at once. @param head - the position of the last one */
  #publish(commits: readonly PublishableCommit[], head: Position): void {
    const { applier, waiters, onChange } = this.#options
    const parts: PublishedPart[] = []
    for (const { staged } of commits) for (const part of staged) parts.push(publishPart(part))
    this.#visible = head
    applier.add(parts, head)
    waiters.reached(head.seq)
    for (const { staged, position } of commits) {
      for (const { kind, state, versions } of staged) {
        if (kind && state) onChange({ kind, state, versions }, position)
      }
    }
  }

  /** Publishes a commit that is in the log already, in the order of the log. */
  replay(staged: readonly StagedCommit[], position: Position): void {
    this.#publish([{ staged, position }], position)
  }

  /** The position of the last operation that was given a number. */
  get sequenced(): Position {
    // What a log that failed has refused is nowhere.
    return (this.#failure ? undefined : this.#received) ?? this.#options.log.head
  }

  /**
   * Takes over commits of another node that came together: their frames go into the log as they are, and all that was staged of them
   * is published at once then.
   *
   * @param commits - at least one, in order
   * @param frames - theirs, one behind the other
   * @param durable - somebody waits for them to be on stable storage
   * @param done - called when reads find them; not when the log failed
   */
  receive(
    commits: readonly PublishableCommit[],
    frames: Uint8Array,
    durable: boolean,
    done: () => void,
  ): void {
    const { position: head } = commits.at(-1) as PublishableCommit
    this.#nextSeq = head.seq + 1
    this.#received = head
    this.#group.enqueue({
      committed: () => {
        this.#publish(commits, head)
        done()
      },
      refused: (error) => this.fail(error),
      ...{ frame: frames, head, durable: durable || this.#options.isSync },
    })
  }

  /** Gives the log another table of epochs, once all that was sequenced is in it. */
  async changeEpochs(epochs: LogIdentity['epochs']): Promise<void> {
    const { log } = this.#options
    await this.drained()
    await log.changeIdentity({ ...log.identity, epochs })
    this.#options.waiters.reached(this.#visible.seq)
  }

  /** Waits for room in the overlay, and with a large call for the next turn of the event loop; in the order of the calls. */
  #room(isLarge: boolean): Promise<void> | undefined {
    const { applier, clock } = this.#options
    if (!this.#queue && !isLarge && !applier.room()) return undefined
    const before = this.#queue ?? Promise.resolve()
    const room = before.then(() => (isLarge ? clock.yield() : undefined)).then(() => applier.room())
    this.#queue = room
    return room.then(() => {
      if (this.#queue === room) this.#queue = undefined
    })
  }
}

function isLarge({ operations }: StagedCommit): boolean {
  return operations.length > SMALL_OPERATIONS
}

function publishPart({ state, versions, publish }: StagedCommit): PublishedPart {
  publish?.()
  for (const version of versions) state?.publish(version)
  state?.cache?.invalidate()
  if (versions.length > 0 || !state) return { state, versions }
  return { state, versions, settled: { settings: state.settings(), fields: state.fields } }
}
