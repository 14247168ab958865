import { getEventListeners, once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { connect, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Link } from '../../lib/replication/link.js'
import { testTransport } from '../../lib/testing/index.js'
import { type WebSocketOptions, type WebSocketTransport, webSocket } from '../../lib/transport/websocket.js'
import { CertificateAuthority } from './certificates.js'
import { answer404, listening, portOf, refusalOf } from './raw-web-socket.js'
import { TcpProxy } from './tcp-proxy.js'

const LOCAL = { host: '127.0.0.1', port: 0 }
const authority = await CertificateAuthority.create()
const { ca } = authority
const identities = { a: await authority.issue('a'), b: await authority.issue('b') }

testTransport(
  'WebSocket',
  () => {
    const listener = webSocket({ id: 'a', listen: LOCAL })
    return {
      listener,
      dialer: webSocket({ id: 'b' }),
      peer: () => ({ id: 'a', address: listener.address! }),
      dialerId: 'b',
    }
  },
  { describe, test },
)

testTransport(
  'WebSocket with mutual TLS',
  () => {
    const listener = webSocket({ id: 'a', listen: LOCAL, tls: { ca, ...identities.a } })
    return {
      listener,
      dialer: webSocket({ id: 'b', tls: { ca, ...identities.b } }),
      peer: () => ({ id: 'a', address: `wss://${listener.address}` }),
      dialerId: 'b',
    }
  },
  { describe, test },
)

testTransport(
  'WebSocket on a server of the host',
  async () => {
    const server = await listening(createServer(answer404))
    const listener = webSocket({ id: 'a', listen: { server }, path: '/links' })
    return {
      listener,
      dialer: webSocket({ id: 'b' }),
      peer: () => ({ id: 'a', address: `ws://${listener.address}/links` }),
      dialerId: 'b',
      close: () => void server.close(),
    }
  },
  { describe, test },
)

testTransport(
  'WebSocket through something that cuts',
  async () => {
    const listener = webSocket({ id: 'a', listen: LOCAL })
    const proxy = await TcpProxy.listen()
    return {
      listener,
      dialer: webSocket({ id: 'b' }),
      peer: () => ({ id: 'a', address: proxy.addressFor(listener.address!) }),
      dialerId: 'b',
      cut: () => proxy.cut(),
      close: () => proxy.close(),
    }
  },
  { describe, test },
)

describe('a WebSocket transport', () => {
  let stop: AbortController

  beforeEach(() => {
    stop = new AbortController()
  })
  afterEach(() => stop.abort())

  /** Both ends of a link to a listener with these options. */
  async function linked(
    server: WebSocketTransport,
    options: Partial<WebSocketOptions> = {},
    scheme = 'wss',
  ): Promise<[Link, Link]> {
    const accepted = server.listen(stop)
    await accepted.ready
    const near = await dial(server, options, scheme)
    const { value: far } = await accepted[Symbol.asyncIterator]().next()
    return [near, far]
  }

  const dial = (
    server: WebSocketTransport,
    options: Partial<WebSocketOptions> = {},
    scheme = 'wss',
  ): Promise<Link> =>
    webSocket({ id: 'b', ...options }).dial({ id: 'a', address: `${scheme}://${server.address}` }, stop)

  test('does not listen without being told where, or twice at once', async () => {
    expect(() => webSocket({ id: 'a' }).listen(stop)).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID', details: { option: 'listen' } }),
    )
    const server = webSocket({ id: 'a', listen: LOCAL })
    server.listen(stop)
    expect(() => server.listen(stop)).toThrow(expect.objectContaining({ code: 'TRANSPORT_FAILED' }))
  })

  test('stops listening when the iteration is left', async () => {
    const server = webSocket({ id: 'a', listen: LOCAL })
    const accepted = server.listen(stop)
    await accepted.ready
    const { address } = server
    await accepted[Symbol.asyncIterator]().return?.()
    await expect(webSocket({ id: 'b' }).dial({ id: 'a', address: address! }, stop)).rejects.toMatchObject({
      code: 'TRANSPORT_FAILED',
    })
    expect(getEventListeners(stop.signal, 'abort')).toEqual([])
  })

  test('does not pass on what the caller says of a peer', async () => {
    const server = webSocket({ id: 'a', listen: LOCAL })
    await server.listen(stop).ready
    const peer = { id: 'a', address: server.address!, authenticated: true }
    expect((await webSocket({ id: 'b' }).dial(peer, stop)).peer).toEqual({ id: 'a', address: server.address })
  })

  describe('with TLS', () => {
    test('binds both ends to the connection, and names only whom a certificate names', async () => {
      const server = webSocket({ id: 'a', listen: LOCAL, tls: identities.a })
      const [near, far] = await linked(server, { tls: { ca } })
      expect(near.channelBinding).toHaveLength(32)
      expect(far.channelBinding).toEqual(near.channelBinding)
      const another = await dial(server, { tls: { ca } })
      expect(another.channelBinding).not.toEqual(near.channelBinding)
      expect([near.peer.authenticated, far.peer.authenticated, server.authenticates]).toEqual([
        true,
        undefined,
        false,
      ])
    })

    test('knows who dials by a certificate where it asks for one', async () => {
      const server = webSocket({ id: 'a', listen: LOCAL, tls: { ca, ...identities.a } })
      const [near, far] = await linked(server, { tls: { ca, ...identities.b } })
      expect(far.peer).toEqual({ id: 'b', address: expect.any(String), authenticated: true })
      expect([near.peer.authenticated, server.authenticates]).toEqual([true, true])
      // Who has a certificate, but of another, or none that is believed.
      const others = await CertificateAuthority.create('others')
      for (const identity of [identities.a, await others.issue('b')]) {
        await expect(dial(server, { tls: { ca, ...identity } })).rejects.toMatchObject({
          code: 'TRANSPORT_FAILED',
        })
      }
    })

    test('does not call a peer authenticated whose certificate is for the host only', async () => {
      const tls = await authority.issue('somebody')
      const [near] = await linked(webSocket({ id: 'a', listen: LOCAL, tls }), { tls: { ca } })
      expect(near.peer.authenticated).toBeUndefined()
    })

    test('binds nothing where something in between ends TLS', async () => {
      const server = webSocket({ id: 'a', listen: LOCAL, tls: identities.a, channelBinding: false })
      const [near, far] = await linked(server, { tls: { ca }, channelBinding: false })
      expect([near.channelBinding, far.channelBinding]).toEqual([undefined, undefined])
    })

    test('takes other certificates, for connections from then on', async () => {
      const server = webSocket({ id: 'a', listen: LOCAL, tls: identities.a })
      const [near, far] = await linked(server, { tls: { ca } })
      const others = await CertificateAuthority.create('others')
      server.reloadTls(await others.issue('a'))
      await expect(dial(server, { tls: { ca } })).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
      const dialer = webSocket({ id: 'b', tls: { ca } })
      dialer.reloadTls({ ca: others.ca })
      await (await dialer.dial({ id: 'a', address: server.address! }, stop)).close()
      await near.send(new Uint8Array([1]))
      expect((await far[Symbol.asyncIterator]().next()).value).toEqual(new Uint8Array([1]))
      // And what is none changes nothing.
      expect(() => server.reloadTls({ cert: 'x' })).toThrow(
        expect.objectContaining({ code: 'OPTIONS_INVALID' }),
      )
      await (await dialer.dial({ id: 'a', address: server.address! }, stop)).close()
    })

    test('does not begin to use TLS, or to ask for certificates, while it is there', () => {
      expect(() => webSocket({ id: 'a' }).reloadTls({ ca })).toThrow(
        expect.objectContaining({ code: 'OPTIONS_INVALID', details: { option: 'tls' } }),
      )
      const server = webSocket({ id: 'a', listen: LOCAL, tls: identities.a })
      expect(() => server.reloadTls({ ca, ...identities.a })).toThrow(
        expect.objectContaining({ code: 'OPTIONS_INVALID', details: { option: 'tls.mutual' } }),
      )
    })

    test('has the certificate of the server of the host, and proves nobody', async () => {
      const server = createSecureServer({ ca, requestCert: true, ...identities.a }, answer404)
      await listening(server as never)
      const transport = webSocket({ id: 'a', listen: { server }, tls: { ca } })
      const [near, far] = await linked(transport, { tls: { ca, ...identities.b } })
      expect([far.peer.authenticated, transport.authenticates]).toEqual([undefined, false])
      expect(far.channelBinding).toEqual(near.channelBinding)
      expect(near.channelBinding).toHaveLength(32)
      // Its certificates are the host's to change.
      transport.reloadTls({ ca })
      server.close()
    })

    test('takes nothing older than TLS 1.3 on a server of its own', async () => {
      const server = webSocket({ id: 'a', listen: LOCAL, tls: identities.a })
      await server.listen(stop).ready
      const [host, port] = server.address!.split(':')
      const socket: TLSSocket = connect({ host: host!, port: Number(port), ca, maxVersion: 'TLSv1.2' })
      const [error] = await once(socket, 'error')
      expect(error.message).toMatch(/protocol version/)
    })
  })

  test('refuses a browser on a server of the host too', async () => {
    const server = await listening(createServer(answer404))
    await webSocket({ id: 'a', listen: { server } }).listen(stop).ready
    const url = `ws://127.0.0.1:${portOf(server)}/replivec`
    expect((await refusalOf(url, ['replivec.1'], { origin: 'http://page.example' })).status).toBe(403)
    server.close()
  })
})
