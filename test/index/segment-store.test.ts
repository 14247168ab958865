import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Rows } from '../../lib/index/rows.js'
import { type SegmentPlace, SegmentStore } from '../../lib/index/segment-store.js'
import { writeCheckedJson } from '../../lib/runtime/checked-json.js'
import type { Files } from '../../lib/runtime/files.js'
import { memoryFiles } from '../../lib/runtime/memory-files.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'
import { RestlessClock } from './restless-clock.js'
import { contentOf, sampleRows } from './sample-rows.js'

const DIRECTORY = '/store/index/7'
const FACTS = { kind: 'toy', dimensions: 3, metric: 'euclidean', largestNorm: 2.5, unitSlack: 0.5 } as const

function storeOver(files: Files, options: Partial<ConstructorParameters<typeof SegmentStore>[0]> = {}) {
  const logSynced = (): undefined => undefined
  const defaults = { files, directory: DIRECTORY, clock: nodeClock, historyId: 'this', logSynced }
  return new SegmentStore({ ...defaults, ...options })
}

async function write(files: Files, path: string, bytes: Uint8Array): Promise<void> {
  if (await files.stat(path)) await files.remove(path)
  const file = await files.open(path, 'create')
  await file.write(bytes, 0)
  await file.sync()
  await file.close()
}

/** Does what a builder does: a directory, an index in it, and the rows. */
async function build(store: SegmentStore, files: Files, rows: Rows): Promise<SegmentPlace> {
  const place = await store.begin()
  await write(files, join(place.indexPath, 'toy.bin'), Uint8Array.of(1, 2, 3))
  await files.syncDirectory(place.indexPath)
  await store.finish(place, rows, { ...FACTS, dimensions: rows.dimensions })
  return place
}

/** The numbers of the segments in a directory. */
async function namesIn(files: Files, directory = DIRECTORY): Promise<number[]> {
  return (await files.stat(directory)) ? (await files.list(directory)).map(Number) : []
}

test('segments come oldest first, also where their names have different lengths', async () => {
  const files = memoryFiles()
  for (const name of ['100000000', '99999999', '00000007']) {
    await files.makeDirectory(join(DIRECTORY, name))
    await write(files, join(DIRECTORY, name, 'segment.json'), Uint8Array.of(1))
  }
  const places = await storeOver(files).places()
  expect(places.map(({ path }) => Number(path.slice(DIRECTORY.length + 1)))).toEqual([
    7, 99_999_999, 100_000_000,
  ])
})

