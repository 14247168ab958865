import type { CollectionState } from '../collection/collection-state.js'
import type { IndexedField } from '../collection/collection-settings.js'
import { TimeSlice } from '../collection/time-slice.js'
import { type Version, versionBytes } from '../collection/versions.js'
import type { ReplivecError } from '../errors.js'
import { indexEntries } from '../filter/field-values.js'
import type { LogIdentity, Position } from '../log/position.js'
import type { KeyValue } from '../records/key-value.js'
import { decodeMetadata } from '../records/metadata.js'
import { RecordBatch } from '../records/record-batch.js'
import { type RecordReader, RECORDS_FORMAT, type StoredRecord } from '../records/record-reader.js'
import type { Clock } from '../runtime/clock.js'
import type { ViewRegistry } from './view-registry.js'

/** A slice is applied when so much waits, or after a while. */
const EAGER_BYTES = 4 * 1024 * 1024
const DELAY_MS = 200
/** The largest slice: one transaction of the record store. */
const SLICE_VERSIONS_MAX = 8_192
const SLICE_BYTES_MAX = 16 * 1024 * 1024
/** Past this much waiting, writers wait too. */
const BACKLOG_BYTES_MAX = 64 * 1024 * 1024

/** A published change on its way to the record store. */
export interface PublishedChange {
  /** `undefined` for a commit that changed nothing here. */
  readonly state: CollectionState | undefined
  /** `undefined`: the settings of the collection changed. */
  readonly version: Version | undefined
  readonly position: Position
}

/** Work on the record store that no commit waits for: building an index, sweeping what was dropped. */
export interface BackgroundJob {
  /** Adds the writes of one step to the batch. */
  step(batch: RecordBatch, slice: TimeSlice): Promise<JobStep>
}

export interface JobStep {
  /** This was the last step. */
  readonly done: boolean
  /** Called once the writes of the step are visible. */
  readonly committed?: () => void
}

export interface ApplierOptions {
  readonly clock: Clock
  readonly keyValues: KeyValue
  readonly records: RecordReader
  readonly views: ViewRegistry
  readonly identity: LogIdentity
  readonly appliedPosition: Position
  /** Resolves when the log holds everything up to an operation on stable storage. */
  readonly logSynced: (seq: number) => Promise<void> | undefined
  /** Everything up to `seq` is on stable storage in the record store. */
  readonly onFlushed: (seq: number) => void
  readonly onFailure: (error: ReplivecError) => void
}

/**
 * Moves published changes from the overlay to the record store, in slices, off the path of the writers: several
 * versions of one record in a slice become one write. It alone writes to the record store.
 */
export class Applier {
  readonly #options: ApplierOptions
  #queue: PublishedChange[] = []
  #backlogBytes = 0
  #applied: Position
  #flushedSeq: number
  /** Applied, but perhaps still needed by a pinned view. Oldest first. */
  #retained: PublishedChange[] = []
  readonly #jobs: BackgroundJob[] = []
  #running: Promise<void> | undefined
  #cancelTimer: (() => void) | undefined
  #roomWaiters: (() => void)[] = []
  #failure: ReplivecError | undefined
  #closing = false

  constructor(options: ApplierOptions) {
    this.#options = options
    this.#applied = options.appliedPosition
    this.#flushedSeq = options.appliedPosition.seq
  }

  /** The last operation the record store holds. */
  get appliedSeq(): number {
    return this.#applied.seq
  }

  /** The last operation the record store holds on stable storage. */
  get flushedSeq(): number {
    return this.#flushedSeq
  }

  /** Bytes of versions that wait. */
  get backlogBytes(): number {
    return this.#backlogBytes
  }

