import { describe, expect, test } from 'vitest'
import type { Link } from '../../lib/replication/link.js'
import { faulty, type FaultyOptions } from '../../lib/testing/faulty.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { testTransport } from '../../lib/testing/test-transport.js'
import { soundLinks } from './broken-transports.js'

testTransport(
  'a faulty link without faults',
  async () => {
    const { ends, close } = await soundLinks()
    return { ends: [faulty(ends[0], { seed: 1 }), faulty(ends[1], { seed: 2 })], close: close! }
  },
  { describe, test },
)

/** The first end is faulty. */
async function pair(options: Omit<FaultyOptions, 'seed'> & { seed?: number }): Promise<[Link, Link]> {
  const { ends } = await soundLinks()
  return [faulty(ends[0], { seed: 1, ...options }), ends[1]]
}

async function framesOf(link: Link): Promise<string[]> {
  const frames: string[] = []
  for await (const frame of link) frames.push(Buffer.from(frame).toString())
  return frames
}

const words = Array.from({ length: 200 }, (_, i) => `frame ${i}`)

async function sendAll(link: Link): Promise<void> {
  for (const word of words) await link.send(Buffer.from(word))
  await link.close()
}

describe('a faulty link', () => {
  test.each(['drop', 'corrupt', 'truncate', 'duplicate', 'reorder'] as const)(
    'does %s to what is sent and to what is received, as its seed says',
    async (fault) => {
      const runs: string[][] = []
      for (const seed of [1, 1, 2]) {
        for (const way of ['sent', 'received']) {
          const [near, far] = await pair({ [fault]: 0.2, seed })
          const [from, to] = way === 'sent' ? [near, far] : [far, near]
          const reading = framesOf(to)
          await sendAll(from)
          runs.push(await reading)
        }
      }
      for (const run of runs) expect(run).not.toEqual(words)
      expect(runs[0]).toEqual(runs[2])
      expect(runs[1]).toEqual(runs[3])
      expect(runs[0]).not.toEqual(runs[1])
      expect(runs[0]).not.toEqual(runs[4])
    },
  )

  test('leaves the frame of the sender as it was', async () => {
    const [near] = await pair({ corrupt: 1, truncate: 0.5, reorder: 0.5 })
    const frame = new Uint8Array(100).fill(7)
    for (let i = 0; i < 20; i++) await near.send(frame)
    expect(frame).toEqual(new Uint8Array(100).fill(7))
    await near.close()
  })

  test('breaks for both sides when it cuts, while sending or receiving', async () => {
    for (const way of ['sent', 'received']) {
      const [near, far] = await pair({ cut: 0.1 })
      const from = way === 'sent' ? near : far
      const failure = { code: 'TRANSPORT_FAILED' }
      const reading = [
        expect(framesOf(near)).rejects.toMatchObject(failure),
        expect(framesOf(far)).rejects.toMatchObject(failure),
      ]
      // Who sends to a reader that cuts hears of it a little later.
      await expect(
        (async () => {
          for (;;) await from.send(new Uint8Array(100))
        })(),
      ).rejects.toMatchObject(failure)
      await Promise.all(reading)
    }
  })

  test('delays by its clock, in order', async () => {
    const clock = new SimulatedClock()
    const [near, far] = await pair({ delay: 1, delayMsMax: 10, clock })
    const sending = sendAll(near)
    const reading = framesOf(far)
    await clock.advance(4)
    expect(clock.pendingTimers).toBe(1)
    await clock.advance(2_000)
    await sending
    expect(await reading).toEqual(words)
  })

  test('ends a delay when it is closed', async () => {
    const clock = new SimulatedClock()
    const [near, far] = await pair({ delay: 1, clock })
    const sending = near.send(new Uint8Array(1))
    await clock.yield()
    await near.close()
    await expect(sending).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
    expect(await framesOf(far)).toEqual([])
    expect(clock.pendingTimers).toBe(0)
  })

  test.each([
    [{ seed: 1, dorp: 0.1 }, 'dorp'],
    [{ drop: 0.1 }, 'seed'],
    [{ seed: 1, drop: 1.1 }, 'drop'],
    [{ seed: 1, cut: -0.1 }, 'cut'],
    [{ seed: 1, delay: Number.NaN }, 'delay'],
    [{ seed: 1, delayMsMax: -1 }, 'delayMsMax'],
  ])('refuses %j', async (options, option) => {
    const { ends } = await soundLinks()
    expect(() => faulty(ends[0], options as never)).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID', details: { option } }),
    )
  })
})
