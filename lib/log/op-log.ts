import { join } from 'node:path'
import { ReplivecError } from '../errors.js'
import type { Clock } from '../runtime/clock.js'
import type { Files, OpenFile } from '../runtime/files.js'
import { systemErrorCode } from '../runtime/system-error.js'
import { readCleanClose, removeCleanClose, writeCleanClose } from './clean-close.js'
import { checkedCleanTail, recoveredTail, secureTail } from './log-tail.js'
import { encodeMarkFrame } from './frame.js'
import type { LogIdentity, Position } from './position.js'
import { createSegment, openSegment, type Segment, segmentFirstSeq, segmentName } from './segment.js'
import { readSegmentRun } from './segment-run.js'
import { type LoggedCommit, logCorrupt } from './segment-scan.js'
import { ZerosAhead } from './zeros-ahead.js'

/** Writes at most this long are made in place: the thread hop would cost more than the copy. */
const WRITE_NOW_BYTES_MAX = 256 * 1024
/** What a crash can leave of a file that was about to get its name; nothing else in the directory is ours to remove. */
const TEMPORARY = /^(\d{16}\.log|clean-close\.json)\.tmp$/

/** Whether a group is synced before it counts as written, and where. */
export type SyncMode = 'none' | 'here' | 'on a thread'

export interface OpLogOptions {
  readonly files: Files
  readonly clock: Clock
  readonly directory: string
  /** A segment that has grown past this is followed by a new one. */
  readonly segmentBytes: number
  /** The highest operation the record store holds durably: less in the log is damage. */
  readonly durableSeq: number
  /** Called for the identity of a log that does not exist yet, and where its sequence numbers begin. */
  readonly create: () => { identity: LogIdentity; start: Position }
}

/**
 * The operation log: an append-only run of segment files, and the only place a write becomes durable.
 * One group is written at a time; the owner (`GroupCommit`) sees to that.
 */
export class OpLog {
  readonly #options: OpLogOptions
  readonly identity: LogIdentity
  #segments: Segment[]
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
  #olderBytes = 0
  #trimming: Promise<number> = Promise.resolve(0)
  #scratch = new Uint8Array(0)
  #closing = false
  #failure: ReplivecError | undefined

  private constructor(
    options: OpLogOptions,
    state: {
      identity: LogIdentity
      segments: Segment[]
      file: OpenFile
      end: number
      head: Position
    },
  ) {
    this.#options = options
    this.identity = state.identity
    this.#segments = state.segments
    this.#file = state.file
    this.#end = state.end
    this.#zeros = new ZerosAhead(state.file)
    this.#head = state.head
    this.#acknowledged = { end: state.end, head: state.head }
    this.#durableSeq = state.head.seq
  }

  /**
   * Opens the log of a directory, or begins one. A write that a crash cut off at the end is removed; damage to
   * anything that was safe is `LOG_CORRUPT`.
   */
  static async open(options: OpLogOptions): Promise<OpLog> {
    const { files, directory } = options
    await files.makeDirectory(directory)
    await files.syncDirectory(join(directory, '..'))
    const names = await files.list(directory)
    for (const name of names) if (TEMPORARY.test(name)) await files.remove(`${directory}/${name}`)
    const firstSeqs = names.map(segmentFirstSeq).filter((seq) => seq !== undefined)
    const clean = await readCleanClose(files, directory)
    const newestSeq = firstSeqs.at(-1)
    if (newestSeq === undefined) {
      if (clean) throw logCorrupt(directory, 0, 'its segments are missing')
      return OpLog.#begin(options)
    }
    const path = `${directory}/${segmentName(newestSeq)}`
    const file = await files.open(path, 'write')
    try {
      const { segment, identity } = await openSegment(file, path, newestSeq)
      const segments = firstSeqs.slice(0, -1).map((seq) => olderSegment(directory, seq))
      segments.push(segment)
      const size = await file.size()
      const tail = clean
        ? await checkedCleanTail(files, directory, segments, clean, options.durableSeq)
        : await recoveredTail(file, segment, identity, options.durableSeq)
      if (tail.end < size) await file.truncate(tail.end)
      if (clean) {
        await removeCleanClose(files, directory)
      } else {
        // What a dead process wrote may be in memory only, the segment's name included; we answer with it from now on.
        await secureTail(file, tail)
        await files.syncDirectory(directory)
      }
      const log = new OpLog(options, {
        identity,
        segments,
        file,
        end: tail.end,
        head: tail.head,
      })
      for (const older of segments.slice(0, -1)) log.#olderBytes += (await files.stat(older.path))?.size ?? 0
      return log
    } catch (error) {
      await file.close()
      throw error
    }
  }

  static async #begin(options: OpLogOptions): Promise<OpLog> {
    const { identity, start } = options.create()
    if (start.seq < options.durableSeq) throw logCorrupt(options.directory, 0, 'its segments are missing')
    const { segment, file } = await createSegment(
      options.files,
      options.directory,
      identity,
      start.seq + 1,
      options.clock.now(),
    )
    const end = segment.dataStart
    return new OpLog(options, { identity, segments: [segment], file, end, head: start })
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
    if (this.#isFull()) {
      return this.#rotate().then(() => this.append(frames, head, sync))
    }
    const durable = sync !== 'none'
    const marked = this.#durableSeq > this.#markedSeq
    const mark = marked ? [encodeMarkFrame(this.#durableSeq)] : []
    const group = [...mark, ...frames]
    const bytes = group.reduce((sum, frame) => sum + frame.byteLength, 0)
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
    const run = {
      files: this.#options.files,
      historyId: this.identity.historyId,
      segments: this.#segments,
      newestEnd: this.#acknowledged.end,
      headSeq: this.#acknowledged.head.seq,
      oldestSeq: () => this.oldestSeq,
    }
    return readSegmentRun(run, fromSeq)
  }

  /**
   * Removes the oldest segments that hold nothing after `throughSeq`, as long as `keepBytes` stay.
   *
   * @returns how many segments were removed
   */
  trim(throughSeq: number, keepBytes: number): Promise<number> {
    const trimmed = this.#trimming.catch(() => 0).then(() => this.#trim(throughSeq, keepBytes))
    this.#trimming = trimmed
    return trimmed
  }

  async #trim(throughSeq: number, keepBytes: number): Promise<number> {
    const { files, directory } = this.#options
    for (let removed = 0; ; removed++) {
      const [oldest, next] = this.#segments
      if (this.#closing || !oldest || !next || next.firstSeq - 1 > throughSeq) return removed
      const size = (await files.stat(oldest.path))?.size ?? 0
      if (this.bytes - size < keepBytes) return removed
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
  }

  /** A segment without a commit is never full: the next one would have the same name. */
  #isFull(): boolean {
    const newest = this.#segments.at(-1) as Segment
    return this.#end >= this.#options.segmentBytes && this.#head.seq >= newest.firstSeq
  }

  async #rotate(): Promise<void> {
    const { files, directory, clock } = this.#options
    try {
      await this.sync()
      await this.#zeros.drop(this.#end)
      const created = await createSegment(files, directory, this.identity, this.#head.seq + 1, clock.now())
      const full = this.#file
      this.#olderBytes += this.#end
      this.#segments = [...this.#segments, created.segment]
      this.#file = created.file
      this.#end = created.segment.dataStart
      this.#zeros = new ZerosAhead(created.file)
      this.#acknowledge()
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

function olderSegment(directory: string, firstSeq: number): Segment {
  return { path: `${directory}/${segmentName(firstSeq)}`, firstSeq, dataStart: 0 }
}
