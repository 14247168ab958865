import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NONE_IN_FLIGHT, rateOf, withSent } from '../../../lib/replication/protocol/flow.js'
import { masterTickAtMs, stepMaster } from '../../../lib/replication/protocol/master.js'
import {
  type MasterPhase,
  type MasterState,
  type MasterView,
  masterStart,
} from '../../../lib/replication/protocol/master-state.js'
import type { Message } from '../../../lib/replication/protocol/messages.js'
import { FAILURE_CODES, message, position, table } from './message-arbitrary.js'
import { keysOf } from './scenario-options.js'
import { SAMPLES } from './scenario-nodes.js'

const PHASES: readonly MasterPhase[] = [
  ...(['hello', 'proof', 'authorizing', 'probe', 'preparing'] as const),
  ...(['snapshot', 'catching-up', 'streaming', 'closed'] as const),
]

/** What each phase has an answer to; everything else is out of turn. A refusal ends the link at any time. */
const EXPECTED: { readonly [Phase in MasterPhase]?: readonly Message['kind'][] } = {
  hello: ['hello', 'refusal'],
  proof: ['proof', 'refusal'],
  authorizing: ['place', 'refusal'],
  probe: ['place', 'refusal'],
  preparing: ['ack', 'place', 'refusal'],
  snapshot: ['ack', 'place', 'refusal'],
  'catching-up': ['ack', 'place', 'refusal'],
  streaming: ['ack', 'place', 'refusal'],
}

const config = {
  ...{ nodeId: 'a', clusterId: 'one', versions: [1], authenticatedId: undefined, nonce: new Uint8Array(8) },
  ...{ channelBinding: new Uint8Array(0), frameCodes: false, codecs: ['deflate'] },
  ...{ handshakeTimeoutMs: 10_000, heartbeatIntervalMs: 10_000, silenceMs: 60_000 },
  ...{ windowBytes: 4_000, batchBytes: 1_000, batchOperations: 8, gatherMs: 5 },
}

const state: fc.Arbitrary<MasterState> = fc
  .record({
    phase: fc.constantFrom(...PHASES),
    peer: fc.constantFrom(SAMPLES.hello, undefined),
    isReading: fc.boolean(),
    isSending: fc.boolean(),
    sentSeq: fc.nat(20),
    batchAtMs: fc.nat(9_000),
    askedSeq: fc.oneof(fc.constant(0), fc.nat(20)),
    isAgreed: fc.boolean(),
    rate: fc.constantFrom(undefined, rateOf(1_000, 0)),
    snapshot: fc.option(
      fc.record({ id: fc.constant('forged'), position, nextByte: fc.nat(30), isSent: fc.boolean() }),
      { nil: undefined },
    ),
  })
  .map((fields) => ({ ...masterStart(config, 0, undefined), ...fields }))

const view: fc.Arbitrary<MasterView> = fc
  .record({
    ...{
      nowMs: fc.oneof(fc.nat(9_999), fc.nat(100_000)),
      wallMs: fc.nat(100_000),
      historyId: fc.constantFrom('forged', 'other'),
    },
    ...{ epochs: table, parent: fc.constant(undefined), oldestSeq: fc.nat(20), head: position },
    ...{
      wanted: fc.oneof(
        fc.constant({ receivedSeq: 0, durableSeq: 0, appliedSeq: 0 }),
        fc.record({ receivedSeq: fc.nat(20), durableSeq: fc.nat(20), appliedSeq: fc.nat(20) }),
      ),
      isPaused: fc.boolean(),
      compressedBatchBytes: fc.constantFrom(0, 0, 3_000),
      isLockedOut: fc.boolean(),
      keys: fc.constantFrom(undefined, keysOf('k:alpha')),
    },
    there: fc.option(fc.record({ instanceId: fc.constantFrom('x', 'forger1'), heardAtMs: fc.nat(100_000) }), {
      nil: undefined,
    }),
  })
  .map(({ there, ...rest }) => ({ ...rest, linked: () => there, committedAfterMs: () => 0 }))

test('a message in any phase is answered, or refused with a code', () => {
  fc.assert(
    fc.property(state, message, view, (before, said, seen) => {
      const { state: after, effects } = stepMaster(before, { kind: 'message', message: said }, seen)
      expect(PHASES).toContain(after.phase)
      if (before.phase === 'closed') {
        expect({ after, effects }).toEqual({ after: before, effects: [] })
        return
      }
      const refusals = effects.flatMap((effect) =>
        effect.kind === 'send' && effect.message.kind === 'refusal' ? [effect.message] : [],
      )
      for (const { code, reason } of refusals) {
        expect(FAILURE_CODES).toContain(code)
        expect(reason).not.toBe('')
      }
      expect(after.phase === 'closed').toBe(effects.some(({ kind }) => kind === 'close'))
      if (refusals.length > 0) expect(effects.at(-1)?.kind).toBe('close')
      if (!EXPECTED[before.phase]?.includes(said.kind)) expect(refusals).toHaveLength(1)
    }),
    { numRuns: 5_000 },
  )
})

