import type { ReplivecError } from '../errors.js'
import type { Position } from '../log/position.js'
import type { Clock } from '../runtime/clock.js'
import type { Files } from '../runtime/files.js'
import type { Random } from '../runtime/random.js'
import type { Codec } from './compression/codec.js'
import type { SnapshotSource } from './log-source.js'
import type { Wanted } from './protocol/master-state.js'
import type { StoredLog } from './replicated-log.js'
import type { ReplicationEvent, WaitOptions } from './replication.js'

/** What a master needs of the store it belongs to. */
export interface MasterHost {
  readonly clock: Clock
  readonly random: Random
  readonly files: Files
  /** Where its figures are kept. */
  readonly directory: string
  readonly log: StoredLog
  /** What it can compress with. */
  readonly codecs: ReadonlyMap<string, Codec>
  readonly snapshots: SnapshotSource
  /** The last operation reads find; everything up to it is as durable as was promised. */
  readonly position: Position
  /** Up to which operations somebody waits for replicas. */
  readonly wanted: Wanted
  waitUntilVisible(position: Position, options: WaitOptions): Promise<void>
  /** Replicas acknowledged more, or are more or fewer. */
  acknowledged(): void
  /** Another master took over: takes no more writes. */
  fence(error: ReplivecError): void
  emit(event: ReplicationEvent): void
  warn(error: ReplivecError): void
  /** @throws `CLOSED` */
  assertOpen(): void
}
