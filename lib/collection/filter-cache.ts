import type { Bitmap } from '../bitmap.js'
import type { FilterNode } from '../filter/ast.js'
import { filterKey } from '../filter/filter-key.js'

/** Bytes of record numbers and keys kept for all collections of a store. */
const BYTES_MAX = 4 * 1024 * 1024
/** Filters kept at most: a write frees those of its collection in one tick. */
const FILTERS_MAX = 1_000
/** What a kept filter takes besides its numbers and its key. */
const ENTRY_BYTES = 256
/** Filters that a collection remembers to have been asked for. */
const SEEN_MAX = 64

/** The records that match a filter. */
export interface MatchingNumbers {
  /** Others have them too: not to be changed. */
  readonly numbers: Bitmap
  readonly count: number
}

interface KeptFilter extends MatchingNumbers {
  readonly owner: CollectionFilters
  readonly key: string
  readonly hash: number
  readonly bytes: number
}

/** The record numbers of filters that were asked for again; the least recently used make room for others. */
export class FilterCache {
  /** Least recently used first. */
  readonly #kept = new Set<KeptFilter>()
  #bytes = 0

  /** The part of a collection. */
  forCollection(): CollectionFilters {
    return new CollectionFilters(this)
  }

  /** @internal For `CollectionFilters`, as all that follows. */
  used(kept: KeptFilter): void {
    this.#kept.delete(kept)
    this.#kept.add(kept)
  }

  /** @returns false for what would push out too many others: that is not kept */
  keep(kept: KeptFilter): boolean {
    if (kept.bytes > BYTES_MAX / 4) return false
    this.#kept.add(kept)
    this.#bytes += kept.bytes
    for (const oldest of this.#kept) {
      if (this.#bytes <= BYTES_MAX && this.#kept.size <= FILTERS_MAX) break
      this.free(oldest)
      oldest.owner.evicted(oldest.key)
    }
    return true
  }

  free(kept: KeptFilter): void {
    this.#kept.delete(kept)
    this.#bytes -= kept.bytes
  }
}

/** A collection's part of the cache: what is kept is right for what is visible in the collection now. */
export class CollectionFilters {
  readonly #cache: FilterCache
  readonly #kept = new Map<string, KeptFilter>()
  /** Hashes of filters asked for, the oldest first; a filter that comes once takes no room. */
  readonly #seen = new Set<number>()
  #generation = 0

  /** @internal Use `FilterCache.forCollection`. */
  constructor(cache: FilterCache) {
    this.#cache = cache
  }

  /**
   * What is kept of a filter, or what `find` finds. That is kept at the second time of asking.
   *
   * @param find - finds the records that match in what is visible when `matching` is called
   */
  matching(filter: FilterNode, find: () => Promise<Bitmap>): MatchingNumbers | Promise<MatchingNumbers> {
    const key = filterKey(filter)
    const kept = this.#kept.get(key)
    if (!kept) return this.#found(key, find)
    this.#cache.used(kept)
    return kept
  }

  /** Forgets what is kept: something changed what filters of this collection find. */
  invalidate(): void {
    this.#generation += 1
    if (this.#kept.size === 0) return
    for (const kept of this.#kept.values()) {
      this.#cache.free(kept)
      this.#remember(kept.hash)
    }
    this.#kept.clear()
  }

  /** @internal Told by the cache of a filter that had to go. */
  evicted(key: string): void {
    this.#kept.delete(key)
  }

  async #found(key: string, find: () => Promise<Bitmap>): Promise<MatchingNumbers> {
    const generation = this.#generation
    const hash = hashOf(key)
    const isSeen = this.#remember(hash)
    const numbers = await find()
    const count = numbers.count()
    // What was visible when the finding began may not be what is visible now, and nothing would remove it later.
    if (isSeen && generation === this.#generation && !this.#kept.has(key)) {
      const bytes = ENTRY_BYTES + numbers.words.byteLength + 2 * key.length
      const kept = { owner: this, key, hash, bytes, numbers, count }
      if (this.#cache.keep(kept)) this.#kept.set(key, kept)
    }
    return { numbers, count }
  }

  /** @returns whether it was remembered already */
  #remember(hash: number): boolean {
    const isSeen = this.#seen.delete(hash)
    this.#seen.add(hash)
    if (this.#seen.size > SEEN_MAX) {
      const [oldest] = this.#seen
      this.#seen.delete(oldest as number)
    }
    return isSeen
  }
}

/** FNV-1a: keys may be long, and of those remembered nothing else is needed. Equal hashes only have a filter kept early. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return hash
}
