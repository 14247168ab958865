import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Logger, ReplivecError, type StoreOptions, VectorStore } from '../../lib/index.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { contentsOf } from '../collection/contents.js'
import { describeStores } from './store-kinds.js'

describeStores((subject) => {
  async function seeded() {
    const things = await subject.create({ indexed: ['n'] })
    await things.upsert(
      [1, 2, 3].map((n) => ({ id: `${n}`, vector: [n, -n], metadata: { n, at: new Date(n) } })),
    )
    await things.update('1', { metadata: { n: 9 } })
    await things.delete('2')
    const others = await subject.create({ dimensions: 1, metric: 'dot' }, 'others')
    await others.upsert({ id: 'x', vector: [0.1] })
    return subject.later()
  }

  const CONTENT = [
    ['1', [1, -1], { n: 9, at: new Date(1) }],
    ['3', [3, -3], { n: 3, at: new Date(3) }],
  ]

  describe('open', () => {
    test.each([
      7,
      null,
      [],
      'path',
      { path: '' },
      { path: 7 },
      { nodeId: '' },
      { nodeId: 7 },
      { durability: 'eventual' },
      { clock: {} },
      { logger: 7 },
      { replication: { role: 'king' } },
    ])('refuses %j', async (options) => {
      await expect(VectorStore.open(options as StoreOptions)).rejects.toMatchObject({
        code: 'OPTIONS_INVALID',
      })
    })

    test('keeps the node it was first given, and takes the durability of each open', async () => {
      const place = subject.isOnDisk ? { path: join(subject.directory, 'named') } : {}
      const first = await VectorStore.open({ ...place, durability: 'buffered', nodeId: 'node-1' })
      expect(first.getStats()).toMatchObject({ durability: 'buffered', nodeId: 'node-1' })
      const made = await first.createCollection('a', { dimensions: 1, metric: 'dot' })
      await made.upsert({ id: 'x', vector: [1] })
      expect(await contentsOf(made)).toEqual([['x', [1], {}]])
      await first.close()
      const second = await VectorStore.open({ ...place, nodeId: 'node-1' })
      expect(second.getStats()).toMatchObject({ durability: 'sync', nodeId: 'node-1' })
      await second.close()
    })

    test('two stores share nothing', async () => {
      await seeded()
      const path = join(subject.directory, 'second')
      await using second = await VectorStore.open(subject.isOnDisk ? { path } : {})
      expect(second.listCollections()).toEqual([])
      expect(second.getStats().historyId).not.toBe(subject.store.getStats().historyId)
    })
  })

  describe('stats', () => {
    test('are plain data that says where the store is', async () => {
      const clock = new SimulatedClock(1_700_000_000_000)
      await subject.start({ clock })
      await seeded()
      const stats = subject.store.getStats()
      expect(structuredClone(stats)).toEqual(stats)
      expect(JSON.parse(JSON.stringify(stats))).toEqual(stats)
      expect(stats).toMatchObject({
        durability: 'sync',
        openedAtMs: 1_700_000_000_000,
        readOnly: null,
        pinnedViews: 0,
        position: { epoch: 1, seq: stats.log.headSeq },
      })
      expect(stats.collections.map(({ name, records }) => [name, records.live])).toEqual([
        ['others', 1],
        ['things', 2],
      ])
      expect(subject.store.getStats()).toEqual(stats)
    })
  })

  test('stands alone in replication', async () => {
    await seeded()
    const { replication } = subject.store
    expect([replication.role, replication.enabled]).toEqual(['standalone', false])
    expect(replication.getStatus()).toEqual({
      role: 'standalone',
      enabled: false,
      stats: null,
      replicas: null,
    })
    expect(replication.getReplicas()).toBeNull()
  })

  describe('backup and restore', () => {
    const folder = (name: string) => join(subject.directory, name)

    test('bring everything back, under a new history', async () => {
      await seeded()
      const { position, historyId } = subject.store.getStats()
      expect(await subject.store.backup(folder('backup'))).toMatchObject({ position })
      await (await subject.store.openCollection('things')).upsert({ id: 'later', vector: [7, 7] })
      await VectorStore.restore(folder('backup'), folder('restored'))
      await using restored = await VectorStore.open({ path: folder('restored') })
      const things = await restored.openCollection('things')
      expect(await contentsOf(things)).toEqual(CONTENT)
      expect(await things.count({ n: 9 })).toBe(1)
      expect(await contentsOf(await restored.openCollection('others'))).toEqual([
        ['x', [Math.fround(0.1)], {}],
      ])
      expect(restored.listCollections()).toEqual(subject.store.listCollections())
      expect(restored.getStats().historyId).not.toBe(historyId)
      expect(await restored.verify()).toMatchObject({ ok: true, damage: [], records: 3 })
      await things.upsert({ id: 'new', vector: [5, 5] })
      expect((await contentsOf(things)).map(([id]) => id)).toEqual(['1', '3', 'new'])
    })

    test('a backup while writes go on is of its one position', async () => {
      const things = await seeded()
      const writes = []
      for (let n = 0; n < 20; n++) {
        writes.push(things.upsert(['left', 'right'].map((id) => ({ id, vector: [n, n], metadata: { n } }))))
      }
      const backing = subject.store.backup(folder('backup'))
      for (let n = 20; n < 40; n++) {
        writes.push(things.upsert(['left', 'right'].map((id) => ({ id, vector: [n, n], metadata: { n } }))))
      }
      const { position } = await backing
      const results = await Promise.all(writes)
      const last = results.findLastIndex((result) => result.position.seq <= position.seq)
      await VectorStore.restore(folder('backup'), folder('restored'))
      await using restored = await VectorStore.open({ path: folder('restored') })
      const halves = await (await restored.openCollection('things')).getMany(['left', 'right'])
      expect(halves.map((half) => half?.metadata.n)).toEqual(last < 0 ? [undefined, undefined] : [last, last])
    })

    test('take only places that do not exist yet, and touch nothing there', async () => {
      await seeded()
      await mkdir(folder('taken'))
      await writeFile(join(folder('taken'), 'mine'), 'precious')
      await subject.store.backup(folder('backup'))
      const { store } = subject
      await expect(store.backup(folder('taken'))).rejects.toMatchObject({ code: 'PATH_EXISTS' })
      await expect(store.backup(folder('backup'))).rejects.toMatchObject({ code: 'PATH_EXISTS' })
      await expect(VectorStore.restore(folder('backup'), folder('taken'))).rejects.toMatchObject({
        code: 'PATH_EXISTS',
      })
      expect(await readdir(folder('taken'))).toEqual(['mine'])
      expect(await readFile(join(folder('taken'), 'mine'), 'utf8')).toBe('precious')
    })

    test('a damaged backup is told before anything is written', async () => {
      await seeded()
      await subject.store.backup(folder('backup'))
      const [name] = await readdir(folder('backup'))
      const sound = await readFile(join(folder('backup'), name!))
      for (const at of [0, sound.length >> 1, sound.length - 1]) {
        const damaged = Buffer.from(sound)
        damaged.writeUInt8(damaged.readUInt8(at) ^ 0x10, at)
        await cp(folder('backup'), folder(`damaged ${at}`), { recursive: true })
        await writeFile(join(folder(`damaged ${at}`), name!), damaged)
        const restoring = VectorStore.restore(folder(`damaged ${at}`), folder('restored'))
        await expect(restoring).rejects.toMatchObject({ code: 'BACKUP_INVALID' })
        expect(await readdir(subject.directory)).not.toContain('restored')
      }
      await expect(VectorStore.restore(folder('nowhere'), folder('restored'))).rejects.toSatisfy((error) =>
        ReplivecError.is(error),
      )
    })

    test('tell how far they are', async () => {
      await seeded()
      const seen: { done: number; total: number; phase: string }[] = []
      const onProgress = (progress: (typeof seen)[number]) => seen.push(progress)
      await subject.store.backup(folder('backup'), { onProgress })
      await VectorStore.restore(folder('backup'), folder('restored'), { onProgress })
      await subject.store.verify({ onProgress })
      const phases = [...new Set(seen.map(({ phase }) => phase))]
      expect(phases).toEqual(['copy', 'verify', 'restore', 'log', 'values', 'records'])
      for (const phase of phases) {
        const reports = seen.filter((report) => report.phase === phase)
        expect(reports.map(({ done }) => done)).toEqual(reports.map(({ done }) => done).sort((a, b) => a - b))
        expect(new Set(reports.map(({ total }) => total)).size).toBe(1)
        expect(reports.at(-1)?.done).toBe(reports.at(-1)?.total)
      }
    })

    test('know how much there is before they have read it', async () => {
      const things = await subject.create<{ n: number }>({ indexed: ['n'] })
      await things.upsert(
        Array.from({ length: 6_000 }, (_, n) => ({ id: `${n}`, vector: [n, 1], metadata: { n } })),
      )
      const seen: { done: number; total: number; phase: string }[] = []
      await subject.store.verify({ onProgress: (progress) => seen.push(progress) })
      const values = seen.filter(({ phase }) => phase === 'values')
      expect(values.length).toBeGreaterThan(2)
      expect(values[0]?.total).toBe(values.at(-1)?.done)
    })
  })

  test('a sound store verifies', async () => {
    await seeded()
    expect(await subject.store.verify()).toMatchObject({ ok: true, damage: [], records: 3 })
  })

  test('tells of segments through the index event', async () => {
    const things = await subject.create()
    const events: unknown[] = []
    subject.store.on('index', (event) => events.push(event))
    await things.upsert(Array.from({ length: 100 }, (_, i) => ({ id: `${i}`, vector: [i, 1] })))
    await things.flush()
    expect(events).toContainEqual(expect.objectContaining({ collection: 'things' }))
    expect(things.getStats().index).toMatchObject({ indexed: 100, pending: 0 })
    expect(structuredClone(events)).toEqual(events)
  })

  test('a listener that throws is told to the logger', async () => {
    const errors: [object, string][] = []
    const ignore = () => undefined
    const error = (fields: object, message: string) => errors.push([fields, message])
    await subject.start({ logger: { debug: ignore, info: ignore, warn: ignore, error } as Logger })
    const broken = new Error('broken listener')
    subject.store.on('change', () => {
      throw broken
    })
    const things = await subject.create()
    await things.upsert({ id: 'a', vector: [1, 2] })
    expect(errors).toEqual([[{ err: broken, event: 'change' }, expect.stringMatching(/listener/)]])
    expect(await contentsOf(things)).toEqual([['a', [1, 2], {}]])
  })

  test('a listener that throws is a warning of the process where no logger is told', async () => {
    await subject.start({})
    const warned = new Promise<Error & { detail?: string }>((resolve) => process.once('warning', resolve))
    subject.store.on('change', () => {
      throw new Error('broken listener')
    })
    const things = await subject.create()
    await things.upsert({ id: 'a', vector: [1, 2] })
    const warning = await warned
    expect(warning.message).toMatch(/listener of 'change' threw/)
    expect(warning.detail).toMatch(/broken listener/)
  })
})

