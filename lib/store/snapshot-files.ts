import { join } from 'node:path'
import { ReplivecError } from '../errors.js'
import type { PreparedSnapshot, SnapshotSource } from '../replication/log-source.js'
import type { OpenFile } from '../runtime/files.js'
import { randomName } from '../runtime/random.js'
import { systemErrorCode } from '../runtime/system-error.js'
import { copyRecords } from './backup.js'
import { BackupDecoder } from './backup-file.js'
import type { StoreParts } from './store-parts.js'

const DIRECTORY = 'snapshots'
const NAME = /^([0-9a-f]{16})\.snapshot$/
/** A snapshot that nobody uses is kept for the next replica, or for one whose link broke, for so long. */
const KEPT_MS = 10 * 60_000
/** So much of a file shows who it belongs to. */
const HEADER_BYTES = 64 * 1024

interface Snapshot extends PreparedSnapshot {
  readonly path: string
  users: number
  /** Removes it when nobody comes. */
  cancelTimer: (() => void) | undefined
}

/**
 * The snapshots that a master gives its replicas: files with everything as of one position, written once for all who need one. The
 * log is kept from there on as long as they are.
 */
export class SnapshotFiles implements SnapshotSource {
  readonly #parts: () => StoreParts
  readonly #directory: string
  readonly #snapshots = new Map<string, Snapshot>()
  readonly #open = new Map<string, Promise<OpenFile>>()
  readonly #abort = new AbortController()
  #making: Promise<Snapshot> | undefined
  #removing: Promise<void> = Promise.resolve()

  /** @param directory - of the store */
  constructor(directory: string, parts: () => StoreParts) {
    this.#directory = join(directory, DIRECTORY)
    this.#parts = parts
  }

  /** Takes up the snapshots of an earlier run that the log still goes on from; removes all others. */
  async load(): Promise<void> {
    const { files } = this.#parts().environment
    if (!(await files.stat(this.#directory))) return
    for (const name of await files.list(this.#directory)) {
      const path = join(this.#directory, name)
      const [, id] = NAME.exec(name) ?? []
      const snapshot = id === undefined ? undefined : await this.#found(id, path)
      if (snapshot && this.#isUsable(snapshot)) this.#keep(snapshot)
      else await files.remove(path)
    }
  }

  async prepare(resumeId: string, fromSeq: number): Promise<PreparedSnapshot> {
    const isFit = (snapshot: Snapshot): boolean =>
      this.#isUsable(snapshot) && snapshot.position.seq >= fromSeq
    const resumed = this.#snapshots.get(resumeId)
    const [newest] = [...this.#snapshots.values()]
      .filter(isFit)
      .sort((a, b) => b.position.seq - a.position.seq)
    const known = resumed && isFit(resumed) ? resumed : newest
    if (known) return this.#use(known)
    // What is being made may have been begun before the replica came so far.
    const made = this.#making && (await this.#making)
    if (made && isFit(made)) return this.#use(made)
    this.#making ??= this.#make().finally(() => {
      this.#making = undefined
    })
    return this.#use(await this.#making)
  }

  async read(id: string, atByte: number, maxBytes: number): Promise<Uint8Array> {
    const snapshot = this.#snapshots.get(id)
    if (!snapshot) throw gone(id)
    const piece = Buffer.allocUnsafe(Math.max(0, Math.min(maxBytes, snapshot.bytes - atByte)))
    let opened = this.#open.get(id)
    if (!opened) {
      opened = this.#parts().environment.files.open(snapshot.path, 'read')
      this.#open.set(id, opened)
    }
    const file = await opened
    const had = await file.read(piece, atByte)
    if (had < piece.byteLength) throw gone(id)
    return piece
  }

  release(id: string): void {
    const snapshot = this.#snapshots.get(id)
    if (!snapshot) return
    snapshot.users -= 1
    if (snapshot.users <= 0) this.#expireLater(snapshot)
  }

  /** Ends what is being made. Finished ones stay for the next run. */
  async close(): Promise<void> {
    this.#abort.abort(new ReplivecError('CLOSED', 'The store was closed.'))
    await this.#making?.catch(() => undefined)
    for (const { cancelTimer } of this.#snapshots.values()) cancelTimer?.()
    for (const opened of this.#open.values()) await opened.then((file) => file.close()).catch(() => undefined)
    await this.#removing
  }

  async #make(): Promise<Snapshot> {
    const parts = this.#parts()
    const { files, random } = parts.environment
    const id = randomName(random, 8)
    const path = join(this.#directory, `${id}.snapshot`)
    const temporary = `${path}.partial`
    // What is written from here on must still be in the log when the replica has the snapshot.
    parts.trimming.pin(id, parts.commitPath.visible.seq)
    try {
      await files.makeDirectory(this.#directory)
      const file = await files.open(temporary, 'create')
      let result: Awaited<ReturnType<typeof copyRecords>>
      try {
        result = await copyRecords(parts, file, false, { signal: this.#abort.signal })
      } finally {
        await file.close()
      }
      await files.rename(temporary, path)
      await files.syncDirectory(this.#directory)
      const snapshot = { id, path, ...result, users: 0, cancelTimer: undefined }
      this.#keep(snapshot)
      return snapshot
    } catch (error) {
      parts.trimming.release(id)
      await files.remove(temporary).catch((failure: unknown) => {
        if (systemErrorCode(failure) !== 'ENOENT') throw failure
      })
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
      decoder.push(beginning)
      const { historyId, epoch, seq } = decoder.header
      if (historyId !== this.#parts().log.identity.historyId) return undefined
      return { id, path, bytes, position: { epoch, seq }, users: 0, cancelTimer: undefined }
    } catch (error) {
      if (ReplivecError.is(error, 'BACKUP_INVALID') || ReplivecError.is(error, 'FORMAT_UNSUPPORTED'))
        return undefined
      throw error
    } finally {
      await file.close()
    }
  }

  /** The log goes on from it. */
  #isUsable({ position }: Snapshot): boolean {
    return position.seq + 1 >= this.#parts().log.oldestSeq
  }

  #keep(snapshot: Snapshot): void {
    this.#parts().trimming.pin(snapshot.id, snapshot.position.seq)
    this.#snapshots.set(snapshot.id, snapshot)
    this.#expireLater(snapshot)
  }

  #use(snapshot: Snapshot): PreparedSnapshot {
    const { id, position, bytes } = snapshot
    snapshot.users += 1
    snapshot.cancelTimer?.()
    return { id, position, bytes }
  }

  #expireLater(snapshot: Snapshot): void {
    snapshot.cancelTimer?.()
    snapshot.cancelTimer = this.#parts().environment.clock.timer(() => {
      this.#removing = this.#removing.then(() => this.#remove(snapshot)).catch(() => undefined)
    }, KEPT_MS)
  }

  async #remove({ id, path }: Snapshot): Promise<void> {
    const { environment, trimming } = this.#parts()
    this.#snapshots.delete(id)
    trimming.release(id)
    const opened = this.#open.get(id)
    this.#open.delete(id)
    if (opened) await (await opened).close()
    await environment.files.remove(path)
  }
}

function gone(id: string): ReplivecError {
  return new ReplivecError(
    'POSITION_LOST',
    `The snapshot ${id} is not there any more; ask for another one.`,
    {
      details: { snapshotId: id },
    },
  )
}
