import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions as ServerOptions } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Link } from '../../lib/replication/link.js'
import { testTransport } from '../../lib/testing/index.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { encodeHello } from '../../lib/transport/stream-hello.js'
import { type TlsOptions, tcp } from '../../lib/transport/tcp.js'
import { CertificateAuthority, daysFromNow } from './certificates.js'
import { TcpProxy } from './tcp-proxy.js'

const LOCAL = { host: '127.0.0.1', port: 0 }

const authority = await CertificateAuthority.create()
const { ca } = authority
const [a, b] = [await authority.issue('a'), await authority.issue('b')]

testTransport(
  'TCP with TLS',
  () => {
    const listener = tcp({ id: 'a', listen: LOCAL, tls: a })
    return {
      listener,
      dialer: tcp({ id: 'b', tls: { ca } }),
      peer: () => ({ id: 'a', address: listener.address! }),
      dialerId: 'b',
    }
  },
  { describe, test },
)

testTransport(
  'TCP with mutual TLS, through something that cuts',
  async () => {
    const listener = tcp({ id: 'a', listen: LOCAL, tls: { ...a, ca } })
    const proxy = await TcpProxy.listen()
    return {
      listener,
      dialer: tcp({ id: 'b', tls: { ...b, ca } }),
      peer: () => ({ id: 'a', address: proxy.addressFor(listener.address!) }),
      dialerId: 'b',
      cut: () => proxy.cut(),
      close: () => proxy.close(),
    }
  },
  { describe, test },
)

