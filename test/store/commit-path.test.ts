import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Change, Position } from '../../lib/index.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { contentsOf } from '../collection/contents.js'
import { openLog } from '../log/sample-log.js'
import { describeStores } from './store-kinds.js'

interface Part {
  size?: number
}

describeStores((subject) => {
  test('a write of nothing answers the current position, logs nothing and tells nobody', async () => {
    const parts = await subject.create<Part>()
    const { position } = await parts.upsert({ id: 'a', vector: [1, 1], metadata: { size: 1 } })
    const changes: Change[] = []
    subject.store.on('change', (change) => changes.push(change))
    const head = subject.store.getStats().log.headSeq
    const nothing = { position, count: 0, acks: 1 }
    expect(await parts.upsert([])).toEqual(nothing)
    expect(await parts.insert([])).toEqual(nothing)
    expect(await parts.delete([])).toEqual({ ...nothing, deleted: 0 })
    expect(await parts.delete('z')).toEqual({ ...nothing, deleted: 0 })
    expect(await parts.delete(['y', 'z'])).toEqual({ ...nothing, deleted: 0 })
    expect(await parts.delete({ filter: { size: 2 } })).toEqual({ ...nothing, deleted: 0 })
    expect(await parts.update('a', {})).toEqual(nothing)
    expect(await parts.update('a', { metadata: {}, unset: [] })).toEqual(nothing)
    expect(await parts.update({ filter: {} }, {})).toEqual(nothing)
    expect(await parts.update({ filter: { size: 2 } }, { metadata: { size: 3 } })).toEqual(nothing)
    expect(subject.store.getStats().log.headSeq).toBe(head)
    expect(subject.store.getStats().position).toEqual(position)
    expect(changes).toEqual([])
    expect(await contentsOf(await subject.later<Part>())).toEqual([['a', [1, 1], { size: 1 }]])
  })

  test('positions go up by call order and begin in epoch 1', async () => {
    const parts = await subject.create<Part>()
    const results = await Promise.all([
      parts.upsert({ id: 'a', vector: [1, 1] }),
      parts.insert({ id: 'b', vector: [1, 1] }),
      parts.update('a', { metadata: { size: 1 } }),
      parts.updateVector('b', [2, 2]),
      parts.delete('a'),
    ])
    const seqs = results.map(({ position }) => position.seq)
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b))
    expect(new Set(results.map(({ position }) => position.epoch))).toEqual(new Set([1]))
    const later = await subject.later<Part>()
    expect(subject.store.getStats().position).toEqual(results.at(-1)?.position)
    const next = await later.upsert({ id: 'c', vector: [0, 0] })
    expect(next.position.epoch).toBe(1)
    expect(next.position.seq).toBeGreaterThan(seqs.at(-1)!)
  })

  test('a change tells collection, kind, ids and position, after it is visible and in order', async () => {
    const parts = await subject.create<Part>()
    const others = await subject.create<Part>({}, 'others')
    const changes: Change[] = []
    const seen: Promise<unknown>[] = []
    subject.store.on('change', (change) => {
      changes.push(change)
      seen.push(subject.store.openCollection(change.collection).then((found) => found.getMany(change.ids)))
    })
    const results = await Promise.all([
      parts.upsert([
        { id: 'a', vector: [1, 1], metadata: { size: 1 } },
        { id: 'b', vector: [1, 1], metadata: { size: 1 } },
      ]),
      others.insert({ id: 'x', vector: [1, 1], metadata: { size: 9 } }),
      parts.update('a', { metadata: { size: 2 } }),
      parts.updateVector('b', [2, 2]),
      parts.delete(['a', 'none']),
      parts.delete('none'),
    ])
    const told = results.slice(0, 5).map(({ position }) => position)
    expect(changes).toEqual([
      { collection: 'things', kind: 'upsert', ids: ['a', 'b'], position: told[0] },
      { collection: 'others', kind: 'upsert', ids: ['x'], position: told[1] },
      { collection: 'things', kind: 'update', ids: ['a'], position: told[2] },
      { collection: 'things', kind: 'update', ids: ['b'], position: told[3] },
      { collection: 'things', kind: 'delete', ids: ['a'], position: told[4] },
    ])
    await Promise.all(seen)
    // Read at the event itself, with later commits of the same group perhaps visible: never less than the change.
    expect(await seen[1]).toEqual([{ id: 'x', metadata: { size: 9 } }])
    expect(await seen[4]).toEqual([undefined])
  })

  test('a refused write tells nobody', async () => {
    const parts = await subject.create<Part>()
    await parts.insert({ id: 'a', vector: [1, 1] })
    const changes: Change[] = []
    subject.store.on('change', (change) => changes.push(change))
    const refused = await Promise.allSettled([
      parts.insert({ id: 'a', vector: [2, 2] }),
      parts.update('z', { metadata: { size: 1 } }),
      parts.upsert({ id: 'b', vector: [1] }),
    ])
    expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(changes).toEqual([])
  })

  test('a listener that throws, or that writes, does not disturb the store', async () => {
    const parts = await subject.create<Part>()
    const writes: Promise<unknown>[] = []
    subject.store.on('change', ({ ids }) => {
      if (ids.includes('a')) writes.push(parts.upsert({ id: 'from listener', vector: [3, 3] }))
      throw new Error('a listener of the host broke')
    })
    const first = await parts.upsert({ id: 'a', vector: [1, 1], metadata: { size: 1 } })
    await Promise.all(writes)
    const second = await parts.update('a', { metadata: { size: 2 } })
    expect(second.position.seq).toBeGreaterThan(first.position.seq)
    expect(await contentsOf(await subject.later<Part>())).toEqual([
      ['a', [1, 1], { size: 2 }],
      ['from listener', [3, 3], {}],
    ])
  })

  test('what a caller does to a position it was given is its own business', async () => {
    const parts = await subject.create<Part>()
    const spoil = (position: object) => Object.assign(position, { epoch: -1, seq: -1 })
    subject.store.on('change', ({ position }) => spoil(position))
    const { position: first } = await parts.upsert({ id: 'a', vector: [1, 1] })
    const { seq } = first
    spoil(first)
    const nothing = await parts.delete('none')
    expect(nothing.position).toEqual({ epoch: 1, seq })
    spoil(nothing.position)
    expect(subject.store.getStats().position).toEqual({ epoch: 1, seq })
    const { position } = await parts.upsert({ id: 'b', vector: [1, 1] })
    expect(position).toEqual({ epoch: 1, seq: seq + 1 })
    expect(await (await subject.later<Part>()).count()).toBe(2)
  })

  test('a listener that is taken off hears no more', async () => {
    const parts = await subject.create<Part>()
    const heard: string[] = []
    const listener = ({ ids }: Change) => heard.push(...ids)
    subject.store.on('change', listener)
    await parts.upsert({ id: 'a', vector: [1, 1] })
    subject.store.off('change', listener)
    await parts.upsert({ id: 'b', vector: [1, 1] })
    expect(heard).toEqual(['a'])
  })

  test('many callers at once each get their own answer, in call order', async () => {
    const parts = await subject.create<Part>()
    const results = await Promise.all(
      Array.from({ length: 300 }, (_, size) =>
        parts.upsert([
          { id: `own ${size}`, vector: [size, 0], metadata: { size } },
          { id: 'shared', vector: [size, 1], metadata: { size } },
        ]),
      ),
    )
    const seqs = results.map(({ position }) => position.seq)
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b))
    const later = await subject.later<Part>()
    expect(await later.get('shared', { includeVector: true })).toEqual({
      id: 'shared',
      vector: Float32Array.of(299, 1),
      metadata: { size: 299 },
    })
    expect(await later.count({ size: { $lt: 300 } })).toBe(301)
    expect((await later.get('own 123'))?.metadata).toEqual({ size: 123 })
  })

  test('a write concern asks for one node where it says nothing else', async () => {
    const parts = await subject.create<Part>()
    const result = await parts.upsert({ id: 'a', vector: [1, 1] }, { writeConcern: { level: 'durable' } })
    expect(result.acks).toBe(1)
  })

  test('a loop of awaited writes lets other work have its turns', async () => {
    for (const durability of ['sync', 'buffered'] as const) {
      // Every look at this clock is a millisecond later, so that turns do not depend on the machine's speed.
      let ms = 0
      await subject.start({ durability, clock: { ...nodeClock, monotonic: () => ms++ } })
      const parts = await subject.create<Part>({}, `looped-${durability}`)
      let turns = 0
      let done = false
      const count = (): void => {
        turns += 1
        if (!done) setImmediate(count)
      }
      setImmediate(count)
      for (let i = 0; i < 400; i++) await parts.upsert({ id: `loop ${i}`, vector: [i, i] })
      expect(turns).toBeGreaterThan(20)
      turns = 0
      for (let i = 0; i < 400; i++) await parts.delete(`nothing ${i}`)
      done = true
      expect(turns).toBeGreaterThan(20)
    }
  })

  test('what still waits for its turn when the store closes is refused, and not there later', async () => {
    const parts = await subject.create<Part>()
    await parts.upsert({ id: 'a', vector: [1, 1] })
    // More than 64 records are staged in the next turn; what is asked for after them waits behind them.
    const many = Array.from({ length: 100 }, (_, index) => ({ id: `many-${index}`, vector: [1, index] }))
    const calls = [
      parts.upsert(many),
      subject.store.createCollection('late', { dimensions: 2, metric: 'euclidean' }),
      parts.configure({ indexed: ['size'] }),
      subject.store.dropCollection('things'),
    ]
    const [outcomes] = await Promise.all([Promise.allSettled(calls), subject.store.close()])
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'CLOSED' } })
    }
  })
})

