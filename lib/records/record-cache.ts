import { LRUCache } from 'lru-cache'

/** Bytes of ids and metadata kept for all collections of a store. */
const BYTES_MAX = 8 * 1024 * 1024
/** What an entry takes besides its strings. */
const ENTRY_BYTES = 160
/** Record numbers are below this. */
const NUMBERS = 2 ** 32

/** What a search reads of a record beside its vector. */
export interface CachedRecord {
  readonly id: string
  /** Encoded metadata. */
  readonly metadata: string
}

/**
 * Records read lately, decoded: what many searches find is read from the record store, checked and decoded once. Whoever changes
 * a record makes it forget it.
 */
export class RecordCache {
  readonly #records = new LRUCache<number, CachedRecord>({
    maxSize: BYTES_MAX,
    sizeCalculation: ({ id, metadata }) => ENTRY_BYTES + id.length + metadata.length,
  })

  /** Collections by a number of our own: theirs may be so large that the sum below would lose digits. */
  readonly #places = new Map<number, number>()

  get(collection: number, number: number): CachedRecord | undefined {
    return this.#records.get(this.#keyOf(collection, number))
  }

  keep(collection: number, number: number, record: CachedRecord): void {
    this.#records.set(this.#keyOf(collection, number), record)
  }

  forget(collection: number, number: number): void {
    this.#records.delete(this.#keyOf(collection, number))
  }

  #keyOf(collection: number, number: number): number {
    let place = this.#places.get(collection)
    if (place === undefined) {
      place = this.#places.size
      this.#places.set(collection, place)
    }
    return place * NUMBERS + number
  }
}