describe('who dials with TLS', () => {
  let stop: AbortController
  const servers: Server[] = []
  const sockets: Socket[] = []

  beforeEach(() => {
    stop = new AbortController()
  })
  afterEach(() => {
    stop.abort()
    for (const socket of sockets.splice(0)) socket.destroy()
    for (const server of servers.splice(0)) server.close()
  })

  /** The address of a listener with these options. */
  async function listening(tls: TlsOptions | undefined): Promise<string> {
    const transport = tcp({ id: 'a', listen: LOCAL, tls })
    await transport.listen(stop).ready
    return transport.address!
  }

  /** The address of a server that does with its connections what the test says. */
  async function serving(server: Server): Promise<string> {
    servers.push(server)
    server.on('connection', (socket) => sockets.push(socket.on('error', () => {})))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return `127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  /** The address of a server of TLS that talks as the test says. */
  const secured = (options: ServerOptions, talk: (socket: Socket) => void): Promise<string> =>
    serving(createTlsServer(options, (socket) => talk(socket.on('error', () => {}))))

  const dial = (address: string, tls: TlsOptions | undefined, id = 'a'): Promise<Link> =>
    tcp({ id: 'b', tls }).dial({ id, address }, stop)

  async function failure(dialing: Promise<Link>): Promise<unknown> {
    return dialing.then(
      () => 'a link',
      (error) => error,
    )
  }

  describe('knows the peer as authenticated', () => {
    test.each([
      ['by the common name', { subject: 'a' }, true],
      ['by a DNS name', { subject: 'CN=host', names: [{ type: 'dns', value: 'a' } as const] }, true],
      ['not by the host', { subject: 'CN=host' }, undefined],
    ])('%s', async (_, wanted, authenticated) => {
      const address = await listening(await authority.issue(wanted))
      const link = await dial(address, { ca })
      expect(link.peer.authenticated).toBe(authenticated)
      expect(link.peer).toMatchObject({ id: 'a', address })
      await link.close()
    })

    test('not because the caller says so', async () => {
      const address = await listening(await authority.issue({ subject: 'CN=host' }))
      const transport = tcp({ id: 'b', tls: { ca } })
      const link = await transport.dial({ id: 'a', address, authenticated: true }, stop)
      expect(link.peer).toEqual({ id: 'a', address })
      await link.close()
      const plain = await tcp({ id: 'b' }).dial(
        { id: 'a', address: await listening(undefined), authenticated: true },
        stop,
      )
      expect(plain.peer.authenticated).toBeUndefined()
      expect(plain.channelBinding).toBeUndefined()
      await plain.close()
    })
  })

  test('looks for the name that it is told to', async () => {
    const names = [{ type: 'dns', value: 'db.example' } as const]
    const address = await listening(await authority.issue({ subject: 'CN=host', names }))
    await (await dial(address, { ca, servername: 'db.example' })).close()
    expect(await failure(dial(address, { ca, servername: 'other.example' }))).toMatchObject({
      message: expect.stringContaining(
        'is for "CN:host, DNS:db.example"; it must be for other.example or name the peer a.',
      ),
    })
  })

  test('asks for the name by name', async () => {
    const asked: unknown[] = []
    const address = await secured(
      { ...a, SNICallback: (name, done) => done(null, void asked.push(name)) },
      () => {},
    )
    const dialing = dial(address, { ca, servername: 'db.example' })
    await once(servers[0]!, 'secureConnection')
    expect(asked).toEqual(['db.example'])
    stop.abort()
    await failure(dialing)
  })

  test('reaches the host by its name', async () => {
    const names = [{ type: 'dns', value: 'localhost' } as const]
    const address = await listening(await authority.issue({ subject: 'CN=host', names }))
    const link = await dial(address.replace('127.0.0.1', 'localhost'), { ca })
    await link.close()
  })

  test('refuses the peer that says another id than was asked for, whatever its certificate says', async () => {
    const address = await listening(await authority.issue('c'))
    expect(await failure(dial(address, { ca }, 'c'))).toMatchObject({
      code: 'TRANSPORT_FAILED',
      message: expect.stringContaining('is the peer a, not c'),
    })
  })

  describe('refuses', () => {
    test('a certificate of an authority that it does not know', async () => {
      const other = await CertificateAuthority.create('other')
      const address = await listening(a)
      for (const tls of [{ ca: other.ca }, {}]) {
        expect(await failure(dial(address, tls))).toMatchObject({
          code: 'TRANSPORT_FAILED',
          message: expect.stringMatching(
            /Cannot reach a at .*: Its certificate is of an authority .* tls\.ca/,
          ),
          cause: { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
          details: { peerId: 'a', reason: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
        })
      }
    })

    test('a certificate that has expired, and one that is not valid yet', async () => {
      const expired = await authority.issue({ subject: 'a', notAfter: daysFromNow(-0.5) })
      expect(await failure(dial(await listening(expired), { ca }))).toMatchObject({
        code: 'TRANSPORT_FAILED',
        message: expect.stringContaining('Its certificate has expired'),
        cause: expect.any(Error),
        details: { reason: 'CERT_HAS_EXPIRED' },
      })
      const early = await authority.issue({ subject: 'a', notBefore: daysFromNow(0.5) })
      expect(await failure(dial(await listening(early), { ca }))).toMatchObject({
        message: expect.stringContaining('is not valid yet'),
        details: { reason: 'CERT_NOT_YET_VALID' },
      })
    })

    test('a certificate that was revoked, and one whose authority has no list', async () => {
      const address = await listening(a)
      expect(await failure(dial(address, { ca, crl: await authority.revoke(b, a) }))).toMatchObject({
        message: expect.stringContaining('was revoked'),
        details: { reason: 'CERT_REVOKED' },
      })
      const other = await CertificateAuthority.create('other')
      expect(await failure(dial(address, { ca, crl: await other.revoke() }))).toMatchObject({
        message: expect.stringContaining('tls.crl'),
        details: { reason: 'UNABLE_TO_GET_CRL' },
      })
      await (await dial(address, { ca, crl: await authority.revoke(b) })).close()
    })

    test('a certificate with names of others, and says which', async () => {
      const names = [{ type: 'dns', value: 'c.example' } as const]
      const address = await listening(await authority.issue({ subject: 'c', names }))
      expect(await failure(dial(address, { ca }))).toMatchObject({
        code: 'TRANSPORT_FAILED',
        message: `Cannot reach a at ${address}: Its certificate is for "CN:c, DNS:c.example"; it must be for 127.0.0.1 or name the peer a.`,
        cause: expect.any(Error),
        details: { reason: 'ERR_TLS_CERT_ALTNAME_INVALID' },
      })
    })

    test('one that listens without TLS', async () => {
      expect(await failure(dial(await listening(undefined), { ca }))).toMatchObject({
        code: 'TRANSPORT_FAILED',
        message: expect.stringContaining('leave the option tls out here, or give it there too'),
        details: { reason: 'ECONNRESET' },
      })
      const address = await serving(createServer((socket) => void socket.write('220 mail.example ESMTP\r\n')))
      expect(await failure(dial(address, { ca }))).toMatchObject({
        message: expect.stringContaining('It does not speak TLS'),
        details: { reason: 'ERR_SSL_WRONG_VERSION_NUMBER' },
      })
    })

    test('TLS that is older', async () => {
      const address = await secured({ ...a, maxVersion: 'TLSv1.2' }, () => {})
      expect(await failure(dial(address, { ca }))).toMatchObject({
        message: expect.stringContaining('does not speak TLS 1.3'),
        details: { reason: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' },
      })
    })
  })

  test('hears that the other side has TLS, where this one has not', async () => {
    expect(await failure(dial(await listening(a), undefined))).toMatchObject({
      code: 'TRANSPORT_FAILED',
      message: expect.stringContaining('this side needs the option tls too'),
      cause: expect.any(Error),
    })
  })

  test('hears that a certificate is asked for', async () => {
    expect(await failure(dial(await listening({ ...a, ca }), { ca }))).toMatchObject({
      code: 'TRANSPORT_FAILED',
      message: expect.stringContaining('give tls.cert and tls.key'),
      details: { reason: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' },
    })
  })

  test('hears that its certificate may have been refused', async () => {
    const other = await CertificateAuthority.create('other')
    const tls = { ...(await other.issue('b')), ca }
    expect(await failure(dial(await listening({ ...a, ca }), tls))).toMatchObject({
      code: 'TRANSPORT_FAILED',
      message: expect.stringMatching(/may have refused this peer's certificate: .* have the common name b,/),
      cause: expect.any(Error),
    })
  })

  test('does not wait for ever for a handshake, or for what comes behind it', async () => {
    const silent = createServer((socket) => void socket.resume())
    const addresses = [await serving(silent), await secured(a, (socket) => socket.resume())]
    const events = ['connection', 'secureConnection']
    for (const [index, address] of addresses.entries()) {
      const clock = new SimulatedClock()
      const dialing = failure(tcp({ id: 'b', tls: { ca }, clock }).dial({ id: 'a', address }, stop))
      await once(servers[index]!, events[index]!)
      await clock.advance(10_000)
      expect(await dialing).toMatchObject({ code: 'TRANSPORT_FAILED', details: { reason: 'ETIMEDOUT' } })
      expect(clock.pendingTimers).toBe(0)
    }
  })

  test('tells an abort from a failure while it shakes hands', async () => {
    const reason = new Error('changed my mind')
    const controller = new AbortController()
    const address = await serving(createServer(() => controller.abort(reason)))
    const dialing = tcp({ id: 'b', tls: { ca } }).dial({ id: 'a', address }, controller)
    await expect(dialing).rejects.toBe(reason)
  })

  test('loses nothing of what comes right behind the hello, and while nobody reads', async () => {
    const frame = Buffer.alloc(1_000)
    const header = Buffer.alloc(4)
    header.writeUInt32LE(frame.byteLength)
    const count = 4_000
    const address = await secured(a, (socket) => {
      socket.resume()
      socket.setNoDelay()
      // In one write, so that many records of TLS come in one read of the system.
      const numbered = Array.from({ length: count }, (_, index) => {
        frame.writeUInt32LE(index)
        return Buffer.concat([header, frame])
      })
      socket.write(Buffer.concat([encodeHello({ id: 'a', maxFrameBytes: 5_000 }), ...numbered]))
    })
    const link = await dial(address, { ca })
    const seen: number[] = []
    for await (const piece of link) {
      seen.push(Buffer.from(piece).readUInt32LE())
      if (seen.length === count) break
      // So that it is held back again and again.
      if (seen.length % 500 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(seen).toEqual(Array.from({ length: count }, (_, index) => index))
    await link.close(new Error('enough'))
  })
})
