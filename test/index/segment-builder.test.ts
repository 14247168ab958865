import { describe, expect, test, vi } from 'vitest'
import type { BackendSupport, IndexBackend, VectorIndex } from '../../lib/index/backend.js'
import { plainScan } from '../../lib/index/backends/plain-scan.js'
import { checkedBackend } from '../../lib/index/checked-backend.js'
import { CollectionIndex } from '../../lib/index/collection-index.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'
import { ControlledBackend, forgetful } from './controlled-backend.js'
import { persisting } from './persisting-backend.js'
import { RestoredSetting } from './restored-setting.js'

/** Rows of a full memtable of short vectors, of an approximate backend. */
const MEMTABLE = 4_096
const approximate = forgetful(plainScan, true)

class Setting {
  readonly clock = new SimulatedClock()
  readonly backend: ControlledBackend
  readonly index: CollectionIndex
  readonly dimensions: number
  failures = 0
  #seq = 0
  #number = 0

  constructor(inner: IndexBackend = approximate, dimensions = 1, supports: Partial<BackendSupport> = {}) {
    this.dimensions = dimensions
    this.backend = new ControlledBackend(inner, supports)
    this.backend.isAutomatic = true
    this.index = new CollectionIndex({
      ...{ dimensions, metric: 'euclidean', clock: this.clock, backend: checkedBackend(this.backend) },
      onSegment: () => {},
      onFailure: () => {
        this.failures += 1
      },
    })
  }

