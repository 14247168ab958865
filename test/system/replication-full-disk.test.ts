/** A replica whose disk refuses halts with what it has, says so, and goes on when it can. */
import { expect, test } from 'vitest'
import { VectorStore } from '../../lib/index.js'
import { SimulatedMachine } from '../../lib/testing/simulated-machine.js'
import { memoryNetwork } from '../../lib/transport/memory.js'
import { contents, expectSame, record, records, SHAPE } from './cluster.js'
import { drive, passTime } from './passing-time.js'

class Pair {
  readonly machine = new SimulatedMachine({ seed: 'full disk', segmentBytes: 4_000 })
  readonly #network = memoryNetwork()

  openMaster(): Promise<VectorStore> {
    const replication = { role: 'master', transport: this.#network.transport('m') } as const
    return VectorStore.open({ nodeId: 'm', replication })
  }

  async openReplica(): Promise<VectorStore> {
    const transport = this.#network.transport('r')
    return VectorStore.openIn(this.machine.environment, {
      ...{ path: '/data/r', nodeId: 'r' },
      replication: { role: 'replica', master: { id: 'm' }, transport },
    })
  }

  async close(store: VectorStore): Promise<void> {
    await drive([this.machine], store.close())
  }
}

test.each(['EIO', 'ENOSPC'])('the log of a replica fails with %s', async (code) => {
  const pair = new Pair()
  const master = await pair.openMaster()
  const things = await master.createCollection('things', SHAPE)
  await things.upsert(records(5))
  let replica = await pair.openReplica()
  const hasAll = () => replica.replication.position.seq === master.replication.position.seq
  await passTime([pair.machine], hasAll)
  const before = await contents(replica)
  const warnings: string[] = []
  replica.on('warning', (warning) => warnings.push(warning.code))
  pair.machine.disk.failProbability = { write: 1 }
  if (code === 'ENOSPC') {
    pair.machine.disk.failProbability = 0
    pair.machine.disk.capacityBytes = pair.machine.disk.usedBytes
  }
  for (let at = 0; at < 200; at++) await things.upsert(record(100 + at))
  await passTime([pair.machine], () => replica.replication.getStats()?.halted !== undefined)
  expect(replica.replication.getStats()).toMatchObject({ halted: { code: 'STORAGE_FAILED' }, linked: false })
  expect(warnings).toContain('STORAGE_FAILED')
  expect(replica.getStats().readOnly).toBe('STORAGE_FAILED')
  // What it has can be read, and is a beginning of what the master wrote.
  const found = (await contents(replica)) as [{ records: { id: string }[] }]
  const had = (before as [{ records: { id: string }[] }])[0].records
  expect(found[0].records.slice(0, had.length)).toEqual(had)
  expect(found[0].records.length).toBeLessThan(205)
  pair.machine.disk.failProbability = 0
  pair.machine.disk.capacityBytes = Number.POSITIVE_INFINITY
  await pair.close(replica)
  replica = await pair.openReplica()
  await passTime([pair.machine], hasAll)
  await expectSame(master, replica)
  await pair.close(replica)
  await master.close()
})

test('a snapshot that the disk does not take leaves the old state, and is taken later', async () => {
  const pair = new Pair()
  const master = await pair.openMaster()
  const things = await master.createCollection('things', SHAPE)
  await things.upsert(records(200))
  const replica = await pair.openReplica()
  await passTime([pair.machine], () => replica.replication.position.seq === master.replication.position.seq)
  const before = await contents(replica)
  const events: string[] = []
  replica.on('replication', ({ kind }) => events.push(kind))
  pair.machine.keyValues.failNextCommits(1)
  replica.replication.resync()
  await passTime([pair.machine], () => replica.replication.getStats()?.halted !== undefined)
  expect(replica.replication.getStats()).toMatchObject({ halted: { code: 'STORAGE_FAILED' } })
  expect(await contents(replica)).toEqual(before)
  // It tries again by itself.
  await passTime([pair.machine], () => events.includes('snapshot'))
  await things.upsert(record(900))
  await passTime([pair.machine], () => replica.replication.position.seq === master.replication.position.seq)
  await expectSame(master, replica)
  expect(replica.replication.getStats()?.halted).toBeUndefined()
  await pair.close(replica)
  await master.close()
})
