import type { Position } from '../../log/position.js'
import type { InFlight, Rate } from './flow.js'
import type { KeyRing } from './key-ring.js'
import type { Ack, Epoch, Hello, Message, Place } from './messages.js'
import type { Side } from './proof.js'
import type { Failure } from './step.js'

/** What a master's link was made with; it does not change. */
export interface MasterConfig {
  readonly nodeId: string
  readonly clusterId: string
  readonly versions: readonly number[]
  /** The id that the transport proved, if it did. */
  readonly authenticatedId: string | undefined
  /** What the connection is bound to; empty where it is to nothing. */
  readonly channelBinding: Uint8Array
  /** Every frame after the handshake is to carry an authentication code. */
  readonly frameCodes: boolean
  /** Codecs that this side compresses with, if the other one reads them. */
  readonly codecs: readonly string[]
  /** Fresh random bytes for the handshake. */
  readonly nonce: Uint8Array
  readonly handshakeTimeoutMs: number
  readonly heartbeatIntervalMs: number
  /** A link on which nothing is heard for so long is closed. */
  readonly silenceMs: number
  /** Bytes sent and not applied by the replica, at most. */
  readonly windowBytes: number
  /** A batch is filled up to these, as long as the replica has something to do. */
  readonly batchBytes: number
  readonly batchOperations: number
  /** A batch that is not full leaves no sooner than this after the one before it, unless somebody waits for what is in it. */
  readonly gatherMs: number
}

/** What the machine looks at when something happens: times, and the master's log as it is now. */
export interface MasterView {
  /** A time that never goes back, in milliseconds. */
  readonly nowMs: number
  /** The wall clock, for stamps. */
  readonly wallMs: number
  readonly historyId: string
  readonly epochs: readonly Epoch[]
  readonly parent: (Position & { readonly historyId: string }) | undefined
  /** The first operation that the log still holds. */
  readonly oldestSeq: number
  /** The last operation that may be sent. */
  readonly head: Position
  readonly wanted: Wanted
  /** The secrets of this cluster; without them nobody proves anything. */
  readonly keys: KeyRing | undefined
  /** Nobody at the other end is listened to, after too many failed attempts from there. */
  readonly isLockedOut: boolean
  /** The host asked for nothing to be sent. */
  readonly isPaused: boolean
  /** So much may go in one batch where it is compressed, because a codec leaves less of more; 0 where nothing is. */
  readonly compressedBatchBytes: number
  /** Whether a node has joined over another link than this one, and how it stands. */
  readonly linked: (nodeId: string) => { readonly instanceId: string; readonly heardAtMs: number } | undefined
  /** When the first operation after `seq` was committed, by the wall clock; 0 when there is none. */
  readonly committedAfterMs: (seq: number) => number
}

/** Up to which operations somebody at the master waits, or waited, for replicas. */
export interface Wanted {
  readonly receivedSeq: number
  /** On stable storage there. */
  readonly durableSeq: number
  readonly appliedSeq: number
}

export type MasterPhase =
  /** Waits for the replica's hello. */
  | 'hello'
  /** Waits for its proof. */
  | 'proof'
  /** Waits for the host to allow the replica. */
  | 'authorizing'
  /** Waits to hear what the replica has. */
  | 'probe'
  /** Waits for a snapshot to be begun. */
  | 'preparing'
  /** Sends a snapshot, and waits until the replica has put it in place. */
  | 'snapshot'
  /** The replica has not had all there is yet. */
  | 'catching-up'
  | 'streaming'
  | 'closed'

/** One link of a master, from its first message to its end. */
export interface MasterState {
  readonly config: MasterConfig
  readonly phase: MasterPhase
  readonly startedAtMs: number
  readonly heardAtMs: number
  readonly sentAtMs: number
  readonly peer: Hello | undefined
  /** What both sides agreed on for compressing; empty for not at all. */
  readonly codec: string
  /** What the replica has to prove, where there is a secret. */
  readonly expected: ExpectedProof | undefined
  /** What the replica has, said before the host had allowed it. */
  readonly place: Place | undefined
  readonly acked: Omit<Ack, 'kind' | 'question'>
  /** The last operation sent. */
  readonly sentSeq: number
  /** Messages sent that carry something. */
  readonly carried: number
  /** The head as it was when the replica last asked: somebody there waits for it. */
  readonly askedSeq: number
  /** When the last batch was sent; a heartbeat is none. */
  readonly batchAtMs: number
  readonly inFlight: InFlight
  /** Bytes of an operation, about, by the last batch. */
  readonly operationBytes: number
  /** A batch or a piece is being read. */
  readonly isReading: boolean
  /** A batch or a piece is on its way into the link. */
  readonly isSending: boolean
  readonly rate: Rate | undefined
  /** The replica has acknowledged that it takes a snapshot. */
  readonly isAgreed: boolean
  readonly snapshot: SnapshotProgress | undefined
  /** What the replica has of a snapshot that it could go on with. */
  readonly resumable: { readonly id: string; readonly bytes: number }
}