  /** A promise when too much waits: writers wait for it, so that the overlay stays within its budget. */
  room(): Promise<void> | undefined {
    if (this.#backlogBytes < BACKLOG_BYTES_MAX || this.#failure) return undefined
    return new Promise((resolve) => {
      this.#roomWaiters.push(resolve)
    })
  }

  add(change: PublishedChange): void {
    this.#queue.push(change)
    if (change.version) this.#backlogBytes += versionBytes(change.version)
    if (this.#backlogBytes >= EAGER_BYTES) this.#start()
    else this.#startLater()
  }

  addJob(job: BackgroundJob): void {
    this.#jobs.push(job)
    this.#start()
  }

  /** Drops versions that no pinned view needs any more. */
  dropRetained(): void {
    const seq = this.#options.views.droppableSeq(this.#applied.seq)
    let count = 0
    for (const { state, version, position } of this.#retained) {
      if (position.seq > seq) break
      if (version) state?.drop(version)
      count += 1
    }
    if (count > 0) this.#retained.splice(0, count)
  }

  /** Resolves when everything published so far is applied and on stable storage. */
  async drain(): Promise<void> {
    while (this.#queue.length > 0 && !this.#failure) {
      this.#start()
      await this.#running
    }
    await this.#running
    if (this.#failure) throw this.#failure
    await this.#options.keyValues.flushed()
    this.#noteFlushed(this.#applied.seq)
  }

  /** Applies what waits and stops; background jobs go on at the next open. */
  async close(): Promise<void> {
    this.#closing = true
    this.#cancelTimer?.()
    try {
      await this.drain()
    } finally {
      this.#cancelTimer?.()
      await this.#running
    }
  }

  /** Stops without applying anything more, as after a failure. */
  async abandon(): Promise<void> {
    this.#closing = true
    this.#queue = []
    this.#cancelTimer?.()
    await this.#running
  }

  #startLater(): void {
    if (this.#running || this.#cancelTimer) return
    this.#cancelTimer = this.#options.clock.timer(() => {
      this.#cancelTimer = undefined
      this.#start()
    }, DELAY_MS)
  }

  #start(): void {
    if (this.#running || this.#failure) return
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#running = this.#run().finally(() => {
      this.#running = undefined
      if (this.#queue.length > 0 && !this.#failure && !this.#closing) this.#startLater()
    })
  }

  async #run(): Promise<void> {
    try {
      while (this.#queue.length > 0 || (this.#jobs.length > 0 && !this.#closing)) {
        if (this.#queue.length > 0) await this.#applySlice(this.#takeSlice())
        else await this.#stepJob(this.#jobs[0] as BackgroundJob)
      }
    } catch (error) {
      this.#failure = error as ReplivecError
      for (const resolve of this.#roomWaiters.splice(0)) resolve()
      this.#options.onFailure(this.#failure)
    }
  }

  #takeSlice(): PublishedChange[] {
    let count = 0
    let bytes = 0
    for (const { version } of this.#queue) {
      if (count >= SLICE_VERSIONS_MAX || bytes >= SLICE_BYTES_MAX) break
      if (version) bytes += versionBytes(version)
      count += 1
    }
    // A commit is applied whole: never stop between two operations of one position.
    const last = this.#queue[count - 1] as PublishedChange
    while (this.#queue[count]?.position === last.position) count += 1
    return this.#queue.splice(0, count)
  }

  async #applySlice(changes: readonly PublishedChange[]): Promise<void> {
    const { clock, keyValues, records, logSynced, identity } = this.#options
    const batch = new RecordBatch(keyValues)
    const slice = new TimeSlice(clock)
    const position = (changes.at(-1) as PublishedChange).position
    const settled = new Set<CollectionState>()
    let bytes = 0
    for (const { state, version } of changes) {
      const pause = slice.step()
      if (pause) await pause
      if (!state) continue
      if (!version) settled.add(state)
      else {
        bytes += versionBytes(version)
        // A later version of the same record in this slice says it all.
        const isLast = !version.newer || version.newer.seq > position.seq
        if (isLast && !state.dropped) applyVersion(batch, records, state, version)
      }
    }
    for (const state of settled) batch.putCollection(state.number, state.settings())
    batch.putState({
      format: RECORDS_FORMAT,
      historyId: identity.historyId,
      nodeId: identity.nodeId,
      epochs: identity.epochs.map((row) => ({ ...row })),
      parent: identity.parent ?? null,
      appliedEpoch: position.epoch,
      appliedSeq: position.seq,
    })
    const synced = logSynced(position.seq)
    if (synced) await synced
    await keyValues.commit(batch.finish())
    this.#applied = position
    this.#retained.push(...changes)
    this.dropRetained()
    this.#backlogBytes -= bytes
    if (this.#backlogBytes < BACKLOG_BYTES_MAX) for (const resolve of this.#roomWaiters.splice(0)) resolve()
    keyValues.flushed().then(
      () => this.#noteFlushed(position.seq),
      () => undefined,
    )
  }

  async #stepJob(job: BackgroundJob): Promise<void> {
    const { clock, keyValues } = this.#options
    const batch = new RecordBatch(keyValues)
    const { done, committed } = await job.step(batch, new TimeSlice(clock))
    const writes = batch.finish()
    if (writes.length > 0) await keyValues.commit(writes)
    committed?.()
    if (done) this.#jobs.shift()
  }

