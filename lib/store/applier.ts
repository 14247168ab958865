import type { IndexedField } from '../collection/collection-settings.js'
import type { CollectionSettings, CollectionState } from '../collection/collection-state.js'
import { TimeSlice } from '../runtime/time-slice.js'
import type { Version } from '../collection/versions.js'
import type { ReplivecError } from '../errors.js'
import type { LogIdentity, Position } from '../log/position.js'
import type { KeyValue } from '../records/key-value.js'
import { RecordBatch } from '../records/record-batch.js'
import { type RecordReader, RECORDS_FORMAT } from '../records/record-reader.js'
import type { Clock } from '../runtime/clock.js'
import { VersionWriter } from './version-writer.js'
import type { ViewRegistry } from './view-registry.js'

/**
 * Applying begins when so much waits, when writers pause, or at the latest after a while: what a burst writes is
 * acknowledged at the speed of the log, and applied after it.
 */
const EAGER_SHARE = 2 / 3
const PAUSE_MS = 100
const DELAY_MS_MAX = 5_000
/** The largest slice: one transaction of the record store. */
const SLICE_VERSIONS_MAX = 512
const SLICE_BYTES_MAX = 8 * 1024 * 1024
/** More writes are handed over in a turn of their own. */
const WRITES_A_TURN = 256
/** What a commit changed in one collection. */
export interface PublishedPart {
  /** `undefined` for a commit that changed nothing here. */
  readonly state: CollectionState | undefined
  /** None where the settings of the collection changed. */
  readonly versions: readonly Version[]
  /** The settings as of this commit; by the time it is applied, those of the collection may be ahead. */
  readonly settled?: { readonly settings: CollectionSettings; readonly fields: readonly IndexedField[] }
}

/** A published commit on its way to the record store; it is applied whole. */
interface PublishedCommit {
  readonly parts: readonly PublishedPart[]
  readonly position: Position
  /** How many versions, and the memory they hold. */
  readonly count: number
  readonly bytes: number
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
  /** As it is now: it is stored with every slice. */
  readonly identity: () => LogIdentity
  /** Past this much waiting, in bytes, writers wait too. */
  readonly backlogBytesMax: number
  /** State of a later version, kept as it is. */
  readonly unknownFields: readonly Uint8Array[] | undefined
  readonly appliedPosition: Position
  /** Resolves when the log holds everything up to an operation on stable storage. */
  readonly logSynced: (seq: number) => Promise<void> | undefined
  /** Everything up to `seq` is on stable storage in the record store. */
  readonly onFlushed: (seq: number) => void
  readonly onFailure: (error: ReplivecError) => void
}

/**
 * Moves published commits from the overlay to the record store, in slices, off the path of the writers: several
 * versions of one record in a slice become one write. It alone writes to the record store.
 */
export class Applier {
  readonly #options: ApplierOptions
  #queue: PublishedCommit[] = []
  #backlogBytes = 0
  /** Commits added since the store was opened. */
  #added = 0
  #applied: Position
  #flushedSeq: number
  /** Applied, but perhaps still needed by a pinned view. Oldest first. */
  #retained: PublishedCommit[] = []
  readonly #jobs: BackgroundJob[] = []
  #running: Promise<void> | undefined
  #cancelTimer: (() => void) | undefined
  #roomWaiters: (() => void)[] = []
  #sliceWaiters: (() => void)[] = []
  /** The last operation published, applied or not. */
  #publishedSeq: number
  #abandoned = false
  #failure: ReplivecError | undefined
  #closing = false

