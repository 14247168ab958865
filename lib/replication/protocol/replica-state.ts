import type { Position } from '../../log/position.js'
import type { KeyRing } from './key-ring.js'
import type {
  Epoch,
  Heartbeat,
  Hello,
  Message,
  Operations,
  SnapshotPiece,
  SnapshotStart,
  Welcome,
} from './messages.js'
import type { Side } from './proof.js'
import type { Failure } from './step.js'

/** What a replica was made with; it does not change. */
export interface ReplicaConfig {
  readonly nodeId: string
  readonly clusterId: string
  readonly instanceId: string
  readonly versions: readonly number[]
  /** The master's node id, where the host said so. */
  readonly masterId: string | undefined
  /** There is somebody to dial; otherwise links come by hand. */
  readonly dials: boolean
  /** Data of another history may be thrown away. */
  readonly discardLocal: boolean
  /** Codecs that this side can decompress, best first. */
  readonly codecs: readonly string[]
  /** Every frame after the handshake is to carry an authentication code. */
  readonly frameCodes: boolean
  readonly handshakeTimeoutMs: number
  readonly heartbeatIntervalMs: number
  /** A link on which nothing is heard for so long is closed. */
  readonly silenceMs: number
  /** The first and the longest time between two attempts to dial, before chance shortens it. */
  readonly backoffMs: { readonly first: number; readonly max: number }
  /** After what cannot be applied, the next attempt comes so much later. */
  readonly haltedRetryMs: number
}

/** What the machine looks at when something happens: times, chance, and what the replica has now. */
export interface ReplicaView {
  /** A time that never goes back, in milliseconds. */
  readonly nowMs: number
  /** From 0 up to, not including, 1; another one at every event. */
  readonly chance: number
  /** Fresh random bytes, for a handshake. */
  readonly nonce: Uint8Array
  /** What the connection of the link is bound to; empty where it is to nothing. */
  readonly channelBinding: Uint8Array
  /** The secrets of this cluster; without them nobody proves anything. */
  readonly keys: KeyRing | undefined
  readonly historyId: string
  readonly epochs: readonly Epoch[]
  /** The last operation in its log. */
  readonly last: Position
  readonly durableSeq: number
  readonly appliedSeq: number
  /** There are records or collections, or there were. */
  readonly hasData: boolean
}

export type ReplicaPhase =
  /** Waits for the host: for a link, or for the end of a pause. */
  | 'idle'
  /** Waits before it dials again. */
  | 'waiting'
  | 'dialing'
  /** Said hello. */
  | 'greeting'
  /** Said what it has. */
  | 'placed'
  | 'streaming'
  | 'snapshot'
  /** Puts a snapshot in the place of what it had. */
  | 'installing'
  | 'closed'

export interface Halt {
  readonly position: Position
  readonly code: string
  readonly message: string
}

/** A replica and its link, if it has one. */
export interface ReplicaState {
  readonly config: ReplicaConfig
  readonly phase: ReplicaPhase
  readonly isPaused: boolean
  /** There is no link any more, and a snapshot is still being put in place. */
  readonly lostLink: boolean
  /** The host wants a snapshot, whatever the replica has, and none is in place since. */
  readonly wantsSnapshot: boolean
  /** The last place was told with that wish. */
  readonly hasAsked: boolean
  /** Attempts to dial since the last success: something was applied or installed, or a link lived long enough for a heartbeat. */
  readonly attempts: number
  /** When the phase `waiting` ends, or the handshake must be over. */
  readonly deadlineMs: number
  readonly heardAtMs: number
  readonly sentAtMs: number
  readonly heartbeatIntervalMs: number
  /** What the master may compress with on the present link; empty for nothing. */
  readonly codec: string
  /** What was said first on the present link. */
  readonly hello: Hello | undefined
  /** The last operation received on this link. */
  readonly receivedSeq: number
  /** Messages that came over the present link and carry something. */
  readonly carried: number
  /** What was acknowledged last on this link. */
  readonly acked: { readonly receivedSeq: number; readonly durableSeq: number; readonly appliedSeq: number }
  /** Why nothing more is applied. */
  readonly halted: Halt | undefined
  readonly snapshot: IncomingSnapshot | undefined
  /** What the master said about its history, until a snapshot of it is in place. */
  readonly welcome: Welcome | undefined
  /** The last head the master told. */
  readonly masterHead: Position
  /** The last question of the host. */
  readonly question: number
}

