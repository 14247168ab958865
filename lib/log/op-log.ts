import { ReplivecError } from '../errors.js'
import type { Clock } from '../runtime/clock.js'
import type { Files, OpenFile } from '../runtime/files.js'
import { readCleanClose, removeCleanClose, writeCleanClose } from './clean-close.js'
import { checkedCleanTail, recoveredTail } from './log-tail.js'
import { encodeMarkFrame } from './frame.js'
import type { LogIdentity, Position } from './position.js'
import { createSegment, openSegment, type Segment, segmentFirstSeq, segmentName } from './segment.js'
import { type LoggedCommit, logCorrupt, scanSegment } from './segment-scan.js'

/** Writes at most this long are made in place: the thread hop would cost more than the copy. */
const WRITE_NOW_BYTES_MAX = 256 * 1024
/**
 * Zeros written ahead of small synced groups, so that a sync need not also journal a new file size: measured,
 * write + fdatasync of 1.3 KB into zeros takes 0.13 ms and at the end of a growing file 0.22 ms (ext4).
 */
const ZEROS = new Uint8Array(512 * 1024)

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
  /** Up to here the newest segment holds frames or zeros. */
  #allocatedBytes: number
  #head: Position
  /** End and head of what was acknowledged: where a failed write is taken back to. */
  #acknowledged: { end: number; head: Position }
  #durableSeq: number
  #markedSeq: number
  #olderBytes = 0
  #failure: ReplivecError | undefined

  private constructor(
    options: OpLogOptions,
    state: {
      identity: LogIdentity
      segments: Segment[]
      file: OpenFile
      end: number
      allocatedBytes: number
      head: Position
    },
  ) {
    this.#options = options
    this.identity = state.identity
    this.#segments = state.segments
    this.#file = state.file
    this.#end = state.end
    this.#allocatedBytes = state.allocatedBytes
    this.#head = state.head
    this.#acknowledged = { end: state.end, head: state.head }
    this.#durableSeq = state.head.seq
    this.#markedSeq = state.head.seq
  }

  /**
   * Opens the log of a directory, or begins one. A write that a crash cut off at the end is removed; damage to
   * anything that was safe is `LOG_CORRUPT`.
   */
  static async open(options: OpLogOptions): Promise<OpLog> {
    const { files, directory } = options
    await files.makeDirectory(directory)
    const names = await files.list(directory)
    for (const name of names) if (name.endsWith('.tmp')) await files.remove(`${directory}/${name}`)
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
        ? await checkedCleanTail(files, segments, clean, options.durableSeq)
        : await recoveredTail(file, segment, identity, options.durableSeq)
      if (tail.end < size) {
        await file.truncate(tail.end)
        await file.sync()
      }
      await removeCleanClose(files, directory)
      const log = new OpLog(options, {
        identity,
        segments,
        file,
        end: tail.end,
        allocatedBytes: tail.end,
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
    await removeCleanClose(options.files, options.directory)
    const end = segment.dataStart
    return new OpLog(options, { identity, segments: [segment], file, end, allocatedBytes: end, head: start })
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
   * @param durable - resolve only when the group is on stable storage
   */
  append(frames: readonly Uint8Array[], head: Position, durable: boolean): Promise<void> | undefined {
    if (this.#failure) return Promise.reject(this.#failure)
    if (this.#end >= this.#options.segmentBytes) {
      return this.#rotate().then(() => this.append(frames, head, durable))
    }
    const marked = this.#durableSeq > this.#markedSeq
    const mark = marked ? [encodeMarkFrame(this.#durableSeq)] : []
    const group = concatenate([...mark, ...frames])
    try {
      if (group.byteLength <= WRITE_NOW_BYTES_MAX) {
        if (durable) this.#allocate(group.byteLength)
        this.#file.writeNow(group, this.#end)
        this.#advance(group.byteLength, head)
        if (durable) return this.sync().then(() => this.#acknowledge())
        this.#acknowledge()
        return undefined
      }
    } catch (error) {
      return this.#fail(error)
    }
    return this.#file.write(group, this.#end).then(
      async () => {
        this.#advance(group.byteLength, head)
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
   * Commits from `fromSeq` on, up to the head at the time of the call. Commits that begin before `fromSeq` and
   * reach it are included whole.
   */
  async *read(fromSeq: number): AsyncGenerator<LoggedCommit> {
    const headSeq = this.#head.seq
    const newestEnd = this.#end
    const segments = [...this.#segments]
    if (fromSeq < this.oldestSeq) {
      throw new ReplivecError(
        'POSITION_LOST',
        `The log begins at operation ${this.oldestSeq}; operation ${fromSeq} was trimmed. Restore from a backup or a replica.`,
        { details: { oldestSeq: this.oldestSeq, fromSeq } },
      )
    }
    for (let i = 0; i < segments.length; i++) {
      const named = segments[i] as Segment
      const next = segments[i + 1]
      if (next && next.firstSeq <= fromSeq) continue
      const file = await this.#options.files.open(named.path, 'read')
      try {
        const { segment } = await openSegment(file, named.path, named.firstSeq)
        const scan = scanSegment(file, segment, next ? await file.size() : newestEnd)
        let lastSeq = segment.firstSeq - 1
        for (;;) {
          const step = await scan.next()
          if (step.done) {
            const reason = step.value.kind === 'damaged' ? step.value.reason : 'operations are missing'
            const complete = lastSeq === (next ? next.firstSeq - 1 : headSeq)
            if (!complete) throw logCorrupt(named.path, step.value.offset, reason)
            break
          }
          lastSeq = step.value.lastSeq
          if (lastSeq >= fromSeq) yield step.value
        }
      } finally {
        await file.close()
      }
    }
  }

  /**
   * Removes the oldest segments that hold nothing after `throughSeq`, as long as more than `keepBytes` would stay.
   *
   * @returns how many segments were removed
   */
  async trim(throughSeq: number, keepBytes: number): Promise<number> {
    const { files, directory } = this.#options
    let removed = 0
    for (;;) {
      const [oldest, next] = this.#segments
      if (!oldest || !next || next.firstSeq - 1 > throughSeq) break
      const size = (await files.stat(oldest.path))?.size ?? 0
      if (this.bytes - size < keepBytes) break
      this.#segments = this.#segments.slice(1)
      this.#olderBytes -= size
      await files.remove(oldest.path)
      removed += 1
    }
    if (removed > 0) await files.syncDirectory(directory)
    return removed
  }

  /** Syncs, records the clean end and closes. After a failure the end stays unrecorded, for recovery to find. */
  async close(): Promise<void> {
    const { files, directory } = this.#options
    try {
      if (this.#failure) return
      await this.sync()
      await this.#dropZeros()
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
      await this.#file.close()
    }
  }

  /** Closes the file and nothing else, as after a failed open. */
  async abandon(): Promise<void> {
    await this.#file.close()
  }

  #advance(bytes: number, head: Position): void {
    this.#end += bytes
    this.#allocatedBytes = Math.max(this.#allocatedBytes, this.#end)
    this.#markedSeq = this.#durableSeq
    this.#head = head
  }

  #acknowledge(): void {
    this.#acknowledged = { end: this.#end, head: this.#head }
  }

  /** Writes zeros ahead when a small group would grow the file. A disk too full for them may still take the group. */
  #allocate(bytes: number): void {
    if (this.#end + bytes <= this.#allocatedBytes || bytes > ZEROS.byteLength / 4) return
    try {
      this.#file.writeNow(ZEROS, this.#allocatedBytes)
      this.#allocatedBytes += ZEROS.byteLength
    } catch {
      this.#allocatedBytes = Number.MAX_SAFE_INTEGER
    }
  }

  async #rotate(): Promise<void> {
    const { files, directory, clock } = this.#options
    try {
      await this.sync()
      await this.#dropZeros()
      const created = await createSegment(files, directory, this.identity, this.#head.seq + 1, clock.now())
      await this.#file.close()
      this.#olderBytes += this.#end
      this.#segments = [...this.#segments, created.segment]
      this.#file = created.file
      this.#end = created.segment.dataStart
      this.#allocatedBytes = this.#end
      this.#acknowledge()
    } catch (error) {
      await this.#fail(error)
    }
  }

  async #dropZeros(): Promise<void> {
    if ((await this.#file.size()) === this.#end) return
    await this.#file.truncate(this.#end)
    await this.#file.sync()
  }

  /**
   * Remembers the failure and takes the refused bytes back off the disk, as far as it still obeys: a refused write
   * should not reappear at the next open.
   */
  async #fail(cause: unknown): Promise<never> {
    if (this.#failure) throw this.#failure
    this.#failure = new ReplivecError(
      'STORAGE_FAILED',
      'The operation log could not be written, so this write was refused and the store is read-only now. Free space or repair the disk, then open the store again.',
      {
        cause,
        details: { directory: this.#options.directory, reason: (cause as { code?: unknown }).code ?? null },
      },
    )
    this.#end = this.#acknowledged.end
    this.#head = this.#acknowledged.head
    await this.#file
      .truncate(this.#end)
      .then(() => this.#file.sync())
      .catch(() => undefined)
    throw this.#failure
  }
}

function olderSegment(directory: string, firstSeq: number): Segment {
  return { path: `${directory}/${segmentName(firstSeq)}`, firstSeq, dataStart: 0 }
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts)
}
