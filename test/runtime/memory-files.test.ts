import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memoryFiles } from '../../lib/runtime/memory-files.js'
import { describeFiles } from './files-contract.js'

describeFiles('memoryFiles', async () => {
  const files = memoryFiles()
  await files.makeDirectory('memory')
  return { files, directory: 'memory' }
})

describe('memoryFiles', () => {
  test('takes paths with either slash, dots and a leading slash as the same path', async () => {
    const files = memoryFiles()
    await files.makeDirectory('store\\log')
    const file = await files.open('store/log/a', 'create')
    await file.write(Uint8Array.of(7), 0)
    await file.close()
    expect([...(await files.readFile('/store/./records/..\\log/a'))]).toEqual([7])
    expect(await files.list('store/log/..')).toEqual(['log'])
    expect(await files.list('/')).toEqual(['store'])
  })

  test('two stores share nothing', async () => {
    const [one, other] = [memoryFiles(), memoryFiles()]
    await one.open('a', 'create')
    expect(await one.list('.')).toEqual(['a'])
    expect(await other.list('.')).toEqual([])
  })

  test('a directory is no file', async () => {
    const files = memoryFiles()
    await files.makeDirectory('d')
    for (const call of [() => files.open('d', 'write'), () => files.readFile('d'), () => files.remove('d')]) {
      await expect(call()).rejects.toMatchObject({ code: 'EISDIR' })
    }
    await expect(files.open('d', 'create')).rejects.toMatchObject({ code: 'EEXIST' })
  })

  test('does not keep the bytes it was given, and gives none of its own away', async () => {
    const files = memoryFiles()
    const file = await files.open('a', 'create')
    const bytes = Uint8Array.of(1, 2, 3)
    await file.write(bytes, 0)
    bytes[0] = 9
    const copy = await files.readFile('a')
    copy[1] = 9
    const into = new Uint8Array(3)
    await file.read(into, 0)
    into[2] = 9
    expect([...(await files.readFile('a'))]).toEqual([1, 2, 3])
  })

  test('writes, truncations and reads agree with one plain array', async () => {
    const size = fc.integer({ min: 0, max: 20_000 })
    const step = fc.oneof(
      fc.record({ kind: fc.constant('write' as const), position: size, length: size }),
      fc.record({ kind: fc.constant('truncate' as const), position: size, length: fc.constant(0) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const files = memoryFiles()
        const file = await files.open('a', 'create')
        let model = new Uint8Array(0)
        for (const [index, { kind, position, length }] of steps.entries()) {
          const bytes = new Uint8Array(length).fill(index + 1)
          if (kind === 'write') await file.write(bytes, position)
          else await file.truncate(position)
          const written =
            kind === 'write' && length > 0 ? Math.max(model.length, position + length) : model.length
          const next = new Uint8Array(kind === 'write' ? written : position)
          next.set(model.subarray(0, next.length))
          if (kind === 'write' && length > 0) next.set(bytes, position)
          model = next
        }
        expect(Buffer.compare(await files.readFile('a'), model)).toBe(0)
        expect(await file.size()).toBe(model.length)
      }),
      { numRuns: 60 },
    )
  })
})
