import { join } from 'node:path'
import { ReplivecError } from '../errors.js'
import type { Position } from '../log/position.js'
import type { PreparedSnapshot, SnapshotBytes, SnapshotSource } from '../replication/log-source.js'
import type { OpenFile } from '../runtime/files.js'
import { randomName } from '../runtime/random.js'
import { systemErrorCode } from '../runtime/system-error.js'
import { copyRecords } from './backup.js'
import { BackupDecoder } from './backup-file.js'
import { FileGrowth } from './file-growth.js'
import { asStorageError, type StoreParts } from './store-parts.js'

const DIRECTORY = 'snapshots'
const NAME = /^([0-9a-f]{16})\.snapshot$/
/** A snapshot that nobody uses is kept for the next replica, or for one whose link broke, for so long. */
const KEPT_MS = 10 * 60_000
/** So much of a file shows who it belongs to. */
const HEADER_BYTES = 64 * 1024

interface Snapshot {
  readonly id: string
  readonly position: Position
  readonly path: string
  readonly growth: FileGrowth
  /** It is whole and durable, and has its name. */
  isKept: boolean
  users: number
  /** Removes it when nobody comes. */
  cancelTimer: (() => void) | undefined
}

/**
 * The snapshots that a master gives its replicas: files with everything as of one position, written once for all who need one, who
 * read them while they are written. The log is kept from there on as long as they are.
 */
export class SnapshotFiles implements SnapshotSource {
  readonly #parts: () => StoreParts
  readonly #warn: (error: ReplivecError) => void
  readonly #directory: string
  readonly #snapshots = new Map<string, Snapshot>()
  readonly #open = new Map<string, Promise<OpenFile>>()
  readonly #abort = new AbortController()
  /** One is made at a time: until it is begun, and until it is whole and durable. */
  #begun: Promise<Snapshot> | undefined
  #making: Promise<void> | undefined
  #removing: Promise<void> = Promise.resolve()

  /**
   * @param directory - of the store
   * @param warn - called when one cannot be made: no call of the host waits for it
   */
  constructor(directory: string, parts: () => StoreParts, warn: (error: ReplivecError) => void) {
    this.#directory = join(directory, DIRECTORY)
    this.#parts = parts
    this.#warn = warn
  }

