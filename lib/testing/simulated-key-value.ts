import { ReplivecError } from '../errors.js'
import type {
  KeyValue,
  KeyValueEntry,
  KeyValueFactory,
  KeyValueRange,
  KeyValueReader,
  KeyValueSnapshot,
  KeyValueWrite,
} from '../records/key-value.js'
import { checkWrites, closedError, openElsewhereError } from '../records/key-value.js'
import { KeyValueVersion, VersionSnapshot, whileOpen } from '../records/key-value-version.js'
import type { Clock } from '../runtime/clock.js'
import { systemError } from '../runtime/system-error.js'
import type { SeededRandom } from './seeded-random.js'

/**
 * The key-value stores of one simulated machine: they keep their state over crashes of its process, lose what was not
 * flushed in a power cut, take their time as the seed decides, and fail on demand. Views they hand out are spoiled by
 * the next call, so that code which keeps one notices.
 */
export class SimulatedKeyValues {
  #factory = this.#newFactory()
  readonly #clock: Clock
  readonly #random: SeededRandom
  readonly #delayYieldsMax: number
  readonly #stores = new Map<string, SimulatedStore>()
  readonly #handles = new Map<string, SimulatedKeyValue>()
  readonly #damaged = new Set<string>()
  #failures = 0

  /** @param options.delayYieldsMax - each commit and flush lets other work run at most so many times; default 3 */
  constructor(options: { clock: Clock; random: SeededRandom; delayYieldsMax?: number }) {
    this.#clock = options.clock
    this.#random = options.random
    this.#delayYieldsMax = options.delayYieldsMax ?? 3
  }

  /** The stores of the running process; ask again after `crash` and `powerCut`: those of a dead one open nothing any more. */
  get factory(): KeyValueFactory {
    return this.#factory
  }

  /** The directories of the stores that are open. */
  get openDirectories(): readonly string[] {
    return [...this.#handles.keys()]
  }

  /** Ends the process: open stores answer `CLOSED`, commits under way are lost, all others stay. No failure is left over. */
  crash(): void {
    this.#factory = this.#newFactory()
    for (const handle of this.#handles.values()) handle.kill()
    this.#handles.clear()
    this.#failures = 0
  }

  /** Ends the process and falls back, in each store, to some state between the last flushed and the last committed. */
  powerCut(random: SeededRandom): void {
    this.crash()
    for (const store of this.#stores.values()) store.versions = [random.pick(store.versions)]
  }

  /** A directory is gone, and the stores under it with it. */
  removeTree(directory: string): void {
    for (const path of [...this.#stores.keys()]) {
      if (!`${path}/`.startsWith(`${directory}/`)) continue
      this.#stores.delete(path)
      this.#damaged.delete(path)
    }
  }

  /** Makes the next `count` commits, of any store, find the disk full: `STORAGE_FAILED`. */
  failNextCommits(count = 1): void {
    this.#failures += count
  }

  /** Damages what is stored in a directory: until discarded, opening it fails with `RECORDS_DAMAGED`. */
  damage(directory: string): void {
    this.#damaged.add(directory)
  }

  #newFactory(): KeyValueFactory {
    const checkAlive = (): void => {
      if (factory !== this.#factory) throw closedError('record store')
    }
    const factory: KeyValueFactory = {
      open: async (directory) => {
        await this.#delay()
        checkAlive()
        return this.#open(directory)
      },
      discard: async (directory) => {
        checkAlive()
        this.#discard(directory)
      },
    }
    return factory
  }

  #open(directory: string): KeyValue {
    if (this.#handles.has(directory)) throw openElsewhereError(directory)
    if (this.#damaged.has(directory)) {
      throw new ReplivecError(
        'RECORDS_DAMAGED',
        `The record store in ${directory} is damaged, because the simulation said so; discard it and rebuild.`,
        { details: { file: directory, reason: 'simulated' } },
      )
    }
    const store = this.#stores.get(directory) ?? { versions: [KeyValueVersion.empty] }
    this.#stores.set(directory, store)
    const handle = new SimulatedKeyValue(store, {
      delay: () => this.#delay(),
      takeFailure: () => this.#takeFailure(directory),
      closed: () => this.#handles.delete(directory),
    })
    this.#handles.set(directory, handle)
    return handle
  }

  #discard(directory: string): void {
    if (this.#handles.has(directory)) throw openElsewhereError(directory)
    this.#stores.delete(directory)
    this.#damaged.delete(directory)
  }

  async #delay(): Promise<void> {
    const count = this.#random.int(this.#delayYieldsMax + 1)
    for (let i = 0; i < count; i++) await this.#clock.yield()
  }

  #takeFailure(directory: string): ReplivecError | undefined {
    if (this.#failures === 0) return undefined
    this.#failures--
    return new ReplivecError(
      'STORAGE_FAILED',
      `The record store in ${directory} could not write: free disk space, then open it again.`,
      { cause: systemError('ENOSPC', 'write', directory), details: { directory } },
    )
  }
}

/** What is on the simulated disk: the last flushed version, and each committed since. */
interface SimulatedStore {
  versions: KeyValueVersion[]
}

/** What one open store needs from its machine. */
interface Machine {
  delay(): Promise<void>
  takeFailure(): ReplivecError | undefined
  closed(): void
}

class SimulatedKeyValue implements KeyValue {
  readonly keepsWrites = true
  readonly #store: SimulatedStore
  readonly #machine: Machine
  readonly #snapshots = new Set<VersionSnapshot>()
  readonly #views = new SpoiledViews()
  #state: 'open' | 'closing' | 'dead' = 'open'
  #failure: unknown
  #queue: Promise<void> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(store: SimulatedStore, machine: Machine) {
    this.#store = store
    this.#machine = machine
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#checkOpen()
    return this.#views.of(this.#version).get(key)
  }

  range(options: KeyValueRange): Iterable<KeyValueEntry> {
    return whileOpen(this.#views.of(this.#version).range(options), () => this.#checkOpen())
  }

  snapshot(): KeyValueSnapshot {
    this.#checkOpen()
    const version = this.#views.of(this.#version)
    const snapshot = new VersionSnapshot(version, (closed) => this.#snapshots.delete(closed))
    this.#snapshots.add(snapshot)
    return snapshot
  }

  async commit(writes: readonly KeyValueWrite[]): Promise<void> {
    this.#checkOpen()
    checkWrites(writes)
    await this.#enqueue(() => {
      this.#failure ??= this.#machine.takeFailure()
      this.#throwFailure()
      this.#store.versions.push(this.#version.apply(writes))
    })
  }

  async flushed(): Promise<void> {
    this.#checkOpen()
    await this.#enqueue(() => {
      this.#throwFailure()
      this.#store.versions = [this.#version]
    })
  }

