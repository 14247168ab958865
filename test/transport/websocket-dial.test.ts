import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { createServer as createSocketServer, type Server as SocketServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Link } from '../../lib/replication/link.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { encodeHelloMessage } from '../../lib/transport/stream-hello.js'
import { type WebSocketOptions, webSocket } from '../../lib/transport/websocket.js'
import { CertificateAuthority, daysFromNow } from './certificates.js'
import { ConnectProxy } from './connect-proxy.js'
import { framesOf, HELLO, listening, portOf } from './raw-web-socket.js'

const LOCAL = { host: '127.0.0.1', port: 0 }
const MIB = 1024 * 1024
const authority = await CertificateAuthority.create()
const { ca } = authority

describe('dialing a WebSocket', () => {
  let stop: AbortController
  const servers: (Server | SocketServer)[] = []
  const sockets: Socket[] = []

  beforeEach(() => {
    stop = new AbortController()
  })
  afterEach(() => {
    stop.abort()
    for (const socket of sockets.splice(0)) socket.destroy()
    for (const server of servers.splice(0)) server.close()
  })

  const dial = (
    address: string,
    options: Partial<WebSocketOptions> = {},
    signal = stop.signal,
  ): Promise<Link> => webSocket({ id: 'b', ...options }).dial({ id: 'a', address }, { signal })

  /** What an operator reads who dials that. */
  async function refusal(address: string, options: Partial<WebSocketOptions> = {}): Promise<string> {
    const error = await dial(address, options).then(
      () => undefined,
      (thrown) => thrown,
    )
    expect(error).toMatchObject({ code: 'TRANSPORT_FAILED', details: { peerId: 'a' } })
    expect(error.message).toContain(`Cannot reach a at ${address}: `)
    return error.message.slice(`Cannot reach a at ${address}: `.length)
  }

  async function serve(server: Server): Promise<string> {
    servers.push(server)
    server.on('connection', (socket) => sockets.push(socket))
    await listening(server)
    return `127.0.0.1:${portOf(server)}`
  }

  /** A server that answers every request, to upgrade too, in this way. */
  const answering = (status: number, headers = {}): Promise<string> =>
    serve(createServer((_, response) => response.writeHead(status, headers).end()))

  /** A server that talks in its own way. */
  async function talking(talk: (socket: Socket) => void): Promise<string> {
    const server = createSocketServer((socket) => {
      sockets.push(socket.on('error', () => {}))
      talk(socket)
    })
    servers.push(server)
    await listening(server as Server)
    return `127.0.0.1:${portOf(server as Server)}`
  }

  /** A WebSocket server of the test, which does with each connection what the test says. */
  async function webSocketServer(
    connected: (socket: WebSocket, request: IncomingMessage) => void,
    handleProtocols = (offered: Set<string>): string | false => [...offered][0] ?? false,
  ): Promise<string> {
    const server = createServer()
    new WebSocketServer({ server, handleProtocols }).on('connection', connected)
    return serve(server)
  }

  test('says that nobody listens', async () => {
    const address = await talking(() => {})
    servers.pop()?.close()
    expect(await refusal(address)).toMatch(/ECONNREFUSED.*: nobody listens there\.$/)
    await expect(dial(address)).rejects.toMatchObject({ details: { reason: 'ECONNREFUSED' } })
  })

  test.each([
    [200, undefined, 'It answers HTTP 200 instead of a WebSocket.'],
    [400, undefined, /HTTP 400 .*subprotocol replivec\.1, or another WebSocket server took the request/],
    [401, undefined, /HTTP 401 .*option headers/],
    [403, undefined, /HTTP 403 .*gateway/],
    [404, undefined, /HTTP 404 .*compare the path of the address with the option path/],
    [407, undefined, /HTTP 407 .*proxy asks for credentials/],
    [426, undefined, /HTTP 426 .*option path/],
    [502, undefined, /HTTP 502 .*gateway does not reach the node/],
    [
      302,
      'ws://elsewhere/replivec',
      /HTTP 302 .*redirects are not followed: dial "ws:\/\/elsewhere\/replivec"/,
    ],
  ])('says what the answer HTTP %d means', async (status, location, message) => {
    expect(await refusal(await answering(status, location ? { location } : {}))).toMatch(message)
  })

  test('says that a WebSocket server does not speak the subprotocol', async () => {
    const message =
      /WebSocket server is there that does not speak replivec\.1: is the path that of a replivec node\?/
    for (const protocol of [false, 'chat'] as const) {
      expect(
        await refusal(
          await webSocketServer(
            () => {},
            () => protocol,
          ),
        ),
      ).toMatch(message)
    }
  })

  test.each([
    ['another protocol', '220 mail.example ESMTP\r\n', /does not speak HTTP/],
    ['nothing, and ends', '', /connection was ended instead of answered.*wss:\/\//],
    [
      'an upgrade to something else',
      'HTTP/1.1 101 OK\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
      /not a WebSocket/,
    ],
    [
      'a key that does not fit',
      'HTTP/1.1 101 OK\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n',
      /not a WebSocket server/,
    ],
  ])('says that the other side answers %s', async (_, text, message) => {
    const address = await talking((socket) => socket.once('data', () => socket.end(text)))
    expect(await refusal(address)).toMatch(message)
  })

  test('says that another peer answers than was asked for', async () => {
    const address = await webSocketServer((socket) => {
      socket.once('message', () => socket.send(encodeHelloMessage({ id: 'c', maxFrameBytes: MIB })))
    })
    expect(await refusal(address)).toBe(`At ${address} is the peer c, not a.`)
  })

  test.each([
    ['text', (socket: WebSocket) => socket.send('hello'), /does not speak this protocol/],
    [
      'a hello that is none',
      (socket: WebSocket) => socket.send(Buffer.alloc(20)),
      /does not speak this protocol/,
    ],
    [
      'more than a hello has',
      (socket: WebSocket) => socket.send(Buffer.alloc(100_000)),
      /does not speak this/,
    ],
    [
      'an end',
      (socket: WebSocket) => socket.close(1000),
      /closed with the code 1000 before the other side said/,
    ],
    ['no more', (socket: WebSocket) => socket.terminate(), /ended before the other side said who it is/],
  ])('fails where %s comes instead of a hello', async (_, talk, message) => {
    expect(await refusal(await webSocketServer((socket) => void talk(socket)))).toMatch(message)
  })

  test('takes a hello that comes before its own, and frames right behind it', async () => {
    const address = await webSocketServer((socket) => {
      const { _socket: stream } = socket as unknown as { _socket: Socket }
      stream.cork()
      for (const message of [encodeHelloMessage({ id: 'a', maxFrameBytes: MIB }), 'x', 'y']) {
        socket.send(Buffer.from(message))
      }
      stream.uncork()
      socket.once('message', () => socket.close(1000))
    })
    expect(await framesOf(await dial(address))).toEqual(['x', 'y'])
  })

  test.each([
    ['accepts', (): Promise<string> => talking(() => {})],
    ['upgrades', (): Promise<string> => webSocketServer(() => {})],
  ])('does not wait for ever for who only %s', async (_, start) => {
    const clock = new SimulatedClock()
    const address = await start()
    const server = servers[0] as Server
    const dialing = dial(address, { clock })
    const failing = expect(dialing).rejects.toMatchObject({
      code: 'TRANSPORT_FAILED',
      message: expect.stringContaining('No answer in time.'),
      details: { reason: 'ETIMEDOUT' },
    })
    await once(server, 'connection')
    await clock.advance(10_000)
    await failing
    await Promise.all(sockets.map((socket) => socket.resume().closed || once(socket, 'close')))
    expect(clock.pendingTimers).toBe(0)
  })

  test.each([
    ['accepts', (heard: () => void): Promise<string> => talking((socket) => socket.once('data', heard))],
    [
      'upgrades',
      (heard: () => void): Promise<string> => webSocketServer((socket) => socket.once('message', heard)),
    ],
  ])('tells an abort from a failure while it waits for who %s', async (_, start) => {
    const reason = new Error('changed my mind')
    const controller = new AbortController()
    const address = await start(() => controller.abort(reason))
    await expect(dial(address, {}, controller.signal)).rejects.toBe(reason)
    await Promise.all(sockets.map((socket) => socket.resume().closed || once(socket, 'close')))
  })

  test('sends the headers it was given, and no Origin', async () => {
    let headers: IncomingMessage['headers'] = {}
    const address = await webSocketServer((socket, request) => {
      headers = request.headers
      socket.terminate()
    })
    await refusal(address, { headers: { Authorization: 'Bearer x', 'X-Route': 'a' } })
    expect(headers).toMatchObject({
      authorization: 'Bearer x',
      'x-route': 'a',
      'sec-websocket-protocol': 'replivec.1',
    })
    expect(headers.origin).toBeUndefined()
    expect(headers['sec-websocket-extensions']).toBeUndefined()
  })

  test.each([
    ['host:port', (host: string) => host, '/replivec'],
    ['a URL without a path', (host: string) => `ws://${host}`, '/replivec'],
    ['a URL without a path, with a query', (host: string) => `ws://${host}?a=1`, '/replivec?a=1'],
    ['a URL with a path', (host: string) => `ws://${host}/links/a?b=1`, '/links/a?b=1'],
    ['a URL with the root', (host: string) => `ws://${host}/`, '/'],
  ])('asks for the path of %s', async (_, addressOf, path) => {
    let asked: string | undefined
    const address = await webSocketServer((socket, request) => {
      asked = request.url
      socket.terminate()
    })
    await refusal(addressOf(address))
    expect(asked).toBe(path)
  })

  test('goes through a proxy, encrypted or not', async () => {
    const proxy = await ConnectProxy.listen()
    const plain = webSocket({ id: 'a', listen: LOCAL })
    const secure = webSocket({ id: 'a', listen: LOCAL, tls: await authority.issue('a') })
    for (const [server, scheme] of [
      [plain, 'ws'],
      [secure, 'wss'],
    ] as const) {
      const accepted = server.listen(stop)
      await accepted.ready
      const agent = proxy.agent()
      const near = await dial(`${scheme}://${server.address}`, {
        agent,
        ...(scheme === 'wss' ? { tls: { ca } } : {}),
      })
      const { value: far } = await accepted[Symbol.asyncIterator]().next()
      await near.send(Buffer.from(scheme))
      await near.close()
      expect(await framesOf(far)).toEqual([scheme])
      expect(near.channelBinding).toEqual(far.channelBinding)
      agent.destroy()
    }
    expect(proxy.asked).toEqual([plain.address, secure.address])
    proxy.close()
  })

  describe('over TLS', () => {
    async function secureServer(certificate = authority.issue('a')): Promise<string> {
      const server = webSocket({ id: 'a', listen: LOCAL, tls: await certificate })
      await server.listen(stop).ready
      return server.address!
    }

    test('says what is wrong with the certificate', async () => {
      const other = await CertificateAuthority.create('others')
      const address = await secureServer()
      expect(await refusal(address, { tls: { ca: other.ca } })).toMatch(
        /authority that is not believed here; give that one as tls\.ca/,
      )
      // Those of Node, without the option.
      expect(await refusal(`wss://${address}`)).toMatch(
        /authority that is not believed here; give that one as tls\.ca/,
      )

      const expired = authority.issue({ subject: 'a', notBefore: daysFromNow(-9), notAfter: daysFromNow(-2) })
      expect(await refusal(await secureServer(expired), { tls: { ca } })).toMatch(/certificate has expired/)

      const elsewhere = authority.issue({ subject: 'x', names: [{ type: 'dns', value: 'x.example' }] })
      expect(await refusal(await secureServer(elsewhere), { tls: { ca } })).toMatch(
        /certificate is for .*x\.example.* must be for 127\.0\.0\.1 or name the peer a/,
      )
    })

    test('is not talked out of verifying by the environment', async () => {
      const address = await secureServer()
      const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
      try {
        expect(await refusal(`wss://${address}`)).toMatch(
          /authority that is not believed here; give that one as tls\.ca/,
        )
      } finally {
        if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
        else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before
      }
    })

    test('says that the scheme does not fit the server', async () => {
      const plain = webSocket({ id: 'a', listen: LOCAL })
      await plain.listen(stop).ready
      expect(await refusal(`wss://${plain.address}`, { tls: { ca } })).toMatch(/does not speak TLS.* ws:\/\//)
      const secure = await secureServer()
      expect(await refusal(`ws://${secure}`)).toMatch(/wss:\/\//)
    })

    test('says that a certificate is asked for', async () => {
      const server = webSocket({ id: 'a', listen: LOCAL, tls: { ca, ...(await authority.issue('a')) } })
      await server.listen(stop).ready
      expect(await refusal(server.address!, { tls: { ca } })).toMatch(
        /It asks for a certificate; give tls\.cert and tls\.key/,
      )
    })

    test('does not take an older version', async () => {
      const server = createSecureServer({ ...(await authority.issue('a')), maxVersion: 'TLSv1.2' })
      const address = await serve(server as unknown as Server)
      expect(await refusal(address, { tls: { ca } })).toMatch(/does not speak TLS 1\.3/)
    })
  })
})

test('the hello of the tests is one', () => expect(HELLO.byteLength).toBe(16))
