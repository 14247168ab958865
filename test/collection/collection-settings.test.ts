import { expect, test } from 'vitest'
import type { Change, Collection, MetadataPath } from '../../lib/index.js'
import { describeStores } from '../store/store-kinds.js'
import { contentsOf } from './contents.js'

interface Part {
  size: number
  colour: string
  deep: { x: number }
}

const COLOURS = ['red', 'green', 'blue'] as const

describeStores((subject) => {
  async function seeded(indexed: readonly MetadataPath<Part>[]): Promise<Collection<Part>> {
    const parts = await subject.create<Part>({ indexed })
    await parts.upsert(
      Array.from({ length: 60 }, (_, size) => ({
        id: `${size}`,
        vector: [size, 1],
        metadata: { size, colour: COLOURS[size % 3]!, deep: { x: size % 4 } },
      })),
    )
    return parts
  }

  const info = () => subject.store.listCollections()[0]!
  const filter = { colour: 'red', size: { $lt: 20 }, 'deep.x': 2 }
  const matching = ['6', '18']

  async function expectAnswers(parts: Collection<Part>): Promise<void> {
    const hits = await parts.search({ vector: [0, 1], filter })
    expect(hits.map(({ id }) => id)).toEqual(matching)
    expect(await parts.count(filter)).toBe(2)
    expect(await parts.count({ colour: 'blue' })).toBe(20)
    expect(await parts.count({ 'deep.x': 3 })).toBe(15)
  }

  test('indexed fields change without writing records again', async () => {
    const parts = await seeded(['size'])
    const before = await contentsOf(parts)
    const changes: Change[] = []
    subject.store.on('change', (change) => changes.push(change))
    for (const indexed of [['colour', 'deep.x'], [], ['size', 'colour'], ['colour', 'size']] as const) {
      const result = await parts.configure({ indexed })
      expect(result.acks).toBe(1)
      await expectAnswers(parts)
      expect([...info().indexed].sort()).toEqual([...indexed].sort())
    }
    const later = await subject.later<Part>()
    expect([...info().indexed].sort()).toEqual(['colour', 'size'])
    await expectAnswers(later)
    expect(await contentsOf(later)).toEqual(before)
    expect(changes.flatMap(({ ids }) => ids)).toEqual([])
  })

  test('a new index is used in the end, and follows later writes', async () => {
    const parts = await seeded([])
    const query = { vector: [0, 0], filter: { colour: 'red' } }
    expect((await parts.explain(query)).filter).toMatchObject({ indexes: [] })
    await parts.configure({ indexed: ['colour'] })
    await parts.upsert({ id: 'new', vector: [0, 0], metadata: { size: -1, colour: 'red', deep: { x: 0 } } })
    await parts.update('0', { metadata: { colour: 'blue' } })
    await parts.delete('3')
    const later = await subject.later<Part>()
    await expect.poll(async () => (await later.explain(query)).filter?.indexes).toEqual(['colour'])
    expect(await later.count({ colour: 'red' })).toBe(19)
    const hits = await later.search({ ...query, topK: 3 })
    expect(hits.map(({ id }) => id)).toEqual(['new', '6', '9'])
  })

  test('writes and reads while an index is being built stay right', async () => {
    const parts = await seeded([])
    const configuring = [
      parts.configure({ indexed: ['colour'] }),
      parts.configure({ indexed: ['size', 'colour'] }),
    ]
    const writing = parts.update({ filter: { colour: 'red' } }, { metadata: { colour: 'black' } })
    await Promise.all([...configuring, writing])
    await parts.configure({ indexed: ['colour', 'deep'] })
    expect(await parts.count({ colour: 'red' })).toBe(0)
    expect(await parts.count({ colour: 'black' })).toBe(20)
    const later = await subject.later<Part>()
    expect(await later.count({ colour: 'black' })).toBe(20)
    expect(await later.count({ $or: [{ colour: 'black' }, { colour: 'blue' }] })).toBe(40)
  })

  test('the backend changes without writing records again', async () => {
    const parts = await seeded(['size'])
    const before = await contentsOf(parts)
    for (const backend of ['quantized', 'gpu', 'cpu', 'quantized'] as const) {
      await parts.configure({ backend })
      expect([parts.backend, info().backend, parts.getStats().backend]).toEqual([backend, backend, backend])
      await expectAnswers(parts)
      await parts.flush()
      await expectAnswers(parts)
    }
    const later = await subject.later<Part>()
    expect([later.backend, info().backend]).toEqual(['quantized', 'quantized'])
    expect(info().indexed).toEqual(['size'])
    await expectAnswers(later)
    expect(await contentsOf(later)).toEqual(before)
  })

  test('a backend that is not here says why another one answers', async () => {
    const parts = await seeded([])
    const usual = parts.getStats().index.kind
    await parts.configure({ backend: 'gpu' })
    await parts.flush()
    const { backend, index, fallbackReason } = (await subject.later<Part>()).getStats()
    expect(backend).toBe('gpu')
    expect([index.kind, fallbackReason]).toEqual([usual, expect.stringMatching(/\w+ .+/)])
  })

  test('configuring nothing changes nothing', async () => {
    const parts = await seeded(['size'])
    const { position } = subject.store.getStats()
    expect(await parts.configure({})).toMatchObject({ position, count: 0 })
    expect(await parts.configure({ indexed: ['size'], backend: 'cpu' })).toMatchObject({ position, count: 0 })
    expect(subject.store.getStats().position).toEqual(position)
    expect(info().indexed).toEqual(['size'])
    await expectAnswers(await subject.later<Part>())
  })

  test('bad settings are refused and change nothing', async () => {
    const parts = await seeded(['size'])
    const bad: unknown[] = [
      { indexed: 'size' },
      { indexed: [1] },
      { indexed: [''] },
      { indexed: ['$size'] },
      { backend: 'abacus' },
      { backend: 7 },
      { backend: { kind: 'half a backend' } },
      null,
      7,
    ]
    for (const options of bad) {
      await expect(parts.configure(options as object)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' })
    }
    expect(info()).toMatchObject({ indexed: ['size'], backend: 'cpu' })
    await expectAnswers(await subject.later<Part>())
  })
})
