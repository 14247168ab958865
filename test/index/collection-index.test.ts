import { describe, expect, test } from 'vitest'
import type { ReplivecError } from '../../lib/errors.js'
import type { BackendSupport, IndexBackend, VectorIndex } from '../../lib/index/backend.js'
import { plainScan } from '../../lib/index/backends/plain-scan.js'
import { checkedBackend } from '../../lib/index/checked-backend.js'
import { CollectionIndex } from '../../lib/index/collection-index.js'
import type { SegmentEvent } from '../../lib/index/segment-event.js'
import type { IndexView } from '../../lib/index/index-search.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { ControlledBackend, forgetful } from './controlled-backend.js'
import { RestlessClock } from './restless-clock.js'

const approximate = forgetful(plainScan, true)

class Setting {
  readonly clock = new RestlessClock()
  readonly failures: ReplivecError[] = []
  readonly segments: SegmentEvent[] = []
  readonly backend: ControlledBackend
  readonly index: CollectionIndex

  constructor(inner: IndexBackend, dimensions = 1, supports: Partial<BackendSupport> = {}) {
    this.backend = new ControlledBackend(inner, supports)
    this.index = new CollectionIndex({
      dimensions,
      metric: 'euclidean',
      backend: checkedBackend(this.backend),
      clock: this.clock,
      onSegment: (event) => this.segments.push(event),
      onFailure: (error) => this.failures.push(error),
    })
  }

  /** Puts records 0, 1, … at places 0, 1, …, from operation 1 on, and indexes them. */
  async built(count: number): Promise<this> {
    for (let number = 0; number < count; number++) this.put(number, number + 1, number)
    this.backend.isAutomatic = true
    await this.index.flush()
    this.backend.isAutomatic = false
    return this
  }

  put(number: number, seq: number, place: number): void {
    this.index.put(number, seq, Float32Array.of(place))
  }

  async nearest(view: IndexView, place: number, k: number): Promise<number[]> {
    const query = { vector: Float32Array.of(place), k, ef: undefined, exact: true, allow: undefined }
    return (await this.index.search(view, query, undefined)).map(({ number }) => number)
  }

  async nearestNow(seq: number, place: number, k: number): Promise<number[]> {
    const view = this.index.pin(seq)
    try {
      return await this.nearest(view, place, k)
    } finally {
      view.release()
    }
  }

  /** Waits until a build has begun. */
  async building(): Promise<void> {
    while (this.backend.building === 0) await nodeClock.yield()
  }
}

describe('views of a collection index', () => {
  test('do not see what was appended to their memtable before it got its index', async () => {
    const { index, backend, ...rest } = new Setting(plainScan)
    index.put(7, 1, Float32Array.of(7))
    const view = index.pin(1)
    index.put(8, 2, Float32Array.of(8))
    backend.isAutomatic = true
    await index.flush()
    expect(rest.segments).toEqual([{ kind: 'built', rows: 2, segments: 1 }])
    const query = { vector: Float32Array.of(8), k: 5, ef: undefined, exact: false, allow: undefined }
    expect(await index.search(view, query, undefined)).toMatchObject([{ number: 7, distance: 1 }])
    view.release()
  })

  test.each([true, false])('do not see it in an index that is asked for a few (masks: %s)', async (mask) => {
    const setting = new Setting(forgetful(plainScan, mask))
    const { index, backend } = setting
    for (let number = 0; number < 3_000; number++) setting.put(number, number + 1, number)
    const view = index.pin(3_000)
    for (let number = 3_000; number < 4_000; number++) setting.put(number, number + 1, number - 2_499.5)
    backend.isAutomatic = true
    await index.flush()
    const query = { vector: Float32Array.of(1_200), k: 5, ef: undefined, exact: false, allow: undefined }
    const found = await index.search(view, query, undefined)
    expect(backend.held.map(({ searches }) => searches)).toEqual([1])
    expect(found).toHaveLength(5)
    expect(found.filter(({ number }) => number >= 3_000)).toEqual([])
    view.release()
    const now = index.pin(4_000)
    const both = await index.search(now, query, undefined)
    expect(both.filter(({ number }) => number >= 3_000)).not.toEqual([])
    now.release()
  })

  test('keep a replaced index until they are released, and only those pinned before it was replaced', async () => {
    const setting = await new Setting(approximate).built(10)
    const { index, backend } = setting
    const [first] = backend.held
    const before = index.pin(10)
    backend.isAutomatic = true
    await index.compact()
    const after = index.pin(10)
    expect(backend.held).toEqual([first, backend.indexes[1]])
    expect(await setting.nearest(before, 4, 1)).toEqual([4])
    before.release()
    await nodeClock.yield()
    expect(backend.held).toEqual([backend.indexes[1]])
    expect(await setting.nearest(after, 4, 1)).toEqual([4])
    after.release()
    expect(backend.indexes.map(({ disposals }) => disposals)).toEqual([1, 0])
  })

  test('see replaced, moved and deleted vectors as they were', async () => {
    const setting = await new Setting(approximate).built(10)
    const { index, backend } = setting
    const before = index.pin(10)
    setting.put(3, 11, 100)
    index.remove(4, 12)
    const between = index.pin(12)
    setting.put(4, 13, 200)
    backend.isAutomatic = true
    await index.compact()
    expect(await setting.nearest(before, 3.9, 3)).toEqual([4, 3, 5])
    expect(await setting.nearest(between, 3.9, 3)).toEqual([5, 2, 6])
    expect(await setting.nearest(between, 200, 1)).toEqual([3])
    expect(await setting.nearestNow(13, 200, 2)).toEqual([4, 3])
    before.release()
    between.release()
  })
})

