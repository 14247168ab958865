import { highestEpoch, isCredible, isEpochTable } from '../../log/epoch-table.js'
import {
  type Ack,
  CARRYING,
  type Epoch,
  type Message,
  type Operations,
  type SnapshotPiece,
  type SnapshotStart,
  type Welcome,
} from './messages.js'
import { answer } from './replica-handshake.js'
import { afterLink, begin, giveUp, greet, halt, LINKED, obey, place } from './replica-link.js'
import type { ReplicaEffect, ReplicaEvent, ReplicaState, ReplicaView } from './replica-state.js'
import { type Failure, NOTHING, type Step } from './step.js'

type ReplicaStep = Step<ReplicaState, ReplicaEffect>

/**
 * A replica: what it does about everything that can happen to it and to its link. It reads no clock, no log and no network;
 * whoever runs it does what the effects say, in their order, and reports back with events.
 */
export function stepReplica(state: ReplicaState, event: ReplicaEvent, view: ReplicaView): ReplicaStep {
  if (event.kind === 'dialed' || event.kind === 'linked') return link(state, event, view)
  if (state.phase === 'closed') return { state, effects: NOTHING }
  switch (event.kind) {
    case 'dial-failed':
      return state.phase === 'dialing' ? afterLink(state, view) : { state, effects: NOTHING }
    case 'unlinked':
      return lose(state, view)
    case 'message':
      return LINKED.has(state.phase) && !state.lostLink
        ? receive({ ...state, heardAtMs: view.nowMs }, event.message, view)
        : { state, effects: NOTHING }
    case 'heard':
      return { state: { ...state, heardAtMs: view.nowMs }, effects: NOTHING }
    case 'progress':
      return acknowledge(recovered(state, view), view, false)
    case 'ask':
      return acknowledge({ ...state, question: event.question }, view, true, event.question)
    case 'damaged':
      if (state.phase !== 'streaming') return { state, effects: NOTHING }
      return giveUp(state, violation(event.reason), view)
    case 'halted': {
      if (!JOINED.has(state.phase)) return { state, effects: NOTHING }
      const failure = { code: 'PROTOCOL_VIOLATED', reason: 'halted', message: event.halt.message } as const
      if (state.phase === 'streaming') return halt(state, event.halt, failure, view)
      const ended = { ...state, snapshot: undefined, phase: 'idle' } as const
      const halted = halt(ended, event.halt, failure, view)
      // Over a link that is gone nothing can be said.
      const told = halted.effects.filter(({ kind }) => !state.lostLink || kind === 'halt')
      return { state: halted.state, effects: [...told, { kind: 'discard-snapshot' }] }
    }
    case 'piece-stored':
    case 'installed':
    case 'snapshot-failed':
      return progressSnapshot(state, event, view)
    case 'tick':
      return tick(state, view)
    default:
      return obey(state, event, view)
  }
}

/** A link that breaks by itself was a success if it brought some of a snapshot: the next one goes on from there. */
function lose(state: ReplicaState, view: ReplicaView): ReplicaStep {
  const { phase, snapshot } = state
  if (!LINKED.has(phase)) return { state, effects: NOTHING }
  const isFurther = phase === 'snapshot' && snapshot?.isComing === true && snapshot.storedBytes > 0
  return afterLink(isFurther ? { ...state, attempts: 0 } : state, view)
}

/** What could not be applied was applied after all. */
function recovered(state: ReplicaState, view: ReplicaView): ReplicaState {
  const { halted } = state
  return halted && view.appliedSeq > halted.position.seq ? { ...state, halted: undefined } : state
}

/** When the machine wants to be asked again, if nothing happens until then. */
export function replicaTickAtMs(state: ReplicaState): number {
  const { phase, deadlineMs } = state
  if (!JOINED.has(phase)) return deadlineMs
  if (state.lostLink) return Number.POSITIVE_INFINITY
  return Math.min(state.heardAtMs + state.config.silenceMs, state.sentAtMs + state.heartbeatIntervalMs)
}

const JOINED: ReadonlySet<ReplicaState['phase']> = new Set(['streaming', 'snapshot', 'installing'])

function link(state: ReplicaState, { kind }: ReplicaEvent, view: ReplicaView): ReplicaStep {
  const { phase, isPaused } = state
  const effects: ReplicaEffect[] = [{ kind: 'unlink', failure: undefined }]
  // Too early; whatever link there was before was given up for this one.
  if (phase === 'installing') return { state: { ...state, lostLink: true }, effects }
  // Too late: nobody waits for it any more.
  const isUnwanted = phase === 'closed' || isPaused || (kind === 'dialed' && phase !== 'dialing')
  if (isUnwanted) return { state, effects }
  return greet(state, view)
}

