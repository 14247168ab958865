/** Another backend is asked for while a collection is used: the former index answers until the new one is complete. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Collection, VectorStore } from '../../lib/index.js'
import { plainScan } from '../../lib/index/backends/plain-scan.js'
import type { KeyValue, KeyValueFactory } from '../../lib/records/key-value.js'
import { vectorKey } from '../../lib/records/record-keys.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { memoryEnvironment } from '../../lib/store/environment.js'
import { ControlledBackend, forgetful } from '../index/controlled-backend.js'

const COUNT = 3_000

let store: VectorStore
let points: Collection
/** Where each record is. */
let places: Map<string, number>
let first: ControlledBackend
let second: ControlledBackend
let third: ControlledBackend

function backend(kind: string, isAutomatic: boolean): ControlledBackend {
  const made = new ControlledBackend(forgetful(plainScan, true), {}, kind)
  made.isAutomatic = isAutomatic
  return made
}

beforeEach(async () => {
  store = await VectorStore.open()
  first = backend('first', true)
  second = backend('second', false)
  third = backend('third', false)
  points = await store.createCollection('points', { dimensions: 1, metric: 'euclidean', backend: first })
  places = new Map()
  await put(0, COUNT)
  await points.flush()
})

afterEach(() => store.close())

async function put(from: number, to: number, moved = 0): Promise<void> {
  const records = Array.from({ length: to - from }, (_, i) => {
    const place = from + i + moved
    places.set(`r${from + i}`, place)
    return { id: `r${from + i}`, vector: [place] }
  })
  await points.upsert(records)
}

async function remove(...numbers: number[]): Promise<void> {
  for (const number of numbers) places.delete(`r${number}`)
  await points.delete(numbers.map((number) => `r${number}`))
}

/** Every kind of search answers with what there is now; an exact one with all that is nearest. */
async function expectRight(): Promise<void> {
  for (const place of [0, 1_500.25, 2_999, 9_000.375]) {
    const nearest = [...places]
      .map(([id, at]) => ({ id, distance: Math.abs(at - place) }))
      .sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
      .slice(0, 5)
    const exact = await points.search({ vector: [place], topK: 5, exact: true })
    expect(exact.map(({ id, distance }) => ({ id, distance }))).toEqual(nearest)
    const found = await points.search({ vector: [place], topK: 5 })
    expect(found).toHaveLength(5)
    for (const { id, distance } of found) expect(distance).toBe(Math.abs((places.get(id) ?? 0) - place))
  }
}

async function building(...backends: ControlledBackend[]): Promise<void> {
  while (backends.some((each) => each.building === 0)) await nodeClock.yield()
}

const answering = () => points.getStats().index.kind

