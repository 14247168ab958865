import { chooseMerge } from './merge-policy.js'
import type { Part } from './part.js'
import { liveRows } from './part-figures.js'

/** What decides how parts are put together. */
export interface BuildLimits {
  /** Every search is a scan. */
  readonly exact: boolean
  readonly memtableRows: number
  /** The largest segment the backend builds, in rows. */
  readonly rowsMax: number
}

/** `'indexed'`: all is in segments, but these are not as they were to be; `'unfinished'`: not even that. */
export type PassOutcome = 'done' | 'indexed' | 'unfinished'

/**
 * What a call waits for: the parts that were there when it came, and what becomes of them. Parts frozen since are none of its
 * business, or it would wait for as long as writers are as fast as the builder. What is dead is never built again, so it ends.
 */
export class BuildPass {
  readonly #limits: BuildLimits
  readonly #parts: Set<Part>
  #again: ReadonlySet<Part> = new Set()

  constructor(parts: readonly Part[], limits: BuildLimits) {
    this.#parts = new Set(parts)
    this.#limits = limits
  }

  get parts(): Part[] {
    return [...this.#parts]
  }

  /** Live rows that are to be built anew, though they are in a segment. */
  get rowsAgain(): number {
    return liveRows(this.parts.filter((part) => part.index && this.#again.has(part)))
  }

  /** Live rows in no segment yet. */
  get pending(): number {
    return liveRows(this.parts.filter(({ index }) => !index))
  }

  get outcome(): PassOutcome {
    if (this.choose().length === 0) return 'done'
    return this.parts.every(({ index }) => index) ? 'indexed' : 'unfinished'
  }

  has(part: Part): boolean {
    return this.#parts.has(part)
  }

  /** These are to be built anew. */
  buildAgain(parts: readonly Part[]): void {
    this.#again = new Set(parts)
  }

  /** `segment`, or nothing, has come in the place of `sources`. */
  replace(sources: readonly Part[], segment: Part | undefined): void {
    const had = sources.filter((source) => this.#parts.delete(source))
    if (segment && had.length > 0) this.#parts.add(segment)
  }

  /** What is to be built next; nothing when all is done. */
  choose(): Part[] {
    return chooseParts(this.parts, this.#limits, this.#again)
  }
}

/**
 * What is to be built together next: what is in no segment first, then what is to be built anew, then what the merge policy
 * chooses.
 */
export function chooseParts(
  parts: readonly Part[],
  { exact, memtableRows, rowsMax }: BuildLimits,
  again: ReadonlySet<Part> = new Set(),
): Part[] {
  const frozen = parts.filter((part) => !part.index)
  // Copying rows together makes no exact scan faster, so its parts stay as they were frozen.
  if (frozen.length > 0) return exact ? frozen.slice(0, 1) : upToMax(frozen, rowsMax)
  const rebuild = parts.filter((part) => again.has(part))
  if (rebuild.length > 0) return upToMax(rebuild, rowsMax)
  const sizes = parts.map(({ rows }) => ({ count: rows.count, dead: rows.deadCount }))
  const mergedMax = exact ? Math.min(2 * memtableRows, rowsMax) : rowsMax
  return chooseMerge(sizes, mergedMax).map((index) => parts[index] as Part)
}

function upToMax(parts: readonly Part[], rowsMax: number): Part[] {
  const chosen: Part[] = []
  let rows = 0
  for (const part of parts) {
    rows += liveRows([part])
    if (chosen.length > 0 && rows > rowsMax) break
    chosen.push(part)
  }
  return chosen
}
