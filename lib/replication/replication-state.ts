import { join } from 'node:path'
import { ReplivecError } from '../errors.js'
import { readCheckedJson, writeCheckedJson } from '../runtime/checked-json.js'
import type { Clock } from '../runtime/clock.js'
import type { Files } from '../runtime/files.js'
import type { StoredReplica } from './replica-registry.js'

const NAME = 'replication.json'
const FORMAT = 1
const SAVE_MS = 1_000

/** The figures of a node that outlive a run. */
export interface StoredFigures {
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly lastSync: number | null
  readonly snapshotSize: number
  readonly snapshotReason: string | null
  readonly totalReplicated: number
  /** Nodes that were refused, or that refused. */
  readonly refused: number
  /** The highest epoch that was heard of. */
  readonly seenEpoch: number
  /** What a master knows of its replicas. */
  readonly replicas: readonly StoredReplica[]
  /** The history they belong to: those of another one are not this one's. */
  readonly historyId: string
}

export const NO_FIGURES: StoredFigures = {
  bytesSent: 0,
  bytesReceived: 0,
  lastSync: null,
  snapshotSize: 0,
  snapshotReason: null,
  totalReplicated: 0,
  refused: 0,
  seenEpoch: 0,
  replicas: [],
  historyId: '',
}

/** Keeps what a node knows about replication in a file beside the store: once a second while it changes, and at the close. */
export class ReplicationState {
  readonly #files: Files
  readonly #clock: Clock
  readonly #path: string
  readonly #current: () => StoredFigures
  readonly #onFailure: (error: unknown) => void
  #cancelTimer: (() => void) | undefined
  #saving: Promise<void> | undefined
  #saved = ''
  #isClosed = false

  constructor(options: {
    files: Files
    clock: Clock
    directory: string
    current: () => StoredFigures
    onFailure: (error: unknown) => void
  }) {
    this.#files = options.files
    this.#clock = options.clock
    this.#path = join(options.directory, NAME)
    this.#current = options.current
    this.#onFailure = options.onFailure
  }

  /** What was kept last; figures are no data, so a damaged file counts as none. */
  static async load(files: Files, directory: string): Promise<StoredFigures> {
    const path = join(directory, NAME)
    if (!(await files.stat(path))) return NO_FIGURES
    const record = await readCheckedJson(files, path)
    return record?.format === FORMAT ? { ...NO_FIGURES, ...(record as unknown as StoredFigures) } : NO_FIGURES
  }

  /** Something changed: it is kept within a second. */
  changed(): void {
    if (this.#cancelTimer || this.#isClosed) return
    this.#cancelTimer = this.#clock.timer(() => {
      this.#cancelTimer = undefined
      void this.#save().catch(this.#onFailure)
    }, SAVE_MS)
  }

  /** Keeps what there is and ends. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancelTimer?.()
    await this.#saving?.catch(() => undefined)
    await this.#save().catch(this.#onFailure)
  }

  async #save(): Promise<void> {
    if (this.#saving) await this.#saving.catch(() => undefined)
    const record = { format: FORMAT, ...this.#current() }
    const text = JSON.stringify(record)
    if (text === this.#saved) return
    this.#saving = writeCheckedJson(this.#files, this.#path, record)
    try {
      await this.#saving
      this.#saved = text
    } finally {
      this.#saving = undefined
    }
  }
}

/** A `warning`: the figures of this run are lost when the process dies. */
export function figuresNotKept(cause: unknown): ReplivecError {
  return new ReplivecError(
    'STORAGE_FAILED',
    'What is known about replication could not be kept for the next open.',
    { cause },
  )
}
