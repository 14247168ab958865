import type { CodecName } from './compression/codec.js'
import type { PeerInfo, Transport } from './link.js'
import type { KeyRing } from './protocol/key-ring.js'
import type { SourceLimitOptions } from './source-limit.js'

/** How a store replicates, checked and with every default filled in. */
export interface PreparedReplicationOptions {
  readonly role: 'master' | 'replica'
  readonly transport: Transport | undefined
  readonly master: PeerInfo | undefined
  readonly clusterId: string
  readonly members: readonly string[] | undefined
  readonly authorize: ((peer: PeerInfo, hello: PeerHello) => boolean | Promise<boolean>) | undefined
  readonly heartbeatIntervalMs: number
  readonly laggingAfterMs: number
  readonly disconnectedAfterMs: number
  readonly maxInFlightBytes: number
  readonly maxQueuedBytes: number
  readonly maxBytesPerSecond: number | undefined
  readonly discardLocal: boolean
  /** Without secrets nobody proves anything. */
  readonly keys: KeyRing | undefined
  readonly authenticateFrames: boolean
  /** A master compresses what it sends, where the replica can read that. */
  readonly compresses: boolean
  /** Best first; a replica offers them. */
  readonly codecNames: readonly CodecName[]
  readonly attemptLimit: SourceLimitOptions
}

/** What a peer says about itself: claims. It has proved that it knows the key with the id `keyId`, where the cluster has a secret. */
export interface PeerHello {
  readonly nodeId: string
  readonly clusterId: string
  /** Versions of the protocol that it speaks. */
  readonly versions: readonly number[]
  /** `'replica'`: others are refused before anybody is asked. */
  readonly role: string
  /** Which key it proved itself with; empty in a cluster without a secret. */
  readonly keyId: string
}

/** The handshake must be over after this. */
export const HANDSHAKE_TIMEOUT_MS = 10_000
export const BATCH_BYTES = 512 * 1024
export const BATCH_OPERATIONS = 512
export const GATHER_MS = 5
export const BACKOFF_MS = { first: 100, max: 30_000 } as const
export const HALTED_RETRY_MS = 30_000
