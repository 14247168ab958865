import { stringBytes, valueBytes } from './memory-size.js'
import type { Metadata } from './metadata.js'

/** Bytes of ids and metadata kept for all collections of a store. */
const BYTES_MAX = 4 * 1024 * 1024
/** What an entry takes besides. */
const ENTRY_BYTES = 120
/**
 * Once there is no room, one in so many new records takes the place of the oldest. If all did, searches that go round more records
 * than there is room for would never find one, and V8 would have to clear them all away from its old generation.
 */
const ADMIT_EVERY = 64
/** Record numbers are below this. */
const NUMBERS = 2 ** 32

/** What a search reads of a record beside its vector. */
export interface CachedRecord {
  readonly id: string
  /** Not to be given away: copy it. */
  readonly metadata: Metadata
}

/**
 * Records read lately, decoded: what many searches find is read from the record store, checked and decoded once. Whoever changes
 * a record makes it forget it. To keep them by their last use would take as long as a third of what the cache saves (measured
 * with lru-cache).
 */
export class RecordCache {
  readonly #records = new Map<number, CachedRecord & { readonly bytes: number }>()
  #bytes = 0
  #turnedAway = 0

  /** Collections by a number of our own: theirs may be so large that the sum below would lose digits. */
  readonly #places = new Map<number, number>()

  get(collection: number, number: number): CachedRecord | undefined {
    return this.#records.get(this.#keyOf(collection, number))
  }

  /** @returns whether the record is kept now */
  keep(collection: number, number: number, { id, metadata }: CachedRecord): boolean {
    const key = this.#keyOf(collection, number)
    if (this.#records.has(key)) return false
    const bytes = ENTRY_BYTES + stringBytes(id) + valueBytes(metadata)
    if (bytes > BYTES_MAX / 8) return false
    if (this.#bytes + bytes > BYTES_MAX && ++this.#turnedAway % ADMIT_EVERY !== 0) return false
    this.#records.set(key, { id, metadata, bytes })
    this.#bytes += bytes
    if (this.#bytes > BYTES_MAX) this.#makeRoom()
    return true
  }

  forget(collection: number, number: number): void {
    this.#delete(this.#keyOf(collection, number))
  }

  #keyOf(collection: number, number: number): number {
    let place = this.#places.get(collection)
    if (place === undefined) {
      place = this.#places.size
      this.#places.set(collection, place)
    }
    return place * NUMBERS + number
  }

  #makeRoom(): void {
    for (const key of this.#records.keys()) {
      this.#delete(key)
      if (this.#bytes <= BYTES_MAX) break
    }
  }

  #delete(key: number): void {
    const record = this.#records.get(key)
    if (!record) return
    this.#bytes -= record.bytes
    this.#records.delete(key)
  }
}
