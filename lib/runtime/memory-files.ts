import type { Files, OpenFile } from './files.js'
import { systemError } from './system-error.js'

/** Smallest buffer of a file; it doubles as the file grows. */
const FILE_BYTES_MIN = 4_096

interface MemoryFile {
  bytes: Uint8Array
  size: number
}

type Node = MemoryFile | 'directory' | undefined

/** Files that live in memory, for a store without a path. Nothing outlives the object. */
export function memoryFiles(): Files {
  return new MemoryFiles()
}

class MemoryFiles implements Files {
  /** By normalized path; the root is the empty one. */
  readonly #nodes = new Map<string, MemoryFile | 'directory'>([['', 'directory']])

  async open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
    if (mode === 'create') {
      const key = this.#place(path, 'open')
      if (this.#nodes.has(key)) throw systemError('EEXIST', 'open', path)
      this.#nodes.set(key, { bytes: new Uint8Array(FILE_BYTES_MIN), size: 0 })
    }
    return new OpenMemoryFile(this.#file(path, 'open'), path, mode !== 'read')
  }

  async readFile(path: string): Promise<Uint8Array> {
    const file = this.#file(path, 'open')
    return file.bytes.slice(0, file.size)
  }

  async stat(path: string): Promise<{ kind: 'file' | 'directory'; size: number } | undefined> {
    const node = this.#nodes.get(keyOf(path))
    if (!node) return undefined
    return node === 'directory' ? { kind: 'directory', size: 0 } : { kind: 'file', size: node.size }
  }

  async list(directory: string): Promise<string[]> {
    const key = this.#directory(directory, 'scandir')
    const prefix = key === '' ? '' : `${key}/`
    const below = [...this.#nodes.keys()].filter((path) => path !== '' && path.startsWith(prefix))
    const names = below.map((path) => path.slice(prefix.length))
    return names.filter((name) => !name.includes('/')).sort()
  }

  async makeDirectory(directory: string): Promise<void> {
    const names = keyOf(directory).split('/')
    for (let depth = 1; depth <= names.length; depth++) {
      const key = names.slice(0, depth).join('/')
      const node = this.#nodes.get(key)
      if (isFile(node)) throw systemError(depth === names.length ? 'EEXIST' : 'ENOTDIR', 'mkdir', directory)
      this.#nodes.set(key, 'directory')
    }
  }

  async rename(from: string, to: string): Promise<void> {
    const [source, target] = [this.#place(from, 'rename'), this.#place(to, 'rename')]
    const [node, replaced] = [this.#nodes.get(source), this.#nodes.get(target)]
    if (!node) throw systemError('ENOENT', 'rename', from)
    // POSIX: two names of the same file both stay.
    if (source === target || (isFile(node) && node === replaced)) return
    if (node === 'directory') {
      if (target.startsWith(`${source}/`)) throw systemError('EINVAL', 'rename', from)
      if (isFile(replaced)) throw systemError('ENOTDIR', 'rename', to)
      if (replaced && this.#below(target).length > 0) throw systemError('ENOTEMPTY', 'rename', to)
    } else if (replaced === 'directory') {
      throw systemError('EISDIR', 'rename', to)
    }
    for (const path of [source, ...this.#below(source)]) {
      this.#nodes.set(`${target}${path.slice(source.length)}`, this.#nodes.get(path) as MemoryFile)
      this.#nodes.delete(path)
    }
  }

  async link(from: string, to: string): Promise<void> {
    const file = this.#file(from, 'link')
    const key = this.#place(to, 'link')
    if (this.#nodes.has(key)) throw systemError('EEXIST', 'link', to)
    this.#nodes.set(key, file)
  }

  async remove(path: string): Promise<void> {
    this.#file(path, 'unlink')
    this.#nodes.delete(keyOf(path))
  }

  async removeTree(directory: string): Promise<void> {
    const key = keyOf(directory)
    for (const path of [key, ...this.#below(key)]) if (path !== '') this.#nodes.delete(path)
  }

  async syncDirectory(directory: string): Promise<void> {
    this.#directory(directory, 'open')
  }

  #file(path: string, call: string): MemoryFile {
    const node = this.#nodes.get(this.#place(path, call))
    if (!node) throw systemError('ENOENT', call, path)
    if (node === 'directory') throw systemError('EISDIR', call, path)
    return node
  }

  #directory(path: string, call: string): string {
    const key = this.#place(path, call)
    const node = this.#nodes.get(key)
    if (!node) throw systemError('ENOENT', call, path)
    if (node !== 'directory') throw systemError('ENOTDIR', call, path)
    return key
  }

  /** The key of a path whose parent is a directory; the path itself need not exist. */
  #place(path: string, call: string): string {
    const key = keyOf(path)
    const names = key.split('/')
    for (let depth = 1; depth < names.length; depth++) {
      const node = this.#nodes.get(names.slice(0, depth).join('/'))
      if (!node) throw systemError('ENOENT', call, path)
      if (node !== 'directory') throw systemError('ENOTDIR', call, path)
    }
    return key
  }

  #below(key: string): string[] {
    return [...this.#nodes.keys()].filter((path) => path.startsWith(key === '' ? '' : `${key}/`))
  }
}

/** Both slashes separate, because callers join paths for their own platform; a relative path starts at the root. */
function keyOf(path: string): string {
  const names: string[] = []
  for (const name of path.split(/[\\/]+/)) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return names.join('/')
}

function isFile(node: Node): node is MemoryFile {
  return node !== undefined && node !== 'directory'
}

class OpenMemoryFile implements OpenFile {
  readonly #file: MemoryFile
  readonly #path: string
  readonly #writable: boolean
  #closed = false

  constructor(file: MemoryFile, path: string, writable: boolean) {
    this.#file = file
    this.#path = path
    this.#writable = writable
  }

  async size(): Promise<number> {
    this.#use('fstat')
    return this.#file.size
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    const { bytes, size } = this.#use('read')
    const part = bytes.subarray(Math.min(size, position), Math.min(size, position + into.byteLength))
    into.set(part)
    return part.byteLength
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    this.writeNow(bytes, position)
  }

  writeNow(bytes: Uint8Array, position: number): void {
    const file = this.#use('write', true)
    if (bytes.byteLength === 0) return
    const end = position + bytes.byteLength
    reserve(file, end)
    file.bytes.set(bytes, position)
    file.size = Math.max(file.size, end)
  }

  async sync(): Promise<void> {
    this.syncNow()
  }

  syncNow(): void {
    this.#use('fdatasync')
  }

  async truncate(size: number): Promise<void> {
    const file = this.#use('ftruncate', true)
    reserve(file, size)
    // Past the end a buffer holds zeros only, so that growing again reads as zeros.
    if (size < file.size) file.bytes.fill(0, size, file.size)
    file.size = size
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  #use(call: string, writing = false): MemoryFile {
    if (this.#closed || (writing && !this.#writable)) throw systemError('EBADF', call, this.#path)
    return this.#file
  }
}

function reserve(file: MemoryFile, size: number): void {
  if (size <= file.bytes.byteLength) return
  const grown = new Uint8Array(Math.max(size, file.bytes.byteLength * 2))
  grown.set(file.bytes.subarray(0, file.size))
  file.bytes = grown
}
