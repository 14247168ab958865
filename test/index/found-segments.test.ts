import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkedBackend } from '../../lib/index/checked-backend.js'
import { FoundSegments } from '../../lib/index/found-segments.js'
import { readCheckedJson, writeCheckedJson } from '../../lib/runtime/checked-json.js'
import type { Files } from '../../lib/runtime/files.js'
import { memoryFiles } from '../../lib/runtime/memory-files.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'
import { ControlledBackend } from './controlled-backend.js'
import { INDEX_FILE, persisting } from './persisting-backend.js'
import { approximate, DIRECTORY, RestoredSetting, restored, until, written } from './restored-setting.js'

describe('the segments found on disk', () => {
  test('tell where the vector lies that an operation gave to a record', async () => {
    const files = memoryFiles()
    await written(files)
    const again = new RestoredSetting(files)
    // Record 7 was written by operation 8, and is moved by operation 900.
    again.index.put(7, 900, Float32Array.of(7.5))
    await again.index.flush()
    await again.index.close()
    let id = 0
    const found = await FoundSegments.open({
      ...{ storage: new RestoredSetting(files).storage, dimensions: 1, metric: 'euclidean' },
      backend: checkedBackend(new ControlledBackend(persisting(approximate, files))),
      nextRowsId: () => ++id,
      seq: 0,
      isWanted: () => true,
      onFailure: (error) => expect(error).toBeUndefined(),
    })
    const at = (number: number, seq: number): number | undefined => {
      const place = found.find(number, seq)
      return place?.rows.vectors.at(place.ordinal)[0]
    }
    expect(found.parts.map(({ rows }) => [rows.id, rows.count, rows.deadCount])).toEqual([
      [1, 100, 100],
      [2, 50, 50],
      [3, 1, 1],
    ])
    expect([at(7, 8), at(7, 900), at(149, 150)]).toEqual([7, 7.5, 149])
    expect([at(7, 9), at(8, 8), at(150, 151), at(1_000_000, 1)]).toEqual(Array(4).fill(undefined))
  })
})

const DISKS: [string, () => Files][] = [
  ['in memory', memoryFiles],
  [
    'on a slow disk',
    () => {
      const disk = new SimulatedDisk({ seed: 'slow' })
      disk.delayYieldsMax = 2
      return disk.files
    },
  ],
]