describe('a segment', () => {
  test('comes back with every row, all of them dead', async () => {
    const files = memoryFiles()
    const rows = sampleRows('again', 45, 3)
    rows.kill(4, 2_000, false)
    const place = await build(storeOver(files), files, rows)
    const store = storeOver(files)
    expect(await store.places()).toEqual([place])
    const found = await store.load(place, 77, FACTS)
    // The last eight bytes say which rows are scaled.
    const diskBytes = 45 * (3 * 4 + 4 + 8) + 8
    expect(found).toMatchObject({ place, largestNorm: 2.5, unitSlack: 0.5, diskBytes })
    expect(found?.rows).toMatchObject({ id: 77, dimensions: 3, count: 45, deadCount: 45 })
    expect(contentOf(found?.rows as Rows)).toEqual(contentOf(rows))
    expect(found?.rows.numberAt(9)).toBe(90)
    expect(rows.content().scaled.some((word) => word !== 0)).toBe(true)
    found?.rows.revive(9)
    expect([found?.rows.isDead(9), found?.rows.isDead(8), found?.rows.deadCount]).toEqual([false, true, 44])
    expect(await files.readFile(join(place.indexPath, 'toy.bin'))).toEqual(Uint8Array.of(1, 2, 3))
  })

  test('of several pieces comes back, and damage anywhere in it is noticed', () =>
    withTemporaryDirectory(async (directory) => {
      const facts = { ...FACTS, dimensions: 65_536 }
      const rows = sampleRows('pieces', 150, 65_536)
      expect(rows.vectors.pieces.length).toBe(2)
      const writing = storeOver(nodeFiles, { directory, clock: new RestlessClock() })
      const place = await build(writing, nodeFiles, rows)
      const reading = storeOver(nodeFiles, { directory, clock: new RestlessClock() })
      const found = await reading.load(place, 1, facts)
      const expected = contentOf(rows)
      const content = contentOf(found?.rows as Rows)
      expect(content.vectors.equals(expected.vectors)).toBe(true)
      expect({ ...content, vectors: [] }).toEqual({ ...expected, vectors: [] })
      expect(found?.rows.vectors.pieces.map(({ length }) => length / 65_536)).toEqual([128, 22])

      const path = join(place.path, 'rows.bin')
      const vectorBytes = 150 * 65_536 * 4
      const firstPiece = 128 * 65_536 * 4
      const scaledAt = vectorBytes + 150 * 12
      const places = [0, 5_000_000, firstPiece - 1, firstPiece, vectorBytes - 1, vectorBytes + 600, scaledAt]
      for (const at of places) {
        const file = await nodeFiles.open(path, 'write')
        const byte = new Uint8Array(1)
        await file.read(byte, at)
        await file.write(Uint8Array.of((byte[0] as number) ^ 1), at)
        await expect(reading.load(place, 1, facts), String(at)).rejects.toMatchObject({
          code: 'BACKEND_FAILED',
          details: { path },
        })
        await file.write(byte, at)
        await file.close()
      }
      expect(await reading.load(place, 1, facts)).toMatchObject({ place })
    }))

  test('has no bit that could flip, and no length it could be cut to, without being noticed', async () => {
    const files = memoryFiles()
    const place = await build(storeOver(files), files, sampleRows('flips', 20, 3))
    for (const name of ['rows.bin', 'segment.json']) {
      const path = join(place.path, name)
      const content = await files.readFile(path)
      const silent: string[] = []
      const load = async (bytes: Uint8Array, what: string): Promise<void> => {
        await write(files, path, bytes)
        const outcome = await storeOver(files)
          .load(place, 1, FACTS)
          .then(String, (error) => error.code)
        if (outcome !== 'BACKEND_FAILED') silent.push(`${what}: ${outcome}`)
      }
      for (let at = 0; at < content.length; at++) {
        const flipped = content.slice()
        flipped[at] = (content[at] as number) ^ (1 << (at % 8))
        await load(flipped, `${name} flipped at ${at}`)
      }
      // The description ends with a line feed, which says nothing.
      for (let size = 0; size < content.length - 1; size++) {
        await load(content.slice(0, size), `${name} cut to ${size}`)
      }
      await write(files, path, content)
      expect(silent).toEqual([])
    }
    const longer = Uint8Array.of(...(await files.readFile(join(place.path, 'rows.bin'))), 0)
    await write(files, join(place.path, 'rows.bin'), longer)
    await expect(storeOver(files).load(place, 1, FACTS)).rejects.toMatchObject({ code: 'BACKEND_FAILED' })
  })

  test('without its rows or its description is an error of the system', async () => {
    for (const name of ['rows.bin', 'segment.json']) {
      const files = memoryFiles()
      const place = await build(storeOver(files), files, sampleRows('missing', 20, 3))
      await files.remove(join(place.path, name))
      await expect(storeOver(files).load(place, 1, FACTS)).rejects.toMatchObject({ code: 'ENOENT' })
    }
  })

  test('of something else is none, and not held', async () => {
    const files = memoryFiles()
    const place = await build(storeOver(files), files, sampleRows('else', 20, 3))
    for (const other of [{ kind: 'other' }, { dimensions: 4 }, { metric: 'dot' as const }]) {
      const store = storeOver(files)
      expect(await store.load(place, 1, { ...FACTS, ...other })).toBeUndefined()
      expect(await store.places()).toEqual([place])
    }
    expect(await storeOver(files, { historyId: 'that' }).load(place, 1, FACTS)).toBeUndefined()
    expect(await storeOver(files).load(place, 1, FACTS)).toMatchObject({ place })
  })

  test('of a newer format is refused with what to do', async () => {
    const files = memoryFiles()
    const place = await build(storeOver(files), files, sampleRows('newer', 20, 3))
    const path = join(place.path, 'segment.json')
    await writeCheckedJson(files, path, { format: 2, anything: true })
    await expect(storeOver(files).load(place, 1, FACTS)).rejects.toMatchObject({
      code: 'FORMAT_UNSUPPORTED',
      message: expect.stringContaining('Upgrade'),
      details: { path, format: 2, supported: 1 },
    })
  })

  test('that a read of fails halfway tells of that once', async () => {
    const disk = new SimulatedDisk({ seed: 'halfway' })
    const facts = { ...FACTS, dimensions: 65_536 }
    const place = await build(storeOver(disk.files), disk.files, sampleRows('halfway', 48, 65_536))
    const unhandled: unknown[] = []
    const note = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', note)
    for (const after of [0, 1, 2]) {
      disk.failNext('read', 'EIO', after)
      // The next part is read while one is summed, with pauses.
      const store = storeOver(disk.files, { clock: new RestlessClock() })
      await expect(store.load(place, 1, facts)).rejects.toMatchObject({ code: 'EIO' })
      await nodeClock.yield()
    }
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })
})