  /** Takes up the snapshots of an earlier run that the log still goes on from; removes all others. */
  async load(): Promise<void> {
    const { files } = this.#parts().environment
    if (!(await files.stat(this.#directory))) return
    for (const name of await files.list(this.#directory)) {
      const path = join(this.#directory, name)
      const [, id] = NAME.exec(name) ?? []
      const snapshot = id === undefined ? undefined : await this.#found(id, path)
      if (snapshot && this.#isUsable(snapshot)) this.#add(snapshot)
      else await this.#discard(path)
    }
  }

  async prepare(resumeId: string, fromSeq: number): Promise<PreparedSnapshot> {
    const isFit = (snapshot: Snapshot): boolean =>
      this.#isThere(snapshot) && this.#isUsable(snapshot) && snapshot.position.seq >= fromSeq
    const resumed = this.#snapshots.get(resumeId)
    const [newest] = [...this.#snapshots.values()]
      .filter(isFit)
      .sort((a, b) => b.position.seq - a.position.seq)
    const known = resumed && isFit(resumed) ? resumed : newest
    if (known) return this.#use(known)
    // What is being made may have been begun before the replica came so far.
    const begun = this.#begun && (await this.#begun)
    if (begun && isFit(begun)) return this.#use(begun)
    await this.#making?.catch(() => undefined)
    this.#abort.signal.throwIfAborted()
    this.#begun ??= this.#begin()
    return this.#use(await this.#begun)
  }

  async read(id: string, atByte: number, maxBytes: number): Promise<SnapshotBytes> {
    const snapshot = this.#snapshots.get(id)
    if (!snapshot) throw gone(id)
    const { growth } = snapshot
    await growth.reaches(atByte + maxBytes)
    const piece = Buffer.allocUnsafe(Math.max(0, Math.min(maxBytes, growth.bytes - atByte)))
    const isLast = growth.isWhole && atByte + piece.byteLength >= growth.bytes
    const file = await this.#opened(snapshot)
    const had = await file.read(piece, atByte)
    if (had < piece.byteLength) throw gone(id)
    return { bytes: piece, isLast }
  }

  release(id: string): void {
    const snapshot = this.#snapshots.get(id)
    if (!snapshot) return
    snapshot.users -= 1
    this.#expireLater(snapshot)
  }

  /** Ends what is being made. Finished ones stay for the next run. */
  async close(): Promise<void> {
    this.#abort.abort(new ReplivecError('CLOSED', 'The store was closed.'))
    await this.#making?.catch(() => undefined)
    for (const { cancelTimer } of this.#snapshots.values()) cancelTimer?.()
    for (const id of [...this.#open.keys()]) await this.#closeFile(id)
    await this.#removing
  }

  /** Resolves as soon as the snapshot can be read from its beginning on; the rest of it is made meanwhile. */
  #begin(): Promise<Snapshot> {
    return new Promise((resolve, reject) => {
      this.#making = this.#make(resolve).finally(() => {
        this.#begun = undefined
        this.#making = undefined
      })
      this.#making.catch(reject)
    })
  }

  async #make(begun: (snapshot: Snapshot) => void): Promise<void> {
    const parts = this.#parts()
    const { files, random } = parts.environment
    const id = randomName(random, 8)
    const path = join(this.#directory, `${id}.snapshot`)
    const temporary = `${path}.partial`
    const growth = new FileGrowth()
    let snapshot: Snapshot | undefined
    // What is written from here on must still be in the log when the replica has the snapshot.
    parts.trimming.pin(id, parts.commitPath.visible.seq)
    try {
      await files.makeDirectory(this.#directory)
      const file = await files.open(temporary, 'create')
      this.#open.set(id, Promise.resolve(file))
      await copyRecords(parts, file, false, {
        signal: this.#abort.signal,
        onBegin: (position) => {
          snapshot = { id, path, position, growth, isKept: false, users: 0, cancelTimer: undefined }
          this.#add(snapshot)
          begun(snapshot)
        },
        onWritten: (bytes, isWhole) => growth.grown(bytes, isWhole),
      })
      await files.rename(temporary, path)
      await files.syncDirectory(this.#directory)
      if (snapshot) snapshot.isKept = true
    } catch (cause) {
      const error = asStorageError(cause, this.#directory)
      if (!ReplivecError.is(error, 'CLOSED')) this.#warn(notMade(error))
      snapshot?.cancelTimer?.()
      this.#snapshots.delete(id)
      parts.trimming.release(id)
      growth.failed(gone(id, error))
      await this.#closeFile(id)
      // It may have its name by now.
      for (const left of [temporary, path]) await this.#discard(left)
      throw error
    }
  }

  async #found(id: string, path: string): Promise<Snapshot | undefined> {
    const { files } = this.#parts().environment
    const file = await files.open(path, 'read')
    try {
      const bytes = await file.size()
      const beginning = Buffer.alloc(Math.min(bytes, HEADER_BYTES))
      await file.read(beginning, 0)
      const decoder = new BackupDecoder(path)
      decoder.push(beginning).next()
      const { historyId, epoch, seq } = decoder.header
      if (historyId !== this.#parts().log.identity.historyId) return undefined
      const growth = new FileGrowth(bytes)
      const position = { epoch, seq }
      return { id, path, growth, position, isKept: true, users: 0, cancelTimer: undefined }
    } catch (error) {
      if (ReplivecError.is(error, 'BACKUP_INVALID') || ReplivecError.is(error, 'FORMAT_UNSUPPORTED'))
        return undefined
      throw error
    } finally {
      await file.close()
    }
  }

  /** It was not removed, and its making has not failed. */
  #isThere(snapshot: Snapshot): boolean {
    return this.#snapshots.get(snapshot.id) === snapshot
  }

  /** The log goes on from it. */
  #isUsable({ position }: Snapshot): boolean {
    return position.seq + 1 >= this.#parts().log.oldestSeq
  }

  #add(snapshot: Snapshot): void {
    this.#parts().trimming.pin(snapshot.id, snapshot.position.seq)
    this.#snapshots.set(snapshot.id, snapshot)
    this.#expireLater(snapshot)
  }

  #use(snapshot: Snapshot): PreparedSnapshot {
    const { id, position, growth } = snapshot
    snapshot.users += 1
    snapshot.cancelTimer?.()
    return { id, position, bytes: growth.bytes }
  }

  #expireLater(snapshot: Snapshot): void {
    snapshot.cancelTimer?.()
    if (snapshot.users > 0) return
    snapshot.cancelTimer = this.#parts().environment.clock.timer(() => {
      this.#removing = this.#removing.then(() => this.#remove(snapshot)).catch(() => undefined)
    }, KEPT_MS)
  }

  async #remove(snapshot: Snapshot): Promise<void> {
    const { id, path, users, isKept } = snapshot
    if (users > 0 || !this.#isThere(snapshot)) return
    if (!isKept) return this.#expireLater(snapshot)
    this.#snapshots.delete(id)
    this.#parts().trimming.release(id)
    await this.#closeFile(id)
    await this.#discard(path)
  }

  #opened({ id, path }: Snapshot): Promise<OpenFile> {
    const known = this.#open.get(id)
    if (known) return known
    const opened = this.#parts().environment.files.open(path, 'read')
    this.#open.set(id, opened)
    // The next reader tries again.
    opened.catch(() => this.#open.delete(id))
    return opened
  }

  /** A file that cannot be closed is no reason to keep it. */
  async #closeFile(id: string): Promise<void> {
    const opened = this.#open.get(id)
    this.#open.delete(id)
    await opened?.then((file) => file.close()).catch(() => undefined)
  }

  /** Removes a file, if there is one. */
  async #discard(path: string): Promise<void> {
    try {
      await this.#parts().environment.files.remove(path)
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error
    }
  }
}

function gone(id: string, cause?: unknown): ReplivecError {
  return new ReplivecError(
    'POSITION_LOST',
    `The snapshot ${id} is not there any more; ask for another one.`,
    { cause, details: { snapshotId: id } },
  )
}

function notMade(cause: unknown): ReplivecError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const details = ReplivecError.is(cause) ? cause.details : {}
  return new ReplivecError(
    ReplivecError.is(cause) ? cause.code : 'STORAGE_FAILED',
    `No snapshot could be made for a replica that needs one: ${reason} It asks again by itself.`,
    { cause, details },
  )
}
