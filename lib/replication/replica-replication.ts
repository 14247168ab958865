import { ReplivecError } from '../errors.js'
import type { Position } from '../log/position.js'
import type { Clock } from '../runtime/clock.js'
import type { Files } from '../runtime/files.js'
import { type Random, randomName } from '../runtime/random.js'
import type { Codec } from './compression/codec.js'
import { type CompressionStats, compressionStats, noCompression } from './compression/compression-stats.js'
import { EpochNotices } from './epoch-notices.js'
import type { Link } from './link.js'
import { LinkWarnings } from './link-warnings.js'
import { checkLink } from './handed-link.js'
import { OwnStatus, type Standing } from './own-status.js'
import { notHere } from './wrong-role.js'
import type { Welcome } from './protocol/messages.js'
import { isSameKey, keyIdsOf, type KeyRing } from './protocol/key-ring.js'
import { changedSecret, type Secret } from './secret.js'
import { PROTOCOL_VERSIONS } from './protocol/wire-codec.js'
import { isRefusal, refusalReason } from './refusal-reason.js'
import { ReplicaLag } from './replica-lag.js'
import { ReplicaSession, type ReplicaSessionOwner } from './replica-session.js'
import type { ReplicaStore } from './replica-store.js'
import { haltedError, ReplicaWaits, type ReplicaWaitsHost } from './replica-waits.js'
import type {
  Replication,
  ReplicationEvent,
  ReplicationStats,
  ReplicationStatus,
  WaitOptions,
} from './replication.js'
import {
  BACKOFF_MS,
  HALTED_RETRY_MS,
  HANDSHAKE_TIMEOUT_MS,
  type PreparedReplicationOptions,
} from './replication-options.js'
import { figuresNotKept, ReplicationState, type StoredFigures } from './replication-state.js'

const INSTANCE_BYTES = 8

/** What a replica needs of the store it belongs to. */
export interface ReplicaHost {
  readonly clock: Clock
  readonly random: Random
  readonly files: Files
  /** Where its figures are kept. */
  readonly directory: string
  readonly store: ReplicaStore
  /** What it can decompress. */
  readonly codecs: ReadonlyMap<string, Codec>
  /** The newest position reads find. */
  readonly position: Position
  waitUntilVisible(position: Position, options: WaitOptions): Promise<void>
  emit(event: ReplicationEvent): void
  warn(error: ReplivecError): void
  /** @throws `CLOSED` */
  assertOpen(): void
}

/** Replication of a store that follows a master. */
export class ReplicaReplication implements Replication {
  readonly role = 'replica'
  readonly enabled = true
  readonly #host: ReplicaHost
  readonly #options: PreparedReplicationOptions
  readonly #session: ReplicaSession
  readonly #state: ReplicationState
  readonly #figures: { -readonly [Name in keyof StoredFigures]: StoredFigures[Name] }
  readonly #counts: { bytesSent: number; bytesReceived: number }
  readonly #lag: ReplicaLag
  readonly #waits: ReplicaWaits
  readonly #nodeId: string
  readonly #compression = noCompression()
  readonly #warnings: LinkWarnings
  readonly #epochs: EpochNotices
  #keys: KeyRing | undefined
  /** What was applied when it was looked at last. */
  #appliedSeq: number
  readonly #status: OwnStatus
  /** When a master that this replica understands last said something; a link alone says nothing. */
  #heardAtMs: number | undefined
  #masterId: string | undefined
  /** Why there is no link. */
  #failure: ReplivecError | undefined
  #closing: Promise<void> | undefined

