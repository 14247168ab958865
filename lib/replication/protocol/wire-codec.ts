import { decodePlain, encodeMessage } from '../../log/codec.js'
import { EPOCH_ROWS_MAX } from '../../log/epoch-table.js'
import { isId, isName, oneLine } from './id.js'
import type { Epoch, Message, Welcome, WireMessage } from './messages.js'
import { replivec } from './schema.js'
import { encodePayload, type PayloadMessage } from './payload-encoder.js'
import { checkOutline } from './wire-outline.js'
import { violated } from './wire-violation.js'

import wire = replivec.wire.v1

/** Versions of the protocol that this code speaks, newest first. */
export const PROTOCOL_VERSIONS: readonly number[] = [1]
const NAME_BYTES_MAX = 256
const NONCE_BYTES_MAX = 64
const LIST_MAX = 64
const TEXT_CHARACTERS_MAX = 2_000

/**
 * Turns a message into the bytes of one frame; of several when that is larger than the link carries.
 *
 * @param take - gives at least so many bytes of memory for a message that carries much; the frame begins there
 */
export function encodeWire(message: WireMessage, take = allocated): Uint8Array {
  switch (message.kind) {
    case 'operations':
    case 'snapshot-piece':
    case 'part':
    case 'packed':
      return encodePayload(message, take)
    default:
      return encodeMessage(wire.Message, toWire(message))
  }
}

function allocated(bytes: number): Uint8Array {
  return Buffer.allocUnsafe(bytes)
}

/**
 * Reads a message and checks every field that somebody else acts on. Data in it is a view of `bytes`.
 *
 * @throws `PROTOCOL_VIOLATED`
 */
export function decodeWire(bytes: Uint8Array): WireMessage {
  checkOutline(bytes)
  let decoded: wire.Message
  try {
    decoded = decodePlain(wire.Message, bytes)
  } catch (cause) {
    throw violated('its bytes are no message', cause)
  }
  const message = fromWire(decoded)
  if (!message) throw violated('it is of a kind that this version does not know')
  return message
}

function toWire(message: Exclude<Message, PayloadMessage>): wire.Message.$Properties {
  switch (message.kind) {
    case 'hello':
      return { hello: { ...message, versions: [...message.versions], codecs: [...message.codecs] } }
    case 'challenge':
      return { challenge: message }
    case 'proof':
      return { proof: message }
    case 'place': {
      const { historyId, epochs, last, snapshotId, snapshotBytes, resync } = message
      return { place: { historyId, epochs: [...epochs], ...last, snapshotId, snapshotBytes, resync } }
    }
    case 'welcome': {
      const { head, parent, epochs, ...rest } = message
      const [headEpoch, headSeq] = [head.epoch, head.seq]
      return { welcome: { ...rest, epochs: [...epochs], parent: parent ?? null, headEpoch, headSeq } }
    }
    case 'ack':
      return { ack: message }
    case 'heartbeat': {
      const { head, sentAtMs, unsentSinceMs, answer, sent } = message
      return {
        heartbeat: { headEpoch: head.epoch, headSeq: head.seq, sentAtMs, unsentSinceMs, answer, sent },
      }
    }
    case 'snapshot-start': {
      const { snapshotId, position, fromByte } = message
      return { snapshotStart: { snapshotId, ...position, fromByte } }
    }
    case 'refusal':
      return { refusal: message }
  }
}

type Wire = wire.Message
type Kind = Exclude<keyof wire.Message.$Properties, '$unknowns' | 'kind'>

