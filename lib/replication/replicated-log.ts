import type { LogIdentity, Position } from '../log/position.js'
import { LiveTail } from './live-tail.js'
import type { LogReader, LogSource, ReadLimits } from './log-source.js'
import type { Batch } from './protocol/master-state.js'

/** The log on disk, as far as a master reads it. */
export interface StoredLog {
  readonly identity: LogIdentity
  readonly oldestSeq: number
  cursor(fromSeq: number): StoredLogCursor
}

/** Reads on from where it is. */
export interface StoredLogCursor {
  /** The frames are good until the next call. */
  next(limits: ReadLimits): Promise<Batch | undefined>
  close(): Promise<void>
}

/** What a master sends from: the newest commits from memory, everything else from disk. */
export class ReplicatedLog implements LogSource {
  readonly #stored: StoredLog
  readonly #head: () => Position
  readonly #maxQueuedBytes: number
  #tail: LiveTail | undefined

  /** @param head - the last operation that is as durable as the master promises */
  constructor(stored: StoredLog, head: () => Position, maxQueuedBytes: number) {
    this.#stored = stored
    this.#head = head
    this.#maxQueuedBytes = maxQueuedBytes
  }

  get identity(): LogIdentity {
    return this.#stored.identity
  }

  get oldestSeq(): number {
    return this.#stored.oldestSeq
  }

  get head(): Position {
    return this.#head()
  }

  /** From now on somebody is there for what is committed. */
  keep(): void {
    this.#tail ??= new LiveTail(this.#maxQueuedBytes)
  }

  /** Nobody is. */
  drop(): void {
    this.#tail = undefined
  }

  committed(firstSeq: number, lastSeq: number, committedAtMs: number, frame: Uint8Array): void {
    this.#tail?.append({ firstSeq, lastSeq, committedAtMs, frame })
  }

  /** Everybody was sent what lies up to an operation. */
  release(throughSeq: number): void {
    this.#tail?.release(throughSeq)
  }

  queuedAfter(seq: number): number {
    return this.#tail?.bytesAfter(seq) ?? 0
  }

  /** There is more after an operation than memory reaches back to. */
  isBeyondMemory(seq: number): boolean {
    const firstSeq = this.#tail?.firstSeq
    return seq < this.head.seq && (firstSeq === undefined || firstSeq > seq + 1)
  }

  committedAfterMs(seq: number): number {
    return this.#tail?.committedAfterMs(seq) ?? 0
  }

  reader(): PlaceKeepingReader {
    return new PlaceKeepingReader(this.#stored, this)
  }

  fromMemory(fromSeq: number, limits: ReadLimits): Batch | undefined {
    return this.#tail?.read(fromSeq, limits)
  }
}

/** Reads for one replica: from memory where the log is there, and else on from its place on disk. */
export class PlaceKeepingReader implements LogReader {
  readonly #stored: StoredLog
  readonly #live: ReplicatedLog
  #cursor: StoredLogCursor | undefined
  /** Where the cursor goes on. */
  #cursorSeq = 0

  constructor(stored: StoredLog, live: ReplicatedLog) {
    this.#stored = stored
    this.#live = live
  }

  read(fromSeq: number, limits: ReadLimits): Promise<Batch | undefined> | Batch | undefined {
    const batch = this.#live.fromMemory(fromSeq, limits)
    if (!batch) return this.#fromDisk(fromSeq, limits)
    // A file that was only read and cannot be closed loses nothing, and nobody waits for it.
    if (this.#cursor) this.close().catch(() => undefined)
    return batch
  }

  async close(): Promise<void> {
    const cursor = this.#cursor
    this.#cursor = undefined
    await cursor?.close()
  }

  async #fromDisk(fromSeq: number, limits: ReadLimits): Promise<Batch | undefined> {
    if (!this.#cursor || this.#cursorSeq !== fromSeq) {
      await this.close()
      this.#cursor = this.#stored.cursor(fromSeq)
    }
    const cursor = this.#cursor
    const batch = await cursor.next(limits)
    this.#cursorSeq = batch ? batch.lastSeq + 1 : fromSeq
    return batch
  }
}
