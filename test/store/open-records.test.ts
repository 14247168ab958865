import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { VectorStore, type Warning } from '../../lib/index.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'

const VECTOR = new Array(256).fill(1)

/** A closed store that was written to; with `bytes` the log keeps no more than that. */
async function written(path: string, bytes: number, writes: number): Promise<void> {
  const replication = { role: 'standalone', retention: { bytes } } as const
  const store = await VectorStore.open({ path, replication, durability: 'buffered' })
  const things = await store.createCollection('things', { dimensions: 256, metric: 'dot' })
  for (let from = 0; from < writes; from += 4_000) {
    await things.upsert(Array.from({ length: 4_000 }, (_, i) => ({ id: `${from + i}`, vector: VECTOR })))
  }
  await store.close()
}

describe.each(['records', 'records/data.mdb'])('a lost %s', (lost) => {
  test('is rebuilt from a log that reaches back, with a warning', async () => {
    await withTemporaryDirectory(async (directory) => {
      await written(directory, 2 ** 30, 4_000)
      await rm(join(directory, lost), { recursive: true })
      const store = await VectorStore.open({ path: directory })
      const warnings: Warning[] = []
      store.on('warning', (warning) => warnings.push(warning))
      expect(await (await store.openCollection('things')).count()).toBe(4_000)
      await expect.poll(() => warnings.map(({ code }) => code)).toEqual(['RECORDS_DAMAGED'])
      await store.close()
    })
  })

  test('is RECORDS_DAMAGED where the log was trimmed', async () => {
    await withTemporaryDirectory(async (directory) => {
      await written(directory, 0, 80_000)
      await rm(join(directory, lost), { recursive: true })
      await expect(VectorStore.open({ path: directory })).rejects.toMatchObject({ code: 'RECORDS_DAMAGED' })
      // Without the note of what the record store was, as after a crash.
      await rm(join(directory, 'records'), { recursive: true, force: true })
      await mkdir(join(directory, 'records'))
      await expect(VectorStore.open({ path: directory })).rejects.toMatchObject({ code: 'RECORDS_DAMAGED' })
    })
  })
})

test('a damaged record store is kept while the log cannot replace it', async () => {
  await withTemporaryDirectory(async (directory) => {
    await written(directory, 2 ** 30, 4_000)
    const records = join(directory, 'records')
    const flip = async (path: string, at: number) => {
      const bytes = await readFile(path)
      bytes[at] = (bytes[at] as number) ^ 1
      await writeFile(path, bytes)
    }
    const data = await readFile(join(records, 'data.mdb'))
    await flip(join(records, 'records.manifest'), 20)
    await flip(join(directory, 'log', '0000000000000001.log'), 50_000)
    await expect(VectorStore.open({ path: directory })).rejects.toMatchObject({ code: 'LOG_CORRUPT' })
    expect((await readFile(join(records, 'data.mdb'))).equals(data)).toBe(true)
  })
})

test('of the files in the directory only those of the store are touched', async () => {
  await withTemporaryDirectory(async (directory) => {
    await (await VectorStore.open({ path: directory })).close()
    const [left, own] = [join(directory, 'scan-0123456789abcdef.tmp'), join(directory, 'scan-2024.pdf')]
    await writeFile(left, 'of a scan that died')
    await writeFile(own, 'of the host')
    await (await VectorStore.open({ path: directory })).close()
    expect(await readFile(own, 'utf8')).toBe('of the host')
    await expect(readFile(left)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
