import { sendableAtMs, spend, withApplied } from './flow.js'
import { authorized, join, meet, prove, refusalOf, refuse, welcome } from './master-handshake.js'
import type { MasterEffect, MasterEvent, MasterPhase, MasterState, MasterView } from './master-state.js'
import { advance, beginSnapshot, gatheredAtMs, sendBatch, sendPiece } from './master-stream.js'
import { type Ack, CARRYING, type Message } from './messages.js'
import { NOTHING, type Step } from './step.js'

type MasterStep = Step<MasterState, MasterEffect>

/**
 * A master's side of one link: what it does about everything that can happen to the link. It reads no clock, no log and no
 * network; whoever runs it does what the effects say and reports back with events.
 *
 * One follower goes through probe, snapshot and replicate, as in etcd's raft ("design.md", Progress).
 */
export function stepMaster(state: MasterState, event: MasterEvent, view: MasterView): MasterStep {
  if (state.phase === 'closed') return { state, effects: NOTHING }
  const first = counted(react(state, event, view))
  if (first.state.phase === 'closed') return first
  // There was nothing to read: asked again at once, the log would say the same for ever.
  if (event.kind === 'batch' && !event.batch) return first
  const then = advance(first.state, view)
  if (then.effects.length === 0) return { state: then.state, effects: first.effects }
  return { state: then.state, effects: [...first.effects, ...then.effects] }
}

/** Counts what a heartbeat tells of from now on. One that goes out with these is in front of them. */
function counted({ state, effects }: MasterStep): MasterStep {
  let { carried } = state
  for (const effect of effects) {
    if ((effect.kind === 'send' || effect.kind === 'stream') && CARRYING.has(effect.message.kind))
      carried += 1
  }
  return carried === state.carried ? { state, effects } : { state: { ...state, carried }, effects }
}

/** When the machine wants to be asked again, if nothing happens until then. */
export function masterTickAtMs(state: MasterState, view: Pick<MasterView, 'isPaused' | 'head'>): number {
  const { config, phase } = state
  if (phase === 'closed') return Number.POSITIVE_INFINITY
  if (HANDSHAKE.has(phase)) return state.startedAtMs + config.handshakeTimeoutMs
  const heartbeat = Math.min(state.sentAtMs + config.heartbeatIntervalMs, state.heardAtMs + config.silenceMs)
  if (view.isPaused || state.isReading || state.isSending) return heartbeat
  const sendable = Math.max(sendableAtMs(state.rate), gatheredAtMs(state, view))
  return sendable > Number.NEGATIVE_INFINITY ? Math.min(heartbeat, sendable) : heartbeat
}

const HANDSHAKE: ReadonlySet<MasterPhase> = new Set(['hello', 'proof', 'authorizing', 'probe'])

function react(state: MasterState, event: MasterEvent, view: MasterView): MasterStep {
  switch (event.kind) {
    case 'message':
      return receive({ ...state, heardAtMs: view.nowMs }, event.message, view)
    case 'heard':
      return { state: { ...state, heardAtMs: view.nowMs }, effects: NOTHING }
    case 'authorized':
      return state.phase === 'authorizing'
        ? authorized(state, event.isAllowed, view)
        : { state, effects: NOTHING }
    case 'batch':
      return sendBatch(state, event.batch, view)
    case 'trimmed': {
      if (state.phase !== 'catching-up' && state.phase !== 'streaming') return notRead(state)
      const message =
        'The log was trimmed past what the replica still needs; it takes a snapshot when it comes again.'
      return refuse(state, { code: 'POSITION_LOST', reason: 'trimmed', message })
    }
    case 'snapshot':
      return state.phase === 'preparing' ? beginSnapshot(state, event) : { state, effects: NOTHING }
    case 'piece':
      return sendPiece(state, event, view)
    case 'snapshot-lost': {
      if (state.phase !== 'snapshot') return notRead(state)
      const message = 'The snapshot is not there any more; the replica gets another one when it comes again.'
      return refuse(state, { code: 'POSITION_LOST', reason: 'snapshot', message })
    }
    case 'sent':
      return {
        state: { ...state, isSending: false, rate: spend(state.rate, event.bytes, view.nowMs) },
        effects: NOTHING,
      }
    case 'tick':
      return tick(state, view)
    case 'unlinked':
      return { state: { ...state, phase: 'closed' }, effects: [{ kind: 'close', failure: undefined }] }
    case 'changed':
      return { state, effects: NOTHING }
  }
}

/** What was asked for could not be read, and is not needed any more. */
function notRead(state: MasterState): MasterStep {
  return { state: { ...state, isReading: false }, effects: NOTHING }
}

