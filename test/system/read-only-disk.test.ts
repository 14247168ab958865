import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test, expect } from 'vitest'
import type { Files } from '../../lib/runtime/files.js'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { systemError } from '../../lib/runtime/system-error.js'
import { nodeEnvironment } from '../../lib/store/environment.js'
import { VectorStore } from '../../lib/store/vector-store.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'
import { contentOf, expectRefusal } from './refusal.js'

/** The machine's disk as it answers where nothing may be written; tests run as root too, whom no permission stops. */
function refusing(code: 'EROFS' | 'EACCES'): Files {
  const refuse = (syscall: string) => async (path: string) => {
    throw systemError(code, syscall, path)
  }
  return {
    ...nodeFiles,
    open: (path, mode) => (mode === 'read' ? nodeFiles.open(path, mode) : refuse('open')(path)),
    makeDirectory: async (path) => {
      if (!(await nodeFiles.stat(path))) await refuse('mkdir')(path)
    },
    rename: refuse('rename'),
    link: refuse('link'),
    remove: refuse('unlink'),
    removeTree: refuse('rm'),
  }
}

describe.each(['EROFS', 'EACCES'] as const)('a directory that answers %s', (code) => {
  const environment = { ...nodeEnvironment(), files: refusing(code) }

  test('refuses to be made a store, and nothing is there', async () => {
    await withTemporaryDirectory(async (directory) => {
      const path = join(directory, 'store')
      const { details } = await expectRefusal(
        () => VectorStore.openIn(environment, { path }),
        'STORAGE_FAILED',
        /writable/,
      )
      expect(details).toMatchObject({ reason: code })
      expect(await readdir(directory)).toEqual([])
    })
  })

  test('refuses to open the store it holds, which is whole once it can be written again', async () => {
    await withTemporaryDirectory(async (path) => {
      const store = await VectorStore.open({ path })
      const notes = await store.createCollection('notes', { dimensions: 2, metric: 'dot' })
      await notes.upsert({ id: 'a', vector: [1, 2], metadata: { n: 1 } })
      const content = await contentOf(store)
      await store.close()
      const { details } = await expectRefusal(
        () => VectorStore.openIn(environment, { path }),
        'STORAGE_FAILED',
        /writable/,
      )
      expect(details).toMatchObject({ reason: code })
      const again = await VectorStore.open({ path })
      expect(await contentOf(again)).toEqual(content)
      await again.close()
    })
  })
})
