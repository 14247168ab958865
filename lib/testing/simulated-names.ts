import { systemError } from '../runtime/system-error.js'
import type { SeededRandom } from './seeded-random.js'
import { SimulatedFile } from './simulated-file.js'

export type SimulatedNode = SimulatedFile | SimulatedDirectory

/** The names in one directory in two versions: what programs see, and what is on stable storage. */
export class SimulatedDirectory {
  current = new Map<string, SimulatedNode>()
  readonly durable = new Map<string, SimulatedNode>()

  /** @param id - unlike that of any other directory of the disk */
  constructor(readonly id: number) {}
}

/** One name in one directory, taken or not. */
export interface SimulatedEntry {
  readonly directory: SimulatedDirectory
  readonly name: string
  readonly node: SimulatedNode | undefined
}

/** Some names that change together, once: a creation, a removal, a rename (both its names), a link. */
interface NameChange {
  readonly entries: readonly SimulatedEntry[]
  /** What has to survive a power cut for this change to survive it. */
  readonly needs: readonly string[]
  /** What others may need of this change. */
  readonly gives: readonly string[]
}

/**
 * All names of a simulated disk. Every change is atomic and waits in a journal until the directory is synced. After a
 * power cut each waiting change survives or not as the seed decides, but never without the earlier changes of the same
 * names: a rename cannot survive the creation it renamed.
 */
export class SimulatedNames {
  #directoryCount = 0
  readonly root = this.newDirectory()
  #journal: NameChange[] = []

  /** A directory that has no name yet. */
  newDirectory(): SimulatedDirectory {
    return new SimulatedDirectory(this.#directoryCount++)
  }

  /**
   * Finds a path, whose last part need not exist. Both slashes separate, because callers join paths for their own
   * platform; a relative path starts at the root.
   *
   * @throws SystemError `ENOENT` or `ENOTDIR` when there is no directory to hold the last part
   */
  find(path: string, operation: string): SimulatedEntry {
    const names: string[] = []
    for (const part of path.split(/[\\/]+/)) {
      if (part === '..') names.pop()
      else if (part !== '' && part !== '.') names.push(part)
    }
    // The root has no name; it answers as an entry that nobody can change.
    const last = names.pop() ?? ''
    let directory = this.root
    for (const name of names) {
      const node = directory.current.get(name)
      if (!node) throw systemError('ENOENT', operation, path)
      if (node instanceof SimulatedFile) throw systemError('ENOTDIR', operation, path)
      directory = node
    }
    return { directory, name: last, node: last === '' ? this.root : directory.current.get(last) }
  }

  /** Gives (or, without a node, takes) one name. */
  set(entry: SimulatedEntry, node: SimulatedNode | undefined): void {
    this.#record([{ ...entry, node }], [])
  }

  /** Gives the node of `from` a second name. A later change of the first name needs this one: links survive in order. */
  link(from: SimulatedEntry, to: SimulatedEntry): void {
    this.#record([from, { ...to, node: from.node }], [])
  }

  rename(from: SimulatedEntry, to: SimulatedEntry): void {
    // A directory that is itself not on the disk yet must not swallow what is moved into it.
    const needs = from.directory === to.directory ? [] : [`#${to.directory.id}`]
    this.#record(
      [
        { ...from, node: undefined },
        { ...to, node: from.node },
      ],
      needs,
    )
  }

  /** What a sync of `directory`, asked for now, makes durable: its changes, and earlier ones that those need. */
  capture(directory: SimulatedDirectory): ReadonlySet<NameChange> {
    const captured = new Set<NameChange>()
    const needed = new Set<string>()
    for (const change of this.#journal.toReversed()) {
      const own = change.entries.some((entry) => entry.directory === directory)
      if (!own && !change.gives.some((key) => needed.has(key))) continue
      captured.add(change)
      for (const key of change.needs) needed.add(key)
    }
    return captured
  }

  commit(captured: ReadonlySet<NameChange>): void {
    for (const change of this.#journal) if (captured.has(change)) persist(change)
    this.#journal = this.#journal.filter((change) => !captured.has(change))
  }

  /** Leaves what a power cut leaves: every synced name, and of the other changes whatever `random` decides. */
  cutPower(random: SeededRandom): void {
    const lost = new Set<string>()
    for (const change of this.#journal) {
      if (random.chance(0.5) && !change.needs.some((key) => lost.has(key))) persist(change)
      else for (const key of change.gives) lost.add(key)
    }
    this.#journal = []
    for (const { node } of this.walkDurable()) {
      if (node instanceof SimulatedDirectory) node.current = new Map(node.durable)
    }
    this.root.current = new Map(this.root.durable)
  }

  /** Every durable path, parents before children. */
  *walkDurable(
    directory: SimulatedDirectory = this.root,
    path = '',
  ): Generator<{ path: string; node: SimulatedNode }> {
    for (const [name, node] of directory.durable) {
      yield { path: `${path}/${name}`, node }
      if (node instanceof SimulatedDirectory) yield* this.walkDurable(node, `${path}/${name}`)
    }
  }

  /** Every file that has a name now. */
  files(directory: SimulatedDirectory = this.root, found = new Set<SimulatedFile>()): Set<SimulatedFile> {
    for (const node of directory.current.values()) {
      if (node instanceof SimulatedFile) found.add(node)
      else this.files(node, found)
    }
    return found
  }

  /** Takes over what is durable in `other`, as durable names of copied files; two names of one file stay that. */
  copyDurable(other: SimulatedNames): void {
    const copies = new Map<SimulatedNode, SimulatedNode>([[other.root, this.root]])
    const copyOf = (node: SimulatedNode): SimulatedNode => {
      const copy =
        copies.get(node) ?? (node instanceof SimulatedFile ? node.durableCopy() : this.newDirectory())
      copies.set(node, copy)
      return copy
    }
    const fill = (from: SimulatedDirectory, to: SimulatedDirectory): void => {
      for (const [name, node] of from.durable) {
        const copy = copyOf(node)
        to.durable.set(name, copy)
        to.current.set(name, copy)
        if (node instanceof SimulatedDirectory && copy instanceof SimulatedDirectory) fill(node, copy)
      }
    }
    fill(other.root, this.root)
  }

  #record(entries: readonly SimulatedEntry[], needs: readonly string[]): void {
    const keys = entries.map(({ directory, name }) => `${directory.id}/${name}`)
    const placed = entries.flatMap(({ node }) => (node instanceof SimulatedDirectory ? [`#${node.id}`] : []))
    this.#journal.push({ entries, needs: [...keys, ...needs], gives: [...keys, ...placed] })
    for (const { directory, name, node } of entries) store(directory.current, name, node)
  }
}

function persist(change: NameChange): void {
  for (const { directory, name, node } of change.entries) store(directory.durable, name, node)
}

function store(names: Map<string, SimulatedNode>, name: string, node: SimulatedNode | undefined): void {
  if (node) names.set(name, node)
  else names.delete(name)
}
