import { access, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'

test('gives an empty directory and removes it, also when the body fails', async () => {
  const directories: string[] = []
  const body = async (directory: string) => {
    directories.push(directory)
    expect(await readdir(directory)).toEqual([])
    await writeFile(join(directory, 'file'), 'content')
    if (directories.length === 2) throw new Error('body failed')
    return 'done'
  }
  expect(await withTemporaryDirectory(body)).toBe('done')
  await expect(withTemporaryDirectory(body)).rejects.toThrow('body failed')
  expect(new Set(directories).size).toBe(2)
  for (const directory of directories)
    await expect(access(directory)).rejects.toMatchObject({ code: 'ENOENT' })
})
