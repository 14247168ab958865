import { ReplivecError } from '../errors.js'
import { CommitTimes } from './commit-times.js'
import {
  addCounts,
  type CompressionStats,
  compressionStats,
  noCompression,
} from './compression/compression-stats.js'
import { FrameMemory } from './frame-memory.js'
import type { Link, RefusedPeer } from './link.js'
import { placeOf } from './link-place.js'
import type { MasterHost } from './master-host.js'
import { MasterSession, type MasterSessionOwner } from './master-session.js'
import { PeerAdmission } from './peer-admission.js'
import type { KeyRing } from './protocol/key-ring.js'
import type { Ack } from './protocol/messages.js'
import { PROTOCOL_VERSIONS } from './protocol/wire-codec.js'
import { type RegisteredReplica, ReplicaRegistry } from './replica-registry.js'
import { ReplicaWatch } from './replica-watch.js'
import { ReplicatedLog } from './replicated-log.js'
import {
  BATCH_BYTES,
  BATCH_OPERATIONS,
  GATHER_MS,
  HANDSHAKE_TIMEOUT_MS,
  type PreparedReplicationOptions,
} from './replication-options.js'
import type { StoredFigures } from './replication-state.js'

const NONCE_BYTES = 32

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

/** The links of a master, and what it learns over them of its replicas. */
export class MasterLinks {
  readonly #host: MasterHost
  readonly #options: PreparedReplicationOptions
  readonly #onChanged: () => void
  readonly #log: ReplicatedLog
  readonly #watch: ReplicaWatch
  readonly #admission: PeerAdmission
  readonly #memory = new FrameMemory()
  readonly #sessions = new Map<MasterSession, Promise<void>>()
  /** The session of each linked replica. */
  readonly #linked = new Map<string, MasterSession>()
  readonly #owner: MasterSessionOwner
  readonly #nodeId: string
  /** Figures of links that ended, and of earlier runs. */
  readonly #past: Mutable<StoredFigures>
  /** Replicas that are to take a snapshot when they come again. */
  readonly #resyncing = new Set<string>()
  /** Of links that ended. */
  readonly #pastCompression = noCompression()
  readonly registry: ReplicaRegistry
  readonly times = new CommitTimes()
  #isPaused = false
  #isNotified = false
  #isClosed = false

