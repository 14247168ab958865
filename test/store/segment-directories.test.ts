import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Environment, memoryEnvironment, nodeEnvironment } from '../../lib/store/environment.js'
import { SegmentDirectories } from '../../lib/store/segment-directories.js'
import { SimulatedMachine } from '../../lib/testing/simulated-machine.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'
import { sampleRows } from '../index/sample-rows.js'

const FACTS = { kind: 'toy', dimensions: 3, metric: 'dot', largestNorm: 2, unitSlack: 0 } as const

function directoriesOf(environment: Environment, path: string | undefined, historyId = 'this') {
  const synced: number[] = []
  const directories = new SegmentDirectories(environment, path, historyId, (seq) => {
    synced.push(seq)
    return undefined
  })
  return { directories, synced }
}

describe('the indexes of a store', () => {
  test('have no files and no graphs where it lives in memory', async () => {
    const { directories } = directoriesOf(memoryEnvironment(), undefined)
    expect(directories.graphs).toMatch(/lives in memory/)
    expect(directories.of(7)).toBeUndefined()
    await directories.removeOthers(() => false)
    await directories.close()
  })

  test('have files and no graphs where native code cannot map them', async () => {
    const { environment } = new SimulatedMachine({ seed: 'no maps' })
    const { directories } = directoriesOf(environment, '/store')
    expect(directories.graphs).toEqual(expect.any(String))
    const place = await directories.of(7)?.begin()
    expect(place?.path).toBe(join('/store', 'index', '7', '00000001'))
    expect(await environment.files.list('/store/index/7')).toEqual(['00000001'])
    await directories.close()
  })

  test('have files and graphs on a disk, and end the threads of these', () =>
    withTemporaryDirectory(async (path) => {
      const { directories } = directoriesOf(nodeEnvironment(), path)
      expect(directories.graphs).toMatchObject({
        cpu: { kind: 'hnsw', supports: { exact: false, persists: true } },
        quantized: { kind: 'hnsw-quantized', supports: { exact: false, persists: true } },
      })
      const place = await directories.of(12)?.begin()
      expect(place?.indexPath).toBe(join(path, 'index', '12', '00000001', 'index'))
      expect(await readdir(join(path, 'index', '12', '00000001'))).toEqual(['index'])
      const { cpu } = directories.graphs as Exclude<typeof directories.graphs, string>
      const { signal } = new AbortController()
      const shape = { count: 4, dimensions: 2, metric: 'dot' as const, signal }
      const vectors = Float32Array.of(1, 0, 2, 0, 3, 0, 0, 1)
      const index = await cpu.build({ vectors, ...shape, directory: place?.indexPath as string })
      const [found] = await index.search({ queries: Float32Array.of(1, 0), count: 1, k: 1 })
      expect([...(found?.ordinals ?? [])]).toEqual([2])
      await index[Symbol.asyncDispose]()
      // A thread that went on would keep this test from ending.
      await directories.close()
      await directories.close()
    }))

  test('belong to one history, and wait for its log', async () => {
    const { environment } = new SimulatedMachine({ seed: 'history' })
    const { directories, synced } = directoriesOf(environment, '/store')
    const written = directories.of(3)
    const place = await written?.begin()
    await written?.finish(place as NonNullable<typeof place>, sampleRows('history', 20, 3), FACTS)
    expect(synced).toEqual([1_019])
    for (const [historyId, rows] of [
      ['this', 20],
      ['that', undefined],
    ] as const) {
      const reading = directoriesOf(environment, '/store', historyId).directories.of(3)
      const [again] = (await reading?.places()) ?? []
      const found = again && (await reading?.load(again, 1, FACTS))
      expect(found?.rows.count).toBe(rows)
    }
  })

  test('go when their collection is gone; what is not theirs stays', () =>
    withTemporaryDirectory(async (path) => {
      const { directories } = directoriesOf(nodeEnvironment(), path)
      await directories.removeOthers(() => false)
      for (const name of ['1', '2', '30', 'mine']) {
        await mkdir(join(path, 'index', name, '00000001'), { recursive: true })
        await writeFile(join(path, 'index', name, '00000001', 'rows.bin'), 'rows')
      }
      await writeFile(join(path, 'index', 'notes.txt'), 'notes')
      await writeFile(join(path, 'index', '5'), 'a file')
      const asked: number[] = []
      await directories.removeOthers((collection) => {
        asked.push(collection)
        return collection === 2
      })
      expect(asked).toEqual([1, 2, 30, 5])
      expect(await readdir(join(path, 'index'))).toEqual(['2', 'mine', 'notes.txt'])
      expect(await readdir(join(path, 'index', '2', '00000001'))).toEqual(['rows.bin'])
      await directories.close()
    }))
})
