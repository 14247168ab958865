/** The audit logs of real masters and replicas: what they say, and that nobody waits for them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type AuditEntry, VectorStore, type Warning } from '../../lib/index.js'
import { SimulatedMachine } from '../../lib/testing/simulated-machine.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'
import { type Cluster, describeClusters, ON_DISK, record, records, SHAPE, settled, until } from './cluster.js'

const store = { audit: true } as const
const KEY = 'a key that nobody else has'

function entriesOf(path: string): AuditEntry[] {
  const names = readdirSync(join(path, 'audit')).filter((name) => name.endsWith('.jsonl'))
  const text = names.map((name) => readFileSync(join(path, 'audit', name), 'utf8')).join('')
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line))
}

/** What was said, without what every entry has. */
function said(path: string): Record<string, unknown>[] {
  return entriesOf(path).map(({ seq: _, atMs: __, previous: ___, hash: ____, ...rest }) => rest)
}

const countOf = (cluster: Cluster, id: string, kind: string): number =>
  cluster.node(id).events.filter((event) => event.kind === kind).length

describeClusters(
  (cluster) => {
    test('what happens between a master and its replicas is written down at both, in order', async () => {
      const master = await cluster.master({ store })
      await (await master.createCollection('things', SHAPE)).upsert(records(20))
      const replica = await cluster.replica('r', { store })
      await settled(master, replica)
      await cluster.replica('stranger', { clusterId: 'another', store })
      await until('it was refused', () => countOf(cluster, 'stranger', 'refused') > 0)
      await cluster.close('stranger')
      replica.replication.resync()
      await until('it took another snapshot', () => countOf(cluster, 'r', 'snapshot') > 1)
      await settled(master, replica)
      const own = replica.getStats().historyId
      await cluster.close('r')
      await until('the master heard', () => countOf(cluster, 'm', 'disconnected') > 0)
      master.replication.forget('r')
      expect(await master.verifyAudit()).toMatchObject({ ok: true, damage: [] })
      const { historyId, position } = master.replication
      const at = { epoch: position.epoch, operation: position.seq }
      await cluster.close('m')

      const atMaster = said(cluster.path('m'))
      const bytes = expect.any(Number)
      const ends = { kind: 'disconnected', code: null, message: null }
      expect(atMaster.filter(({ peerId }) => peerId !== 'stranger')).toEqual([
        { kind: 'opened', role: 'master', nodeId: 'm', historyId, epoch: 1, keyId: null },
        { kind: 'connected', peerId: 'r', snapshotReason: 'fresh' },
        { kind: 'snapshot', part: 'sent', peerId: 'r', bytes },
        { kind: 'connected', peerId: 'r', snapshotReason: 'resync' },
        { kind: 'snapshot', part: 'sent', peerId: 'r', bytes },
        { ...ends, peerId: 'r' },
        { kind: 'forgotten', peerId: 'r' },
        { kind: 'closed', ...at },
      ])
      const refused = {
        kind: 'refused',
        reason: 'cluster',
        message: expect.stringContaining('another cluster'),
        address: null,
      }
      const strangers = atMaster.filter(({ peerId }) => peerId === 'stranger')
      expect(strangers.length).toBeGreaterThan(0)
      for (const entry of strangers) expect(entry).toEqual({ ...refused, peerId: 'stranger' })
      const [opened, ...rest] = said(cluster.path('r'))
      expect(opened).toMatchObject({ kind: 'opened', role: 'replica', nodeId: 'r' })
      expect(own).toBe(historyId)
      expect(rest).toEqual([
        { kind: 'connected', peerId: 'm', snapshotReason: 'fresh' },
        { kind: 'snapshot', part: 'installed', peerId: 'm', bytes, ...at },
        { kind: 'connected', peerId: 'm', snapshotReason: 'resync' },
        { kind: 'snapshot', part: 'installed', peerId: 'm', bytes, ...at },
        { ...ends, peerId: 'm' },
        { kind: 'closed', ...at },
      ])
      const atStranger = said(cluster.path('stranger'))
      expect(atStranger[1]).toEqual({ ...refused, peerId: 'm' })
      expect(atStranger.at(-1)).toEqual({ kind: 'closed', epoch: 1, operation: 0 })
      for (const id of ['m', 'r', 'stranger'])
        expect(await VectorStore.verifyAudit(cluster.path(id), { nodeId: id })).toMatchObject({
          ...{ ok: true, unsettledBytes: 0, entries: entriesOf(cluster.path(id)).length, files: 1 },
        })
    })

    test('another epoch is told at the master that begins it, and at the replica that follows', async () => {
      const master = await cluster.master({ store })
      await (await master.createCollection('things', SHAPE)).upsert(records(3))
      const replica = await cluster.replica('r', { store })
      await settled(master, replica)
      await cluster.close('m')
      const again = await cluster.master({ store })
      const things = await again.openCollection('things')
      await things.upsert(record(9))
      await settled(again, replica)
      await until('it knows', () => countOf(cluster, 'r', 'epoch') > 0)
      const epoch = { kind: 'epoch', epoch: 2, nodeId: 'm', firstSeq: 5 }
      expect(cluster.node('r').events.filter(({ kind }) => kind === 'epoch')).toEqual([epoch])
      await cluster.close('r')
      await cluster.close('m')
      expect(said(cluster.path('r')).filter(({ kind }) => kind === 'epoch')).toEqual([epoch])
      const run = said(cluster.path('m')).slice(-6)
      expect(run.slice(run.findIndex(({ kind }) => kind === 'opened')).slice(0, 2)).toMatchObject([
        { kind: 'opened', role: 'master', epoch: 2 },
        epoch,
      ])
    })

    test('a master that another one took over from says so', async () => {
      const first = await cluster.master({ store })
      await (await first.createCollection('things', SHAPE)).upsert(record(1))
      const replica = await cluster.replica('r')
      await settled(first, replica)
      await cluster.close('r')
      // The replica becomes a master and comes back as one that has seen a higher epoch.
      const { store: second } = await cluster.open('r', { role: 'master' })
      await (await second.openCollection('things')).upsert(record(2))
      await cluster.close('r')
      await cluster.replica('r')
      await until('it is fenced', () => countOf(cluster, 'm', 'fenced') > 0)
      await cluster.close('r')
      await cluster.close('m')
      expect(said(cluster.path('m'))).toContainEqual({ kind: 'fenced', peerId: 'r', epoch: 2 })
    })

    test('a restored store begins a log of its own, which says where it comes from', async () => {
      const path = cluster.path('original')
      const original = await VectorStore.open({ path, nodeId: 'o', ...store })
      await original.createCollection('things', SHAPE)
      const { historyId } = original.getStats()
      await original.backup(cluster.path('backup'))
      await original.close()
      await VectorStore.restore(cluster.path('backup'), cluster.path('copy'))
      expect(readdirSync(cluster.path('copy'))).not.toContain('audit')
      for (let open = 0; open < 2; open++) {
        const copy = await VectorStore.open({ path: cluster.path('copy'), ...store })
        expect(await copy.verifyAudit()).toMatchObject({ ok: true })
        await copy.close()
      }
      expect(said(cluster.path('copy')).slice(0, 2)).toEqual([
        expect.objectContaining({ kind: 'opened', role: 'standalone', nodeId: 'o' }),
        { kind: 'restored', fromHistoryId: historyId, fromEpoch: 1, fromOperation: 1 },
      ])
      expect(said(cluster.path('copy')).map(({ kind }) => kind)).toEqual([
        ...['opened', 'restored', 'closed', 'opened', 'closed'],
      ])
      // The log of one is not taken for that of the other, though both are of the node 'o'.
      const [one, other] = [path, cluster.path('copy')].map((of) => entriesOf(of)[0]?.previous)
      expect(one).not.toBe(other)
    })
  },
  [ON_DISK],
)