/** How each kind is read; the decoder made instances whose every field has a value. */
const READERS: { readonly [Name in Kind]: (value: never) => WireMessage } = {
  operations: ({ firstSeq, lastSeq, headSeq, sentAtMs, durable, received, frames }: wire.Operations) => ({
    kind: 'operations',
    firstSeq,
    lastSeq,
    headSeq,
    sentAtMs,
    durable,
    received,
    frames,
  }),
  ack: ({ receivedSeq, durableSeq, appliedSeq, snapshotBytes, question }: wire.Ack) => ({
    kind: 'ack',
    receivedSeq,
    durableSeq,
    appliedSeq,
    snapshotBytes,
    question,
  }),
  heartbeat: ({ headEpoch, headSeq, sentAtMs, unsentSinceMs, answer, sent }: wire.Heartbeat) => ({
    kind: 'heartbeat',
    head: { epoch: headEpoch, seq: headSeq },
    sentAtMs,
    unsentSinceMs,
    answer,
    sent,
  }),
  hello: ({
    versions,
    codecs,
    nodeId,
    clusterId,
    nonce,
    keyId,
    role,
    instanceId,
    frameCodes,
  }: wire.Hello) => {
    if (versions.length > LIST_MAX || codecs.length > LIST_MAX) throw violated('a list is too long')
    if (!isId(nodeId) || instanceId === '') throw violated('a node without an id')
    checkNames(...codecs, clusterId, keyId, role, instanceId)
    checkSecrets(nonce)
    return {
      kind: 'hello',
      versions,
      codecs,
      nodeId,
      clusterId,
      nonce,
      keyId,
      role,
      instanceId,
      frameCodes,
    }
  },
  challenge: ({ version, codec, nodeId, clusterId, nonce, proof, frameCodes }: wire.Challenge) => {
    if (!isId(nodeId)) throw violated('a node without an id')
    checkNames(codec, clusterId)
    checkSecrets(nonce, proof)
    return { kind: 'challenge', version, codec, nodeId, clusterId, nonce, proof, frameCodes }
  },
  proof: ({ proof }: wire.Proof) => {
    checkSecrets(proof)
    return { kind: 'proof', proof }
  },
  place: ({ historyId, epochs, epoch, seq, snapshotId, snapshotBytes, resync }: wire.Place) => {
    checkNames(historyId, snapshotId)
    const last = { epoch, seq }
    return { kind: 'place', historyId, epochs: table(epochs), last, snapshotId, snapshotBytes, resync }
  },
  welcome: (message: wire.Welcome) => {
    const { historyId, fromSeq, snapshotReason, headEpoch, headSeq } = message
    const { windowBytes, heartbeatIntervalMs, sentAtMs, sent } = message
    checkNames(historyId, snapshotReason)
    return {
      kind: 'welcome',
      historyId,
      epochs: table(message.epochs),
      parent: parentOf(message.parent),
      ...{ fromSeq, snapshotReason, head: { epoch: headEpoch, seq: headSeq } },
      ...{ windowBytes, heartbeatIntervalMs, sentAtMs, sent },
    }
  },
  snapshotStart: ({ snapshotId, epoch, seq, fromByte }: wire.SnapshotStart) => {
    checkNames(snapshotId)
    return { kind: 'snapshot-start', snapshotId, position: { epoch, seq }, fromByte }
  },
  snapshotPiece: ({ atByte, bytes, sentAtMs, headSeq, last }: wire.SnapshotPiece) => ({
    kind: 'snapshot-piece',
    atByte,
    bytes,
    sentAtMs,
    headSeq,
    last,
  }),
  refusal: ({ code, reason, message }: wire.Refusal) => {
    checkNames(code, reason)
    return { kind: 'refusal', code, reason, message: oneLine(message.slice(0, TEXT_CHARACTERS_MAX)) }
  },
  part: ({ bytes, last }: wire.Part) => ({ kind: 'part', bytes, last }),
  packed: ({ rest, plainBytes, vectors }: wire.Packed) => ({ kind: 'packed', rest, plainBytes, vectors }),
}

function fromWire(message: Wire): WireMessage | undefined {
  for (const kind of KINDS) {
    const value = message[kind]
    if (value) return READERS[kind](value as never)
  }
  return undefined
}

/** The kinds that come often are asked for first. */
const KINDS = Object.keys(READERS) as Kind[]

function table(epochs: readonly wire.Epoch.$Properties[]): Epoch[] {
  if (epochs.length > EPOCH_ROWS_MAX) throw violated('its table of epochs is too long')
  return epochs.map(({ epoch, nodeId, firstSeq }) => {
    const row = { epoch: epoch ?? 0, nodeId: nodeId ?? '', firstSeq: firstSeq ?? 0 }
    checkNames(row.nodeId)
    return row
  })
}

function parentOf(parent: wire.Parent.$Properties | null | undefined): Welcome['parent'] {
  if (!parent) return undefined
  const { historyId, epoch, seq } = parent
  checkNames(historyId ?? '')
  return { historyId: historyId ?? '', epoch: epoch ?? 0, seq: seq ?? 0 }
}

function checkNames(...names: readonly string[]): void {
  if (names.some((name) => Buffer.byteLength(name) > NAME_BYTES_MAX)) throw violated('a name is too long')
  if (!names.every(isName)) throw violated('a name has control characters')
}

function checkSecrets(...secrets: readonly Uint8Array[]): void {
  if (secrets.some(({ byteLength }) => byteLength > NONCE_BYTES_MAX)) {
    throw violated('a nonce or a proof is too long')
  }
}
