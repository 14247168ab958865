import { join } from 'node:path'
import { ReplivecError } from '../errors.js'
import { readCheckedJson, writeCheckedJson } from '../runtime/checked-json.js'
import { acquireDirectoryLock, type DirectoryLock } from '../runtime/directory-lock.js'
import { makeDurableDirectory } from '../runtime/durable-directory.js'
import { BACKUP_NAME } from './backup-file.js'
import type { Environment } from './environment.js'

const CURRENT = 'CURRENT'
const FORMAT = 1
const GENERATION = /^generation-(\d+)$/
/** What a store has in its own directory as long as it has had no other generation. */
const FIRST_GENERATION = ['log', 'records', 'index']

/**
 * The directory of a store: it is one store's at a time, and says in which generation its data lies. The first generation lies in
 * the directory itself; each snapshot that a replica takes makes another one beside it, and `CURRENT` names the one that counts.
 */
export class StoreDirectory {
  readonly #environment: Environment
  /** The store's directory; a made-up one for a store in memory. */
  readonly path: string
  readonly #lock: DirectoryLock | undefined
  /** 0 for the first. */
  #generation: number
  /** A switch failed, perhaps after `CURRENT` had its new content. */
  #isUncertain = false

  private constructor(
    environment: Environment,
    path: string,
    lock: DirectoryLock | undefined,
    generation: number,
  ) {
    this.#environment = environment
    this.path = path
    this.#lock = lock
    this.#generation = generation
  }

  /**
   * Takes a directory, creating it when it is missing, and removes what does not count in it.
   *
   * @param path - `undefined` for a store in memory
   * @throws `LOCKED`, `OPTIONS_INVALID` when it is something else, `RECORDS_DAMAGED`, `FORMAT_UNSUPPORTED`
   */
  static async take(environment: Environment, path: string | undefined): Promise<StoreDirectory> {
    if (path === undefined) return new StoreDirectory(environment, 'memory', undefined, 0)
    await prepareDirectory(environment, path)
    const lock = await acquireDirectoryLock({ ...environment, directory: path })
    try {
      const directory = new StoreDirectory(environment, path, lock, await readCurrent(environment, path))
      // A process that died while it switched may have left a name that a power cut takes back: the other data is needed until then.
      await environment.files.syncDirectory(path)
      await directory.removeOthers()
      return directory
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  /** Where the data that counts lies. */
  get data(): string {
    return this.#placeOf(this.#generation)
  }

  /** Where data may be put beside the one that counts; nothing is there. */
  async beside(): Promise<string> {
    if (this.#isUncertain) {
      await this.#writeCurrent(this.#generation)
      this.#isUncertain = false
    }
    const place = this.#placeOf(this.#generation + 1)
    await this.#environment.files.removeTree(place)
    await this.#environment.files.makeDirectory(place)
    return place
  }

  /**
   * From now on, durably, the data that was put beside counts. What counted until then is still there. When this fails, what
   * counted goes on to count here, and nobody knows what would when the store is opened again: `beside` makes that certain.
   */
  async switchBeside(): Promise<void> {
    const { files } = this.#environment
    await files.syncDirectory(this.#placeOf(this.#generation + 1))
    await files.syncDirectory(this.path)
    this.#isUncertain = true
    await this.#writeCurrent(this.#generation + 1)
    this.#isUncertain = false
    this.#generation += 1
  }

  /** Removes the data that does not count. */
  async removeOthers(): Promise<void> {
    const { files } = this.#environment
    const own = `generation-${this.#generation}`
    for (const name of await files.list(this.path)) {
      const isOther = GENERATION.test(name)
        ? name !== own
        : this.#generation > 0 && FIRST_GENERATION.includes(name)
      if (isOther) await files.removeTree(join(this.path, name))
    }
  }

  /** Removes the data of one generation that does not count any more. @param place - what `data` was then */
  async remove(place: string): Promise<void> {
    const { files } = this.#environment
    const parts = place === this.path ? FIRST_GENERATION.map((name) => join(place, name)) : [place]
    for (const part of parts) await files.removeTree(part)
  }

  async release(): Promise<void> {
    await this.#lock?.release()
  }

  #writeCurrent(generation: number): Promise<void> {
    return writeCheckedJson(this.#environment.files, join(this.path, CURRENT), { format: FORMAT, generation })
  }

  #placeOf(generation: number): string {
    return generation === 0 ? this.path : join(this.path, `generation-${generation}`)
  }
}

async function readCurrent({ files }: Environment, path: string): Promise<number> {
  const current = join(path, CURRENT)
  if (!(await files.stat(current))) return 0
  const record = await readCheckedJson(files, current)
  if (!record) {
    throw new ReplivecError(
      'RECORDS_DAMAGED',
      `${current} is damaged: it says which of the store's generations counts. Restore a backup, or empty the directory of a replica, which then takes everything from its master again.`,
      { details: { file: current, reason: 'its checksum does not match' } },
    )
  }
  if (record.format !== FORMAT) {
    throw new ReplivecError(
      'FORMAT_UNSUPPORTED',
      `${current} has format ${String(record.format)}; this version reads format ${FORMAT}. Upgrade replivec.`,
      { details: { path: current, format: record.format, supported: FORMAT } },
    )
  }
  return record.generation as number
}

async function prepareDirectory({ files }: Environment, directory: string): Promise<void> {
  const found = await files.stat(directory)
  if (found && found.kind !== 'directory') {
    throw new ReplivecError('OPTIONS_INVALID', `The path ${directory} is a file; give a directory.`, {
      details: { option: 'path', path: directory },
    })
  }
  if (await files.stat(join(directory, BACKUP_NAME))) {
    throw new ReplivecError(
      'OPTIONS_INVALID',
      `The path ${directory} is a backup, not a store; VectorStore.restore makes a store of it elsewhere.`,
      { details: { option: 'path', path: directory } },
    )
  }
  await makeDurableDirectory(files, directory)
}
