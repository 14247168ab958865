import type { LogIdentity, Position } from '../log/position.js'
import type { Epoch, SnapshotStart, Welcome } from './protocol/messages.js'

/** Where a replica puts what it receives. A store is one. */
export interface ReplicaStore {
  readonly identity: LogIdentity
  /** The last operation that was handed to the log. */
  readonly last: Position
  /** The last operation on stable storage. */
  readonly durableSeq: number
  /** The last operation that reads find. */
  readonly appliedSeq: number
  /** There are collections, or there were. */
  readonly hasData: boolean
  /** Calls `listener` after more became durable or applied; several changes at once may be one call. */
  onProgress(listener: () => void): void
  /** Durably replaces the table of epochs by one that the master's history has grown to. */
  adopt(epochs: readonly Epoch[]): Promise<void>
  /**
   * Puts whole commits into the log and applies them, in order. What lies at or before `last` is passed over.
   *
   * @param frames - commit frames, one after another
   * @param isWaitedFor - somebody waits for them to be on stable storage
   * @returns a promise when there is more than the store can take in now; what comes next must wait for it
   * @throws `PROTOCOL_VIOLATED` for damaged or missing commits; with `details.halted` (a `HaltedAt`) for an operation that cannot be applied
   */
  append(frames: Uint8Array, isWaitedFor: boolean): Promise<void> | undefined
  /** Begins to take in a snapshot, or goes on with the one that was begun. */
  beginSnapshot(start: SnapshotStart, welcome: Welcome): Promise<void>
  /**
   * Takes in the next bytes of the snapshot.
   *
   * @returns how many bytes it has by now, of which the last may still be on their way to the disk
   * @throws `PROTOCOL_VIOLATED` when they are damaged
   */
  storePiece(bytes: Uint8Array): Promise<number>
  /** Puts the snapshot in the place of what the store had. */
  install(): Promise<void>
  discardSnapshot(): Promise<void>
}

/** The `details.halted` of an error that says that an operation cannot be applied: the last one that could. */
export interface HaltedAt {
  readonly position: Position
}
