import { continues, highestEpoch, isCredible, isEpochTable } from '../../log/epoch-table.js'
import type { Position } from '../../log/position.js'
import type { MasterEffect, MasterState, MasterView } from './master-state.js'
import type { Hello, Message, Place, Proof, SnapshotReason } from './messages.js'
import { frameKeyOf, isProof, proofOf, transcriptOf } from './proof.js'
import { type Failure, NOTHING, type Step } from './step.js'

type MasterStep = Step<MasterState, MasterEffect>

/** Says why, and gives the link up. */
export function refuse(state: MasterState, failure: Failure): MasterStep {
  const { code, reason, message } = failure
  const refusal: Message = { kind: 'refusal', code, reason, message }
  return {
    state: { ...state, phase: 'closed' },
    effects: [
      { kind: 'send', message: refusal },
      { kind: 'close', failure },
    ],
  }
}

/** The replica says who it is: is it somebody to talk to? */
export function meet(state: MasterState, hello: Hello, view: MasterView): MasterStep {
  const reason = objection(state, hello, view)
  if (reason === 'secret') return refuse(state, secretRefusal(hello, view))
  if (reason) return refuse(state, refusalOf(reason, hello.nodeId))
  return challenge({ ...state, peer: hello }, hello, view)
}

/** Another node with this id is there. One that was restarted may come back before its old link is known to be dead. */
function isDuplicate({ config }: MasterState, { nodeId, instanceId }: Hello, view: MasterView): boolean {
  const linked = view.linked(nodeId)
  if (!linked || linked.instanceId === instanceId) return false
  return view.nowMs - linked.heardAtMs <= 1.5 * config.heartbeatIntervalMs
}

/** Why a node cannot be a replica here, in a word; the same words as in docs/PROTOCOL.md. */
function objection(
  { config }: MasterState,
  hello: Hello,
  { keys, isLockedOut }: MasterView,
): keyof typeof REFUSALS | undefined {
  if (isLockedOut) return 'locked-out'
  if (hello.role !== 'replica') return 'role'
  if (hello.nodeId === config.nodeId) return 'self'
  if (hello.clusterId !== config.clusterId) return 'cluster'
  if (!config.versions.some((version) => hello.versions.includes(version))) return 'version'
  if (config.authenticatedId !== undefined && config.authenticatedId !== hello.nodeId) return 'unauthorized'
  if ((keys !== undefined || hello.keyId !== '') && !keys?.keys.has(hello.keyId)) return 'secret'
  return undefined
}

const REFUSALS = {
  'locked-out': 'there were too many failed attempts from where it is; it may try again later',
  role: 'this node is a master and takes replicas only; open the other store with the role replica',
  self: 'it has the node id of this node; give every node an id of its own',
  cluster: 'it belongs to another cluster; give both the same clusterId',
  version: 'there is no version of the protocol that both speak; upgrade the older one',
  unauthorized: 'it is not who it says it is, or the host does not allow it',
  secret:
    'its proof is not made with the secret that this master has under that key id; give both the same secret, under the same key id',
  duplicate: 'a node with this id is linked already; give every node an id of its own',
} as const

export function refusalOf(reason: keyof typeof REFUSALS, peerId: string): Failure {
  const message = `The node '${peerId}' was refused: ${REFUSALS[reason]}.`
  return { code: 'PEER_REFUSED', reason, message }
}

/** Why there is nothing to prove with. Ids of keys are no secret: whoever listens has seen them. */
function secretRefusal({ nodeId, keyId }: Hello, { keys }: MasterView): Failure {
  const same = 'give both the same secret, under the same key id'
  const why = keys
    ? keyId === ''
      ? `it has no secret, and this master asks for one; ${same}`
      : `it proves itself with the key '${keyId}', which this master does not know; ${same}`
    : `it has a secret, and this master has none; ${same}`
  return { code: 'PEER_REFUSED', reason: 'secret', message: `The node '${nodeId}' was refused: ${why}.` }
}

/** Proves to the replica that this master knows the secret, and asks for the same. */
function challenge(state: MasterState, hello: Hello, { keys }: MasterView): MasterStep {
  const { config } = state
  const { nodeId, clusterId, nonce, channelBinding } = config
  const version = config.versions.find((known) => hello.versions.includes(known)) ?? 0
  const key = keys?.keys.get(hello.keyId)
  const frameCodes = key !== undefined && (hello.frameCodes || config.frameCodes)
  const codec = hello.codecs.find((known) => config.codecs.includes(known)) ?? ''
  const said = { version, codec, nodeId, clusterId, nonce, frameCodes }
  const transcript = transcriptOf(hello, said, channelBinding)
  const proof = key ? proofOf(key, 'master', transcript) : NO_PROOF
  const effects: MasterEffect[] = [{ kind: 'send', message: { kind: 'challenge', ...said, proof } }]
  if (key && frameCodes)
    effects.push({ kind: 'protect', side: 'master', frameKey: frameKeyOf(key, 'master', transcript) })
  const expected = key && {
    keyId: hello.keyId,
    proof: proofOf(key, 'replica', transcript),
    frameKey: frameCodes ? frameKeyOf(key, 'replica', transcript) : undefined,
  }
  return { state: { ...state, phase: 'proof', expected, codec }, effects }
}

const NO_PROOF = new Uint8Array(0)

