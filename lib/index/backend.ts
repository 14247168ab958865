import type { Metric } from './metric.js'

/** What a backend can do; the store plans around what is missing. */
export interface BackendSupport {
  readonly metrics: readonly Metric[]
  /** Its candidates are the true nearest ones, not approximations. */
  readonly exact: boolean
  /** `search` honours `allow`; without it the store over-fetches and filters. */
  readonly mask: boolean
  /** `open` can bring back what `build` wrote into `directory`. */
  readonly persists: boolean
  /** Largest index it builds, in bytes of f32 vectors; more vectors become several indexes. */
  readonly maxBytes?: number
}

/** The nearest ordinals of one query, nearest first. Both arrays have the same length, at most `k`. */
export interface Candidates {
  readonly ordinals: Uint32Array
  /** In the metric's own unit: cosine 1 − cos, dot −(a · b), euclidean the true L2 distance. May be approximate. */
  readonly distances: Float32Array
}

/** How an outside author plugs in a backend: it proposes candidates, the store keeps everything else. */
export interface IndexBackend {
  readonly kind: string
  readonly supports: BackendSupport
  /**
   * Builds an immutable index over `count` row-major vectors (`count × dimensions`, f32). Runs off the event loop.
   *
   * @param input.vectors - exactly `count * dimensions` floats, at offset 0 of their own buffer. For `cosine` every row
   *   is already scaled to unit length; for an approximate backend up to one part in a thousand. The backend may keep the array; nobody writes to it afterwards
   * @param input.directory - an empty directory for files, for a backend that `supports.persists`; absent for a store in
   *   memory. What is in it when the build resolves must be on stable storage, and never change
   * @param input.signal - aborted when the index is no longer wanted
   * @param input.onProgress - may be told now and then how many of the vectors are in the index
   */
  build(input: {
    vectors: Float32Array
    count: number
    dimensions: number
    metric: Metric
    directory?: string
    signal: AbortSignal
    onProgress?: (indexed: number) => void
  }): Promise<VectorIndex>
  /** Brings back an index from the files that `build` left in `directory`. */
  open?(input: { directory: string; count: number; dimensions: number; metric: Metric }): Promise<VectorIndex>
}

/** Bytes that an index occupies. */
export interface IndexBytes {
  readonly memory: number
  readonly disk: number
  /** Of `memory`, what the array given to `build` takes, where that is kept: it counts once. Absent: nothing. */
  readonly shared?: number
}

/** How an index keeps vectors. */
export interface IndexForm {
  readonly name: string
  readonly reason?: string
}

/** An immutable index over `count` vectors; an ordinal is a row of what it was built from. */
export interface VectorIndex extends AsyncDisposable {
  /**
   * Candidates per query, nearest first.
   *
   * @param input.queries - `count × dimensions` floats, row-major; for `cosine` every row has unit length
   * @param input.k - how many candidates per query at most
   * @param input.ef - how wide an approximate search looks, when the caller set it
   * @param input.allow - a bitmap of admitted ordinals (bit `i & 31` of word `i >> 5`); absent: all
   */
  search(input: {
    queries: Float32Array
    count: number
    k: number
    ef?: number
    allow?: Uint32Array
  }): Promise<Candidates[]> | Candidates[]
  /**
   * How many candidates are to be asked for where the `k` nearest are wanted: candidates of an approximate backend are measured
   * again by the vectors themselves, and the coarser its own distances are, the more of them it takes. Absent: three
   * times `k`, and 64 at least.
   */
  candidatesFor?(k: number): number
  /** For the statistics: how it keeps vectors, such as `'bf16'`, and why, where another way was asked for. */
  readonly form?: IndexForm
  /** What it occupies now. */
  readonly bytes: IndexBytes
  /** Resolves with the reason when the index stops answering (a lost device): the store falls back and says so. */
  readonly lost?: Promise<string>
}