describe.each(DISKS)('an index restored from segments %s', (_, newFiles) => {
  test('finds what was revived, nothing else, and builds nothing', async () => {
    const files = newFiles()
    await written(files)
    const setting = await restored(files)
    const { index } = setting
    expect(setting.counts).toEqual({ indexed: 0, pending: 0, segments: 2, builds: 0 })
    for (let number = 0; number < 150; number++) {
      expect(index.has(number)).toBe(false)
      // Record 40 was written again since, record 41 deleted, and 140 has another vector.
      if (number === 41) continue
      const isOther = number === 40 || number === 140
      expect(index.revive(number, isOther ? 5_000 : number + 1)).toBe(!isOther)
      expect(index.has(number)).toBe(!isOther)
    }
    index.put(40, 5_000, Float32Array.of(1_040))
    index.endRestore()
    expect(setting.counts).toEqual({ indexed: 147, pending: 1, segments: 2, builds: 0 })
    expect(index.dead).toBe(3)
    expect((await setting.nearestNow(40.4, 4)).sort()).toEqual([38, 39, 42, 43])
    expect((await setting.nearestNow(140.4, 2)).sort()).toEqual([139, 141])
    expect(await setting.nearestNow(1_040)).toEqual([40])
    expect(setting.failures).toEqual([])
    expect(setting.backend.builds).toEqual([])
    await index.close()
  })

  test('restores once', async () => {
    const files = newFiles()
    await written(files)
    const setting = await restored(files)
    setting.index.revive(3, 4)
    setting.index.endRestore()
    await setting.index.restore(0)
    setting.index.endRestore()
    expect(setting.backend.indexes).toHaveLength(2)
    expect(await setting.nearestNow(50)).toEqual([3])
    await setting.index.close()
  })

  test('builds nothing before it knows what is alive, and then what is to be built', async () => {
    const files = newFiles()
    await written(files)
    const setting = await restored(files)
    const { index } = setting
    // Of the first segment a half is dead.
    for (let number = 50; number < 150; number++) index.revive(number, number + 1)
    for (let number = 1_000; number < 6_000; number++) setting.put(number, number + 1)
    await index.flush()
    expect(setting.counts).toEqual({ indexed: 100, pending: 5_000, segments: 2, builds: 0 })
    expect(index.dead).toBe(0)
    index.endRestore()
    await index.flush()
    expect(index).toMatchObject({ indexed: 5_100, pending: 0, dead: 0 })
    expect(setting.backend.builds).toContain(50)
    expect(await setting.nearestNow(20)).toEqual([50])
    await index.close()
    // The rest of the first one was built anew, and then, for a flush leaves two segments, together with the second.
    expect(setting.backend.builds.at(-1)).toBe(100)
    const names = await setting.names()
    expect(names).toHaveLength(2)
    expect(names.filter((name) => name <= 2)).toEqual([])
  })

  test('lets writes win that come before, between and after', async () => {
    const files = newFiles()
    await written(files)
    const setting = new RestoredSetting(files)
    const { index } = setting
    const restoring = index.restore(0)
    index.put(10, 2_000, Float32Array.of(2_010))
    await restoring
    index.put(11, 2_001, Float32Array.of(2_011))
    expect([index.has(10), index.has(11), index.has(12)]).toEqual([true, true, false])
    for (let number = 12; number < 150; number++) expect(index.revive(number, number + 1)).toBe(true)
    index.put(12, 2_002, Float32Array.of(2_012))
    index.remove(13, 2_003)
    index.endRestore()
    index.put(14, 2_004, Float32Array.of(2_014))
    expect(await setting.nearestNow(12)).toEqual([15])
    expect(await setting.nearestNow(2_000, 4)).toEqual([10, 11, 12, 14])
    await index.flush()
    expect(index).toMatchObject({ indexed: 139, pending: 0 })
    expect(await setting.nearestNow(12)).toEqual([15])
    expect(await setting.nearestNow(2_000, 4)).toEqual([10, 11, 12, 14])
    await index.close()
  })

  test('does without a damaged one, says so, and builds it again', async () => {
    const files = newFiles()
    await written(files)
    const file = await files.open(join(DIRECTORY, '00000001', 'index', INDEX_FILE), 'write')
    await file.write(Uint8Array.of(1, 2, 3), 30)
    await file.close()
    const setting = await restored(files)
    const { index } = setting
    expect(setting.failures).toMatchObject([
      { code: 'BACKEND_FAILED', details: { kind: 'controlled' }, cause: { message: /damaged/ } },
    ])
    expect(await setting.names()).toEqual([2])
    for (let number = 0; number < 150; number++) {
      if (!index.revive(number, number + 1)) setting.put(number, number + 1)
    }
    index.endRestore()
    expect(setting.counts).toMatchObject({ indexed: 50, pending: 100, segments: 1 })
    await index.flush()
    expect(setting.counts).toEqual({ indexed: 150, pending: 0, segments: 2, builds: 1 })
    expect(await setting.names()).toEqual([2, 3])
    await index.close()
    const again = await restored(files)
    expect(again.failures).toEqual([])
    for (let number = 0; number < 150; number++) expect(again.index.revive(number, number + 1)).toBe(true)
    await again.index.close()
  })

  test.each([false, true])('closed meanwhile leaves nothing open (discarded: %s)', async (discard) => {
    for (let turns = 0; turns < 60; turns += 3) {
      const files = newFiles()
      await written(files)
      const setting = new RestoredSetting(files)
      const restoring = setting.index.restore(0)
      for (let turn = 0; turn < turns; turn++) await nodeClock.yield()
      await setting.index.close(discard)
      expect({ turns, held: setting.backend.held }).toEqual({ turns, held: [] })
      expect({ turns, names: await setting.names() }).toEqual({ turns, names: discard ? [] : [1, 2] })
      await restoring
      await setting.index.restore(0)
      expect(setting.backend.held).toEqual([])
      expect(setting.failures).toEqual([])
    }
  })

  test('gives up the directories when it is discarded, also when it never opened them', async () => {
    const files = newFiles()
    await written(files)
    await new RestoredSetting(files).index.close()
    expect(await new RestoredSetting(files).names()).toEqual([1, 2])
    await (await restored(files)).index.close()
    expect(await new RestoredSetting(files).names()).toEqual([1, 2])
    await (await restored(files)).index.close(true)
    expect(await new RestoredSetting(files).names()).toEqual([])
    await written(files)
    await new RestoredSetting(files).index.close(true)
    expect(await new RestoredSetting(files).names()).toEqual([])
  })

  test('keeps what a view sees, and its directories, until that is released', async () => {
    const files = newFiles()
    await written(files)
    const setting = await restored(files)
    const { index } = setting
    for (let number = 0; number < 150; number++) index.revive(number, number + 1)
    index.endRestore()
    const view = index.pin(1_000)
    index.remove(20, 1_001)
    await index.compact()
    const later = index.pin(1_001)
    const [names] = [await setting.names()]
    expect(names.slice(0, 2)).toEqual([1, 2])
    await index.close(true)
    expect(await setting.names()).toEqual(names)
    expect(await setting.nearest(view, 20)).toEqual([20])
    expect((await setting.nearest(later, 20, 2)).sort()).toEqual([19, 21])
    view.release()
    await until(async () => (await setting.names()).length === names.length - 2)
    expect(await setting.names()).toEqual(names.slice(2))
    expect((await setting.nearest(later, 20, 2)).sort()).toEqual([19, 21])
    later.release()
    await until(async () => (await setting.names()).length === 0)
    await index.close()
    expect(setting.failures).toEqual([])
    expect(setting.backend.held).toEqual([])
  })

  test('takes nothing of another backend, and removes it', async () => {
    const files = newFiles()
    await written(files)
    const other = new RestoredSetting(files, persisting(approximate, files), 'other')
    await other.index.restore(0)
    expect(other.counts).toMatchObject({ segments: 0 })
    expect([other.failures, await other.names()]).toEqual([[], []])
    await other.index.close()
  })
})

