import { ReplivecError } from '../errors.js'
import type { Files, OpenFile } from '../runtime/files.js'
import { systemErrorCode } from '../runtime/system-error.js'
import { openSegment, type Segment } from './segment.js'
import { type LoggedCommit, logCorrupt, scanSegment } from './segment-scan.js'

/** Consecutive segments as they stood at one moment, to be read as one sequence of commits. */
export interface SegmentRun {
  readonly files: Files
  /** What every segment must belong to: one of another store may have the same name and size. */
  readonly historyId: string
  /** Oldest first; at least one. */
  readonly segments: readonly Segment[]
  /** Where the content of the newest segment ends. */
  readonly newestEnd: number
  /** The last operation of the newest segment, or of the one before when that has none. */
  readonly headSeq: number
  /** The first operation that the log holds by now; segments may be trimmed while they are read. */
  readonly oldestSeq: () => number
}

/**
 * Commits of a run from `fromSeq` on. Commits that begin before `fromSeq` and reach it are included whole.
 *
 * @throws ReplivecError `POSITION_LOST` when `fromSeq` was trimmed, `LOG_CORRUPT` when anything is missing or damaged,
 *   `STORAGE_FAILED` when the disk does not answer
 */
export async function* readSegmentRun(run: SegmentRun, fromSeq: number): AsyncGenerator<LoggedCommit> {
  const { segments, newestEnd, headSeq } = run
  if (fromSeq < (segments[0] as Segment).firstSeq) throw positionLost(run, fromSeq)
  for (const [index, named] of segments.entries()) {
    const next = segments[index + 1]
    if (next && next.firstSeq <= fromSeq) continue
    // Without a commit it may be replaced by another of the same name at any time.
    if (named.firstSeq > headSeq) return
    const { file, segment } = await openSegmentOf(run, named, fromSeq)
    try {
      const endOffset = next ? await reading(named.path, file.size()) : newestEnd
      const scan = scanSegment(file, segment, endOffset)
      let lastSeq = segment.firstSeq - 1
      for (;;) {
        const step = await reading(named.path, scan.next())
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
 * Opens a segment of a run. The file is the caller's to close.
 *
 * @param fromSeq - what it is opened for; `POSITION_LOST` names it
 */
export async function openSegmentOf(
  run: SegmentRun,
  named: Segment,
  fromSeq: number,
): Promise<{ file: OpenFile; segment: Segment }> {
  const file = await openToRead(run, named, fromSeq)
  try {
    const { segment, identity } = await reading(named.path, openSegment(file, named.path, named.firstSeq))
    if (identity.historyId !== run.historyId) {
      throw logCorrupt(named.path, 0, 'it belongs to another history')
    }
    return { file, segment }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function openToRead(run: SegmentRun, segment: Segment, fromSeq: number): Promise<OpenFile> {
  try {
    return await run.files.open(segment.path, 'read')
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw unreadable(segment.path, error)
    if (segment.firstSeq < run.oldestSeq()) throw positionLost(run, Math.max(fromSeq, segment.firstSeq))
    throw logCorrupt(segment.path, 0, `the segment of operation ${segment.firstSeq} is missing`, error)
  }
}

export function positionLost(run: SegmentRun, fromSeq: number): ReplivecError {
  const oldestSeq = run.oldestSeq()
  return new ReplivecError(
    'POSITION_LOST',
    `The log begins at operation ${oldestSeq}; operation ${fromSeq} was trimmed. Restore from a backup or a replica.`,
    { details: { oldestSeq, fromSeq } },
  )
}

/** Turns a failure of the disk into the store's own error. */
export async function reading<T>(path: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw unreadable(path, error)
  }
}

function unreadable(path: string, cause: unknown): ReplivecError {
  if (ReplivecError.is(cause)) return cause
  return new ReplivecError(
    'STORAGE_FAILED',
    `The operation log ${path} could not be read: check the disk and its permissions, then try again.`,
    { cause, details: { path, reason: systemErrorCode(cause) ?? null } },
  )
}
