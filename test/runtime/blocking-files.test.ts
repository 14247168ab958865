import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  BlockingReader,
  BlockingWriter,
  removeBlocking,
  renameBlocking,
} from '../../lib/runtime/blocking-files.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'

const random = new SeededRandom('blocking files')

test('pieces of any size are written in their order and read anywhere', async () => {
  await withTemporaryDirectory(async (directory) => {
    const path = join(directory, 'file')
    writeFileSync(path, 'what was there before')
    const pieces = [1, 0, 1_000, (1 << 20) - 1_001, 1, (1 << 20) * 2 + 5, 3].map((length) =>
      Buffer.from(Uint8Array.from({ length }, () => random.int(256))),
    )
    const writer = new BlockingWriter(path)
    for (const piece of pieces) writer.write(piece)
    writer.flush()
    writer.close()
    const expected = Buffer.concat(pieces)
    expect(readFileSync(path).equals(expected)).toBe(true)
    const reader = new BlockingReader(path)
    expect(reader.size).toBe(expected.length)
    for (let i = 0; i < 100; i++) {
      const from = random.int(expected.length)
      const length = random.int(expected.length - from)
      expect(reader.read(from, length).equals(expected.subarray(from, from + length))).toBe(true)
    }
    truncateSync(path, 100)
    expect(() => reader.read(90, 11)).toThrow(/ends at 100/)
    reader.close()
  })
})

test('files are renamed and removed, and what is not there is an error', async () => {
  await withTemporaryDirectory(async (directory) => {
    const [from, to] = [join(directory, 'from'), join(directory, 'to')]
    writeFileSync(from, 'content')
    renameBlocking(from, to)
    expect([existsSync(from), readFileSync(to, 'utf8')]).toEqual([false, 'content'])
    removeBlocking(to)
    expect(existsSync(to)).toBe(false)
    for (const call of [
      () => removeBlocking(to),
      () => renameBlocking(to, from),
      () => new BlockingReader(to),
    ]) {
      expect(call).toThrow(/ENOENT/)
    }
  })
})