  get bytes(): { memory: number; disk: number } {
    return { memory: 0, disk: this.#version.bytes }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** The process is gone: nothing of it acts on the disk any more. */
  kill(): void {
    this.#state = 'dead'
    for (const snapshot of this.#snapshots) snapshot.close()
  }

  get #version(): KeyValueVersion {
    return this.#store.versions.at(-1) ?? KeyValueVersion.empty
  }

  async #close(): Promise<void> {
    if (this.#state === 'dead') return
    this.#state = 'closing'
    await this.#queue
    if (this.#isDead()) return
    for (const snapshot of this.#snapshots) snapshot.close()
    // A store that closes in order has flushed; one whose commit failed has only what was flushed before.
    if (this.#failure === undefined) this.#store.versions = [this.#version]
    this.#machine.closed()
  }

  /** Runs `act` after everything asked for earlier and a delay, unless the process is gone by then. */
  #enqueue(act: () => void): Promise<void> {
    const acted = this.#queue.then(async () => {
      await this.#machine.delay()
      if (this.#isDead()) throw closedError('record store')
      act()
    })
    // The caller hears of a failure; the queue only waits.
    this.#queue = acted.catch(() => {})
    return acted
  }

  #isDead(): boolean {
    return this.#state === 'dead'
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  #checkOpen(): void {
    if (this.#state !== 'open') throw closedError('record store')
  }
}

/** Hands out copies of values and overwrites each at the next call, as a store that reuses its buffers would. */
class SpoiledViews {
  #handedOut: Uint8Array[] = []

  of(reader: KeyValueReader): KeyValueReader {
    return {
      get: (key) => {
        const value = reader.get(key)
        this.#spoil()
        return value && this.#copy(value)
      },
      range: (options) => this.#entries(reader.range(options)),
    }
  }

  *#entries(entries: Iterable<KeyValueEntry>): Generator<KeyValueEntry> {
    for (const { key, value } of entries) {
      this.#spoil()
      yield { key: this.#copy(key), value: this.#copy(value) }
    }
    this.#spoil()
  }

  #copy(bytes: Uint8Array): Uint8Array {
    const copy = bytes.slice()
    this.#handedOut.push(copy)
    return copy
  }

  #spoil(): void {
    for (const bytes of this.#handedOut) bytes.fill(0xdb)
    this.#handedOut = []
  }
}