/** Whether the replica knows the secret; without one any proof is as good as another. The host is asked last. */
export function prove(state: MasterState, { proof }: Proof, { isLockedOut }: MasterView): MasterStep {
  const { peer, expected } = state
  if (!peer) return { state, effects: NOTHING }
  // Also who began before the others failed has no guess left.
  if (isLockedOut) return refuse(state, refusalOf('locked-out', peer.nodeId))
  if (expected && !isProof(expected.proof, proof)) return refuse(state, refusalOf('secret', peer.nodeId))
  const effects: MasterEffect[] = [{ kind: 'trust' }]
  if (expected?.frameKey) effects.push({ kind: 'protect', side: 'replica', frameKey: expected.frameKey })
  effects.push({ kind: 'authorize', hello: peer })
  return { state: { ...state, phase: 'authorizing' }, effects }
}

/** The host allowed the replica, or not. */
export function authorized(state: MasterState, isAllowed: boolean, view: MasterView): MasterStep {
  const { peer, place } = state
  if (!peer) return { state, effects: NOTHING }
  if (!isAllowed) return refuse(state, refusalOf('unauthorized', peer.nodeId))
  const probing = { ...state, phase: 'probe', place: undefined } as const
  const compress: MasterEffect[] = state.codec ? [{ kind: 'compress', codec: state.codec }] : []
  if (!place) return { state: probing, effects: compress }
  const joining = join(probing, place, view)
  return { state: joining.state, effects: [...compress, ...joining.effects] }
}

/**
 * The replica says for the first time what it has. Only now does it take the place of an older link of its node: before, anybody
 * could have said hello with its id; and of two that came at once, the second is told here.
 */
export function join(state: MasterState, place: Place, view: MasterView): MasterStep {
  const { peer } = state
  if (!peer) return { state, effects: NOTHING }
  if (isDuplicate(state, peer, view)) return refuse(state, refusalOf('duplicate', peer.nodeId))
  const welcomed = welcome(state, place, view)
  if (!view.linked(peer.nodeId) || welcomed.state.phase === 'closed') return welcomed
  return { ...welcomed, effects: [{ kind: 'replace', nodeId: peer.nodeId }, ...welcomed.effects] }
}

/** What the replica has: can it go on from there? */
export function welcome(state: MasterState, place: Place, view: MasterView): MasterStep {
  const peerId = state.peer?.nodeId ?? ''
  // A store that never was open as a replica has none.
  const isSame = place.historyId === view.historyId
  const isOrdered = place.epochs.length === 0 || isEpochTable(place.epochs)
  if (!isOrdered || (isSame && !isCredible(place.epochs, view.epochs))) {
    const reason = isOrdered ? 'its epochs are too far ahead' : 'its epochs are in no order'
    const message = `The node '${peerId}' cannot be believed: ${reason}.`
    return refuse(state, { code: 'PROTOCOL_VIOLATED', reason, message })
  }
  const seen = highestEpoch(place.epochs)
  if (isSame && seen > highestEpoch(view.epochs)) {
    const message = `The node '${peerId}' has seen epoch ${seen}; this master is at ${highestEpoch(view.epochs)}.`
    const refused = refuse(state, { code: 'STALE_EPOCH', reason: 'epoch', message })
    return { ...refused, effects: [{ kind: 'fence', epoch: seen, peerId }, ...refused.effects] }
  }
  const snapshotReason = reasonForSnapshot(place, view)
  const { historyId, epochs, parent, head, wallMs } = view
  const { windowBytes, heartbeatIntervalMs } = state.config
  const fromSeq = snapshotReason ? 0 : place.last.seq + 1
  const message: Message = {
    kind: 'welcome',
    historyId,
    epochs,
    parent,
    fromSeq,
    snapshotReason: snapshotReason ?? '',
    ...{ head, windowBytes, heartbeatIntervalMs, sentAtMs: wallMs, sent: state.carried },
  }
  const joined: MasterEffect = {
    kind: 'joined',
    nodeId: peerId,
    // Of what it has, nothing counts that it is about to replace: it may be of another history, or beyond this one's end.
    ...{ snapshotReason: snapshotReason ?? '', last: snapshotReason ? NOWHERE : place.last },
  }
  const effects: MasterEffect[] = [{ kind: 'send', message }, joined]
  const { seq } = place.last
  // What it has on stable storage, and has applied, the replica says in its first ack; its log may be ahead of both.
  const acked = { ...NOTHING_ACKED, receivedSeq: seq }
  const fresh = { ...state, inFlight: { bytes: 0, batches: [] }, snapshot: undefined }
  if (!snapshotReason) return { state: { ...fresh, phase: 'catching-up', acked, sentSeq: seq }, effects }
  const resumable = { id: place.snapshotId, bytes: place.snapshotBytes }
  // It is made once the replica agrees: one that has other data may not want it.
  return {
    state: { ...fresh, phase: 'preparing', isAgreed: false, resumable, acked: NOTHING_ACKED },
    effects,
  }
}

const NOWHERE: Position = { epoch: 0, seq: 0 }
const NOTHING_ACKED = { receivedSeq: 0, durableSeq: 0, appliedSeq: 0, snapshotBytes: 0 }

function reasonForSnapshot(place: Place, view: MasterView): SnapshotReason | undefined {
  const { last, epochs } = place
  if (place.historyId !== view.historyId) return last.seq === 0 ? 'fresh' : 'history'
  if (place.resync) return 'resync'
  const nodeId = epochs.find(({ epoch }) => epoch === last.epoch)?.nodeId ?? ''
  // The beginning of a history, with nothing or with all that it was restored from, lies before all of its epochs.
  const bornSeq = view.parent?.seq ?? 0
  const isPrefix = last.seq === bornSeq || continues(view.epochs, view.head.seq, { ...last, nodeId })
  if (!isPrefix) return 'diverged'
  return last.seq + 1 < view.oldestSeq ? 'trimmed' : undefined
}
