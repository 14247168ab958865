import * as fs from 'node:fs'
import { dirname } from 'node:path'
import type { Files, OpenFile } from './files.js'
import { systemError, systemErrorCode } from './system-error.js'

// Node refuses a single read or write of 2 GiB and more.
const transferBytesMax = 2 ** 30

const openFlags = { read: 'r', write: 'r+', create: 'wx+' } as const

/** The machine's disk, through `node:fs`. */
export const nodeFiles: Files = {
  async open(path, mode) {
    const descriptor = await new Promise<number>((resolve, reject) => {
      fs.open(path, openFlags[mode], (error, opened) => (error ? reject(error) : resolve(opened)))
    })
    return new NodeOpenFile(path, descriptor)
  },

  async readFile(path) {
    const content = await fs.promises.readFile(path)
    return new Uint8Array(content.buffer, content.byteOffset, content.byteLength)
  },

  async stat(path) {
    try {
      const found = await fs.promises.stat(path)
      return { kind: found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other', size: found.size }
    } catch (error) {
      const code = systemErrorCode(error)
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      throw error
    }
  },

  list: async (directory) => (await fs.promises.readdir(directory)).sort(),

  makeDirectory,

  rename: (from, to) => fs.promises.rename(from, to),
  link: (from, to) => fs.promises.link(from, to),
  remove: (path) => fs.promises.unlink(path),
  removeTree: (directory) => fs.promises.rm(directory, { recursive: true, force: true }),

  async syncDirectory(directory) {
    let handle: fs.promises.FileHandle
    try {
      handle = await fs.promises.open(directory, 'r')
    } catch (error) {
      if (cannotSyncDirectories(error, ['EISDIR', 'EACCES', 'EPERM'])) return
      throw error
    }
    try {
      await handle.sync()
    } catch (error) {
      if (!cannotSyncDirectories(error, ['EBADF', 'EINVAL', 'EPERM'])) throw error
    } finally {
      await handle.close()
    }
  },
}

/**
 * Makes a directory and what is missing above it. Node's own recursive `mkdir` never ends, on a thread of its pool,
 * where a directory exists in which none can be made and the system says `ENOENT`, as under `/proc`.
 */
async function makeDirectory(directory: string): Promise<void> {
  try {
    await fs.promises.mkdir(directory)
  } catch (error) {
    const found = await nodeFiles.stat(directory)
    if (found?.kind === 'directory') return
    const parent = dirname(directory)
    if (systemErrorCode(error) !== 'ENOENT' || parent === directory || (await nodeFiles.stat(parent)))
      throw error
    await makeDirectory(parent)
    await makeDirectory(directory)
  }
}

/** Windows has no way to flush a directory and says so with these codes; anywhere else they are real failures. */
function cannotSyncDirectories(error: unknown, codes: readonly string[]): boolean {
  return process.platform === 'win32' && codes.includes(systemErrorCode(error) ?? '')
}

/**
 * One open descriptor. The callback API is wrapped by hand: a sync and a write are the hot path of every commit, and
 * this is the shortest way through `node:fs`.
 */
class NodeOpenFile implements OpenFile {
  readonly #path: string
  readonly #descriptor: number
  #inFlight = 0
  #closing: Promise<void> | undefined
  #drained: (() => void) | undefined

  constructor(path: string, descriptor: number) {
    this.#path = path
    this.#descriptor = descriptor
  }

  size(): Promise<number> {
    return this.#run<number>('fstat', (descriptor, done) => {
      fs.fstat(descriptor, (error, found) => done(error, found?.size))
    })
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    let offset = 0
    while (offset < into.byteLength) {
      const start = offset
      const length = Math.min(into.byteLength - start, transferBytesMax)
      const count = await this.#run<number>('read', (descriptor, done) => {
        fs.read(descriptor, into, start, length, position + start, done)
      })
      if (count === 0) break
      offset += count
    }
    return offset
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    let offset = 0
    while (offset < bytes.byteLength) {
      const start = offset
      const length = Math.min(bytes.byteLength - start, transferBytesMax)
      const count = await this.#run<number>('write', (descriptor, done) => {
        fs.write(descriptor, bytes, start, length, position + start, done)
      })
      offset += this.#progress(count)
    }
  }

  writeNow(bytes: Uint8Array, position: number): void {
    if (this.#closing) throw systemError('EBADF', 'write', this.#path)
    let offset = 0
    while (offset < bytes.byteLength) {
      const length = Math.min(bytes.byteLength - offset, transferBytesMax)
      offset += this.#progress(fs.writeSync(this.#descriptor, bytes, offset, length, position + offset))
    }
  }

  sync(): Promise<void> {
    return this.#run<void>('fdatasync', (descriptor, done) => fs.fdatasync(descriptor, done))
  }

  syncNow(): void {
    if (this.#closing) throw systemError('EBADF', 'fdatasync', this.#path)
    fs.fdatasyncSync(this.#descriptor)
  }

  truncate(size: number): Promise<void> {
    return this.#run<void>('ftruncate', (descriptor, done) => fs.ftruncate(descriptor, size, done))
  }

  /** Closes once the operations in flight are done; later calls return the same promise. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** The kernel reuses a descriptor number at once, so closing under an operation could hit another file. */
  async #close(): Promise<void> {
    if (this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve
      })
    }
    await new Promise<void>((resolve, reject) => {
      fs.close(this.#descriptor, (error) => (error ? reject(error) : resolve()))
    })
  }

  #run<T>(
    syscall: string,
    start: (descriptor: number, done: (error: Error | null, value?: T) => void) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#closing) return reject(systemError('EBADF', syscall, this.#path))
      this.#inFlight++
      start(this.#descriptor, (error, value) => {
        if (--this.#inFlight === 0) this.#drained?.()
        if (error) reject(error)
        else resolve(value as T)
      })
    })
  }

  /** A write that makes no progress and reports no error would loop for ever. */
  #progress(count: number): number {
    if (count === 0) throw systemError('EIO', 'write', this.#path)
    return count
  }
}
