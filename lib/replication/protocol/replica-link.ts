import type { Hello } from './messages.js'
import type { Failure, Step } from './step.js'
import { NOTHING } from './step.js'
import type { Halt, ReplicaEffect, ReplicaEvent, ReplicaState, ReplicaView } from './replica-state.js'

type ReplicaStep = Step<ReplicaState, ReplicaEffect>

/** Begins the handshake on a new link. */
export function greet(state: ReplicaState, view: ReplicaView): ReplicaStep {
  const { config } = state
  const { nodeId, clusterId, instanceId, versions, handshakeTimeoutMs, frameCodes, codecs } = config
  const hello: Hello = {
    kind: 'hello',
    versions,
    codecs,
    nodeId,
    clusterId,
    instanceId,
    ...{ nonce: view.nonce, keyId: view.keys?.activeId ?? '', role: 'replica', frameCodes },
  }
  return {
    state: {
      ...state,
      phase: 'greeting',
      deadlineMs: view.nowMs + handshakeTimeoutMs,
      ...{ heardAtMs: view.nowMs, sentAtMs: view.nowMs },
      acked: { receivedSeq: 0, durableSeq: 0, appliedSeq: 0 },
      carried: 0,
      codec: '',
      hello,
    },
    effects: [{ kind: 'send', message: hello }],
  }
}

/** The link is gone: what next? */
export function afterLink(state: ReplicaState, view: ReplicaView): ReplicaStep {
  // What is being put in place is put in place first: until then nobody can say what the replica has.
  if (state.phase === 'installing') return { state: { ...state, lostLink: true }, effects: NOTHING }
  const alone = { ...state, deadlineMs: Number.POSITIVE_INFINITY }
  if (state.isPaused || !state.config.dials) return { state: { ...alone, phase: 'idle' }, effects: NOTHING }
  const { backoffMs, haltedRetryMs } = state.config
  // Full jitter: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
  const longestMs = Math.min(backoffMs.max, backoffMs.first * 2 ** Math.min(state.attempts, 30))
  const delayMs = state.halted ? haltedRetryMs * (0.5 + view.chance / 2) : longestMs * view.chance
  return {
    state: { ...alone, phase: 'waiting', attempts: state.attempts + 1, deadlineMs: view.nowMs + delayMs },
    effects: NOTHING,
  }
}

/** Gives the link up, telling the other side why; where it is gone already there is nobody to tell. */
export function giveUp(state: ReplicaState, failure: Failure, view: ReplicaView): ReplicaStep {
  const { code, reason, message } = failure
  const after = afterLink(state, view)
  if (state.lostLink) return { state: { ...after.state, lostLink: false }, effects: after.effects }
  return {
    state: after.state,
    effects: [
      { kind: 'send', message: { kind: 'refusal', code, reason, message } },
      { kind: 'unlink', failure },
      ...after.effects,
    ],
  }
}

/** Nothing more is applied until the next attempt. */
export function halt(state: ReplicaState, halted: Halt, failure: Failure, view: ReplicaView): ReplicaStep {
  const isNews = state.halted?.code !== halted.code || state.halted.position.seq !== halted.position.seq
  const given = giveUp({ ...state, halted }, failure, view)
  return isNews ? { state: given.state, effects: [...given.effects, { kind: 'halt', halt: halted }] } : given
}

/** What the host asks for. */
export function obey(state: ReplicaState, event: ReplicaEvent, view: ReplicaView): ReplicaStep {
  const isLinked = LINKED.has(state.phase) && !state.lostLink
  const leave: ReplicaEffect[] = isLinked ? [{ kind: 'unlink', failure: undefined }] : []
  switch (event.kind) {
    case 'start':
      return begin(state)
    case 'pause': {
      // What is being put in place is put in place.
      if (state.phase === 'installing') return { state: { ...state, isPaused: true }, effects: NOTHING }
      const idle = { ...state, phase: 'idle', isPaused: true, deadlineMs: Number.POSITIVE_INFINITY } as const
      return { state: idle, effects: leave }
    }
    case 'resume':
      return state.isPaused ? begin({ ...state, isPaused: false }) : { state, effects: NOTHING }
    case 'renew': {
      // What is being put in place is put in place, and then nobody is followed who has not proved himself anew.
      if (state.phase === 'installing') return { state: { ...state, lostLink: true }, effects: leave }
      if (state.isPaused) return { state, effects: NOTHING }
      const begun = begin({ ...state, phase: 'idle', deadlineMs: Number.POSITIVE_INFINITY })
      return { state: begun.state, effects: [...leave, ...begun.effects] }
    }
    case 'resync': {
      const wanting = { ...state, wantsSnapshot: true, halted: undefined, attempts: 0 }
      // One is on its way.
      if (state.phase === 'snapshot' || state.phase === 'installing') return { state, effects: NOTHING }
      if (state.phase === 'streaming') return place(wanting, view)
      return state.phase === 'waiting' ? begin(wanting) : { state: wanting, effects: NOTHING }
    }
    case 'close':
      return { state: { ...state, phase: 'closed', deadlineMs: Number.POSITIVE_INFINITY }, effects: leave }
    default:
      return { state, effects: NOTHING }
  }
}

export const LINKED: ReadonlySet<ReplicaState['phase']> = new Set([
  'greeting',
  'placed',
  'streaming',
  'snapshot',
  'installing',
])

/** Dials, where there is somebody to dial. */
export function begin(state: ReplicaState): ReplicaStep {
  if (LINKED.has(state.phase) || state.phase === 'dialing') return { state, effects: NOTHING }
  if (!state.config.dials || state.isPaused) return { state: { ...state, phase: 'idle' }, effects: NOTHING }
  return {
    state: { ...state, phase: 'dialing', deadlineMs: Number.POSITIVE_INFINITY },
    effects: [{ kind: 'dial' }],
  }
}

/** Says what the replica has, so that the master can say how to go on. */
export function place(state: ReplicaState, view: ReplicaView): ReplicaStep {
  const { historyId, epochs, last } = view
  const { snapshot, wantsSnapshot } = state
  return {
    state: {
      ...state,
      phase: 'placed',
      receivedSeq: last.seq,
      hasAsked: wantsSnapshot,
      snapshot: snapshot && { ...snapshot, isComing: false },
      sentAtMs: view.nowMs,
      deadlineMs: view.nowMs + state.config.handshakeTimeoutMs,
    },
    effects: [
      {
        kind: 'send',
        message: {
          kind: 'place',
          historyId,
          epochs,
          last,
          resync: wantsSnapshot,
          ...{ snapshotId: snapshot?.id ?? '', snapshotBytes: snapshot?.storedBytes ?? 0 },
        },
      },
    ],
  }
}