describe('another backend for a collection', () => {
  test('answers once its index is complete, and until then the former one does', async () => {
    await points.configure({ backend: second })
    await building(second)
    expect(points.backend).toBe('second')
    expect(points.getStats()).toMatchObject({
      backend: 'second',
      index: { kind: 'first', indexed: COUNT, segments: 1 },
      fallbackReason: "'second' is being built; 'first' answers meanwhile",
    })
    await expectRight()
    let isFlushed = false
    const flushed = points.flush().then(() => {
      isFlushed = true
    })
    await put(COUNT, COUNT + 10)
    await put(5, 8, 9_000)
    await remove(1_500, 2_999)
    await expectRight()
    for (let turn = 0; turn < 20; turn++) await nodeClock.yield()
    expect([isFlushed, answering()]).toEqual([false, 'first'])
    const [former] = first.held
    expect(former?.disposals).toBe(0)
    second.isAutomatic = true
    second.finish()
    await flushed
    const { index, fallbackReason } = points.getStats()
    expect(index).toMatchObject({ kind: 'second', indexed: places.size, pending: 0 })
    expect(fallbackReason).toBeUndefined()
    await expectRight()
    expect(first.held).toEqual([])
  })

  test('takes the place of a third one that is being built', async () => {
    await points.configure({ backend: second })
    await building(second)
    await points.configure({ backend: third })
    await building(third)
    // The build of the second is given up.
    expect(second.building).toBe(0)
    expect(answering()).toBe('first')
    await expectRight()
    await put(100, 200, 20_000)
    third.isAutomatic = true
    third.finish()
    await points.flush()
    expect(points.getStats()).toMatchObject({ backend: 'third', index: { kind: 'third', pending: 0 } })
    await expectRight()
    expect([first.held, second.held]).toEqual([[], []])
  })

  test('may be the former one again, given up halfway', async () => {
    await points.configure({ backend: second })
    await building(second)
    await points.configure({ backend: first })
    await points.flush()
    expect(points.getStats()).toMatchObject({ backend: 'first', index: { kind: 'first', pending: 0 } })
    expect(points.getStats().fallbackReason).toBeUndefined()
    expect(second.held).toEqual([])
    expect(first.held).toHaveLength(points.getStats().index.segments)
    await expectRight()
  })

  test('that cannot build takes the place all the same, is scanned, and says why', async () => {
    const warnings: unknown[] = []
    store.on('warning', (warning) => warnings.push(warning))
    await points.configure({ backend: second })
    await building(second)
    second.fail()
    while (answering() === 'first') await nodeClock.yield()
    const flushed = points.flush()
    await building(second)
    second.fail()
    await expect(flushed).rejects.toMatchObject({ code: 'BACKEND_FAILED' })
    expect(warnings[0]).toMatchObject({
      code: 'BACKEND_FAILED',
      details: { kind: 'second', cause: 'out of device memory' },
    })
    expect(answering()).toBe('second')
    expect(points.getStats().fallbackReason).toMatch(/second/)
    await expectRight()
    second.isAutomatic = true
    second.finish()
    await points.flush()
    expect(points.getStats()).toMatchObject({ index: { kind: 'second', indexed: COUNT, pending: 0 } })
    await expectRight()
  })

  test('that cannot read a vector leaves the former one in its place', async () => {
    const machine = memoryEnvironment()
    let records: KeyValue | undefined
    const keyValues: KeyValueFactory = {
      open: async (directory) => {
        records = await machine.keyValues.open(directory)
        return records
      },
      discard: (directory) => machine.keyValues.discard(directory),
    }
    await store.close()
    store = await VectorStore.openIn({ ...machine, keyValues }, {})
    points = await store.createCollection('points', { dimensions: 1, metric: 'euclidean', backend: first })
    places = new Map()
    await put(0, 100)
    const { position } = store.getStats()
    while (store.getStats().records.appliedSeq < position.seq) await nodeClock.yield()
    await records?.commit([{ key: vectorKey(1, 7), value: Uint8Array.of(1, 2, 3) }])
    const warnings: unknown[] = []
    store.on('warning', (warning) => warnings.push(warning))
    await points.configure({ backend: second })
    await points.flush()
    expect(warnings).toMatchObject([{ code: 'BACKEND_FAILED', details: { kind: 'second' } }])
    const { backend: asked, index, fallbackReason } = points.getStats()
    expect([asked, index.kind, index.indexed]).toEqual(['second', 'first', 100])
    expect(fallbackReason).toBe((warnings[0] as { message: string }).message)
    await put(100, 110)
    await expectRight()
    expect([second.builds, second.held]).toEqual([[], []])
  })

  test('is dropped with its collection while it is built', async () => {
    await points.configure({ backend: second })
    await building(second)
    const flushed = points.flush()
    const searching = points.search({ vector: [7], topK: 1 })
    const dropped = store.dropCollection('points')
    await expect(flushed).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' })
    expect(await searching).toMatchObject([{ id: 'r7' }])
    await dropped
    await expect(points.search({ vector: [7] })).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' })
    await store.close()
    expect([first.held, second.held, second.building]).toEqual([[], [], 0])
  })

  test('is given up by a store that is closed while it is built', async () => {
    const warnings: unknown[] = []
    store.on('warning', (warning) => warnings.push(warning))
    await points.configure({ backend: second })
    await building(second)
    const flushed = points.flush()
    const searches = Promise.allSettled(Array.from({ length: 5 }, () => points.search({ vector: [7] })))
    await Promise.all([store.close(), expect(flushed).rejects.toMatchObject({ code: 'CLOSED' })])
    for (const outcome of await searches) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'CLOSED' })
      else expect(outcome.value).toHaveLength(10)
    }
    for (let turn = 0; turn < 20; turn++) await nodeClock.yield()
    expect([first.held, second.held, second.building, warnings]).toEqual([[], [], 0, []])
  })

  test('tells how far it is', async () => {
    await points.configure({ backend: second })
    await building(second)
    const reports: { done: number; total: number; phase: string }[] = []
    const flushed = points.flush({ onProgress: (progress) => reports.push(progress) })
    await put(COUNT, COUNT + 100)
    second.isAutomatic = true
    second.finish()
    await flushed
    expect(reports.filter(({ done, total, phase }) => done > total || phase !== 'index')).toEqual([])
    const most = reports.reduce((a, b) => (b.done > a.done ? b : a))
    expect(most.done).toBeGreaterThanOrEqual(COUNT)
    const last = reports.at(-1)
    expect(last?.done).toBe(last?.total)
  })
})
