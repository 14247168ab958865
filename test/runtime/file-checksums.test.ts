import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { describeFile, firstDifference } from '../../lib/runtime/file-checksums.js'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'

const directory = fs.mkdtempSync(join(tmpdir(), 'replivec-checksums-'))
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }))

test.each([0, 1, 1024 * 1024, 3 * 1024 * 1024 + 17])('describes a file of %d bytes', async (size) => {
  const file = join(directory, 'file')
  const bytes = new SeededRandom(size).bytes(size)
  fs.writeFileSync(file, bytes)
  const checksums: number[] = []
  for (let at = 0; at < size; at += 1024 * 1024) checksums.push(crc32(bytes.subarray(at, at + 1024 * 1024)))
  expect(await describeFile(nodeFiles, file)).toEqual({ size, checksums })
})

test('tells where two files differ', async () => {
  const [was, is] = [join(directory, 'was'), join(directory, 'is')]
  const bytes = new SeededRandom('differ').bytes(3 * 1024 * 1024)
  fs.writeFileSync(was, bytes)
  const before = await describeFile(nodeFiles, was)
  expect(firstDifference(before, before)).toBeUndefined()
  bytes[2_500_000] = (bytes[2_500_000] as number) ^ 4
  fs.writeFileSync(is, bytes)
  expect(firstDifference(before, await describeFile(nodeFiles, is))).toBe(2)
  fs.writeFileSync(is, bytes.subarray(1))
  expect(firstDifference(before, await describeFile(nodeFiles, is))).toBe('size')
})
