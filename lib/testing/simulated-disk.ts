import { ReplivecError } from '../errors.js'
import type { Clock } from '../runtime/clock.js'
import type { Files } from '../runtime/files.js'
import { DiskFaults, type DiskOperation, type FailProbability } from './disk-faults.js'
import { SeededRandom } from './seeded-random.js'
import { SimulatedClock } from './simulated-clock.js'
import { SimulatedDrive } from './simulated-drive.js'
import { SimulatedFile } from './simulated-file.js'
import { SimulatedFiles } from './simulated-files.js'
import { SimulatedDirectory, SimulatedNames } from './simulated-names.js'

/** What a simulated disk is made from. */
export interface SimulatedDiskOptions {
  /** Decides every delay, every fault and what a power cut leaves. */
  readonly seed: number | string
  /** Gives the turns that delayed operations wait for; only its `yield` is used. */
  readonly clock?: Clock
}

/** One operation, as a test sees it before it starts. */
export interface DiskEvent {
  /** Counts from 1 over the life of the disk. */
  readonly number: number
  readonly operation: DiskOperation
  readonly path: string
  /** The caller is held until it is done. */
  readonly isNow: boolean
}

/**
 * A whole disk in memory, as bad as a real one may be: what was not synced can be lost or torn, names that were not
 * synced can vanish, and operations can be slow or fail. The same seed and the same calls give the same outcome.
 *
 * After `crash` or `powerCut` the machine has started again: `files` is a new object. Everything of the old one is dead:
 * operations in flight and later calls reject with `EIO`, open files answer `EBADF`, and neither changes the disk any
 * more. (A real process would not be there to see it; rejecting lets a test wait for its old code to end.)
 */
export class SimulatedDisk {
  readonly seed: number | string
  /**
   * Space on the disk, in bytes; taken in whole pages of 4 KiB. A write that needs more writes what fits, then
   * fails with `ENOSPC`. Names take no space.
   */
  capacityBytes = Number.POSITIVE_INFINITY
  /** An asynchronous operation waits for up to this many turns of the event loop before it takes effect, and again after. */
  delayYieldsMax = 0
  /** Called before every operation; may call `crash` or `powerCut`, which the operation then does not survive. */
  beforeOperation: ((event: DiskEvent) => void) | undefined
  readonly #clock: Clock
  readonly #delays: SeededRandom
  readonly #fates: SeededRandom
  readonly #faults: DiskFaults
  readonly #names = new SimulatedNames()
  #operations = 0
  #drive: SimulatedDrive
  #files: Files

  constructor(options: SimulatedDiskOptions) {
    const random = new SeededRandom(options.seed)
    this.seed = options.seed
    this.#clock = options.clock ?? new SimulatedClock()
    this.#delays = random.fork('delays')
    this.#fates = random.fork('fates')
    this.#faults = new DiskFaults(random.fork('faults'))
    this.#drive = this.#newDrive()
    this.#files = this.#newFiles()
  }

  /** The files of the running machine; ask again after `crash` and `powerCut`. */
  get files(): Files {
    return this.#files
  }

  /** How many operations were asked for so far, over all boots. */
  get operations(): number {
    return this.#operations
  }

  /** How many files the running process holds open. */
  get openFiles(): number {
    return [...this.#drive.openFiles].length
  }

  /** Space taken, in bytes: whole pages of every file that has a name or is open. */
  get usedBytes(): number {
    let bytes = 0
    for (const file of new Set([...this.#names.files(), ...this.#drive.openFiles])) {
      bytes += file.allocatedBytes
    }
    return bytes
  }

  /** How likely an operation fails with `EIO`, 0 to 1: one number for all, or one per kind of operation. */
  get failProbability(): FailProbability {
    return this.#faults.probability
  }

  set failProbability(probability: FailProbability) {
    this.#faults.probability = probability
  }

  /**
   * Lets one coming operation fail. A failing `write` first writes a beginning of its bytes; a failing `sync` marks the
   * data clean without writing all of it, and does not fail again; a failing `close` closes; any other has no effect.
   *
   * @param code - such as `EIO` or `ENOSPC`
   * @param after - how many operations of that kind succeed first
   */
  failNext(operation: DiskOperation, code: string, after = 0): void {
    this.#faults.plan(operation, code, after)
  }

  /** The process dies: what it wrote stays, synced or not. A write in flight leaves a beginning of its bytes. */
  crash(): void {
    this.#drive.stop()
    this.#drive = this.#newDrive()
    this.#files = this.#newFiles()
  }

  /**
   * The machine loses power. What was synced stays. Of every other page the seed decides whether it is lost, kept or torn
   * at a sector of 512 bytes; of every other size and name whether it is the old or the new one (a size that grew may
   * also be any between).
   */
  powerCut(): void {
    this.crash()
    this.#names.cutPower(this.#fates)
    for (const file of this.#names.files()) file.cutPower(this.#fates)
  }

  /** Damage: inverts one bit, which the seed picks, of the byte at `offset`, durably. */
  flipBit(path: string, offset: number): void {
    const file = this.#existing(path)
    if (!Number.isSafeInteger(offset) || offset < 0 || offset >= file.size) {
      throw new ReplivecError(
        'OPTIONS_INVALID',
        `${path} has ${file.size} bytes: no bit to flip at ${offset}.`,
      )
    }
    file.flipBit(offset, this.#fates.int(8))
  }

  /** Damage: a file loses everything from `size` on, durably. */
  truncate(path: string, size: number): void {
    this.#existing(path).cutShort(size)
  }

  /** What the worst power cut would leave: the durable content of every durable file, by absolute path. */
  snapshot(): Map<string, Uint8Array> {
    const contents = new Map<string, Uint8Array>()
    for (const { path, node } of this.#names.walkDurable()) {
      if (node instanceof SimulatedDirectory) continue
      const copy = node.durableCopy()
      const content = new Uint8Array(copy.size)
      copy.read(content, 0)
      contents.set(path, content)
    }
    return contents
  }

  /** Another disk that holds what is durable on this one, with no faults set. */
  clone(options: SimulatedDiskOptions): SimulatedDisk {
    const clone = new SimulatedDisk(options)
    clone.#names.copyDurable(this.#names)
    return clone
  }

  #existing(path: string): SimulatedFile {
    const { node } = this.#names.find(path, 'open')
    if (node instanceof SimulatedFile) return node
    throw new ReplivecError('OPTIONS_INVALID', `${path} is not a file on the simulated disk.`)
  }

  #newDrive(): SimulatedDrive {
    return new SimulatedDrive({
      clock: this.#clock,
      delays: this.#delays,
      faults: this.#faults,
      delayYieldsMax: () => this.delayYieldsMax,
      count: (operation, path, isNow) => {
        this.#operations++
        this.beforeOperation?.({ number: this.#operations, operation, path, isNow })
      },
    })
  }

  #newFiles(): Files {
    const freeBytes = () =>
      this.capacityBytes === Number.POSITIVE_INFINITY
        ? Number.POSITIVE_INFINITY
        : Math.max(0, this.capacityBytes - this.usedBytes)
    return new SimulatedFiles(this.#drive, this.#names, { freeBytes, fates: this.#fates })
  }
}
