import type { Bitmap } from '../../bitmap.js'
import type { Nearest } from './nearest.js'
import type { Matrix } from './matrix.js'
import { Sketch, type SketchQuery } from './sketch.js'
import type { Usearch, UsearchMatches } from './usearch.js'

/**
 * Rows fetched beyond twice those wanted, and more by a share of all. Measured on 50 000 text embeddings of 256
 * components, codes leave 40 rows in doubt, of one query in ten 60 among 8 000 and 130 among 50 000. Fetching more costs
 * less than a second list.
 */
const SLACK = 80
const SLACK_SHARE = 1 / 256
/**
 * Lists of more than this share of the rows are not fetched first, or not after another: sorting them and measuring many
 * of them again would cost more than the f32 scan.
 */
const FIRST_FETCH_SHARE = 1 / 6
const NEXT_FETCH_SHARE = 1 / 32
/** Searches that go without the sketch after the last one proved nothing, at most. */
const PAUSE_MAX = 64
/** Making a sketch takes as long as it saves in about fifty searches (measured): fewer than that must have come first. */
const MAKE_AFTER = 16
/** Codes of admitted rows are copied 1 MiB at a time, which stays in the processor's cache. */
const BLOCK_BYTES = 1024 * 1024

/** One search by way of a sketch. */
export interface SketchSearch {
  readonly queries: Float32Array
  /** Where the query starts in `queries`, in components. */
  readonly offset: number
  /** How many rows are wanted, at least 1: what `nearest` holds. */
  readonly wanted: number
  /** Empty; gets the rows. */
  readonly nearest: Nearest
  /** Offers a row to `nearest`, at its exact distance. */
  measure(row: number): void
}

/**
 * Narrows searches down by a sketch: a native scan lists rows by the distance of their codes, they are measured in that
 * order, and once the next one must be farther than the wanted ones found so far, so must all after it.
 *
 * The sketch is made in the background once enough searches asked for it: what is only written never pays for one.
 */
export class SketchScan {
  readonly #matrix: Matrix
  readonly #scan: NonNullable<Usearch['exactSearchInt8']>
  #sketch: Sketch | undefined
  /** Searches that went without. */
  #asked = 0
  #making: Promise<void> | undefined
  readonly #abort = new AbortController()
  /** Grows while searches prove nothing, as on rows of very different lengths, so that few pay for a vain try. */
  #penalty = 0
  #pause = 0

  constructor(matrix: Matrix, scan: NonNullable<Usearch['exactSearchInt8']>) {
    this.#matrix = matrix
    this.#scan = scan
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return this.#sketch?.bytes ?? 0
  }

  /** The sketch is there. */
  get isMade(): boolean {
    return this.#sketch !== undefined
  }

