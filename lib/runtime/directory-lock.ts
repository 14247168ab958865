import { join } from 'node:path'
import { ReplivecError } from '../errors.js'
import type { Files } from './files.js'
import type { ProcessIdentity, Processes } from './process-identity.js'
import type { Random } from './random.js'
import { systemErrorCode } from './system-error.js'

const lockFormat = 1
/** Every further attempt means that somebody else changed the lock meanwhile, so a few are plenty. */
const attemptsMax = 32

/** The exclusive use of a directory. */
export interface DirectoryLock {
  /** Gives the directory back; later calls do nothing. Rejects with `STORAGE_FAILED`, and may then be called again. */
  release(): Promise<void>
}

/** What a lock needs of the machine, and the directory to lock. */
export interface DirectoryLockOptions {
  readonly files: Files
  readonly random: Random
  readonly processes: Processes
  /** Must exist. */
  readonly directory: string
}

/**
 * Takes the exclusive use of a directory, by a file `LOCK` in it that names this process. A lock whose owner died on
 * this host is taken over; one of another host never is, and neither is one that cannot be read: a lock is synced
 * before it gets its name, so no power cut leaves an empty or torn one, and its owner may well be alive.
 *
 * @throws ReplivecError `LOCKED` when it is held, with `details` `{ host, pid, path }` (host and pid null when the
 *   file cannot be read); `STORAGE_FAILED` when the directory cannot be written
 */
export async function acquireDirectoryLock(options: DirectoryLockOptions): Promise<DirectoryLock> {
  const owner = await options.processes.self()
  const token = Buffer.from(options.random.bytes(16)).toString('hex')
  const contender = new Contender(options, { ...owner, token })
  return reportingStorage(options.directory, 'lock', () => contender.acquire())
}

/** The content of a lock file. The token tells apart two locks of one process. */
interface LockRecord extends ProcessIdentity {
  readonly token: string
}

/**
 * One attempt to own `LOCK`.
 *
 * Where nothing is held, `link` decides. A dead owner's file is replaced under a *claim*: a second file, named after
 * the dead lock's token, that again only one contender can link. Whoever holds the claim checks that the dead lock is
 * still in place and renames the claim over it. No other contender may replace that lock and its owner is dead, so
 * nothing changes between the check and the rename, and `LOCK` is never missing while somebody owns it (moving a dead
 * lock away first would let a late contender move a living one). A contender that dies with a claim in hand leaves a
 * dead lock like any other, replaced under a claim of its own.
 */
class Contender {
  readonly #files: Files
  readonly #processes: Processes
  readonly #directory: string
  readonly #path: string
  readonly #temporary: string
  readonly #mine: LockRecord

  constructor(options: DirectoryLockOptions, mine: LockRecord) {
    this.#files = options.files
    this.#processes = options.processes
    this.#directory = options.directory
    this.#path = join(options.directory, 'LOCK')
    this.#temporary = `${this.#path}.${mine.token}.tmp`
    this.#mine = mine
  }

  async acquire(): Promise<DirectoryLock> {
    try {
      await this.#take()
      await this.#clear()
    } catch (error) {
      // We live on, so whatever we left would keep everybody out.
      await this.#removeIfThere(this.#temporary)
      await this.#release()
      throw error
    }
    return this.#lock()
  }

