import { decodeCommit, encodeCommitFrame, readFrame } from '../../lib/log/frame.js'
import type { PendingCommit } from '../../lib/log/group-commit.js'
import { LogCursor } from '../../lib/log/log-cursor.js'
import type { LogRun, RunLimits } from '../../lib/log/log-run.js'
import type { OpLogOptions } from '../../lib/log/log-opening.js'
import { OpLog } from '../../lib/log/op-log.js'
import type { LogIdentity } from '../../lib/log/position.js'
import type { LoggedCommit } from '../../lib/log/segment-scan.js'
import type { ReplivecError } from '../../lib/errors.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'

/** Commits that say by themselves where they belong, and a log to put them into. */
export const IDENTITY: LogIdentity = {
  historyId: 'history-1',
  nodeId: 'node-1',
  epochs: [{ epoch: 1, nodeId: 'node-1', firstSeq: 1 }],
}

export interface SampleCommit {
  readonly frame: Uint8Array
  readonly firstSeq: number
  readonly lastSeq: number
}

/**
 * A commit whose ids name its operations.
 *
 * @param vectorBytes - of each of its `count` records
 */
export function sampleCommit(firstSeq: number, count = 1, vectorBytes = 16): SampleCommit {
  const operations = Array.from({ length: count }, (_, index) => ({
    put: {
      collection: 1,
      id: `op-${firstSeq + index}`,
      vector: new Uint8Array(vectorBytes).fill(firstSeq + index),
      metadata: `{"seq":${firstSeq + index}}`,
    },
  }))
  const commit = { epoch: 1, originId: 'node-1', firstSeq, count, committedAtMs: 1_000, operations }
  return { frame: encodeCommitFrame(commit), firstSeq, lastSeq: firstSeq + count - 1 }
}

/** Commits of the given numbers of operations, one after the other. */
export function sampleCommits(counts: readonly number[], vectorBytes = 16, firstSeq = 1): SampleCommit[] {
  let seq = firstSeq
  return counts.map((count) => {
    const commit = sampleCommit(seq, count, vectorBytes)
    seq += count
    return commit
  })
}

/** What a commit says of itself, short enough to compare lists of them. */
export function tell(frame: Uint8Array): string {
  const reading = readFrame(frame, 0)
  if (reading.kind !== 'frame' || reading.mark) return reading.kind
  const { epoch, firstSeq, count, operations } = decodeCommit(reading.body)
  const records = operations.map(({ put }) => {
    const bytes = put?.vector ?? new Uint8Array(0)
    const even = Buffer.alloc(bytes.length, bytes[0]).equals(bytes)
    return `${put?.id}×${bytes.length}:${even ? bytes[0] : [...bytes].join()}${put?.metadata}`
  })
  return `${epoch}/${firstSeq}+${count} ${records.join(' ')}`
}

export function tellAll(commits: readonly { readonly frame: Uint8Array }[]): string[] {
  return commits.map(({ frame }) => tell(frame))
}

export function openLog(
  options: Partial<OpLogOptions> & Pick<OpLogOptions, 'files' | 'directory'>,
): Promise<OpLog> {
  return OpLog.open({
    clock: new SimulatedClock(),
    segmentBytes: 64 * 1024 * 1024,
    durableSeq: 0,
    create: () => ({ identity: IDENTITY, start: { epoch: 1, seq: 0 } }),
    ...options,
  })
}

/** Appends commits as one group. */
export async function append(log: OpLog, commits: readonly SampleCommit[], durable = true): Promise<void> {
  const head = { epoch: 1, seq: (commits.at(-1) as SampleCommit).lastSeq }
  await log.append(
    commits.map(({ frame }) => frame),
    head,
    durable ? 'on a thread' : 'none',
  )
}

/** What the log holds from `fromSeq` on. */
export async function contents(log: OpLog, fromSeq: number = log.oldestSeq): Promise<string[]> {
  return tellRead(log.read(fromSeq))
}

export async function tellRead(commits: AsyncIterable<LoggedCommit>): Promise<string[]> {
  const found: string[] = []
  for await (const { frame } of commits) found.push(tell(frame))
  return found
}

/** A commit on its way through a group, with what became of it. */
export function pending(
  commit: SampleCommit,
  durable: boolean,
): { commit: PendingCommit; answer: Promise<ReplivecError | 'committed'> } {
  let settle: (answer: ReplivecError | 'committed') => void
  const answer = new Promise<ReplivecError | 'committed'>((resolve) => {
    settle = resolve
  })
  return {
    answer,
    commit: {
      frame: commit.frame,
      head: { epoch: 1, seq: commit.lastSeq },
      durable,
      committed: () => settle('committed'),
      refused: (error) => settle(error),
    },
  }
}

/** A cursor whose runs may be kept: the frames of another are good until the next one only. */
export class KeepingCursor extends LogCursor {
  override async next(limits: RunLimits): Promise<LogRun | undefined> {
    const run = await super.next(limits)
    return run && { ...run, frames: Uint8Array.from(run.frames) }
  }
}
