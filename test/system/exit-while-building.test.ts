import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { VectorStore } from '../../lib/index.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'

const CHILD = fileURLToPath(new URL('exit-child.mjs', import.meta.url))

test('a process that exits while an index is built ends with its own exit code, and loses nothing', async () => {
  await withTemporaryDirectory(async (directory) => {
    const path = join(directory, 'store')
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [CHILD, path], {
      encoding: 'utf8',
    })
    expect({ status, signal, stderr }).toEqual({ status: 7, signal: null, stderr: '' })
    expect(stdout).toMatch(/^exits after \d+ of 20000\n$/)
    const store = await VectorStore.open({ path })
    const points = await store.openCollection('points')
    expect(points.getStats().records).toEqual({ live: 20_000 })
    await store.close()
  })
}, 60_000)
