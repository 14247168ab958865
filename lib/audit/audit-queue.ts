import type { AuditDigest } from './audit-digest.js'
import { type AuditLink, type AuditNote, sealEntry } from './audit-entry.js'

/** One group of entries is at least one, and about so large. */
const BATCH_BYTES = 256 * 1024
/** What an entry takes besides its text: its numbers, its hashes, its object. */
const ENTRY_BYTES = 400

interface Waiting {
  readonly note: AuditNote
  readonly atMs: number
  readonly bytes: number
}

/** An entry whose line is made, and chained on the one before. */
export interface SealedEntry {
  readonly line: Uint8Array
  readonly link: AuditLink
}

/** Entries that wait to be written, in bounded memory: where there is no room the oldest go, and an entry will say how many. */
export class AuditQueue {
  readonly #bytesMax: number
  readonly #waiting: Waiting[] = []
  #waitingBytes = 0
  /** Entries that have their place in the chain, and must be written as they are. */
  #batch: SealedEntry[] = []
  #batchBytes = 0
  #unsaidLost = 0
  /** Entries that were lost, all together. */
  lost = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Entries that wait. */
  get size(): number {
    return this.#waiting.length + this.#batch.length + (this.#unsaidLost > 0 ? 1 : 0)
  }

  /** An estimate of the memory they take. */
  get bytes(): number {
    return this.#waitingBytes + this.#batchBytes
  }

  add(note: AuditNote, atMs: number): void {
    const bytes = 2 * JSON.stringify(note).length + ENTRY_BYTES
    this.#waiting.push({ note, atMs, bytes })
    this.#waitingBytes += bytes
    while (this.bytes > this.#bytesMax && this.#waiting.length > 1) {
      this.#waitingBytes -= (this.#waiting.shift() as Waiting).bytes
      this.#unsaidLost += 1
      this.lost += 1
    }
  }

  /** Adds one that comes before all that wait. */
  addFirst(note: AuditNote, atMs: number): void {
    this.#waiting.unshift({ note, atMs, bytes: ENTRY_BYTES })
    this.#waitingBytes += ENTRY_BYTES
  }

  /**
   * What is to be written next, chained on `last`; the same again until it was `written`.
   *
   * @param named - what the first entry of a log says besides
   */
  next(digest: AuditDigest, last: AuditLink, nowMs: number, named: object): readonly SealedEntry[] {
    if (this.#batch.length > 0) return this.#batch
    let link = last
    const seal = (note: AuditNote, atMs: number): void => {
      const entry = sealEntry(digest, link.seq === 0 ? { ...note, ...named } : note, link, atMs)
      link = entry.link
      this.#batch.push(entry)
      this.#batchBytes += entry.line.byteLength
    }
    if (this.#unsaidLost > 0) seal({ kind: 'lost', count: this.#unsaidLost }, nowMs)
    this.#unsaidLost = 0
    while (this.#waiting.length > 0 && this.#batchBytes < BATCH_BYTES) {
      const { note, atMs, bytes } = this.#waiting.shift() as Waiting
      this.#waitingBytes -= bytes
      seal(note, atMs)
    }
    return this.#batch
  }

  /** So many entries of the batch are on stable storage. */
  written(count: number): void {
    for (const { line } of this.#batch.slice(0, count)) this.#batchBytes -= line.byteLength
    this.#batch = this.#batch.slice(count)
  }
}
