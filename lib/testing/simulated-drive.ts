import type { Clock } from '../runtime/clock.js'
import { systemError } from '../runtime/system-error.js'
import type { DiskFaults, DiskOperation } from './disk-faults.js'
import type { SeededRandom } from './seeded-random.js'
import type { SimulatedFile } from './simulated-file.js'

/** One operation on its way to a simulated disk. */
export interface DriveTask<T> {
  readonly operation: DiskOperation
  readonly path: string
  /** Takes effect, all at once; throws a `SystemError` when it cannot. */
  readonly apply: () => T
  /** What it leaves on the disk when a fault hits it. */
  readonly fail?: () => void
  /** What it leaves on the disk when the machine stops before it took effect. */
  readonly interrupt?: () => void
}

/** What a drive asks of the disk it belongs to. */
export interface DriveSettings {
  readonly clock: Clock
  readonly delays: SeededRandom
  readonly faults: DiskFaults
  readonly delayYieldsMax: () => number
  /** Counts an operation; may stop the drive. */
  readonly count: (operation: DiskOperation, path: string, isNow: boolean) => void
}

/** Runs the operations of one boot of a simulated machine: delays them, fails them, and ends them when it stops. */
export class SimulatedDrive {
  readonly #settings: DriveSettings
  readonly #waiting = new Set<DriveTask<unknown>>()
  readonly #handles = new Map<SimulatedFile, number>()
  #stopped = false

  constructor(settings: DriveSettings) {
    this.#settings = settings
  }

  get stopped(): boolean {
    return this.#stopped
  }

  /** Files that are open; they take space even without a name. */
  get openFiles(): Iterable<SimulatedFile> {
    return this.#handles.keys()
  }

  opened(file: SimulatedFile): void {
    this.#handles.set(file, (this.#handles.get(file) ?? 0) + 1)
  }

  closed(file: SimulatedFile): void {
    const left = (this.#handles.get(file) ?? 0) - 1
    if (left > 0) this.#handles.set(file, left)
    else this.#handles.delete(file)
  }

  /** It takes effect some turns of the event loop from now, and some turns later the caller learns of it. */
  async run<T>(task: DriveTask<T>): Promise<T> {
    const code = this.#admit(task, false)
    this.#waiting.add(task)
    try {
      await this.#delay(task)
    } finally {
      this.#waiting.delete(task)
    }
    const result = this.#finish(task, code)
    await this.#delay(task)
    return result
  }

  runNow<T>(task: DriveTask<T>): T {
    return this.#finish(task, this.#admit(task, true))
  }

  /** Ends the boot: from here on nothing of it reaches the disk. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    for (const task of this.#waiting) task.interrupt?.()
    this.#waiting.clear()
    this.#handles.clear()
  }

  /** @returns the error code with which the task has to fail, if it has to */
  #admit(task: DriveTask<unknown>, isNow: boolean): string | undefined {
    this.#assertRunning(task)
    this.#settings.count(task.operation, task.path, isNow)
    this.#assertRunning(task)
    return this.#settings.faults.next(task.operation)
  }

  #finish<T>(task: DriveTask<T>, code: string | undefined): T {
    if (code === undefined) return task.apply()
    task.fail?.()
    throw systemError(code, task.operation, task.path)
  }

  async #delay(task: DriveTask<unknown>): Promise<void> {
    const yieldsMax = this.#settings.delayYieldsMax()
    if (yieldsMax === 0) return
    for (let left = this.#settings.delays.int(yieldsMax + 1); left > 0; left--) {
      await this.#settings.clock.yield()
      this.#assertRunning(task)
    }
  }

  #assertRunning(task: DriveTask<unknown>): void {
    if (this.#stopped) throw systemError('EIO', task.operation, task.path)
  }
}
