import { once } from 'node:events'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import type { Link } from '../../lib/replication/link.js'
import { testTransport } from '../../lib/testing/index.js'
import { portLink } from '../../lib/transport/worker.js'

testTransport(
  'a channel',
  () => {
    const { port1, port2 } = new MessageChannel()
    return {
      ends: [portLink(port1, { id: 'b' }), portLink(port2, { id: 'a' })],
      cut: () => port2.close(),
    }
  },
  { describe, test },
)

describe('a link to another thread', () => {
  function start(): { link: Link; worker: Worker; exited: Promise<number> } {
    const { port1, port2 } = new MessageChannel()
    const worker = new Worker(new URL('./echo-port.mjs', import.meta.url), {
      workerData: port2,
      transferList: [port2],
    })
    // What the thread throws on purpose.
    worker.on('error', () => {})
    const exited = new Promise<number>((resolve) => worker.once('exit', resolve))
    return { link: portLink(port1, { id: 'worker' }), worker, exited }
  }

  test('carries frames there and back, and lets the thread end when it is closed', async () => {
    const { link, exited } = start()
    const sizes = [0, 1, 70_000, 16 * 1024 * 1024]
    const sending = Promise.all(sizes.map((size, i) => link.send(new Uint8Array(size).fill(i + 1))))
    const iterator = link[Symbol.asyncIterator]()
    for (const [i, size] of sizes.entries()) {
      const { value } = await iterator.next()
      expect(Buffer.compare(value, new Uint8Array(size).fill(i + 1))).toBe(0)
    }
    await sending
    await link.close()
    expect(await exited).toBe(0)
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  test('ends cleanly when the thread closes it', async () => {
    const { link, exited } = start()
    await link.send(Buffer.from('close'))
    for await (const frame of link) expect(frame).toBeUndefined()
    expect(await exited).toBe(0)
  })

  test.each(['break', 'leave', 'throw'])('breaks when the thread is told to %s', async (word) => {
    const { link, exited } = start()
    await link.send(Buffer.from(word))
    await expect(link[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'TRANSPORT_FAILED',
      details: { peerId: 'worker' },
    })
    await exited
    await expect(link.send(new Uint8Array(1))).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
  })

  test('breaks when the thread is ended from outside', async () => {
    const { link, worker } = start()
    await link.send(new Uint8Array(10))
    const iterator = link[Symbol.asyncIterator]()
    await iterator.next()
    await worker.terminate()
    await expect(iterator.next()).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
  })
})

describe('a link over a port', () => {
  const ports: MessagePort[] = []
  afterEach(() => {
    for (const port of ports.splice(0)) port.close()
  })

  /** A link, and the bare port at its other end. */
  function bare(): [Link, MessagePort] {
    const { port1, port2 } = new MessageChannel()
    ports.push(port2)
    return [portLink(port1, { id: 'bare' }), port2]
  }

  test.each([
    ['no object', 'text'],
    ['an unknown message', { hello: 1 }],
    ['a frame that is text', { frame: 'text' }],
    ['a credit that is text', { creditBytes: '1' }],
    ['a negative credit', { creditBytes: -1 }],
    ['more credit than was used', { creditBytes: 1 }],
    ['an unknown end', { end: 'soon' }],
    ['a frame over maxFrameBytes', { frame: new Uint8Array(16 * 1024 * 1024 + 1) }],
  ])('breaks when %s is posted', async (_, message) => {
    const [link, port] = bare()
    const closed = once(port, 'close')
    port.postMessage(message)
    await expect(link[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
    await closed
  })

  test('breaks when a message cannot be read', async () => {
    const { port1, port2 } = new MessageChannel()
    const link = portLink(port1, { id: 'bare' })
    const cause = new Error('no such class here')
    // Only Node itself can make it happen.
    port1.emit('messageerror', cause)
    await expect(link[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'TRANSPORT_FAILED',
      cause,
    })
    await once(port2, 'close')
  })

  test('breaks when somebody sends without credit', async () => {
    const [link, port] = bare()
    for (let i = 0; i < 20; i++) port.postMessage({ frame: new Uint8Array(100_000) })
    await once(port, 'close')
    let frames = 0
    await expect(
      (async () => {
        for await (const frame of link) frames += frame.byteLength > 0 ? 1 : 0
      })(),
    ).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
    expect(frames).toBe(11)
  })

  test('grants credit as it is read, and not before', async () => {
    const [link, port] = bare()
    const messages: unknown[] = []
    port.on('message', (message) => messages.push(message))
    for (let i = 0; i < 8; i++) port.postMessage({ frame: new Uint8Array(100_000) })
    const iterator = link[Symbol.asyncIterator]()
    for (let i = 0; i < 2; i++) await iterator.next()
    await link.send(new Uint8Array([1]))
    await once(port, 'message')
    // A quarter of the window is read after three frames.
    expect(messages).toEqual([{ frame: new Uint8Array([1]) }])
    await iterator.next()
    await once(port, 'message')
    expect(messages.slice(1)).toEqual([{ creditBytes: 300_192 }])
    await link.close()
  })
})
