import { LRUCache } from 'lru-cache'
import type { Clock } from '../runtime/clock.js'
import { TimeSlice } from '../runtime/time-slice.js'
import type { CacheStats } from './collection-stats.js'
import { type AnyHit, copyHits, hitsBytes } from './hits.js'
import { QueryKeys } from './query-key.js'
import type { PreparedQuery } from './search-query.js'

/** What the cache needs to keep an answer, besides its key and its hits, in bytes. */
const ENTRY_BYTES = 256

/** How much a cache may hold. All of it is bounded, whatever was asked for. */
export interface CacheLimits {
  /** Answers, from 1. */
  readonly maxEntries: number
  /** About how many bytes of memory, from 1. */
  readonly maxBytes: number
  /** How many milliseconds an answer is given again, from 1; `undefined` for as long as it is right. */
  readonly ttlMs: number | undefined
}

interface KeptAnswer {
  readonly owner: CollectionCache
  readonly hits: readonly AnyHit[]
}

/** The answers of a store's searches that may be asked for again; the least recently used ones make room for others. */
export class QueryCache {
  readonly #limits: CacheLimits
  readonly #clock: Clock
  #answers: LRUCache<string, KeptAnswer>

  constructor(limits: CacheLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
    this.#answers = emptyCache(limits, clock)
  }

  /** The part of a collection. */
  forCollection(number: number, dimensions: number): CollectionCache {
    return new CollectionCache(this, new QueryKeys(number, dimensions))
  }

  /** @internal For `CollectionCache`, as all that follows. */
  find(key: string): readonly AnyHit[] | undefined {
    return this.#answers.get(key)?.hits
  }

  /** @returns false for what is larger than the whole cache: that is not kept */
  keep(key: string, owner: CollectionCache, hits: readonly AnyHit[]): boolean {
    const bytes = ENTRY_BYTES + 2 * key.length + hitsBytes(hits)
    if (bytes > this.#limits.maxBytes) return false
    this.#answers.set(key, { owner, hits }, { size: bytes })
    if (this.#answers.size > this.#limits.maxEntries) this.#answers.pop()
    return true
  }

  /** Frees answers of one collection that nobody can find any more: at once, or in slices where there are many. */
  free(keys: ReadonlySet<string>): void {
    // Beginning anew costs 5 µs; deleting the last entry costs the library as much as the most that it ever held.
    if (keys.size === this.#answers.size) this.#answers = emptyCache(this.#limits, this.#clock)
    else void this.#freeInSlices(keys)
  }

  async #freeInSlices(keys: ReadonlySet<string>): Promise<void> {
    const slice = new TimeSlice(this.#clock)
    for (const key of keys) {
      const pause = slice.step()
      if (pause) await pause
      this.#answers.delete(key)
    }
  }
}

function emptyCache({ maxBytes, ttlMs }: CacheLimits, clock: Clock): LRUCache<string, KeptAnswer> {
  return new LRUCache({
    // Not `max`, which reserves room for so many entries at once.
    maxSize: maxBytes,
    ...(ttlMs === undefined ? {} : { ttl: ttlMs }),
    // The library takes a start of 0 for none; with a resolution of 0 it sets no timer.
    perf: { now: () => clock.monotonic() + 1 },
    ttlResolution: 0,
    dispose: ({ owner }, key, reason) => {
      if (reason === 'evict' || reason === 'expire') owner.evicted(key)
    },
  })
}

/** A collection's part of the cache. What is visible in the collection is a generation, which every key names. */
export class CollectionCache {
  readonly #cache: QueryCache
  readonly #queries: QueryKeys
  #generation = 0
  /** Of what is kept of this generation. */
  #keys = new Set<string>()
  #hits = 0
  #misses = 0
  #evictions = 0

  /** @internal Use `QueryCache.forCollection`. */
  constructor(cache: QueryCache, queries: QueryKeys) {
    this.#cache = cache
    this.#queries = queries
  }

  /**
   * Answers a query: a copy of what is kept, or what `search` finds, which is kept from then on.
   *
   * @param search - searches what is visible when it is called, or later
   */
  answer(query: PreparedQuery, search: () => Promise<AnyHit[]>): AnyHit[] | Promise<AnyHit[]> {
    const key = this.#queries.keyOf(query, this.#generation)
    const kept = this.#cache.find(key)
    if (kept) {
      this.#hits += 1
      return copyHits(kept)
    }
    this.#misses += 1
    return this.#searched(key, search)
  }

  /** Forgets all answers of this collection: something changed what a search in it finds. */
  invalidate(): void {
    this.#generation += 1
    if (this.#keys.size === 0) return
    this.#cache.free(this.#keys)
    this.#keys = new Set()
  }

  /** Plain data. */
  stats(): CacheStats {
    return { hits: this.#hits, misses: this.#misses, evictions: this.#evictions }
  }

  /** @internal Told by the cache of an answer that had to go. */
  evicted(key: string): void {
    if (this.#keys.delete(key)) this.#evictions += 1
  }

  async #searched(key: string, search: () => Promise<AnyHit[]>): Promise<AnyHit[]> {
    const generation = this.#generation
    const hits = await search()
    // What was visible when the search began may not be what is visible now, and nothing would remove it later.
    if (generation !== this.#generation || !this.#cache.keep(key, this, hits)) return hits
    this.#keys.add(key)
    // The caller gets the copy: where V8 sees copies live long, it makes all of them in memory that is collected rarely.
    return copyHits(hits)
  }
}