function receive(state: MasterState, message: Message, view: MasterView): MasterStep {
  const { phase } = state
  if (message.kind === 'ack' && JOINED.has(phase)) return acknowledge(state, message, view)
  if (message.kind === 'hello' && phase === 'hello') return meet(state, message, view)
  if (message.kind === 'proof' && phase === 'proof') return prove(state, message, view)
  // It is said together with the proof: the replica does not wait for the host here.
  if (message.kind === 'place' && phase === 'authorizing' && !state.place)
    return { state: { ...state, place: message }, effects: NOTHING }
  if (message.kind === 'place' && phase === 'probe') return join(state, message, view)
  // After a snapshot the replica is somewhere else; it may also ask for one.
  if (message.kind === 'place' && JOINED.has(phase)) return welcome(state, message, view)
  if (message.kind === 'refusal') {
    const { code, reason, message: text } = message
    const known = KNOWN_CODES.find((candidate) => candidate === code) ?? 'PEER_REFUSED'
    const failure = { code: known, reason, message: text }
    return { state: { ...state, phase: 'closed' }, effects: [{ kind: 'close', failure }] }
  }
  if (message.kind === 'challenge') return refuse(state, refusalOf('role', message.nodeId))
  return outOfTurn(state, message)
}

const JOINED: ReadonlySet<MasterPhase> = new Set(['preparing', 'snapshot', 'catching-up', 'streaming'])
const KNOWN_CODES = [
  'PEER_REFUSED',
  'PROTOCOL_VIOLATED',
  'STALE_EPOCH',
  'HISTORY_MISMATCH',
  'TIMEOUT',
  'POSITION_LOST',
] as const

function outOfTurn(state: MasterState, { kind }: Message): MasterStep {
  const reason = `a ${kind} is not expected in the phase ${state.phase}`
  return refuse(state, {
    code: 'PROTOCOL_VIOLATED',
    reason,
    message: `The replica spoke out of turn: ${reason}.`,
  })
}

/** Positions only grow, and nobody has what was not sent. */
function acknowledge(state: MasterState, ack: Ack, view: MasterView): MasterStep {
  const { acked, sentSeq, snapshot } = state
  const highest = Math.max(ack.receivedSeq, ack.durableSeq, ack.appliedSeq)
  const sentBytes = snapshot?.nextByte ?? 0
  if (highest > Math.max(sentSeq, acked.receivedSeq))
    return disbelieve(state, `it acknowledges operation ${highest}, and ${sentSeq} was the last sent`)
  if (ack.snapshotBytes > sentBytes)
    return disbelieve(
      state,
      `it acknowledges ${ack.snapshotBytes} bytes of a snapshot, and ${sentBytes} were sent`,
    )
  const grown: Ack = {
    kind: 'ack',
    receivedSeq: Math.max(acked.receivedSeq, ack.receivedSeq),
    durableSeq: Math.max(acked.durableSeq, ack.durableSeq),
    appliedSeq: Math.max(acked.appliedSeq, ack.appliedSeq),
    snapshotBytes: Math.max(acked.snapshotBytes, ack.snapshotBytes),
    question: ack.question,
  }
  const inFlight = withApplied(state.inFlight, grown.appliedSeq)
  const acknowledged: MasterEffect = { kind: 'acked', ack: grown }
  const next = { ...state, acked: grown, inFlight, isAgreed: true }
  const effects: MasterEffect[] = [acknowledged]
  if (state.phase === 'preparing' && !state.isAgreed)
    effects.push({ kind: 'prepare-snapshot', resumeId: state.resumable.id })
  if (ack.question === 0) return { state: next, effects }
  const answered = beat({ ...next, askedSeq: view.head.seq }, view, ack.question)
  return { state: answered.state, effects: [...effects, ...answered.effects] }
}

function disbelieve(state: MasterState, reason: string): MasterStep {
  const message = `The replica cannot be believed: ${reason}.`
  return refuse(state, { code: 'PROTOCOL_VIOLATED', reason, message })
}

function tick(state: MasterState, view: MasterView): MasterStep {
  const { config, phase } = state
  if (HANDSHAKE.has(phase)) {
    if (view.nowMs < state.startedAtMs + config.handshakeTimeoutMs) return { state, effects: NOTHING }
    const message = `The replica did not finish the handshake within ${config.handshakeTimeoutMs} ms.`
    return refuse(state, { code: 'TIMEOUT', reason: 'handshake', message })
  }
  if (view.nowMs >= state.heardAtMs + config.silenceMs) {
    const message = `Nothing was heard of the replica for ${config.silenceMs} ms.`
    return refuse(state, { code: 'TIMEOUT', reason: 'silence', message })
  }
  if (view.nowMs < state.sentAtMs + config.heartbeatIntervalMs) return { state, effects: NOTHING }
  return beat(state, view, 0)
}

/** Says where the log's head is. @param answer - the number of the question that was asked, or 0 */
function beat(state: MasterState, view: MasterView, answer: number): MasterStep {
  const { head, wallMs } = view
  const unsentSinceMs = view.committedAfterMs(state.sentSeq)
  return {
    state: { ...state, sentAtMs: view.nowMs },
    effects: [
      {
        kind: 'send',
        message: { kind: 'heartbeat', head, sentAtMs: wallMs, unsentSinceMs, answer, sent: state.carried },
      },
    ],
  }
}
