import type { Bitmap } from '../../bitmap.js'
import { Nearest } from './nearest.js'
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
/** Of given rows, codes may leave so many in doubt; to measure more costs as much as to scan copies of all (measured). */
const DOUBT_SHARE = 1 / 8
const DOUBT_MIN = 256

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
   * The same for the given rows alone.
   *
   * @param ordinals - the admitted rows
   */
  searchThese(search: SketchSearch, ordinals: Uint32Array): boolean {
    return this.#attempt(search, (sketch, query) => searchThese(sketch, query, search, ordinals))
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

  #list({ codes, metric }: SketchQuery, vectors: Int8Array, count: number, k: number): UsearchMatches {
    return this.#scan({ vectors, count, query: codes, dimensions: this.#matrix.dimensions, k, metric })
  }
}

/**
 * Measures the rows whose codes are nearest; what they leave as the bound rules out all others but few, which are measured
 * too.
 *
 * @returns false when too many are left, or codes are read by the native scan only
 */
function searchThese(
  sketch: Sketch,
  query: SketchQuery,
  { wanted, nearest, measure }: SketchSearch,
  ordinals: Uint32Array,
): boolean {
  const distances = sketch.distances(query, ordinals)
  if (!distances) return false
  const first = new Nearest(Math.min(wanted, ordinals.length))
  for (let i = 0; i < distances.length; i++) first.offer(distances[i] as number, i)
  const places = first.take().ordinals
  for (let i = 0; i < places.length; i++) {
    const place = places[i] as number
    measure(ordinals[place] as number)
    distances[place] = Number.POSITIVE_INFINITY
  }
  const limit = limitOf(query, distances, nearest.bound)
  const doubtful: number[] = []
  for (let i = 0; i < distances.length; i++) if ((distances[i] as number) <= limit) doubtful.push(i)
  if (doubtful.length > Math.max(DOUBT_MIN, ordinals.length * DOUBT_SHARE)) return false
  for (const place of doubtful) {
    if (query.nearestAt(distances[place] as number) <= nearest.bound) measure(ordinals[place] as number)
  }
  return true
}

/** The largest distance of codes at which a row can still be within the bound; distances are whole numbers. */
function limitOf(query: SketchQuery, distances: Float64Array, bound: number): number {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let i = 0; i < distances.length; i++) {
    const distance = distances[i] as number
    if (distance < low) low = distance
    if (distance > high && distance < Number.POSITIVE_INFINITY) high = distance
  }
  if (low > high || query.nearestAt(low) > bound) return Number.NEGATIVE_INFINITY
  // The answer is in [low, high].
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (query.nearestAt(middle) <= bound) low = middle
    else high = middle - 1
  }
  return low
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
