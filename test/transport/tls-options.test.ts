import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type PeerCertificate, type TLSSocket } from 'node:tls'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  channelBindingOf,
  checkServer,
  namesPeer,
  peerIdOf,
  prepareTls,
  serverNameOf,
} from '../../lib/transport/tls-options.js'
import { CertificateAuthority, type Identity, type Wanted } from './certificates.js'

let authority: CertificateAuthority
let a: Identity
let b: Identity

beforeAll(async () => {
  authority = await CertificateAuthority.create()
  a = await authority.issue('a')
  b = await authority.issue('b')
})

const encrypted = (): string =>
  createPrivateKey(a.key)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
    .toString()

/** A certificate in the form in which a connection gives it. */
async function certificate(wanted: Wanted | string): Promise<PeerCertificate> {
  const { cert } = await authority.issue(wanted)
  return new X509Certificate(cert).toLegacyObject() as unknown as PeerCertificate
}

describe('the option tls', () => {
  test.each<[string, string, () => unknown]>([
    ['a name that is unknown', 'tls.rejectUnauthorized', () => ({ rejectUnauthorized: false })],
    ['a certificate that is no text', 'tls.cert', () => ({ cert: 5, key: a.key })],
    ['a certificate that is no PEM', 'tls.cert', () => ({ cert: 'cert.pem', key: a.key })],
    ['a certificate that is empty', 'tls.cert', () => ({ cert: '', key: a.key })],
    ['a key for a certificate', 'tls.cert', () => ({ cert: a.key, key: a.key })],
    ['a certificate for a key', 'tls.key', () => ({ cert: a.cert, key: a.cert })],
    ['the key of another certificate', 'tls.key', () => ({ cert: a.cert, key: b.key })],
    ['a certificate without a key', 'tls.key', () => ({ cert: a.cert })],
    ['a key without a certificate', 'tls.cert', () => ({ key: a.key })],
    ['no passphrase for an encrypted key', 'tls.passphrase', () => ({ cert: a.cert, key: encrypted() })],
    ['a wrong passphrase', 'tls.key', () => ({ cert: a.cert, key: encrypted(), passphrase: 'x' })],
    ['a passphrase that is no text', 'tls.passphrase', () => ({ ...a, passphrase: 1 })],
    ['an authority that is no PEM', 'tls.ca', () => ({ ca: 'x' })],
    ['no authority at all', 'tls.ca', () => ({ ca: [] })],
    ['an authority among others that is none', 'tls.ca', () => ({ ca: [authority.ca, a.key] })],
    [
      'a text of authorities with a broken one',
      'tls.ca',
      () => ({ ca: `${authority.ca}\n${broken(a.cert)}` }),
    ],
    ['a revocation list that is none', 'tls.crl', () => ({ crl: a.cert })],
    [
      'a broken revocation list',
      'tls.crl',
      () => ({ crl: '-----BEGIN X509 CRL-----\nM\n-----END X509 CRL-----' }),
    ],
    ['a server name with a space', 'tls.servername', () => ({ servername: 'a b' })],
    ['a server name that is no text', 'tls.servername', () => ({ servername: 1 })],
    ['a wish for certificates that is no boolean', 'tls.mutual', () => ({ mutual: 1 })],
  ])('cannot have %s', (_, option, options) => {
    expect(() => prepareTls(options(), false)).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID', details: { option } }),
    )
  })

  test.each([[undefined], [true], [[]], ['x'], [null]])('cannot be %s', (options) => {
    expect(() => prepareTls(options, false)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }))
  })

  test('says what is wrong in words of ours, and what the system said as the cause', () => {
    expect(() => prepareTls({ cert: a.cert, key: b.key }, false)).toThrow(
      expect.objectContaining({
        message: 'The option tls.key must be the private key of tls.cert.',
        cause: expect.objectContaining({ code: 'ERR_OSSL_X509_KEY_VALUES_MISMATCH' }),
      }),
    )
  })

  test('needs a certificate of who listens', () => {
    const refusal = { code: 'OPTIONS_INVALID', details: { option: 'tls.cert' } }
    expect(() => prepareTls({ ca: authority.ca }, true)).toThrow(expect.objectContaining(refusal))
    expect(prepareTls({ ca: authority.ca }, false).isMutual).toBe(true)
  })

  test('lets nobody in whom only the authorities of Node vouch for', () => {
    const refusal = { code: 'OPTIONS_INVALID', details: { option: 'tls.ca' } }
    expect(() => prepareTls({ ...a, mutual: true }, true)).toThrow(expect.objectContaining(refusal))
  })

  test('asks for certificates where authorities are given, unless it says otherwise', () => {
    const { ca } = authority
    expect(prepareTls({ ...a, ca }, true).isMutual).toBe(true)
    expect(prepareTls({ ...a, ca, mutual: false }, true).isMutual).toBe(false)
    expect(prepareTls(a, true).isMutual).toBe(false)
  })

  test('takes text, bytes, lists, texts with several, and encrypted keys', async () => {
    const other = await CertificateAuthority.create('other')
    const lists = [await authority.revoke(b), await other.revoke()]
    const prepared = prepareTls(
      {
        cert: Buffer.from(a.cert),
        key: new TextEncoder().encode(encrypted()),
        passphrase: 'secret',
        ca: [authority.ca, Buffer.from(`${other.ca}\n${authority.ca}`)],
        crl: lists.join('\n'),
        servername: 'a.example',
      },
      true,
    )
    expect(prepared.contextOptions.crl).toHaveLength(2)
    expect(prepared.contextOptions.minVersion).toBe('TLSv1.3')
    expect(prepared.servername).toBe('a.example')
  })
})

