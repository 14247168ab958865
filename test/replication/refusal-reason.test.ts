import { expect, test } from 'vitest'
import { ReplivecError, type ReplivecErrorCode } from '../../lib/errors.js'
import { refusalReason } from '../../lib/replication/refusal-reason.js'

const of = (code: ReplivecErrorCode, reason?: string, cause?: unknown): string | undefined =>
  refusalReason(new ReplivecError(code, 'said by somebody', { cause, details: { reason } }))

test.each([
  ['PEER_REFUSED', 'secret', 'secret'],
  ['PEER_REFUSED', 'the operator turned this off', 'other'],
  ['PEER_REFUSED', undefined, 'other'],
  ['STALE_EPOCH', 'epoch', 'epoch'],
  ['PROTOCOL_VIOLATED', 'in words of its own', 'protocol'],
  ['TIMEOUT', 'handshake', 'handshake'],
  ['POSITION_LOST', 'resync', 'other'],
  ['HISTORY_MISMATCH', 'history', 'other'],
  ['TRANSPORT_FAILED', 'ECONNRESET', undefined],
  ['CLOSED', undefined, undefined],
] as const)('%s because of %s is %s', (code, reason, word) => {
  expect(of(code, reason)).toBe(word)
})

test('a link that broke over a frame that is too large was no broken link', () => {
  const cause = new ReplivecError('FRAME_TOO_LARGE', 'too large')
  expect(of('TRANSPORT_FAILED', undefined, cause)).toBe('protocol')
  expect(of('TRANSPORT_FAILED', undefined, new Error('reset'))).toBeUndefined()
})
