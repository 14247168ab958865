import { describe, expect, test } from 'vitest'
import type { Files } from '../../lib/runtime/files.js'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const bytes = (content: string) => new TextEncoder().encode(content)

/** What every `Files` must do, so that the simulated disk cannot drift away from the real one. */
export function describeFiles(name: string, setup: () => Promise<{ files: Files; directory: string }>): void {
  async function put(files: Files, path: string, content: string): Promise<void> {
    const file = await files.open(path, 'create')
    await file.write(bytes(content), 0)
    await file.close()
  }

  describe(`${name} keeps the contract of Files`, () => {
    test('writes, reads, sizes and truncates at positions', async () => {
      const { files, directory } = await setup()
      const file = await files.open(`${directory}/a`, 'create')
      await file.write(bytes('hello world'), 0)
      file.writeNow(bytes('W'), 6)
      await file.write(bytes('!'), 10_000)
      await file.write(new Uint8Array(0), 50_000)
      await file.sync()
      file.writeNow(bytes('W'), 6)
      file.syncNow()
      expect(await file.size()).toBe(10_001)
      const into = new Uint8Array(16)
      expect(await file.read(into, 0)).toBe(16)
      expect(text(into)).toBe('hello World\0\0\0\0\0')
      expect(await file.read(into, 9_998)).toBe(3)
      expect(text(into.subarray(0, 3))).toBe('\0\0!')
      expect(await file.read(into, 20_000)).toBe(0)
      await file.truncate(5)
      await file.truncate(8)
      await file.close()
      expect(text(await files.readFile(`${directory}/a`))).toBe('hello\0\0\0')
      expect(await files.stat(`${directory}/a`)).toEqual({ kind: 'file', size: 8 })
    })

    test('writes and reads a view into a larger buffer, across pages', async () => {
      const { files, directory } = await setup()
      const whole = Uint8Array.from({ length: 20_000 }, (_, i) => i % 251)
      const file = await files.open(`${directory}/a`, 'create')
      await file.write(whole.subarray(100, 15_000), 4_000)
      file.writeNow(whole.subarray(15_000), 18_900)
      const into = new Uint8Array(30_000)
      expect(await file.read(into.subarray(50), 4_000)).toBe(19_900)
      expect(into.subarray(50, 19_950)).toEqual(whole.subarray(100))
      expect(into.subarray(19_950)).toEqual(new Uint8Array(10_050))
      await file.close()
    })

    test('opens by mode', async () => {
      const { files, directory } = await setup()
      const path = `${directory}/a`
      await expect(files.open(path, 'read')).rejects.toMatchObject({ code: 'ENOENT' })
      await expect(files.open(path, 'write')).rejects.toMatchObject({ code: 'ENOENT' })
      await put(files, path, 'one')
      await expect(files.open(path, 'create')).rejects.toMatchObject({ code: 'EEXIST' })
      const writer = await files.open(path, 'write')
      await writer.write(bytes('O'), 0)
      await writer.close()
      const reader = await files.open(path, 'read')
      const into = new Uint8Array(3)
      expect(await reader.read(into, 0)).toBe(3)
      expect(text(into)).toBe('One')
      await expect(reader.write(bytes('x'), 0)).rejects.toMatchObject({ code: 'EBADF' })
      expect(() => reader.writeNow(bytes('x'), 0)).toThrow(expect.objectContaining({ code: 'EBADF' }))
      await reader.close()
      await expect(files.open(`${path}/below`, 'create')).rejects.toMatchObject({ code: 'ENOTDIR' })
      await expect(files.open(`${directory}/no/file`, 'create')).rejects.toMatchObject({ code: 'ENOENT' })
    })

    test('a closed file answers EBADF, and closes once', async () => {
      const { files, directory } = await setup()
      const file = await files.open(`${directory}/a`, 'create')
      const writing = file.write(bytes('late'), 0)
      const closing = file.close()
      await expect(file.write(bytes('x'), 0)).rejects.toMatchObject({ code: 'EBADF' })
      expect(() => file.writeNow(bytes('x'), 0)).toThrow(expect.objectContaining({ code: 'EBADF' }))
      expect(() => file.syncNow()).toThrow(expect.objectContaining({ code: 'EBADF' }))
      await writing
      await closing
      await file.close()
      for (const call of [
        () => file.read(new Uint8Array(1), 0),
        () => file.sync(),
        () => file.size(),
        () => file.truncate(0),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: 'EBADF' })
      }
      expect(text(await files.readFile(`${directory}/a`))).toBe('late')
    })

    test('stat answers undefined for nothing, and knows directories', async () => {
      const { files, directory } = await setup()
      expect(await files.stat(`${directory}/a`)).toBeUndefined()
      await put(files, `${directory}/a`, '')
      expect(await files.stat(`${directory}/a/b`)).toBeUndefined()
      expect(await files.stat(directory)).toMatchObject({ kind: 'directory' })
    })

    test('makes directories with parents, lists them sorted, removes trees', async () => {
      const { files, directory } = await setup()
      await files.makeDirectory(`${directory}/x/y/z`)
      await files.makeDirectory(`${directory}/x/y`)
      for (const name of ['b', 'a', 'B', '10', '9']) await put(files, `${directory}/x/${name}`, name)
      expect(await files.list(`${directory}/x`)).toEqual(['10', '9', 'B', 'a', 'b', 'y'])
      await expect(files.makeDirectory(`${directory}/x/a`)).rejects.toMatchObject({ code: 'EEXIST' })
      await expect(files.makeDirectory(`${directory}/x/a/b`)).rejects.toMatchObject({ code: 'ENOTDIR' })
      await expect(files.list(`${directory}/no`)).rejects.toMatchObject({ code: 'ENOENT' })
      await expect(files.list(`${directory}/x/a`)).rejects.toMatchObject({ code: 'ENOTDIR' })
      await files.removeTree(`${directory}/x`)
      await files.removeTree(`${directory}/x`)
      expect(await files.list(directory)).toEqual([])
    })

    test('renames over what is there', async () => {
      const { files, directory } = await setup()
      await put(files, `${directory}/a`, 'new')
      await put(files, `${directory}/b`, 'old')
      const open = await files.open(`${directory}/b`, 'read')
      await files.rename(`${directory}/a`, `${directory}/b`)
      expect(await files.list(directory)).toEqual(['b'])
      expect(text(await files.readFile(`${directory}/b`))).toBe('new')
      const into = new Uint8Array(3)
      await open.read(into, 0)
      expect(text(into)).toBe('old')
      await open.close()
      await expect(files.rename(`${directory}/a`, `${directory}/c`)).rejects.toMatchObject({ code: 'ENOENT' })
    })

    test('renames directories, but not over a full one, a file, or into themselves', async () => {
      const { files, directory } = await setup()
      await files.makeDirectory(`${directory}/full`)
      await put(files, `${directory}/full/a`, 'a')
      await files.makeDirectory(`${directory}/empty`)
      await put(files, `${directory}/file`, '')
      const rename = (from: string, to: string) => files.rename(`${directory}/${from}`, `${directory}/${to}`)
      await expect(rename('empty', 'full')).rejects.toMatchObject({ code: 'ENOTEMPTY' })
      await expect(rename('empty', 'file')).rejects.toMatchObject({ code: 'ENOTDIR' })
      await expect(rename('file', 'empty')).rejects.toMatchObject({ code: 'EISDIR' })
      await expect(rename('full', 'full/below')).rejects.toMatchObject({ code: 'EINVAL' })
      await rename('full', 'empty')
      expect(text(await files.readFile(`${directory}/empty/a`))).toBe('a')
      expect(await files.list(directory)).toEqual(['empty', 'file'])
    })

    test('links a second name to the same file, and only to a free name', async () => {
      const { files, directory } = await setup()
      const [a, b] = [`${directory}/a`, `${directory}/b`]
      await put(files, a, 'one')
      await files.link(a, b)
      await expect(files.link(a, b)).rejects.toMatchObject({ code: 'EEXIST' })
      await expect(files.link(`${directory}/no`, `${directory}/c`)).rejects.toMatchObject({ code: 'ENOENT' })
      // POSIX: a rename onto another name of the same file does nothing.
      await files.rename(a, b)
      expect(await files.list(directory)).toEqual(['a', 'b'])
      const file = await files.open(a, 'write')
      await file.write(bytes('two'), 0)
      await file.close()
      await files.remove(a)
      expect(text(await files.readFile(b))).toBe('two')
      await expect(files.remove(a)).rejects.toMatchObject({ code: 'ENOENT' })
    })

    test('a removed file lives on while it is open', async () => {
      const { files, directory } = await setup()
      const file = await files.open(`${directory}/a`, 'create')
      await files.remove(`${directory}/a`)
      await file.write(bytes('still'), 0)
      expect(await file.size()).toBe(5)
      await file.close()
      await expect(files.readFile(`${directory}/a`)).rejects.toMatchObject({ code: 'ENOENT' })
    })

    test('syncs directories', async () => {
      const { files, directory } = await setup()
      await files.syncDirectory(directory)
      await expect(files.syncDirectory(`${directory}/no`)).rejects.toMatchObject({ code: 'ENOENT' })
    })
  })
}
