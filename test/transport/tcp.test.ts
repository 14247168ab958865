import { lookup } from 'node:dns/promises'
import { getEventListeners, once } from 'node:events'
import { connect as connectSocket, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Link } from '../../lib/replication/link.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { testTransport } from '../../lib/testing/index.js'
import { encodeHello } from '../../lib/transport/stream-hello.js'
import { parseAddress } from '../../lib/transport/tcp-options.js'
import { type TcpOptions, type TcpTransport, tcp } from '../../lib/transport/tcp.js'
import { TcpProxy } from './tcp-proxy.js'

const LOCAL = { host: '127.0.0.1', port: 0 }
const MIB = 1024 * 1024

testTransport(
  'TCP',
  () => {
    const listener = tcp({ id: 'a', listen: LOCAL })
    return {
      listener,
      dialer: tcp({ id: 'b' }),
      peer: () => ({ id: 'a', address: listener.address! }),
      dialerId: 'b',
    }
  },
  { describe, test },
)

testTransport(
  'TCP through something that cuts',
  async () => {
    const listener = tcp({ id: 'a', listen: LOCAL })
    const proxy = await TcpProxy.listen()
    return {
      listener,
      dialer: tcp({ id: 'b' }),
      peer: () => ({ id: 'a', address: proxy.addressFor(listener.address!) }),
      dialerId: 'b',
      cut: () => proxy.cut(),
      close: () => proxy.close(),
    }
  },
  { describe, test },
)

