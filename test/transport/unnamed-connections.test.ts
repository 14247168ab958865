import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { UnnamedConnections } from '../../lib/transport/unnamed-connections.js'

/** A connection, and the encrypted one over it: two streams with the same ends. */
function connection(remotePort: number): PassThrough {
  const ends = { remotePort, remoteAddress: '192.0.2.1', localPort: 443, localAddress: '192.0.2.2' }
  return Object.assign(new PassThrough(), ends)
}

describe('connections without a name', () => {
  test('are closed after ten seconds, unless they say it', async () => {
    const clock = new SimulatedClock()
    const unnamed = new UnnamedConnections(clock)
    const [late, named] = [connection(1), connection(2)]
    unnamed.add(late)
    unnamed.add(named)
    expect(unnamed.admit(connection(2))).toBe(true)
    expect(unnamed.admit(named)).toBe(false)
    await clock.advance(10_000)
    expect([late.destroyed, named.destroyed, clock.pendingTimers]).toEqual([true, false, 0])
    expect(unnamed.admit(late)).toBe(false)
  })

  test('are 64 at most, of which the oldest goes', () => {
    const unnamed = new UnnamedConnections(new SimulatedClock())
    const all = Array.from({ length: 66 }, (_, port) => connection(port + 1))
    for (const one of all) unnamed.add(one)
    expect(all.map((one) => one.destroyed)).toEqual(all.map((_, index) => index < 2))
  })

  test('are forgotten when they end by themselves', async () => {
    const clock = new SimulatedClock()
    const unnamed = new UnnamedConnections(clock)
    const [gone, next] = [connection(1), connection(1)]
    unnamed.add(gone)
    gone.destroy()
    // Another came from the same place before the end of the first was told.
    unnamed.add(next)
    await clock.yield()
    expect(clock.pendingTimers).toBe(1)
    expect(unnamed.admit(next)).toBe(true)
    expect(clock.pendingTimers).toBe(0)
  })

  test('may be streams that are nowhere in a network', () => {
    const unnamed = new UnnamedConnections(new SimulatedClock())
    const [one, other] = [new PassThrough(), new PassThrough()]
    unnamed.add(one)
    unnamed.add(other)
    expect(unnamed.admit(one)).toBe(true)
    unnamed.dropAll()
    expect([one.destroyed, other.destroyed]).toEqual([false, true])
  })
})
