import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { putInPlace } from '../../lib/store/new-directory.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'

/** A directory with some content, and the name it is to get. */
async function withMade(body: (made: string, wanted: string) => Promise<void>): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    const [made, wanted] = [join(directory, 'made'), join(directory, 'wanted')]
    await mkdir(made)
    await writeFile(join(made, 'content'), 'ours')
    await body(made, wanted)
  })
}

test('what is whole gets its name', async () => {
  await withMade(async (made, wanted) => {
    await putInPlace(nodeFiles, made, wanted)
    expect(await readdir(wanted)).toEqual(['content'])
    await expect(readdir(made)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

test.each(['a directory', 'a file'])(
  '%s that took the name at the last moment is left alone',
  async (kind) => {
    await withMade(async (made, wanted) => {
      const theirs = kind === 'a file' ? wanted : join(wanted, 'theirs')
      const rename: typeof nodeFiles.rename = async (from, to) => {
        if (kind === 'a directory') await mkdir(wanted)
        await writeFile(theirs, 'theirs')
        await nodeFiles.rename(from, to)
      }
      await expect(putInPlace({ ...nodeFiles, rename }, made, wanted)).rejects.toMatchObject({
        code: 'PATH_EXISTS',
        details: { path: wanted },
      })
      expect(await readFile(theirs, 'utf8')).toBe('theirs')
      expect(await readdir(made)).toEqual(['content'])
    })
  },
)
