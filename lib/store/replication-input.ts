import { checkFlag, checkOptions, invalid } from '../collection/call-options.js'
import type { WriteConcern } from '../collection/collection-host.js'
import { CODEC_NAMES } from '../replication/compression/codecs.js'
import type { PeerInfo, Transport } from '../replication/link.js'
import { ID_RULE, isId, isName } from '../replication/protocol/id.js'
import type { ReplicationRole } from '../replication/replication.js'
import type { PeerHello, PreparedReplicationOptions } from '../replication/replication-options.js'
import { prepareSecret, type Secret } from '../replication/secret.js'
import { checkWriteConcern } from './write-concern.js'

/** How long a log reaches back beyond what recovery needs. */
export interface Retention {
  /** Bytes of log to keep; 256 MiB by default, 32 MiB in memory. A replica that needs more takes a snapshot. */
  readonly bytes?: number | undefined
  /** Milliseconds after which a segment of the log is not kept for replicas any more; no limit by default. */
  readonly ageMs?: number | undefined
}

/** How to compress. */
export interface CompressionOptions {
  /**
   * Codecs to use, best first: `'zstd'` where Node has it (22.15 and later), `'brotli'` and `'deflate'`, which every Node has, `'lz4'` where the
   * package `lz4-napi` is installed. All of them in this order by default; the first in the replica's list that the master has too is taken.
   */
  readonly codecs?: readonly ('zstd' | 'brotli' | 'deflate' | 'lz4')[] | undefined
}

/** Attempts to join that fail: a wrong secret, no permission, or what is no message. */
export interface AttemptLimit {
  /** From one host, or of one peer where there are no hosts, in a minute; 60 by default. */
  readonly perMinute?: number | undefined
  /** Milliseconds for which nothing from there is listened to then; 300 000 by default. */
  readonly lockoutMs?: number | undefined
}

/**
 * A store's part in replication. docs/REPLICATION.md says when to change what.
 *
 * @example A master that listens on this machine only, and whose writes wait for another node.
 * ```ts
 * import { VectorStore } from 'replivec'
 * import { tcp } from 'replivec/transport/tcp'
 *
 * const transport = tcp({ id: 'a', listen: { host: '127.0.0.1', port: 0 } })
 * const master = await VectorStore.open({
 *   path: './a',
 *   nodeId: 'a',
 *   replication: {
 *     role: 'master',
 *     transport,
 *     authorize: (_peer, { nodeId }) => nodeId.startsWith('replica-'),
 *     writeConcern: { w: 2, level: 'durable', timeoutMs: 2_000 },
 *     retention: { bytes: 1024 ** 3 },
 *   },
 * })
 * console.log(transport.address) // 127.0.0.1:… for the option `master` of the replicas
 * await master.close()
 * ```
 */
export interface ReplicationOptions {
  /** `'master'` takes writes and serves replicas, `'replica'` follows a master, `'standalone'`, as without these options, does neither. */
  readonly role: ReplicationRole
  /** How nodes find each other; without one links are handed over with `accept` and `follow`. */
  readonly transport?: Transport | undefined
  /** The master that a replica dials: its node id, and its address as the transport understands it. Required with a transport. */
  readonly master?: PeerInfo | undefined
  /** Nodes of another cluster are refused. 1 to 128 bytes; `'default'` by default. */
  readonly clusterId?: string | undefined
  /** Node ids of the whole cluster: what a `'majority'` is of. */
  readonly members?: readonly string[] | undefined
  /**
   * What only the nodes of this cluster know. Master and replica prove it to each other, without telling it, before any data goes over
   * a link; who does not know it is refused. Take 32 random bytes, such as `openssl rand -base64 32` gives. For changing it while
   * everything runs, several keys by their ids: docs/SECURITY.md, "Changing the secret".
   */
  readonly secret?: Secret | undefined
  /**
   * Every frame carries an authentication code made with a key of its link: what is changed, left out, repeated or added on the way ends
   * the link. One side's wish is enough; both need a `secret`. TLS does that already. `false` by default.
   */
  readonly authenticateFrames?: boolean | undefined
  /**
   * A master compresses ids, metadata and snapshots, never vectors, for replicas behind a link that is slower than the processor; over others it
   * does not. A replica that does not say `false` takes what its master compresses. Off on a master by default.
   */
  readonly compression?: boolean | CompressionOptions | undefined
  /** How often attempts to join may fail on a master from one place, before nothing from there is listened to for a while. */
  readonly attemptLimit?: AttemptLimit | undefined
  /**
   * Decides on a master, last of all, whether a peer may become a replica; everybody may by default. What throws or rejects is a no.
   * `hello.nodeId` is a claim, unless `peer.authenticated` says that the transport proved it; that it knows the key `hello.keyId` is proved.
   */
  readonly authorize?: ((peer: PeerInfo, hello: PeerHello) => boolean | Promise<boolean>) | undefined
  /** How often a node speaks when there is nothing to say; a replica keeps to the shorter of the two. Milliseconds; 10 000 by default. */
  readonly heartbeatIntervalMs?: number | undefined
  /** Behind by more than this a replica is `Lagging`. Milliseconds; 1 000 by default. */
  readonly laggingAfterMs?: number | undefined
  /** Silent for longer than this a node is `Disconnected` and its link is closed. Milliseconds; 60 000 by default. */
  readonly disconnectedAfterMs?: number | undefined
  /** Of writes that ask for none; `{ w: 1 }` by default. */
  readonly writeConcern?: WriteConcern | undefined
  /** Bytes sent to a replica that it has not applied, at most; 8 MiB by default. */
  readonly maxInFlightBytes?: number | undefined
  /** Bytes of memory for operations that wait to be sent, for all replicas together; 32 MiB by default. What is older is read from the log. */
  readonly maxQueuedBytes?: number | undefined
  /** Bytes a second to each replica, at most; no limit by default. */
  readonly maxBytesPerSecond?: number | undefined
  /** How much of its log a master keeps for replicas that are away. */
  readonly retention?: Retention | undefined
  /**
   * A replica may throw away data of another history than its master's; `false` by default: it halts with `HISTORY_MISMATCH`. What
   * another master of the same history took the place of is thrown away in any case.
   */
  readonly discardLocal?: boolean | undefined
}

