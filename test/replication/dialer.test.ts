import { beforeEach, describe, expect, test } from 'vitest'
import { Dialer } from '../../lib/replication/dialer.js'
import type { Link, Transport } from '../../lib/replication/link.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { ToyPipe } from './toy-pipe.js'

/** Attempts that a test answers. */
interface Attempt {
  readonly signal: AbortSignal
  answer(link: unknown): void
  fail(error: Error): void
}

let clock: SimulatedClock
let attempts: Attempt[]
let dialed: Link[]
let failures: unknown[]
let isWanted: boolean
let dialer: Dialer
beforeEach(() => {
  clock = new SimulatedClock()
  attempts = []
  dialed = []
  failures = []
  isWanted = true
  const transport = {
    dial: (_peer: unknown, { signal }: { signal: AbortSignal }) =>
      new Promise((answer, fail) => attempts.push({ signal, answer, fail })),
    listen: () => {},
  } as unknown as Transport
  dialer = new Dialer(
    { clock, transport, master: { id: 'm' } },
    {
      wantsLink: () => isWanted,
      dialed: (link) => dialed.push(link),
      dialFailed: (error) => failures.push(error),
    },
  )
})

describe('an attempt', () => {
  test('gives its link', async () => {
    dialer.dial()
    expect(dialer.isDialing).toBe(true)
    const link = new ToyPipe()
    attempts[0]?.answer(link)
    await clock.yield()
    expect([dialed, failures, dialer.isDialing]).toEqual([[link], [], false])
    expect(link.closedWith).toBe('open')
    expect(clock.pendingTimers).toBe(0)
  })

  test('says why it failed', async () => {
    dialer.dial()
    const error = new Error('nobody there')
    attempts[0]?.fail(error)
    await clock.yield()
    expect([dialed, failures, dialer.isDialing]).toEqual([[], [error], false])
  })

  test('takes thirty seconds at most, and what comes of it later is closed', async () => {
    dialer.dial()
    await clock.advance(29_999)
    expect(failures).toEqual([])
    await clock.advance(1)
    expect(failures).toMatchObject([
      { code: 'TRANSPORT_FAILED', message: expect.stringContaining('in time') },
    ])
    const late = new ToyPipe()
    attempts[0]?.answer(late)
    await clock.yield()
    expect([dialed, late.closedWith]).toEqual([[], undefined])
  })

  test.each([undefined, {}, 'a link'])('that gives %s failed', async (answer) => {
    dialer.dial()
    attempts[0]?.answer(answer)
    await clock.yield()
    expect(dialed).toEqual([])
    expect(failures).toMatchObject([
      { code: 'OPTIONS_INVALID', message: "The transport's dial() has to give a Link and gave not one." },
    ])
  })

  test('whose link nobody wants any more closes it', async () => {
    dialer.dial()
    isWanted = false
    const link = new ToyPipe()
    attempts[0]?.answer(link)
    await clock.yield()
    expect([dialed, failures, link.closedWith, dialer.isDialing]).toEqual([[], [], undefined, false])
  })

  test('takes the place of the one before, of which nothing is heard', async () => {
    dialer.dial()
    dialer.dial()
    expect(attempts.map(({ signal }) => signal.aborted)).toEqual([true, false])
    const [old, next] = [new ToyPipe(), new ToyPipe()]
    attempts[0]?.answer(old)
    attempts[1]?.answer(next)
    await clock.yield()
    expect([dialed, failures, old.closedWith]).toEqual([[next], [], undefined])
  })
})

test('closing ends an attempt and waits for it', async () => {
  dialer.dial()
  const closing = dialer.close()
  expect(attempts[0]?.signal.reason).toMatchObject({ code: 'CLOSED' })
  const late = new ToyPipe()
  attempts[0]?.answer(late)
  await closing
  await clock.yield()
  expect([dialed, late.closedWith]).toEqual([[], undefined])
})
