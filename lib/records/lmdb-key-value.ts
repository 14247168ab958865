import { open, type RootDatabase, type Transaction } from 'lmdb'
import type { Clock } from '../runtime/clock.js'
import type { Files } from '../runtime/files.js'
import type {
  KeyValue,
  KeyValueEntry,
  KeyValueFactory,
  KeyValueRange,
  KeyValueSnapshot,
  KeyValueWrite,
} from './key-value.js'
import {
  checkKey,
  checkWrites,
  closedError,
  KEY_BYTES_MAX,
  openElsewhereError,
  plainBytes,
} from './key-value.js'
import { checkEntries, type EntryCheck } from './lmdb-entries.js'
import { recordStoreError, tooManySnapshotsError } from './lmdb-error.js'
import { beginChanges, checkDataFile, dataPath, discardDataFile, endChanges } from './lmdb-file.js'
import { MANIFEST_NAME } from './lmdb-manifest.js'
import { PendingCommits } from './pending-commits.js'

/** Each snapshot may take one reader of LMDB; reads of the store itself need one too. */
const SNAPSHOTS_MAX = 1_000
const READERS_MAX = SNAPSHOTS_MAX + 24

type Environment = RootDatabase<Uint8Array, Uint8Array>

/** The declared type leaves out the options that this call takes. */
interface FastReader {
  getBinaryFast(key: Uint8Array, options?: { transaction?: Transaction }): Uint8Array | undefined
}

/**
 * Key-value stores in LMDB files, one per directory, written on LMDB's own thread.
 *
 * Every transaction is synced before it counts as committed. `overlappingSync`, which lets a commit be visible before,
 * gained nothing here (a commit resolved after its sync all the same) and left a failed flush pending for ever.
 *
 * @param checkEntry - what every entry has to pass when a store is opened that was not closed in order
 */
export function lmdbKeyValues(files: Files, clock: Clock, checkEntry?: EntryCheck): KeyValueFactory {
  const directories = new Set<string>()
  return {
    async open(directory) {
      if (directories.has(directory)) throw openElsewhereError(directory)
      directories.add(directory)
      try {
        await files.makeDirectory(directory)
        const isClosed = (await files.stat(`${directory}/${MANIFEST_NAME}`)) !== undefined
        await checkDataFile(files, directory)
        const environment = openEnvironment(directory)
        try {
          await beginChanges(files, directory)
        } catch (error) {
          await environment.close()
          throw error
        }
        const disk = (await files.stat(dataPath(directory)))?.size ?? 0
        const close = (): unknown => directories.delete(directory)
        const store = new LmdbKeyValue({ files, clock, directory, environment }, disk, close)
        if (checkEntry && !isClosed) await store.check(checkEntry)
        return store
      } catch (error) {
        directories.delete(directory)
        throw recordStoreError(error, directory, 'open')
      }
    },
    async discard(directory) {
      if (directories.has(directory)) throw openElsewhereError(directory)
      await discardDataFile(files, directory)
    },
  }
}

function openEnvironment(directory: string): Environment {
  return open<Uint8Array, Uint8Array>({
    path: dataPath(directory),
    noSubdir: true,
    keyEncoding: 'binary',
    encoding: 'binary',
    cache: false,
    overlappingSync: false,
    // Batching by event turn opens a transaction of its own, whose failure nobody could catch.
    eventTurnBatching: false,
    maxReaders: READERS_MAX,
  })
}

/** An open environment and what is around it. */
interface LmdbPlace {
  readonly files: Files
  readonly clock: Clock
  readonly directory: string
  readonly environment: Environment
}

class LmdbKeyValue implements KeyValue {
  readonly keepsWrites = false
  readonly #files: Files
  readonly #clock: Clock
  readonly #directory: string
  readonly #environment: Environment
  readonly #onClose: () => void
  readonly #commits = new PendingCommits((writes) => this.#apply(writes))
  readonly #snapshots = new Set<LmdbSnapshot>()
  readonly #cursors = new Set<Iterator<KeyValueEntry>>()
  #diskBytes: number
  #isDamaged = false
  #closing: Promise<void> | undefined

  constructor({ files, clock, directory, environment }: LmdbPlace, diskBytes: number, onClose: () => void) {
    this.#files = files
    this.#clock = clock
    this.#directory = directory
    this.#environment = environment
    this.#diskBytes = diskBytes
    this.#onClose = onClose
  }

