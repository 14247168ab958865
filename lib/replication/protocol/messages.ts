import type { Position } from '../../log/position.js'

/** What two nodes say to each other, as the protocol thinks of it; `wire-codec.ts` turns it into bytes and back. */
export type Message =
  | Hello
  | Challenge
  | Proof
  | Place
  | Welcome
  | Operations
  | Ack
  | Heartbeat
  | SnapshotStart
  | SnapshotPiece
  | Refusal

/** Who wrote from which operation on. */
export interface Epoch {
  readonly epoch: number
  readonly nodeId: string
  readonly firstSeq: number
}

export interface Hello {
  readonly kind: 'hello'
  /** Protocol versions it speaks. */
  readonly versions: readonly number[]
  /** Codecs it can read, best first. */
  readonly codecs: readonly string[]
  readonly nodeId: string
  readonly clusterId: string
  readonly nonce: Uint8Array
  readonly keyId: string
  readonly role: string
  /** New at every open of the store: tells a node that comes again from another one with its id. */
  readonly instanceId: string
  /** It wants every frame after the handshake to carry an authentication code. */
  readonly frameCodes: boolean
}

export interface Challenge {
  readonly kind: 'challenge'
  readonly version: number
  readonly codec: string
  readonly nodeId: string
  readonly clusterId: string
  readonly nonce: Uint8Array
  /** That the master knows the secret; empty without one. */
  readonly proof: Uint8Array
  /** Every frame after this one carries an authentication code. */
  readonly frameCodes: boolean
}

export interface Proof {
  readonly kind: 'proof'
  readonly proof: Uint8Array
}

/** What a replica has. */
export interface Place {
  readonly kind: 'place'
  readonly historyId: string
  readonly epochs: readonly Epoch[]
  /** The last operation it has. */
  readonly last: Position
  /** The snapshot it has the beginning of; empty without one. */
  readonly snapshotId: string
  readonly snapshotBytes: number
  /** Asks for a snapshot whatever it has. */
  readonly resync: boolean
}

/** Why a replica cannot go on from where it is. */
export type SnapshotReason =
  /** It has no data. */
  | 'fresh'
  /** Its data is of another history. */
  | 'history'
  /** It has operations that this master has not. */
  | 'diverged'
  /** The log does not reach back to where it is. */
  | 'trimmed'
  /** It was asked for. */
  | 'resync'

export interface Welcome {
  readonly kind: 'welcome'
  readonly historyId: string
  readonly epochs: readonly Epoch[]
  readonly parent: (Position & { readonly historyId: string }) | undefined
  /** Operations follow from here; 0 when a snapshot does. */
  readonly fromSeq: number
  /** Empty when operations follow. */
  readonly snapshotReason: string
  readonly head: Position
  readonly windowBytes: number
  readonly heartbeatIntervalMs: number
  readonly sentAtMs: number
  /** How many messages that carry something came before it over this link. */
  readonly sent: number
}

export interface Operations {
  readonly kind: 'operations'
  readonly firstSeq: number
  readonly lastSeq: number
  readonly headSeq: number
  readonly sentAtMs: number
  readonly durable: boolean
  readonly received: boolean
  readonly frames: Uint8Array
}

export interface Ack {
  readonly kind: 'ack'
  readonly receivedSeq: number
  readonly durableSeq: number
  readonly appliedSeq: number
  readonly snapshotBytes: number
  /** When not 0: asks for a heartbeat at once, with this number as its answer. */
  readonly question: number
}

export interface Heartbeat {
  readonly kind: 'heartbeat'
  readonly head: Position
  readonly sentAtMs: number
  readonly unsentSinceMs: number
  /** The number of the question that this answers; 0 for none. */
  readonly answer: number
  /** How many messages that carry something came before it over this link. */
  readonly sent: number
}

export interface SnapshotStart {
  readonly kind: 'snapshot-start'
  readonly snapshotId: string
  readonly position: Position
  readonly fromByte: number
}

export interface SnapshotPiece {
  readonly kind: 'snapshot-piece'
  readonly atByte: number
  readonly bytes: Uint8Array
  readonly sentAtMs: number
  readonly headSeq: number
  /** Nothing follows it. */
  readonly last: boolean
}

export interface Refusal {
  readonly kind: 'refusal'
  readonly code: string
  readonly reason: string
  readonly message: string
}

/** A part of a message that is larger than a frame of its link. */
export interface Part {
  readonly kind: 'part'
  readonly bytes: Uint8Array
  readonly last: boolean
}

/** A message that carries much, compressed. Vectors, which do not compress, go as they are. */
export interface Packed {
  readonly kind: 'packed'
  /** Compressed: how the message is cut, and everything of it but vectors. */
  readonly rest: Uint8Array
  /** How many bytes `rest` has when it is decompressed. */
  readonly plainBytes: number
  readonly vectors: Uint8Array
}

/** Whatever goes over a link. */
export type WireMessage = Message | Part | Packed

/** Messages that carry something: a replica to which more or fewer came than were sent knows that the link is none. */
export const CARRYING: ReadonlySet<Message['kind']> = new Set([
  'welcome',
  'operations',
  'snapshot-start',
  'snapshot-piece',
])
