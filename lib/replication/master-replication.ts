import type { Position } from '../log/position.js'
import type { Link, Transport } from './link.js'
import type { MasterHost } from './master-host.js'
import { MasterLinks } from './master-links.js'
import { masterStats } from './master-stats.js'
import { PeerListener } from './peer-listener.js'
import type {
  ReplicaInfo,
  Replication,
  ReplicationStats,
  ReplicationStatus,
  WaitOptions,
} from './replication.js'
import type { PreparedReplicationOptions } from './replication-options.js'
import { figuresNotKept, ReplicationState, type StoredFigures } from './replication-state.js'
import { checkLink } from './handed-link.js'
import { keyIdsOf } from './protocol/key-ring.js'
import { changedSecret, type Secret } from './secret.js'
import { notHere } from './wrong-role.js'

/** A level of a write concern. */
export type AckLevel = 'received' | 'durable' | 'applied'

/** Replication of the one store of a cluster that takes writes: it serves whoever links to it. */
export class MasterReplication implements Replication {
  readonly role = 'master'
  readonly enabled = true
  readonly #host: MasterHost
  readonly #links: MasterLinks
  readonly #state: ReplicationState
  readonly #listener: PeerListener | undefined
  readonly #transport: Transport | undefined
  readonly #nodeId: string
  #closing: Promise<void> | undefined

  /** @internal Comes with a store. */
  constructor(host: MasterHost, options: PreparedReplicationOptions, stored: StoredFigures) {
    const { files, clock, directory } = host
    this.#host = host
    this.#transport = options.transport
    this.#nodeId = host.log.identity.nodeId
    this.#links = new MasterLinks(host, options, stored, () => this.#state.changed())
    this.#state = new ReplicationState({
      current: () => this.#links.figures(),
      onFailure: (cause) => host.warn(figuresNotKept(cause)),
      ...{ files, clock, directory },
    })
    this.#listener =
      options.transport &&
      new PeerListener(options.transport, clock, {
        onLink: (link) => this.#links.serve(link),
        onRefused: (refused) => this.#links.refused(refused),
      })
  }

  /** Resolves when replicas can connect. @throws what the transport says when it cannot listen */
  async listen(): Promise<void> {
    await this.#listener?.start((error) => this.#host.warn(error))
    this.#links.listensAt(this.#transport?.address, this.#transport?.authenticates === true)
  }

  get historyId(): string {
    return this.#host.log.identity.historyId
  }

  get position(): Position {
    return { ...this.#host.position }
  }

  /** A commit became visible. */
  committed(firstSeq: number, lastSeq: number, committedAtMs: number, frame: Uint8Array): void {
    this.#links.committed(firstSeq, lastSeq, committedAtMs, frame)
  }

  /** Somebody began to wait for replicas. */
  wantedMore(): void {
    this.#links.notify()
  }

  /** Nodes that have an operation, this one included: replicas that are linked now. @param among - only these */
  acks(seq: number, level: AckLevel, among?: readonly string[]): number {
    let count = among && !among.includes(this.#nodeId) ? 0 : 1
    for (const id of this.#links.ids()) {
      const replica = this.#links.registry.get(id)
      if (!replica || (among && !among.includes(id))) continue
      const has =
        level === 'applied' ? replica.offset : level === 'durable' ? replica.durableSeq : replica.receivedSeq
      if (has >= seq) count += 1
    }
    return count
  }

  /** This node and every registered replica. */
  get nodes(): number {
    return 1 + this.#links.registry.size
  }

  getStatus(): ReplicationStatus {
    const { role, enabled } = this
    return { role, enabled, stats: this.getStats(), replicas: this.getReplicas() }
  }

  getStats(): ReplicationStats {
    this.#host.assertOpen()
    const { registry, times } = this.#links
    return masterStats({
      registry,
      times,
      position: this.position,
      historyId: this.historyId,
      compression: this.#links.compression(),
      ...{ nowMs: this.#host.clock.monotonic(), figures: this.#links.ownFigures() },
    })
  }

  getReplicas(): ReplicaInfo[] {
    this.#host.assertOpen()
    const headSeq = this.#host.position.seq
    const nowMs = this.#host.clock.monotonic()
    return this.#links.registry.byId().map((replica) => replica.info(headSeq, this.#links.times, nowMs))
  }

  async waitFor(position?: Position, options: WaitOptions = {}): Promise<void> {
    this.#host.assertOpen()
    await this.#host.waitUntilVisible(position ?? this.#host.position, options)
  }

  async accept(link: Link): Promise<void> {
    this.#host.assertOpen()
    checkLink('replication.accept() takes a Link and was given', link)
    await this.#links.serve(link)
  }

  follow(): void {
    throw notHere('follow', 'a master follows nobody; open the store with the role replica')
  }

  resync(): void {
    this.#host.assertOpen()
    this.#links.resync()
  }

  forget(replicaId: string): void {
    this.#host.assertOpen()
    if (!this.#links.forget(replicaId)) return
    this.#state.changed()
    this.#host.emit({ kind: 'forgotten', peerId: replicaId })
    this.#host.acknowledged()
  }

  setSecret(secret: Secret): void {
    this.#host.assertOpen()
    const keys = changedSecret(secret)
    this.#links.setKeys(keys)
    this.#host.emit({ kind: 'key-rotated', keyId: keys.activeId, keyIds: keyIdsOf(keys) })
  }

  pause(): void {
    this.#host.assertOpen()
    this.#links.pause()
  }

  resume(): void {
    this.#host.assertOpen()
    this.#links.resume()
  }

  /** Takes no more links and ends those there are. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#listener?.close()
    await this.#links.close()
    await this.#state.close()
  }
}
