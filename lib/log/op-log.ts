import { ReplivecError } from '../errors.js'
import type { OpenFile } from '../runtime/files.js'
import { systemErrorCode } from '../runtime/system-error.js'
import { writeCleanClose } from './clean-close.js'
import { isEpochTable } from './epoch-table.js'
import { encodeMarkFrame } from './frame.js'
import { type FoundLog, type OpLogOptions, openFoundLog } from './log-opening.js'
import type { LogIdentity, Position } from './position.js'
import { createSegment, segmentBeganAtMs, type Segment } from './segment.js'
import { readSegmentRun, type SegmentRun } from './segment-run.js'
import type { LoggedCommit } from './segment-scan.js'
import { SeqOffsets } from './seq-offsets.js'
import { ZerosAhead } from './zeros-ahead.js'

/** Writes at most this long are made in place: the thread hop would cost more than the copy. */
const WRITE_NOW_BYTES_MAX = 256 * 1024
const ONE_AT_A_TIME = 'the log is being written: one group or change at a time'

/** Whether a group is synced before it counts as written, and where. */
export type SyncMode = 'none' | 'here' | 'on a thread'

/**
 * The operation log: an append-only run of segment files, and the only place a write becomes durable.
 * One group is written at a time; the owner (`GroupCommit`) sees to that.
 */
export class OpLog {
  readonly #options: OpLogOptions
  #identity: LogIdentity
  #segments: readonly Segment[]
  #file: OpenFile
  /** Offset of the next write in the newest segment. */
  #end: number
  #zeros: ZerosAhead
  #head: Position
  /** End and head of what was acknowledged: where a failed write is taken back to. */
  #acknowledged: { end: number; head: Position }
  #durableSeq: number
  /** What the last mark states. The first group after an open states what was found, so that later damage shows. */
  #markedSeq = 0
  #olderBytes: number
  readonly #offsets = new WeakMap<Segment, SeqOffsets>()
  #trimming: Promise<number> = Promise.resolve(0)
  #scratch = new Uint8Array(0)
  /** A group is on its way, or the identity is being changed. */
  #isWriting = false
  #closing = false
  #failure: ReplivecError | undefined

  private constructor(options: OpLogOptions, found: FoundLog) {
    this.#options = options
    this.#identity = found.identity
    this.#segments = found.segments
    this.#file = found.file
    this.#end = found.end
    this.#zeros = new ZerosAhead(found.file)
    this.#head = found.head
    this.#acknowledged = { end: found.end, head: found.head }
    this.#durableSeq = found.head.seq
    this.#olderBytes = found.olderBytes
  }

  /**
   * Opens the log of a directory, or begins one. A write that a crash cut off at the end is removed; damage to
   * anything that was safe is `LOG_CORRUPT`.
   */
  static async open(options: OpLogOptions): Promise<OpLog> {
    return new OpLog(options, await openFoundLog(options))
  }

  /** Who the log belongs to, and the epochs it was written in: as the next commit finds it. */
  get identity(): LogIdentity {
    return this.#identity
  }

  /** The position of the last operation written. */
  get head(): Position {
    return this.#head
  }

  /** The last operation known to be on stable storage. */
  get durableSeq(): number {
    return this.#durableSeq
  }

