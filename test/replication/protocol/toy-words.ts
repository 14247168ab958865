import type { Position } from '../../../lib/log/position.js'
import type { Epoch, Message } from '../../../lib/replication/protocol/messages.js'
import type { Failure } from '../../../lib/replication/protocol/step.js'

/** How a scenario's trace names things: short, and only what tells one case from another. */
export function wordsOf(message: Message): string {
  switch (message.kind) {
    case 'hello':
      return `hello from ${message.nodeId} of ${message.clusterId}, versions ${message.versions.join(' ')}, instance ${message.instanceId}`
    case 'challenge':
      return `challenge from ${message.nodeId} of ${message.clusterId}, version ${message.version}`
    case 'proof':
      return 'proof'
    case 'place': {
      const part = message.snapshotId ? `, has ${message.snapshotBytes} bytes of ${message.snapshotId}` : ''
      const wish = message.resync ? ', wants a snapshot' : ''
      return `place ${positionOf(message.last)} in ${message.historyId} (${tableOf(message.epochs)})${part}${wish}`
    }
    case 'welcome': {
      const { fromSeq, snapshotReason, historyId, epochs, head, parent } = message
      const next = fromSeq > 0 ? `operations from ${fromSeq}` : `a snapshot because ${snapshotReason}`
      const from = parent ? `, restored from ${parent.historyId} ${positionOf(parent)}` : ''
      return `welcome to ${historyId} (${tableOf(epochs)}), head ${positionOf(head)}${from}: ${next}`
    }
    case 'operations': {
      const { firstSeq, lastSeq, headSeq, frames, received, durable } = message
      const wanted = [received ? 'received' : '', durable ? 'durable' : ''].filter(Boolean).join(' and ')
      return `operations ${firstSeq}..${lastSeq}, ${frames.byteLength} bytes, head ${headSeq}${wanted ? `, ${wanted} wanted` : ''}`
    }
    case 'ack': {
      const { receivedSeq, durableSeq, appliedSeq, snapshotBytes } = message
      const part = snapshotBytes ? `, ${snapshotBytes} bytes of the snapshot` : ''
      const asked = message.question ? `, question ${message.question}` : ''
      const isAll = receivedSeq === durableSeq && receivedSeq === appliedSeq
      return isAll
        ? `ack ${receivedSeq}${part}${asked}`
        : `ack received ${receivedSeq}, durable ${durableSeq}, applied ${appliedSeq}${part}${asked}`
    }
    case 'heartbeat': {
      const { head, sentAtMs, unsentSinceMs, answer } = message
      const answered = answer ? `, answer ${answer}` : ''
      return `heartbeat, head ${positionOf(head)}${unsentSinceMs ? `, unsent for ${sentAtMs - unsentSinceMs} ms` : ''}${answered}`
    }
    case 'snapshot-start': {
      const { snapshotId, position, fromByte } = message
      return `snapshot ${snapshotId} of ${positionOf(position)} from byte ${fromByte}`
    }
    case 'snapshot-piece':
      return `piece ${message.atByte}..${message.atByte + message.bytes.byteLength}${message.last ? ', the last' : ''}`
    case 'refusal':
      return `refusal ${failureOf(message)}`
  }
}

export function failureOf({ code, reason }: Pick<Failure, 'reason'> & { readonly code: string }): string {
  return `${code}: ${reason}`
}

export function positionOf({ epoch, seq }: Position): string {
  return `${epoch}:${seq}`
}

/** `1a@1 2c@8`: epoch 1 of a from operation 1 on, epoch 2 of c from operation 8 on. */
export function tableOf(epochs: readonly Epoch[]): string {
  return epochs.map(({ epoch, nodeId, firstSeq }) => `${epoch}${nodeId}@${firstSeq}`).join(' ')
}