/** Everything a store wants to know about its part in replication. */
export interface PreparedReplication {
  readonly role: ReplicationRole
  /** `undefined` on a standalone store. */
  readonly options: PreparedReplicationOptions | undefined
  readonly writeConcern: WriteConcern | undefined
  readonly retentionBytes: number
  readonly retentionAgeMs: number
}

const RETENTION_BYTES = 256 * 1024 * 1024
const MEMORY_RETENTION_BYTES = 32 * 1024 * 1024
const IN_FLIGHT_BYTES = 8 * 1024 * 1024
const QUEUED_BYTES = 32 * 1024 * 1024
/** The most that each may be: every failure of a minute is remembered, and a lockout ends within a day. */
const ATTEMPT_LIMIT_MAX = { perMinute: 10_000, lockoutMs: 86_400_000 } as const

/** @throws `OPTIONS_INVALID` */
export function checkNodeId(option: string, id: unknown): void {
  if (!isId(id)) throw invalid(option, ID_RULE, id)
}

/** @param inMemory - the store has no directory. @throws `OPTIONS_INVALID` naming the option */
export function prepareReplication(replication: unknown, inMemory: boolean): PreparedReplication {
  const asked: object =
    replication === undefined ? { role: 'standalone' } : checkOptions(replication, 'replication')
  const given = asked as ReplicationOptions
  const { role, members, writeConcern } = given
  if (role !== 'standalone' && role !== 'master' && role !== 'replica') {
    throw invalid('replication.role', "'master', 'replica' or 'standalone'", role)
  }
  checkMembers(members)
  const bytes = inMemory ? (role === 'standalone' ? 0 : MEMORY_RETENTION_BYTES) : RETENTION_BYTES
  return {
    role,
    options: role === 'standalone' ? undefined : prepareNode(given, role),
    writeConcern:
      writeConcern === undefined ? undefined : checkWriteConcern(writeConcern, members !== undefined),
    ...prepareRetention(given.retention, bytes),
  }
}

