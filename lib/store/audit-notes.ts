import type { AuditNote } from '../audit/audit-entry.js'
import type { LogIdentity, Position } from '../log/position.js'
import type { ReplicationEvent, ReplicationRole } from '../replication/replication.js'

/** What an audit log says of an event of replication; `undefined` where that is a figure and not something that happened. */
export function auditNoteOf(event: ReplicationEvent): AuditNote | undefined {
  switch (event.kind) {
    case 'connected':
    case 'disconnected':
    case 'refused':
    case 'fenced':
    case 'forgotten':
    case 'epoch':
    case 'locked-out':
      return event
    case 'key-rotated':
      return { kind: 'key-rotated', keyId: event.keyId, keyIds: event.keyIds.join(', ') }
    case 'snapshot':
      return {
        kind: 'snapshot',
        part: 'installed',
        ...{ peerId: event.peerId, bytes: event.bytes, ...placed(event.position) },
      }
    case 'snapshot-sent':
      return { kind: 'snapshot', part: 'sent', peerId: event.peerId, bytes: event.bytes }
    case 'halted':
      return { kind: 'halted', code: event.code, message: event.message, ...placed(event.position) }
    case 'status':
      // How far behind a node is tells its statistics, every second if need be.
      return undefined
  }
}

/** What the last entry of a run says. */
export function closingNote(position: Position): AuditNote {
  return { kind: 'closed', ...placed(position) }
}

/** An entry has a `seq` of its own. */
function placed({ epoch, seq }: Position): { readonly epoch: number; readonly operation: number } {
  return { epoch, operation: seq }
}

/** What the first entries of a run say. @param isNew - the log begins with them */
export function openingNotes(
  role: ReplicationRole,
  { nodeId, historyId, epochs, parent }: LogIdentity,
  keyId: string | null,
  isNew: boolean,
): AuditNote[] {
  const epoch = epochs.at(-1)?.epoch ?? 0
  const opened: AuditNote = { kind: 'opened', role, nodeId, historyId, epoch, keyId }
  // A replica has the parent of its master's history.
  if (!isNew || !parent || role === 'replica') return [opened]
  const restored = { fromHistoryId: parent.historyId, fromEpoch: parent.epoch, fromOperation: parent.seq }
  return [opened, { kind: 'restored', ...restored }]
}
