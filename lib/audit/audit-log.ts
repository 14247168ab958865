import { ReplivecError } from '../errors.js'
import type { Clock } from '../runtime/clock.js'
import type { OpenFile } from '../runtime/files.js'
import { systemErrorCode } from '../runtime/system-error.js'
import type { AuditNote } from './audit-entry.js'
import { auditFilePath } from './audit-files.js'
import { type AuditPlace, writeAuditHead } from './audit-head.js'
import { AuditQueue, type SealedEntry } from './audit-queue.js'
import { type AuditIdentity, recoverAudit } from './audit-recovery.js'
import { type AuditReport, type AuditVerifyOptions, verifyAuditLog } from './audit-verification.js'

const QUEUED_BYTES_MAX = 4 * 1024 * 1024
/** How long a disk that refused is left alone. */
const RETRY_MS = 1_000

/** What an open store says about its audit log. */
export interface AuditStats {
  /** Entries on stable storage, from the first one of the log on. */
  readonly entries: number
  /** The hash of the last of them; null as long as the disk did not say. */
  readonly headHash: string | null
  /** Entries that wait to be written. */
  readonly queued: number
  /** Entries of this run that found no room while the disk took none. */
  readonly lost: number
}

export interface AuditLogOptions extends AuditIdentity {
  readonly clock: Clock
  /** Its key, for verifying; the digest has it too. */
  readonly key: string | undefined
  /** A file that has reached this goes on in the next one. */
  readonly maxFileBytes: number
  /** Memory for entries that wait; 4 MiB by default. */
  readonly queuedBytesMax?: number
  readonly onWarning: (error: ReplivecError) => void
}

/**
 * A log of what happens, of which nothing can be changed or removed without being found out. Whoever adds to it never waits for the
 * disk: entries are written and synced in groups, in order, and a disk that refuses is tried again every second.
 */
export class AuditLog {
  readonly #options: AuditLogOptions
  readonly #queue: AuditQueue
  /** Where the last entry on stable storage ends; `undefined` until the disk has said where that is. */
  #place: AuditPlace | undefined
  #headSeq = 0
  #isNew = false
  #file: { readonly number: number; readonly open: OpenFile } | undefined
  #writing: Promise<void> | undefined
  #cancelRetry: (() => void) | undefined
  /** The disk refuses, and somebody was told. */
  #isFailing = false
  #isClosed = false

  private constructor(options: AuditLogOptions) {
    this.#options = options
    this.#queue = new AuditQueue(options.queuedBytesMax ?? QUEUED_BYTES_MAX)
  }

  /**
   * Opens the log of a directory or begins it. A disk that refuses and a log that is damaged are warnings: neither keeps the store from
   * opening.
   *
   * @throws `FORMAT_UNSUPPORTED`
   */
  static async open(options: AuditLogOptions): Promise<AuditLog> {
    const log = new AuditLog(options)
    try {
      await log.#recover()
    } catch (error) {
      if (ReplivecError.is(error)) throw error
      log.#failed(error)
    }
    return log
  }

  /** It was begun by this open. */
  get isNew(): boolean {
    return this.#isNew
  }

