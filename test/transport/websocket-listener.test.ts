import { getEventListeners, once } from 'node:events'
import { createServer, get, type Server } from 'node:http'
import { connect as connectSocket, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Link } from '../../lib/replication/link.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { encodeHelloMessage } from '../../lib/transport/stream-hello.js'
import { type WebSocketOptions, type WebSocketTransport, webSocket } from '../../lib/transport/websocket.js'
import { CertificateAuthority } from './certificates.js'
import {
  answer404,
  ended,
  framesOf,
  HELLO,
  listening,
  portOf,
  rawWebSocket,
  refusalOf,
} from './raw-web-socket.js'

const LOCAL = { host: '127.0.0.1', port: 0 }
const MIB = 1024 * 1024
const EVENTS = ['upgrade', 'close', 'listening', 'error', 'connection', 'request']

describe('a WebSocket listener', () => {
  let stop: AbortController
  let clock: SimulatedClock
  const servers: Server[] = []
  const sockets: Socket[] = []

  beforeEach(() => {
    stop = new AbortController()
    clock = new SimulatedClock()
  })
  afterEach(() => {
    stop.abort()
    for (const socket of sockets.splice(0)) socket.destroy()
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      server.close()
    }
  })

  /** A transport that listens, and its links. */
  async function listen(
    options: Partial<WebSocketOptions> = {},
  ): Promise<{ server: WebSocketTransport; links: AsyncIterator<Link>; url: string }> {
    const server = webSocket({ id: 'a', listen: LOCAL, clock, ...options })
    const accepted = server.listen(stop)
    await accepted.ready
    const links = accepted[Symbol.asyncIterator]()
    return { server, links, url: `ws://${server.address}${options.path ?? '/replivec'}` }
  }

  async function hostServer(server = createServer(answer404)): Promise<Server> {
    servers.push(server)
    return listening(server)
  }

  const dial = (address: string, options: Partial<WebSocketOptions> = {}, id = 'a'): Promise<Link> =>
    webSocket({ id: 'b', ...options }).dial({ id, address }, { signal: stop.signal })

  /** A connection that says what the test says. */
  async function rawSocket(url: string, text = ''): Promise<Socket> {
    const { hostname, port } = new URL(url)
    const socket = connectSocket(Number(port), hostname).on('error', () => {})
    sockets.push(socket)
    await once(socket, 'connect')
    if (text !== '') socket.write(text)
    return socket.resume()
  }

  const upgrade = (path: string): string =>
    `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\nSec-WebSocket-Protocol: replivec.1\r\n\r\n`

  test('has an address while it listens', async () => {
    const { server } = await listen()
    expect(server.address).toMatch(/^127\.0\.0\.1:\d+$/)
    stop.abort()
    expect(server.address).toBeUndefined()
  })

  test('names the address of who dialed, and does not call anybody authenticated', async () => {
    const { server, links } = await listen()
    const near = await dial(server.address!)
    const { value: far } = await links.next()
    expect(far.peer).toEqual({ id: 'b', address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) })
    expect(near.peer).toEqual({ id: 'a', address: server.address })
    expect([near.channelBinding, far.channelBinding, server.authenticates]).toEqual([
      undefined,
      undefined,
      false,
    ])
    await near.close()
  })

  test('says why it cannot listen, to who waits for it and to who iterates', async () => {
    const { server } = await listen()
    const port = Number(server.address!.split(':')[1])
    const taken = webSocket({ id: 'c', listen: { host: '127.0.0.1', port } }).listen(stop)
    const failure = {
      code: 'TRANSPORT_FAILED',
      message: expect.stringContaining('cannot listen'),
      details: { reason: 'EADDRINUSE' },
    }
    await expect(taken[Symbol.asyncIterator]().next()).rejects.toMatchObject(failure)
    await expect(taken.ready).rejects.toMatchObject(failure)
  })

  test('is never ready when it is aborted or left before it listens', async () => {
    const reason = new Error('changed my mind')
    const transport = webSocket({ id: 'c', listen: { host: 'localhost', port: 0 } })
    const controller = new AbortController()
    const first = transport.listen(controller)
    controller.abort(reason)
    await expect(first.ready).rejects.toBe(reason)
    await expect(transport.listen({ signal: AbortSignal.abort(reason) }).ready).rejects.toBe(reason)
    const second = transport.listen(stop)
    await second[Symbol.asyncIterator]().return?.()
    await expect(second.ready).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
    expect(getEventListeners(stop.signal, 'abort')).toEqual([])
    expect(transport.address).toBeUndefined()
  })

  test('lets 128 links wait to be taken', async () => {
    const { server, links } = await listen()
    for (let i = 0; i < 128; i++) await dial(server.address!)
    await expect(dial(server.address!)).rejects.toMatchObject({
      code: 'TRANSPORT_FAILED',
      message: expect.stringContaining('before the other side said who it is'),
    })
    await links.next()
    await dial(server.address!)
  })

  describe('refuses', () => {
    test('a browser, whatever its page', async () => {
      const { url } = await listen()
      for (const origin of ['http://localhost', 'https://page.example', 'null']) {
        expect(await refusalOf(url, ['replivec.1'], { origin })).toEqual({
          status: 403,
          body: 'Browsers are not served here.\n',
        })
      }
      const old = await refusalOf(url, ['replivec.1'], { origin: 'http://a', protocolVersion: 8 })
      expect(old.status).toBe(403)
    })

    test('who does not ask for the subprotocol', async () => {
      const { url } = await listen()
      for (const protocols of [[], ['replivec.2'], ['chat', 'replivec']]) {
        expect(await refusalOf(url, protocols)).toEqual({
          status: 400,
          body: 'Only the subprotocol replivec.1 is spoken here.\n',
        })
      }
    })

    test('another path than its own', async () => {
      const { url } = await listen({ path: '/links' })
      for (const path of ['/replivec', '/', '/links/', '/linksmore', '/Links']) {
        expect((await refusalOf(new URL(path, url).href)).status).toBe(404)
      }
      const webSocket = await rawWebSocket(`${url}?token=1`)
      webSocket.close()
    })

    test('ordinary requests, with a hint', async () => {
      const { url } = await listen()
      const [response] = await once(get(url.replace('ws:', 'http:')), 'response')
      response.resume()
      expect([response.statusCode, response.headers.connection]).toEqual([426, 'close'])
    })

    test('another subprotocol beside its own is no reason', async () => {
      const { url, links } = await listen()
      const webSocket = new WebSocket(url, ['chat', 'replivec.1'])
      await once(webSocket, 'open')
      expect(webSocket.protocol).toBe('replivec.1')
      webSocket.send(HELLO)
      expect((await links.next()).value.peer.id).toBe('raw')
      webSocket.terminate()
    })
  })

  describe('before anybody has said who he is', () => {
    test.each([
      ['text', 'replivec'],
      ['nothing', new Uint8Array(0)],
      ['another magic', new Uint8Array(20)],
      ['another version', changed(HELLO, 8, 2)],
      ['an id that is none', changed(HELLO, 13, 0x20)],
      ['no id', encodeHelloMessage({ id: '', maxFrameBytes: 16 * MIB })],
      ['a largest frame of 3 bytes', encodeHelloMessage({ id: 'raw', maxFrameBytes: 3 })],
      ['257 bytes', new Uint8Array(257)],
      ['a hello with bytes behind it', Buffer.concat([HELLO, Buffer.alloc(250, 'a')])],
    ])('closes a connection that brings %s, and answers nothing', async (_, message) => {
      const { url, server } = await listen()
      const raw = await rawWebSocket(url)
      let answers = 0
      raw.on('message', () => {
        answers += 1
      })
      raw.send(message)
      expect(await ended(raw)).toBe(1006)
      expect([answers, clock.pendingTimers]).toEqual([0, 0])
      // It still takes others.
      await (await dial(server.address!)).close(new Error('enough'))
    })

    test('does not gather a message that is larger than a hello', async () => {
      const { url } = await listen()
      const socket = await rawSocket(url, upgrade('/replivec'))
      // Announces 16 MiB, and brings 2 KiB of it.
      const header = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
      socket.write(Buffer.concat([header, Buffer.alloc(2_048)]))
      await once(socket, 'close')
      expect(clock.pendingTimers).toBe(0)
    })

    test('does not take pings without end', async () => {
      const { url } = await listen()
      const raw = await rawWebSocket(url)
      for (let i = 0; i < 20; i++) raw.ping(Buffer.alloc(100))
      expect(await ended(raw)).toBe(1006)
    })

    test('takes frames right behind the hello', async () => {
      const { url, links } = await listen()
      const raw = await rawWebSocket(url)
      // In one piece.
      const { _socket: socket } = raw as unknown as { _socket: Socket }
      socket.cork()
      for (const message of [HELLO, Buffer.from('a'), Buffer.from('b')]) raw.send(message)
      raw.close(1000)
      socket.uncork()
      expect(await framesOf((await links.next()).value)).toEqual(['a', 'b'])
    })

    test('closes who connects, or asks to upgrade, or says half a hello, and then nothing, after ten seconds', async () => {
      const { url, links, server } = await listen()
      const silent = await rawSocket(url)
      const slow = await rawSocket(url, upgrade('/replivec').slice(0, 50))
      const unnamed = await rawWebSocket(url)
      const half = await rawSocket(url, upgrade('/replivec'))
      half.write(Buffer.from([0x82, 0x90, 0, 0, 0, 0, 1, 2]))
      const good = await dial(server.address!)
      await links.next()
      const closed = Promise.all([silent, slow, half].map((socket) => once(socket, 'close')))
      const unnamedEnd = ended(unnamed)
      await clock.advance(9_999)
      slow.write('X-More: 1\r\n')
      for (let i = 0; i < 20; i++) await clock.yield()
      expect([silent.closed, slow.closed, half.closed, unnamed.readyState]).toEqual([false, false, false, 1])
      await clock.advance(1)
      await closed
      expect(await unnamedEnd).toBe(1006)
      // Who said it in time stays.
      await good.send(new Uint8Array(1))
      await good.close()
    })

    test('keeps no more than 64 that have not said it, and drops the oldest', async () => {
      const { url, server } = await listen()
      const silent: Socket[] = []
      while (silent.length < 64) silent.push(await rawSocket(url))
      // This one has come in when its link is there, so all before it have.
      await (await dial(server.address!)).close(new Error('enough'))
      if (!silent[0]!.closed) await once(silent[0]!, 'close')
      expect(silent.slice(1).filter((socket) => socket.closed)).toEqual([])
    })

    test('closes them when it stops', async () => {
      const { url } = await listen()
      const raw = await rawWebSocket(url)
      const socket = await rawSocket(url)
      await dial(new URL(url).host)
      stop.abort()
      expect(await ended(raw)).toBe(1006)
      if (!socket.closed) await once(socket, 'close')
    })

    test('counts who has not ended a TLS handshake, and forgets who has said it', async () => {
      const authority = await CertificateAuthority.create()
      const { server, links } = await listen({ tls: await authority.issue('a') })
      const silent = await rawSocket(`ws://${server.address}`)
      const [host, port] = server.address!.split(':')
      const secure = connectSecurely({ host: host!, port: Number(port), ca: authority.ca }).on(
        'error',
        () => {},
      )
      sockets.push(secure.resume())
      await once(secure, 'secureConnect')
      const near = await dial(server.address!, { tls: { ca: authority.ca } })
      const { value: far } = await links.next()
      expect(clock.pendingTimers).toBe(3)
      const closed = Promise.all([once(silent, 'close'), once(secure, 'close')])
      await clock.advance(10_000)
      await closed
      await far.send(new Uint8Array([5]))
      expect((await near[Symbol.asyncIterator]().next()).value).toEqual(new Uint8Array([5]))
      await near.close()
    })
  })

  describe('on a server of the host', () => {
    test('leaves ordinary routes and other WebSockets alone', async () => {
      const server = await hostServer(createServer((_, response) => void response.end('healthy')))
      const others = new WebSocketServer({ noServer: true })
      others.on('connection', (socket) => socket.on('message', (data) => socket.send(`heard ${data}`)))
      server.on('upgrade', (request, socket, head) => {
        if (request.url !== '/other') return
        others.handleUpgrade(request, socket, head, (other) => others.emit('connection', other))
      })
      const { links, server: transport } = await listen({ listen: { server } })
      const other = new WebSocket(`ws://127.0.0.1:${portOf(server)}/other`, { origin: 'http://page.example' })
      await once(other, 'open')
      other.send('hello')
      expect(String((await once(other, 'message'))[0])).toBe('heard hello')
      other.terminate()

      const [response] = await once(get(`http://127.0.0.1:${portOf(server)}/health`), 'response')
      expect(String((await response.toArray())[0])).toBe('healthy')

      const near = await dial(transport.address!)
      await near.send(Buffer.from('frame'))
      await near.close()
      expect(await framesOf((await links.next()).value)).toEqual(['frame'])

      // A path that nobody takes is not this one's to refuse: another listener may be slow.
      const lost = await rawSocket(transport.address!.replace(/^/, 'ws://'), upgrade('/nobody'))
      await (await dial(transport.address!)).close()
      expect(lost.closed).toBe(false)
    })

    test('refuses other paths where nobody else would answer', async () => {
      const server = await hostServer()
      const { server: transport } = await listen({ listen: { server } })
      expect(await refusalOf(`ws://${transport.address}/elsewhere`)).toEqual({
        status: 404,
        body: 'Nothing is served at this path.\n',
      })
    })

    test('survives another WebSocket server that takes every request', async () => {
      const server = await hostServer()
      const greedy = new WebSocketServer({ server, clientTracking: false })
      const { server: transport } = await listen({ listen: { server } })
      const failing = dial(transport.address!)
      await expect(failing).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
      expect(server.listening).toBe(true)
      greedy.close()
      await (await dial(transport.address!)).close()
    })

    test('is ready when the server listens, and leaves it open when it stops', async () => {
      const server = createServer(answer404)
      servers.push(server)
      const listenersBefore = EVENTS.map((event) => server.listenerCount(event))
      const transport = webSocket({ id: 'a', listen: { server }, clock })
      const accepted = transport.listen(stop)
      expect(transport.address).toBeUndefined()
      await listening(server)
      await accepted.ready
      expect(transport.address).toBe(`127.0.0.1:${portOf(server)}`)
      const near = await dial(transport.address!)
      const { value: far } = await accepted[Symbol.asyncIterator]().next()
      stop.abort()
      expect([server.listening, transport.address]).toEqual([true, undefined])
      expect(EVENTS.map((event) => server.listenerCount(event))).toEqual(listenersBefore)
      // A link that was taken stays.
      await near.send(new Uint8Array([7]))
      expect((await far[Symbol.asyncIterator]().next()).value).toEqual(new Uint8Array([7]))
      await near.close()
      await expect(
        webSocket({ id: 'b' }).dial(
          { id: 'a', address: `127.0.0.1:${portOf(server)}` },
          new AbortController(),
        ),
      ).rejects.toMatchObject({ message: expect.stringContaining('HTTP 404') })
    })

    test('fails when the server cannot listen, and ends when it is closed', async () => {
      const taken = await hostServer()
      const server = createServer(answer404)
      const accepted = webSocket({ id: 'a', listen: { server } }).listen(stop)
      server.listen(portOf(taken), '127.0.0.1')
      await expect(accepted.ready).rejects.toMatchObject({
        code: 'TRANSPORT_FAILED',
        details: { reason: 'EADDRINUSE' },
      })
      const { links } = await listen({ listen: { server: taken } })
      taken.close()
      await expect(links.next()).rejects.toMatchObject({
        code: 'TRANSPORT_FAILED',
        message: 'The HTTP server was closed.',
      })
    })

    test('closes who asks to upgrade and says nothing, and leaves other connections to the host', async () => {
      const server = await hostServer()
      const { url } = await listen({ listen: { server } })
      const ordinary = await rawSocket(url)
      const raw = await rawWebSocket(url)
      expect(clock.pendingTimers).toBe(1)
      const end = ended(raw)
      await clock.advance(10_000)
      expect(await end).toBe(1006)
      expect(ordinary.closed).toBe(false)
    })
  })

  describe('behind a proxy', () => {
    const forwarded = async (trustProxy: boolean | undefined, entries: string): Promise<string> => {
      const { url, links } = await listen(trustProxy === undefined ? {} : { trustProxy })
      const raw = await rawWebSocket(url, { headers: { 'X-Forwarded-For': entries } })
      raw.send(HELLO)
      const { value } = await links.next()
      raw.terminate()
      return value.peer.address
    }

    test.each([
      ['203.0.113.7', '203.0.113.7'],
      ['198.51.100.1, 203.0.113.7', '203.0.113.7'],
      ['evil, 2001:db8::1', '2001:db8::1'],
      ['203.0.113.7:4711', '203.0.113.7:4711'],
      ['[2001:db8::1]:4711', '[2001:db8::1]:4711'],
    ])('takes of %s the last entry, where the proxy is trusted', async (entries, address) => {
      expect(await forwarded(true, entries)).toBe(address)
    })

    test.each(['203.0.113.7, unknown', '', ',', '203.0.113.7, <script>'])(
      'takes the address of the connection where the last entry of %j is none',
      async (entries) => {
        expect(await forwarded(true, entries)).toMatch(/^127\.0\.0\.1:\d+$/)
      },
    )

    test('believes nobody unless it was told to', async () => {
      expect(await forwarded(undefined, '203.0.113.7')).toMatch(/^127\.0\.0\.1:\d+$/)
      stop = new AbortController()
      expect(await forwarded(false, '203.0.113.7')).toMatch(/^127\.0\.0\.1:\d+$/)
    })
  })
})

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = new Uint8Array(bytes)
  copy[at] = value
  return copy
}
