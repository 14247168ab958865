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

  get(collection: number, number: number): CachedRecord | undefined {
    return this.#records.get(collection * NUMBERS + number)
  }

  keep(collection: number, number: number, record: CachedRecord): void {
    this.#records.set(collection * NUMBERS + number, record)
  }

  forget(collection: number, number: number): void {
    this.#records.delete(collection * NUMBERS + number)
  }
}
