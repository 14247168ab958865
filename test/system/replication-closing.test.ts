/** Closing either side at any moment leaves nothing behind: no timer, no listener, no socket, no file. */
import { getEventListeners } from 'node:events'
import { createServer } from 'node:net'
import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { type Link, type Transport, VectorStore } from '../../lib/index.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { tcp } from '../../lib/transport/tcp.js'
import { memoryNetwork } from '../../lib/transport/memory.js'
import { seedsFor } from '../seeds.js'
import { describeClusters, IN_MEMORY, ON_DISK, records, SHAPE, until } from './cluster.js'

/** What keeps this process busy, save what the test runner and the standard streams take. */
const resources = (): string[] =>
  process.getActiveResourcesInfo().filter((name) => /TCP|FSReq|FileHandle|Pipe(?!Wrap)/.test(name))

const SEEDS = seedsFor(12)

describeClusters((cluster) => {
  test(`either side is closed at any moment (seeds ${SEEDS[0]} to ${SEEDS.at(-1)})`, async () => {
    const before = resources().length
    for (const seed of SEEDS) {
      const random = new SeededRandom(`closing ${seed}`)
      const [m, r] = [`m${seed}`, `r${seed}`]
      const [masterClock, replicaClock] = [new SimulatedClock(), new SimulatedClock()]
      const master = await cluster.master({ store: { clock: masterClock } }, m)
      const things = await master.createCollection('things', SHAPE)
      await things.upsert(records(200))
      const replica = await cluster.replica(r, { master: { id: m }, store: { clock: replicaClock } })
      const writing = Promise.allSettled(
        Array.from({ length: 20 }, async (_, at) => {
          for (let turns = at * 2; turns > 0; turns--) await nodeClock.yield()
          return things.upsert(records(3, at * 3), { writeConcern: { w: at % 3 === 0 ? 2 : 1 } })
        }),
      )
      const waiting = Promise.allSettled([
        replica.replication.waitFor(),
        replica.replication.waitFor({ epoch: 1, seq: 10_000 }),
      ])
      for (let turns = random.int(60); turns > 0; turns--) await nodeClock.yield()
      const order = random.chance(0.5) ? [master, replica] : [replica, master]
      for (const store of order) {
        const closing = store.close()
        // Time goes on for those who wait for the last word to get out.
        let isClosed = false
        void closing.finally(() => {
          isClosed = true
        })
        while (!isClosed) {
          await masterClock.advance(100)
          await replicaClock.advance(100)
        }
        await closing
      }
      await Promise.all([writing, waiting])
      expect([masterClock.pendingTimers, replicaClock.pendingTimers], `seed ${seed}`).toEqual([0, 0])
    }
    await until('every socket and file is closed', () => resources().length <= before)
  })

  test('closing is quick and says nothing alarming', async () => {
    const master = await cluster.master()
    await master.createCollection('things', SHAPE)
    const replica = await cluster.replica()
    await replica.replication.waitFor()
    await Promise.all([master.close(), replica.close()])
    await Promise.all([master.close(), replica.close()])
    expect([...cluster.node('m').warnings, ...cluster.node('r').warnings]).toEqual([])
  })

  test('a store closes while it dials somebody who does not answer', async () => {
    const signals: AbortSignal[] = []
    const transport: Transport = {
      dial: (_, { signal }) =>
        new Promise<Link>((_resolve, reject) => {
          signals.push(signal)
          signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        }),
      listen: () => {
        throw new Error('not here')
      },
    }
    const { store } = await cluster.open('r', { role: 'replica', master: { id: 'm' }, transport })
    await until('it dials', () => signals.length === 1)
    await store.close()
    expect(signals[0]?.aborted).toBe(true)
    expect(getEventListeners(signals[0] as AbortSignal, 'abort')).toEqual([])
  })
})

describeClusters(
  (cluster) => {
    test('a master that cannot listen does not open, and gives its directory back', async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as { port: number }
      const transport = tcp({ id: 'm', listen: { host: '127.0.0.1', port } })
      const path = cluster.path('m')
      await expect(
        VectorStore.open({ path, nodeId: 'm', replication: { role: 'master', transport } }),
      ).rejects.toMatchObject({ code: 'TRANSPORT_FAILED', details: { reason: 'EADDRINUSE' } })
      await new Promise((resolve) => server.close(resolve))
      // The lock is gone, and so is everything else of the attempt.
      const network = memoryNetwork()
      const taken = await VectorStore.open({
        ...{ nodeId: 'm', replication: { role: 'master', transport: network.transport('m') } },
      })
      await expect(
        VectorStore.open({ path, replication: { role: 'master', transport: network.transport('m') } }),
      ).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' })
      await taken.close()
      const throwing: Transport = {
        dial: () => Promise.reject(new Error('no')),
        listen: () => {
          throw new Error('this host has no network')
        },
      }
      await expect(
        VectorStore.open({ path, replication: { role: 'master', transport: throwing } }),
      ).rejects.toMatchObject({ code: 'TRANSPORT_FAILED', message: expect.stringContaining('no network') })
      expect((await readdir(path)).filter((name) => name.includes('lock'))).toEqual([])
      await (await VectorStore.open({ path })).close()
    })
  },
  [ON_DISK],
)

describeClusters(
  (cluster) => {
    test('a thousand links that come and go leave no timers behind', async () => {
      const clock = new SimulatedClock()
      const master = await cluster.master({ store: { clock } })
      await master.createCollection('things', SHAPE)
      const { store: replica } = await cluster.open('r', { role: 'replica', store: { clock } })
      const [near, far] = await cluster.linkPair('r', 'm')
      void master.replication.accept(far)
      replica.replication.follow(near)
      await until('linked', () => replica.replication.getStats()?.linked === true)
      await clock.advance(1)
      const before = clock.pendingTimers
      for (let again = 0; again < 1_000; again++) {
        const [dialed, accepted] = await cluster.linkPair('r', 'm')
        const served = master.replication.accept(accepted)
        replica.replication.follow(dialed)
        await nodeClock.yield()
        if (again % 3 === 0) await dialed.close()
        if (again % 3 === 0) await served
      }
      const [last, end] = await cluster.linkPair('r', 'm')
      void master.replication.accept(end)
      replica.replication.follow(last)
      await until('linked', () => replica.replication.getStats()?.linked === true)
      await replica.replication.waitFor(master.replication.position)
      for (let second = 0; second < 12; second++) await clock.advance(1_000)
      expect(clock.pendingTimers).toBeLessThanOrEqual(before + 1)
      expect(master.replication.getReplicas()).toMatchObject([{ id: 'r', linked: true }])
    })
  },
  [IN_MEMORY],
)