  /** @internal Comes with a store. */
  constructor(host: ReplicaHost, options: PreparedReplicationOptions, stored: StoredFigures) {
    const { clock, random, files, directory, store } = host
    this.#host = host
    this.#options = options
    this.#nodeId = store.identity.nodeId
    this.#keys = options.keys
    this.#warnings = new LinkWarnings(options.laggingAfterMs, clock.monotonic(), (error) => host.warn(error))
    this.#epochs = new EpochNotices(store.identity.epochs, (event) => host.emit(event))
    this.#figures = { ...stored }
    this.#counts = { bytesSent: stored.bytesSent, bytesReceived: stored.bytesReceived }
    this.#lag = new ReplicaLag(clock.monotonic())
    this.#appliedSeq = store.appliedSeq
    this.#masterId = options.master?.id
    this.#waits = new ReplicaWaits(this.#waitsHost())
    this.#state = new ReplicationState({
      current: () => ({ ...this.#figures, ...this.#counts, historyId: this.historyId }),
      onFailure: (cause) => host.warn(figuresNotKept(cause)),
      ...{ files, clock, directory },
    })
    const { clusterId, discardLocal, heartbeatIntervalMs, disconnectedAfterMs } = options
    this.#session = new ReplicaSession({
      config: {
        dials: options.transport !== undefined && options.master !== undefined,
        frameCodes: options.authenticateFrames,
        codecs: [...host.codecs.keys()],
        ...{ discardLocal, heartbeatIntervalMs, handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS },
        ...{ silenceMs: disconnectedAfterMs, backoffMs: BACKOFF_MS, haltedRetryMs: HALTED_RETRY_MS },
        ...{ nodeId: this.#nodeId, clusterId, instanceId: randomName(random, INSTANCE_BYTES) },
        ...{ versions: PROTOCOL_VERSIONS, masterId: options.master?.id },
      },
      ...{ clock, random, store, counts: this.#counts, owner: this.#owner() },
      keys: () => this.#keys,
      ...{ codecs: host.codecs, compression: this.#compression },
      ...{ transport: options.transport, master: options.master },
    })
    this.#status = new OwnStatus(this.#nodeId, host, options, () => this.#standing())
    store.onProgress(() => this.#progressed())
  }

  /** Begins to dial. */
  start(): void {
    this.#session.start()
  }

  get historyId(): string {
    return this.#host.store.identity.historyId
  }

  get position(): Position {
    return { ...this.#host.position }
  }

  /** The master's node id, as far as it is known. */
  get masterId(): string | undefined {
    return this.#masterId
  }

  getStatus(): ReplicationStatus {
    return { role: this.role, enabled: this.enabled, stats: this.getStats(), replicas: null }
  }

  getStats(): ReplicationStats {
    this.#host.assertOpen()
    const { appliedSeq } = this.#host.store
    const { halted, receivedSeq, phase } = this.#session.state
    const { lastSync, snapshotSize, snapshotReason, totalReplicated } = this.#figures
    const headSeq = Math.max(this.#lag.headSeq, appliedSeq)
    const failure = this.#failure
    const status = this.#status.judge()
    return {
      role: 'replica',
      ...{ lagMs: this.#lagMs(), ...this.#counts, lastSync },
      operationsPending: phase === 'streaming' ? Math.max(0, receivedSeq - appliedSeq) : 0,
      snapshotSize,
      connectedReplicas: 0,
      ...{ masterOffset: headSeq, replicaOffset: appliedSeq, lagOperations: headSeq - appliedSeq },
      refused: this.#figures.refused,
      compression: this.#compressionStats(),
      ...{ totalReplicated, historyId: this.historyId, position: this.position },
      ...{ status, linked: this.#hasJoined, snapshotReason },
      ...(failure && !this.#hasJoined ? { failure: { code: failure.code, message: failure.message } } : {}),
      ...(halted ? { halted: { ...halted, position: { ...halted.position } } } : {}),
    }
  }

  #compressionStats(): CompressionStats | null {
    const { codec } = this.#session.state
    return codec || this.#compression.plainBytes > 0
      ? compressionStats(this.#compression, codec || null)
      : null
  }

  getReplicas(): null {
    this.#host.assertOpen()
    return null
  }

  async waitFor(position?: Position, options: WaitOptions = {}): Promise<void> {
    this.#host.assertOpen()
    await (position ? this.#waits.forPosition(position, options) : this.#waits.forAll(options))
  }

  #waitsHost(): ReplicaWaitsHost {
    const { clock, store } = this.#host
    const replication = this
    return {
      clock,
      get position() {
        return replication.#host.position
      },
      get halted() {
        return replication.#session.state.halted
      },
      get standing() {
        const cause = replication.#failure
        const why = cause ? ` (${cause.message})` : ''
        const { link } = replication.#session
        return {
          words: link ? `it is at operation ${store.appliedSeq}` : `there is no link to it${why}`,
          cause,
        }
      },
      waitUntilVisible: (position, options) => this.#host.waitUntilVisible(position, options),
      ask: (question) => this.#session.ask(question),
    }
  }

  async accept(): Promise<void> {
    throw notHere('accept', 'a replica serves nobody; open the store with the role master')
  }

  follow(link: Link): void {
    this.#host.assertOpen()
    checkLink('replication.follow() takes a Link and was given', link)
    this.#session.follow(link)
  }

  resync(): void {
    this.#host.assertOpen()
    this.#session.resync()
  }

  forget(): void {
    throw notHere('forget', 'a replica knows no replicas; ask the master')
  }

  setSecret(secret: Secret): void {
    this.#host.assertOpen()
    const keys = changedSecret(secret)
    const { hello } = this.#session.state
    const goesOn = this.#session.link && hello && isSameKey(this.#keys, keys, hello.keyId)
    this.#keys = keys
    // Who could not join with the old ones need not wait until it would dial again.
    if (!goesOn) this.#session.renew()
    this.#host.emit({ kind: 'key-rotated', keyId: keys.activeId, keyIds: keyIdsOf(keys) })
  }

  pause(): void {
    this.#host.assertOpen()
    this.#session.pause()
  }

  resume(): void {
    this.#host.assertOpen()
    this.#session.resume()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#status.close()
    this.#waits.end(new ReplivecError('CLOSED', 'The store was closed while a call waited for the master.'))
    await this.#session.close()
    await this.#state.close()
  }

  #owner(): ReplicaSessionOwner {
    const { clock } = this.#host
    const peerId = (): string => this.#masterId ?? this.#session.link?.peer.id ?? ''
    return {
      welcomed: (welcome) => this.#welcomed(welcome),
      heartbeat: (message) => {
        this.#heardAtMs = clock.monotonic()
        this.#lag.heartbeat(message, this.#heardAtMs)
        this.#waits.answered(message.head.seq, message.answer)
        this.#progressed()
      },
      received: (operations) => {
        this.#heardAtMs = clock.monotonic()
        this.#lag.received(operations, this.#heardAtMs)
      },
      pieceReceived: ({ bytes }) => {
        this.#heardAtMs = clock.monotonic()
        this.#figures.snapshotSize += bytes.byteLength
        this.#state.changed()
      },
      snapshotStarted: ({ fromByte }, reason) => {
        this.#figures.snapshotSize = fromByte
        this.#figures.snapshotReason = reason
      },
      installed: ({ position }, bytes) => {
        this.#host.emit({ kind: 'snapshot', peerId: peerId(), bytes, position })
        this.#epochs.note(this.#host.store.identity.epochs)
        this.#progressed()
      },
      adopted: () => this.#epochs.note(this.#host.store.identity.epochs),
      halted: (halt) => {
        this.#host.emit({ kind: 'halted', ...halt })
        this.#host.warn(haltedError(halt))
        this.#waits.halted(halt)
      },
      unlinked: (error) => {
        this.#failure = error
        const reason = error && refusalReason(error)
        const address = this.#options.master?.address ?? null
        if (error && reason && (!this.#hasJoined || isRefusal(error))) {
          this.#host.emit({ kind: 'refused', peerId: peerId(), reason, message: error.message, address })
          this.#figures.refused += 1
        }
        const wasJoined = this.#hasJoined
        this.#hasJoined = false
        if (wasJoined) this.#warnings.left(clock.monotonic())
        if (error) this.#warnings.failed(error, clock.monotonic())
        if (!wasJoined) return
        const [code, message] = [error?.code ?? null, error?.message ?? null]
        this.#host.emit({ kind: 'disconnected', peerId: peerId(), code, message })
      },
      failed: (error) => this.#host.warn(error),
    }
  }

  #hasJoined = false
  #welcomed(welcome: Welcome): void {
    const isNewLink = !this.#hasJoined
    this.#hasJoined = true
    this.#warnings.joined()
    this.#failure = undefined
    this.#heardAtMs = this.#host.clock.monotonic()
    const seen = welcome.epochs.at(-1)?.epoch ?? 0
    this.#figures.seenEpoch = Math.max(this.#figures.seenEpoch, seen)
    this.#masterId ??= this.#session.link?.peer.id
    this.#lag.welcomed(welcome.head.seq)
    const { snapshotReason } = welcome
    const peerId = this.#masterId ?? ''
    // After a snapshot the master says welcome again, over the same link.
    if (isNewLink || snapshotReason)
      this.#host.emit({ kind: 'connected', peerId, snapshotReason: snapshotReason || null })
    this.#progressed()
  }

  /** More is applied, or more is known about the master. */
  #progressed(): void {
    const { clock, store } = this.#host
    const { appliedSeq } = store
    // What a snapshot brings is not applied one by one.
    const isStreaming = this.#session.state.phase === 'streaming'
    if (isStreaming && appliedSeq > this.#appliedSeq)
      this.#figures.totalReplicated += appliedSeq - this.#appliedSeq
    this.#appliedSeq = appliedSeq
    const isInSync = this.#isInSync()
    if (this.#lag.progressed(appliedSeq, isInSync, clock.monotonic())) {
      this.#figures.lastSync = Math.trunc(clock.now())
    }
    if (isInSync) {
      this.#waits.progressed(appliedSeq)
    }
    if (this.#status.current !== 'Connected') this.#status.judge()
    this.#state.changed()
  }

  /** Operations come over the link, and this store's positions are the master's. */
  #isInSync(): boolean {
    return this.#session.link !== undefined && this.#session.state.phase === 'streaming'
  }

  #standing(): Standing {
    const { phase } = this.#session.state
    return {
      heardAtMs: this.#heardAtMs,
      lagMs: this.#lagMs(),
      appliedSeq: this.#host.store.appliedSeq,
      isInSync: this.#isInSync(),
      isSyncing: phase === 'snapshot' || phase === 'installing',
      isLinked: this.#hasJoined,
      masterId: this.#masterId,
      failure: this.#failure,
    }
  }

  #lagMs(): number {
    const { clock, store } = this.#host
    return this.#lag.lagMs(store.appliedSeq, this.#isInSync(), clock.monotonic())
  }
}
