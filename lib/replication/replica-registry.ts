import type { CompressionStats } from './compression/compression-stats.js'
import type { CommitTimes } from './commit-times.js'
import { type HealthThresholds, statusOf } from './health.js'
import type { Ack } from './protocol/messages.js'
import type { ReplicaInfo, ReplicaStatus } from './replication.js'

/** What is kept of a replica between two runs of the master. */
export interface StoredReplica {
  readonly id: string
  readonly host: string | null
  readonly port: number | null
  readonly offset: number
  readonly operationsSynced: number
  readonly bytesSent: number
  readonly lastHeartbeat: number | null
}

/** What a link to a replica says about it. */
export interface ReplicaLinkFigures {
  readonly queuedBytes: number
  readonly inFlightBytes: number
  readonly bytesSent: number
  readonly compression: CompressionStats | null
  /** It takes a snapshot or reads up on the log. */
  readonly isSyncing: boolean
}

/** One replica that a master knows, linked or not. */
export class RegisteredReplica {
  readonly id: string
  host: string | null
  port: number | null
  /** What it acknowledged as applied. */
  offset: number
  receivedSeq: number
  durableSeq: number
  operationsSynced: number
  lastHeartbeat: number | null
  /** A time that never goes back; `undefined` before anything was heard in this run. */
  heardAtMs: number | undefined
  status: ReplicaStatus = 'Disconnected'
  /** The link in use. */
  link: (() => ReplicaLinkFigures) | undefined
  /** Operations up to this one are counted; `undefined` while nobody knows what was counted before. */
  #countedSeq: number | undefined
  /** It was about to replace what it has. */
  #takesSnapshot = false
  /** Bytes of links that ended. */
  #pastBytesSent: number
  /** Since when it has not been equal, where the times of the commits do not reach back so far. */
  #behindSinceMs: number | undefined

  /** @param isNew - nothing is known of it yet */
  constructor(stored: StoredReplica, isNew = false) {
    this.#countedSeq = isNew ? undefined : stored.offset
    this.id = stored.id
    this.host = stored.host
    this.port = stored.port
    this.offset = stored.offset
    this.receivedSeq = stored.offset
    this.durableSeq = stored.offset
    this.operationsSynced = stored.operationsSynced
    this.lastHeartbeat = stored.lastHeartbeat
    this.#pastBytesSent = stored.bytesSent
  }

  get bytesSent(): number {
    return this.#pastBytesSent + (this.link?.().bytesSent ?? 0)
  }

  /**
   * @param seq - the last operation it has as it joins: of what it had before, some may be gone
   * @param takesSnapshot - it is about to replace all of that
   */
  joined(seq: number, takesSnapshot: boolean, link: () => ReplicaLinkFigures): void {
    const hasSnapshot = this.#takesSnapshot && !takesSnapshot
    // Its first ack says what is applied and on stable storage: of what it has received, neither need be.
    this.durableSeq = 0
    this.receivedSeq = seq
    this.offset = hasSnapshot ? seq : Math.min(this.offset, seq)
    // What a snapshot brought was not acknowledged operation by operation.
    this.#countedSeq = hasSnapshot ? seq : Math.min(this.#countedSeq ?? seq, seq)
    this.#takesSnapshot = takesSnapshot
    this.link = link
  }

  left(): void {
    this.#pastBytesSent += this.link?.().bytesSent ?? 0
    this.link = undefined
  }

  /** @returns operations that were acknowledged now */
  acknowledge(ack: Ack): number {
    const counted = this.#countedSeq ?? ack.appliedSeq
    const news = Math.max(0, ack.appliedSeq - counted)
    this.#countedSeq = counted + news
    this.offset = Math.max(this.offset, ack.appliedSeq)
    this.receivedSeq = ack.receivedSeq
    this.durableSeq = ack.durableSeq
    this.operationsSynced += news
    return news
  }

