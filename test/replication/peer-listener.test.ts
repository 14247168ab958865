import { expect, test } from 'vitest'
import type { Link, Listening, Transport } from '../../lib/replication/link.js'
import { PeerListener } from '../../lib/replication/peer-listener.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { ToyPipe } from './toy-pipe.js'

const failing = async function* (): AsyncGenerator<Link> {
  yield await Promise.reject(new Error('the port was taken away'))
}

/** How a transport may say that it cannot listen. */
const REFUSALS: [string, () => Listening][] = [
  [
    'throws',
    () => {
      throw new Error('cannot listen')
    },
  ],
  [
    'is never ready',
    () => ({ ready: Promise.reject(new Error('cannot listen')), [Symbol.asyncIterator]: failing }),
  ],
]

test.each(REFUSALS)(
  'a transport that %s when it is asked again is asked until it listens',
  async (_, refuse) => {
    const clock = new SimulatedClock()
    const link = new ToyPipe()
    const endless = new Promise<never>(() => {})
    const listenings: (() => Listening)[] = [
      () => ({ ready: Promise.resolve(), [Symbol.asyncIterator]: failing }),
      refuse,
      refuse,
      () => ({
        async *[Symbol.asyncIterator]() {
          yield link as Link
          await endless
        },
      }),
    ]
    const transport = { dial: () => {}, listen: () => listenings.shift()?.() } as unknown as Transport
    const links: Link[] = []
    const failures: string[] = []
    const events = { onLink: (taken: Link) => void links.push(taken), onRefused: () => {} }
    const listener = new PeerListener(transport, clock, events)
    await listener.start(({ message }) => failures.push(message))
    await clock.advance(5_000)
    expect(failures).toHaveLength(3)
    expect(links).toEqual([link])
    expect(listenings).toEqual([])
  },
)

test('a transport that takes long to listen is told of', async () => {
  const clock = new SimulatedClock()
  let listens = (): void => {}
  const ready = new Promise<void>((resolve) => (listens = resolve))
  const transport = {
    dial: () => {},
    listen: () => ({ ready, async *[Symbol.asyncIterator]() {} }),
  } as unknown as Transport
  const listener = new PeerListener(transport, clock, { onLink: () => {}, onRefused: () => {} })
  const failures: string[] = []
  let isReady = false
  const starting = listener.start(({ message }) => failures.push(message)).then(() => (isReady = true))
  await clock.advance(4_999)
  expect(failures).toEqual([])
  await clock.advance(1)
  expect(failures).toEqual([expect.stringContaining('have the server listen first')])
  expect(isReady).toBe(false)
  listens()
  await starting
  await listener.close()
})
