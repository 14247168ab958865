import { sendableAtMs, spend, withSent } from './flow.js'
import type { Batch, MasterEffect, MasterEvent, MasterState, MasterView } from './master-state.js'
import type { Message } from './messages.js'
import { NOTHING, type Step } from './step.js'

type MasterStep = Step<MasterState, MasterEffect>

/** A piece of a snapshot file is at most this long. */
export const PIECE_BYTES_MAX = 1024 * 1024

/** Asks for what is to be sent next, if anything may be. */
export function advance(state: MasterState, view: MasterView): MasterStep {
  if (state.isReading || state.isSending || view.isPaused) return { state, effects: NOTHING }
  if (sendableAtMs(state.rate) > view.nowMs) return { state, effects: NOTHING }
  const isOverdrawn = state.rate !== undefined && state.rate.bytes < 0
  // Filled by now, and noted as such: otherwise the machine would ask for a tick for ever.
  return next(isOverdrawn ? { ...state, rate: spend(state.rate, 0, view.nowMs) } : state, view)
}

function next(state: MasterState, view: MasterView): MasterStep {
  if (state.phase === 'snapshot') return advanceSnapshot(state)
  if (state.phase !== 'catching-up' && state.phase !== 'streaming') return { state, effects: NOTHING }
  const { config, sentSeq, inFlight, operationBytes } = state
  const waiting = view.head.seq - sentSeq
  if (waiting <= 0) {
    return state.phase === 'streaming'
      ? { state, effects: NOTHING }
      : { state: { ...state, phase: 'streaming' }, effects: NOTHING }
  }
  const isFull = waiting >= config.batchOperations || waiting * operationBytes >= config.batchBytes
  const isDue = inFlight.bytes === 0 && gatheredAtMs(state, view) <= view.nowMs
  const room = config.windowBytes - inFlight.bytes
  if (room <= 0 || !(isFull || isDue || isWaitedFor(state, view))) return { state, effects: NOTHING }
  // Two fit in the window, so that one is made here while the other is applied there.
  const most = Math.max(1, Math.floor(config.windowBytes / 2))
  const batchBytes = Math.min(most, Math.max(config.batchBytes, view.compressedBatchBytes))
  // A little room, and then the little room that this leaves, would have ever smaller batches (RFC 9293, 3.8.6.2.1).
  if (room < Math.min(waiting * operationBytes, batchBytes)) return { state, effects: NOTHING }
  const bytes = Math.min(batchBytes, room)
  const operations = Math.floor(config.batchOperations * Math.max(1, batchBytes / config.batchBytes))
  return {
    state: { ...state, isReading: true },
    effects: [{ kind: 'read', fromSeq: sentSeq + 1, bytes, operations }],
  }
}

/**
 * Until when a streaming replica's next batch is filled; in the past when it need not be, or when there is nothing to send. Each batch
 * costs both sides about the same however little is in it, so that of a steady stream of small commits several go together. Kafka
 * waits as long by default since 4.0 (KIP-1030, `linger.ms`).
 */
export function gatheredAtMs(
  { phase, config, sentSeq, batchAtMs, inFlight }: MasterState,
  { head }: Pick<MasterView, 'head'>,
): number {
  const isGathering = phase === 'streaming' && inFlight.bytes === 0 && head.seq > sentSeq
  return isGathering ? batchAtMs + config.gatherMs : Number.NEGATIVE_INFINITY
}

/** Somebody waits for what was not sent yet, here or at the replica: it does not wait for what was. */
function isWaitedFor({ sentSeq, askedSeq }: MasterState, { wanted }: Pick<MasterView, 'wanted'>): boolean {
  return Math.max(askedSeq, wanted.receivedSeq, wanted.durableSeq, wanted.appliedSeq) > sentSeq
}

function advanceSnapshot(state: MasterState): MasterStep {
  const { snapshot, config, acked } = state
  if (!snapshot || snapshot.isSent) return { state, effects: NOTHING }
  if (snapshot.nextByte - acked.snapshotBytes >= config.windowBytes) return { state, effects: NOTHING }
  return {
    state: { ...state, isReading: true },
    effects: [{ kind: 'read-snapshot', id: snapshot.id, atByte: snapshot.nextByte }],
  }
}

/** Sends what the log gave. */
export function sendBatch(state: MasterState, batch: Batch | undefined, view: MasterView): MasterStep {
  const read = { ...state, isReading: false }
  const isStreaming = state.phase === 'catching-up' || state.phase === 'streaming'
  // What was asked for before the replica said that it is somewhere else is of no use; what a pause held back is read again.
  if (!batch || !isStreaming || view.isPaused || batch.firstSeq !== state.sentSeq + 1)
    return { state: read, effects: NOTHING }
  const { firstSeq, lastSeq, frames } = batch
  const message: Message = {
    kind: 'operations',
    durable: view.wanted.durableSeq >= firstSeq,
    received: view.wanted.receivedSeq >= firstSeq,
    ...{ firstSeq, lastSeq, headSeq: view.head.seq, sentAtMs: view.wallMs, frames },
  }
  return {
    state: {
      ...read,
      isSending: true,
      sentSeq: lastSeq,
      sentAtMs: view.nowMs,
      batchAtMs: view.nowMs,
      inFlight: withSent(state.inFlight, lastSeq, frames.byteLength),
      operationBytes: frames.byteLength / (lastSeq - firstSeq + 1),
    },
    effects: [{ kind: 'stream', message }],
  }
}

/** The snapshot is there, or begun: from where is it sent? */
export function beginSnapshot(state: MasterState, event: MasterEvent & { kind: 'snapshot' }): MasterStep {
  const { id, position, bytes } = event
  const fromByte = state.resumable.id === id ? Math.min(state.resumable.bytes, bytes) : 0
  return {
    state: {
      ...state,
      phase: 'snapshot',
      snapshot: { id, position, nextByte: fromByte, isSent: false },
      acked: { ...state.acked, snapshotBytes: fromByte },
    },
    effects: [{ kind: 'send', message: { kind: 'snapshot-start', snapshotId: id, position, fromByte } }],
  }
}

export function sendPiece(
  state: MasterState,
  { atByte, bytes, isLast }: MasterEvent & { kind: 'piece' },
  view: MasterView,
): MasterStep {
  const { snapshot } = state
  if (!snapshot || atByte !== snapshot.nextByte || state.phase !== 'snapshot' || view.isPaused)
    return { state: { ...state, isReading: false }, effects: NOTHING }
  const message: Message = {
    kind: 'snapshot-piece',
    ...{ atByte, bytes, sentAtMs: view.wallMs, headSeq: view.head.seq, last: isLast },
  }
  return {
    state: {
      ...state,
      ...{ isReading: false, isSending: true, sentAtMs: view.nowMs },
      snapshot: { ...snapshot, nextByte: atByte + bytes.byteLength, isSent: isLast },
    },
    effects: [{ kind: 'stream', message }],
  }
}
