import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { RecordSpool, type SpooledRecord } from '../../lib/collection/record-spool.js'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { memoryFiles } from '../../lib/runtime/memory-files.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'

const MEBIBYTE = 1024 * 1024

function page(from: number, count: number, metadataLength: number): SpooledRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `id${from + i}\u{1f600}`,
    metadata: JSON.stringify({ text: 'é"\\'.repeat(metadataLength / 3), n: from + i }),
    vector: (from + i) % 3 === 0 ? undefined : Float32Array.of(from + i, -0.5, 3e38),
  }))
}

async function drain(spool: RecordSpool): Promise<SpooledRecord[]> {
  const all: SpooledRecord[] = []
  while (!spool.isEmpty) all.push(...(await spool.take()))
  return all
}

describe('a record spool', () => {
  test('stays in memory without a place for files', async () => {
    const spool = new RecordSpool(undefined)
    expect([spool.isEmpty, await spool.take()]).toEqual([true, []])
    const pages = [page(0, 3, 9 * MEBIBYTE), page(3, 3, 9)]
    for (const records of pages) await spool.push(records)
    expect(await drain(spool)).toEqual(pages.flat())
    await spool.close()
  })

  test('goes on in a file past 8 MiB, gives all back in order, and removes the file', async () => {
    await withTemporaryDirectory(async (directory) => {
      const path = join(directory, 'scan.tmp')
      const spool = new RecordSpool({ files: nodeFiles, path: () => path })
      const pages = [page(0, 3, 3 * MEBIBYTE), page(3, 5, 300), page(8, 4, 6), page(12, 1, 9 * MEBIBYTE)]
      await spool.push(pages[0] as SpooledRecord[])
      expect(await nodeFiles.list(directory)).toEqual([])
      for (const records of pages.slice(1)) await spool.push(records)
      expect(await nodeFiles.list(directory)).toEqual(['scan.tmp'])
      expect(await drain(spool)).toEqual(pages.flat())
      expect(await spool.take()).toEqual([])
      await spool.close()
      await spool.close()
      expect(await nodeFiles.list(directory)).toEqual([])
    })
  })

  test('is a queue, however pushing and taking alternate', async () => {
    const random = new SeededRandom('spool')
    const files = memoryFiles()
    const spool = new RecordSpool({ files, path: () => 'scan.tmp' })
    let pushed = 0
    const taken: SpooledRecord[] = []
    const expected: SpooledRecord[] = []
    for (let step = 0; step < 50; step++) {
      if (random.chance(0.6)) {
        const records = page(pushed, random.int(4), random.pick([3, 300, 3 * MEBIBYTE]))
        pushed += records.length
        expected.push(...records)
        await spool.push(records)
      } else taken.push(...(await spool.take()))
    }
    taken.push(...(await drain(spool)))
    expect(taken.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
    expect(taken.map(({ metadata }) => metadata.length)).toEqual(
      expected.map(({ metadata }) => metadata.length),
    )
    expect(taken.map(({ vector }) => vector)).toEqual(expected.map(({ vector }) => vector))
    await spool.close()
    expect(await files.stat('scan.tmp')).toBeUndefined()
  })
})
