import type { Files, OpenFile } from './files.js'
import { systemError } from './system-error.js'

/** Smallest buffer of a file; it doubles as the file grows. */
const FILE_BYTES_MIN = 4_096

interface MemoryFile {
  bytes: Uint8Array
  size: number
}

/** Files that live in memory, for a store without a path. Nothing outlives the object. */
export function memoryFiles(): Files {
  const files = new Map<string, MemoryFile>()
  const directories = new Set<string>()
  const find = (path: string, call: string): MemoryFile => {
    const file = files.get(path)
    if (!file) throw systemError('ENOENT', call, path)
    return file
  }
  return {
    async open(path, mode) {
      if (mode === 'create') {
        if (files.has(path)) throw systemError('EEXIST', 'open', path)
        files.set(path, { bytes: new Uint8Array(FILE_BYTES_MIN), size: 0 })
      }
      return openMemoryFile(find(path, 'open'))
    },
    async readFile(path) {
      const file = find(path, 'open')
      return file.bytes.slice(0, file.size)
    },
    async stat(path) {
      const file = files.get(path)
      if (file) return { kind: 'file', size: file.size }
      return directories.has(path) ? { kind: 'directory', size: 0 } : undefined
    },
    async list(directory) {
      const prefix = `${directory}/`
      const names = [...files.keys(), ...directories].filter((path) => path.startsWith(prefix))
      return [...new Set(names.map((path) => path.slice(prefix.length).split('/')[0] as string))].sort()
    },
    async makeDirectory(directory) {
      directories.add(directory)
    },
    async rename(from, to) {
      files.set(to, find(from, 'rename'))
      files.delete(from)
    },
    async link(from, to) {
      if (files.has(to)) throw systemError('EEXIST', 'link', to)
      files.set(to, find(from, 'link'))
    },
    async remove(path) {
      find(path, 'unlink')
      files.delete(path)
    },
    async removeTree(directory) {
      for (const path of files.keys()) if (path.startsWith(`${directory}/`)) files.delete(path)
      directories.delete(directory)
    },
    async syncDirectory() {},
  }
}

function openMemoryFile(file: MemoryFile): OpenFile {
  const writeNow = (bytes: Uint8Array, position: number): void => {
    reserve(file, position + bytes.byteLength)
    file.bytes.set(bytes, position)
    file.size = Math.max(file.size, position + bytes.byteLength)
  }
  return {
    size: async () => file.size,
    async read(into, position) {
      const part = file.bytes.subarray(position, Math.min(file.size, position + into.byteLength))
      into.set(part)
      return part.byteLength
    },
    write: async (bytes, position) => writeNow(bytes, position),
    writeNow,
    async sync() {},
    async truncate(size) {
      reserve(file, size)
      file.bytes.fill(0, Math.min(size, file.size))
      file.size = size
    },
    async close() {},
  }
}

function reserve(file: MemoryFile, size: number): void {
  if (size <= file.bytes.byteLength) return
  const grown = new Uint8Array(Math.max(size, file.bytes.byteLength * 2))
  grown.set(file.bytes.subarray(0, file.size))
  file.bytes = grown
}
