/** A point in a history: everything up to and including operation `seq`, as written in `epoch`. */
export interface Position {
  readonly epoch: number
  /** Sequence number of the last operation included; 0 before the first. */
  readonly seq: number
}

/** Who a log belongs to and where it comes from. Segments of a store differ in nothing but their epochs. */
export interface LogIdentity extends Carried {
  /** Born with a store's first open, and again with a restore. */
  readonly historyId: string
  readonly nodeId: string
  /** Which node wrote from which sequence number on, oldest first (`epoch-table.ts`). */
  readonly epochs: readonly EpochRow[]
  /** The history and position this one was restored from. */
  readonly parent?: Carried & { readonly historyId: string; readonly epoch: number; readonly seq: number }
}

/** One epoch: `nodeId` wrote every operation from `firstSeq` on, until the next row begins. */
export interface EpochRow extends Carried {
  readonly epoch: number
  readonly nodeId: string
  readonly firstSeq: number
}

interface Carried {
  /** Header fields of a later version, carried from segment to segment. */
  readonly unknownFields?: readonly Uint8Array[]
}
