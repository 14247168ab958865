import fc from 'fast-check'
import type { Message } from '../../../lib/replication/protocol/messages.js'

/** Messages with every value that the wire carries: whole numbers up to 2^53 − 1, any text of one line, any bytes. */

const number = fc.maxSafeNat()
/** Of one line: another would come out as one. */
const text = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .filter((said) => !/[\p{Cc}\u2028\u2029]/u.test(said))
const name = fc.oneof(text, fc.constantFrom('ä', '複製', '🛰', 'x'.repeat(256)))
const nodeId = fc.stringMatching(/^[A-Za-z0-9._-]{1,128}$/)
const instanceId = name.filter((id) => id !== '')
const bytes = fc.uint8Array({ maxLength: 200 })
const secret = fc.uint8Array({ maxLength: 64 })
const flag = fc.boolean()
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff })
const position = fc.record({ epoch: number, seq: number })
const epochs = fc.array(fc.record({ epoch: number, nodeId: name, firstSeq: number }), { maxLength: 6 })

export const WIRE_MESSAGES: { readonly [Kind in Message['kind']]: fc.Arbitrary<Message & { kind: Kind }> } = {
  hello: fc.record({
    ...{ kind: fc.constant('hello'), versions: fc.array(uint32, { maxLength: 64 }) },
    ...{ codecs: fc.array(name, { maxLength: 5 }), nodeId, clusterId: name, nonce: secret },
    ...{ keyId: name, role: name, instanceId, frameCodes: flag },
  }),
  challenge: fc.record({
    ...{ kind: fc.constant('challenge'), version: uint32, codec: name, nodeId, clusterId: name },
    ...{ nonce: secret, proof: secret, frameCodes: flag },
  }),
  proof: fc.record({ kind: fc.constant('proof'), proof: secret }),
  place: fc.record({
    ...{ kind: fc.constant('place'), historyId: name, epochs, last: position },
    ...{ snapshotId: name, snapshotBytes: number, resync: flag },
  }),
  welcome: fc.record({
    ...{ kind: fc.constant('welcome'), historyId: name, epochs },
    parent: fc.option(fc.record({ historyId: name, epoch: number, seq: number }), { nil: undefined }),
    ...{ fromSeq: number, snapshotReason: name, head: position, windowBytes: number },
    ...{ heartbeatIntervalMs: uint32, sentAtMs: number, sent: number },
  }),
  operations: fc.record({
    ...{ kind: fc.constant('operations'), firstSeq: number, lastSeq: number, headSeq: number },
    ...{ sentAtMs: number, durable: flag, received: flag, frames: bytes },
  }),
  ack: fc.record({
    ...{ kind: fc.constant('ack'), receivedSeq: number, durableSeq: number, appliedSeq: number },
    ...{ snapshotBytes: number, question: uint32 },
  }),
  heartbeat: fc.record({
    ...{ kind: fc.constant('heartbeat'), head: position, sentAtMs: number, unsentSinceMs: number },
    answer: uint32,
    sent: number,
  }),
  'snapshot-start': fc.record({
    ...{ kind: fc.constant('snapshot-start'), snapshotId: name, position, fromByte: number },
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
  refusal: fc.record({ kind: fc.constant('refusal'), code: name, reason: name, message: text }),
}

export const wireMessage: fc.Arbitrary<Message> = fc.oneof(...Object.values(WIRE_MESSAGES))