test('whatever else happens in any phase, it streams one thing at a time and asks for a tick in the future', () => {
  const event = fc.oneof(
    fc.record({
      kind: fc.constantFrom('changed', 'trimmed', 'snapshot-lost', 'tick', 'unlinked' as const),
    }),
    fc.record({ kind: fc.constant('sent' as const), bytes: fc.nat(1_000) }),
    fc.record({ kind: fc.constant('authorized' as const), isAllowed: fc.boolean() }),
    fc.record({
      kind: fc.constant('batch' as const),
      batch: fc.option(
        fc.record({ firstSeq: fc.nat(20), lastSeq: fc.nat(20), frames: fc.uint8Array({ maxLength: 50 }) }),
        { nil: undefined },
      ),
    }),
    fc.record({ kind: fc.constant('snapshot' as const), id: fc.constant('s1'), position, bytes: fc.nat(30) }),
    fc.record({
      kind: fc.constant('piece' as const),
      atByte: fc.nat(30),
      bytes: fc.uint8Array({ maxLength: 30 }),
      isLast: fc.boolean(),
    }),
  )
  fc.assert(
    fc.property(state, event, view, (before, happened, seen) => {
      const { state: after, effects } = stepMaster(before, happened, seen)
      expect(PHASES).toContain(after.phase)
      const begun = effects.filter(({ kind }) => kind === 'read' || kind === 'read-snapshot')
      expect(begun.length).toBeLessThanOrEqual(1)
      if (begun.length === 1) expect({ ...after, isReading: undefined }).toMatchObject({ isSending: false })
      if (seen.isPaused) expect(effects.filter(({ kind }) => kind === 'stream')).toEqual([])
      if (happened.kind !== 'tick') return
      const again = stepMaster(after, { kind: 'tick' }, seen)
      const isIdle = again.effects.length === 0 && after.phase !== 'closed'
      if (isIdle && effects.length === 0) {
        expect(masterTickAtMs(after, seen)).toBeGreaterThan(seen.nowMs - 1e-6)
      }
    }),
    { numRuns: 5_000 },
  )
})

test('what is gathered is sent when its time is over, and the machine asks for a tick until then', () => {
  fc.assert(
    fc.property(
      fc.nat(9_000),
      fc.nat(20),
      fc.integer({ min: 1, max: 7 }),
      view,
      (nowMs, passedMs, waiting, seen) => {
        const sentSeq = 5
        const batchAtMs = nowMs - passedMs
        const before = {
          ...masterStart(config, 0, undefined),
          phase: 'streaming',
          sentSeq,
          batchAtMs,
        } as const
        const wanted = { receivedSeq: 0, durableSeq: 0, appliedSeq: 0 }
        const now = { ...seen, nowMs, isPaused: false, wanted, head: { epoch: 1, seq: sentSeq + waiting } }
        const { state: after, effects } = stepMaster(before, { kind: 'tick' }, now)
        const isDue = passedMs >= config.gatherMs
        expect(effects.map(({ kind }) => kind)).toEqual(isDue ? ['read'] : [])
        if (!isDue) expect(masterTickAtMs(after, now)).toBe(batchAtMs + config.gatherMs)
      },
    ),
  )
})

test('a window that is nearly full waits for room for a batch, or for all that there is to send', () => {
  const operationBytes = 100
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5_000 }),
      fc.integer({ min: 8, max: 500 }),
      fc.constantFrom(4_000, 1_200, 300, 1),
      view,
      (flying, waiting, windowBytes, seen) => {
        const before = {
          ...masterStart({ ...config, windowBytes }, 0, undefined),
          ...({ phase: 'streaming', sentSeq: 5, operationBytes } as const),
          inFlight: flying === 0 ? NONE_IN_FLIGHT : withSent(NONE_IN_FLIGHT, 5, flying),
        }
        const wanted = { receivedSeq: 0, durableSeq: 0, appliedSeq: 0 }
        const now = { ...seen, nowMs: 0, isPaused: false, wanted, head: { epoch: 1, seq: 5 + waiting } }
        const { effects } = stepMaster(before, { kind: 'tick' }, now)
        const read = effects.find((effect) => effect.kind === 'read')
        const room = windowBytes - flying
        // A batch, half of a small window, or less where less is waiting.
        const half = Math.max(1, Math.floor(windowBytes / 2))
        const batchBytes = Math.min(half, Math.max(1_000, seen.compressedBatchBytes))
        const worthwhile = Math.min(batchBytes, waiting * operationBytes)
        expect(read !== undefined).toBe(room > 0 && room >= worthwhile)
        if (read)
          expect(read).toMatchObject({
            ...{ bytes: Math.min(batchBytes, room), operations: Math.max(8, (8 * batchBytes) / 1_000) },
          })
        // Otherwise an acknowledgement comes that makes room.
        else expect(flying).toBeGreaterThan(0)
      },
    ),
    { numRuns: 1_000 },
  )
})

test('two batches are on their way before the first is acknowledged, whatever the window', () => {
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 9_000 }), view, (windowBytes, seen) => {
      const bytesOf = (flying: number): number => {
        const before = {
          ...masterStart({ ...config, windowBytes }, 0, undefined),
          ...({ phase: 'streaming', sentSeq: 5, operationBytes: 100 } as const),
          inFlight: flying === 0 ? NONE_IN_FLIGHT : withSent(NONE_IN_FLIGHT, 5, flying),
        }
        const wanted = { receivedSeq: 0, durableSeq: 0, appliedSeq: 0 }
        const now = { ...seen, nowMs: 0, isPaused: false, wanted, head: { epoch: 1, seq: 1_000 } }
        const read = stepMaster(before, { kind: 'tick' }, now).effects.find(({ kind }) => kind === 'read')
        return read?.kind === 'read' ? read.bytes : 0
      }
      const first = bytesOf(0)
      expect(first).toBeGreaterThan(0)
      expect(bytesOf(first)).toBe(first)
    }),
  )
})
