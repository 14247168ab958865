import type { Bitmap } from '../bitmap.js'
import type { BackendSupport, Candidates, VectorIndex } from './backend.js'
import { Nearest, type PreciseCandidates } from './backends/nearest.js'
import { indexedKernel } from './distance.js'
import type { Metric } from './metric.js'
import { type Admission, admit, type PinnedPart } from './part.js'
import { scanPart } from './part-scan.js'
import type { VectorPieces } from './vector-pieces.js'

/** An approximate index takes for one candidate about as long as a scan for so many rows (measured at 256 components). */
const ROWS_A_CANDIDATE = 16
/**
 * Of rows that a filter or a view admits, an approximate index is asked for so many where they are half of all or fewer: it finds
 * the nearest of many better than the nearest of few.
 */
const ADMITTED_MIN = 96
/** Candidates fetched beyond what the share of admitted rows predicts, from an exact index without masks. */
const OVERFETCH = 1.3
const SLACK = 16
/** How many times the largest error of a distance that was seen one that was not seen may have. */
const ERRORS = 2
/** When too few of the fetched are admitted, the next try fetches so many times more. */
const WIDER = 4

export interface PartQuery {
  /** One vector; of unit length for cosine. */
  readonly query: Float32Array
  /** The distance of a row that is a record's vector itself, to the last bit. */
  readonly measure: (row: Float32Array, rowOffset: number) => number
  readonly k: number
  readonly ef: number | undefined
  /** Do not use an approximate index. */
  readonly exact: boolean
  readonly metric: Metric
  readonly supports: BackendSupport
  /** The instant of the view. */
  readonly seq: number
  /** Admitted record numbers; `undefined` admits all. */
  readonly allow: Bitmap | undefined
  /** About which share of all rows `allow` admits. */
  readonly allowShare: number
  /** A promise when others should have a turn; asked in the middle of long scans. */
  readonly pause: () => Promise<void> | undefined
}

/**
 * The `k` nearest admitted rows of one part, by exact distance where the backend is approximate. A backend that is
 * approximate, or that cannot mask, is asked for more and more, and in the end the rows are scanned, rather than fewer returned
 * than there are.
 *
 * @param admission - what `admit` says of the part, where that is known already
 */
export async function searchPart(
  pinned: PinnedPart,
  input: PartQuery,
  admission?: Admission,
): Promise<PartFound> {
  const { index } = pinned.part
  const { supports } = input
  if (index && !supports.exact && !input.exact) {
    const found = await approximate(pinned, index, input, admission)
    if (found) return found
  }
  const { mask, count } = admission ?? admit(pinned, input.seq, input.allow)
  const wanted = Math.min(input.k, count)
  if (wanted === 0) return NONE
  if (index && supports.exact) {
    const found = supports.mask
      ? await ask(index, input, wanted, mask)
      : await widen(index, pinned.part.rows.count, input, wanted, { mask, count })
    if (found.ordinals.length >= wanted) return found
  }
  return scanPart(pinned, { ...input, wanted, mask })
}

/** What was found in one part, nearest first. */
export type PartFound = Candidates | PreciseCandidates

const NONE: Candidates = { ordinals: new Uint32Array(0), distances: new Float32Array(0) }

/** How one part would be searched. */
export interface PartPlan {
  /** Candidates asked of the index first; 0: the rows are scanned. */
  readonly fetch: number
  /** For more candidates a scan is faster. */
  readonly fetchMax: number
  /** About how many rows are admitted. */
  readonly admitted: number
}

/** Decides how a part is searched, from what is known before. */
export function planPart(pinned: PinnedPart, input: PartQuery, admission?: Admission): PartPlan {
  const { rows, index } = pinned.part
  const { supports, k, ef, allow, exact } = input
  const admitted = admission ? admission.count : admittedRows(pinned, input)
  const plan = { fetch: 0, fetchMax: admitted / ROWS_A_CANDIDATE, admitted }
  if (!index || supports.exact || exact) return plan
  const breadth = Math.max(k, ef ?? index.candidatesFor?.(k) ?? k)
  const isPartial = allow !== undefined || rows.deadCount > 0 || pinned.count < rows.count
  const share = Math.max(1, admitted) / rows.count
  const fetch = supports.mask || !isPartial ? breadth : Math.ceil(leastAdmitted(breadth, ef, share) / share)
  return fetch > plan.fetchMax ? plan : { ...plan, fetch }
}

/** How many candidates are to be admitted rows: hardly more than of all rows where nearly all of them are. */
function leastAdmitted(breadth: number, ef: number | undefined, share: number): number {
  if (ef !== undefined || breadth >= ADMITTED_MIN) return breadth
  return breadth + (ADMITTED_MIN - breadth) * Math.min(1, 2 * (1 - share))
}

/** Asks an approximate index; `undefined` when a scan is faster, or finds what the index does not. */
async function approximate(
  pinned: PinnedPart,
  index: VectorIndex,
  input: PartQuery,
  admission: Admission | undefined,
): Promise<PartFound | undefined> {
  const { k, supports } = input
  const plan = planPart(pinned, input, admission)
  if (plan.fetch === 0) return undefined
  if (supports.mask) {
    const { mask, count } = admission ?? admit(pinned, input.seq, input.allow)
    if (count === 0) return NONE
    const candidates = await ask(index, input, Math.min(plan.fetch, count), mask)
    return measured(pinned, input, candidates, Math.min(k, count))
  }
  const admits = admitter(pinned, input)
  const wanted = admits ? k : Math.min(k, pinned.count)
  for (let { fetch } = plan; fetch <= plan.fetchMax; fetch *= WIDER) {
    const candidates = await ask(index, input, fetch, undefined)
    const found = measured(pinned, input, candidates, wanted, admits)
    if (found || !admits || candidates.ordinals.length === 0) return found
  }
  return undefined
}

