import { ReplivecError } from '../errors.js'
import type { Link, PeerInfo, RefusedPeer } from './link.js'
import { hostOf, isLoopback, sourceOf } from './link-place.js'
import type { MasterHost } from './master-host.js'
import type { MasterSession } from './master-session.js'
import { isSameKey, type KeyRing } from './protocol/key-ring.js'
import type { MasterConfig } from './protocol/master-state.js'
import type { Hello } from './protocol/messages.js'
import { refusalReason } from './refusal-reason.js'
import { SourceLimit } from './source-limit.js'
import type { PreparedReplicationOptions } from './replication-options.js'
import { weakKeys } from './secret.js'

/** Links on which the handshake is not over. One more, and the oldest is given up: an honest one is over in milliseconds. */
const MEETING_MAX = 64

/** Refusals that are attempts to get in, or to break in. */
const ATTEMPTS: ReadonlySet<string> = new Set(['secret', 'unauthorized', 'protocol'])

/** Who may join a master: secrets, the host's word, how many may be asking and how often they may fail. */
export class PeerAdmission {
  readonly #host: MasterHost
  readonly #options: PreparedReplicationOptions
  readonly #attempts: SourceLimit
  /** Other refusals that were told of: of a place no more of them than of attempts, for each is an entry of the audit log. */
  readonly #told: SourceLimit
  /** In the order in which they came. */
  readonly #meeting = new Set<MasterSession>()
  #keys: KeyRing | undefined
  #hasWarned = false

  constructor(host: MasterHost, options: PreparedReplicationOptions) {
    this.#host = host
    this.#options = options
    this.#keys = options.keys
    this.#attempts = new SourceLimit(host.clock, options.attemptLimit)
    this.#told = new SourceLimit(host.clock, options.attemptLimit)
  }

  /** The secrets as they are now. */
  get keys(): KeyRing | undefined {
    return this.#keys
  }

  /** @returns whether a session that proved itself with a key before has to prove itself again */
  setKeys(keys: KeyRing): (session: MasterSession) => boolean {
    const before = this.#keys
    this.#keys = keys
    return ({ state }) => {
      const keyId = state.expected?.keyId
      return keyId === undefined || !isSameKey(before, keys, keyId)
    }
  }

  /** What a session has to know of its link. */
  configOf({ peer, channelBinding }: Link): Admittance {
    return {
      authenticatedId: peer.authenticated ? peer.id : undefined,
      channelBinding: channelBinding ?? new Uint8Array(0),
      frameCodes: this.#options.authenticateFrames,
    }
  }

  /** Nothing from where a peer is is listened to now. */
  isLockedOut(peer: PeerInfo): boolean {
    return this.#attempts.isOut(sourceOf(peer))
  }

  /** Somebody began to talk. */
  met(session: MasterSession): void {
    this.judge(session.link.peer.address, session.link.peer.authenticated === true)
    this.#meeting.add(session)
    const [oldest] = this.#meeting
    if (this.#meeting.size <= MEETING_MAX || !oldest) return
    this.#meeting.delete(oldest)
    const message = 'Too many nodes are joining this master at once; come again.'
    void oldest.close({ code: 'PEER_REFUSED', reason: 'busy', message })
  }

  joined(session: MasterSession): void {
    this.#meeting.delete(session)
  }

  async authorize(link: Link, { nodeId, clusterId, versions, role, keyId }: Hello): Promise<boolean> {
    const { authorize } = this.#options
    if (!authorize) return true
    return (await authorize(link.peer, { nodeId, clusterId, versions, role, keyId })) === true
  }

  /**
   * A session ended before its node had joined, or not to its end.
   *
   * @returns whether that was a refusal
   */
  ended(session: MasterSession, error: ReplivecError | undefined): boolean {
    this.#meeting.delete(session)
    const reason = error && refusalReason(error)
    if (!error || reason === undefined) return false
    const { peer } = session.link
    const id = session.replicaId ?? peer.id
    // What it calls itself is a claim: where it comes from is what its link says.
    this.refused({ id, address: peer.address, reason, message: error.message, source: sourceOf(peer) })
    return true
  }

  /** The transport did not let somebody in: it had no chance to prove, or to guess, anything. */
  refusedAtDoor({ id = '', address, reason, message }: RefusedPeer): void {
    const source = sourceOf({ id, ...(address === undefined ? {} : { address }) })
    this.refused({ id, address, reason, message, source }, true)
  }

  /** Somebody was not let in. @param isAtDoor - by the transport */
  refused({ id = '', address, reason, message, source }: Unwanted, isAtDoor = false): void {
    const isAttempt = !isAtDoor && ATTEMPTS.has(reason)
    const counted = isAttempt ? this.#attempts : this.#told
    const isSilent = reason === 'locked-out' || counted.isOut(source) || this.#attempts.isOut(source)
    if (!isSilent) this.#host.emit({ kind: 'refused', peerId: id, reason, message, address: address ?? null })
    if (!counted.count(source) || !isAttempt) return
    const untilMs = Math.trunc(this.#host.clock.now() + this.#options.attemptLimit.lockoutMs)
    this.#host.emit({ kind: 'locked-out', peerId: id, source, untilMs })
  }

  /** Warns once of links that anybody may make, or read along. */
  judge(address: string | undefined, isAuthenticated: boolean): void {
    if (this.#hasWarned) return
    const keys = this.#keys
    const host = hostOf(address)
    if (!keys && (isAuthenticated || host === undefined || isLoopback(host))) return
    const weak = keys ? weakKeys(keys) : []
    if (keys && weak.length === 0) return
    this.#hasWarned = true
    this.#host.warn(keys ? weakSecret(weak) : openToAll(host ?? ''))
  }
}

/** Somebody who was not let in. */
interface Unwanted {
  readonly id?: string | undefined
  readonly address?: string | undefined
  readonly reason: string
  readonly message: string
  /** Where it is counted. */
  readonly source: string
}

type Admittance = Pick<MasterConfig, 'authenticatedId' | 'channelBinding' | 'frameCodes'>

function openToAll(host: string): ReplivecError {
  return new ReplivecError(
    'LINK_INSECURE',
    `Anybody who reaches this master at ${host} can take a copy of its data: there is neither a secret nor mutual TLS. Give all nodes the same replication.secret, or a transport with mutual TLS (docs/SECURITY.md).`,
    { details: { reason: 'open', host } },
  )
}

function weakSecret(keyIds: readonly string[]): ReplivecError {
  return new ReplivecError(
    'LINK_INSECURE',
    `The secret is shorter than 16 bytes, so that who sees one handshake can guess it (keys: ${keyIds.join(', ')}). Take 32 random bytes, such as openssl rand -base64 32 gives.`,
    { details: { reason: 'weak-secret', keyIds } },
  )
}