  heard(nowMs: number, wallMs: number): void {
    this.heardAtMs = nowMs
    this.lastHeartbeat = wallMs
  }

  lagMs(headSeq: number, times: CommitTimes, nowMs: number): number {
    if (this.offset >= headSeq) {
      this.#behindSinceMs = undefined
      return 0
    }
    this.#behindSinceMs ??= times.after(this.offset) ?? nowMs
    const sinceMs = times.after(this.offset)
    // Where the commits are older than their times, the lag is at least as long as it was watched.
    return Math.max(0, nowMs - (sinceMs ?? this.#behindSinceMs))
  }

  /** @returns its status before, when that is another one */
  judge(
    headSeq: number,
    times: CommitTimes,
    nowMs: number,
    thresholds: HealthThresholds,
  ): ReplicaStatus | undefined {
    const before = this.status
    const lagMs = this.lagMs(headSeq, times, nowMs)
    const isSyncing = this.link?.().isSyncing ?? false
    const hasApplied = this.offset > 0 || headSeq === 0
    this.status = statusOf({ heardAtMs: this.heardAtMs, lagMs, hasApplied, isSyncing }, nowMs, thresholds)
    return this.status === before ? undefined : before
  }

  info(headSeq: number, times: CommitTimes, nowMs: number): ReplicaInfo {
    const { offset, link } = this
    const figures = link?.()
    // Every field by itself: a spread among them makes this a hundred times slower (V8 13 and before), and a status has many.
    return {
      id: this.id,
      host: this.host,
      port: this.port,
      status: this.status,
      lastHeartbeat: this.lastHeartbeat,
      operationsSynced: this.operationsSynced,
      offset,
      lagMs: this.lagMs(headSeq, times, nowMs),
      linked: link !== undefined,
      lagOperations: Math.max(0, headSeq - offset),
      compression: figures?.compression ?? null,
      queuedBytes: figures?.queuedBytes ?? 0,
      inFlightBytes: figures?.inFlightBytes ?? 0,
      bytesSent: this.#pastBytesSent + (figures?.bytesSent ?? 0),
    }
  }

  stored(): StoredReplica {
    const { id, host, port, offset, operationsSynced, bytesSent, lastHeartbeat } = this
    return { id, host, port, offset, operationsSynced, bytesSent, lastHeartbeat }
  }
}

/** The replicas that a master knows, by id. They stay until they are forgotten. */
export class ReplicaRegistry {
  readonly #replicas = new Map<string, RegisteredReplica>()

  /**
   * @param headSeq - the master's last operation: where it lost the end of its log, what replicas had of that is of no account
   */
  constructor(stored: readonly StoredReplica[], headSeq = Number.POSITIVE_INFINITY) {
    for (const replica of stored) {
      const offset = Math.min(replica.offset, headSeq)
      this.#replicas.set(replica.id, new RegisteredReplica({ ...replica, offset }))
    }
  }

  get size(): number {
    return this.#replicas.size
  }

  all(): IterableIterator<RegisteredReplica> {
    return this.#replicas.values()
  }

  get(id: string): RegisteredReplica | undefined {
    return this.#replicas.get(id)
  }

  register(id: string): RegisteredReplica {
    let replica = this.#replicas.get(id)
    if (!replica) {
      const fresh = {
        ...{ id, host: null, port: null, offset: 0, operationsSynced: 0, bytesSent: 0, lastHeartbeat: null },
      }
      replica = new RegisteredReplica(fresh, true)
      this.#replicas.set(id, replica)
    }
    return replica
  }

  forget(id: string): boolean {
    return this.#replicas.delete(id)
  }

  /** The lowest operation that all have; `undefined` without any. */
  lowestOffset(): number | undefined {
    let lowest: number | undefined
    for (const { offset } of this.#replicas.values()) lowest = Math.min(lowest ?? offset, offset)
    return lowest
  }

  byId(): RegisteredReplica[] {
    return [...this.#replicas.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }
}
