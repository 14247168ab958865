import type { Challenge } from './messages.js'
import { frameKeyOf, isProof, proofOf, transcriptOf } from './proof.js'
import { giveUp, place } from './replica-link.js'
import type { ReplicaEffect, ReplicaState, ReplicaView } from './replica-state.js'
import type { Step } from './step.js'

type ReplicaStep = Step<ReplicaState, ReplicaEffect>

/** The master says who it is: is it the one to follow? Only then it is told what this replica has. */
export function answer(state: ReplicaState, challenge: Challenge, view: ReplicaView): ReplicaStep {
  const { config } = state
  const { nodeId, clusterId, version, codec } = challenge
  const refuse = (reason: string, message: string): ReplicaStep =>
    giveUp(state, { code: 'PEER_REFUSED', reason, message }, view)
  if (nodeId === config.nodeId) return refuse('self', `The master has this node's id, '${nodeId}'.`)
  if (clusterId !== config.clusterId)
    return refuse('cluster', `The master '${nodeId}' belongs to another cluster.`)
  if (!config.versions.includes(version))
    return refuse('version', `The master '${nodeId}' speaks version ${version} of the protocol only.`)
  if (config.masterId !== undefined && config.masterId !== nodeId)
    return refuse('unauthorized', `The master is '${config.masterId}', and '${nodeId}' answered.`)
  if (codec !== '' && !config.codecs.includes(codec))
    return refuse('codec', `The master '${nodeId}' compresses with ${codec}, which was not offered.`)
  const proved = prove(state, challenge, view)
  if (!proved)
    return refuse(
      'secret',
      `The master '${nodeId}' does not prove that it knows the secret of this replica; give both the same secret, under the same key id.${view.channelBinding.byteLength > 0 ? ' Where something between the two ends TLS, its proof is for another connection: see channelBinding in docs/SECURITY.md.' : ''}`,
    )
  const placed = place(state, view)
  const decompress: ReplicaEffect[] = codec ? [{ kind: 'decompress', codec }] : []
  return {
    state: { ...placed.state, codec },
    effects: [{ kind: 'trust' }, ...proved, ...decompress, ...placed.effects],
  }
}

/** This side's proof, if the master's is right; without a secret there is nothing to prove. */
function prove({ hello, config }: ReplicaState, challenge: Challenge, view: ReplicaView) {
  const key = hello?.keyId ? view.keys?.keys.get(hello.keyId) : undefined
  const isOpen = hello?.keyId === '' && !config.frameCodes && !challenge.frameCodes
  if (!hello || !key) return isOpen ? [proofMessage(NO_PROOF)] : undefined
  const transcript = transcriptOf(hello, challenge, view.channelBinding)
  if (!isProof(proofOf(key, 'master', transcript), challenge.proof)) return undefined
  const proved: ReplicaEffect[] = [proofMessage(proofOf(key, 'replica', transcript))]
  if (!challenge.frameCodes) return config.frameCodes ? undefined : proved
  for (const side of ['replica', 'master'] as const)
    proved.push({ kind: 'protect', side, frameKey: frameKeyOf(key, side, transcript) })
  return proved
}

const NO_PROOF = new Uint8Array(0)

function proofMessage(proof: Uint8Array): ReplicaEffect {
  return { kind: 'send', message: { kind: 'proof', proof } }
}
