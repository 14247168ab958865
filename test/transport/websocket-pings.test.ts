import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import type { Link } from '../../lib/replication/link.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { type WebSocketTransport, webSocket } from '../../lib/transport/websocket.js'
import { HELLO, rawWebSocket } from './raw-web-socket.js'

const MIB = 1024 * 1024

describe('pings of a WebSocket link', () => {
  let stop: AbortController
  let clock: SimulatedClock
  let server: WebSocketTransport
  let link: Link
  let raw: WebSocket

  beforeEach(async () => {
    stop = new AbortController()
    clock = new SimulatedClock()
    server = webSocket({ id: 'a', listen: { host: '127.0.0.1', port: 0 }, pingIntervalMs: 5_000, clock })
    const links = server.listen(stop)
    await links.ready
    // It answers no ping unless the test says so.
    raw = await rawWebSocket(`ws://${server.address}/replivec`, { autoPong: false })
    raw.send(HELLO)
    await once(raw, 'message')
    link = (await links[Symbol.asyncIterator]().next()).value
  })
  afterEach(() => {
    raw.terminate()
    stop.abort()
  })

  /** An interval passes, in which the ping goes over. */
  async function pinged(): Promise<void> {
    const ping = once(raw, 'ping')
    await clock.advance(5_000)
    await ping
  }

  /** What the other side has said by now is there. */
  async function said(say: () => void): Promise<void> {
    say()
    for (let i = 0; i < 20; i++) await clock.yield()
  }

  test('break a link from whose other side nothing comes for two intervals', async () => {
    const reading = link[Symbol.asyncIterator]().next()
    const broken = expect(reading).rejects.toMatchObject({
      code: 'TRANSPORT_FAILED',
      message: 'Nothing came from the other side for 10000 ms, not even an answer to a ping.',
      details: { peerId: 'raw' },
    })
    await pinged()
    await pinged()
    const end = once(raw, 'close')
    await clock.advance(5_000)
    await Promise.all([broken, end])
    expect(clock.pendingTimers).toBe(0)
  })

  test.each([
    ['pongs', (): void => raw.pong()],
    ['pings', (): void => raw.ping()],
    ['frames', (): void => raw.send(Buffer.from('a'))],
    // A frame of 16 MiB takes long on a slow line, and nothing may come in the middle of it.
    ['a part of a frame', (): void => void (raw as unknown as { _socket: Socket })._socket.write('.')],
  ])('keep a link from whose other side %s come', async (what, say) => {
    if (what === 'a part of a frame') {
      // It announces 1 000 bytes, and sends one each interval.
      const { _socket: socket } = raw as unknown as { _socket: Socket }
      socket.write(Buffer.from([0x82, 0xfe, 3, 0xe8, 0, 0, 0, 0]))
    }
    for (let i = 0; i < 5; i++) {
      await pinged()
      await said(say)
    }
    await link.send(new Uint8Array([1]))
    expect((await once(raw, 'message'))[0]).toEqual(Buffer.from([1]))
  })

  test('do not break a link that is not read at this side', async () => {
    // More than it holds, so that the pongs are not read either.
    for (let i = 0; i < 4; i++) raw.send(Buffer.alloc(MIB))
    await said(() => {})
    for (let i = 0; i < 5; i++) await pinged()
    const frames = link[Symbol.asyncIterator]()
    for (let i = 0; i < 4; i++) expect((await frames.next()).value?.byteLength).toBe(MIB)
    // From here on it can be known again.
    const broken = expect(frames.next()).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
    for (let i = 0; i < 3; i++) await clock.advance(5_000)
    await broken
  })

  test('are answered', async () => {
    raw.ping('sent along')
    expect(String((await once(raw, 'pong'))[0])).toBe('sent along')
    raw.ping('again')
    expect(String((await once(raw, 'pong'))[0])).toBe('again')
  })

  test('are not answered without end to who reads no answer', async () => {
    raw.pause()
    // What is sent now fills what the system takes, and the answers wait behind it.
    const sends = Array.from({ length: 32 }, () => link.send(new Uint8Array(MIB)))
    await sends[0]
    for (let i = 0; i < 9_999; i++) raw.ping(Buffer.alloc(100))
    await new Promise((resolve) => raw.ping(Buffer.alloc(100), true, resolve))
    for (let i = 0; i < 200; i++) await clock.yield()
    let pongs = 0
    raw.on('pong', () => {
      pongs += 1
    })
    raw.resume()
    await Promise.all([...sends, link.close(), once(raw, 'close')].map((part) => part.catch(() => {})))
    expect(pongs).toBeGreaterThan(0)
    expect(pongs).toBeLessThan(1_000)
  })

  test('come every 30 seconds by default, from both sides, and end with the link', async () => {
    const dialed = await webSocket({ id: 'b', clock }).dial({ id: 'a', address: server.address! }, stop)
    // One of each end of that link, and one of the other link.
    expect(clock.pendingTimers).toBe(3)
    await dialed.close()
    for (let i = 0; i < 20; i++) await clock.yield()
    expect(clock.pendingTimers).toBe(1)
  })
})
