import { once } from 'node:events'
import { connect as connectSocket, createServer, type AddressInfo, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Link } from '../../lib/replication/link.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { encodeHello } from '../../lib/transport/stream-hello.js'
import { parseAddress } from '../../lib/transport/tcp-options.js'
import { type TcpTransport, type TlsOptions, tcp } from '../../lib/transport/tcp.js'
import { CertificateAuthority, daysFromNow, type Identity } from './certificates.js'

const LOCAL = { host: '127.0.0.1', port: 0 }

const authority = await CertificateAuthority.create()
const other = await CertificateAuthority.create('other')
const { ca } = authority
const [a, b, c] = [await authority.issue('a'), await authority.issue('b'), await authority.issue('c')]

describe('who listens with mutual TLS', () => {
  let stop: AbortController
  let clock: SimulatedClock
  let server: TcpTransport
  let links: AsyncIterator<Link>
  const sockets: Socket[] = []

  beforeEach(async () => {
    clock = new SimulatedClock()
    await listen({ ...a, ca })
  })
  afterEach(() => {
    stop.abort()
    for (const socket of sockets.splice(0)) socket.destroy()
  })

  async function listen(tls: TlsOptions): Promise<void> {
    stop = new AbortController()
    server = tcp({ id: 'a', listen: LOCAL, tls, clock })
    const listening = server.listen(stop)
    links = listening[Symbol.asyncIterator]()
    await listening.ready
  }

  const dial = (tls: TlsOptions = { ...b, ca }, id = 'b'): Promise<Link> =>
    tcp({ id, tls }).dial({ id: 'a', address: server.address! }, stop)

  /** Both ends of a new link: everything that came before it has been seen by the listener. */
  async function connected(): Promise<[Link, Link]> {
    const near = await dial()
    const { value: far } = await links.next()
    return [near, far]
  }

  /** A connection that says what the test says, and reads away what comes. */
  async function plain(bytes?: Uint8Array): Promise<Socket> {
    const socket = connectSocket(parseAddress(server.address))
    sockets.push(socket.on('error', () => {}).resume())
    await once(socket, 'connect')
    if (bytes) socket.write(bytes)
    return socket
  }

  /** The same over TLS, believing anybody. */
  async function secured(options: ConnectionOptions): Promise<TLSSocket> {
    const socket = connectTls({ ...parseAddress(server.address), rejectUnauthorized: false, ...options })
    sockets.push(socket.on('error', () => {}).resume())
    await once(socket, 'secureConnect')
    return socket
  }

  const helloOf = (id: string): Uint8Array => encodeHello({ id, maxFrameBytes: 1024 * 1024 })

  /** Nothing came of it, and the next one is welcome. */
  async function expectRefused(socket: Socket): Promise<void> {
    await closed(socket)
    const [near, far] = await connected()
    expect(far.peer.id).toBe('b')
    await near.close()
  }

  test('knows who connects, and where from', async () => {
    const [near, far] = await connected()
    expect(far.peer).toEqual({
      id: 'b',
      address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      authenticated: true,
    })
    expect(near.peer).toEqual({ id: 'a', address: server.address, authenticated: true })
    await near.close()
  })

  test('shares bytes with each peer that no other has', async () => {
    const [near, far] = await connected()
    const [anotherNear, anotherFar] = await connected()
    expect(near.channelBinding).toHaveLength(32)
    expect(far.channelBinding).toEqual(near.channelBinding)
    expect(anotherFar.channelBinding).toEqual(anotherNear.channelBinding)
    expect(anotherNear.channelBinding).not.toEqual(near.channelBinding)
    await near.close()
    await anotherNear.close()
  })

  test('says that it authenticates, only where it does', () => {
    expect(server.authenticates).toBe(true)
    expect(tcp({ id: 'a', tls: { ...a, ca } }).authenticates).toBe(false)
    expect(tcp({ id: 'a', listen: LOCAL, tls: a }).authenticates).toBe(false)
    expect(tcp({ id: 'a', listen: LOCAL, tls: { ...a, ca, mutual: false } }).authenticates).toBe(false)
    expect(tcp({ id: 'a', listen: LOCAL }).authenticates).toBe(false)
  })

  test('takes anybody at his word without it', async () => {
    stop.abort()
    await listen({ ...a, ca, mutual: false })
    const near = await dial({ ca }, 'x')
    const { value: far } = await links.next()
    expect(far.peer).toEqual({ id: 'x', address: expect.any(String) })
    expect(far.channelBinding).toEqual(near.channelBinding)
    await near.close()
  })

  describe('refuses', () => {
    test.each<[string, () => Promise<Partial<Identity>>]>([
      ['who has no certificate', async () => ({})],
      ['a certificate of another authority', () => other.issue('b')],
      [
        'a certificate that has expired',
        () => authority.issue({ subject: 'b', notAfter: daysFromNow(-0.5) }),
      ],
      ['a certificate of the future', () => authority.issue({ subject: 'b', notBefore: daysFromNow(0.5) })],
      ['a certificate of somebody else', () => authority.issue('c')],
      ['a certificate of two', () => authority.issue('CN=b,CN=c')],
      ['a certificate of nobody', () => authority.issue('O=b')],
      ['a certificate whose name is no id', () => authority.issue('CN=b b')],
      ['only another name', () => authority.issue({ subject: 'O=x', names: [{ type: 'dns', value: 'b' }] })],
    ])('%s', async (_, identity) => {
      const socket = await secured(await identity())
      socket.write(helloOf('b'))
      await expectRefused(socket)
    })

    test('a certificate that was revoked', async () => {
      stop.abort()
      await listen({ ...a, ca, crl: await authority.revoke(c) })
      const socket = await secured(c)
      socket.write(helloOf('c'))
      await expectRefused(socket)
    })

    test('a certificate, and gives nothing with which to come again', async () => {
      const sessions: Buffer[] = []
      const socket = await secured(await other.issue('b'))
      socket.on('session', (session) => sessions.push(session))
      await expectRefused(socket)
      expect(sessions).toEqual([])
    })

    test.each([
      ['words of another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')],
      ['a hello without TLS', Buffer.from(helloOf('b'))],
      ['a record of TLS that is none', Buffer.from([22, 3, 1, 0, 5, 1, 2, 3, 4, 5])],
      ['zeros', Buffer.alloc(100)],
      ['noise', Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 167) % 251))],
    ])('%s', async (_, bytes) => {
      await expectRefused(await plain(bytes))
    })

    test('TLS that is older', async () => {
      const socket = connectTls({
        ...parseAddress(server.address),
        ...b,
        rejectUnauthorized: false,
        maxVersion: 'TLSv1.2',
      })
      sockets.push(socket)
      await expect(once(socket, 'secureConnect')).rejects.toMatchObject({
        code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
      })
      await expectRefused(socket)
    })

    test('who breaks off in the middle of a handshake', async () => {
      const reset = await plain((await clientHello()).subarray(0, 100))
      const [near] = await connected()
      reset.resetAndDestroy()
      await expectRefused(reset)
      await near.close()
    })
  })

  describe('holds nothing for long', () => {
    test('of those who say nothing, little, or everything but who they are', async () => {
      const bytes = await clientHello()
      const silent = await plain()
      const slow = await plain()
      const partly = await plain(bytes.subarray(0, 200))
      const nameless = await secured(b)
      const stopping = await secured(b)
      stopping.write(helloOf('b').subarray(0, 10))
      const late = [silent, slow, partly, nameless, stopping]
      const allClosed = Promise.all(late.map(closed))
      const [near, far] = await connected()
      for (let second = 0; second < 9; second++) {
        slow.write(bytes.subarray(second, second + 1))
        await clock.advance(1_000)
      }
      await clock.advance(999)
      expect(late.map((socket) => socket.closed)).toEqual([false, false, false, false, false])
      await clock.advance(1)
      await allClosed
      expect(clock.pendingTimers).toBe(0)
      // Who said it in time stays.
      await near.send(new Uint8Array([1]))
      expect((await far[Symbol.asyncIterator]().next()).value).toEqual(new Uint8Array([1]))
      await near.close()
    })

    test('and no more than 64 of them at once, dropping the oldest', async () => {
      const early = await secured(b)
      const silent: Socket[] = []
      while (silent.length < 63) silent.push(await plain())
      const [near] = await connected()
      await closed(early)
      expect(silent.filter((socket) => socket.closed)).toEqual([])
      await near.close()
    })

    test('and leaves no timer behind for those who went, or failed', async () => {
      const gone = await plain()
      const failed = await plain(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
      gone.destroy()
      await closed(failed)
      const [near, far] = await connected()
      await near.close()
      await far.close()
      await expect.poll(() => clock.pendingTimers).toBe(0)
    })

    test('when it stops', async () => {
      const silent = await plain()
      const nameless = await secured(b)
      const [near] = await connected()
      stop.abort()
      await Promise.all([closed(silent), closed(nameless)])
      expect(clock.pendingTimers).toBe(0)
      await near.close()
    })
  })

  test('breaks a link on whose way something was changed', async () => {
    let spoil = false
    const proxy = createServer((near) => {
      const far = connectSocket(parseAddress(server.address))
      sockets.push(
        near.on('error', () => {}),
        far.on('error', () => {}),
      )
      far.pipe(near)
      near.on('close', () => far.destroy())
      near.on('data', (piece) => {
        if (spoil) piece[piece.byteLength - 1]! ^= 1
        far.write(piece)
      })
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const near = await tcp({ id: 'b', tls: { ...b, ca } }).dial({ id: 'a', address }, stop)
    const { value: far } = await links.next()
    spoil = true
    await near.send(new Uint8Array([1, 2, 3]))
    await expect(far[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'TRANSPORT_FAILED',
      details: { peerId: 'b', reason: expect.stringContaining('ERR_SSL_') },
    })
    await expect(near[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
    proxy.close()
  })

  describe('reloads', () => {
    test('what new connections use, and leaves links as they are', async () => {
      const [near, far] = await connected()
      server.reloadTls({ ...(await other.issue('a')), ca: other.ca })
      await expect(dial()).rejects.toMatchObject({
        code: 'TRANSPORT_FAILED',
        details: { reason: 'SELF_SIGNED_CERT_IN_CHAIN' },
      })
      // The old authority is believed no more.
      const old = await secured(b)
      old.write(helloOf('b'))
      await closed(old)
      const anotherNear = await dial({ ...(await other.issue('c')), ca: other.ca }, 'c')
      const { value: anotherFar } = await links.next()
      expect(anotherFar.peer).toMatchObject({ id: 'c', authenticated: true })
      await near.send(new Uint8Array([1]))
      expect((await far[Symbol.asyncIterator]().next()).value).toEqual(new Uint8Array([1]))
      await near.close()
      await anotherNear.close()
    })

    test('what it dials with', async () => {
      const transport = tcp({ id: 'c', tls: { ca } })
      const peer = { id: 'a', address: server.address! }
      await expect(transport.dial(peer, stop)).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
      transport.reloadTls({ ...c, ca })
      const near = await transport.dial(peer, stop)
      expect((await links.next()).value.peer).toMatchObject({ id: 'c', authenticated: true })
      await near.close()
    })

    test('and lets nobody go on with a session of before', async () => {
      const before = await secured(c)
      const sessions = once(before, 'session') as Promise<[Buffer]>
      before.write(helloOf('c'))
      const { value: link } = await links.next()
      const [session] = await sessions
      await link.close()
      // As long as nothing was reloaded he may, and is still known.
      const resumed = await secured({ ...c, session })
      resumed.write(helloOf('c'))
      const { value: again } = await links.next()
      expect(resumed.isSessionReused()).toBe(true)
      expect(again.peer).toMatchObject({ id: 'c', authenticated: true })
      await again.close()
      server.reloadTls({ ...a, ca, crl: await authority.revoke(c) })
      const after = await secured({ ...c, session })
      after.write(helloOf('c'))
      expect(after.isSessionReused()).toBe(false)
      await expectRefused(after)
    })

    test('for the next time that it listens', async () => {
      server.reloadTls({ ...(await authority.issue('CN=a,O=next')), ca })
      stop.abort()
      server.reloadTls({ ...(await authority.issue('CN=a,O=last')), ca })
      stop = new AbortController()
      const listening = server.listen(stop)
      await listening.ready
      const socket = await secured(b)
      expect(socket.getPeerCertificate().subject).toMatchObject({ O: 'last' })
    })

    test.each<[string, string, () => unknown]>([
      ['a key of another certificate', 'tls.key', () => ({ cert: a.cert, key: b.key, ca })],
      ['no certificate', 'tls.cert', () => ({ ca })],
      ['a misspelled option', 'tls.certificate', () => ({ ...a, ca, certificate: a.cert })],
      ['other rules of who may connect', 'tls.mutual', () => ({ ...a, ca, mutual: false })],
      ['these too, by leaving the authority out', 'tls.mutual', () => a],
    ])('not %s, and goes on with what it has', async (_, option, tls) => {
      expect(() => server.reloadTls(tls() as TlsOptions)).toThrow(
        expect.objectContaining({ code: 'OPTIONS_INVALID', details: { option } }),
      )
      const [near, far] = await connected()
      expect(far.peer).toMatchObject({ id: 'b', authenticated: true })
      await near.close()
    })

    test('not where there was no TLS', () => {
      expect(() => tcp({ id: 'a', listen: LOCAL }).reloadTls({ ...a, ca })).toThrow(
        expect.objectContaining({ code: 'OPTIONS_INVALID', details: { option: 'tls' } }),
      )
    })
  })
})

/** The first bytes that a client of TLS says. */
async function clientHello(): Promise<Buffer> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connectTls({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  client.on('error', () => {})
  const [socket] = (await once(server, 'connection')) as [Socket]
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  client.destroy()
  server.close()
  return bytes
}

/** The socket has been closed, or is now. */
async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
}
