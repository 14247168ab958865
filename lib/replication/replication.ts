import type { Abortable } from '../abortable.js'
import type { ReplivecErrorCode } from '../errors.js'
import type { Position } from '../log/position.js'
import type { CompressionStats } from './compression/compression-stats.js'
import type { Link } from './link.js'
import type { Secret } from './secret.js'

/** A store's part: the one that takes writes, one that follows it, or neither. */
export type ReplicationRole = 'master' | 'replica' | 'standalone'

/**
 * How a node is doing, as far as can be told from what was heard; the first that fits, thresholds being options of the store.
 *
 * - `'Disconnected'`: nothing was heard for more than `disconnectedAfterMs`, or at all
 * - `'Lagging'`: more than `laggingAfterMs` behind
 * - `'Syncing'`: takes a snapshot, reads up on the log, or has applied nothing yet
 * - `'Connected'`: none of these
 */
export type ReplicaStatus = 'Connected' | 'Syncing' | 'Lagging' | 'Disconnected'

/** What replication is doing; `toWireStatus` makes JSON of it. */
export interface ReplicationStatus {
  readonly role: ReplicationRole
  /** Whether the store replicates at all. */
  readonly enabled: boolean
  /** Null on a standalone store. */
  readonly stats: ReplicationStats | null
  /** Null on replicas and standalone stores. */
  readonly replicas: ReplicaInfo[] | null
}

/** The figures of one node. All are exact, and kept across restarts. */
export interface ReplicationStats {
  readonly role: 'master' | 'replica'
  /** On a replica, how long ago the master committed the oldest operation that it has not applied; on a master, the most of its linked replicas. Milliseconds; 0 when equal. */
  readonly lagMs: number
  /** Bytes given to links, with everything around the operations. */
  readonly bytesSent: number
  /** Bytes that came over links. */
  readonly bytesReceived: number
  /** When a replica last was equal; milliseconds since the Unix epoch, null before. */
  readonly lastSync: number | null
  /** On a master, operations that its linked replicas have not acknowledged, by the one that is furthest behind; on a replica, received and not applied. */
  readonly operationsPending: number
  /** Bytes of the last snapshot that was sent, or came; 0 before. */
  readonly snapshotSize: number
  /** Replicas whose status is not `Disconnected`; on a replica 0. */
  readonly connectedReplicas: number
  /** The master's last operation, as far as it is known. */
  readonly masterOffset: number
  /** On a master, the lowest acknowledgement of a registered replica, its own last operation without one; on a replica, its own last operation. */
  readonly replicaOffset: number
  /** How far the two are apart. */
  readonly lagOperations: number
  /** On a master, operations acknowledged, summed over replicas; on a replica, operations applied. */
  readonly totalReplicated: number
  /** How often a node was refused, or refused this one, before it had joined. */
  readonly refused: number
  /** What compressing did since the store was opened, on all links together; null where it is off. */
  readonly compression: CompressionStats | null
  readonly historyId: string
  /** The newest position reads find. */
  readonly position: Position
  /** Only on a replica. */
  readonly status?: ReplicaStatus
  /** Only on a replica: there is a link to the master. */
  readonly linked?: boolean
  /** Only on a replica, and only while there is no link to the master: why the last attempt failed. It tries again by itself. */
  readonly failure?: { readonly code: string; readonly message: string }
  /** Only on a replica, and only while nothing more is applied: the last position that is, and why. It tries again by itself. */
  readonly halted?: { readonly position: Position; readonly code: string; readonly message: string }
  /** Only on a replica: why the last snapshot was needed: `fresh`, `trimmed`, `diverged`, `history` or `resync`; null before the first. */
  readonly snapshotReason?: string | null
}