describe('a TCP transport', () => {
  let stop: AbortController
  let clock: SimulatedClock
  let server: TcpTransport
  let links: AsyncIterator<Link>
  const raw: Socket[] = []
  const servers: Server[] = []

  beforeEach(async () => {
    stop = new AbortController()
    clock = new SimulatedClock()
    server = tcp({ id: 'a', listen: LOCAL, clock })
    const listening = server.listen(stop)
    links = listening[Symbol.asyncIterator]()
    await listening.ready
  })
  afterEach(() => {
    stop.abort()
    for (const socket of raw.splice(0)) socket.destroy()
    for (const other of servers.splice(0)) other.close()
  })

  const dial = (options: Partial<TcpOptions> = {}, id = 'a'): Promise<Link> =>
    tcp({ id: 'b', ...options }).dial({ id, address: server.address! }, { signal: stop.signal })

  /** A connection that says what the test says. */
  async function rawClient(bytes: Uint8Array = new Uint8Array(0)): Promise<Socket> {
    const socket = connectSocket(parseAddress(server.address))
    socket.on('error', () => {})
    raw.push(socket)
    await once(socket, 'connect')
    if (bytes.byteLength > 0) socket.write(bytes)
    return socket
  }

  /** A server that does with its connections what the test says. */
  async function rawServer(talk: (socket: Socket) => void): Promise<string> {
    const other = createServer((socket) => {
      raw.push(socket.on('error', () => {}))
      talk(socket)
    })
    servers.push(other)
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    return `127.0.0.1:${(other.address() as AddressInfo).port}`
  }

  /** A link whose other end is a raw socket that has said hello and been answered. */
  async function rawLink(maxFrameBytes = 16 * MIB): Promise<[Socket, Link]> {
    const socket = await rawClient(encodeHello({ id: 'raw', maxFrameBytes }))
    const { value } = await links.next()
    return [socket, value]
  }

  const hello = encodeHello({ id: 'raw', maxFrameBytes: 16 * MIB })
  const length = (bytes: number): Buffer => {
    const header = Buffer.alloc(4)
    header.writeUInt32LE(bytes)
    return header
  }
  const END = length(0xffff_ffff)

  test('has an address while it listens', async () => {
    expect(server.address).toMatch(/^127\.0\.0\.1:\d+$/)
    stop.abort()
    expect(server.address).toBeUndefined()
    expect(tcp({ id: 'x' }).address).toBeUndefined()
  })

  test('names the address of who dialed, and does not call anybody authenticated', async () => {
    const near = await dial()
    const { value: far } = await links.next()
    expect(far.peer).toEqual({ id: 'b', address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) })
    expect(near.peer).toEqual({ id: 'a', address: server.address })
    await near.close()
  })

  test('refuses a peer that is another than was asked for', async () => {
    await expect(dial({}, 'c')).rejects.toMatchObject({
      code: 'TRANSPORT_FAILED',
      message: expect.stringContaining('the peer a, not c'),
      details: { peerId: 'c' },
    })
    const { value: far } = await links.next()
    await expect(far[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
  })

  test.each([
    ['nothing at all', undefined],
    ['an array', []],
    ['an id with a space', { id: 'a b' }],
    ['an id of 129 characters', { id: 'a'.repeat(129) }],
    ['an empty id', { id: '' }],
    ['no id', {}],
    ['an option that is unknown', { id: 'a', port: 1 }],
    ['TLS that is no object', { id: 'a', tls: true }],
    ['TLS without a certificate of who listens', { id: 'a', listen: { host: 'x', port: 1 }, tls: {} }],
    ['a place to listen that is text', { id: 'a', listen: '127.0.0.1:80' }],
    ['a host that is none', { id: 'a', listen: { host: '', port: 1 } }],
    ['a port that is text', { id: 'a', listen: { host: 'x', port: '1' } }],
    ['a port over 65535', { id: 'a', listen: { host: 'x', port: 65_536 } }],
    ['a port below 0', { id: 'a', listen: { host: 'x', port: -1 } }],
    ['a port that is not whole', { id: 'a', listen: { host: 'x', port: 1.5 } }],
    ['an unknown option of listen', { id: 'a', listen: { host: 'x', port: 1, backlog: 3 } }],
    ['a clock that is none', { id: 'a', clock: {} }],
  ])('refuses %s', (_, options) => {
    expect(() => tcp(options as never)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }))
  })

  test('names the option that it refuses', () => {
    const refusal = { code: 'OPTIONS_INVALID', details: { option: 'tsl' } }
    expect(() => tcp({ id: 'a', tsl: {} } as never)).toThrow(expect.objectContaining(refusal))
  })

  test.each([
    undefined,
    '',
    'host',
    'host:',
    ':80',
    'host:0',
    'host:65536',
    'host:x',
    '::1:80',
    '[host]:80',
    'a b:1',
  ])('refuses to dial the address %s', async (address) => {
    const peer = { id: 'a', ...(address === undefined ? {} : { address }) }
    await expect(tcp({ id: 'b' }).dial(peer, stop)).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      details: { option: 'peer.address' },
    })
  })

  test('takes addresses of IPv6', () => {
    expect(parseAddress('[::1]:80')).toEqual({ host: '::1', port: 80 })
    expect(parseAddress('[fe80::1%eth0]:80')).toEqual({ host: 'fe80::1%eth0', port: 80 })
  })

  test('writes addresses of IPv6 as it reads them', async () => {
    const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
      all?.some(({ address }) => address === '::1'),
    )
    const [host, shown] = hasIPv6 ? ['::1', '[::1]'] : ['127.0.0.1', '127.0.0.1']
    const other = tcp({ id: 'c', listen: { host, port: 0 } })
    const listening = other.listen(stop)
    await listening.ready
    expect(other.address?.startsWith(`${shown}:`)).toBe(true)
    const near = await tcp({ id: 'b' }).dial({ id: 'c', address: other.address! }, stop)
    const { value: far } = await listening[Symbol.asyncIterator]().next()
    expect(far.peer.address.startsWith(`${shown}:`)).toBe(true)
    await near.close()
  })

  test('does not listen without being told where', () => {
    expect(() => tcp({ id: 'a' }).listen(stop)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }))
  })

  test('says why it cannot listen, to who waits for it and to who iterates', async () => {
    const { port } = parseAddress(server.address)
    const listening = tcp({ id: 'c', listen: { host: '127.0.0.1', port } }).listen(stop)
    const failure = { code: 'TRANSPORT_FAILED', details: { peerId: 'c', reason: 'EADDRINUSE' } }
    await expect(listening[Symbol.asyncIterator]().next()).rejects.toMatchObject(failure)
    await expect(listening.ready).rejects.toMatchObject(failure)
  })

  test('does not listen twice at once', () => {
    expect(() => server.listen(stop)).toThrow(expect.objectContaining({ code: 'TRANSPORT_FAILED' }))
  })

  test('is never ready when it is aborted before it listens', async () => {
    const reason = new Error('changed my mind')
    const controller = new AbortController()
    const other = tcp({ id: 'c', listen: { host: 'localhost', port: 0 } })
    const listening = other.listen(controller)
    controller.abort(reason)
    await expect(listening.ready).rejects.toBe(reason)
    // Looking the name up ends only after that.
    for (let i = 0; i < 10; i++) await lookup('localhost')
    expect(other.address).toBeUndefined()
    const aborted = other.listen({ signal: AbortSignal.abort(reason) })
    await expect(aborted.ready).rejects.toBe(reason)
  })

  test('stops listening when the iteration is left', async () => {
    const address = server.address!
    await links.return?.()
    const dialing = tcp({ id: 'b' }).dial({ id: 'a', address }, stop)
    await expect(dialing).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
    expect(server.address).toBeUndefined()
    expect(getEventListeners(stop.signal, 'abort')).toEqual([])
  })

  test('is never ready when the iteration is left before it listens', async () => {
    const listening = tcp({ id: 'c', listen: LOCAL }).listen(stop)
    await listening[Symbol.asyncIterator]().return?.()
    await expect(listening.ready).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
  })

  test('closes connections that have not said who they are when it stops', async () => {
    const socket = (await rawClient(hello.subarray(0, 5))).resume()
    // This one came later and is there, so the other is.
    await dial()
    stop.abort()
    await closed(socket)
  })

  test('lets 128 links wait to be taken', async () => {
    for (let i = 0; i < 128; i++) await dial()
    await expect(dial()).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
    await links.next()
    await dial()
  })

  test('leaves no timer behind', async () => {
    const near = await dial({ clock })
    const { value: far } = await links.next()
    expect(clock.pendingTimers).toBe(0)
    await near.close()
    await far.close()
    expect(clock.pendingTimers).toBe(0)
  })

  test('says that nobody is there', async () => {
    const address = await rawServer(() => {})
    servers[0]!.close()
    await expect(tcp({ id: 'b' }).dial({ id: 'a', address }, stop)).rejects.toMatchObject({
      code: 'TRANSPORT_FAILED',
      details: { peerId: 'a', reason: 'ECONNREFUSED' },
    })
  })

  describe('before anybody has said who he is', () => {
    test.each([
      ['words of another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')],
      ['a long frame', Buffer.concat([length(257), Buffer.alloc(257)])],
      ['an empty frame', length(0)],
      ['the end', END],
      ['another magic', Buffer.concat([length(20), Buffer.alloc(20)])],
      ['another version', changed(hello, 12, 2)],
      ['an id that is none', changed(hello, 17, 0x20)],
      ['no id', Buffer.from(encodeHello({ id: '', maxFrameBytes: 16 * MIB }))],
      ['a largest frame of 3 bytes', Buffer.from(encodeHello({ id: 'raw', maxFrameBytes: 3 }))],
    ])('closes a connection that brings %s, and answers nothing', async (_, bytes) => {
      const socket = await rawClient(bytes)
      let answeredBytes = 0
      socket.on('data', (piece) => {
        answeredBytes += piece.byteLength
      })
      await closed(socket)
      expect(answeredBytes).toBe(0)
    })

    test('closes a connection that says nothing, or half of it, after ten seconds', async () => {
      const silent = await rawClient()
      const half = await rawClient(hello.subarray(0, 10))
      const bothClosed = Promise.all([closed(silent.resume()), closed(half.resume())])
      const good = await dial()
      await links.next()
      await clock.advance(9_999)
      expect([silent.closed, half.closed]).toEqual([false, false])
      await clock.advance(1)
      await bothClosed
      expect(clock.pendingTimers).toBe(0)
      // Who said it in time stays.
      await good.send(new Uint8Array(1))
      await good.close()
    })

    test('takes a hello in pieces, and frames right behind it', async () => {
      const socket = await rawClient()
      socket.setNoDelay()
      const bytes = Buffer.concat([hello, length(3), Buffer.from('abc'), END])
      for (const byte of bytes) {
        socket.write(Buffer.from([byte]))
        await clock.yield()
      }
      const { value } = await links.next()
      expect(value.peer.id).toBe('raw')
      expect(await framesOf(value)).toEqual(['abc'])
      const another = await rawClient(bytes)
      expect(await framesOf((await links.next()).value)).toEqual(['abc'])
      another.destroy()
    })

    test('keeps no more than 64 that have not said it, and drops the oldest', async () => {
      const silent: Socket[] = []
      while (silent.length < 64) silent.push((await rawClient()).resume() as Socket)
      // This one has come in when its link is there, so all before it have.
      await (await dial()).close(new Error('enough'))
      await closed(silent[0]!)
      expect(silent.slice(1).filter((socket) => socket.closed)).toEqual([])
    })

    test('does not wait for ever for the answer of who was dialed', async () => {
      let greet = (): void => {}
      const greeted = new Promise<void>((resolve) => {
        greet = resolve
      })
      const address = await rawServer((socket) => socket.once('data', greet))
      const dialing = tcp({ id: 'b', clock }).dial({ id: 'a', address }, stop)
      const failing = expect(dialing).rejects.toMatchObject({
        code: 'TRANSPORT_FAILED',
        details: { peerId: 'a', reason: 'ETIMEDOUT' },
      })
      await greeted
      await clock.advance(10_000)
      await failing
    })

    test('tells an abort from a failure while it waits for the answer', async () => {
      const controller = new AbortController()
      const reason = new Error('changed my mind')
      const address = await rawServer((socket) => {
        socket.resume()
        controller.abort(reason)
      })
      await expect(tcp({ id: 'b' }).dial({ id: 'a', address }, controller)).rejects.toBe(reason)
      await closed(raw[0]!)
    })

    test.each([
      ['ends', (socket: Socket) => socket.end()],
      ['resets', (socket: Socket) => socket.resetAndDestroy()],
      ['speaks something else', (socket: Socket) => socket.write('220 mail.example ESMTP\r\n')],
    ])('fails to dial who %s instead of answering', async (_, talk) => {
      const address = await rawServer((socket) => void talk(socket))
      await expect(tcp({ id: 'b' }).dial({ id: 'a', address }, stop)).rejects.toMatchObject({
        code: 'TRANSPORT_FAILED',
        details: { peerId: 'a' },
      })
    })
  })

  test('keeps to the smaller of the two largest frames', async () => {
    const [, link] = await rawLink(5_000)
    expect(link.maxFrameBytes).toBe(5_000)
    await expect(link.send(new Uint8Array(5_001))).rejects.toMatchObject({
      code: 'FRAME_TOO_LARGE',
      details: { bytes: 5_001, maxFrameBytes: 5_000 },
    })
  })

  test('breaks a link whose other side announces a frame that is too large', async () => {
    const [socket, link] = await rawLink(5_000)
    socket.resume().write(Buffer.concat([length(1), Buffer.from('a'), length(5_001)]))
    const { frames, error } = await readToBreak(link)
    expect(frames).toEqual(['a'])
    expect(error).toMatchObject({ code: 'TRANSPORT_FAILED', cause: { code: 'FRAME_TOO_LARGE' } })
    await closed(socket)
  })

  test.each([
    ['ends without the marker', (socket: Socket) => socket.end()],
    ['ends in the middle of a header', (socket: Socket) => socket.end(length(3).subarray(0, 2))],
    [
      'ends in the middle of a frame',
      (socket: Socket) => socket.end(Buffer.concat([length(3), Buffer.from('xy')])),
    ],
    ['resets', (socket: Socket) => socket.write('', () => setImmediate(() => socket.resetAndDestroy()))],
  ])('breaks when the other side %s', async (_, end) => {
    const [socket, link] = await rawLink()
    socket.write(Buffer.concat([length(1), Buffer.from('a')]))
    const iterator = link[Symbol.asyncIterator]()
    expect((await iterator.next()).value).toEqual(new Uint8Array([97]))
    end(socket)
    await expect(iterator.next()).rejects.toMatchObject({
      code: 'TRANSPORT_FAILED',
      details: { peerId: 'raw' },
    })
    await expect(link.send(new Uint8Array(1))).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
  })

  test('ends cleanly at the marker, and lets the other side go at once', async () => {
    const [socket, link] = await rawLink()
    socket.resume().write(Buffer.concat([length(0), length(1), Buffer.from('a'), END]))
    expect(await framesOf(link)).toEqual(['', 'a'])
    await closed(socket)
    await link.close()
  })

  test('ends with the marker', async () => {
    const [socket, link] = await rawLink()
    const pieces: Buffer[] = []
    socket.on('data', (piece) => pieces.push(piece))
    await link.send(Buffer.from('hello'))
    await link.close()
    const answer = encodeHello({ id: 'a', maxFrameBytes: 16 * MIB })
    expect(Buffer.concat(pieces)).toEqual(Buffer.concat([answer, length(5), Buffer.from('hello'), END]))
  })

  test('does not wait for what it does not read itself', async () => {
    const [socket, link] = await rawLink()
    // More than it holds, so it has stopped reading.
    for (let i = 0; i < 5; i++) socket.write(Buffer.concat([length(MIB), Buffer.alloc(MIB)]))
    for (let i = 0; i < 100; i++) await clock.yield()
    const ends = new Promise<void>((resolve) => {
      socket.on('data', (piece) => {
        if (piece.subarray(-4).equals(END)) resolve(void socket.end())
      })
    })
    const closing = link.close()
    await ends
    await closing
    expect(clock.pendingTimers).toBe(0)
  })

  test('waits three seconds for a reader that does not read, and no longer', async () => {
    const [socket, link] = await rawLink()
    socket.pause()
    const sends = Array.from({ length: 40 }, () => link.send(new Uint8Array(MIB)))
    await sends[0]
    const settled = Promise.allSettled(sends)
    let isClosed = false
    const closing = link.close().then(() => {
      isClosed = true
    })
    await clock.advance(2_999)
    expect(isClosed).toBe(false)
    await clock.advance(1)
    await closing
    expect((await settled).at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'TRANSPORT_FAILED' } })
  })

  test('keeps the memory of a frame that a clean close still delivers, until it is delivered', async () => {
    const [socket, link] = await rawLink()
    const heard: Buffer[] = []
    socket.on('data', (piece) => heard.push(piece)).pause()
    const memory = new Uint8Array(16 * MIB).fill(1)
    const sending = link.send(memory).finally(() => memory.fill(2))
    const closing = link.close()
    await clock.yield()
    socket.resume()
    await expect(sending).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
    await closing
    const said = Buffer.concat(heard)
    const frame = said.subarray(said.byteLength - 4 - memory.byteLength, -4)
    expect([frame.byteLength, frame.every((byte) => byte === 1)]).toEqual([memory.byteLength, true])
  })

  test('holds back who sends empty frames that nobody reads', async () => {
    const [socket, link] = await rawLink()
    const empty = Buffer.alloc(4 * MIB)
    let writtenBytes = 0
    // A million empty frames are 4 MiB on the wire; as objects they would be hundreds.
    while (socket.write(empty) || (await Promise.race([drained(socket), rested()])))
      writtenBytes += empty.byteLength
    expect(writtenBytes).toBeLessThan(64 * MIB)
    await link.close(new Error('enough'))
  })

  test('allocates for what has arrived, not for what was announced', async () => {
    const sockets: [Socket, Link][] = []
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 50; i++) {
      const [socket, link] = await rawLink()
      socket.write(Buffer.concat([length(16 * MIB), Buffer.alloc(1)]))
      sockets.push([socket, link])
    }
    // What comes behind on another connection is there, so what came before is too.
    const [socket, link] = await rawLink()
    socket.write(Buffer.concat([length(1), Buffer.from('a')]))
    await link[Symbol.asyncIterator]().next()
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * MIB)
    await Promise.all(
      [...sockets, [socket, link] as const].map(([, opened]) => opened.close(new Error('enough'))),
    )
  })

  test('refuses what is no frame, and the link still works', async () => {
    const near = await dial()
    const { value: far } = await links.next()
    for (const frame of ['text', [1, 2], undefined, new Float32Array(2), new ArrayBuffer(3)]) {
      await expect(near.send(frame as never)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' })
    }
    await near.send(new Uint8Array([1]))
    expect((await far[Symbol.asyncIterator]().next()).value).toEqual(new Uint8Array([1]))
    await near.close()
  })

  test('gives frames whose slices are copies', async () => {
    const near = await dial()
    const { value: far } = await links.next()
    await near.send(new Uint8Array([1, 2]))
    const { value: frame } = await far[Symbol.asyncIterator]().next()
    frame.slice().fill(9)
    expect(frame).toEqual(new Uint8Array([1, 2]))
    await near.close()
  })
})

function changed(bytes: Uint8Array, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = value
  return copy
}

/** The socket has been closed, or is now. */
async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close')
}

async function framesOf(link: Link): Promise<string[]> {
  const frames: string[] = []
  for await (const frame of link) frames.push(Buffer.from(frame).toString())
  return frames
}

async function readToBreak(link: Link): Promise<{ frames: string[]; error: unknown }> {
  const frames: string[] = []
  try {
    for await (const frame of link) frames.push(Buffer.from(frame).toString())
  } catch (error) {
    return { frames, error }
  }
  throw new Error('The link ended cleanly.')
}

/** The socket takes more. */
async function drained(socket: Socket): Promise<boolean> {
  await once(socket, 'drain')
  return true
}

/** Nothing happened for so long that nothing will. */
function rested(): Promise<boolean> {
  return new Promise((resolve) => setTimeout(() => resolve(false), 300))
}