  /** The first operation the log still holds; one past the head when it holds none. */
  get oldestSeq(): number {
    return (this.#segments[0] as Segment).firstSeq
  }

  /** Bytes of all segments, without the zeros written ahead. */
  get bytes(): number {
    return this.#olderBytes + this.#end
  }

  /** Set once a write or a sync failed: the log takes no more. */
  get failure(): ReplivecError | undefined {
    return this.#failure
  }

  /**
   * Appends one group of commits. Returns `undefined` when it was written in place (then nothing needs awaiting).
   *
   * @param frames - encoded commit frames, in order
   * @param head - the position of the last operation among them
   * @param sync - whether the group has to be on stable storage before this is done, and where the sync of a small one
   *   runs: `'here'` holds the event loop for it, and then nothing needs awaiting either
   */
  append(frames: readonly Uint8Array[], head: Position, sync: SyncMode): Promise<void> | undefined {
    if (this.#failure) return Promise.reject(this.#failure)
    if (this.#isWriting) return Promise.reject(new Error(ONE_AT_A_TIME))
    this.#isWriting = true
    if (this.#isFull()) return this.#rotate(this.#identity).then(() => this.#write(frames, head, sync))
    return this.#write(frames, head, sync)
  }

  #write(frames: readonly Uint8Array[], head: Position, sync: SyncMode): Promise<void> | undefined {
    const durable = sync !== 'none'
    const marked = this.#durableSeq > this.#markedSeq
    const mark = marked ? [encodeMarkFrame(this.#durableSeq)] : []
    const group = [...mark, ...frames]
    const bytes = group.reduce((sum, frame) => sum + frame.byteLength, 0)
    const offset = this.#end + (mark[0]?.byteLength ?? 0)
    this.offsetsOf(this.#segments.at(-1) as Segment).noteFrames(frames, offset)
    try {
      if (bytes <= WRITE_NOW_BYTES_MAX) {
        if (durable) this.#zeros.reserve(this.#end, bytes)
        this.#file.writeNow(this.#joined(group, bytes), this.#end)
        this.#advance(bytes, head)
        if (sync === 'on a thread') return this.sync().then(() => this.#acknowledge())
        if (sync === 'here') {
          this.#file.syncNow()
          this.#durableSeq = head.seq
        }
        this.#acknowledge()
        return undefined
      }
    } catch (error) {
      return this.#fail(error)
    }
    return this.#file.write(Buffer.concat(group, bytes), this.#end).then(
      async () => {
        this.#advance(bytes, head)
        if (durable) await this.sync()
        this.#acknowledge()
      },
      (error: unknown) => this.#fail(error),
    )
  }

  /**
   * Gives the log another epoch table, durably: the next commit is written under it. No group may be on its way.
   *
   * @param identity - of the same history and node; what it leaves out stays as it is
   */
  async changeIdentity(identity: LogIdentity): Promise<void> {
    if (this.#failure) throw this.#failure
    if (this.#isWriting) throw new Error(ONE_AT_A_TIME)
    checkSuccessor(this.#identity, identity)
    this.#isWriting = true
    await this.#rotate({ ...this.#identity, ...identity })
    this.#isWriting = false
  }

  /** Resolves when everything appended so far is on stable storage. */
  async sync(): Promise<void> {
    if (this.#failure) throw this.#failure
    const seq = this.#head.seq
    if (seq === this.#durableSeq) return
    try {
      await this.#file.sync()
    } catch (error) {
      return this.#fail(error)
    }
    if (seq > this.#durableSeq) this.#durableSeq = seq
  }

  /**
   * Commits from `fromSeq` on, up to the last one acknowledged when this is called: what is still being written may yet
   * be refused. Commits that begin before `fromSeq` and reach it are included whole.
   */
  read(fromSeq: number): AsyncGenerator<LoggedCommit> {
    return readSegmentRun(this.acknowledged(), fromSeq)
  }

  /** The segments as they stand now, up to the last operation acknowledged. */
  acknowledged(): SegmentRun {
    return {
      files: this.#options.files,
      historyId: this.#identity.historyId,
      segments: this.#segments,
      newestEnd: this.#acknowledged.end,
      headSeq: this.#acknowledged.head.seq,
      oldestSeq: () => this.oldestSeq,
    }
  }

  /** Where commits of a segment lie, as far as this process wrote or read them. */
  offsetsOf(segment: Segment): SeqOffsets {
    const known = this.#offsets.get(segment)
    if (known) return known
    const offsets = new SeqOffsets()
    this.#offsets.set(segment, offsets)
    return offsets
  }

  /**
   * Removes the oldest segments that hold nothing after `throughSeq`, as long as `keepBytes` stay.
   *
   * @param keepAfterMs - segments whose commits are all older do not count for that; milliseconds since the Unix epoch
   * @returns how many segments were removed
   */
  trim(throughSeq: number, keepBytes: number, keepAfterMs = Number.NEGATIVE_INFINITY): Promise<number> {
    const trim = (): Promise<number> => this.#trim(throughSeq, keepBytes, keepAfterMs)
    const trimmed = this.#trimming.catch(() => 0).then(trim)
    this.#trimming = trimmed
    return trimmed
  }

  async #trim(throughSeq: number, keepBytes: number, keepAfterMs: number): Promise<number> {
    const { files, directory } = this.#options
    for (let removed = 0; ; removed++) {
      const [oldest, next] = this.#segments
      if (this.#closing || !oldest || !next || next.firstSeq - 1 > throughSeq) return removed
      const size = (await files.stat(oldest.path))?.size ?? 0
      const isOld = keepAfterMs > 0 && (await segmentBeganAtMs(files, next)) < keepAfterMs
      if (!isOld && this.bytes - size < keepBytes) return removed
      this.#segments = this.#segments.slice(1)
      this.#olderBytes -= size
      try {
        await files.remove(oldest.path)
      } catch (error) {
        this.#segments = [oldest, ...this.#segments]
        this.#olderBytes += size
        throw error
      }
      // One at a time: a power cut must not bring an older segment back while a newer one stays removed.
      await files.syncDirectory(directory)
    }
  }

  /** Syncs, records the clean end and closes. After a failure the end stays unrecorded, for recovery to find. */
  async close(): Promise<void> {
    const { files, directory } = this.#options
    this.#closing = true
    await this.#trimming.catch(() => 0)
    try {
      if (this.#failure) return
      await this.sync()
      await this.#zeros.drop(this.#end)
      const segments = []
      for (const { firstSeq, path } of this.#segments) {
        segments.push({ firstSeq, bytes: (await files.stat(path))?.size ?? 0 })
      }
      await writeCleanClose(files, directory, {
        lastEpoch: this.#head.epoch,
        lastSeq: this.#head.seq,
        segments,
      })
    } catch (error) {
      await this.#fail(error)
    } finally {
      await this.abandon()
    }
  }

  /** Closes the file and nothing else, as after a failed open. */
  async abandon(): Promise<void> {
    this.#closing = true
    try {
      await this.#file.close()
    } catch (cause) {
      throw this.#failure ?? storageFailed(this.#options.directory, cause)
    }
  }

  /** A small group in one piece, in memory that the next one takes again. */
  #joined(group: readonly Uint8Array[], bytes: number): Uint8Array {
    if (group.length === 1) return group[0] as Uint8Array
    if (this.#scratch.byteLength < bytes)
      this.#scratch = new Uint8Array(Math.min(2 * bytes, WRITE_NOW_BYTES_MAX))
    let at = 0
    for (const frame of group) {
      this.#scratch.set(frame, at)
      at += frame.byteLength
    }
    return this.#scratch.subarray(0, bytes)
  }

  #advance(bytes: number, head: Position): void {
    this.#end += bytes
    this.#markedSeq = this.#durableSeq
    this.#head = head
  }

  #acknowledge(): void {
    this.#acknowledged = { end: this.#end, head: this.#head }
    this.#isWriting = false
  }

  /** A segment without a commit is never full: the next one would have the same name. */
  #isFull(): boolean {
    return this.#end >= this.#options.segmentBytes && this.#hasCommit()
  }

  #hasCommit(): boolean {
    return this.#head.seq >= (this.#segments.at(-1) as Segment).firstSeq
  }

  /**
   * Goes on in a new segment. A newest one without a commit gives way to it: it has the same name, so after a crash
   * there is one of the two, and neither holds anything.
   */
  async #rotate(identity: LogIdentity): Promise<void> {
    const { files, directory, clock } = this.#options
    const replaces = !this.#hasCommit()
    try {
      await this.sync()
      await this.#zeros.drop(this.#end)
      // Windows gives an open file's name to no other.
      if (replaces) await this.#file.close()
      const created = await createSegment(files, directory, identity, this.#head.seq + 1, clock.now())
      const full = this.#file
      if (!replaces) this.#olderBytes += this.#end
      this.#segments = [...(replaces ? this.#segments.slice(0, -1) : this.#segments), created.segment]
      this.#identity = identity
      this.#file = created.file
      this.#end = created.segment.dataStart
      this.#zeros = new ZerosAhead(created.file)
      this.#acknowledged = { end: this.#end, head: this.#head }
      await full.close()
    } catch (error) {
      await this.#fail(error)
    }
  }

  /**
   * Remembers the failure and takes the refused bytes back off the disk, as far as it still obeys: a refused write
   * should not reappear at the next open.
   */
  async #fail(cause: unknown): Promise<never> {
    if (this.#failure) throw this.#failure
    this.#failure = storageFailed(this.#options.directory, cause)
    this.#end = this.#acknowledged.end
    this.#head = this.#acknowledged.head
    await this.#file
      .truncate(this.#end)
      .then(() => this.#file.sync())
      .catch(() => undefined)
    throw this.#failure
  }
}

function storageFailed(directory: string, cause: unknown): ReplivecError {
  return new ReplivecError(
    'STORAGE_FAILED',
    'The operation log could not be written, so this write was refused and the store is read-only now. Free space or repair the disk, then open the store again.',
    { cause, details: { directory, reason: systemErrorCode(cause) ?? null } },
  )
}

/** The table may change; whose log it is may not. */
function checkSuccessor(before: LogIdentity, after: LogIdentity): void {
  const isSame = after.historyId === before.historyId && after.nodeId === before.nodeId
  if (!isSame) throw new Error('a log stays with its history and its node')
  if (!isEpochTable(after.epochs)) throw new Error('epochs and their beginnings go up, from row to row')
}