describe('a description', () => {
  test('is not written before the log holds the newest of the operations', async () => {
    const files = memoryFiles()
    const asked: number[] = []
    let synced = (): void => {}
    const store = storeOver(files, {
      logSynced: (seq) => {
        asked.push(seq)
        return new Promise((resolve) => {
          synced = resolve
        })
      },
    })
    const place = await store.begin()
    const finished = store.finish(place, sampleRows('log', 20, 3), FACTS)
    while (asked.length === 0) await nodeClock.yield()
    for (let turn = 0; turn < 20; turn++) await nodeClock.yield()
    expect(asked).toEqual([1_019])
    expect(await files.list(place.path)).toEqual(['index', 'rows.bin'])
    synced()
    expect(await finished).toBe(20 * 24 + 4)
    expect(await files.list(place.path)).toEqual(['index', 'rows.bin', 'segment.json'])
  })

  test('is not written when the log cannot hold them, or the disk has no room for the rows', async () => {
    const disk = new SimulatedDisk({ seed: 'refused' })
    const failed = new Error('the log takes no more')
    const refused = storeOver(disk.files, { logSynced: () => Promise.reject(failed) })
    const first = await refused.begin()
    await expect(refused.finish(first, sampleRows('refused', 20, 3), FACTS)).rejects.toBe(failed)
    await refused.remove(first)
    const store = storeOver(disk.files)
    const second = await store.begin()
    disk.capacityBytes = disk.usedBytes + 4_096
    const rows = sampleRows('refused', 500, 3)
    await expect(store.finish(second, rows, FACTS)).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(await disk.files.list(second.path)).toEqual(['index', 'rows.bin'])
    expect(await storeOver(disk.files).places()).toEqual([])
    expect(await namesIn(disk.files)).toEqual([])
  })
})

describe('the directories of segments', () => {
  test('are numbered on, whoever begins at the same time', async () => {
    const files = memoryFiles()
    const store = storeOver(files)
    const places = await Promise.all([store.begin(), store.begin(), store.begin()])
    expect(places.map(({ path }) => path)).toEqual([1, 2, 3].map((n) => join(DIRECTORY, `0000000${n}`)))
    await store.remove(places[2] as SegmentPlace)
    expect((await store.begin()).path).toBe(join(DIRECTORY, '00000004'))
    await files.makeDirectory(join(DIRECTORY, '00000099'))
    await files.makeDirectory(join(DIRECTORY, '99999999'))
    await write(files, join(DIRECTORY, '123456789.txt'), Uint8Array.of(1))
    expect((await storeOver(files).begin()).path).toBe(join(DIRECTORY, '100000000'))
  })

  test('are not listed while somebody holds them; those of nobody are, or go when they are no segments', async () => {
    const files = memoryFiles()
    const writing = storeOver(files)
    const rows = sampleRows('held', 20, 3)
    const [first, second] = [await build(writing, files, rows), await build(writing, files, rows)]
    const third = await writing.begin()
    expect(await writing.places()).toEqual([])
    const reading = storeOver(files)
    await reading.load(first, 1, FACTS)
    expect(await reading.places()).toEqual([first, second])
    reading.hold(first)
    expect(await reading.places()).toEqual([second])
    reading.letGo(first)
    expect(await reading.places()).toEqual([first, second])
    expect(await files.stat(third.path)).toBeUndefined()
    expect(await namesIn(files)).toEqual([1, 2])
  })

  test('stay when others are removed', async () => {
    const files = memoryFiles()
    const rows = sampleRows('others', 20, 3)
    const writing = storeOver(files)
    const places = [await build(writing, files, rows), await build(writing, files, rows)]
    const store = storeOver(files)
    store.hold(places[1] as SegmentPlace)
    const begun = await store.begin()
    await store.removeOthers()
    expect(await namesIn(files)).toEqual([2, 3])
    await store.finish(begun, rows, FACTS)
    await store.removeOthers()
    expect(await namesIn(files)).toEqual([2, 3])
    await store.remove(places[1] as SegmentPlace)
    expect(await namesIn(files)).toEqual([3])
  })

  test('go with all, at once or with the last that is held', async () => {
    const files = memoryFiles()
    const rows = sampleRows('all', 20, 3)
    await build(storeOver(files), files, rows)
    const store = storeOver(files)
    const places = [await build(store, files, rows), await build(store, files, rows)]
    await store.removeAll()
    expect(await namesIn(files)).toEqual([2, 3])
    for (const place of places) await store.remove(place)
    expect(await files.stat(DIRECTORY)).toBeUndefined()
    await build(storeOver(files), files, rows)
    await storeOver(files).removeAll()
    await storeOver(files).removeAll()
    expect(await files.stat(DIRECTORY)).toBeUndefined()
    expect(await storeOver(files).places()).toEqual([])
  })
})

