import type { LogIdentity, Position } from '../log/position.js'
import type { Batch } from './protocol/master-state.js'

/** How much a reader takes at once: bytes and operations, whichever comes first, but one commit at least. */
export interface ReadLimits {
  readonly bytes: number
  readonly operations: number
}

/** What a master sends from. A log is one; so may an archive be. */
export interface LogSource {
  readonly identity: LogIdentity
  /** The first operation that can be read. */
  readonly oldestSeq: number
  /** The last operation that may be sent: it is as durable as the master promises. */
  readonly head: Position
  /** When the first operation after `seq` was committed, by the wall clock; 0 when there is none or nobody knows. */
  committedAfterMs(seq: number): number
  reader(): LogReader
}

/** Reads for one replica, keeping its place. */
export interface LogReader {
  /**
   * Whole commits that begin at `fromSeq`; `undefined` when there are none yet. Their frames are good until the next call.
   *
   * @throws `POSITION_LOST` when they were trimmed, `LOG_CORRUPT`, `STORAGE_FAILED`, `CLOSED`
   */
  read(fromSeq: number, limits: ReadLimits): Promise<Batch | undefined> | Batch | undefined
  close(): Promise<void>
}

/** Where a master's snapshots come from. */
export interface SnapshotSource {
  /**
   * A snapshot that the log goes on from: the one there is, or a new one, which is given as soon as it is begun. All who ask while
   * one is made get the same.
   *
   * @param resumeId - the one that the replica has a part of; it is preferred
   * @param fromSeq - what the replica has of this history: an older snapshot would take back what it acknowledged
   * @throws why none could be begun
   */
  prepare(resumeId: string, fromSeq: number): Promise<PreparedSnapshot>
  /**
   * Waits for what is not made yet.
   *
   * @throws `POSITION_LOST` when it is gone, or could not be made to its end
   */
  read(id: string, atByte: number, maxBytes: number): Promise<SnapshotBytes>
  /** The replica has it, or is gone. */
  release(id: string): void
}

export interface PreparedSnapshot {
  readonly id: string
  readonly position: Position
  /** So much is made by now. */
  readonly bytes: number
}

export interface SnapshotBytes {
  readonly bytes: Uint8Array
  /** Nothing follows. */
  readonly isLast: boolean
}
