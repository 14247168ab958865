import { crc32 } from 'node:zlib'
import { epochOf } from '../../../lib/log/epoch-table.js'
import type { Position } from '../../../lib/log/position.js'
import type { Batch } from '../../../lib/replication/protocol/master-state.js'
import type { Epoch } from '../../../lib/replication/protocol/messages.js'

/** A commit as a scenario sees it: who wrote which operations, and how long it is as a frame. */
export interface ToyCommit {
  /** No two commits of a scenario have the same; what two nodes have is compared by it. */
  readonly id: string
  readonly firstSeq: number
  readonly lastSeq: number
  readonly committedAtMs: number
  readonly bytes: number
}

/** A commit's description and checksum fit. */
export const COMMIT_BYTES_MIN = 100

export interface ToyIdentity {
  readonly historyId: string
  readonly epochs: readonly Epoch[]
  readonly parent: (Position & { readonly historyId: string }) | undefined
}

/** A log that remembers all it ever held, so that what others took from it can be compared, and forgets on request. */
export class ToyLog {
  identity: ToyIdentity
  commits: ToyCommit[] = []
  /** The first operation that can still be read. */
  oldestSeq = 1
  durableSeq = 0

  constructor(identity: ToyIdentity) {
    this.identity = identity
  }

  get lastSeq(): number {
    return this.commits.at(-1)?.lastSeq ?? 0
  }

  get last(): Position {
    return { epoch: epochOf(this.identity.epochs, this.lastSeq), seq: this.lastSeq }
  }

  append(commit: ToyCommit): void {
    this.commits.push(commit)
  }

  sync(): void {
    this.durableSeq = this.lastSeq
  }

  /** What was not on stable storage is gone. */
  lose(): void {
    this.cutAfter(this.durableSeq)
  }

  cutAfter(seq: number): void {
    this.commits = this.commits.filter(({ lastSeq }) => lastSeq <= seq)
    this.durableSeq = Math.min(this.durableSeq, this.lastSeq)
  }

  committedAfterMs(seq: number): number {
    return this.commits.find(({ lastSeq }) => lastSeq > seq)?.committedAtMs ?? 0
  }

  /** Whole commits, as a real log gives them; `'trimmed'` when they are gone. */
  read(
    fromSeq: number,
    bytesMax: number,
    operationsMax: number,
    headSeq: number,
  ): Batch | undefined | 'trimmed' {
    if (fromSeq < this.oldestSeq) return 'trimmed'
    const taken: ToyCommit[] = []
    let bytes = 0
    for (const commit of this.commits) {
      if (commit.firstSeq < fromSeq || commit.lastSeq > headSeq) continue
      const isMore = bytes + commit.bytes > bytesMax || commit.lastSeq - fromSeq >= operationsMax
      if (taken.length > 0 && isMore) break
      taken.push(commit)
      bytes += commit.bytes
    }
    const lastSeq = taken.at(-1)?.lastSeq
    if (lastSeq === undefined) return undefined
    return { firstSeq: fromSeq, lastSeq, frames: Buffer.concat(taken.map(toyFrame)) }
  }
}

/** A line: a checksum, the commit as JSON, and spaces up to its length. */
function toyFrame(commit: ToyCommit): Uint8Array {
  const text = JSON.stringify(commit).padEnd(commit.bytes - 10, ' ')
  return Buffer.from(`${hex(crc32(text))} ${text}\n`)
}

/** @returns `undefined` when the frames are damaged */
export function commitsOf(frames: Uint8Array): ToyCommit[] | undefined {
  const lines = Buffer.from(frames).toString().split('\n')
  if (lines.pop() !== '') return undefined
  const texts = lines.map((line) =>
    line.slice(0, 8) === hex(crc32(line.slice(9))) ? line.slice(9) : undefined,
  )
  return texts.includes(undefined) ? undefined : texts.map((text) => JSON.parse(text as string) as ToyCommit)
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, '0')
}