function receive(before: ReplicaState, message: Message, view: ReplicaView): ReplicaStep {
  const { phase } = before
  const state = carries(message, before) ? { ...before, carried: before.carried + 1 } : before
  if (message.kind === 'operations' && phase === 'streaming') return append(state, message, view)
  if (message.kind === 'heartbeat' && phase !== 'greeting') {
    // What is being put in place is put in place first.
    if (message.sent !== state.carried && phase !== 'installing')
      return giveUp(state, miscounted(message.sent, state.carried), view)
    const attempts = phase === 'streaming' ? 0 : state.attempts
    return {
      state: { ...state, attempts, masterHead: message.head },
      effects: [{ kind: 'heartbeat', message }],
    }
  }
  if (message.kind === 'challenge' && phase === 'greeting') return answer(state, message, view)
  if (message.kind === 'welcome' && phase === 'placed') {
    // What is to follow a welcome and comes before it would be taken for older than the place, and be missed by nobody.
    if (message.sent !== before.carried) return giveUp(state, miscounted(message.sent, before.carried), view)
    return accept(state, message, view)
  }
  if (message.kind === 'snapshot-start' && phase === 'snapshot') return startSnapshot(state, message, view)
  if (message.kind === 'snapshot-piece' && phase === 'snapshot') return storePiece(state, message, view)
  // What the master had sent before it heard that the replica is somewhere else.
  if ((message.kind === 'operations' || message.kind === 'snapshot-piece') && phase === 'placed')
    return { state, effects: NOTHING }
  if (message.kind === 'refusal') return refused(state, message, view)
  if (message.kind === 'hello') {
    const text = 'Both nodes are replicas; a replica follows a master.'
    return giveUp(state, { code: 'PEER_REFUSED', reason: 'role', message: text }, view)
  }
  return giveUp(state, violation(`a ${message.kind} is not expected in the phase ${phase}`), view)
}

/** What comes twice is not counted twice: it would make up for a message that is lost before the next heartbeat. */
function carries(message: Message, { phase, receivedSeq }: ReplicaState): boolean {
  const isHad = message.kind === 'operations' && phase === 'streaming' && message.lastSeq <= receivedSeq
  return CARRYING.has(message.kind) && !isHad
}

function violation(reason: string): Failure {
  return { code: 'PROTOCOL_VIOLATED', reason, message: `What came over the link cannot be used: ${reason}.` }
}

function miscounted(sent: number, came: number): Failure {
  return violation(`${sent} messages were sent and ${came} came`)
}

/** The master gives the link up; a replica tries again, whatever it said: its host may mend it. */
function refused(
  state: ReplicaState,
  refusal: Message & { kind: 'refusal' },
  view: ReplicaView,
): ReplicaStep {
  // Who has proved nothing yet has no say in what this replica does with its data.
  const hasProved = state.phase !== 'greeting'
  const isResync = hasProved && refusal.code === 'POSITION_LOST' && refusal.reason === 'resync'
  // The master's host wants the replica to have a snapshot, and a link that goes on from where it is would be none.
  const after = afterLink(isResync ? { ...state, wantsSnapshot: true } : state, view)
  const code = FAILURES.find((known) => known === refusal.code) ?? 'PEER_REFUSED'
  const failure = { code, reason: refusal.reason, message: refusal.message }
  return { state: after.state, effects: [{ kind: 'unlink', failure }, ...after.effects] }
}

const FAILURES = [
  'PEER_REFUSED',
  'PROTOCOL_VIOLATED',
  'STALE_EPOCH',
  'HISTORY_MISMATCH',
  'TIMEOUT',
  'POSITION_LOST',
] as const