/** About how many rows of a part are admitted. */
function admittedRows({ part, count }: PinnedPart, { allowShare }: PartQuery): number {
  return Math.max(0, count - part.rows.deadCount) * allowShare
}

/** Which ordinals may be returned; `undefined` when all may. */
function admitter(pinned: PinnedPart, { seq, allow }: PartQuery): ((ordinal: number) => boolean) | undefined {
  const { rows } = pinned.part
  const visible = rows.visible(pinned.count, seq)
  if (!visible && !allow && pinned.count === rows.count) return undefined
  return (ordinal) =>
    ordinal < pinned.count &&
    (!visible || ((visible[ordinal >>> 5] as number) & (1 << (ordinal & 31))) !== 0) &&
    (!allow || allow.has(rows.numberAt(ordinal)))
}

/**
 * The nearest of candidates by exact distance; `undefined` when fewer than `wanted` are admitted. They are measured in the
 * order of the index, as far as what its distances are off by may change who is among the nearest: by twice as much as those
 * that were measured, at most.
 *
 * @param admits - which ordinals are; absent: all
 */
function measured(
  { part }: PinnedPart,
  { query, k, metric, measure }: PartQuery,
  { ordinals, distances }: Candidates,
  wanted: number,
  admits: (ordinal: number) => boolean = admitsAll,
): PreciseCandidates | undefined {
  const { rows } = part
  const { vectors, dimensions } = rows
  const kernel = indexedKernel(metric)
  const nearest = new Nearest(k)
  let count = 0
  // Nothing, whatever was touched; but a compiler must not know that, or it would touch nothing.
  let error = admits === admitsAll ? 0 * touch(vectors, ordinals, Math.min(k, ordinals.length)) : 0
  for (let i = 0; i < ordinals.length; i++) {
    const ordinal = ordinals[i] as number
    const indexed = distances[i] as number
    if (indexed - ERRORS * error > nearest.bound) break
    if (!admits(ordinal)) continue
    const row = vectors.pieceOf(ordinal)
    const offset = vectors.offsetOf(ordinal)
    const distance = rows.isScaled(ordinal) ? kernel(row, offset, query, 0, dimensions) : measure(row, offset)
    error = Math.max(error, Math.abs(distance - indexed))
    nearest.offer(distance, ordinal)
    count += 1
  }
  return count < wanted ? undefined : nearest.takePrecise()
}

/** Components in a line of the processor's cache. */
const LINE = 16

/**
 * Reads a component of every cache line of the first `count` rows: the processor waits for many lines at once, while who measures
 * row after row waits for each by itself.
 *
 * @returns the sum of those components
 */
function touch(vectors: VectorPieces, ordinals: Uint32Array, count: number): number {
  const { dimensions } = vectors
  let sum = 0
  for (let i = 0; i < count; i++) {
    const ordinal = ordinals[i] as number
    const row = vectors.pieceOf(ordinal)
    const offset = vectors.offsetOf(ordinal)
    for (let at = offset; at < offset + dimensions; at += LINE) sum += row[at] as number
  }
  return sum
}

function admitsAll(): boolean {
  return true
}

/** Over-fetches from an exact backend without masks, filters, and widens until enough is left or all was seen. */
async function widen(
  index: VectorIndex,
  count: number,
  input: PartQuery,
  wanted: number,
  admission: Admission,
): Promise<Candidates> {
  const { mask } = admission
  if (!mask) return ask(index, input, wanted, undefined)
  let fetch = Math.ceil((wanted * OVERFETCH * count) / admission.count) + SLACK
  for (;;) {
    const found = keep(await ask(index, input, Math.min(fetch, count), undefined), mask, wanted)
    if (found.ordinals.length >= wanted || fetch >= count) return found
    fetch *= WIDER
  }
}

function keep(candidates: Candidates, mask: Uint32Array, wanted: number): Candidates {
  const ordinals: number[] = []
  const distances: number[] = []
  for (let i = 0; i < candidates.ordinals.length && ordinals.length < wanted; i++) {
    const ordinal = candidates.ordinals[i] as number
    if (((mask[ordinal >>> 5] ?? 0) & (1 << (ordinal & 31))) === 0) continue
    ordinals.push(ordinal)
    distances.push(candidates.distances[i] as number)
  }
  return { ordinals: Uint32Array.from(ordinals), distances: Float32Array.from(distances) }
}

async function ask(
  index: VectorIndex,
  input: PartQuery,
  k: number,
  allow: Uint32Array | undefined,
): Promise<Candidates> {
  const answer = index.search({
    queries: input.query,
    count: 1,
    k,
    ...(input.ef === undefined ? {} : { ef: input.ef }),
    ...(allow ? { allow } : {}),
  })
  const [candidates] = answer instanceof Promise ? await answer : answer
  return candidates as Candidates
}
