import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import type { Link } from '../../lib/replication/link.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { encodeHelloMessage } from '../../lib/transport/stream-hello.js'
import { type WebSocketTransport, webSocket } from '../../lib/transport/websocket.js'
import { WebSocketLink } from '../../lib/transport/websocket-link.js'
import {
  answer404,
  ended,
  framesOf,
  HELLO,
  listening,
  portOf,
  rawWebSocket,
  readToBreak,
} from './raw-web-socket.js'

const MIB = 1024 * 1024

describe('a WebSocket link', () => {
  let stop: AbortController
  let clock: SimulatedClock
  let host: Server
  let transport: WebSocketTransport
  let links: AsyncIterator<Link>
  /** The listener's ends of the connections, as the system has them. */
  const sockets: Socket[] = []
  const raws: WebSocket[] = []

  beforeEach(async () => {
    stop = new AbortController()
    clock = new SimulatedClock()
    host = await listening(createServer(answer404).on('connection', (socket) => sockets.push(socket)))
    transport = webSocket({ id: 'a', listen: { server: host }, clock })
    const accepted = transport.listen(stop)
    links = accepted[Symbol.asyncIterator]()
  })
  afterEach(() => {
    stop.abort()
    for (const raw of raws.splice(0)) raw.terminate()
    for (const socket of sockets.splice(0)) socket.destroy()
    host.close()
  })

  const url = (): string => `ws://127.0.0.1:${portOf(host)}/replivec`

  /** Both ends of a link. */
  async function linked(): Promise<[Link, Link]> {
    const near = await webSocket({ id: 'b', clock }).dial({ id: 'a', address: url() }, stop)
    return [near, (await links.next()).value]
  }

  /** A link whose other end is a WebSocket that has said hello and been answered. */
  async function rawLink(hello = HELLO): Promise<[WebSocket, Link]> {
    const raw = await rawWebSocket(url())
    raws.push(raw)
    raw.send(hello)
    await once(raw, 'message')
    return [raw, (await links.next()).value]
  }

  test('keeps to the smaller of the two largest frames', async () => {
    const [raw, link] = await rawLink(encodeHelloMessage({ id: 'raw', maxFrameBytes: 5_000 }))
    expect(link.maxFrameBytes).toBe(5_000)
    await expect(link.send(new Uint8Array(5_001))).rejects.toMatchObject({ code: 'FRAME_TOO_LARGE' })
    raw.send(Buffer.from('a'))
    raw.send(new Uint8Array(5_001))
    raw.send(Buffer.from('b'))
    expect(await readToBreak(link)).toEqual({
      frames: ['a'],
      error: expect.objectContaining({
        code: 'TRANSPORT_FAILED',
        cause: expect.objectContaining({ code: 'FRAME_TOO_LARGE' }),
      }),
    })
    expect(await ended(raw)).toBe(1006)
  })

  test('breaks at a message of more than 16 MiB when it is announced', async () => {
    const [raw, link] = await rawLink()
    // The length, and nothing of the message.
    socketOf(raw).write(Buffer.from([0x82, 0xff, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0]))
    const { error } = await readToBreak(link)
    expect(error).toMatchObject({
      code: 'TRANSPORT_FAILED',
      details: { peerId: 'raw', reason: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' },
    })
  })

  test.each([16 * MIB, 1_024])(
    'breaks at a message that grows beyond the limit, long before it is whole, on a link of frames of %i bytes',
    async (maxFrameBytes) => {
      const [raw, link] = await rawLink(encodeHelloMessage({ id: 'raw', maxFrameBytes }))
      link.limitReceived?.(MIB)
      const breaking = readToBreak(link)
      const piece = Buffer.alloc(64 * 1024)
      let sentBytes = 0
      while (raw.readyState === raw.OPEN && sentBytes < 16 * MIB - piece.byteLength) {
        raw.send(piece, { binary: true, fin: false })
        sentBytes += piece.byteLength
        await clock.yield()
      }
      const { frames, error } = await breaking
      expect(frames).toEqual([])
      expect(error).toMatchObject({ code: 'TRANSPORT_FAILED', cause: { code: 'FRAME_TOO_LARGE' } })
      const { bytes } = (error as { cause: { details: { bytes: number } } }).cause.details
      const limitBytes = Math.min(MIB, maxFrameBytes)
      expect(bytes).toBeGreaterThan(limitBytes)
      expect(bytes).toBeLessThan(limitBytes + 256 * 1024)
    },
  )

  test('breaks at a message of more fragments than a gateway makes, whatever is in them', async () => {
    for (const [count, isTaken] of [
      [1_024, true],
      [1_025, false],
    ] as const) {
      const [raw, link] = await rawLink()
      const reading = readToBreak(link).catch(() => undefined)
      // A byte each, masked with zeros.
      const fragments = Buffer.alloc(7 * count)
      for (let at = 0; at < count; at++)
        fragments.set([at === 0 ? 0x02 : at === count - 1 ? 0x80 : 0, 0x81, 0, 0, 0, 0, 97], 7 * at)
      socketOf(raw).write(fragments)
      if (isTaken) raw.close(1000)
      const read = await reading
      if (isTaken) expect(read).toBeUndefined()
      else expect(read).toMatchObject({ frames: [], error: { code: 'TRANSPORT_FAILED' } })
    }
  })

  test('gathers nothing more of a limited peer once it was closed', async () => {
    const [raw, link] = await rawLink()
    link.limitReceived?.(MIB)
    // What is large and on its way is not waited for.
    const closing = link.close()
    const piece = Buffer.alloc(64 * 1024)
    let sentBytes = 0
    // Not with the package, which says nothing more after the other side's close.
    const header = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0xf0, 0, 0, 0, 0, 0, 0])
    socketOf(raw).removeAllListeners('data')
    socketOf(raw).write(header)
    while (!socketOf(raw).destroyed && sentBytes < 15 * MIB) {
      socketOf(raw).write(piece)
      sentBytes += piece.byteLength
      await clock.yield()
    }
    await closing
    expect(sentBytes).toBeLessThan(8 * MIB)
    expect(clock.pendingTimers).toBe(0)
  })

  test('counts what comes for one message under a limit, not for many', async () => {
    const [raw, link] = await rawLink()
    link.limitReceived?.(1_000)
    const reading = framesOf(link)
    for (let count = 0; count < 2_000; count++) raw.send(Buffer.alloc(500, 'x'))
    raw.close(1000)
    expect(await reading).toHaveLength(2_000)
  })

  test('takes its largest frame again once the limit is gone', async () => {
    const [raw, link] = await rawLink(encodeHelloMessage({ id: 'raw', maxFrameBytes: 4 * MIB }))
    link.limitReceived?.(10)
    link.limitReceived?.(16 * MIB)
    const reading = framesOf(link)
    raw.send(Buffer.alloc(4 * MIB, 'x'))
    raw.close(1000)
    expect((await reading).map(({ length }) => length)).toEqual([4 * MIB])
  })

  test('breaks at text, which it does not take for a frame', async () => {
    const [raw, link] = await rawLink()
    raw.send(Buffer.from('a'))
    raw.send('text')
    expect(await readToBreak(link)).toEqual({
      frames: ['a'],
      error: expect.objectContaining({
        code: 'TRANSPORT_FAILED',
        message: expect.stringContaining('sent text'),
      }),
    })
    await expect(link.send(new Uint8Array(1))).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
    expect(clock.pendingTimers).toBe(0)
  })

  test.each([
    ['a compressed message', [0xc2, 0x81, 0, 0, 0, 0, 1]],
    ['a message without a mask', [0x82, 0x01, 1]],
    ['an opcode that is none', [0x83, 0x80, 0, 0, 0, 0]],
    ['a continuation of nothing', [0x80, 0x81, 0, 0, 0, 0, 1]],
  ])('breaks at %s', async (_, bytes) => {
    const [raw, link] = await rawLink()
    socketOf(raw).write(Buffer.from(bytes))
    const { error } = await readToBreak(link)
    expect(error).toMatchObject({
      code: 'TRANSPORT_FAILED',
      cause: { message: expect.stringMatching(/frame/i) },
    })
  })

  test.each([
    ['the code 4000', (raw: WebSocket) => raw.close(4000), /broke the link off with the code 4000/],
    ['the code of a server that goes away', (raw: WebSocket) => raw.close(1001), /with the code 1001/],
    ['no code', (raw: WebSocket) => raw.close(), /with the code 1005/],
    ['no word', (raw: WebSocket) => raw.terminate(), /The connection broke/],
    ['a reset', (raw: WebSocket) => socketOf(raw).resetAndDestroy(), /The connection broke/],
    [
      'half a message',
      (raw: WebSocket) => socketOf(raw).end(Buffer.from([0x82, 0x82, 0, 0, 0, 0, 1])),
      /broke/,
    ],
  ])('breaks when the other side ends with %s', async (_, end, message) => {
    const [raw, link] = await rawLink()
    raw.send(Buffer.from('a'))
    const iterator = link[Symbol.asyncIterator]()
    expect((await iterator.next()).value).toEqual(new Uint8Array([97]))
    end(raw)
    await expect(iterator.next()).rejects.toMatchObject({
      code: 'TRANSPORT_FAILED',
      message: expect.stringMatching(message),
      details: { peerId: 'raw' },
    })
    await expect(link.send(new Uint8Array(1))).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
    await link.close()
    expect(clock.pendingTimers).toBe(0)
  })

  test('ends with the code 1000, behind what was sent', async () => {
    const [raw, link] = await rawLink()
    const heard: string[] = []
    raw.on('message', (data, isBinary) => heard.push(`${data} ${isBinary}`))
    await link.send(Buffer.from('hello'))
    const [code] = await Promise.all([ended(raw), link.close()])
    expect([heard, code]).toEqual([['hello true'], 1000])
    expect(clock.pendingTimers).toBe(0)
  })

  test('does not wait for what it does not read itself', async () => {
    const [raw, link] = await rawLink()
    // More than it holds, so it has stopped reading.
    for (let i = 0; i < 5; i++) raw.send(Buffer.alloc(MIB))
    for (let i = 0; i < 100; i++) await clock.yield()
    await Promise.all([ended(raw), link.close()])
    expect(clock.pendingTimers).toBe(0)
  })

  test('waits three seconds for a reader that does not read, and no longer', async () => {
    const [raw, link] = await rawLink()
    raw.pause()
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
    const [raw, link] = await rawLink()
    const heard: Buffer[] = []
    raw.on('message', (data) => heard.push(data as Buffer))
    raw.pause()
    const memory = new Uint8Array(16 * MIB).fill(1)
    const sending = link.send(memory).finally(() => memory.fill(2))
    const closing = Promise.all([ended(raw), link.close()])
    await clock.yield()
    raw.resume()
    await expect(sending).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
    await closing
    expect(heard.map((data) => [data.byteLength, data.every((byte) => byte === 1)])).toEqual([
      [16 * MIB, true],
    ])
  })

  test.each([
    ['the listener', 1],
    ['the dialer', 0],
  ])(
    'costs %s no more than what is handed over at once, when the other side does not read',
    async (_, end) => {
      const both = await linked()
      const sender = both[end] as Link
      const socket = end === 1 ? (sockets[0] as Socket) : await dialersSocket(both[0])
      const frame = new Uint8Array(64 * 1024)
      let taken = 0
      let mostBytes = 0
      const sends = Array.from({ length: 1_000 }, () =>
        sender.send(frame).then(
          () => {
            taken += 1
          },
          () => {},
        ),
      )
      for (
        let still = 0, before = -1;
        still < 100;
        still = taken === before ? still + 1 : 0, before = taken
      ) {
        await clock.yield()
        mostBytes = Math.max(mostBytes, socket.writableLength)
      }
      // The system takes some of what nobody reads, the other side 1 MiB; of 62 MiB most waits at the caller.
      expect(taken).toBeLessThan(500)
      expect(mostBytes).toBeGreaterThan(0)
      expect(mostBytes).toBeLessThanOrEqual(256 * 1024 + 64 * 1024 + 4 * 64)
      await sender.close(new Error('enough'))
      await Promise.all(sends)
    },
  )

  test('holds back who sends empty messages that nobody reads', async () => {
    const [raw] = await rawLink()
    const empty = Buffer.alloc(6 * 100_000)
    for (let at = 0; at < empty.byteLength; at += 6) empty.set([0x82, 0x80, 0, 0, 0, 0], at)
    let writtenBytes = 0
    const socket = socketOf(raw)
    while (socket.write(empty) || (await Promise.race([drained(socket), rested()])))
      writtenBytes += empty.byteLength
    expect(writtenBytes).toBeLessThan(64 * MIB)
  })

  test('does not change a frame, of whatever size and at whatever place in memory', async () => {
    const [near, far] = await linked()
    for (const sender of [near, far]) {
      for (const bytes of [1, 125, 126, 65_535, 65_536, 300_001]) {
        const whole = Uint8Array.from({ length: bytes + 7 }, (_, i) => i)
        const before = whole.slice()
        await sender.send(whole.subarray(3, bytes + 3))
        expect(Buffer.compare(whole, before)).toBe(0)
      }
    }
    const frames = far[Symbol.asyncIterator]()
    for (const bytes of [1, 125, 126, 65_535, 65_536, 300_001]) {
      const { value } = await frames.next()
      expect([value.byteLength, value[0], value.at(-1)]).toEqual([bytes, 3, (bytes + 2) & 0xff])
    }
  })

  test('copies a frame for a stream that is none of the system, which may keep it', async () => {
    const kept: Uint8Array[] = []
    const stream = new Duplex({
      read() {},
      write(piece, _encoding, done) {
        kept.push(piece)
        done()
      },
    })
    const raw = await rawWebSocket(url())
    raws.push(raw)
    // As the package does on the side that was dialed.
    const server = Object.assign(Object.create(raw), {
      send: (data: Uint8Array, _options: unknown, done?: () => void) => stream.write(data, () => done?.()),
    })
    const options = { clock, pingIntervalMs: 1_000, hasChannelBinding: true }
    const link = new WebSocketLink({ webSocket: server, socket: stream }, { id: 'x' }, MIB, options)
    const memory = new Uint8Array([1, 2, 3])
    await link.send(memory)
    memory.fill(9)
    expect(kept).toEqual([Buffer.from([1, 2, 3])])
    await link.close(new Error('enough'))
  })

  test('refuses what is no frame, and still works', async () => {
    const [near, far] = await linked()
    for (const frame of ['text', [1, 2], undefined, new Float32Array(2), new ArrayBuffer(3)]) {
      await expect(near.send(frame as never)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' })
    }
    await near.send(new Uint8Array([1, 2]))
    const { value: frame } = await far[Symbol.asyncIterator]().next()
    frame.slice().fill(9)
    expect(frame).toEqual(new Uint8Array([1, 2]))
    await near.close()
  })

  test('takes a frame in fragments, as a gateway may send it', async () => {
    const [raw, link] = await rawLink()
    for (const [piece, fin] of [
      ['ab', false],
      ['', false],
      ['c', true],
    ] as const) {
      raw.send(Buffer.from(piece), { binary: true, fin })
    }
    raw.close(1000)
    expect(await framesOf(link)).toEqual(['abc'])
  })

  /** The dialer's end of a connection, as the system has it. */
  async function dialersSocket(link: Link): Promise<Socket> {
    await link.send(new Uint8Array(0))
    const port = sockets[0]?.remotePort
    const handles = (process as unknown as { _getActiveHandles(): unknown[] })._getActiveHandles()
    return handles.find((handle) => (handle as Socket).localPort === port) as Socket
  }
})

function socketOf(raw: WebSocket): Socket {
  return (raw as unknown as { _socket: Socket })._socket
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
