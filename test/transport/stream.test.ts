import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { Duplex, PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testTransport } from '../../lib/testing/index.js'
import { streamLink } from '../../lib/transport/stream.js'

/** Two streams of this process that are each other's ends. */
function pipe(): [Duplex, Duplex] {
  const [there, back] = [new PassThrough(), new PassThrough()]
  return [Duplex.from({ readable: back, writable: there }), Duplex.from({ readable: there, writable: back })]
}

/** The same, and what is written at one end comes out at the other in the memory that it was in. */
function handingOn(): [Duplex, Duplex] {
  const ends: Duplex[] = [0, 1].map(
    (end) =>
      new Duplex({
        read: () => undefined,
        write: (chunk, _encoding, done) => {
          ends[1 - end]?.push(chunk)
          done()
        },
        final: (done) => {
          ends[1 - end]?.push(null)
          done()
        },
      }),
  )
  return ends as [Duplex, Duplex]
}

let server: Server
const sockets: Socket[] = []

beforeEach(async () => {
  server = createServer((socket) => void sockets.push(socket))
  await once(server.listen({ host: '127.0.0.1', port: 0 }), 'listening')
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  server.close()
  await once(server, 'close')
})

/** Two ends of a connection. */
async function connection(): Promise<[Socket, Socket]> {
  const accepted = once(server, 'connection')
  const near = connect(server.address() as { port: number })
  sockets.push(near)
  const [far] = (await accepted) as [Socket]
  return [near, far]
}

testTransport(
  'links over sockets',
  async () => {
    const local = createServer()
    await once(local.listen({ host: '127.0.0.1', port: 0 }), 'listening')
    const accepted = once(local, 'connection')
    const near = connect(local.address() as { port: number })
    const [far] = (await accepted) as [Socket]
    local.close()
    const ends = await Promise.all([
      streamLink(near, { id: 'a', peer: { id: 'b' } }),
      streamLink(far, { id: 'b' }),
    ])
    return { ends: [ends[0], ends[1]], cut: () => void near.destroy() }
  },
  { describe, test },
)

describe('streamLink', () => {
  test('the ends learn each other’s names; one that is expected keeps its address', async () => {
    const [near, far] = await connection()
    const peer = { id: 'b', address: 'somewhere' }
    const links = await Promise.all([streamLink(near, { id: 'a', peer }), streamLink(far, { id: 'b' })])
    expect(links.map((link) => link.peer)).toEqual([peer, { id: 'a' }])
    await links[1].send(Uint8Array.of(7, 8))
    for await (const frame of links[0]) {
      expect([...frame]).toEqual([7, 8])
      break
    }
    await Promise.all(links.map((link) => link.close()))
  })

  test('takes streams that are no sockets', async () => {
    const [near, far] = pipe()
    const [a, b] = await Promise.all([streamLink(near, { id: 'a' }), streamLink(far, { id: 'b' })])
    const sending = a.send(new Uint8Array(300_000).fill(3))
    const { value } = await b[Symbol.asyncIterator]().next()
    expect(value).toEqual(new Uint8Array(300_000).fill(3))
    await sending
    await Promise.all([a.close(), b.close()])
    expect([near.destroyed, far.destroyed]).toEqual([true, true])
  })

  test('streams that hand on what they are given do not see the sender use its memory again', async () => {
    const [near, far] = handingOn()
    const [a, b] = await Promise.all([
      streamLink(near, { id: 'a', peer: { id: 'b' } }),
      streamLink(far, { id: 'b' }),
    ])
    const memory = new Uint8Array(20_000)
    for (const byte of [1, 2, 3]) {
      await a.send(memory.fill(byte))
      memory.fill(0xff)
    }
    await a.close()
    const received: Uint8Array[] = []
    for await (const frame of b) received.push(frame)
    expect(received.map((frame) => new Set(frame))).toEqual([1, 2, 3].map((byte) => new Set([byte])))
    await b.close()
  })

  test('another peer than was expected is refused, and the stream destroyed', async () => {
    const [near, far] = await connection()
    const other = streamLink(far, { id: 'c' }).then((link) => link.close())
    await expect(streamLink(near, { id: 'a', peer: { id: 'b' } })).rejects.toMatchObject({
      code: 'TRANSPORT_FAILED',
      message: 'At the other end is the peer c, not b.',
    })
    expect(near.destroyed).toBe(true)
    await other
  })

  test.each(['an end', 'noise'])('%s instead of a name is no link', async (what) => {
    const [near, far] = await connection()
    if (what === 'an end') far.end()
    else far.write('GET / HTTP/1.1\r\n\r\n')
    await expect(streamLink(near, { id: 'a' })).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
    expect(near.destroyed).toBe(true)
  })

  test.each(['', 'a b', 'a'.repeat(129)])('the id %j is refused', async (id) => {
    const [near] = await connection()
    await expect(streamLink(near, { id })).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      details: { option: 'id' },
    })
    expect(near.destroyed).toBe(true)
  })

  test('an attempt that is given up leaves nothing open, before it and during it', async () => {
    const [near, far] = await connection()
    const reason = new Error('enough')
    await expect(streamLink(near, { id: 'a', signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const given = new AbortController()
    const attempt = streamLink(far, { id: 'b', signal: given.signal })
    given.abort(reason)
    await expect(attempt).rejects.toBe(reason)
    expect([near.destroyed, far.destroyed]).toEqual([true, true])
  })

  test('a link outlives the signal of its making', async () => {
    const [near, far] = await connection()
    const made = new AbortController()
    const [a, b] = await Promise.all([
      streamLink(near, { id: 'a', signal: made.signal }),
      streamLink(far, { id: 'b' }),
    ])
    made.abort()
    await a.send(Uint8Array.of(1))
    expect((await b[Symbol.asyncIterator]().next()).value).toEqual(Uint8Array.of(1))
    await Promise.all([a.close(), b.close()])
  })
})