describeStores(
  (subject) => {
    test('a path in use is LOCKED, naming host and pid, until it is closed', async () => {
      const path = join(subject.directory, 'store')
      const things = await subject.create()
      await things.upsert({ id: 'a', vector: [1, 2] })
      const error = await VectorStore.open({ path }).catch((reason: unknown) => reason)
      expect(ReplivecError.is(error, 'LOCKED')).toBe(true)
      expect((error as Error).message).toContain(hostname())
      expect((error as Error).message).toContain(String(process.pid))
      expect(await contentsOf(things)).toEqual([['a', [1, 2], {}]])
      await subject.store.close()
      const openings = await Promise.allSettled([VectorStore.open({ path }), VectorStore.open({ path })])
      expect(openings.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      for (const opening of openings) await (opening.status === 'fulfilled' && opening.value.close())
    })

    test('history and positions stay when a store is opened again', async () => {
      const things = await subject.create()
      const { position } = await things.upsert({ id: 'a', vector: [1, 2] })
      const { historyId, nodeId, log } = subject.store.getStats()
      expect([log.headSeq, log.durableSeq]).toEqual([position.seq, position.seq])
      for (let opening = 0; opening < 3; opening++) {
        await subject.start()
        expect(subject.store.getStats()).toMatchObject({ historyId, nodeId, position })
      }
      const again = await subject.store.openCollection('things')
      expect(await again.get('a', { after: position })).toEqual({ id: 'a', metadata: {} })
    })
  },
  ['on disk'],
)

describe('ReplivecError', () => {
  test('is told by name and code, also without its class', () => {
    const error = new ReplivecError('TIMEOUT', 'It took too long.', { cause: 7, details: { ms: 5 } })
    expect(error).toBeInstanceOf(Error)
    expect([error.name, error.code, error.cause, error.details]).toEqual([
      'ReplivecError',
      'TIMEOUT',
      7,
      { ms: 5 },
    ])
    expect(ReplivecError.is(error)).toBe(true)
    expect(ReplivecError.is(error, 'TIMEOUT')).toBe(true)
    expect(ReplivecError.is(error, 'CLOSED')).toBe(false)
    expect(ReplivecError.is({ name: 'ReplivecError', code: 'CLOSED' }, 'CLOSED')).toBe(true)
    for (const other of [new Error('x'), null, undefined, 7, 'CLOSED', { code: 'CLOSED' }]) {
      expect(ReplivecError.is(other)).toBe(false)
    }
  })
})