describe('the id in a certificate', () => {
  test.each<[string, Wanted | string, string | undefined]>([
    ['one common name', 'node-1.eu_west', 'node-1.eu_west'],
    ['one among other parts of the subject', 'O=Company,CN=a,OU=Unit', 'a'],
    ['two common names', 'CN=a,CN=b', undefined],
    ['no common name', 'O=a', undefined],
    ['no subject', '', undefined],
    ['a common name that is no id', 'CN=a b', undefined],
    ['a common name that is too long for one', `CN=${'a'.repeat(129)}`, undefined],
    ['only another name', { subject: 'O=x', names: [{ type: 'dns', value: 'a' }] }, undefined],
  ])('of %s', async (_, wanted, id) => {
    expect(peerIdOf(await certificate(wanted))).toBe(id)
  })

  test('of no certificate', () => {
    expect(peerIdOf({} as PeerCertificate)).toBeUndefined()
    expect(peerIdOf(null as never)).toBeUndefined()
  })
})

describe('whom a certificate names', () => {
  test.each<[string, Wanted | string, boolean]>([
    ['the common name', 'a', true],
    ['one DNS name of several', { subject: 'x', names: dns('y', 'a', 'z') }, true],
    ['the start of a name', { subject: 'ab', names: dns('a.example') }, false],
    ['a name in other letters', { subject: 'A', names: dns('A') }, false],
    ['any name', { subject: '*', names: dns('*') }, false],
    ['an address', { subject: 'x', names: [{ type: 'ip', value: '127.0.0.1' }] }, false],
    ['a name that looks like two', { subject: 'x', names: dns('x, DNS:a') }, false],
    ['a name that looks like three', { subject: 'x', names: dns('x, DNS:a, DNS:y') }, false],
    ['a name with a quote', { subject: 'x', names: dns('x", DNS:a') }, false],
    ['two common names', 'CN=a,CN=b', false],
  ])('by %s', async (_, wanted, names) => {
    expect(namesPeer(await certificate(wanted), 'a')).toBe(names)
  })

  test('by its host, or by itself', async () => {
    const named = await certificate({ subject: 'a', names: dns('a.example') })
    expect(checkServer('a', 'elsewhere')('ignored', named)).toBeUndefined()
    expect(checkServer('b', 'a.example')('ignored', named)).toBeUndefined()
    expect(checkServer('b', '127.0.0.1')('ignored', await certificate('a'))).toBeUndefined()
  })

  test('is told with whom it should have named', async () => {
    const error = checkServer('b', 'elsewhere')(
      'a.example',
      await certificate({ subject: 'a', names: dns('c') }),
    )
    expect(error).toMatchObject({
      message: 'Its certificate is for "CN:a, DNS:c"; it must be for elsewhere or name the peer b.',
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    })
    const nameless = await certificate({ subject: '', names: [] })
    expect(checkServer('b', 'elsewhere')('', nameless)?.message).toContain('is for nobody;')
    const forged = await certificate({ subject: 'CN=a\\0ab', names: dns(`${'x'.repeat(1_000)}`) })
    const message = checkServer('b', 'elsewhere')('', forged)!.message
    expect(message).toMatch(/^[ -~]{1,500}$/)
  })
})

test('no address is asked for as the name of a server', () => {
  expect(['::1', '127.0.0.1', 'fe80::1%eth0', 'a.example'].map(serverNameOf)).toEqual([
    undefined,
    undefined,
    undefined,
    'a.example',
  ])
})

test('the two ends of a connection share bytes that those of another do not have', async () => {
  const { contextOptions } = prepareTls(a, true)
  const { context } = prepareTls({ ca: authority.ca }, false)
  const server = createServer({ ...contextOptions, requestCert: false })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const pairs: Uint8Array[][] = []
  for (let i = 0; i < 2; i++) {
    const near = connect({
      port,
      host: '127.0.0.1',
      secureContext: context,
      checkServerIdentity: checkServer('a', ''),
    })
    const [[far]] = (await Promise.all([once(server, 'secureConnection'), once(near, 'secureConnect')])) as [
      [TLSSocket],
      unknown,
    ]
    pairs.push([channelBindingOf(near), channelBindingOf(far)])
    near.destroy()
  }
  server.close()
  const [[one, same], [other]] = pairs as [[Uint8Array, Uint8Array], [Uint8Array]]
  expect(one).toHaveLength(32)
  expect(same).toEqual(one)
  expect(other).not.toEqual(one)
})

function dns(...values: string[]): { type: 'dns'; value: string }[] {
  return values.map((value) => ({ type: 'dns', value }))
}

/** The same, with something in its middle that is no certificate. */
function broken(cert: string): string {
  return cert.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA')
}