test.each(['before', 'after'])(
  'an index that is lost %s what is alive is known is built anew',
  async (when) => {
    const files = memoryFiles()
    await written(files)
    const setting = await restored(files)
    const { index, backend, clock } = setting
    const [lost] = backend.indexes
    if (when === 'before') lost?.lose('the device is gone')
    await nodeClock.yield()
    for (let number = 0; number < 150; number++) expect(index.revive(number, number + 1)).toBe(true)
    index.endRestore()
    if (when === 'after') lost?.lose('the device is gone')
    await until(() => index.trouble !== undefined)
    expect(setting.failures).toMatchObject([
      { code: 'BACKEND_FAILED', details: { kind: 'controlled', reason: 'the device is gone' } },
    ])
    expect(setting.counts).toMatchObject({ indexed: 50, pending: 100, builds: 0 })
    expect(await setting.nearestNow(30)).toEqual([30])
    await clock.advance(1_000)
    await until(() => index.pending === 0)
    expect(setting.counts).toEqual({ indexed: 150, pending: 0, segments: 2, builds: 1 })
    await until(async () => (await setting.names()).length === 2)
    expect(await setting.names()).toEqual([2, 3])
    await index.close()
    expect([backend.held, setting.failures.length]).toEqual([[], 1])
  },
)

describe('what was written of the liveness at the close', () => {
  /** Closed after operation 150, when all was alive but record 3. */
  async function noted(files: Files): Promise<void> {
    await written(files)
    const setting = await restored(files)
    for (let number = 0; number < 150; number++) setting.index.revive(number, number + 1)
    setting.index.endRestore()
    setting.index.remove(3, 151)
    await setting.index.close(false, 151)
  }

  test('is good at that operation', async () => {
    const files = memoryFiles()
    await noted(files)
    const setting = new RestoredSetting(files)
    const { index } = setting
    await index.restore(151)
    index.reviveKnown(151)
    expect([index.has(2), index.has(3), index.has(4)]).toEqual([true, false, true])
    index.endRestore()
    expect(setting.counts).toMatchObject({ indexed: 149, pending: 0 })
    await index.close()
  })

  test('is forgotten once something was written, also for another attempt', async () => {
    const files = memoryFiles()
    await noted(files)
    const { index } = new RestoredSetting(files)
    await index.restore(151)
    // Record 7 has another vector by operation 152.
    index.reviveKnown(152)
    expect(index.has(2)).toBe(false)
    index.put(7, 153, Float32Array.of(1_007))
    await index.restore(153)
    index.reviveKnown(153)
    index.reviveKnown(151)
    expect([index.has(2), index.has(7)]).toEqual([false, true])
    expect(index.dead).toBe(0)
    await index.close()
  })
})

