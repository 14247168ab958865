import { join, resolve } from 'node:path'
import { EventEmitter } from 'eventemitter3'
import type { Abortable, Observable } from '../abortable.js'
import type { AuditReport, AuditVerifyOptions } from '../audit/audit-verification.js'
import { Collection } from '../collection/collection.js'
import type { CollectionHost, WriteCall, WriteOptions, WriteResult } from '../collection/collection-host.js'
import type { CollectionInfo, CollectionOptions } from '../collection/collection-settings.js'
import { checkOptions } from '../collection/call-options.js'
import { ReplivecError } from '../errors.js'
import type { Replication } from '../replication/replication.js'
import { type BackupResult, backupStore } from './backup.js'
import { randomName } from '../runtime/random.js'
import { untilAborted } from '../runtime/until-aborted.js'
import type { Catalogue } from './catalogue.js'
import { notFound } from './missing-collection.js'
import { checkCollectionName, checkCollectionOptions, checkConfigureOptions } from './collection-input.js'
import { type Environment, memoryEnvironment, nodeEnvironment } from './environment.js'
import type { StagedCommit } from './commit-path.js'
import { restoreStore } from './restore.js'
import { EventDelivery } from './event-delivery.js'
import type { StoreEvents } from './store-events.js'
import {
  checkPath,
  type PreparedStoreOptions,
  prepareStoreOptions,
  type StoreOptions,
} from './store-options.js'
import { closedError, OpenStore } from './open-store.js'
import { asStorageError, type StoreParts } from './store-parts.js'
import type { StoreStats } from './store-stats.js'
import { type VerifyReport, verifyStore } from './verify.js'
import { verifyAuditAt, verifyOpenAudit } from './verify-audit.js'

/**
 * A vector database inside this process: collections of records with vectors and metadata, durable in a directory or
 * in memory only.
 *
 * @example
 * ```ts
 * import { VectorStore } from 'replivec'
 *
 * const store = await VectorStore.open({ path: './data' })
 * const notes = await store.getOrCreateCollection<{ topic: string }>('notes', {
 *   dimensions: 3,
 *   metric: 'cosine',
 *   indexed: ['topic'],
 * })
 * await notes.upsert({ id: 'a', vector: [1, 0, 0], metadata: { topic: 'x' } })
 * const hits = await notes.search({ vector: [1, 0.1, 0], topK: 1, filter: { topic: 'x' } })
 * console.log(hits[0]?.id)
 * await store.close()
 * ```
 */
export class VectorStore extends EventEmitter<StoreEvents> implements AsyncDisposable {
  readonly #options: PreparedStoreOptions
  readonly #openedAtMs: number
  #store: OpenStore | undefined
  #isClosed = false
  readonly #events: EventDelivery

  private constructor(options: PreparedStoreOptions, environment: Environment) {
    if (!options)
      throw new ReplivecError('OPTIONS_INVALID', 'Open a store with await VectorStore.open(options).')
    super()
    this.#options = options
    this.#events = new EventDelivery(this, options.logger)
    this.#openedAtMs = environment.clock.now()
  }

