import fc from 'fast-check'
import type { Epoch, Message } from '../../../lib/replication/protocol/messages.js'

/** Messages with small numbers and few names, so that they often fit what a machine is doing. */

export const FAILURE_CODES = [
  ...['PEER_REFUSED', 'PROTOCOL_VIOLATED', 'STALE_EPOCH', 'HISTORY_MISMATCH', 'TIMEOUT', 'POSITION_LOST'],
]

const number = fc.nat(20)
const flag = fc.boolean()
const name = fc.constantFrom('a', 'b', 'c', '')
const historyId = fc.constantFrom('forged', 'other')
const bytes = fc.uint8Array({ maxLength: 20 })
export const position = fc.record({ epoch: number, seq: number })

/** Also tables that no node has. */
export const table: fc.Arbitrary<Epoch[]> = fc.array(
  fc.record({
    epoch: fc.integer({ min: 1, max: 9 }),
    nodeId: name,
    firstSeq: fc.integer({ min: 1, max: 20 }),
  }),
  { maxLength: 3 },
)

const KINDS: { readonly [Kind in Message['kind']]: fc.Arbitrary<Message & { readonly kind: Kind }> } = {
  hello: fc.record({
    kind: fc.constant('hello'),
    versions: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
    codecs: fc.constant([]),
    nodeId: name,
    clusterId: fc.constantFrom('one', 'two'),
    nonce: bytes,
    keyId: fc.constantFrom('', 'k'),
    frameCodes: fc.boolean(),
    role: fc.constantFrom('replica', 'master', ''),
    instanceId: fc.constantFrom('x', 'y'),
  }),
  challenge: fc.record({
    kind: fc.constant('challenge'),
    version: fc.integer({ min: 0, max: 3 }),
    codec: fc.constant(''),
    nodeId: name,
    clusterId: fc.constantFrom('one', 'two'),
    nonce: bytes,
    proof: bytes,
    frameCodes: fc.boolean(),
  }),
  proof: fc.record({ kind: fc.constant('proof'), proof: bytes }),
  place: fc.record({
    ...{ kind: fc.constant('place'), historyId, epochs: table, last: position },
    ...{ snapshotId: fc.constantFrom('', 's1'), snapshotBytes: number, resync: flag },
  }),
  welcome: fc.record({
    ...{ kind: fc.constant('welcome'), historyId, epochs: table, parent: fc.constant(undefined) },
    ...{ fromSeq: number, snapshotReason: fc.constantFrom('', 'fresh', 'history'), head: position },
    ...{ windowBytes: number, heartbeatIntervalMs: fc.nat(20_000), sentAtMs: number },
    sent: fc.nat(3),
  }),
  operations: fc.record({
    ...{ kind: fc.constant('operations'), firstSeq: number, lastSeq: number, headSeq: number },
    ...{ sentAtMs: number, durable: flag, received: flag, frames: bytes },
  }),
  ack: fc.record({
    ...{ kind: fc.constant('ack'), receivedSeq: number, durableSeq: number, appliedSeq: number },
    ...{ snapshotBytes: number, question: fc.nat(3) },
  }),
  heartbeat: fc.record({
    ...{ kind: fc.constant('heartbeat'), head: position, sentAtMs: number, unsentSinceMs: number },
    answer: fc.nat(3),
    sent: fc.nat(3),
  }),
  'snapshot-start': fc.record({
    ...{ kind: fc.constant('snapshot-start'), snapshotId: fc.constantFrom('', 's1'), position },
    fromByte: number,
  }),
  'snapshot-piece': fc.record({
    ...{
      kind: fc.constant('snapshot-piece'),
      atByte: number,
      bytes,
      sentAtMs: number,
      headSeq: number,
      last: flag,
    },
  }),
  refusal: fc.record({
    ...{ kind: fc.constant('refusal'), code: fc.constantFrom(...FAILURE_CODES, 'NEW_CODE', '') },
    ...{ reason: fc.constantFrom('', 'duplicate'), message: fc.string() },
  }),
}

export const message: fc.Arbitrary<Message> = fc.oneof(...Object.values(KINDS))