  /** @param onChanged - called when there are other figures to be kept */
  constructor(
    host: MasterHost,
    options: PreparedReplicationOptions,
    stored: StoredFigures,
    onChanged: () => void,
  ) {
    this.#host = host
    this.#options = options
    this.#onChanged = onChanged
    this.#nodeId = host.log.identity.nodeId
    this.#log = new ReplicatedLog(host.log, () => host.position, options.maxQueuedBytes)
    this.#past = { ...stored }
    const isSame = stored.historyId === host.log.identity.historyId
    this.registry = new ReplicaRegistry(isSame ? stored.replicas : [], host.position.seq)
    this.#admission = new PeerAdmission(host, options)
    this.#owner = this.#sessionOwner()
    this.#watch = new ReplicaWatch({
      ...{ host, registry: this.registry, times: this.times, thresholds: options },
    })
  }

  /** The node ids of the replicas that are linked now. */
  ids(): IterableIterator<string> {
    return this.#linked.keys()
  }

  /** A commit became visible. */
  committed(firstSeq: number, lastSeq: number, committedAtMs: number, frame: Uint8Array): void {
    if (this.registry.size > 0) this.times.add(lastSeq, this.#host.clock.monotonic())
    if (this.#linked.size === 0) return
    this.#log.committed(firstSeq, lastSeq, committedAtMs, frame)
    this.notify()
  }

  /** Tells the sessions that they may have something to do, once for all that happens in this turn of the promises. */
  notify(): void {
    if (this.#isNotified) return
    this.#isNotified = true
    void Promise.resolve().then(() => {
      this.#isNotified = false
      for (const session of this.#linked.values()) session.changed()
      this.#release()
    })
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.notify()
  }

  /** Every linked replica is to come again, and to take a snapshot then. */
  resync(): void {
    const message = 'The master asks for a new full sync.'
    for (const [id, session] of this.#linked) {
      this.#resyncing.add(id)
      void session.close({ code: 'POSITION_LOST', reason: 'resync', message })
    }
  }

  /** @returns whether the replica was known */
  forget(replicaId: string): boolean {
    const message = 'The master forgot this replica.'
    void this.#linked.get(replicaId)?.close({ code: 'PEER_REFUSED', reason: 'forgotten', message })
    this.#resyncing.delete(replicaId)
    return this.registry.forget(replicaId)
  }

  /** Takes no more links and ends those there are. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#watch.close()
    for (const session of this.#sessions.keys()) void session.close()
    await Promise.all(this.#sessions.values())
  }

  /** Serves a link until it ends. */
  serve(link: Link): Promise<void> {
    const { clock, random, snapshots } = this.#host
    const { heartbeatIntervalMs, disconnectedAfterMs, maxInFlightBytes, clusterId, maxBytesPerSecond } =
      this.#options
    if (this.#isClosed) return link.close()
    const session = new MasterSession({
      source: this.#log,
      owner: this.#owner,
      counts: { bytesSent: 0, bytesReceived: 0 },
      config: {
        nonce: random.bytes(NONCE_BYTES),
        handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
        silenceMs: disconnectedAfterMs,
        windowBytes: maxInFlightBytes,
        batchBytes: BATCH_BYTES,
        batchOperations: BATCH_OPERATIONS,
        gatherMs: GATHER_MS,
        codecs: this.#options.compresses ? [...this.#host.codecs.keys()] : [],
        ...this.#admission.configOf(link),
        ...{ nodeId: this.#nodeId, clusterId, versions: PROTOCOL_VERSIONS, heartbeatIntervalMs },
      },
      ...{ link, clock, snapshots, maxBytesPerSecond, memory: this.#memory, codecs: this.#host.codecs },
      compression: noCompression(),
    })
    const run = session.run().finally(() => this.#sessions.delete(session))
    this.#sessions.set(session, run)
    this.#admission.met(session)
    return run
  }

  /** Replicas can reach this master at an address. @param isAuthenticated - only who has proved its id */
  listensAt(address: string | undefined, isAuthenticated: boolean): void {
    this.#admission.judge(address, isAuthenticated)
  }

  /** The transport did not let somebody in. */
  refused(peer: RefusedPeer): void {
    this.#past.refused += 1
    this.#admission.refusedAtDoor(peer)
    this.#onChanged()
  }

  /** Replicas prove themselves with these keys from now on; those that did with another one have to come again. */
  setKeys(keys: KeyRing): void {
    const message = 'The secret was changed, and the key that this node proved itself with is none any more.'
    const isOld = this.#admission.setKeys(keys)
    for (const session of this.#sessions.keys())
      if (isOld(session)) void session.close({ code: 'PEER_REFUSED', reason: 'rotated', message })
  }

  #sessionOwner(): MasterSessionOwner {
    const view = {
      linked: (nodeId: string) => {
        const peer = this.#linked.get(nodeId)
        return peer && { instanceId: peer.state.peer?.instanceId ?? '', heardAtMs: peer.state.heardAtMs }
      },
    }
    const links = this
    return {
      view: {
        ...view,
        get wanted() {
          return links.#host.wanted
        },
        get isPaused() {
          return links.#isPaused
        },
        isLockedOut: (peer) => links.#admission.isLockedOut(peer),
        get keys() {
          return links.#admission.keys
        },
      },
      authorize: (link, hello) => this.#admission.authorize(link, hello),
      joined: (session, reason, seq) => this.#joined(session, reason, seq),
      acked: (session, ack) => this.#acked(session, ack),
      snapshotSent: ({ replicaId }, bytes, isWhole) => {
        this.#past.snapshotSize = bytes
        if (isWhole && replicaId !== undefined)
          this.#host.emit({ kind: 'snapshot-sent', peerId: replicaId, bytes })
      },
      wantsResync: (nodeId) => this.#resyncing.has(nodeId),
      resynced: (nodeId) => this.#resyncing.delete(nodeId),
      fence: (epoch, peerId) => this.#fence(epoch, peerId),
      replace: (nodeId) => {
        const message = 'The same node linked again.'
        void this.#linked.get(nodeId)?.close({ code: 'PEER_REFUSED', reason: 'replaced', message })
      },
      ended: (session, error) => this.#ended(session, error),
    }
  }

  #joined(session: MasterSession, snapshotReason: string, seq: number): void {
    const id = session.replicaId as string
    const { clock } = this.#host
    const isNewLink = this.#linked.get(id) !== session
    this.#admission.joined(session)
    const replica = this.registry.register(id)
    this.#linked.set(id, session)
    this.#log.keep()
    const place = placeOf(session.link.peer.address)
    replica.host = place?.host ?? replica.host
    replica.port = place?.port ?? replica.port
    replica.joined(snapshotReason ? 0 : seq, snapshotReason !== '', () => this.#linkFigures(session))
    replica.heard(clock.monotonic(), clock.now())
    if (!snapshotReason) this.#noteEqual(replica)
    else Object.assign(this.#past, { snapshotSize: 0, snapshotReason })
    if (isNewLink || snapshotReason)
      this.#host.emit({ kind: 'connected', peerId: id, snapshotReason: snapshotReason || null })
    this.#watch.judge(replica)
    this.#onChanged()
    this.#host.acknowledged()
  }

  #linkFigures(session: MasterSession): ReturnType<NonNullable<RegisteredReplica['link']>> {
    const { phase, sentSeq, inFlight, snapshot, acked } = session.state
    const inFlightBytes = snapshot ? snapshot.nextByte - acked.snapshotBytes : inFlight.bytes
    return {
      queuedBytes: this.#log.queuedAfter(sentSeq),
      inFlightBytes,
      bytesSent: session.counts.bytesSent,
      compression: session.compressionStats(),
      isSyncing: phase !== 'streaming' || this.#log.isBeyondMemory(sentSeq),
    }
  }

  #acked(session: MasterSession, ack: Ack): void {
    const replica = this.registry.get(session.replicaId ?? '')
    if (!replica || this.#linked.get(replica.id) !== session) return
    const { clock } = this.#host
    replica.heard(clock.monotonic(), clock.now())
    const news = replica.acknowledge(ack)
    if (news > 0) {
      this.#past.totalReplicated += news
      this.times.release(this.registry.lowestOffset() ?? 0)
    }
    this.#noteEqual(replica)
    if (replica.status !== 'Connected') this.#watch.judge(replica)
    this.#onChanged()
    this.#host.acknowledged()
  }

  #noteEqual(replica: RegisteredReplica): void {
    if (replica.offset < this.#host.position.seq) return
    this.#past.lastSync = Math.trunc(this.#host.clock.now())
  }

  #fence(epoch: number, peerId: string): void {
    const own = this.#log.identity.epochs.at(-1)?.epoch ?? 0
    this.#past.seenEpoch = Math.max(epoch, this.#past.seenEpoch)
    this.#onChanged()
    this.#host.emit({ kind: 'fenced', peerId, epoch })
    this.#host.fence(
      new ReplivecError(
        'STALE_EPOCH',
        `The node '${peerId}' has seen epoch ${epoch} of this history, this master is at ${own}: another one took over. Open this store as its replica.`,
        { details: { epoch: own, seenEpoch: epoch, peerId } },
      ),
    )
  }

  #ended(session: MasterSession, error: ReplivecError | undefined): void {
    const { bytesSent, bytesReceived } = session.counts
    this.#past.bytesSent += bytesSent
    this.#past.bytesReceived += bytesReceived
    addCounts(this.#pastCompression, session.compression)
    const id = session.replicaId
    if (id !== undefined && this.#linked.get(id) === session) {
      this.#linked.delete(id)
      this.registry.get(id)?.left()
      if (error?.code === 'HISTORY_MISMATCH') this.#unregister(id)
      if (this.#linked.size === 0) this.#log.drop()
      this.#host.emit({
        kind: 'disconnected',
        message: error?.message ?? null,
        ...{ peerId: id, code: error?.code ?? null },
      })
      this.#host.acknowledged()
    } else if (this.#admission.ended(session, error)) {
      this.#past.refused += 1
    }
    this.#onChanged()
  }

  /** A node that does not want this history, and has nothing of it, is no replica: nobody must wait for it. */
  #unregister(id: string): void {
    if (this.registry.get(id)?.operationsSynced === 0) this.registry.forget(id)
  }

  /** What everybody was sent need not be in memory. */
  #release(): void {
    let lowest = this.#host.position.seq
    for (const { state } of this.#linked.values()) {
      if (state.phase === 'streaming' || state.phase === 'catching-up')
        lowest = Math.min(lowest, state.sentSeq)
    }
    this.#log.release(lowest)
  }

  #bytes(): { bytesSent: number; bytesReceived: number } {
    let { bytesSent, bytesReceived } = this.#past
    for (const session of this.#sessions.keys()) {
      if (session.isOver) continue
      bytesSent += session.counts.bytesSent
      bytesReceived += session.counts.bytesReceived
    }
    return { bytesSent, bytesReceived }
  }

  /** What compressing does on all links together; null where it is off. */
  compression(): CompressionStats | null {
    if (!this.#options.compresses) return null
    const all = { ...this.#pastCompression }
    for (const session of this.#sessions.keys()) if (!session.isOver) addCounts(all, session.compression)
    return compressionStats(all)
  }

  /** The figures that are not of one replica. */
  ownFigures(): StoredFigures {
    return { ...this.#past, ...this.#bytes() }
  }

  /** Everything that outlives a run. */
  figures(): StoredFigures {
    const replicas = this.registry.byId().map((replica) => replica.stored())
    return { ...this.ownFigures(), replicas, historyId: this.#log.identity.historyId }
  }
}