describe('background builds of a collection index', () => {
  test('drop what was deleted or moved while they copied', async () => {
    // Rows of 16 KiB: the copy yields after 512 of them, in the middle of the third memtable.
    const dimensions = 4_096
    const { index, backend, clock } = new Setting(approximate, dimensions)
    const vectorOf = (place: number): Float32Array => new Float32Array(dimensions).fill(place)
    for (let number = 0; number < 255; number++) index.put(number, number + 1, vectorOf(number))
    const first = index.flush()
    while (backend.building === 0) await nodeClock.yield()
    for (let number = 255; number < 1_100; number++) index.put(number, number + 1, vectorOf(number))
    index.remove(300, 1_101)
    clock.hold()
    backend.finish()
    while (clock.held === 0) await nodeClock.yield()
    index.put(400, 1_102, vectorOf(10_000))
    index.remove(500, 1_103)
    index.remove(899, 1_104)
    index.put(899, 1_105, vectorOf(899))
    const view = index.pin(1_105)
    clock.resume()
    backend.isAutomatic = true
    await first
    await index.flush()
    expect({ pending: index.pending, indexed: index.indexed }).toEqual({ pending: 0, indexed: 1_098 })
    const now = index.pin(1_105)
    for (const pinned of [view, now]) {
      for (const [place, expected] of [
        [300, [299, 301]],
        [400, [399, 401]],
        [500, [499, 501]],
        [898.9, [899, 898]],
        [10_000, [400, 1_099]],
      ] as const) {
        const query = { vector: vectorOf(place), k: 2, ef: undefined, exact: false, allow: undefined }
        const found = await index.search(pinned, query, undefined)
        expect(found.map(({ number }) => number).sort()).toEqual([...expected].sort())
      }
      pinned.release()
    }
  })

  test('never exceed what the backend builds at once, not even a full memtable', async () => {
    const { index, backend, failures } = new Setting(plainScan, 1, { maxBytes: 4 * 10 })
    backend.isAutomatic = true
    for (let number = 0; number < 95; number++) index.put(number, number + 1, Float32Array.of(number))
    await index.flush()
    await index.compact()
    expect(failures).toEqual([])
    expect(Math.max(...backend.builds)).toBe(10)
    expect({ indexed: index.indexed, segments: index.segments }).toEqual({ indexed: 95, segments: 10 })
  })

  test('take what was frozen at the very end of the build before', async () => {
    for (let ticks = 0; ticks < 12; ticks++) {
      const setting = new Setting(plainScan)
      setting.backend.isAutomatic = true
      setting.put(1, 1, 1)
      const first = setting.index.flush()
      while (setting.segments.length === 0) await Promise.resolve()
      for (let tick = 0; tick < ticks; tick++) await Promise.resolve()
      setting.put(2, 2, 2)
      await setting.index.flush()
      expect({ ticks, pending: setting.index.pending }).toEqual({ ticks, pending: 0 })
      await first
    }
  })

  test('that fail are reported, their rows scanned, and tried again later and later', async () => {
    const setting = new Setting(approximate)
    const { index, backend, clock, failures } = setting
    setting.put(1, 1, 1)
    const flushed = index.flush()
    await setting.building()
    backend.fail()
    await expect(flushed).rejects.toMatchObject({ code: 'BACKEND_FAILED' })
    expect(failures).toMatchObject([{ code: 'BACKEND_FAILED', details: { kind: 'controlled' } }])
    expect(await setting.nearestNow(1, 1, 3)).toEqual([1])
    await clock.advance(1_000)
    await setting.building()
    backend.fail()
    while (failures.length < 2) await nodeClock.yield()
    await clock.advance(1_999)
    expect(backend.builds).toHaveLength(2)
    await clock.advance(1)
    await setting.building()
    backend.finish()
    while (index.pending > 0) await nodeClock.yield()
    expect({ pending: index.pending, indexed: index.indexed }).toEqual({ pending: 0, indexed: 1 })
    expect(clock.pendingTimers).toBe(0)
  })

  test('end when the index is closed, and nothing is left running or held', async () => {
    const setting = await new Setting(approximate).built(5)
    const { index, backend, clock, failures } = setting
    const view = index.pin(5)
    setting.put(9, 6, 9)
    const flushed = index.flush()
    await setting.building()
    expect(await Promise.all([flushed, index.close()])).toEqual([false, undefined])
    expect(backend.building).toBe(0)
    expect(await setting.nearest(view, 2, 1)).toEqual([2])
    expect(backend.held).toHaveLength(1)
    view.release()
    await index.close()
    expect(backend.indexes.map(({ disposals }) => disposals)).toEqual([1])
    expect({ failures, timers: clock.pendingTimers }).toEqual({ failures: [], timers: 0 })
  })

  test('give each build a signal of its own', async () => {
    const signals: AbortSignal[] = []
    const backend: IndexBackend = {
      ...plainScan,
      build: (input) => {
        signals.push(input.signal)
        return plainScan.build(input)
      },
    }
    const setting = await new Setting(backend).built(1)
    setting.backend.isAutomatic = true
    await setting.index.compact()
    expect(new Set(signals).size).toBe(signals.length)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false])
    await setting.index.close()
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true])
  })
})

