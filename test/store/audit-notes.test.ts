import { expect, test } from 'vitest'
import type { ReplicationEvent } from '../../lib/replication/replication.js'
import { auditNoteOf, closingNote, openingNotes } from '../../lib/store/audit-notes.js'

const position = { epoch: 2, seq: 7 }
const [peerId, bytes, message] = ['b', 10, 'why']

test.each<[ReplicationEvent, unknown]>([
  [
    { kind: 'connected', peerId, snapshotReason: 'fresh' },
    { kind: 'connected', peerId, snapshotReason: 'fresh' },
  ],
  [
    { kind: 'disconnected', peerId, code: 'STALE_EPOCH', message },
    { kind: 'disconnected', peerId, code: 'STALE_EPOCH', message },
  ],
  [
    { kind: 'refused', peerId, reason: 'cluster', message, address: '192.0.2.1:5' },
    { kind: 'refused', peerId, reason: 'cluster', message, address: '192.0.2.1:5' },
  ],
  [
    { kind: 'locked-out', peerId, source: '192.0.2.1', untilMs: 9 },
    { kind: 'locked-out', peerId, source: '192.0.2.1', untilMs: 9 },
  ],
  [
    { kind: 'key-rotated', keyId: 'new', keyIds: ['new', 'old'] },
    { kind: 'key-rotated', keyId: 'new', keyIds: 'new, old' },
  ],
  [
    { kind: 'fenced', peerId, epoch: 3 },
    { kind: 'fenced', peerId, epoch: 3 },
  ],
  [
    { kind: 'forgotten', peerId },
    { kind: 'forgotten', peerId },
  ],
  [
    { kind: 'epoch', epoch: 3, nodeId: 'b', firstSeq: 8 },
    { kind: 'epoch', epoch: 3, nodeId: 'b', firstSeq: 8 },
  ],
  [
    { kind: 'snapshot-sent', peerId, bytes },
    { kind: 'snapshot', part: 'sent', peerId, bytes },
  ],
  [
    { kind: 'snapshot', peerId, bytes, position },
    { kind: 'snapshot', part: 'installed', peerId, bytes, epoch: 2, operation: 7 },
  ],
  [
    { kind: 'halted', code: 'HISTORY_MISMATCH', message, position },
    { kind: 'halted', code: 'HISTORY_MISMATCH', message, epoch: 2, operation: 7 },
  ],
  [{ kind: 'status', peerId, status: 'Lagging', before: 'Connected' }, undefined],
])('of %o', (event, note) => {
  expect(auditNoteOf(event)).toEqual(note)
})

const identity = { nodeId: 'a', historyId: 'h', epochs: [{ epoch: 4, nodeId: 'a', firstSeq: 1 }] }
const opened = { kind: 'opened', nodeId: 'a', historyId: 'h', epoch: 4, keyId: null }

test('of an open and of a close', () => {
  expect(openingNotes('master', identity, null, true)).toEqual([{ ...opened, role: 'master' }])
  expect(closingNote(position)).toEqual({ kind: 'closed', epoch: 2, operation: 7 })
})

test('of a restore: once, and not at a replica, whose history is that of its master', () => {
  const restored = { ...identity, parent: { historyId: 'g', epoch: 3, seq: 9 } }
  expect(openingNotes('standalone', restored, 'k', true)).toEqual([
    { ...opened, role: 'standalone', keyId: 'k' },
    { kind: 'restored', fromHistoryId: 'g', fromEpoch: 3, fromOperation: 9 },
  ])
  expect(openingNotes('standalone', restored, 'k', false)).toHaveLength(1)
  expect(openingNotes('replica', restored, 'k', true)).toHaveLength(1)
})