  /**
   * Opens the store of a directory, or creates it; without a `path` it lives in memory.
   *
   * @throws `LOCKED` when the directory is in use, `OPTIONS_INVALID`, `STORAGE_FAILED`, `LOG_CORRUPT`,
   *   `RECORDS_DAMAGED`, `FORMAT_UNSUPPORTED`; `TRANSPORT_FAILED` when a master's transport cannot listen
   */
  static async open(options: StoreOptions = {}): Promise<VectorStore> {
    const prepared = prepareStoreOptions(options)
    return VectorStore.#openWith(
      prepared.path === undefined ? memoryEnvironment() : nodeEnvironment(),
      prepared,
    )
  }

  /** @internal Opens a store on another machine than this one: a simulated one. */
  static async openIn(environment: Environment, options: StoreOptions): Promise<VectorStore> {
    return VectorStore.#openWith(environment, prepareStoreOptions(options))
  }

  static async #openWith(environment: Environment, prepared: PreparedStoreOptions): Promise<VectorStore> {
    const clock = prepared.clock ?? environment.clock
    const store = new VectorStore(prepared, { ...environment, clock })
    store.#store = await OpenStore.open(
      prepared,
      { ...environment, clock },
      store.#events.listener(),
      (parts, catalogue) => store.#hostFor(parts, catalogue),
      () => void store.#use(),
    )
    // Whoever awaits `open` can listen only now.
    clock.yield().then(() => store.#events.deliverWarnings())
    return store
  }

  /**
   * Builds a store from a backup, in a directory that must not exist. Every checksum of the backup is verified first.
   * The restored store begins a history of its own.
   *
   * @throws `BACKUP_INVALID`, `PATH_EXISTS`, `STORAGE_FAILED`
   */
  static async restore(backup: string, path: string, options: Abortable & Observable = {}): Promise<void> {
    checkOptions(options, 'restore')
    checkPath('backup', backup)
    checkPath('path', path)
    try {
      await restoreStore(nodeEnvironment(), resolve(backup), resolve(path), options)
    } catch (error) {
      throw asStorageError(error, path)
    }
  }

  /** This store's part in replication. */
  get replication(): Replication {
    return (this.#store as OpenStore).replication
  }

  /** @throws `COLLECTION_EXISTS`, `OPTIONS_INVALID` */
  async createCollection<M extends object = Record<string, unknown>>(
    name: string,
    options: CollectionOptions<NoInfer<M>> & WriteOptions,
  ): Promise<Collection<M>> {
    const { catalogue, commitPath } = this.#use()
    const checked = checkCollectionOptions(options, 'createCollection')
    return asTyped<M>(await catalogue.create(commitPath, checkCollectionName(name), checked, options))
  }

  /** @throws `COLLECTION_NOT_FOUND` */
  async openCollection<M extends object = Record<string, unknown>>(name: string): Promise<Collection<M>> {
    const collection = this.#use().catalogue.get(checkCollectionName(name))
    if (!collection) throw notFound(name, this.replication.role === 'replica')
    return asTyped<M>(collection)
  }

  /**
   * Opens a collection or creates it; `backend` and `indexed`, where given, are brought to what is asked for.
   *
   * @throws `COLLECTION_MISMATCH` when it exists with another `dimensions` or `metric`
   */
  async getOrCreateCollection<M extends object = Record<string, unknown>>(
    name: string,
    options: CollectionOptions<NoInfer<M>> & WriteOptions,
  ): Promise<Collection<M>> {
    const { catalogue, commitPath } = this.#use()
    const checked = checkCollectionOptions(options, 'getOrCreateCollection')
    let existing = catalogue.get(checkCollectionName(name))
    commitPath.checkConcern(options.writeConcern)
    options.signal?.throwIfAborted()
    if (!existing) {
      try {
        return asTyped<M>(await catalogue.create(commitPath, name, checked, options))
      } catch (error) {
        // Another call created it at the same time.
        if (!ReplivecError.is(error, 'COLLECTION_EXISTS')) throw error
        await commitPath.settled()
        existing = catalogue.get(name)
        if (!existing) throw error
      }
    }
    const { dimensions, metric } = existing
    if (dimensions !== checked.dimensions || metric !== checked.metric) {
      throw new ReplivecError(
        'COLLECTION_MISMATCH',
        `The collection '${name}' has ${dimensions} dimensions and the metric '${metric}', not ${checked.dimensions} and '${checked.metric}'. Use another name, or drop it.`,
        { details: { name, dimensions, metric } },
      )
    }
    const { dimensions: _, metric: __, ...settings } = options
    if (options.backend !== undefined || options.indexed !== undefined) await existing.configure(settings)
    return asTyped<M>(existing)
  }

  /** Drops a collection with all its records. Its handles answer `COLLECTION_NOT_FOUND` from then on. */
  async dropCollection(name: string, options: WriteOptions = {}): Promise<WriteResult> {
    const { catalogue, commitPath } = this.#use()
    checkOptions(options, 'dropCollection')
    return catalogue.drop(commitPath, checkCollectionName(name), options)
  }

  /** All collections, by name. */
  listCollections(): CollectionInfo[] {
    return this.#use().catalogue.list()
  }

  getStats(): StoreStats {
    const { log, applier, commitPath, catalogue, keyValues, views } = this.#use()
    return {
      nodeId: log.identity.nodeId,
      historyId: log.identity.historyId,
      durability: this.#options.isSync ? 'sync' : 'buffered',
      position: { ...commitPath.visible },
      openedAtMs: this.#openedAtMs,
      readOnly: commitPath.failure?.code ?? null,
      collections: catalogue.states().map((state) => state.stats()),
      log: { oldestSeq: log.oldestSeq, headSeq: log.head.seq, durableSeq: log.durableSeq, bytes: log.bytes },
      records: {
        appliedSeq: applier.appliedSeq,
        flushedSeq: applier.flushedSeq,
        backlogBytes: applier.backlogBytes,
        memoryBytes: keyValues.bytes.memory,
        diskBytes: keyValues.bytes.disk,
      },
      audit: this.#store?.audit?.stats() ?? null,
      pinnedViews: views.size,
    }
  }

  /**
   * Copies the store, as of one position, into a new directory, while writes go on.
   *
   * @throws `PATH_EXISTS`, `STORAGE_FAILED`
   */
  async backup(directory: string, options: Abortable & Observable = {}): Promise<BackupResult> {
    const parts = this.#use()
    checkOptions(options, 'backup')
    checkPath('directory', directory)
    try {
      return await backupStore(parts, this.#options.path, resolve(directory), options)
    } catch (error) {
      throw asStorageError(error, directory)
    }
  }

  /** Reads every file and every value, and reports what is damaged. */
  async verify(options: Abortable & Observable = {}): Promise<VerifyReport> {
    const parts = this.#use()
    checkOptions(options, 'verify')
    return verifyStore(parts, options)
  }

  /**
   * Reads the whole audit log, while it is written, and reports what was changed, removed, put in or moved since. Damage is reported and
   * not thrown. Its key and its node are those of this store.
   *
   * Without a `key` whoever can write to the directory can also write the whole log anew, so that nothing in it tells; with one, they can
   * still put back an earlier state, head included. A `head` that is kept elsewhere, and given as `expected` the next time, finds both.
   *
   * @example
   * ```ts
   * import { VectorStore } from 'replivec'
   *
   * const store = await VectorStore.open({ path: './data', audit: { key: 'a secret that is kept elsewhere' } })
   * const { ok, head, damage } = await store.verifyAudit()
   * if (!ok) console.error(damage)
   * if (head) console.log(`keep this elsewhere: entry ${head.seq} has the hash ${head.hash}`)
   * await store.close()
   * ```
   *
   * @throws `OPTIONS_INVALID` also where the store keeps no audit log; `STORAGE_FAILED`, `FORMAT_UNSUPPORTED`, the signal's reason
   */
  async verifyAudit(options: AuditVerifyOptions = {}): Promise<AuditReport> {
    this.#use()
    return verifyOpenAudit(this.#store?.audit, this.#options.path, options)
  }

  /**
   * The same for the directory of a store that need not be open; its `key` has to be given where it has one.
   *
   * @throws `OPTIONS_INVALID`, `STORAGE_FAILED`, `FORMAT_UNSUPPORTED`, the signal's reason
   */
  static async verifyAudit(path: string, options: AuditVerifyOptions = {}): Promise<AuditReport> {
    return verifyAuditAt(nodeEnvironment(), path, options)
  }

  /**
   * Finishes what was acknowledged, closes all files and gives the directory back. Idempotent.
   *
   * @throws `STORAGE_FAILED` where the directory could not be given back: everything is closed then, and closing once more tries that again
   */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#store?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #use(): StoreParts {
    if (!this.#store || this.#isClosed) throw closedError()
    return this.#store.parts
  }

  #hostFor(
    parts: Omit<StoreParts, 'host' | 'catalogue' | 'segments'>,
    catalogue: () => Catalogue,
  ): CollectionHost {
    const { environment, directory, commitPath, views, applier, records } = parts
    const { clock, files, random } = environment
    const spoolPath = (): string => join(directory, `scan-${randomName(random, 8)}.tmp`)
    return {
      clock,
      records,
      spool: this.#options.path === undefined ? undefined : { files, path: spoolPath },
      get visibleSeq() {
        return commitPath.visible.seq
      },
      assertUsable: (number) => {
        // What did not follow into another generation of the store is not there any more.
        const isCurrent = this.#use().commitPath === commitPath
        if (!isCurrent || !catalogue().state(number)) throw notFound(catalogue().nameOf(number))
      },
      assertOpen: () => void this.#use(),
      pin: () => views.pin(commitPath.visible.seq, applier.appliedSeq),
      commit: (number, call) => {
        const commit = () => this.#commit(number, call)
        const room = this.#room(number)
        return room ? untilAborted(room, call.options.signal).then(commit) : commit()
      },
      configure: (number, options) =>
        this.#use().catalogue.configure(commitPath, number, checkConfigureOptions(options), options),
      waitUntilVisible: (position, options) => (this.#store as OpenStore).waitUntilVisible(position, options),
    }
  }

  /** Waits while too much waits to be indexed. */
  #room(number: number): Promise<void> | undefined {
    const state = this.#use().catalogue.state(number)
    return state?.room()?.then(() => this.#room(number))
  }

  #commit(number: number, call: WriteCall): Promise<WriteResult> {
    const { commitPath } = this.#use()
    const stage = (firstSeq: number): StagedCommit => {
      const { catalogue } = this.#use()
      const state = catalogue.pendingState(number)
      if (!state) throw notFound(catalogue.nameOf(number))
      const { operations, versions } = call.stage(firstSeq)
      return { operations, versions, state, kind: call.kind }
    }
    return commitPath.commit(call.options, stage, call.size)
  }
}

export { Collection }

/** A handle knows nothing of `M`; the type is the caller's promise about what it stores. */
function asTyped<M extends object>(collection: Collection): Collection<M> {
  return collection as unknown as Collection<M>
}
