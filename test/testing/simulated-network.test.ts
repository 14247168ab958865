import { describe, expect, test } from 'vitest'
import type { Link } from '../../lib/replication/link.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { SharedTime } from '../../lib/testing/shared-time.js'
import { SimulatedNetwork } from '../../lib/testing/simulated-network.js'

const SETTINGS = { latencyMsMin: 5, latencyMsMax: 5, bytesPerMs: 10, queueBytes: 100, maxFrameBytes: 1_000 }

class TwoNodes {
  readonly time = new SharedTime()
  readonly network = new SimulatedNetwork({
    ...{ time: this.time, random: new SeededRandom(1), settings: SETTINGS },
    ...{ sending: () => {}, note: () => {} },
  })
  readonly near = this.network.port('near')
  readonly far = this.network.port('far')

  async link(): Promise<[Link, Link]> {
    const { signal } = new AbortController()
    const accepted = this.far.transport.listen({ signal })[Symbol.asyncIterator]().next()
    const dialed = this.near.transport.dial({ id: 'far' }, { signal })
    await this.time.run(100)
    return [await dialed, (await accepted).value as Link]
  }
}

/** What arrives, each with the time, and how it ended. */
function arrivals(link: Link, time: SharedTime): string[] {
  const seen: string[] = []
  const read = async (): Promise<void> => {
    for await (const frame of link) seen.push(`${frame.byteLength} at ${time.monotonic()}`)
    seen.push('end')
  }
  read().catch((error: { code: string }) => seen.push(error.code))
  return seen
}

describe('a simulated link', () => {
  test('takes its time, by its latency and its bandwidth, and keeps the order', async () => {
    const nodes = new TwoNodes()
    const [dialed, accepted] = await nodes.link()
    const seen = arrivals(accepted, nodes.time)
    void dialed.send(new Uint8Array(50))
    void dialed.send(new Uint8Array(1))
    await nodes.time.run(50)
    void dialed.close()
    await nodes.time.run(50)
    expect(seen).toEqual(['50 at 110', '1 at 110', 'end'])
    await accepted.close()
    expect(nodes.network.openLinks).toBe(0)
  })

  test('holds back a sender whose reader does not read', async () => {
    const nodes = new TwoNodes()
    const [dialed, accepted] = await nodes.link()
    let sent = 0
    for (let index = 0; index < 5; index++) void dialed.send(new Uint8Array(60)).then(() => sent++)
    await nodes.time.run(100)
    expect(sent).toBe(2)
    arrivals(accepted, nodes.time)
    await nodes.time.run(100)
    expect(sent).toBe(5)
  })

  test('carries nothing in a direction that is held, and all of it later', async () => {
    const nodes = new TwoNodes()
    const [dialed, accepted] = await nodes.link()
    const [there, back] = [arrivals(accepted, nodes.time), arrivals(dialed, nodes.time)]
    nodes.network.hold('near', 'far')
    void dialed.send(new Uint8Array(10))
    void accepted.send(new Uint8Array(10))
    await nodes.time.run(1_000)
    expect([there.length, back.length]).toEqual([0, 1])
    nodes.network.release()
    await nodes.time.run(10)
    expect(there.length).toBe(1)
  })

  test('that is cut ends on both sides, or on one only', async () => {
    const nodes = new TwoNodes()
    const [dialed, accepted] = await nodes.link()
    const [there, back] = [arrivals(accepted, nodes.time), arrivals(dialed, nodes.time)]
    nodes.network.cut('near', 'far', 'far')
    await nodes.time.run(1_000)
    expect(back).toEqual(['TRANSPORT_FAILED'])
    expect(there).toEqual([])
    await expect(dialed.send(new Uint8Array(1))).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
  })

  test('of a process that is gone breaks, and nothing of that process reaches anybody', async () => {
    const nodes = new TwoNodes()
    const [dialed, accepted] = await nodes.link()
    const there = arrivals(accepted, nodes.time)
    void dialed.send(new Uint8Array(10))
    nodes.near.die('break')
    await nodes.time.run(1_000)
    expect(there).toEqual(['TRANSPORT_FAILED'])
    expect(nodes.network.openLinks).toBe(0)
  })
})
