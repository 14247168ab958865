import { ReplivecError } from '../errors.js'
import type { Position } from '../log/position.js'
import type { Clock } from '../runtime/clock.js'
import type { CommitTimes } from './commit-times.js'
import type { HealthThresholds } from './health.js'
import type { RegisteredReplica, ReplicaRegistry } from './replica-registry.js'
import type { ReplicationEvent } from './replication.js'

export interface ReplicaWatchOptions {
  readonly host: {
    readonly clock: Clock
    readonly position: Position
    emit(event: ReplicationEvent): void
    warn(error: ReplivecError): void
  }
  readonly registry: ReplicaRegistry
  readonly times: CommitTimes
  readonly thresholds: HealthThresholds
}

/** Looks at every replica now and then, because nothing happens when one falls silent, and tells when its status changes. */
export class ReplicaWatch {
  readonly #options: ReplicaWatchOptions
  #cancelTimer: (() => void) | undefined
  #isClosed = false

  constructor(options: ReplicaWatchOptions) {
    this.#options = options
    this.#watch()
  }

  judge(replica: RegisteredReplica): void {
    const { host, times, thresholds } = this.#options
    const nowMs = host.clock.monotonic()
    const before = replica.judge(host.position.seq, times, nowMs, thresholds)
    if (before === undefined) return
    const { id: peerId, status } = replica
    host.emit({ kind: 'status', peerId, status, before })
    if (status === 'Lagging')
      host.warn(lagging(peerId, replica.lagMs(host.position.seq, times, nowMs), replica.link !== undefined))
    if (status === 'Disconnected') host.warn(disconnected(peerId))
  }

  close(): void {
    this.#isClosed = true
    this.#cancelTimer?.()
  }

  #watch(): void {
    const { host, registry, thresholds } = this.#options
    this.#cancelTimer = host.clock.timer(() => {
      for (const replica of registry.all()) this.judge(replica)
      if (!this.#isClosed) this.#watch()
    }, watchEveryMs(thresholds))
  }
}

/** Often enough to notice what passes a threshold. */
export function watchEveryMs({ laggingAfterMs, disconnectedAfterMs }: HealthThresholds): number {
  return Math.max(20, Math.min(1_000, laggingAfterMs / 2, disconnectedAfterMs / 2))
}

export function lagging(peerId: string, lagMs: number, isLinked: boolean): ReplivecError {
  const ms = Math.trunc(lagMs)
  const link = isLinked ? '' : ', and there is no link between them'
  return new ReplivecError(
    'REPLICA_LAGGING',
    `The replica '${peerId}' is ${ms} ms behind its master${link}.`,
    {
      details: { peerId, lagMs: ms },
    },
  )
}

function disconnected(peerId: string): ReplivecError {
  return new ReplivecError(
    'REPLICA_DISCONNECTED',
    `Nothing was heard of the replica '${peerId}' for too long. It goes on from where it is when it comes back; forget('${peerId}') when it will not.`,
    { details: { peerId } },
  )
}

/** Of a replica whose master is silent. @param cause - what the last attempt failed with */
export function masterGone(peerId: string, cause: ReplivecError | undefined): ReplivecError {
  const why = cause ? ` ${cause.message}` : ''
  return new ReplivecError(
    'REPLICA_DISCONNECTED',
    `Nothing was heard of the master '${peerId}' for too long. This replica answers with what it has and goes on dialing.${why}`,
    { details: { peerId }, ...(cause ? { cause } : {}) },
  )
}
