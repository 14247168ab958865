/** The part of the transport suite about how links come into being, and what they leave behind. */
import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { openResources } from '../runtime/open-resources.js'
import { expectFrames, expectTransportFailed, heard, LinkEnd } from './link-end.js'
import type { RegisterTest } from './transport-frames.js'

const DIALS = 1_000
/** Pairs of links that do not dial may be costly to make: a thread or a process each. */
const PAIRS = 100
/** What the process itself, or the test framework, may have opened meanwhile. */
const OPEN_MORE = 8

export function diallingTests(test: RegisterTest): void {
  test('names the peer at the other end', async (trial) => {
    const [near, far] = await trial.connect()
    for (const { link } of [near, far]) assert.ok(link.peer.id.length > 0, 'peer.id must not be empty')
    const pair = trial.transports
    if (pair === undefined) return
    assert.equal(near.link.peer.id, pair.peer().id, 'peer.id of the link that was dialed')
    assert.equal(far.link.peer.id, pair.dialerId, 'peer.id of the link that was accepted')
  })

  test('yields a link for every dial, several at once, if it dials', async (trial) => {
    if (trial.transports === undefined) return
    await trial.listen()
    const dialed = await Promise.all(Array.from({ length: 20 }, () => trial.dial()))
    for (const [number, link] of dialed.entries()) await link.send(new Uint8Array([number]))
    const accepted = await Promise.all(dialed.map(async () => new LinkEnd(await trial.accept())))
    const numbers = await Promise.all(accepted.map(async (end) => (await end.read())[0] as number))
    assert.deepEqual(
      numbers.sort((a, b) => a - b),
      dialed.map((_, number) => number),
    )
  })

  test('rejects an aborted dial with the reason, if it dials', async (trial) => {
    if (trial.transports === undefined) return
    await trial.listen()
    const reason = new Error('aborted by the test')
    await assert.rejects(trial.dial(AbortSignal.abort(reason)), reason)
    // Aborted meanwhile it may still succeed, but it comes to an end either way.
    const controller = new AbortController()
    const dialing = trial.dial(controller.signal)
    controller.abort(reason)
    const [result] = await Promise.allSettled([dialing])
    if (result?.status === 'rejected') assert.equal(result.reason, reason)
    else await result?.value.close()
  })

  test('keeps a link whose dial is aborted afterwards, if it dials', async (trial) => {
    if (trial.transports === undefined) return
    await trial.listen()
    const controller = new AbortController()
    const near = await trial.dial(controller.signal)
    const far = new LinkEnd(await trial.accept())
    controller.abort(new Error('too late'))
    await near.send(new Uint8Array([1]))
    expectFrames([await far.read()], [new Uint8Array([1])])
  })

  test('stops listening when that is aborted, and can listen again, if it dials', async (trial) => {
    const pair = trial.transports
    if (pair === undefined) return
    const signal = AbortSignal.abort()
    for await (const link of pair.listener.listen({ signal })) assert.fail(`a link of ${link.peer.id}`)

    for (let round = 0; round < 3; round++) {
      const controller = new AbortController()
      const listening = pair.listener.listen({ signal: controller.signal })
      const links = listening[Symbol.asyncIterator]()
      await listening.ready
      const peer = pair.peer()
      const near = new LinkEnd(await trial.dial())
      const next = await links.next()
      assert.ok(!next.done, 'listening ended where a link was expected')
      const far = new LinkEnd(next.value)
      // Nobody takes this one.
      const untaken = new LinkEnd(await trial.dial())
      const ended = heard(() => untaken.readToEnd().catch(expectTransportFailed))
      const waiting = round === 0 ? [] : [links.next(), links.next()]
      controller.abort()
      // Of those that wait already the first may get the link that nobody had taken.
      for (const result of await Promise.all([...waiting, links.next()])) await result.value?.close()
      assert.ok((await links.next()).done, 'listening goes on after its signal was aborted')
      await ended
      await assert.rejects(pair.dialer.dial(peer, { signal: new AbortController().signal }), {
        code: 'TRANSPORT_FAILED',
      })
      // A link that was taken belongs to who took it.
      await near.link.send(new Uint8Array([round]))
      expectFrames([await far.read()], [new Uint8Array([round])])
      await Promise.all([near.link.close(), far.link.close(), untaken.link.close()])
    }
  })

  test('leaves nothing open, however many links came and went', async (trial) => {
    const before = openResources()
    for (let cycle = 0; cycle < (trial.transports ? DIALS : PAIRS); cycle++) {
      const [near, far] = await trial.connect()
      const reading = far.readToEnd()
      if (cycle % 4 === 0) await near.link.send(new Uint8Array([cycle]))
      await near.link.close()
      await reading
      await far.link.close()
      await trial.release()
    }
    const isAsBefore = ([kind, count]: [string, number]): boolean =>
      count <= (before.get(kind) ?? 0) + OPEN_MORE
    await trial.until(
      () => [...openResources()].every(isAsBefore),
      'more sockets, timers or ports are open than before, though every link is closed',
    )
    const listeners = getEventListeners(trial.dialSignal, 'abort').length
    assert.ok(listeners <= OPEN_MORE, `${listeners} listeners are left on the signal of ${DIALS} dials`)
  })
}