  /** Makes the sketch now. Where there can be none, nothing happens. */
  make(): Promise<void> {
    this.#making ??= Sketch.of(this.#matrix, this.#abort.signal).then(
      (sketch) => {
        this.#sketch = sketch
      },
      // Given up, or no memory for it: searches go on without.
      () => undefined,
    )
    return this.#making
  }

  /** Stops making it. */
  async close(): Promise<void> {
    this.#abort.abort()
    await this.#making
  }

  /**
   * Has every row measured that can be among the wanted nearest, and few others.
   *
   * @param admitted - how many rows are admitted, at least 1
   * @param allow - the admitted rows; absent: all
   * @returns whether that was proven; if not, `nearest` is empty again, and what it would not take cannot be wanted
   */
  searchAll(search: SketchSearch, admitted: number, allow?: Bitmap): boolean {
    const { count } = this.#matrix
    const fetch = Math.ceil((firstFetch(search.wanted, count) * count) / admitted)
    if (fetch > count * FIRST_FETCH_SHARE) return false
    return this.#attempt(search, (sketch, query) => this.#searchAll(sketch, query, search, fetch, allow))
  }

  /**
   * The same for the given rows alone, by copying their codes together.
   *
   * @param ordinals - the admitted rows
   */
  searchThese(search: SketchSearch, ordinals: Uint32Array): boolean {
    return this.#attempt(search, (sketch, query) => this.#searchThese(sketch, query, search, ordinals))
  }

  #attempt(
    { queries, offset, nearest }: SketchSearch,
    run: (sketch: Sketch, query: SketchQuery) => boolean,
  ): boolean {
    const sketch = this.#sketch
    if (sketch === undefined) {
      this.#asked += 1
      if (this.#asked === MAKE_AFTER) this.make()
      return false
    }
    if (this.#pause > 0) {
      this.#pause -= 1
      return false
    }
    const query = sketch.prepare(queries, offset)
    if (query === undefined) return false
    const proven = run(sketch, query)
    this.#penalty = proven ? this.#penalty >> 1 : Math.min(PAUSE_MAX, 2 * this.#penalty + 1)
    if (proven) return true
    this.#pause = this.#penalty
    nearest.restart()
    return false
  }

  #searchAll(
    { codes, count }: Sketch,
    query: SketchQuery,
    search: SketchSearch,
    first: number,
    allow: Bitmap | undefined,
  ): boolean {
    const ordinalOf = (row: number) => (allow === undefined || allow.has(row) ? row : undefined)
    for (let fetch = first; ; fetch *= 4) {
      if (measureListed(this.#list(query, codes, count, fetch), query, search, ordinalOf)) return true
      if (4 * fetch > count * NEXT_FETCH_SHARE) return false
      search.nearest.restart()
    }
  }

  #searchThese(sketch: Sketch, query: SketchQuery, search: SketchSearch, ordinals: Uint32Array): boolean {
    const blockRows = Math.floor(BLOCK_BYTES / sketch.dimensions)
    for (let from = 0; from < ordinals.length; from += blockRows) {
      const block = ordinals.subarray(from, from + blockRows)
      const count = block.length
      const fetch = Math.min(count, firstFetch(search.wanted, count))
      const list = this.#list(query, copyCodes(sketch, block), count, fetch)
      const isProven = measureListed(list, query, search, (row) => block[row])
      if (!isProven && fetch < count) return false
    }
    return true
  }

  #list({ codes, metric }: SketchQuery, vectors: Int8Array, count: number, k: number): UsearchMatches {
    return this.#scan({ vectors, count, query: codes, dimensions: this.#matrix.dimensions, k, metric })
  }
}

/** Where codes are copied to. Searches are synchronous, so one is enough for all. */
let scratch = new Int8Array(0)

/** Copies the codes of rows together, neighbours at once. */
function copyCodes({ codes, dimensions }: Sketch, ordinals: Uint32Array): Int8Array {
  const count = ordinals.length
  if (scratch.length < count * dimensions) scratch = new Int8Array(BLOCK_BYTES)
  for (let row = 0; row < count; ) {
    const first = ordinals[row] as number
    let run = 1
    while (row + run < count && ordinals[row + run] === first + run) run += 1
    scratch.set(codes.subarray(first * dimensions, (first + run) * dimensions), row * dimensions)
    row += run
  }
  return scratch.subarray(0, count * dimensions)
}

function firstFetch(wanted: number, count: number): number {
  return Math.ceil(2 * wanted + SLACK + count * SLACK_SHARE)
}

/**
 * Has listed rows measured, as far as needed.
 *
 * @param ordinalOf - which row of the matrix a listed one is; `undefined` for one not admitted
 * @returns whether the list went so far that the wanted rows must have been measured
 */
function measureListed(
  { ordinals, distances }: UsearchMatches,
  query: SketchQuery,
  { nearest, measure }: SketchSearch,
  ordinalOf: (row: number) => number | undefined,
): boolean {
  for (let i = 0; i < distances.length; i++) {
    // The list ascends: from here on everything, listed or not, is farther than the wanted.
    if (query.nearestAt(distances[i] as number) > nearest.bound) return true
    const ordinal = ordinalOf(Number(ordinals[i]))
    if (ordinal !== undefined) measure(ordinal)
  }
  return false
}