function accept(state: ReplicaState, welcome: Welcome, view: ReplicaView): ReplicaStep {
  const { historyId, epochs, fromSeq, snapshotReason, head, heartbeatIntervalMs } = welcome
  const isOther = historyId !== view.historyId
  if (!isEpochTable(epochs)) return giveUp(state, violation('its epochs are in no order'), view)
  if (!isOther && !isCredible(epochs, view.epochs))
    return giveUp(state, violation('its epochs are too far ahead'), view)
  if (isOther && view.hasData && !state.config.discardLocal) {
    const message = `This store has data of the history ${view.historyId}, the master's is ${historyId}. Open it with discardLocal: true to take the master's, or use an empty directory.`
    const failure = { code: 'HISTORY_MISMATCH', reason: 'history', message } as const
    return halt(state, { position: view.last, code: failure.code, message }, failure, view)
  }
  if (!isOther && highestEpoch(epochs) < highestEpoch(view.epochs)) {
    const message = `This replica has seen epoch ${highestEpoch(view.epochs)}; the master is at ${highestEpoch(epochs)}.`
    return giveUp(state, { code: 'STALE_EPOCH', reason: 'epoch', message }, view)
  }
  // Also when a slow store has put more into the log since the place was told: nobody has compared that with this master's.
  if (fromSeq > 0 && (isOther || fromSeq !== view.last.seq + 1))
    return giveUp(state, violation(`operations are to follow from ${fromSeq}`), view)
  if (fromSeq > 0 && state.wantsSnapshot) {
    // The host came with it after the place was told.
    if (!state.hasAsked) return place(state, view)
    return giveUp(state, violation('operations are to follow where a snapshot was asked for'), view)
  }
  const joined: ReplicaState = {
    ...state,
    phase: fromSeq > 0 ? 'streaming' : 'snapshot',
    masterHead: head,
    welcome,
    halted: state.halted?.code === 'HISTORY_MISMATCH' ? undefined : state.halted,
    deadlineMs: Number.POSITIVE_INFINITY,
    receivedSeq: view.last.seq,
    heartbeatIntervalMs: Math.min(
      state.config.heartbeatIntervalMs,
      heartbeatIntervalMs || Number.POSITIVE_INFINITY,
    ),
  }
  const effects: ReplicaEffect[] = [{ kind: 'joined', snapshotReason }]
  // What was asked before there was anybody to ask.
  const { question } = state
  if (fromSeq === 0) {
    // The master makes one once it hears that it is wanted.
    const agreed = acknowledge(joined, view, true, question)
    return { state: agreed.state, effects: [...effects, ...agreed.effects] }
  }
  if (!isSameTable(epochs, view.epochs)) effects.push({ kind: 'adopt', epochs })
  if (state.snapshot) effects.push({ kind: 'discard-snapshot' })
  const acknowledged = acknowledge({ ...joined, snapshot: undefined }, view, true, question)
  // To have joined is no success while something is to come: that may be of no use, and would come again at once.
  const attempts = head.seq <= view.appliedSeq ? 0 : state.attempts
  return {
    state: { ...acknowledged.state, attempts },
    effects: [...effects, ...acknowledged.effects],
  }
}

function isSameTable(a: readonly Epoch[], b: readonly Epoch[]): boolean {
  if (a.length !== b.length) return false
  return a.every((row, at) => {
    const other = b[at]
    return row.epoch === other?.epoch && row.nodeId === other.nodeId && row.firstSeq === other.firstSeq
  })
}

/** Commits come in order, whole; what was here before a cut may come again. */
function append(state: ReplicaState, operations: Operations, view: ReplicaView): ReplicaStep {
  const { firstSeq, lastSeq, headSeq } = operations
  const { receivedSeq, masterHead } = state
  if (firstSeq > receivedSeq + 1 || lastSeq < firstSeq)
    return giveUp(state, violation(`operation ${receivedSeq + 1} was expected and ${firstSeq} came`), view)
  const heard = { ...state, masterHead: { epoch: masterHead.epoch, seq: Math.max(masterHead.seq, headSeq) } }
  if (lastSeq <= receivedSeq) return acknowledge(heard, view, true)
  const received = { ...heard, receivedSeq: lastSeq }
  const effects: ReplicaEffect[] = [{ kind: 'append', operations, afterSeq: receivedSeq }]
  if (!operations.received) return { state: received, effects }
  const acknowledged = acknowledge(received, view, true)
  return { state: acknowledged.state, effects: [...effects, ...acknowledged.effects] }
}

/** @param always - also when nothing is new: it is a heartbeat then */
function acknowledge(state: ReplicaState, view: ReplicaView, always: boolean, question = 0): ReplicaStep {
  if (!JOINED.has(state.phase) || state.lostLink) return { state, effects: NOTHING }
  const isStreaming = state.phase === 'streaming'
  const acked = {
    receivedSeq: isStreaming ? state.receivedSeq : 0,
    durableSeq: isStreaming ? Math.min(view.durableSeq, state.receivedSeq) : 0,
    appliedSeq: isStreaming ? Math.min(view.appliedSeq, state.receivedSeq) : 0,
  }
  const isNew = acked.durableSeq > state.acked.durableSeq || acked.appliedSeq > state.acked.appliedSeq
  if (!isNew && !always) return { state, effects: NOTHING }
  const ack: Ack = {
    kind: 'ack',
    ...acked,
    snapshotBytes: state.snapshot?.isComing ? state.snapshot.storedBytes : 0,
    question,
  }
  return {
    state: {
      ...state,
      acked,
      sentAtMs: view.nowMs,
      attempts: acked.appliedSeq > state.acked.appliedSeq ? 0 : state.attempts,
    },
    effects: [{ kind: 'send', message: ack }],
  }
}

