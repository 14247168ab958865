import { getEventListeners } from 'node:events'
import { beforeEach, describe, expect, test } from 'vitest'
import { testTransport } from '../../lib/testing/index.js'
import { type MemoryNetwork, memoryNetwork } from '../../lib/transport/memory.js'

testTransport(
  'memory',
  () => {
    const network = memoryNetwork()
    return {
      listener: network.transport('a'),
      dialer: network.transport('b'),
      peer: () => ({ id: 'a' }),
      dialerId: 'b',
    }
  },
  { describe, test },
)

describe('a network in memory', () => {
  let network: MemoryNetwork
  let stop: AbortController
  beforeEach(() => {
    network = memoryNetwork()
    stop = new AbortController()
  })

  test('knows only its own peers', async () => {
    network.transport('a').listen(stop)
    await network.transport('b').dial({ id: 'a' }, stop)
    const failure = { code: 'TRANSPORT_FAILED', details: { peerId: 'a' } }
    await expect(memoryNetwork().transport('b').dial({ id: 'a' }, stop)).rejects.toMatchObject(failure)
    stop.abort()
    const { signal } = new AbortController()
    await expect(network.transport('b').dial({ id: 'a' }, { signal })).rejects.toMatchObject(failure)
  })

  test('has one listener of an id', async () => {
    const first = network.transport('a').listen(stop)
    const second = network.transport('a').listen(stop)
    await first.ready
    const failure = { code: 'TRANSPORT_FAILED', details: { peerId: 'a' } }
    await expect(second.ready).rejects.toMatchObject(failure)
    await expect(second[Symbol.asyncIterator]().next()).rejects.toMatchObject(failure)
    // The one that failed takes nothing away from the other.
    await network.transport('b').dial({ id: 'a' }, stop)
    expect((await first[Symbol.asyncIterator]().next()).value.peer).toEqual({ id: 'b' })
  })

  test('is never ready when its signal is aborted already', async () => {
    const reason = new Error('changed my mind')
    const { ready } = network.transport('a').listen({ signal: AbortSignal.abort(reason) })
    await expect(ready).rejects.toBe(reason)
  })

  test('stops listening when the iteration is left', async () => {
    const links = network.transport('a').listen(stop)[Symbol.asyncIterator]()
    const untaken = await network.transport('b').dial({ id: 'a' }, stop)
    await links.return?.()
    await expect(untaken.send(new Uint8Array(1))).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
    await expect(network.transport('b').dial({ id: 'a' }, stop)).rejects.toMatchObject({
      code: 'TRANSPORT_FAILED',
    })
    expect(getEventListeners(stop.signal, 'abort')).toEqual([])
    const again = network.transport('a').listen(stop)[Symbol.asyncIterator]()
    // Whoever leaves once more takes nothing away from the one that listens now.
    await links.return?.()
    await network.transport('b').dial({ id: 'a' }, stop)
    expect((await again.next()).value.peer).toEqual({ id: 'b' })
  })

  test('gives up what was not read when it is closed', async () => {
    const links = network.transport('a').listen(stop)[Symbol.asyncIterator]()
    const near = await network.transport('b').dial({ id: 'a' }, stop)
    const { value: far } = await links.next()
    await near.send(new Uint8Array(1))
    await far.close()
    for await (const frame of far) expect(frame).toBeUndefined()
  })

  test('lets 128 links wait to be taken', async () => {
    const links = network.transport('a').listen(stop)[Symbol.asyncIterator]()
    const dial = () => network.transport('b').dial({ id: 'a' }, stop)
    for (let i = 0; i < 128; i++) await dial()
    await expect(dial()).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
    await links.next()
    await dial()
  })

  test('takes about a MiB that nobody reads, also of empty frames', async () => {
    network.transport('a').listen(stop)
    for (const [bytes, most] of [
      [0, 16_384],
      [1_000, 1_049],
      [5_000_000, 1],
    ] as const) {
      const link = await network.transport('b').dial({ id: 'a' }, stop)
      let taken = 0
      for (let i = 0; i < 20_000; i++) {
        link.send(new Uint8Array(bytes)).then(
          () => {
            taken += 1
          },
          () => {},
        )
        if (taken + 10 < i) break
        await Promise.resolve()
      }
      // One frame may go beyond the bound, or a large one would never get through.
      expect(taken).toBeLessThanOrEqual(most + 1)
      expect(taken).toBeGreaterThan(0.8 * most)
      await link.close()
    }
  })

  test('refuses what is no frame', async () => {
    network.transport('a').listen(stop)
    const link = await network.transport('b').dial({ id: 'a' }, stop)
    await expect(link.send('text' as never)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' })
  })
})
