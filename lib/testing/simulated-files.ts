import type { Files, OpenFile } from '../runtime/files.js'
import { systemError, systemErrorCode } from '../runtime/system-error.js'
import type { DiskOperation } from './disk-faults.js'
import type { SimulatedDrive } from './simulated-drive.js'
import { SimulatedFile } from './simulated-file.js'
import { SimulatedDirectory, type SimulatedNames } from './simulated-names.js'
import { SimulatedOpenFile, type Storage } from './simulated-open-file.js'

/** The files of one boot of a simulated machine, with the rules and error codes of POSIX as Linux has them. */
export class SimulatedFiles implements Files {
  readonly #drive: SimulatedDrive
  readonly #names: SimulatedNames
  readonly #storage: Storage

  constructor(drive: SimulatedDrive, names: SimulatedNames, storage: Storage) {
    this.#drive = drive
    this.#names = names
    this.#storage = storage
  }

  open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
    return this.#run('open', path, () => {
      const entry = this.#names.find(path, 'open')
      let node = entry.node
      if (mode === 'create') {
        if (node) throw systemError('EEXIST', 'open', path)
        node = new SimulatedFile()
        this.#names.set(entry, node)
      }
      const file = asFile(node, 'open', path)
      this.#drive.opened(file)
      return new SimulatedOpenFile(this.#drive, this.#storage, file, path, mode !== 'read')
    })
  }

  readFile(path: string): Promise<Uint8Array> {
    return this.#run('readFile', path, () => {
      const file = asFile(this.#names.find(path, 'readFile').node, 'readFile', path)
      const content = new Uint8Array(file.size)
      file.read(content, 0)
      return content
    })
  }

  stat(path: string): Promise<{ kind: 'file' | 'directory' | 'other'; size: number } | undefined> {
    return this.#run('stat', path, () => {
      const node = this.#lookup(path, 'stat')
      if (!node) return undefined
      return node instanceof SimulatedFile
        ? { kind: 'file', size: node.size }
        : { kind: 'directory', size: 0 }
    })
  }

  list(directory: string): Promise<string[]> {
    return this.#run('list', directory, () => {
      const node = this.#names.find(directory, 'list').node
      return [...asDirectory(node, 'list', directory).current.keys()].sort()
    })
  }

  /** One operation per level, so it can be interrupted between two. */
  async makeDirectory(directory: string): Promise<void> {
    const paths = levels(directory)
    for (const path of paths) {
      await this.#run('makeDirectory', path, () => {
        const entry = this.#names.find(path, 'makeDirectory')
        if (entry.node instanceof SimulatedFile) {
          throw systemError(path === paths.at(-1) ? 'EEXIST' : 'ENOTDIR', 'makeDirectory', path)
        }
        if (!entry.node) this.#names.set(entry, this.#names.newDirectory())
      })
    }
  }

  rename(from: string, to: string): Promise<void> {
    return this.#run('rename', from, () => {
      const source = this.#names.find(from, 'rename')
      const target = this.#names.find(to, 'rename')
      const { node } = source
      if (!node) throw systemError('ENOENT', 'rename', from)
      if (node === this.#names.root || target.node === this.#names.root)
        throw systemError('EBUSY', 'rename', to)
      // POSIX: two names of the same file both stay.
      if (node === target.node) return
      if (node instanceof SimulatedDirectory) {
        if (holds(node, target.directory)) throw systemError('EINVAL', 'rename', from)
        if (target.node) assertEmpty(asDirectory(target.node, 'rename', to), 'rename', to)
      } else if (target.node) {
        asFile(target.node, 'rename', to)
      }
      this.#names.rename(source, target)
    })
  }

  link(from: string, to: string): Promise<void> {
    return this.#run('link', to, () => {
      const source = this.#names.find(from, 'link')
      const target = this.#names.find(to, 'link')
      if (!source.node) throw systemError('ENOENT', 'link', from)
      if (source.node instanceof SimulatedDirectory) throw systemError('EPERM', 'link', from)
      if (target.node) throw systemError('EEXIST', 'link', to)
      this.#names.link(source, target)
    })
  }

  remove(path: string): Promise<void> {
    return this.#run('remove', path, () => {
      const entry = this.#names.find(path, 'remove')
      asFile(entry.node, 'remove', path)
      this.#names.set(entry, undefined)
    })
  }

  /** One operation per name, so it can be interrupted half-way. */
  async removeTree(directory: string): Promise<void> {
    if (this.#lookup(directory, 'remove') instanceof SimulatedDirectory) {
      for (const name of await this.list(directory)) await this.removeTree(`${directory}/${name}`)
    }
    await this.#run('remove', directory, () => {
      if (!this.#lookup(directory, 'remove')) return
      const entry = this.#names.find(directory, 'remove')
      if (entry.node === this.#names.root) throw systemError('EBUSY', 'remove', directory)
      if (entry.node instanceof SimulatedDirectory) assertEmpty(entry.node, 'remove', directory)
      this.#names.set(entry, undefined)
    })
  }

  /** What is captured at the call becomes durable; names changed while it runs wait for the next one. */
  async syncDirectory(directory: string): Promise<void> {
    const node = this.#lookup(directory, 'syncDirectory')
    const captured = node instanceof SimulatedDirectory ? this.#names.capture(node) : new Set<never>()
    await this.#run('syncDirectory', directory, () => {
      asDirectory(node, 'syncDirectory', directory)
      this.#names.commit(captured)
    })
  }

  #run<T>(operation: DiskOperation, path: string, apply: () => T): Promise<T> {
    return this.#drive.run({ operation, path, apply })
  }

  /** The node at a path, `undefined` when nothing is there. */
  #lookup(path: string, operation: DiskOperation): SimulatedFile | SimulatedDirectory | undefined {
    try {
      return this.#names.find(path, operation).node
    } catch (error) {
      const code = systemErrorCode(error)
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      throw error
    }
  }
}

type Node = SimulatedFile | SimulatedDirectory | undefined

function asFile(node: Node, operation: DiskOperation, path: string): SimulatedFile {
  if (!node) throw systemError('ENOENT', operation, path)
  if (node instanceof SimulatedDirectory) throw systemError('EISDIR', operation, path)
  return node
}

function asDirectory(node: Node, operation: DiskOperation, path: string): SimulatedDirectory {
  if (!node) throw systemError('ENOENT', operation, path)
  if (node instanceof SimulatedFile) throw systemError('ENOTDIR', operation, path)
  return node
}

function assertEmpty(directory: SimulatedDirectory, operation: DiskOperation, path: string): void {
  if (directory.current.size > 0) throw systemError('ENOTEMPTY', operation, path)
}

/** Whether `inner` is `outer` or lies somewhere below it. */
function holds(outer: SimulatedDirectory, inner: SimulatedDirectory): boolean {
  if (outer === inner) return true
  for (const node of outer.current.values()) {
    if (node instanceof SimulatedDirectory && holds(node, inner)) return true
  }
  return false
}

/** A path and all that lead to it, outermost first. */
function levels(path: string): string[] {
  const parts = path.split(/[\\/]+/).filter((part) => part !== '')
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
}