  #noteFlushed(seq: number): void {
    if (seq <= this.#flushedSeq) return
    this.#flushedSeq = seq
    this.#options.onFlushed(seq)
  }
}

function applyVersion(
  batch: RecordBatch,
  records: RecordReader,
  state: CollectionState,
  version: Version,
): void {
  const { id, number, seq, alive, vector, vectorSeq, metadata } = version
  const storedNumber = records.numberOf(state.number, id)
  const stored = storedNumber === undefined ? undefined : records.record(state.number, storedNumber)
  if (stored && storedNumber !== undefined && (!alive || storedNumber !== number)) {
    removeEntries(batch, state, stored, storedNumber)
    batch.deleteRecord(state.number, id, storedNumber)
  }
  if (!alive) return
  const previous = storedNumber === number ? stored : undefined
  if (metadata !== undefined) {
    if (state.fields.length > 0) updateEntries(batch, state, number, previous?.metadata, metadata)
    const unknowns = previous?.$unknowns
    batch.putRecord(state.number, number, { id, seq, metadata, ...(unknowns ? { $unknowns: unknowns } : {}) })
  }
  if (vector) batch.putVector(state.number, number, vectorSeq, vector)
  if (!previous) batch.putId(state.number, id, number)
}

function removeEntries(
  batch: RecordBatch,
  state: CollectionState,
  stored: StoredRecord,
  number: number,
): void {
  if (state.fields.length === 0) return
  const metadata = decodeMetadata(stored.metadata)
  for (const { path, field } of state.fields) {
    for (const key of indexEntries(metadata, path)) batch.removeEntry(state.number, field, key, number)
  }
}

/** Moves a record between the entries of all indexed fields; entries both have stay untouched. */
function updateEntries(
  batch: RecordBatch,
  state: CollectionState,
  number: number,
  before: string | undefined,
  after: string,
): void {
  if (before === after) return
  const old = before === undefined ? undefined : decodeMetadata(before)
  const fresh = decodeMetadata(after)
  for (const { path, field } of state.fields) {
    const entries = indexEntries(fresh, path)
    if (!old) {
      for (const key of entries) batch.addEntry(state.number, field, key, number)
      continue
    }
    changeEntries(batch, state, { path, field }, number, indexEntries(old, path), entries)
  }
}

function changeEntries(
  batch: RecordBatch,
  state: CollectionState,
  { field }: Pick<IndexedField, 'path' | 'field'>,
  number: number,
  before: readonly Uint8Array[],
  after: readonly Uint8Array[],
): void {
  const has = (entries: readonly Uint8Array[], key: Uint8Array) =>
    entries.some((entry) => Buffer.compare(entry, key) === 0)
  for (const key of before) if (!has(after, key)) batch.removeEntry(state.number, field, key, number)
  // Added again even where unchanged: the field's index may be younger than the record.
  for (const key of after) batch.addEntry(state.number, field, key, number)
}
