import type { ReplivecError } from '../errors.js'
import type { Clock } from '../runtime/clock.js'
import { type HealthThresholds, statusOf } from './health.js'
import { lagging, masterGone, watchEveryMs } from './replica-watch.js'
import type { ReplicationEvent, ReplicaStatus } from './replication.js'

/** How a replica stands to its master. */
export interface Standing {
  /** When the master last said something; `undefined` when it has not since this store was opened. */
  readonly heardAtMs: number | undefined
  readonly lagMs: number
  readonly appliedSeq: number
  /** Operations come over the link, and this store's positions are the master's. */
  readonly isInSync: boolean
  /** A snapshot is taken in. */
  readonly isSyncing: boolean
  readonly isLinked: boolean
  readonly masterId: string | undefined
  /** Why there is no link. */
  readonly failure: ReplivecError | undefined
}

export interface OwnStatusHost {
  readonly clock: Clock
  emit(event: ReplicationEvent): void
  warn(error: ReplivecError): void
}

/** What a replica says of itself. It is looked at now and then, because nothing happens when a master falls silent. */
export class OwnStatus {
  readonly #nodeId: string
  readonly #host: OwnStatusHost
  readonly #thresholds: HealthThresholds
  readonly #standing: () => Standing
  #status: ReplicaStatus = 'Disconnected'
  /** Something, or all of nothing; that there is no link now does not take it back. */
  #hasApplied = false
  #cancelTimer: (() => void) | undefined
  #isClosed = false

  constructor(nodeId: string, host: OwnStatusHost, thresholds: HealthThresholds, standing: () => Standing) {
    this.#nodeId = nodeId
    this.#host = host
    this.#thresholds = thresholds
    this.#standing = standing
    this.#watch()
  }

  /** What it was when it was judged last. */
  get current(): ReplicaStatus {
    return this.#status
  }

  judge(): ReplicaStatus {
    const before = this.#status
    const { appliedSeq, isInSync, lagMs, isLinked, masterId, failure, ...others } = this.#standing()
    this.#hasApplied ||= appliedSeq > 0 || isInSync
    const health = { ...others, lagMs, hasApplied: this.#hasApplied }
    const status = statusOf(health, this.#host.clock.monotonic(), this.#thresholds)
    if (status === before) return status
    this.#status = status
    this.#host.emit({ kind: 'status', peerId: this.#nodeId, status, before })
    if (status === 'Lagging') this.#host.warn(lagging(this.#nodeId, lagMs, isLinked))
    if (status === 'Disconnected') this.#host.warn(masterGone(masterId ?? '', failure))
    return status
  }

  close(): void {
    this.#isClosed = true
    this.#cancelTimer?.()
  }

  #watch(): void {
    this.#cancelTimer = this.#host.clock.timer(() => {
      this.judge()
      if (!this.#isClosed) this.#watch()
    }, watchEveryMs(this.#thresholds))
  }
}