/** Opens what a stop left: every place is a whole segment, and nothing else is left beside them. */
async function expectWholeOrNone(files: Files, rows: Rows, what: string): Promise<number[]> {
  const store = storeOver(files)
  const places = await store.places()
  const names = await namesIn(files)
  expect(names, what).toEqual(places.map(({ path }) => Number(path.slice(-8))))
  for (const place of places) {
    const found = await store.load(place, 1, FACTS).catch((error) => String(error))
    expect(found, what).toMatchObject({ place })
    expect(contentOf((found as { rows: Rows }).rows), what).toEqual(contentOf(rows))
    expect(await files.readFile(join(place.indexPath, 'toy.bin')), what).toEqual(Uint8Array.of(1, 2, 3))
  }
  return names
}

// A crash leaves one thing, a power cut any of many.
describe.each([
  ['crash', 2],
  ['powerCut', 30],
] as const)('after a %s at any step', (stop, runs) => {
  const seeds = Array.from({ length: runs }, (_, seed) => `${seed}`)

  test.each(seeds)('a segment that was being built is there or not (seed %s)', async (seed) => {
    const rows = sampleRows(seed, 300, 3)
    const found = new Set<string>()
    let isOver = false
    for (let at = 1; !isOver; at++) {
      const disk = new SimulatedDisk({ seed: `${seed}/${at}` })
      await disk.files.makeDirectory(DIRECTORY)
      for (const each of ['/', '/store', '/store/index']) await disk.files.syncDirectory(each)
      await build(storeOver(disk.files), disk.files, rows)
      const from = disk.operations
      disk.beforeOperation = ({ number }) => number === from + at && disk[stop]()
      isOver = await build(storeOver(disk.files), disk.files, rows).then(
        () => true,
        () => false,
      )
      disk.beforeOperation = undefined
      if (isOver) disk[stop]()
      const names = await expectWholeOrNone(disk.files, rows, `${stop} at ${at}`)
      expect(names[0]).toBe(1)
      if (isOver) expect(names).toEqual([1, 2])
      found.add(names.join())
    }
    expect([...found].sort()).toEqual(['1', '1,2'])
  })

  test.each(seeds)('a segment that was being removed is there or not (seed %s)', async (seed) => {
    const rows = sampleRows(seed, 300, 3)
    let isOver = false
    for (let at = 1; !isOver; at++) {
      const disk = new SimulatedDisk({ seed: `${seed}/${at}` })
      await disk.files.makeDirectory(DIRECTORY)
      for (const each of ['/', '/store', '/store/index']) await disk.files.syncDirectory(each)
      const store = storeOver(disk.files)
      const places = [await build(store, disk.files, rows), await build(store, disk.files, rows)]
      const from = disk.operations
      disk.beforeOperation = ({ number }) => number === from + at && disk[stop]()
      isOver = await store.remove(places[0] as SegmentPlace).then(
        () => true,
        () => false,
      )
      disk.beforeOperation = undefined
      if (isOver) disk[stop]()
      const names = await expectWholeOrNone(disk.files, rows, `${stop} at ${at}`)
      expect(names.at(-1)).toBe(2)
    }
  })
})