describe('a store with an audit log', () => {
  test('opens where that was changed, warns, and goes on saying so', async () => {
    await withTemporaryDirectory(async (path) => {
      const audit = { key: KEY }
      await (await VectorStore.open({ path, audit })).close()
      const file = join(path, 'audit', '000001.jsonl')
      writeFileSync(file, readFileSync(file, 'utf8').replace('"standalone"', '"master"'))
      const warnings: Warning[] = []
      const opened = await VectorStore.open({ path, audit })
      opened.on('warning', (warning) => warnings.push(warning))
      await expect.poll(() => warnings).toMatchObject([{ code: 'AUDIT_DAMAGED' }])
      const found = [
        { file: '000001.jsonl', line: 1, seq: null, problem: 'altered' },
        { file: '000002.jsonl', line: 1, seq: 3, problem: 'found-before' },
      ]
      expect((await opened.verifyAudit()).damage).toMatchObject(found)
      const entries = entriesOf(path)
      const { hash } = entries.at(-1) as AuditEntry
      expect(opened.getStats().audit).toEqual({ entries: 4, headHash: hash, queued: 0, lost: 0 })
      const wrong = { key: 'another key, of somebody else' }
      expect((await opened.verifyAudit(wrong)).damage).toMatchObject([
        { problem: 'key' },
        { problem: 'found-before' },
      ])
      await opened.close()
      expect((await VectorStore.verifyAudit(path, audit)).damage).toMatchObject(found)
    })
  })

  test('without one there is none to ask, and a directory without one has none', async () => {
    await withTemporaryDirectory(async (path) => {
      const plain = await VectorStore.open({ path })
      expect(plain.getStats().audit).toBeNull()
      await expect(plain.verifyAudit()).rejects.toMatchObject({
        ...{ code: 'OPTIONS_INVALID', details: { option: 'audit' } },
      })
      await plain.close()
      await expect(plain.verifyAudit()).rejects.toMatchObject({ code: 'CLOSED' })
      expect(readdirSync(path)).not.toContain('audit')
      expect((await VectorStore.verifyAudit(path)).damage).toMatchObject([
        { file: 'head.json', problem: 'missing' },
      ])
    })
    await expect(VectorStore.open(store)).rejects.toMatchObject({ details: { option: 'audit' } })
  })

  test('serves its callers while nothing can be written to that', async () => {
    const machine = new SimulatedMachine({ seed: 'audit' })
    const { environment, disk } = machine
    const files = new Proxy(environment.files, {
      get: (target, name) => {
        const value = Reflect.get(target, name)
        if (name !== 'open') return typeof value === 'function' ? value.bind(target) : value
        return async (path: string, mode: 'read' | 'write' | 'create') => {
          if (path.endsWith('.jsonl')) throw Object.assign(new Error('refused'), { code: 'EIO' })
          return target.open(path, mode)
        }
      },
    })
    const warnings: Warning[] = []
    const opened = await VectorStore.openIn({ ...environment, files }, { path: '/store', audit: true })
    opened.on('warning', (warning) => warnings.push(warning))
    const things = await opened.createCollection('things', SHAPE)
    await things.upsert(records(10))
    expect(await things.count()).toBe(10)
    await machine.clock.advance(10_000)
    expect(warnings.map(({ code }) => code)).toEqual(['STORAGE_FAILED'])
    expect(opened.getStats()).toMatchObject({ readOnly: null, audit: { entries: 0, queued: 1, lost: 0 } })
    await opened.close()
    expect(disk.operations).toBeGreaterThan(0)
  })

  test.each(['crash', 'powerCut'] as const)('comes through a %s with its log', async (end) => {
    for (let at = 1; at < 400; at += 7) {
      const machine = new SimulatedMachine({ seed: `audit ${end} ${at}` })
      const open = (): Promise<VectorStore> =>
        VectorStore.openIn(machine.environment, { path: '/store', audit: { maxFileBytes: 500 } })
      const before = await open()
      await before.close()
      const started = machine.disk.operations
      machine.disk.beforeOperation = ({ number }) => {
        if (number === started + at) machine[end]()
      }
      const stopped = await open().catch(() => undefined)
      await stopped?.close().catch(() => undefined)
      machine.disk.beforeOperation = undefined
      if (machine.disk.operations < started + at) break
      const after = await open()
      expect(await after.verifyAudit(), `at ${at}`).toMatchObject({ ok: true, damage: [] })
      await after.close()
    }
  })
})