export interface ExpectedProof {
  readonly keyId: string
  readonly proof: Uint8Array
  /** For the codes on the replica's frames, if they carry any. */
  readonly frameKey: Uint8Array | undefined
}

export interface SnapshotProgress {
  readonly id: string
  readonly position: Position
  /** The next byte to send. */
  readonly nextByte: number
  /** The last one was sent. */
  readonly isSent: boolean
}

/** Whole commits as the log gave them. */
export interface Batch {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly frames: Uint8Array
}

export type MasterEvent =
  | { readonly kind: 'message'; readonly message: Message }
  /** A part of a message came: the other side is there. */
  | { readonly kind: 'heard' }
  /** The log has more, somebody began to wait, or the host paused or resumed: the view is another. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'authorized'; readonly isAllowed: boolean }
  /** The answer to `read`; without a batch when there was nothing. */
  | { readonly kind: 'batch'; readonly batch: Batch | undefined }
  /** The answer to `read` when the log does not reach back so far any more. */
  | { readonly kind: 'trimmed' }
  /** The answer to `prepare-snapshot`: so much of it is made by now. */
  | { readonly kind: 'snapshot'; readonly id: string; readonly position: Position; readonly bytes: number }
  /** The answer to `read-snapshot`. */
  | {
      readonly kind: 'piece'
      readonly atByte: number
      readonly bytes: Uint8Array
      /** There is nothing after it. */
      readonly isLast: boolean
    }
  /** The snapshot is gone. */
  | { readonly kind: 'snapshot-lost' }
  /** The link took the last batch or piece, in so many bytes. */
  | { readonly kind: 'sent'; readonly bytes: number }
  | { readonly kind: 'tick' }
  | { readonly kind: 'unlinked' }

export type MasterEffect =
  | { readonly kind: 'send'; readonly message: Message }
  /** The other side proved who it is, where that is asked for: it may say what is large. */
  | { readonly kind: 'trust' }
  /** Everything that this side says from now on, or everything that the other one says, carries a code made with a key. */
  | { readonly kind: 'protect'; readonly side: Side; readonly frameKey: Uint8Array }
  /** What carries much may be compressed from now on. */
  | { readonly kind: 'compress'; readonly codec: string }
  /** Sends a batch or a piece; `sent` is the answer. */
  | { readonly kind: 'stream'; readonly message: Message }
  | { readonly kind: 'authorize'; readonly hello: Hello }
  | { readonly kind: 'read'; readonly fromSeq: number; readonly bytes: number; readonly operations: number }
  | { readonly kind: 'prepare-snapshot'; readonly resumeId: string }
  | { readonly kind: 'read-snapshot'; readonly id: string; readonly atByte: number }
  /** The replica is known and welcome from here on. */
  | {
      readonly kind: 'joined'
      readonly nodeId: string
      readonly snapshotReason: string
      /** What it has of this history to go on from; nothing when it takes a snapshot. */
      readonly last: Position
    }
  | { readonly kind: 'acked'; readonly ack: Ack }
  /** A peer proved that another master took over. */
  | { readonly kind: 'fence'; readonly epoch: number; readonly peerId: string }
  /** The link of the same replica that was there before is given up. */
  | { readonly kind: 'replace'; readonly nodeId: string }
  | { readonly kind: 'close'; readonly failure: Failure | undefined }

export function masterStart(config: MasterConfig, nowMs: number, rate: Rate | undefined): MasterState {
  return {
    config,
    phase: 'hello',
    startedAtMs: nowMs,
    heardAtMs: nowMs,
    sentAtMs: nowMs,
    peer: undefined,
    codec: '',
    expected: undefined,
    place: undefined,
    acked: { receivedSeq: 0, durableSeq: 0, appliedSeq: 0, snapshotBytes: 0 },
    sentSeq: 0,
    carried: 0,
    askedSeq: 0,
    batchAtMs: Number.NEGATIVE_INFINITY,
    inFlight: { bytes: 0, batches: [] },
    operationBytes: 0,
    isReading: false,
    isSending: false,
    rate,
    isAgreed: false,
    snapshot: undefined,
    resumable: { id: '', bytes: 0 },
  }
}
