import { expect, test } from 'vitest'
import { type DialStage, dialFailure } from '../../lib/transport/dial-failure.js'

const PEER = { id: 'a', address: 'host:1' }
const OPEN: DialStage = { id: 'b', isTls: true, hasCertificate: true, isOpen: true, hasEnded: true }

const failed = (code: string | undefined, more: object = {}): Error =>
  Object.assign(new Error('what the system says'), { ...(code && { code }), ...more })

test.each([
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'give that one as tls.ca'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'give that one as tls.ca'],
  ['CRL_HAS_EXPIRED', 'out of date'],
  ['INVALID_PURPOSE', 'extended key usages'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'not in tls.ca there'],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'it has expired'],
])('says of %s what to do, and keeps what the system said as the cause', (code, advice) => {
  const cause = failed(code)
  const error = dialFailure(PEER, cause, OPEN)
  expect(error).toMatchObject({ code: 'TRANSPORT_FAILED', cause, details: { peerId: 'a', reason: code } })
  expect(error.message).toMatch(/^Cannot reach a at host:1: \S/)
  expect(error.message).toContain(advice)
  expect(error.message).not.toContain('what the system says')
})

test.each<[string, Partial<DialStage>, string]>([
  ['with a certificate', {}, 'the common name b'],
  ['without one', { hasCertificate: false }, 'give tls.cert and tls.key'],
  ['in a handshake', { isOpen: false }, 'listens without TLS'],
  ['without TLS', { isTls: false }, 'this side needs the option tls too'],
])('says what the end of a connection may mean %s', (_, stage, advice) => {
  for (const code of [undefined, 'ECONNRESET', 'TRANSPORT_FAILED']) {
    const { message } = dialFailure(PEER, failed(code), { ...OPEN, ...stage })
    expect(message).toMatch(/^Cannot reach a at host:1: what the system says /)
    expect(message).toContain(advice)
  }
})

test('gives no advice where there is none', () => {
  const plain = 'Cannot reach a at host:1: what the system says'
  expect(dialFailure(PEER, failed('ETIMEDOUT'), OPEN).message).toBe(plain)
  expect(dialFailure(PEER, failed(undefined), { ...OPEN, hasEnded: false }).message).toBe(plain)
  const closed = { ...OPEN, isTls: false, isOpen: false }
  expect(dialFailure(PEER, failed('ECONNRESET'), closed).message).toBe(plain)
  // Names that every object has are no codes.
  expect(dialFailure(PEER, failed('constructor'), OPEN).message).toBe(plain)
})

test('says what OpenSSL says without its files and lines', () => {
  const cause = failed('ERR_SSL_NO_SHARED_CIPHER', { reason: 'no shared cipher' })
  expect(dialFailure(PEER, cause, OPEN).message).toBe(
    'Cannot reach a at host:1: TLS failed: no shared cipher.',
  )
})

test('says the code where several addresses were tried', () => {
  const cause = Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' })
  expect(dialFailure(PEER, cause, OPEN).message).toBe('Cannot reach a at host:1: ECONNREFUSED')
})