  /** Looks at every entry; closes when one is damaged. */
  async check(check: EntryCheck): Promise<void> {
    try {
      await checkEntries(this, dataPath(this.#directory), check, this.#clock.yield)
    } catch (error) {
      this.#isDamaged = true
      await this.close()
      throw error
    }
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#checkOpen()
    return this.#get(key)
  }

  range(options: KeyValueRange): Iterable<KeyValueEntry> {
    this.#checkOpen()
    return this.#entries(options, () => this.#checkOpen())
  }

  snapshot(): KeyValueSnapshot {
    this.#checkOpen()
    if (this.#snapshots.size >= SNAPSHOTS_MAX) throw tooManySnapshotsError(this.#directory, SNAPSHOTS_MAX)
    const snapshot = new LmdbSnapshot({
      transaction: this.#native('take a snapshot of', () => this.#environment.useReadTransaction()),
      get: (key, transaction) => this.#get(key, transaction),
      entries: (options, check, transaction) => this.#entries(options, check, transaction),
      closed: () => this.#snapshots.delete(snapshot),
    })
    this.#snapshots.add(snapshot)
    return snapshot
  }

  async commit(writes: readonly KeyValueWrite[]): Promise<void> {
    this.#checkOpen()
    checkWrites(writes)
    await this.#commits.add(writes)
  }

  async flushed(): Promise<void> {
    this.#checkOpen()
    // Every transaction is synced before it counts as committed.
    await this.#commits.settled()
  }

  get bytes(): { memory: number; disk: number } {
    return { memory: 0, disk: this.#diskBytes }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    // The failed commits have told their callers.
    await this.#commits.settled().catch(() => {})
    // LMDB unmaps the file: a cursor or transaction used after that ends the process.
    for (const cursor of this.#cursors) cursor.return?.()
    for (const snapshot of this.#snapshots) snapshot.close()
    await this.#environment.close()
    try {
      // A manifest would tell the next open that all of it is sound.
      if (!this.#commits.failed && !this.#isDamaged) await endChanges(this.#files, this.#directory)
    } finally {
      this.#onClose()
    }
  }

  #get(key: Uint8Array, transaction?: Transaction): Uint8Array | undefined {
    checkKey(key)
    const reader: FastReader = this.#environment
    const shared = this.#native('read', () =>
      reader.getBinaryFast(key, transaction === undefined ? {} : { transaction }),
    )
    // The buffer that LMDB reuses has a `length` of its own, less than what it holds.
    return shared && plainBytes(shared)
  }

  *#entries(
    { start, end, reverse = false, limit }: KeyValueRange,
    check: () => void,
    transaction?: Transaction,
  ): Generator<KeyValueEntry> {
    check()
    if (Buffer.compare(start, end) >= 0) return
    const range = this.#native('read', () =>
      this.#environment.getRange({
        start: boundOf(reverse ? end : start),
        end: boundOf(reverse ? start : end),
        reverse,
        exclusiveStart: reverse,
        inclusiveEnd: reverse,
        ...(limit === undefined ? {} : { limit }),
        ...(transaction === undefined ? {} : { transaction }),
      }),
    )
    const cursor = this.#native('read', () => range[Symbol.iterator]())
    this.#cursors.add(cursor)
    try {
      for (;;) {
        check()
        const step = this.#native('read', () => cursor.next())
        if (step.done) return
        yield { key: plainBytes(step.value.key), value: plainBytes(step.value.value) }
      }
    } finally {
      this.#cursors.delete(cursor)
      cursor.return?.()
    }
  }

  /** One transaction for all `commits`, on LMDB's thread; the caller keeps them reachable until it is done. */
  async #apply(commits: readonly (readonly KeyValueWrite[])[]): Promise<void> {
    const environment = this.#environment
    try {
      await environment.batch(() => {
        for (const writes of commits) {
          for (const { key, value } of writes) {
            if (value === undefined) environment.remove(key)
            else environment.put(key, value)
          }
        }
      })
    } catch (error) {
      throw recordStoreError(await commitCause(error, this.#clock), this.#directory, 'write')
    }
    // Only a number to show: where the disk cannot even tell it, the next commit will fail and say why.
    const found = await this.#files.stat(dataPath(this.#directory)).catch(() => undefined)
    this.#diskBytes = found?.size ?? this.#diskBytes
  }

  #native<T>(what: string, act: () => T): T {
    try {
      return act()
    } catch (error) {
      throw recordStoreError(error, this.#directory, what)
    }
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw closedError('record store')
  }
}

/** How a snapshot reads from its store. */
interface SnapshotSource {
  readonly transaction: Transaction
  get(key: Uint8Array, transaction: Transaction): Uint8Array | undefined
  entries(options: KeyValueRange, check: () => void, transaction: Transaction): Generator<KeyValueEntry>
  closed(): void
}

class LmdbSnapshot implements KeyValueSnapshot {
  readonly #source: SnapshotSource
  #closed = false

  constructor(source: SnapshotSource) {
    this.#source = source
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#checkOpen()
    return this.#source.get(key, this.#source.transaction)
  }

  range(options: KeyValueRange): Iterable<KeyValueEntry> {
    this.#checkOpen()
    return this.#source.entries(options, () => this.#checkOpen(), this.#source.transaction)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    // An iteration under way still holds the transaction; it lets go at its next step.
    this.#source.transaction.done()
    this.#source.closed()
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError('snapshot')
  }
}

/** No key is longer than `KEY_BYTES_MAX`, so one byte more of a bound decides everything; LMDB takes no long ones. */
function boundOf(bound: Uint8Array): Uint8Array {
  return bound.subarray(0, KEY_BYTES_MAX + 1)
}

/**
 * What failed a commit. lmdb rejects with a general error that holds a promise of the native one; the turn given to
 * other work is for the case that it never comes.
 */
async function commitCause(error: unknown, clock: Clock): Promise<unknown> {
  if (!(error instanceof Error && 'commitError' in error && error.commitError instanceof Promise))
    return error
  const native: Promise<unknown> = error.commitError.catch((cause: unknown) => cause)
  return Promise.race([native, clock.yield().then(() => error)])
}
