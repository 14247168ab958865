/** What docs/REPLICATION.md promises to somebody who runs a master and replicas, at the edges that are easy to lose. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { VectorStore } from '../../lib/store/vector-store.js'
import type { Link, Transport } from '../../lib/replication/link.js'
import type { ReplicationEvent } from '../../lib/replication/replication.js'
import type { ReplicationOptions } from '../../lib/store/replication-input.js'
import { type MemoryNetwork, memoryNetwork } from '../../lib/transport/memory.js'

let network: MemoryNetwork
let directory: string
const opened: VectorStore[] = []

beforeEach(() => {
  network = memoryNetwork()
  directory = mkdtempSync(join(tmpdir(), 'replivec-guide-'))
})
afterEach(async () => {
  for (const store of opened.splice(0).reverse()) await store.close()
  rmSync(directory, { recursive: true, force: true })
})

interface Node {
  readonly store: VectorStore
  readonly events: ReplicationEvent[]
}

async function open(id: string, replication: ReplicationOptions, path?: string): Promise<Node> {
  const store = await VectorStore.open({
    nodeId: id,
    ...(path === undefined ? {} : { path: join(directory, path) }),
    replication: { transport: network.transport(id), ...replication },
  })
  opened.push(store)
  const events: ReplicationEvent[] = []
  store.on('replication', (event) => events.push(event))
  return { store, events }
}

const openMaster = (id = 'a', path?: string, more: Partial<ReplicationOptions> = {}): Promise<Node> =>
  open(id, { role: 'master', ...more }, path)
const openReplica = (
  id: string,
  master = 'a',
  path?: string,
  more: Partial<ReplicationOptions> = {},
): Promise<Node> => open(id, { role: 'replica', master: { id: master }, ...more }, path)

describe('a master whose transport cannot listen', () => {
  test.each([
    ['EADDRINUSE', () => Promise.reject(Object.assign(new Error('in use'), { code: 'EADDRINUSE' }))],
    [undefined, () => Promise.reject('no')],
  ])('does not open, and names the transport (%s)', async (reason, listen) => {
    const transport: Transport = {
      dial: () => Promise.reject(new Error('not here')),
      listen() {
        const ready = listen()
        return Object.assign(
          (async function* (): AsyncGenerator<Link> {
            await ready
            yield* []
          })(),
          { ready },
        )
      },
    }
    await expect(open('a', { role: 'master', transport })).rejects.toMatchObject({
      code: 'TRANSPORT_FAILED',
      details: reason === undefined ? {} : { reason },
    })
  })
})

describe('a replica that comes back', () => {
  test('is Connected once it has everything, though nothing more is written', async () => {
    const { store: master } = await openMaster()
    const notes = await master.createCollection('notes', { dimensions: 1, metric: 'dot' })
    const { store: replica } = await openReplica('b')
    await replica.replication.waitFor()
    replica.replication.pause()
    await expect.poll(() => master.replication.getReplicas()?.[0]?.linked).toBe(false)
    // Nobody is linked, so what is written is nowhere but in the log.
    await notes.upsert({ id: 'one', vector: [1] })
    replica.replication.resume()
    await replica.replication.waitFor()
    await expect
      .poll(() => master.replication.getReplicas()?.[0])
      .toMatchObject({ status: 'Connected', lagOperations: 0 })
  })
})

describe('a master that pauses', () => {
  test('has replicas that lag, which is not to take a snapshot or to read up on the log', async () => {
    const thresholds = { laggingAfterMs: 40 }
    const { store: master, events } = await openMaster('a', undefined, thresholds)
    const notes = await master.createCollection('notes', { dimensions: 1, metric: 'dot' })
    const { store: replica } = await openReplica('b')
    await replica.replication.waitFor()
    await notes.upsert({ id: 'one', vector: [1] }, { writeConcern: { w: 2 } })
    events.length = 0
    master.replication.pause()
    await notes.upsert({ id: 'two', vector: [2] })
    await expect.poll(() => events).not.toEqual([])
    master.replication.resume()
    await expect.poll(() => events).toHaveLength(2)
    expect(events).toMatchObject([
      { kind: 'status', peerId: 'b', before: 'Connected', status: 'Lagging' },
      { kind: 'status', peerId: 'b', before: 'Lagging', status: 'Connected' },
    ])
  })
})

describe('a master that asks for a resync', () => {
  test('has every linked replica take a snapshot, and loses nothing', async () => {
    const { store: master, events } = await openMaster()
    const notes = await master.createCollection('notes', { dimensions: 1, metric: 'dot' })
    const { store: replica } = await openReplica('b')
    await replica.replication.waitFor()
    await notes.upsert({ id: 'one', vector: [1] }, { writeConcern: { w: 2 } })
    events.length = 0
    master.replication.resync()
    await expect
      .poll(() => events)
      .toContainEqual({ kind: 'connected', peerId: 'b', snapshotReason: 'resync' })
    await replica.replication.waitFor()
    expect(replica.replication.getStats()?.snapshotReason).toBe('resync')
    expect(await (await replica.openCollection('notes')).get('one')).toMatchObject({ id: 'one' })
  })
})

describe('a replica that cannot reach its master', () => {
  test('says why when somebody waits for it', async () => {
    const { store: replica } = await openReplica('b', 'nobody')
    await expect(replica.replication.waitFor(undefined, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('No peer nobody listens in this network.'),
      cause: { code: 'TRANSPORT_FAILED' },
    })
  })

  test('is told by a master that another one took over from', async () => {
    const { store: old } = await openMaster('a', 'a')
    await old.createCollection('notes', { dimensions: 1, metric: 'dot' })
    const { store: heir } = await openReplica('b', 'a', 'b')
    await heir.replication.waitFor()
    await heir.close()
    const { store: next } = await openMaster('b', 'b')
    await (await next.openCollection('notes')).upsert({ id: 'one', vector: [1] })
    const { store: witness } = await openReplica('c', 'b', 'c')
    await witness.replication.waitFor()
    await witness.close()
    const { events } = await openReplica('c', 'a', 'c')
    await expect
      .poll(() => events)
      .toContainEqual(expect.objectContaining({ kind: 'refused', reason: 'epoch' }))
    const write = (await old.openCollection('notes')).upsert({ id: 'two', vector: [2] })
    await expect(write).rejects.toMatchObject({
      code: 'STALE_EPOCH',
      details: { epoch: 1, seenEpoch: 2, peerId: 'c' },
    })
  })
})

describe('changing roles by hand', () => {
  test('keeps what the new master has, and throws away what only the old one had', async () => {
    const { store: old } = await openMaster('a', 'a')
    const notes = await old.createCollection('notes', { dimensions: 1, metric: 'dot' })
    await notes.upsert({ id: 'both', vector: [1] })
    const { store: heir } = await openReplica('b', 'a', 'b')
    await heir.replication.waitFor()
    await heir.close()
    const lost = await notes.upsert({ id: 'only the old one', vector: [2] })
    await old.close()

    const { store: next } = await openMaster('b', 'b')
    const kept = await (await next.openCollection('notes')).upsert({ id: 'the new one', vector: [3] })
    expect(kept.position).toEqual({ epoch: 2, seq: lost.position.seq })

    const { store: back, events } = await openReplica('a', 'b', 'a')
    await back.replication.waitFor()
    expect(events).toContainEqual({ kind: 'connected', peerId: 'b', snapshotReason: 'diverged' })
    const found = await (await back.openCollection('notes')).getMany([
      'both',
      'only the old one',
      'the new one',
    ])
    expect(found.map((record) => record?.id)).toEqual(['both', undefined, 'the new one'])
    const reading = (await back.openCollection('notes')).get('both', { after: lost.position })
    await expect(reading).rejects.toMatchObject({ code: 'POSITION_LOST' })
  })

  test('leaves a store with another history alone until it may be thrown away', async () => {
    const { store: master } = await openMaster('a', 'a')
    await master.createCollection('notes', { dimensions: 1, metric: 'dot' })
    const { store: replica } = await openReplica('b', 'a', 'b')
    await replica.replication.waitFor()
    await replica.close()
    await master.backup(join(directory, 'backup'))
    await master.close()
    await VectorStore.restore(join(directory, 'backup'), join(directory, 'restored'))
    // The same node, and another history: its replicas have to be told that they may follow.
    await openMaster('a', 'restored')
    const { store: halted } = await openReplica('b', 'a', 'b')
    await expect(halted.replication.waitFor()).rejects.toMatchObject({ code: 'HISTORY_MISMATCH' })
    expect(halted.listCollections()).toMatchObject([{ name: 'notes' }])
    await halted.close()
    const { store: follower, events } = await openReplica('b', 'a', 'b', { discardLocal: true })
    await follower.replication.waitFor()
    expect(events).toContainEqual({ kind: 'connected', peerId: 'a', snapshotReason: 'history' })
  })
})

describe('a replica that is gone', () => {
  test('is waited for by a write to all until it is forgotten', async () => {
    const { store: master } = await openMaster()
    const notes = await master.createCollection('notes', { dimensions: 1, metric: 'dot' })
    const { store: replica } = await openReplica('b')
    await replica.replication.waitFor()
    await replica.close()
    await expect.poll(() => master.replication.getReplicas()).toMatchObject([{ linked: false }])
    const writeConcern = { w: 'all', timeoutMs: 50 } as const
    const write = notes.upsert({ id: 'one', vector: [1] }, { writeConcern })
    await expect(write).rejects.toMatchObject({
      code: 'WRITE_CONCERN_TIMEOUT',
      details: { acks: 1, needed: 2 },
    })
    master.replication.forget('b')
    const { acks } = await notes.upsert({ id: 'two', vector: [2] }, { writeConcern })
    expect(acks).toBe(1)
    expect(master.replication.getReplicas()).toEqual([])
  })

  test('is listed again when it was alive and dials', async () => {
    const { store: master } = await openMaster()
    await openReplica('b')
    await expect.poll(() => master.replication.getReplicas()).toMatchObject([{ linked: true }])
    master.replication.forget('b')
    expect(master.replication.getReplicas()).toEqual([])
    await expect.poll(() => master.replication.getReplicas()).toMatchObject([{ linked: true }])
  })
})