/** What a master knows of one replica. */
export interface ReplicaInfo {
  /** Its node id. */
  readonly id: string
  /** Where it is; null where the link does not say. */
  readonly host: string | null
  readonly port: number | null
  readonly status: ReplicaStatus
  /** How long ago the oldest operation that it has not acknowledged was committed. Milliseconds. */
  readonly lagMs: number
  /** When something was last heard of it; milliseconds since the Unix epoch, null before. */
  readonly lastHeartbeat: number | null
  /** Operations it acknowledged. */
  readonly operationsSynced: number
  /** There is a link to it now. */
  readonly linked: boolean
  /** The last operation it acknowledged as applied. */
  readonly offset: number
  readonly lagOperations: number
  /** Bytes that wait for it in memory. */
  readonly queuedBytes: number
  /** Bytes sent to it and not acknowledged. */
  readonly inFlightBytes: number
  /** What compressing does on its link; null where it is off, or there is no link. */
  readonly compression: CompressionStats | null
  readonly bytesSent: number
}

/** Something that happened between nodes; the event `replication` of a store. */
export type ReplicationEvent =
  /** A replica and its master understand each other. `snapshotReason` says why it cannot go on from where it is. */
  | { readonly kind: 'connected'; readonly peerId: string; readonly snapshotReason: string | null }
  | {
      readonly kind: 'disconnected'
      readonly peerId: string
      /** Null for a clean end. */
      readonly code: ReplivecErrorCode | null
      readonly message: string | null
    }
  /**
   * One refused the other, before it had joined; `reason` in a word, as listed for `PEER_REFUSED`, or `epoch` where the master is no master
   * any more, `protocol` for what is no message, `handshake` for one that was not finished in time, `other` for a word that the protocol does not
   * have. Where it is, as far as the link says.
   */
  | {
      readonly kind: 'refused'
      readonly peerId: string
      readonly reason: string
      readonly message: string
      readonly address: string | null
    }
  /** At a master: too many attempts from one place failed, and nothing from there is listened to for a while. */
  | {
      readonly kind: 'locked-out'
      readonly peerId: string
      /** A host, the /64 of an IPv6 host, or a peer's id where there are no hosts. */
      readonly source: string
      /** Milliseconds since the Unix epoch. */
      readonly untilMs: number
    }
  /** `setSecret` was called. `keyId` is the active key of now, `keyIds` are all that count. */
  | { readonly kind: 'key-rotated'; readonly keyId: string; readonly keyIds: readonly string[] }
  | {
      readonly kind: 'status'
      /** The replica's node id, also on the replica itself. */
      readonly peerId: string
      readonly status: ReplicaStatus
      readonly before: ReplicaStatus
    }
  /** At a replica: a snapshot took the place of what it had. */
  | {
      readonly kind: 'snapshot'
      readonly peerId: string
      readonly bytes: number
      /** Everything up to it is there now. */
      readonly position: Position
    }
  /** At a master: a replica was sent the whole of a snapshot. */
  | { readonly kind: 'snapshot-sent'; readonly peerId: string; readonly bytes: number }
  /** What is written from `firstSeq` on is of another epoch, which `nodeId` began. A master begins one before its `open` resolves. */
  | { readonly kind: 'epoch'; readonly epoch: number; readonly nodeId: string; readonly firstSeq: number }
  /** At a replica: nothing more is applied after `position`. */
  | { readonly kind: 'halted'; readonly position: Position; readonly code: string; readonly message: string }
  /** At a master: a node has seen a higher epoch, so another master took over, and this one takes no more writes. */
  | { readonly kind: 'fenced'; readonly peerId: string; readonly epoch: number }
  /** At a master: `forget` was called. */
  | { readonly kind: 'forgotten'; readonly peerId: string }

/** How long a wait may take. */
export interface WaitOptions extends Abortable {
  /** Milliseconds; 5 000 by default. */
  readonly timeoutMs?: number | undefined
}