test('an index whose merged segments are still there keeps what they were merged to', async () => {
  const files = memoryFiles()
  await written(files)
  const sources = await Promise.all(
    ['00000001', '00000002'].flatMap((name) =>
      ['rows.bin', 'segment.json', join('index', INDEX_FILE)].map(async (file) => {
        const path = join(DIRECTORY, name, file)
        return { path, bytes: (await files.readFile(path)).slice() }
      }),
    ),
  )
  const merging = await restored(files)
  for (let number = 0; number < 150; number++) merging.index.revive(number, number + 1)
  merging.index.endRestore()
  await merging.index.compact()
  await merging.index.close()
  expect(await merging.names()).toEqual([3])
  // As a kill leaves it between the end of a merge and the removal of what was merged.
  for (const name of [1, 2]) await files.makeDirectory(join(DIRECTORY, `0000000${name}`, 'index'))
  for (const { path, bytes } of sources) {
    const file = await files.open(path, 'create')
    await file.write(bytes, 0)
    await file.close()
  }
  const setting = await restored(files)
  const { index } = setting
  for (let number = 0; number < 150; number++) expect(index.revive(number, number + 1)).toBe(true)
  index.endRestore()
  await index.flush()
  expect(setting.counts).toEqual({ indexed: 150, pending: 0, segments: 1, builds: 0 })
  await index.close()
  expect(await setting.names()).toEqual([3])
})

test('an index leaves a segment of a newer format alone, and builds its vectors anew', async () => {
  const files = memoryFiles()
  await written(files)
  const path = join(DIRECTORY, '00000001', 'segment.json')
  const description = await readCheckedJson(files, path)
  await writeCheckedJson(files, path, { ...description, format: 2 })
  const rows = await files.readFile(join(DIRECTORY, '00000001', 'rows.bin'))
  const setting = await restored(files)
  const { index } = setting
  expect(setting.failures).toMatchObject([{ code: 'FORMAT_UNSUPPORTED', details: { path, format: 2 } }])
  for (let number = 0; number < 150; number++) {
    if (!index.revive(number, number + 1)) setting.put(number, number + 1)
  }
  index.endRestore()
  expect(setting.counts).toMatchObject({ indexed: 50, pending: 100 })
  await index.flush()
  expect(await setting.nearestNow(30)).toEqual([30])
  await index.close()
  expect(await setting.names()).toEqual([1, 2, 3])
  expect(await files.readFile(join(DIRECTORY, '00000001', 'rows.bin'))).toEqual(rows)
  // The newer version finds its segment again.
  await writeCheckedJson(files, path, description ?? {})
  const again = await restored(files)
  expect(again.failures).toEqual([])
  for (let number = 0; number < 150; number++) expect(again.index.revive(number, number + 1)).toBe(true)
  again.index.endRestore()
  // It goes with the collection.
  await again.index.close(true)
  expect(await again.names()).toEqual([])
})

test('an index whose unusable segments cannot be removed, or not even be listed, says so and works', async () => {
  for (const operation of ['remove', 'list'] as const) {
    const disk = new SimulatedDisk({ seed: operation })
    await written(disk.files)
    disk.flipBit(`${DIRECTORY}/00000001/rows.bin`, 30)
    disk.failNext(operation, 'EACCES')
    const setting = await restored(disk.files)
    const causes = setting.failures.map(({ code, cause }) => [code, (cause as { code?: string })?.code])
    expect(causes.at(-1)).toEqual(['BACKEND_FAILED', 'EACCES'])
    for (let number = 0; number < 150; number++) {
      if (!setting.index.revive(number, number + 1)) setting.put(number, number + 1)
    }
    setting.index.endRestore()
    await setting.index.flush()
    expect(setting.counts).toMatchObject({ indexed: 150, pending: 0 })
    expect(await setting.nearestNow(30)).toEqual([30])
    await setting.index.close()
  }
})