describe('a collection index that loses an index', () => {
  test('scans its rows, says so, builds it again and disposes the lost one', async () => {
    const setting = await new Setting(approximate).built(10)
    const { index, backend, failures } = setting
    const [lost] = backend.indexes
    const view = index.pin(10)
    lost?.lose('the device is gone')
    while (failures.length === 0) await nodeClock.yield()
    await setting.clock.advance(1_000)
    await setting.building()
    expect(failures).toMatchObject([
      { code: 'BACKEND_FAILED', details: { kind: 'controlled', reason: 'the device is gone' } },
    ])
    expect({ pending: index.pending, indexed: index.indexed }).toEqual({ pending: 10, indexed: 0 })
    expect(await setting.nearest(view, 6, 2)).toHaveLength(2)
    expect(lost?.disposals).toBe(0)
    view.release()
    backend.finish()
    await index.flush()
    expect(index.indexed).toBe(10)
    expect(await setting.nearestNow(10, 6, 1)).toEqual([6])
    expect(backend.indexes.map(({ disposals }) => disposals)).toEqual([1, 0])
  })

  test('that is lost as soon as it is built is not built for ever', async () => {
    const setting = new Setting(approximate)
    setting.put(0, 1, 0)
    const { index, backend, failures } = setting
    backend.isAutomatic = true
    backend.onGiven = (given) => given.lose('the device is gone')
    await index.flush().catch(() => undefined)
    for (let turn = 0; turn < 200; turn++) await nodeClock.yield()
    expect(backend.builds.length).toBeLessThan(4)
    expect(failures.length).toBe(backend.builds.length)
    expect(index.trouble).toMatchObject({ code: 'BACKEND_FAILED', details: { reason: 'the device is gone' } })
    expect(await setting.nearestNow(1, 0, 1)).toEqual([0])
    await index.close()
  })

  test('takes no notice when a replaced index is lost by being disposed', async () => {
    const setting = await new Setting(approximate).built(10)
    setting.backend.isAutomatic = true
    await setting.index.compact()
    await setting.index.close()
    await nodeClock.yield()
    expect(setting.backend.indexes.map(({ disposals }) => disposals)).toEqual([1, 1])
    expect(setting.failures).toEqual([])
  })
})

test('counts live, pending and dead rows of memtable and segments', async () => {
  const setting = await new Setting(plainScan).built(10)
  const { index } = setting
  index.remove(3, 11)
  setting.put(4, 12, 44)
  index.remove(99, 13)
  expect([index.has(3), index.has(4), index.has(5), index.has(99)]).toEqual([false, true, true, false])
  expect([index.indexed, index.pending, index.dead, index.segments]).toEqual([8, 1, 2, 1])
  setting.backend.isAutomatic = true
  await index.compact()
  expect([index.indexed, index.pending, index.dead, index.segments]).toEqual([9, 0, 0, 1])
  index.remove(4, 14)
  for (const number of [0, 1, 2, 5, 6, 7, 8, 9]) index.remove(number, 15 + number)
  await index.flush()
  expect([index.indexed, index.pending, index.dead, index.segments]).toEqual([0, 0, 0, 0])
  expect(await setting.nearestNow(30, 0, 3)).toEqual([])
})

test('counts the bytes of its rows once, and what its backend holds beside them', async () => {
  const holding = (bytes: { memory: number; disk: number; shared?: number }): IndexBackend => ({
    ...plainScan,
    build: async (input) => {
      const index = await plainScan.build(input)
      const search: VectorIndex['search'] = (asked) => index.search(asked)
      return { bytes, search, [Symbol.asyncDispose]: async () => {} }
    },
  })
  const bytesOf = async (backend: IndexBackend) => {
    const { clock } = new Setting(plainScan)
    const options = { dimensions: 1, metric: 'dot', backend: checkedBackend(backend), clock } as const
    const index = new CollectionIndex({ ...options, onSegment: () => {}, onFailure: () => {} })
    index.put(0, 1, Float32Array.of(1))
    const { memory } = index.bytes
    await index.flush()
    return { more: index.bytes.memory - memory, disk: index.bytes.disk }
  }
  const rows = (await bytesOf(plainScan)).more
  expect(await bytesOf(holding({ memory: 904, disk: 7, shared: 4 }))).toEqual({ more: rows + 900, disk: 7 })
  expect(await bytesOf(holding({ memory: 900, disk: 0 }))).toEqual({ more: rows + 900, disk: 0 })
})