export interface IncomingSnapshot {
  readonly id: string
  readonly position: Position
  /** Received, and stored. */
  readonly receivedBytes: number
  readonly storedBytes: number
  /** The last piece came over the link in use. */
  readonly isReceived: boolean
  /** The master said over the link in use where it begins; before, it may be another one that comes. */
  readonly isComing: boolean
}

export type ReplicaEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'dialed' }
  | { readonly kind: 'dial-failed' }
  /** The host handed over a link. */
  | { readonly kind: 'linked' }
  | { readonly kind: 'unlinked' }
  | { readonly kind: 'message'; readonly message: Message }
  /** A part of a message came: the other side is there. */
  | { readonly kind: 'heard' }
  /** The view shows that more is durable or applied. */
  | { readonly kind: 'progress' }
  /** The host asks what the master has. */
  | { readonly kind: 'ask'; readonly question: number }
  /** Operations that were to be appended are damaged or out of order: the link is not to be trusted. */
  | { readonly kind: 'damaged'; readonly reason: string }
  /** An operation cannot be applied here. */
  | { readonly kind: 'halted'; readonly halt: Halt }
  | { readonly kind: 'piece-stored'; readonly storedBytes: number }
  | { readonly kind: 'installed' }
  /** What came is no snapshot that can be used. */
  | { readonly kind: 'snapshot-failed'; readonly reason: string }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  /** What was proved on the link counts no more. */
  | { readonly kind: 'renew' }
  | { readonly kind: 'resync' }
  | { readonly kind: 'tick' }
  | { readonly kind: 'close' }

export type ReplicaEffect =
  | { readonly kind: 'dial' }
  | { readonly kind: 'send'; readonly message: Message }
  /** The other side proved who it is, where that is asked for: it may say what is large. */
  | { readonly kind: 'trust' }
  /** Everything that this side says from now on, or everything that the other one says, carries a code made with a key. */
  | { readonly kind: 'protect'; readonly side: Side; readonly frameKey: Uint8Array }
  /** What carries much may come compressed from now on. */
  | { readonly kind: 'decompress'; readonly codec: string }
  /** The master said where it is. */
  | { readonly kind: 'heartbeat'; readonly message: Heartbeat }
  /** Gives the link up. */
  | { readonly kind: 'unlink'; readonly failure: Failure | undefined }
  /** The master's history goes on in epochs that the log does not know. */
  | { readonly kind: 'adopt'; readonly epochs: readonly Epoch[] }
  /** Puts the operations after `afterSeq` into the log and applies them. */
  | { readonly kind: 'append'; readonly operations: Operations; readonly afterSeq: number }
  /** Takes a snapshot in from `start.fromByte` on. What lies beyond, late work of the link before, comes again. */
  | { readonly kind: 'begin-snapshot'; readonly start: SnapshotStart; readonly welcome: Welcome }
  | { readonly kind: 'store-piece'; readonly piece: SnapshotPiece }
  | { readonly kind: 'install' }
  | { readonly kind: 'discard-snapshot' }
  /** The master and this replica understand each other. */
  | { readonly kind: 'joined'; readonly snapshotReason: string }
  | { readonly kind: 'halt'; readonly halt: Halt }

export function replicaStart(config: ReplicaConfig, nowMs: number): ReplicaState {
  return {
    config,
    phase: 'idle',
    isPaused: false,
    lostLink: false,
    wantsSnapshot: false,
    hasAsked: false,
    attempts: 0,
    deadlineMs: Number.POSITIVE_INFINITY,
    heardAtMs: nowMs,
    sentAtMs: nowMs,
    heartbeatIntervalMs: config.heartbeatIntervalMs,
    codec: '',
    hello: undefined,
    receivedSeq: 0,
    acked: { receivedSeq: 0, durableSeq: 0, appliedSeq: 0 },
    carried: 0,
    halted: undefined,
    snapshot: undefined,
    welcome: undefined,
    masterHead: { epoch: 0, seq: 0 },
    question: 0,
  }
}