  stats(): AuditStats {
    const { lost, size } = this.#queue
    return { entries: this.#place?.seq ?? 0, headHash: this.#place?.hash ?? null, queued: size, lost }
  }

  /** Adds an entry. Returns at once. */
  add(note: AuditNote): void {
    if (this.#isClosed) return
    this.#queue.add(note, Math.trunc(this.#options.clock.now()))
    if (!this.#cancelRetry) this.#writing ??= this.#write()
  }

  /** Resolves when all that was added is on stable storage, or the disk refused it again. Never rejects. */
  async flush(): Promise<void> {
    await this.#writing
    if (this.#queue.size === 0 && this.#headSeq === this.#place?.seq) return
    this.#writing ??= this.#write()
    await this.#writing
  }

  /** Reads the whole log. @throws what the disk says, the signal's reason */
  async verify(options: AuditVerifyOptions): Promise<AuditReport> {
    await this.flush()
    const { files, directory, key, nodeId } = this.#options
    return verifyAuditLog(files, directory, { key, nodeId, ...options }, () => this.#place)
  }

  /** Adds a last entry and writes what waits, as far as the disk takes it. Never rejects. */
  async close(last: AuditNote): Promise<void> {
    this.add(last)
    this.#isClosed = true
    await this.flush()
    this.#cancelRetry?.()
    await this.#closeFile()
    const { size } = this.#queue
    if (size === 0) return
    const message = `The store was closed while its audit log could not be written: its last ${size} entries are lost.`
    this.#options.onWarning(new ReplivecError('STORAGE_FAILED', message, { details: { entries: size } }))
  }

  async #recover(): Promise<void> {
    const { place, headSeq, isNew, note, damage } = await recoverAudit(this.#options)
    this.#place = place
    this.#headSeq = headSeq
    this.#isNew ||= isNew
    const { clock, directory, onWarning } = this.#options
    if (note) this.#queue.addFirst(note, Math.trunc(clock.now()))
    if (damage === undefined) return
    const message = `The audit log in ${directory} is not as it was written (${damage}) It goes on in a new file. Keep the directory, and look at verifyAudit().`
    onWarning(new ReplivecError('AUDIT_DAMAGED', message, { details: { path: directory, damage } }))
  }

  /** Writes until nothing waits. Never rejects. */
  async #write(): Promise<void> {
    const { files, directory, digest, nodeId, historyId, clock } = this.#options
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
    try {
      // What happens in one turn goes to the disk together.
      await clock.yield()
      if (!this.#place) await this.#recover()
      for (;;) {
        const place = this.#place as AuditPlace
        const batch = this.#queue.next(digest, place, Math.trunc(clock.now()), { nodeId, historyId })
        if (batch.length > 0) await this.#append(batch)
        const { seq } = this.#place as AuditPlace
        if (seq !== this.#headSeq) {
          await writeAuditHead(files, directory, digest, nodeId, this.#place as AuditPlace)
          this.#headSeq = seq
          this.#isFailing = false
        }
        if (this.#queue.size === 0) break
      }
    } catch (error) {
      await this.#closeFile()
      this.#failed(error)
    } finally {
      this.#writing = undefined
    }
  }

  /** Writes and syncs entries, one file after the other: what is in a file is durable before the next one begins. */
  async #append(batch: readonly SealedEntry[]): Promise<void> {
    const { maxFileBytes } = this.#options
    for (let left = batch; left.length > 0; ) {
      let place = this.#place as AuditPlace
      let run = fitting(left, maxFileBytes - place.bytes)
      if (run.length === 0) {
        if (place.bytes > 0) place = { ...place, file: place.file + 1, bytes: 0 }
        run = fitting(left, maxFileBytes)
        // One that no file has room for has a file of its own.
        if (run.length === 0) run = left.slice(0, 1)
      }
      const lines = Buffer.concat(run.map(({ line }) => line))
      const file = await this.#fileAt(place)
      await file.write(lines, place.bytes)
      await file.sync()
      const { link } = run.at(-1) as SealedEntry
      this.#place = { ...link, file: place.file, bytes: place.bytes + lines.byteLength }
      this.#queue.written(run.length)
      left = left.slice(run.length)
    }
  }

  /** What an attempt that failed left behind the place is written over: the same entries are tried again. */
  async #fileAt({ file: number }: AuditPlace): Promise<OpenFile> {
    if (this.#file?.number === number) return this.#file.open
    await this.#closeFile()
    const { files, directory } = this.#options
    const path = auditFilePath(directory, number)
    const isThere = (await files.stat(path)) !== undefined
    const open = await files.open(path, isThere ? 'write' : 'create')
    this.#file = { number, open }
    await files.syncDirectory(directory)
    return open
  }

  /** What was written is synced by now, or will be written again. */
  async #closeFile(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.open.close().catch(() => undefined)
  }

  #failed(cause: unknown): void {
    const { clock, directory, onWarning } = this.#options
    if (!this.#isClosed) {
      this.#cancelRetry = clock.timer(() => {
        this.#cancelRetry = undefined
        this.#writing ??= this.#write()
      }, RETRY_MS)
    }
    if (this.#isFailing) return
    this.#isFailing = true
    if (ReplivecError.is(cause)) {
      onWarning(cause)
      return
    }
    const reason = systemErrorCode(cause) ?? String(cause)
    const message = `The audit log in ${directory} cannot be written (${reason}). Its entries wait in memory and are tried again every second; free space or repair the disk.`
    onWarning(new ReplivecError('STORAGE_FAILED', message, { cause, details: { path: directory, reason } }))
  }
}

/** The first entries, as many as fit. */
function fitting(entries: readonly SealedEntry[], roomBytes: number): readonly SealedEntry[] {
  let bytes = 0
  const end = entries.findIndex(({ line }) => {
    bytes += line.byteLength
    return bytes > roomBytes
  })
  return end === -1 ? entries : entries.slice(0, end)
}