  constructor(options: ApplierOptions) {
    this.#options = options
    this.#applied = options.appliedPosition
    this.#flushedSeq = options.appliedPosition.seq
    this.#publishedSeq = options.appliedPosition.seq
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
    if (this.#backlogBytes < this.#options.backlogBytesMax || this.#failure) return undefined
    return new Promise((resolve) => {
      this.#roomWaiters.push(resolve)
    })
  }

  /** Takes over a published commit. */
  add(parts: readonly PublishedPart[], position: Position): void {
    let count = 0
    let bytes = 0
    for (const { versions } of parts) {
      count += versions.length
      for (const version of versions) bytes += version.bytes
    }
    this.#queue.push({ parts, position, count, bytes })
    this.#added += 1
    this.#publishedSeq = position.seq
    this.#backlogBytes += bytes
    if (this.#backlogBytes >= this.#options.backlogBytesMax * EAGER_SHARE) this.#start()
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
    for (const { parts, position } of this.#retained) {
      if (position.seq > seq) break
      for (const { state, versions } of parts) {
        for (const version of versions) state?.drop(version)
      }
      count += 1
    }
    if (count > 0) this.#retained.splice(0, count)
  }

  /** Resolves when everything published before the call is applied and on stable storage, however much follows. */
  async drain(): Promise<void> {
    const target = this.#publishedSeq
    while (this.#applied.seq < target && !this.#failure && !this.#abandoned) {
      this.#start()
      // Under steady writes a run never ends, so waiting for it would wait for ever.
      await Promise.race([this.#running, new Promise<void>((resolve) => this.#sliceWaiters.push(resolve))])
    }
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
    this.#abandoned = true
    this.#queue = []
    this.#cancelTimer?.()
    await this.#running
  }

  /** Starts when no commit came for a while, or the oldest has waited long enough. */
  #startLater(): void {
    if (this.#running || this.#cancelTimer) return
    const { clock } = this.#options
    const firstAt = clock.monotonic()
    const wait = (): void => {
      const seen = this.#added
      this.#cancelTimer = clock.timer(() => {
        this.#cancelTimer = undefined
        const isPaused = seen === this.#added
        if (isPaused || this.#closing || clock.monotonic() - firstAt >= DELAY_MS_MAX) this.#start()
        else wait()
      }, PAUSE_MS)
    }
    wait()
  }

  #start(): void {
    if (this.#running || this.#failure) return
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    // Not at once: a commit that is just being published comes before the job that it asks for.
    const run = Promise.resolve().then(() => this.#run())
    this.#running = run.finally(() => {
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

  #takeSlice(): PublishedCommit[] {
    let commits = 0
    let versions = 0
    let bytes = 0
    for (const commit of this.#queue) {
      if (versions >= SLICE_VERSIONS_MAX || bytes >= SLICE_BYTES_MAX) break
      versions += commit.count
      bytes += commit.bytes
      commits += 1
    }
    return this.#queue.splice(0, commits)
  }

  async #applySlice(commits: readonly PublishedCommit[]): Promise<void> {
    const { clock, keyValues, records, logSynced, unknownFields } = this.#options
    const identity = this.#options.identity()
    const batch = new RecordBatch(keyValues)
    const writer = new VersionWriter(batch, records)
    const slice = new TimeSlice(clock)
    const { position } = commits.at(-1) as PublishedCommit
    const parts = commits.flatMap((commit) => commit.parts)
    const settled = new Set<CollectionState>()
    for (const { state, settled: to } of parts) {
      if (!state || !to) continue
      state.stored = { ...to.settings, fields: to.fields.map((field) => ({ ...field })) }
      settled.add(state)
    }
    for (const { state, versions } of parts) {
      if (!state) continue
      for (const version of versions) {
        const pause = slice.step()
        if (pause) await pause
        // A later version of the same record in this slice says it all.
        const isLast = !version.newer || version.newer.seq > position.seq
        if (isLast && !state.stored.dropped) writer.write(state, version)
      }
    }
    for (const state of settled) batch.putCollection(state.number, state.stored)
    batch.putState({
      format: RECORDS_FORMAT,
      historyId: identity.historyId,
      nodeId: identity.nodeId,
      epochs: identity.epochs.map(storedRow),
      parent: identity.parent ? storedRow(identity.parent) : null,
      appliedEpoch: position.epoch,
      appliedSeq: position.seq,
      ...(unknownFields ? { $unknowns: [...unknownFields] } : {}),
    })
    const synced = logSynced(position.seq)
    if (synced) await synced
    const writes = await batch.finish(slice)
    // Handing so many to the record store takes milliseconds of its own.
    if (writes.length > WRITES_A_TURN) await clock.yield()
    await keyValues.commit(writes)
    this.#applied = position
    for (const resolve of this.#sliceWaiters.splice(0)) resolve()
    this.#retained.push(...commits)
    this.dropRetained()
    for (const { bytes } of commits) this.#backlogBytes -= bytes
    if (this.#backlogBytes < this.#options.backlogBytesMax)
      for (const resolve of this.#roomWaiters.splice(0)) resolve()
    keyValues.flushed().then(
      () => this.#noteFlushed(position.seq),
      () => undefined,
    )
  }

  async #stepJob(job: BackgroundJob): Promise<void> {
    const { clock, keyValues } = this.#options
    const batch = new RecordBatch(keyValues)
    const slice = new TimeSlice(clock)
    const { done, committed } = await job.step(batch, slice)
    const writes = await batch.finish(slice)
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

/** A row of the identity as it is stored, with what a later version wrote into it. */
function storedRow<Row extends { readonly unknownFields?: readonly Uint8Array[] }>({
  unknownFields,
  ...row
}: Row) {
  return { ...row, ...(unknownFields ? { $unknowns: [...unknownFields] } : {}) }
}