  async #take(): Promise<void> {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      await this.#prepare()
      if (!(await this.#attempt())) continue
      if ((await this.#read(this.#path))?.token === this.#mine.token) return
    }
    throw new ReplivecError('LOCKED', `Many processes want ${this.#directory} at once: try again later.`, {
      details: { host: null, pid: null, path: this.#path },
    })
  }

  /** Writes the temporary file that is linked to every name we take; complete and durable before it has such a name. */
  async #prepare(): Promise<void> {
    if ((await this.#files.stat(this.#temporary)) !== undefined) return
    const file = await this.#files.open(this.#temporary, 'create')
    try {
      await file.write(encode(this.#mine), 0)
      await file.sync()
    } finally {
      await file.close()
    }
  }

  /** @returns false when somebody else changed the lock meanwhile: look again */
  async #attempt(): Promise<boolean> {
    const linked = await this.#link(this.#path)
    if (linked !== 'taken') return linked === 'linked'
    const found = await this.#read(this.#path)
    if (found === undefined) return false
    await this.#refuseUnlessDead(this.#path, found)
    return this.#replace(this.#path, found)
  }

  /** Puts our record in the place of a dead one; false when it is not there any more. */
  async #replace(path: string, dead: LockRecord): Promise<boolean> {
    const claim = `${this.#path}.${dead.token}.claim`
    const linked = await this.#link(claim)
    if (linked === 'missing') return false
    if (linked === 'taken') {
      const claimant = await this.#read(claim)
      if (claimant === undefined) return false
      await this.#refuseUnlessDead(claim, claimant)
      if (!(await this.#replace(claim, claimant))) return false
    }
    let replaced = false
    try {
      if ((await this.#read(path))?.token !== dead.token) return false
      await this.#files.rename(claim, path)
      replaced = true
      return true
    } finally {
      if (!replaced) await this.#removeIfThere(claim)
    }
  }

  /** `'missing'`: a new owner has cleared our temporary file away. */
  async #link(path: string): Promise<'linked' | 'taken' | 'missing'> {
    try {
      await this.#files.link(this.#temporary, path)
      return 'linked'
    } catch (error) {
      const code = systemErrorCode(error)
      if (code === 'EEXIST') return 'taken'
      if (code === 'ENOENT') return 'missing'
      throw error
    }
  }

  async #refuseUnlessDead(path: string, holder: LockRecord): Promise<void> {
    const { host, pid } = holder
    const liveness = await this.#processes.isAlive(holder)
    if (liveness === 'dead') return
    const message =
      liveness === 'alive'
        ? `${this.#directory} is in use by process ${pid} on host ${host}: close the store there, or use another directory.`
        : `${this.#directory} is in use by process ${pid} on host ${host}, and host ${this.#mine.host} cannot tell ` +
          `whether it still runs. If it is gone for good, remove ${path} by hand.`
    throw new ReplivecError('LOCKED', message, { details: { host, pid, path } })
  }

  #lock(): DirectoryLock {
    let releasing: Promise<void> | undefined
    return {
      release: () => {
        releasing ??= reportingStorage(this.#directory, 'unlock', () => this.#release()).catch(
          (error: unknown) => {
            releasing = undefined
            throw error
          },
        )
        return releasing
      },
    }
  }

  async #release(): Promise<void> {
    const record = decode(await this.#content(this.#path))
    if (record?.token === this.#mine.token) await this.#removeIfThere(this.#path)
  }

  /**
   * Removes our temporary file and what dead contenders left. Only the owner does this, so no claim it removes can
   * matter; a living contender whose half-written temporary file goes too writes it again.
   */
  async #clear(): Promise<void> {
    await this.#removeIfThere(this.#temporary)
    for (const name of await this.#files.list(this.#directory)) {
      if (!/^LOCK\.[0-9a-f]{32}\.(tmp|claim)$/.test(name)) continue
      const path = join(this.#directory, name)
      const record = decode(await this.#content(path))
      if (record === undefined || (await this.#processes.isAlive(record)) === 'dead') {
        await this.#removeIfThere(path)
      }
    }
  }

  /** The record in a file, or `undefined` when there is no file. */
  async #read(path: string): Promise<LockRecord | undefined> {
    const content = await this.#content(path)
    if (content === undefined) return undefined
    const record = decode(content)
    if (record) return record
    throw new ReplivecError(
      'LOCKED',
      `${path} cannot be read: it is damaged, or a newer version of replivec wrote it. ` +
        `If no process on any host uses ${this.#directory}, remove that file by hand.`,
      { details: { host: null, pid: null, path } },
    )
  }

  async #content(path: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#files.readFile(path)
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined
      throw error
    }
  }

  async #removeIfThere(path: string): Promise<void> {
    try {
      await this.#files.remove(path)
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error
    }
  }
}

function encode(record: LockRecord): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ format: lockFormat, ...record })}\n`)
}

/** A record of this format, or `undefined` for anything else. The token becomes part of file names, so its form is checked. */
function decode(content: Uint8Array | undefined): LockRecord | undefined {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(content))
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const fields: { [name in 'format' | keyof LockRecord]?: unknown } = value
  const { format, host, pid, startedAt, boot, token } = fields
  if (format !== lockFormat || typeof host !== 'string' || typeof boot !== 'string') return undefined
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return undefined
  if (typeof startedAt !== 'string' || typeof token !== 'string' || !/^[0-9a-f]{32}$/.test(token))
    return undefined
  return { host, pid, startedAt, boot, token }
}

/** Turns a failure of the disk into the store's own error. */
async function reportingStorage<T>(
  directory: string,
  what: 'lock' | 'unlock',
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (ReplivecError.is(cause)) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ReplivecError(
      'STORAGE_FAILED',
      what === 'lock'
        ? `Could not lock ${directory} (${reason}): it must exist, be writable and allow hard links.`
        : `Could not unlock ${directory} (${reason}): repair the disk, then close it once more.`,
      { cause, details: { path: directory, reason: systemErrorCode(cause) ?? null } },
    )
  }
}
