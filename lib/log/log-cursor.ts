import { ReplivecError } from '../errors.js'
import type { ScanEnd } from './frame-reader.js'
import { GatheredRun, type LogRun, type RunLimits } from './log-run.js'
import type { Segment } from './segment.js'
import { type RawCommit, SegmentCommits } from './segment-commits.js'
import { positionLost, type SegmentRun } from './segment-run.js'
import { logCorrupt } from './segment-scan.js'
import type { SeqOffsets } from './seq-offsets.js'

/** Memory for more is not kept from run to run. */
const MEMORY_BYTES_MAX = 1024 * 1024
const NO_BYTES: Uint8Array = new Uint8Array(0)

/** What a cursor needs of a log. */
export interface CursorSource {
  /** The segments as they stand now, up to the last operation acknowledged. */
  acknowledged(): SegmentRun
  /** Where the commits of one of them lie, as far as known. */
  offsetsOf(segment: Segment): SeqOffsets
}

/**
 * A place in a log, from which it is read as bytes: to the head, and on from there when there is more. It keeps one file open, and
 * in memory one chunk or one commit beside the run that it gave.
 */
export class LogCursor {
  readonly #source: CursorSource
  /** The next operation to give. */
  #nextSeq: number
  #open: SegmentCommits | undefined
  /** For the frames of the present run. */
  #memory = NO_BYTES
  /** Read, but too much for the last run. */
  #held: RawCommit | undefined
  #running: Promise<LogRun | undefined> | undefined
  #isClosed = false

  /** @param fromSeq - the first operation wanted; a commit that begins before it is given whole */
  constructor(source: CursorSource, fromSeq: number) {
    this.#source = source
    this.#nextSeq = fromSeq
  }

  /**
   * The next commits that are acknowledged, at least one; `undefined` when there are none yet. One call at a time, and the frames
   * of a run are good until the next one: new memory for each has V8 collect everything again and again. After an error the
   * next call tries again from the same place.
   *
   * @throws ReplivecError `POSITION_LOST` when the place was trimmed before it was reached, `LOG_CORRUPT` when anything is
   *   missing or damaged, `STORAGE_FAILED` when the disk does not answer, `CLOSED`
   */
  async next(limits: RunLimits): Promise<LogRun | undefined> {
    if (this.#isClosed) throw new ReplivecError('CLOSED', 'This cursor is closed; begin another one.')
    if (this.#running) throw new Error('a cursor is at one place: one call at a time')
    this.#running = this.#next(limits)
    try {
      return await this.#running
    } finally {
      this.#running = undefined
    }
  }

  /** Ends it, after the call that is running. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#running?.catch(() => undefined)
    await this.#leave()
  }

  async #next(limits: RunLimits): Promise<LogRun | undefined> {
    const run = this.#source.acknowledged()
    const gathered = new GatheredRun(limits, this.#memory)
    try {
      let isFull = false
      while (!isFull && this.#nextSeq <= run.headSeq) isFull = await this.#gather(run, gathered)
    } catch (error) {
      // What was read before is given first. What ended the reading is still there at the next call.
      if (gathered.isEmpty) throw error
    }
    this.#memory = gathered.memory.byteLength <= MEMORY_BYTES_MAX ? gathered.memory : NO_BYTES
    return gathered.finish()
  }

  /**
   * Takes what one segment has to give.
   *
   * @returns whether no more commits fit
   */
  async #gather(run: SegmentRun, gathered: GatheredRun): Promise<boolean> {
    const { commits, next } = await this.#entered(run)
    const endOffset = next ? await commits.size() : run.newestEnd
    const lastSeq = next ? next.firstSeq - 1 : run.headSeq
    while (this.#nextSeq <= lastSeq) {
      const found = this.#held ?? (await commits.next(endOffset))
      if (found.kind !== 'commit') {
        await this.#ended(run, commits, found)
        return false
      }
      this.#held = undefined
      if (found.lastSeq < this.#nextSeq) continue
      if (!gathered.take(found)) {
        this.#held = found
        return true
      }
      this.#nextSeq = found.lastSeq + 1
    }
    return false
  }

  /** The segment of the next operation, and the one that follows it. A segment that is open may be trimmed and is still read. */
  async #entered(run: SegmentRun): Promise<{ commits: SegmentCommits; next: Segment | undefined }> {
    const { segments } = run
    const named = segments.findLast(({ firstSeq }) => firstSeq <= this.#nextSeq)
    if (this.#open && named && named.firstSeq > this.#open.segment.firstSeq) await this.#leave()
    if (!this.#open && !named) throw positionLost(run, this.#nextSeq)
    const commits = this.#open ?? (await this.#opened(run, named as Segment))
    this.#open = commits
    return { commits, next: segments.find(({ firstSeq }) => firstSeq > commits.segment.firstSeq) }
  }

  #opened(run: SegmentRun, named: Segment): Promise<SegmentCommits> {
    return SegmentCommits.open(run, named, this.#source.offsetsOf(named), this.#nextSeq)
  }

  /** A segment ended before what follows it. That may be trimmed too, where the segment is; else something is wrong. */
  async #ended(run: SegmentRun, { segment }: SegmentCommits, end: ScanEnd): Promise<void> {
    const isTrimmed = segment.firstSeq < (run.segments[0] as Segment).firstSeq
    if (isTrimmed && end.kind === 'end') return this.#leave()
    const reason = end.kind === 'damaged' ? end.reason : 'operations are missing'
    throw logCorrupt(segment.path, end.offset, reason)
  }

  async #leave(): Promise<void> {
    const left = this.#open
    this.#open = undefined
    this.#held = undefined
    await left?.close()
  }
}
