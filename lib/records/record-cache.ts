import { copyMetadata, decodeMetadata, type Metadata } from './metadata.js'

/** Bytes of ids and metadata kept for all collections of a store. */
const BYTES_MAX = 16 * 1024 * 1024
/** What an entry takes besides its strings, and how much larger decoded metadata is than encoded one, about. */
const ENTRY_BYTES = 200
const DECODED_FACTOR = 4
/** Record numbers are below this. */
const NUMBERS = 2 ** 32

/** What a search reads of a record beside its vector. */
export class CachedRecord {
  readonly id: string
  /** Encoded metadata. */
  readonly metadata: string
  #fields: Metadata | undefined

  constructor(id: string, metadata: string) {
    this.id = id
    this.metadata = metadata
  }

  /** A copy of the metadata, decoded once. */
  fields(): Metadata {
    this.#fields ??= decodeMetadata(this.metadata)
    return copyMetadata(this.#fields)
  }
}

/**
 * Records read lately, decoded: what many searches find is read from the record store, checked and decoded once. Whoever changes
 * a record makes it forget it. The oldest make room for others, whoever asked for them since: to keep them by their last use
 * would take as long as a third of what the cache saves (measured with lru-cache).
 */
export class RecordCache {
  readonly #records = new Map<number, CachedRecord>()
  #bytes = 0

  get(collection: number, number: number): CachedRecord | undefined {
    return this.#records.get(collection * NUMBERS + number)
  }

  keep(collection: number, number: number, record: CachedRecord): void {
    const key = collection * NUMBERS + number
    const bytes = bytesOf(record)
    if (bytes > BYTES_MAX || this.#records.has(key)) return
    this.#records.set(key, record)
    this.#bytes += bytes
    if (this.#bytes > BYTES_MAX) this.#makeRoom()
  }

  forget(collection: number, number: number): void {
    this.#delete(collection * NUMBERS + number)
  }

  #makeRoom(): void {
    for (const key of this.#records.keys()) {
      if (this.#bytes <= BYTES_MAX) break
      this.#delete(key)
    }
  }

  #delete(key: number): void {
    const record = this.#records.get(key)
    if (!record) return
    this.#bytes -= bytesOf(record)
    this.#records.delete(key)
  }
}

function bytesOf({ id, metadata }: CachedRecord): number {
  return ENTRY_BYTES + id.length + DECODED_FACTOR * metadata.length
}
