import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Message } from '../../../lib/replication/protocol/messages.js'
import { stepReplica } from '../../../lib/replication/protocol/replica.js'
import {
  type ReplicaPhase,
  type ReplicaState,
  type ReplicaView,
  replicaStart,
} from '../../../lib/replication/protocol/replica-state.js'
import { keysOf } from './scenario-options.js'
import { FAILURE_CODES, message, position, table } from './message-arbitrary.js'

const PHASES: readonly ReplicaPhase[] = [
  ...(['idle', 'waiting', 'dialing', 'greeting', 'placed'] as const),
  ...(['streaming', 'snapshot', 'installing', 'closed'] as const),
]
const LINKED: readonly ReplicaPhase[] = ['greeting', 'placed', 'streaming', 'snapshot', 'installing']

/** What each phase has an answer to; everything else is out of turn. Heartbeats and refusals have no turn. */
const EXPECTED: { readonly [Phase in ReplicaPhase]?: readonly Message['kind'][] } = {
  greeting: ['challenge', 'refusal'],
  placed: ['welcome', 'operations', 'snapshot-piece', 'heartbeat', 'refusal'],
  streaming: ['operations', 'heartbeat', 'refusal'],
  snapshot: ['snapshot-start', 'snapshot-piece', 'heartbeat', 'refusal'],
  installing: ['heartbeat', 'refusal'],
}

const config = {
  ...{ nodeId: 'b', clusterId: 'one', instanceId: 'b1', versions: [1], masterId: undefined },
  ...{ frameCodes: false, codecs: ['deflate'] },
  ...{ dials: true, discardLocal: false, handshakeTimeoutMs: 10_000, heartbeatIntervalMs: 10_000 },
  ...{ silenceMs: 60_000, backoffMs: { first: 100, max: 30_000 }, haltedRetryMs: 30_000 },
}

const seq = fc.nat(20)
const state: fc.Arbitrary<ReplicaState> = fc
  .record({
    phase: fc.constantFrom(...PHASES),
    isPaused: fc.boolean(),
    lostLink: fc.boolean(),
    wantsSnapshot: fc.boolean(),
    hasAsked: fc.boolean(),
    receivedSeq: seq,
    snapshot: fc.option(
      fc.record({
        ...{ id: fc.constantFrom('s1', 'forged'), position, isReceived: fc.boolean() },
        ...{ receivedBytes: fc.nat(30), storedBytes: fc.nat(30), isComing: fc.boolean() },
      }),
      { nil: undefined },
    ),
    halted: fc.option(fc.record({ position, code: fc.constant('TIMEOUT'), message: fc.constant('') }), {
      nil: undefined,
    }),
  })
  .map((fields) => ({
    ...replicaStart(config, 0),
    ...fields,
    lostLink: fields.lostLink && fields.phase === 'installing',
  }))

const view: fc.Arbitrary<ReplicaView> = fc.record({
  ...{ nowMs: fc.nat(100_000), chance: fc.double({ min: 0, max: 0.999, noNaN: true }) },
  ...{ nonce: fc.constant(new Uint8Array(8)), historyId: fc.constantFrom('forged', 'other'), epochs: table },
  ...{ last: position, durableSeq: seq, appliedSeq: seq, hasData: fc.boolean() },
  channelBinding: fc.constant(new Uint8Array(0)),
  keys: fc.constantFrom(undefined, keysOf('k:alpha')),
})

test('a message in any phase is answered, passed over, or refused with a code', () => {
  fc.assert(
    fc.property(state, message, view, (before, said, seen) => {
      const { state: after, effects } = stepReplica(before, { kind: 'message', message: said }, seen)
      expect(PHASES).toContain(after.phase)
      const refusals = effects.flatMap((effect) =>
        effect.kind === 'send' && effect.message.kind === 'refusal' ? [effect.message] : [],
      )
      for (const { code, reason } of refusals) {
        expect(FAILURE_CODES).toContain(code)
        expect(reason).not.toBe('')
      }
      // What it says last is why, and then it leaves.
      if (refusals.length > 0) expect(effects.map(({ kind }) => kind)).toContain('unlink')
      const isLinked = LINKED.includes(before.phase) && !before.lostLink
      if (!isLinked) expect({ after, effects }).toEqual({ after: before, effects: [] })
      else if (!EXPECTED[before.phase]?.includes(said.kind)) expect(refusals).toHaveLength(1)
    }),
    { numRuns: 5_000 },
  )
})

test('whatever else happens in any phase, it stays in a phase that there is', () => {
  const event = fc.oneof(
    fc.record({
      kind: fc.constantFrom(
        ...(['start', 'dialed', 'dial-failed', 'linked', 'unlinked', 'progress'] as const),
        ...(['installed', 'pause', 'resume', 'resync', 'tick', 'close'] as const),
      ),
    }),
    fc.record({ kind: fc.constantFrom('damaged' as const, 'snapshot-failed' as const), reason: fc.string() }),
    fc.record({ kind: fc.constant('ask' as const), question: fc.nat(5) }),
    fc.record({ kind: fc.constant('piece-stored' as const), storedBytes: fc.nat(30) }),
    fc.record({
      kind: fc.constant('halted' as const),
      halt: fc.record({ position, code: fc.constant('TIMEOUT'), message: fc.string() }),
    }),
  )
  fc.assert(
    fc.property(state, event, view, (before, happened, seen) => {
      const { state: after, effects } = stepReplica(before, happened, seen)
      expect(PHASES).toContain(after.phase)
      if (before.phase === 'closed') expect(after).toBe(before)
      const isInstalling = before.phase === 'installing'
      const ends = ['installed', 'snapshot-failed', 'halted', 'close']
      // Nothing but its end ends an installation.
      if (isInstalling && !ends.includes(happened.kind)) expect(after.phase).toBe('installing')
      if (isInstalling && before.lostLink) expect(effects.filter(({ kind }) => kind === 'send')).toEqual([])
    }),
    { numRuns: 5_000 },
  )
})