function prepareNode(given: ReplicationOptions, role: 'master' | 'replica'): PreparedReplicationOptions {
  const { transport, master, clusterId = 'default', members, authorize } = given
  checkTransport(transport)
  if (master !== undefined) checkPeer(master)
  if (role === 'master' && master !== undefined)
    throw invalid('replication.master', 'left out: a master follows nobody', master)
  if (role === 'replica' && transport !== undefined && master === undefined)
    throw invalid('replication.master', 'the peer to dial: { id, address }', master)
  if (!isName(clusterId) || clusterId === '' || Buffer.byteLength(clusterId) > 128)
    throw invalid('replication.clusterId', 'a string of 1 to 128 bytes without control characters', clusterId)
  if (authorize !== undefined && typeof authorize !== 'function')
    throw invalid('replication.authorize', 'a function', authorize)
  const keys = prepareSecret('replication.secret', given.secret)
  const authenticateFrames = flag(given, 'authenticateFrames')
  if (authenticateFrames && !keys)
    throw invalid('replication.authenticateFrames', 'left out where there is no secret', authenticateFrames)
  return {
    heartbeatIntervalMs: positive(given, 'heartbeatIntervalMs', 10_000),
    laggingAfterMs: positive(given, 'laggingAfterMs', 1_000),
    disconnectedAfterMs: positive(given, 'disconnectedAfterMs', 60_000),
    maxInFlightBytes: positive(given, 'maxInFlightBytes', IN_FLIGHT_BYTES),
    maxQueuedBytes: positive(given, 'maxQueuedBytes', QUEUED_BYTES),
    maxBytesPerSecond:
      given.maxBytesPerSecond === undefined ? undefined : positive(given, 'maxBytesPerSecond', 0),
    discardLocal: flag(given, 'discardLocal'),
    attemptLimit: prepareAttemptLimit(given.attemptLimit),
    ...prepareCompression(given.compression),
    ...{ role, transport, master, clusterId, members, authorize, keys, authenticateFrames },
  }
}

function flag(given: ReplicationOptions, name: keyof ReplicationOptions): boolean {
  const option = `replication.${name}`
  return checkFlag({ [option]: given[name] }, option, false)
}

function positive(given: ReplicationOptions, name: keyof ReplicationOptions, otherwise: number): number {
  const value = given[name] === undefined ? otherwise : given[name]
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value
  throw invalid(`replication.${name}`, 'a number above 0', value)
}

function prepareCompression(
  compression: unknown,
): Pick<PreparedReplicationOptions, 'compresses' | 'codecNames'> {
  if (compression === undefined) return { compresses: false, codecNames: CODEC_NAMES }
  if (typeof compression === 'boolean')
    return { compresses: compression, codecNames: compression ? CODEC_NAMES : [] }
  if (Object.prototype.toString.call(compression) !== '[object Object]')
    throw invalid('replication.compression', 'true, false or { codecs }', compression)
  const { codecs = CODEC_NAMES } = checkOptions(compression, 'compression') as CompressionOptions
  const isList =
    Array.isArray(codecs) && codecs.length > 0 && codecs.every((name) => CODEC_NAMES.includes(name))
  if (!isList || new Set(codecs).size !== codecs.length)
    throw invalid('replication.compression.codecs', `some of ${CODEC_NAMES.join(', ')}, each once`, codecs)
  return { compresses: true, codecNames: [...codecs] }
}

function prepareAttemptLimit(limit: unknown): PreparedReplicationOptions['attemptLimit'] {
  const given = (limit === undefined ? {} : checkOptions(limit, 'attemptLimit')) as AttemptLimit
  const { perMinute = 60, lockoutMs = 300_000 } = given
  for (const [name, most] of Object.entries(ATTEMPT_LIMIT_MAX)) {
    const value = { perMinute, lockoutMs }[name]
    if (typeof value !== 'number' || !(value > 0 && value <= most))
      throw invalid(`replication.attemptLimit.${name}`, `a number above 0, up to ${most}`, value)
  }
  return { perMinute, lockoutMs }
}

function prepareRetention(retention: unknown, byDefault: number) {
  const given = (retention === undefined ? {} : checkOptions(retention, 'retention')) as Retention
  const { bytes = byDefault, ageMs = Number.POSITIVE_INFINITY } = given
  if (typeof bytes !== 'number' || !(bytes >= 0))
    throw invalid('replication.retention.bytes', 'a number from 0', bytes)
  if (typeof ageMs !== 'number' || !(ageMs >= 0))
    throw invalid('replication.retention.ageMs', 'a number of milliseconds from 0', ageMs)
  return { retentionBytes: bytes, retentionAgeMs: ageMs }
}

function checkTransport(transport: unknown): void {
  if (transport === undefined) return
  const { dial, listen } = (transport ?? {}) as Partial<Transport>
  if (typeof dial !== 'function' || typeof listen !== 'function')
    throw invalid('replication.transport', 'an object with dial and listen', transport)
}

function checkPeer(peer: unknown): void {
  const { id, address } = (peer ?? {}) as Partial<PeerInfo>
  checkNodeId('replication.master.id', id)
  if (address !== undefined && typeof address !== 'string')
    throw invalid('replication.master.address', 'a string', address)
}

function checkMembers(members: unknown): void {
  if (members === undefined) return
  if (!Array.isArray(members) || members.length === 0)
    throw invalid('replication.members', 'an array of node ids', members)
  for (const member of members) checkNodeId('replication.members', member)
  if (new Set(members).size !== members.length)
    throw invalid('replication.members', 'node ids that differ', members)
}
