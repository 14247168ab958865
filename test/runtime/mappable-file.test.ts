import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { assertMappable } from '../../lib/runtime/mappable-file.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'

test('a file can be mapped when it is there, a file, and not empty', async () => {
  await withTemporaryDirectory(async (directory) => {
    const path = (name: string) => join(directory, name)
    writeFileSync(path('full'), 'x')
    writeFileSync(path('empty'), '')
    expect(assertMappable(path('full'))).toBeUndefined()
    expect(() => assertMappable(path('none'))).toThrow(/ENOENT/)
    expect(() => assertMappable(path('empty'))).toThrow(/is empty/)
    expect(() => assertMappable(directory)).toThrow(/is not a file|EISDIR|EPERM|EACCES/)
  })
})