/**
 * A store's part in replication: `store.replication`.
 *
 * @example A write at the master, read at a replica.
 * ```ts
 * import { VectorStore } from 'replivec'
 * import { memoryNetwork } from 'replivec/transport/memory'
 *
 * const network = memoryNetwork()
 * const master = await VectorStore.open({
 *   nodeId: 'a',
 *   replication: { role: 'master', transport: network.transport('a') },
 * })
 * const replica = await VectorStore.open({
 *   nodeId: 'b',
 *   replication: { role: 'replica', transport: network.transport('b'), master: { id: 'a' } },
 * })
 * const notes = await master.createCollection('notes', { dimensions: 2, metric: 'cosine' })
 * const { position } = await notes.upsert({ id: 'x', vector: [1, 0] })
 *
 * await replica.replication.waitFor(position)
 * console.log(await (await replica.openCollection('notes')).get('x')) // { id: 'x', metadata: {} }
 * console.log(master.replication.getReplicas()?.[0]?.lagOperations) // 0
 * await replica.close()
 * await master.close()
 * ```
 */
export interface Replication {
  readonly role: ReplicationRole
  /** Whether the store is a master or a replica. */
  readonly enabled: boolean
  /** The history that positions of this store belong to. */
  readonly historyId: string
  /** The newest position reads find. */
  readonly position: Position
  /** Everything at once: the role, `getStats()` and `getReplicas()`. @throws `CLOSED` */
  getStatus(): ReplicationStatus
  /** The figures of this node; null on a standalone store. @throws `CLOSED` */
  getStats(): ReplicationStats | null
  /** The registered replicas by id; null on replicas and standalone stores. @throws `CLOSED` */
  getReplicas(): ReplicaInfo[] | null
  /**
   * Waits until reads here find a position. On a replica without one: until it has all that the master had when asked, which is how
   * a replica that was just opened becomes ready.
   *
   * @param position - from a `WriteResult`
   * @param options - `timeoutMs`: milliseconds, 5 000 by default; `signal`
   * @throws `TIMEOUT`, with the reason as its `cause` where there is no link; `POSITION_LOST`, `CLOSED`, `OPTIONS_INVALID`;
   *   `HISTORY_MISMATCH` and whatever else halted the replica; the signal's reason
   */
  waitFor(position?: Position, options?: WaitOptions): Promise<void>
  /**
   * A master serves the replica at the other end of a link, which is the store's from then on. Resolves when the link has ended,
   * however it did: the event `disconnected` or `refused` says why.
   *
   * @param link - one that a transport did not hand over already
   * @throws `CLOSED`; `OPTIONS_INVALID` on any other store
   */
  accept(link: Link): Promise<void>
  /**
   * A replica follows the master at the other end of a link, which is the store's from then on, until that ends or another is given.
   * Where there is no transport nobody dials again: give it another.
   *
   * @param link - to the master
   * @throws `CLOSED`; `OPTIONS_INVALID` on any other store
   */
  follow(link: Link): void
  /** A replica takes a new snapshot; a master has all linked replicas take one. @throws `CLOSED`; `OPTIONS_INVALID` on a standalone store */
  resync(): void
  /**
   * A master forgets a replica that will not come back: its link is closed, and nothing counts or waits for it. One that is alive dials
   * again and is known again; `authorize` keeps it out.
   *
   * @param replicaId - its node id; nothing happens where there is none with it
   * @throws `CLOSED`; `OPTIONS_INVALID` on any other store
   */
  forget(replicaId: string): void
  /**
   * Until `resume()` a master sends nothing but heartbeats, so that its replicas lag, and a replica leaves its master.
   *
   * @throws `CLOSED`; `OPTIONS_INVALID` on a standalone store
   */
  pause(): void
  /**
   * Takes other secrets from now on, while everything runs. Links whose key is among them, unchanged, go on; others have to prove themselves
   * again. docs/SECURITY.md has the order in which nodes take a new one without downtime.
   *
   * @param secret - as the option `secret`
   * @throws `CLOSED`; `OPTIONS_INVALID` for what is none, and on a standalone store
   */
  setSecret(secret: Secret): void
  /** Ends a pause. @throws `CLOSED`; `OPTIONS_INVALID` on a standalone store */
  resume(): void
}
