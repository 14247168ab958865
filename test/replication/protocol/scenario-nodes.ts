import type { Message } from '../../../lib/replication/protocol/messages.js'
import type { ScenarioCluster } from './scenario-cluster.js'
import type { Parcel } from './toy-link.js'
import type { ToyMaster } from './toy-master.js'
import type { ToyReplica } from './toy-replica.js'
import { positionOf, tableOf } from './toy-words.js'

/** What a scenario shows of a node, and what it does to messages. */
export function stateOf(cluster: ScenarioCluster, name: string): string[] {
  const master = cluster.masters.get(name)
  return master ? stateOfMaster(master) : stateOfReplica(cluster.replica(name))
}

function stateOfMaster({ id, log, isUp, sessions }: ToyMaster): string[] {
  if (!isUp) return [`${id} is down`]
  const { historyId, epochs } = log.identity
  const lines = [...sessions.values()].map(({ link, state }) => {
    const { phase, acked, sentSeq, inFlight, snapshot } = state
    const { receivedSeq, durableSeq, appliedSeq, snapshotBytes } = acked
    const part = snapshot
      ? `, ${snapshotBytes} bytes stored, sent up to ${snapshot.nextByte}${snapshot.isSent ? ', which is all' : ''}`
      : ''
    return `  ${link.replica}: ${phase}, sent ${sentSeq}, received ${receivedSeq}, durable ${durableSeq}, applied ${appliedSeq}, ${inFlight.bytes} bytes in flight${part}`
  })
  return [`${id}: ${historyId} (${tableOf(epochs)}), ${log.oldestSeq} to ${positionOf(log.last)}`, ...lines]
}

function stateOfReplica({ name, log, appliedSeq, state, isUp }: ToyReplica): string[] {
  const { historyId, epochs } = log.identity
  const { phase, halted, attempts, snapshot, isPaused } = state
  const notes = [
    isUp ? phase : 'down',
    `${historyId} (${tableOf(epochs)})`,
    `last ${positionOf(log.last)}, durable ${log.durableSeq}, applied ${appliedSeq}`,
    attempts > 0 ? `${attempts} attempts` : '',
    isPaused ? 'paused' : '',
    halted ? `halted after ${positionOf(halted.position)} by ${halted.code}` : '',
    snapshot ? `${snapshot.storedBytes} bytes of ${snapshot.id}` : '',
  ]
  return [`${name}: ${notes.filter(Boolean).join(', ')}`]
}

/** Turns a bit of the first batch or piece that waits. */
export function damage(queue: Parcel[]): void {
  const at = queue.findIndex((parcel) => parcel !== 'end' && bytesOf(parcel) !== undefined)
  const parcel = queue[at]
  if (!parcel || parcel === 'end') throw new Error('nothing waits that could be damaged')
  const bytes = Uint8Array.from(bytesOf(parcel) as Uint8Array)
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1
  queue[at] = parcel.kind === 'operations' ? { ...parcel, frames: bytes } : ({ ...parcel, bytes } as Message)
}

function bytesOf(message: Message): Uint8Array | undefined {
  if (message.kind === 'operations') return message.frames
  return message.kind === 'snapshot-piece' ? message.bytes : undefined
}

const NO_BYTES = new Uint8Array(0)
const NOWHERE = { epoch: 0, seq: 0 }

/** One message of each kind, to be changed by a scenario. */
export const SAMPLES: { readonly [Kind in Message['kind']]: Message & { readonly kind: Kind } } = {
  hello: {
    ...{ kind: 'hello', versions: [1], codecs: [], nodeId: 'forger', clusterId: 'one' },
    ...{ nonce: NO_BYTES, keyId: '', role: 'replica', instanceId: 'forger1', frameCodes: false },
  },
  challenge: {
    ...{ kind: 'challenge', version: 1, codec: '', nodeId: 'forger', clusterId: 'one' },
    ...{ nonce: NO_BYTES, proof: NO_BYTES, frameCodes: false },
  },
  proof: { kind: 'proof', proof: NO_BYTES },
  place: {
    ...{ kind: 'place', historyId: 'forged', epochs: [], last: NOWHERE },
    ...{ snapshotId: '', snapshotBytes: 0, resync: false },
  },
  welcome: {
    ...{
      kind: 'welcome',
      historyId: 'forged',
      epochs: [],
      parent: undefined,
      fromSeq: 1,
      snapshotReason: '',
    },
    ...{ head: NOWHERE, windowBytes: 4_000, heartbeatIntervalMs: 10_000, sentAtMs: 0, sent: 0 },
  },
  operations: {
    ...{ kind: 'operations', firstSeq: 1, lastSeq: 1, headSeq: 1, sentAtMs: 0 },
    ...{ durable: false, received: false, frames: NO_BYTES },
  },
  ack: { kind: 'ack', receivedSeq: 0, durableSeq: 0, appliedSeq: 0, snapshotBytes: 0, question: 0 },
  heartbeat: { kind: 'heartbeat', head: NOWHERE, sentAtMs: 0, unsentSinceMs: 0, answer: 0, sent: 0 },
  'snapshot-start': {
    kind: 'snapshot-start',
    snapshotId: 'forged',
    position: NOWHERE,
    fromByte: 0,
  },
  'snapshot-piece': {
    kind: 'snapshot-piece',
    atByte: 0,
    bytes: NO_BYTES,
    sentAtMs: 0,
    headSeq: 0,
    last: false,
  },
  refusal: { kind: 'refusal', code: 'PEER_REFUSED', reason: 'forged', message: 'Forged.' },
}

/** @param json - fields that differ from the sample */
export function forge(kind: string, json: string): Message {
  const sample = SAMPLES[kind as Message['kind']]
  if (!sample) throw new Error(`'${kind}' is no kind of message`)
  return { ...sample, ...(json ? (JSON.parse(json) as object) : {}) } as Message
}
