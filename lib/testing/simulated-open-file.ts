import type { OpenFile } from '../runtime/files.js'
import { systemError } from '../runtime/system-error.js'
import type { DiskOperation } from './disk-faults.js'
import type { SeededRandom } from './seeded-random.js'
import type { DriveTask, SimulatedDrive } from './simulated-drive.js'
import type { SimulatedFile } from './simulated-file.js'

/** What file contents depend on besides the file: space, and the seed that decides what a failure leaves. */
export interface Storage {
  readonly freeBytes: () => number
  readonly fates: SeededRandom
}

/** One open file of one boot. Dead (`EBADF`) once closed, and once its boot is over. */
export class SimulatedOpenFile implements OpenFile {
  readonly #drive: SimulatedDrive
  readonly #storage: Storage
  readonly #file: SimulatedFile
  readonly #path: string
  readonly #writable: boolean
  #closing: Promise<void> | undefined

  constructor(drive: SimulatedDrive, storage: Storage, file: SimulatedFile, path: string, writable: boolean) {
    this.#drive = drive
    this.#storage = storage
    this.#file = file
    this.#path = path
    this.#writable = writable
  }

  async size(): Promise<number> {
    this.#assertUsable('size')
    return this.#drive.run({ operation: 'size', path: this.#path, apply: () => this.#file.size })
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    this.#assertUsable('read', position)
    const apply = () => this.#file.read(into, position)
    return this.#drive.run({ operation: 'read', path: this.#path, apply })
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    return this.#drive.run(this.#writing(bytes, position))
  }

  writeNow(bytes: Uint8Array, position: number): void {
    this.#drive.runNow(this.#writing(bytes, position))
  }

  /** Makes durable what was written when it is called; what is written while it runs may be lost, as on a real disk. */
  async sync(): Promise<void> {
    return this.#drive.run(this.#syncing())
  }

  syncNow(): void {
    this.#drive.runNow(this.#syncing())
  }

  async truncate(size: number): Promise<void> {
    this.#assertUsable('truncate', size)
    this.#assertWritable('truncate')
    const apply = () => this.#file.truncate(size)
    return this.#drive.run({ operation: 'truncate', path: this.#path, apply })
  }

  /** Closed from the call on, even when it fails; later calls return the same promise. */
  async close(): Promise<void> {
    if (!this.#closing) {
      this.#assertUsable('close')
      const release = () => this.#drive.closed(this.#file)
      this.#closing = this.#drive.run({
        operation: 'close',
        path: this.#path,
        apply: release,
        fail: release,
      })
    }
    return this.#closing
  }

  #syncing(): DriveTask<void> {
    this.#assertUsable('sync')
    const capture = this.#file.capture()
    return {
      operation: 'sync',
      path: this.#path,
      apply: () => this.#file.commit(capture),
      fail: () => this.#file.dropCapture(capture, this.#storage.fates),
    }
  }

  /** A write that fails or is interrupted leaves its beginning, of a length that the seed decides. */
  #writing(bytes: Uint8Array, position: number): DriveTask<void> {
    this.#assertUsable('write', position)
    this.#assertWritable('write')
    const writeStart = () => {
      const length = this.#storage.fates.int(bytes.byteLength + 1)
      this.#writeFitting(bytes.subarray(0, length), position)
    }
    return {
      operation: 'write',
      path: this.#path,
      apply: () => {
        if (this.#writeFitting(bytes, position) < bytes.byteLength) {
          throw systemError('ENOSPC', 'write', this.#path)
        }
      },
      fail: writeStart,
      interrupt: writeStart,
    }
  }

  /** Writes as much as there is space for; returns how many bytes that was. */
  #writeFitting(bytes: Uint8Array, position: number): number {
    const length = this.#file.fits(position, bytes.byteLength, this.#storage.freeBytes())
    this.#file.write(bytes.subarray(0, length), position)
    return length
  }

  #assertUsable(operation: DiskOperation, position = 0): void {
    if (this.#closing || this.#drive.stopped) throw systemError('EBADF', operation, this.#path)
    if (!Number.isSafeInteger(position) || position < 0) throw systemError('EINVAL', operation, this.#path)
  }

  #assertWritable(operation: DiskOperation): void {
    if (!this.#writable) throw systemError('EBADF', operation, this.#path)
  }
}