  /** Puts so many new records. */
  put(count: number): void {
    const vector = new Float32Array(this.dimensions).fill(1)
    for (let i = 0; i < count; i++) this.index.put(this.#number++, ++this.#seq, vector)
  }

  replace(number: number): void {
    this.index.put(number, ++this.#seq, new Float32Array(this.dimensions).fill(2))
  }

  remove(from: number, to: number): void {
    for (let number = from; number < to; number++) this.index.remove(number, ++this.#seq)
  }

  /** Row counts of the builds begun after so much time, and forgets them. */
  async buildsAfter(ms: number): Promise<number[]> {
    await this.clock.advance(ms)
    for (let turn = 0; turn < 20; turn++) await nodeClock.yield()
    return this.backend.builds.splice(0)
  }
}

describe('frozen memtables', () => {
  test('gather until nothing was written for a while, and become one segment', async () => {
    const setting = new Setting()
    setting.put(2 * MEMTABLE)
    expect(await setting.buildsAfter(150)).toEqual([])
    setting.put(MEMTABLE)
    expect(await setting.buildsAfter(150)).toEqual([])
    expect(await setting.buildsAfter(150)).toEqual([3 * MEMTABLE])
    expect(setting.index).toMatchObject({ segments: 1, indexed: 3 * MEMTABLE, pending: 0 })
    await setting.index.close()
  })

  test('gather for five seconds at most while writing goes on', async () => {
    const setting = new Setting()
    setting.put(MEMTABLE)
    for (let ms = 100; ms < 5_000; ms += 100) {
      setting.put(10)
      expect(await setting.buildsAfter(100)).toEqual([])
    }
    setting.put(10)
    // What is being filled comes with it.
    expect(await setting.buildsAfter(100)).toEqual([MEMTABLE + 500])
    await setting.index.close()
  })

  test('gather until there are sixteen, without waiting for anything', async () => {
    const setting = new Setting()
    setting.put(16 * MEMTABLE - 1)
    expect(await setting.buildsAfter(0)).toEqual([])
    setting.put(1)
    expect(await setting.buildsAfter(0)).toEqual([16 * MEMTABLE])
    await setting.index.close()
  })

  test('gather again while a build goes on, and wait after it', async () => {
    const setting = new Setting()
    setting.backend.isAutomatic = false
    setting.put(MEMTABLE)
    expect(await setting.buildsAfter(200)).toEqual([MEMTABLE])
    setting.put(2 * MEMTABLE)
    setting.backend.isAutomatic = true
    setting.backend.finish()
    expect(await setting.buildsAfter(0)).toEqual([])
    expect(await setting.buildsAfter(200)).toEqual([2 * MEMTABLE])
    await setting.index.close()
  })

  test('do not gather for a flush, nor where every search is a scan', async () => {
    const setting = new Setting()
    setting.put(MEMTABLE + 5)
    await setting.index.flush()
    expect(await setting.buildsAfter(0)).toEqual([MEMTABLE + 5])
    expect(setting.clock.monotonic()).toBe(0)
    await setting.index.close()
    const exact = new Setting(plainScan, 1, { maxBytes: 4 * 100 })
    exact.put(250)
    expect(await exact.buildsAfter(0)).toEqual([100, 100])
    expect(exact.index.pending).toBe(50)
    await exact.index.close()
  })

  test('and dead rows are waited with alike', async () => {
    const setting = new Setting()
    setting.put(MEMTABLE)
    await setting.index.flush()
    await setting.buildsAfter(0)
    setting.remove(0, 900)
    expect(await setting.buildsAfter(150)).toEqual([])
    setting.remove(900, 901)
    expect(await setting.buildsAfter(150)).toEqual([])
    expect(await setting.buildsAfter(150)).toEqual([MEMTABLE - 901])
    expect(setting.index).toMatchObject({ dead: 0, indexed: MEMTABLE - 901 })
    // So few are worth nothing.
    setting.remove(1_000, 1_100)
    expect(await setting.buildsAfter(10_000)).toEqual([])
    expect(setting.index.dead).toBe(100)
    await setting.index.close()
    expect(setting.clock.pendingTimers).toBe(0)
  })
})

describe('a memtable that is not full', () => {
  test('is built once nothing was written for two seconds, if it has enough rows', async () => {
    const setting = new Setting()
    setting.put(1_023)
    expect(await setting.buildsAfter(60_000)).toEqual([])
    setting.put(1)
    for (let i = 0; i < 5; i++) {
      expect(await setting.buildsAfter(1_900)).toEqual([])
      setting.put(1)
    }
    expect(await setting.buildsAfter(4_200)).toEqual([1_029])
    expect(setting.index).toMatchObject({ indexed: 1_029, pending: 0 })
    setting.put(10)
    expect(await setting.buildsAfter(60_000)).toEqual([])
    setting.put(2_000)
    expect(await setting.buildsAfter(4_200)).toEqual([2_010])
    setting.put(2_000)
    await setting.index.close()
    expect(setting.clock.pendingTimers).toBe(0)
  })

  test('stays where vectors of segments are replaced or removed now and then', async () => {
    const setting = new Setting()
    setting.put(MEMTABLE)
    expect(await setting.buildsAfter(10_000)).toEqual([MEMTABLE])
    for (let number = 0; number < 5; number++) {
      setting.replace(number)
      expect(await setting.buildsAfter(10_000)).toEqual([])
      setting.remove(100 + number, 101 + number)
      expect(await setting.buildsAfter(10_000)).toEqual([])
    }
    expect(setting.index).toMatchObject({ segments: 1, indexed: MEMTABLE - 10, pending: 5 })
    await setting.index.close()
  })

  test('stays where every search is a scan', async () => {
    const setting = new Setting(plainScan)
    setting.put(5_000)
    expect(await setting.buildsAfter(60_000)).toEqual([])
    await setting.index.close()
  })
})

describe('writers as fast as the builder', () => {
  /** With every index that is built, as many vectors are written as are built without waiting. */
  async function busy(): Promise<{ setting: Setting; stop: () => void }> {
    const setting = new Setting()
    setting.put(3 * MEMTABLE)
    let writes = 0
    setting.backend.onGiven = () => {
      writes += 1
      if (writes <= 40) setting.put(16 * MEMTABLE)
    }
    const stop = () => {
      writes = 40
    }
    return { setting, stop }
  }

  test.each(['flush', 'compact'] as const)('do not keep a %s waiting', async (call) => {
    const { setting, stop } = await busy()
    const { index, backend } = setting
    await index[call]()
    expect(backend.builds.length).toBeLessThan(8)
    expect(backend.builds[0]).toBe(3 * MEMTABLE)
    expect(index.indexed).toBeGreaterThanOrEqual(3 * MEMTABLE)
    stop()
    await index.close()
  })

  test('are kept up with while a long pass goes on', async () => {
    const setting = new Setting(approximate, 1, { maxBytes: 4 * 2_000 })
    const { index, backend } = setting
    setting.put(40_000)
    await index.flush()
    let most = 0
    backend.onGiven = () => {
      if (backend.builds.length > 200) return
      setting.put(2_000)
      most = Math.max(most, index.pending)
    }
    await index.compact()
    // Sixteen memtables of 2 000 gather, and from then on every other build is of what was frozen since.
    expect(backend.builds.length).toBeLessThan(80)
    expect(most).toBeLessThan(28 * 2_000)
    await index.close()
  })

  test('do not keep two calls waiting, of which each gets what was there when it came', async () => {
    const { setting, stop } = await busy()
    const { index } = setting
    const first = index.flush()
    setting.put(5)
    const second = index.flush()
    await Promise.all([first, second])
    expect(index.indexed).toBeGreaterThanOrEqual(3 * MEMTABLE + 5)
    stop()
    await index.close()
  })
})

describe('a build that fails at its end', () => {
  test('tells its own error, and what it left that cannot be given up', async () => {
    const disk = new SimulatedDisk({ seed: 'build' })
    const inner = persisting(approximate, disk.files)
    const setting = new RestoredSetting(disk.files, {
      ...inner,
      async build(input) {
        const index = await inner.build(input)
        // The next one is that of the rows.
        disk.failNext('sync', 'ENOSPC')
        const search: VectorIndex['search'] = (asked) => index.search(asked)
        return { bytes: index.bytes, search, [Symbol.asyncDispose]: () => Promise.reject(new Error('busy')) }
      },
    })
    const { index, failures, storage } = setting
    setting.put(0, 10)
    await expect(index.flush()).rejects.toMatchObject({ cause: { code: 'ENOSPC' } })
    expect(failures).toMatchObject([
      { code: 'BACKEND_FAILED', cause: { message: 'busy' } },
      { code: 'BACKEND_FAILED', cause: { code: 'ENOSPC' } },
    ])
    expect(await setting.names()).toEqual([])
    vi.spyOn(storage, 'remove').mockRejectedValueOnce(new Error('held'))
    await expect(index.flush()).rejects.toMatchObject({ cause: { code: 'ENOSPC' } })
    expect(failures.slice(2)).toMatchObject([
      { code: 'BACKEND_FAILED', cause: { message: 'busy' } },
      { code: 'BACKEND_FAILED', cause: { message: 'held' } },
      { code: 'BACKEND_FAILED', cause: { code: 'ENOSPC' } },
    ])
    await index.close()
  })
})

describe('progress', () => {
  /** Tells how far a build is as it goes on. */
  const telling: IndexBackend = {
    ...approximate,
    async build(input) {
      for (const part of [0.25, 0.5, 2]) {
        input.onProgress?.(Math.floor(input.count * part))
        await nodeClock.yield()
      }
      return approximate.build(input)
    },
  }

  test.each(['flush', 'compact'] as const)(
    'of a %s never falls, never passes the total, and ends with it',
    async (what) => {
      const setting = new Setting(telling, 1, { maxBytes: 4 * 2_000 })
      const reports: (readonly [number, number])[] = []
      setting.put(9_000)
      const writing = setting.index[what]((done, total) => reports.push([done, total]))
      // What is written meanwhile may be built too.
      setting.put(2_500)
      await writing
      const done = reports.map(([each]) => each)
      expect(done).toEqual(done.toSorted((a, b) => a - b))
      expect(reports.filter(([each, total]) => each > total)).toEqual([])
      expect(reports.length).toBeGreaterThan(10)
      const [last, total] = reports.at(-1) as [number, number]
      expect(last).toBe(total)
      expect(Math.min(...reports.map(([, each]) => each))).toBeGreaterThanOrEqual(9_000)
      expect(done.some((each) => each > 0 && each < 9_000 && each % 2_000 !== 0)).toBe(true)
      const told = reports.length
      setting.put(4_000)
      await setting.index.flush()
      expect(reports).toHaveLength(told)
      await setting.index.close()
    },
  )

  test('of nothing to do is told once', async () => {
    const setting = new Setting(telling)
    const reports: unknown[] = []
    await setting.index.flush((...report) => reports.push(report))
    expect(reports).toEqual([[0, 0]])
    await setting.index.close()
  })
})

describe('room', () => {
  /** As much as may wait, in memtables of 64 rows of 256 KiB. */
  async function full(): Promise<Setting> {
    const setting = new Setting(approximate, 65_536, { maxBytes: 64 * 65_536 * 4 })
    setting.backend.isAutomatic = false
    setting.put(1_023)
    expect(setting.index.room()).toBeUndefined()
    setting.put(1)
    expect(await setting.buildsAfter(0)).toEqual([64])
    return setting
  }

  test('is there again when a build has ended, well or not', async () => {
    const setting = await full()
    const { index, backend } = setting
    for (const end of ['finish', 'fail'] as const) {
      let isThere = false
      const room = index.room()?.then(() => {
        isThere = true
      })
      expect(room).toBeInstanceOf(Promise)
      for (let turn = 0; turn < 20; turn++) await nodeClock.yield()
      expect(isThere).toBe(false)
      backend[end]()
      await room
      expect(index.room()).toBeUndefined()
      if (end === 'fail') continue
      expect(index.pending).toBe(960)
      setting.put(64)
      expect(await setting.buildsAfter(0)).toEqual([64])
    }
    expect(setting.failures).toBe(1)
    // Nobody waits for what cannot be built.
    setting.put(64)
    expect(index).toMatchObject({ indexed: 64, pending: 1_088, trouble: { code: 'BACKEND_FAILED' } })
    expect(index.room()).toBeUndefined()
    // Nor while it is tried again.
    expect(await setting.buildsAfter(1_000)).toEqual([64])
    expect(index.room()).toBeUndefined()
    await index.close()
  })

  test('is there for as much as a flush waits for, where nobody searches yet', async () => {
    const setting = await full()
    const { index, backend } = setting
    const flushed = index.flush()
    expect(index.room(false)).toBeUndefined()
    setting.put(1_023)
    expect(index.room(false)).toBeUndefined()
    setting.put(1)
    expect(index.room(false)).toBeInstanceOf(Promise)
    backend.isAutomatic = true
    backend.finish()
    await flushed
    await index.close()
  })

  test('is there for what came all at once until that is built', async () => {
    const setting = await full()
    const { index, backend } = setting
    index.excuse(1_024)
    expect(index.room()).toBeUndefined()
    setting.put(1_023)
    expect(index.room()).toBeUndefined()
    setting.put(1)
    expect(index.room()).toBeInstanceOf(Promise)
    // What is built of it is excused no more: there is as little room as before.
    const building = index.room()
    backend.finish()
    await building
    expect(index.pending).toBe(1_984)
    expect(index.room()).toBeInstanceOf(Promise)
    await index.close()
  })

  test('is not waited for when the index is closed', async () => {
    const { index } = await full()
    const room = index.room()
    await Promise.all([room, index.close()])
    expect(index.room()).toBeUndefined()
  })
})