function startSnapshot(state: ReplicaState, start: SnapshotStart, view: ReplicaView): ReplicaStep {
  const { snapshotId: id, position, fromByte } = start
  const { welcome } = state
  // A link that brings it twice and then loses a piece would have brought as many messages as were sent.
  if (state.snapshot?.isComing) return giveUp(state, violation('a snapshot begins twice'), view)
  const has = state.snapshot?.id === id ? state.snapshot.storedBytes : 0
  if (!welcome || (fromByte !== 0 && fromByte !== has))
    return giveUp(state, violation('a snapshot begins where nothing ends'), view)
  const bytes = { receivedBytes: fromByte, storedBytes: fromByte, isReceived: false }
  return {
    state: { ...state, snapshot: { id, position, ...bytes, isComing: true } },
    effects: [{ kind: 'begin-snapshot', start, welcome }],
  }
}

function storePiece(state: ReplicaState, piece: SnapshotPiece, view: ReplicaView): ReplicaStep {
  const { snapshot } = state
  if (!snapshot?.isComing || snapshot.isReceived || piece.atByte !== snapshot.receivedBytes)
    return giveUp(state, violation('a piece of the snapshot is missing'), view)
  if (piece.bytes.byteLength === 0 && !piece.last)
    return giveUp(state, violation('a piece of the snapshot is empty and not the last'), view)
  const receivedBytes = piece.atByte + piece.bytes.byteLength
  return {
    state: { ...state, snapshot: { ...snapshot, receivedBytes, isReceived: piece.last } },
    effects: [{ kind: 'store-piece', piece }],
  }
}

function install(state: ReplicaState, before: readonly ReplicaEffect[]): ReplicaStep {
  return {
    state: { ...state, phase: 'installing', lostLink: false, deadlineMs: Number.POSITIVE_INFINITY },
    effects: [...before, { kind: 'install' }],
  }
}

function progressSnapshot(
  state: ReplicaState,
  event: ReplicaEvent & { kind: 'piece-stored' | 'installed' | 'snapshot-failed' },
  view: ReplicaView,
): ReplicaStep {
  const { snapshot, phase } = state
  if (event.kind === 'piece-stored') {
    // The master was told how much there is; what a slow store adds after that comes again.
    if (!snapshot?.isComing || event.storedBytes > snapshot.receivedBytes) return { state, effects: NOTHING }
    const stored = { ...state, snapshot: { ...snapshot, storedBytes: event.storedBytes } }
    if (phase !== 'snapshot') return { state: stored, effects: NOTHING }
    const acknowledged = acknowledge(stored, view, true)
    return snapshot.isReceived && event.storedBytes === snapshot.receivedBytes
      ? install(acknowledged.state, acknowledged.effects)
      : acknowledged
  }
  const without = { ...state, snapshot: undefined }
  if (event.kind === 'snapshot-failed') {
    const failed = failSnapshot(without, event.reason, view)
    return { state: failed.state, effects: [...failed.effects, { kind: 'discard-snapshot' }] }
  }
  if (phase !== 'installing') return { state: without, effects: NOTHING }
  const installed = { ...without, halted: undefined, welcome: undefined, wantsSnapshot: false, attempts: 0 }
  if (state.lostLink) return afterLink({ ...installed, lostLink: false, phase: 'idle' }, view)
  if (!state.isPaused) return place(installed, view)
  return { state: { ...installed, phase: 'idle' }, effects: [{ kind: 'unlink', failure: undefined }] }
}

/** Without its snapshot the replica needs another link, or the same again. */
function failSnapshot(state: ReplicaState, reason: string, view: ReplicaView): ReplicaStep {
  if (state.phase !== 'snapshot' && state.phase !== 'installing') return { state, effects: NOTHING }
  return giveUp({ ...state, phase: 'idle' }, violation(reason), view)
}

function tick(state: ReplicaState, view: ReplicaView): ReplicaStep {
  const { phase, config } = state
  if (phase === 'waiting') return view.nowMs >= state.deadlineMs ? begin(state) : { state, effects: NOTHING }
  if (phase === 'greeting' || phase === 'placed') {
    if (view.nowMs < state.deadlineMs) return { state, effects: NOTHING }
    const message = `The master did not finish the handshake within ${config.handshakeTimeoutMs} ms.`
    return giveUp(state, { code: 'TIMEOUT', reason: 'handshake', message }, view)
  }
  if (!JOINED.has(phase) || state.lostLink) return { state, effects: NOTHING }
  if (view.nowMs >= state.heardAtMs + config.silenceMs) {
    const message = `Nothing was heard of the master for ${config.silenceMs} ms.`
    return giveUp({ ...state, attempts: 0 }, { code: 'TIMEOUT', reason: 'silence', message }, view)
  }
  if (view.nowMs < state.sentAtMs + state.heartbeatIntervalMs) return { state, effects: NOTHING }
  return acknowledge(state, view, true)
}
