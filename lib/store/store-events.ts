import type { ChangeKind } from '../collection/collection-host.js'
import type { ReplivecErrorCode } from '../errors.js'
import type { SegmentEvent } from '../index/segment-event.js'
import type { Position } from '../log/position.js'
import type { ReplicationEvent } from '../replication/replication.js'

/** What became visible with a commit. */
export interface Change {
  readonly collection: string
  readonly kind: ChangeKind
  readonly ids: readonly string[]
  readonly position: Position
}

/** A segment of a collection's index was built or merged. */
export interface IndexEvent extends SegmentEvent {
  /** The collection's name. */
  readonly collection: string
}

/** Something the host should know and may act on; the store goes on. */
export interface Warning {
  readonly code: ReplivecErrorCode
  readonly message: string
  readonly details: Readonly<Record<string, unknown>>
}

/** The events of a store, by name. */
export interface StoreEvents {
  /** After a commit became visible, in order. */
  change: (change: Change) => void
  /** After a segment took the place of what it was built from. */
  index: (event: IndexEvent) => void
  /** Nodes met, parted, refused one another or changed their status. */
  replication: (event: ReplicationEvent) => void
  /** When something went wrong that the store goes on from. */
  warning: (warning: Warning) => void
}