describeStores(
  (subject) => {
    test('a write is of the newest epoch of the log, and what came before stays in its own', async () => {
      const parts = await subject.create<Part>()
      const { position: before } = await parts.upsert({ id: 'a', vector: [1, 1] })
      await subject.store.close()
      const directory = join(subject.directory, 'store', 'log')
      const log = await openLog({ files: nodeFiles, directory, durableSeq: before.seq })
      const epochs = [
        ...log.identity.epochs,
        { epoch: 7, nodeId: log.identity.nodeId, firstSeq: before.seq + 1 },
      ]
      await log.changeIdentity({ ...log.identity, epochs })
      await log.close()
      await subject.start()
      expect(subject.store.getStats().position).toEqual(before)
      const later = await subject.later<Part>()
      const { position } = await later.upsert({ id: 'b', vector: [2, 2] })
      // A history with several epochs was shared: every open begins one of its own.
      expect(position.seq).toBe(before.seq + 1)
      expect(position.epoch).toBeGreaterThan(7)
      const last = await subject.later<Part>()
      const vectorOf = async (id: string, after: Position) => {
        return [...((await last.get(id, { after, includeVector: true }))?.vector ?? [])]
      }
      expect([await vectorOf('b', position), await vectorOf('a', before)]).toEqual([
        [2, 2],
        [1, 1],
      ])
      const lost = { epoch: before.epoch, seq: position.seq }
      await expect(last.get('b', { after: lost })).rejects.toMatchObject({ code: 'POSITION_LOST' })
    })
  },
  ['on disk', 'on disk, reopened'],
)
