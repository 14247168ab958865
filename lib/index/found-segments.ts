import { ReplivecError } from '../errors.js'
import type { IndexBackend, VectorIndex } from './backend.js'
import type { Locations } from './locations.js'
import type { Metric } from './metric.js'
import type { Part } from './part.js'
import { PieceScans } from './part-scan.js'
import type { Rows } from './rows.js'
import type { FoundSegment, SegmentPlace, SegmentStore } from './segment-store.js'

/** Stands for a record that a segment does not have. */
const NONE = 0xffffffff

/** Which segments are meant. */
export interface SegmentsOptions {
  readonly storage: SegmentStore
  readonly backend: IndexBackend
  readonly dimensions: number
  readonly metric: Metric
}

export interface FindSegmentsOptions extends SegmentsOptions {
  readonly nextRowsId: () => number
  /** The newest visible operation. */
  readonly seq: number
  /** Asked between segments: whether to go on. */
  readonly isWanted: () => boolean
  /** A segment cannot be used; its vectors are indexed anew. */
  readonly onFailure: (error: ReplivecError) => void
}

/** The dead rows of a segment, as words of a bitmap; `undefined` when that is not known. */
type DeadRows = (place: SegmentPlace) => Uint32Array | undefined

/** The segments found on disk, while it is found out which of their rows are alive. */
export class FoundSegments {
  readonly parts: readonly Part[]
  readonly #ordinals: Uint32Array[]
  /** What was dead at the close, as far as that was written. */
  #known: { readonly seq: number; readonly deadOf: DeadRows } | undefined

  private constructor(parts: readonly Part[], seq: number, deadOf: DeadRows | undefined) {
    this.parts = parts
    this.#known = deadOf && { seq, deadOf }
    this.#ordinals = parts.map(({ rows }) => ordinalsByNumber(rows))
  }

  /** Opens every segment that is whole and of this backend, and removes the others, but for those of a later version. */
  static async open(options: FindSegmentsOptions): Promise<FoundSegments> {
    const { storage, seq, isWanted, onFailure } = options
    const parts: Part[] = []
    // Nothing here is worth failing for: what cannot be opened is built again, and what cannot be removed stays.
    const tell = (error: unknown): undefined => {
      onFailure(asFailure(error))
    }
    const places = await storage.places().catch(tell)
    for (const place of places ?? []) {
      if (!isWanted()) break
      const part = await openSegment(options, place).catch((error) => {
        tell(error)
        // Whoever wrote it may want it back.
        return ReplivecError.is(error, 'FORMAT_UNSUPPORTED') ? ('newer' as const) : undefined
      })
      if (part === 'newer') continue
      if (!part) await storage.remove(place).catch(tell)
      else {
        storage.hold(place)
        parts.push(part)
      }
    }
    // Not worth failing for: the records know it too.
    const deadOf = isWanted() ? await storage.liveness.take(seq).catch(() => undefined) : undefined
    return new FoundSegments(parts, seq, deadOf)
  }

  /**
   * Revives the rows that were alive at the close, and notes where they lie. Once something was written since the segments were
   * opened that no longer holds, and is forgotten.
   *
   * @param seq - the newest visible operation
   */
  reviveKnown(seq: number, locations: Locations): void {
    const known = this.#known
    this.#known = undefined
    if (known?.seq !== seq) return
    for (const { rows, stored } of this.parts) {
      const dead = stored && known.deadOf(stored.place)
      if (!dead) continue
      rows.reviveAllBut(dead)
      for (let ordinal = 0; ordinal < rows.count; ordinal++) {
        if (!rows.isDead(ordinal)) locations.set(rows.numberAt(ordinal), rows.id, ordinal)
      }
    }
  }

  /**
   * Where the vector lies that operation `seq` gave to a record, if a segment has it: the newest, because a crash may leave what
   * that was merged from.
   */
  find(number: number, seq: number): { rows: Rows; ordinal: number } | undefined {
    for (let index = this.parts.length - 1; index >= 0; index--) {
      const { rows } = this.parts[index] as Part
      const ordinal = this.#ordinals[index]?.[number] ?? NONE
      if (ordinal !== NONE && rows.seqAt(ordinal) === seq) return { rows, ordinal }
    }
    return undefined
  }
}

/** Reads all files of segments. @param onDamage - told of each that is damaged */
export async function checkSegments(
  options: SegmentsOptions,
  places: readonly SegmentPlace[],
  onDamage: (path: string, error: unknown) => void,
): Promise<void> {
  for (const place of places) {
    await checkSegment(options, place).catch((error) => onDamage(place.path, error))
  }
}

async function checkSegment(options: SegmentsOptions, place: SegmentPlace): Promise<void> {
  const { storage, backend, dimensions, metric } = options
  const found = await storage.load(place, 0, { kind: backend.kind, dimensions, metric })
  const index = found && (await openIndex(backend, found, metric))
  await index?.[Symbol.asyncDispose]()
}

async function openSegment(options: FindSegmentsOptions, place: SegmentPlace): Promise<Part | undefined> {
  const { storage, backend, dimensions, metric, nextRowsId } = options
  const { kind } = backend
  const found = await storage.load(place, nextRowsId(), { kind, dimensions, metric })
  return found && partOf(found, await openIndex(backend, found, metric), metric)
}

/** What became of a segment, as a failure of the backend. */
export function asFailure(error: unknown): ReplivecError {
  if (ReplivecError.is(error)) return error
  return new ReplivecError('BACKEND_FAILED', 'A segment on disk cannot be read or removed.', { cause: error })
}

async function openIndex(
  backend: IndexBackend,
  { place, rows }: FoundSegment,
  metric: Metric,
): Promise<VectorIndex | undefined> {
  const { count, dimensions } = rows
  return backend.open?.({ directory: place.indexPath, count, dimensions, metric })
}

function partOf(
  { place, rows, largestNorm, unitSlack, diskBytes }: FoundSegment,
  index: VectorIndex | undefined,
  metric: Metric,
): Part | undefined {
  if (!index) return undefined
  const part: Part = { rows, index, largestNorm, unitSlack, stored: { place, diskBytes } }
  part.scans = new PieceScans(part, metric)
  return part
}

function ordinalsByNumber(rows: Rows): Uint32Array {
  let size = 0
  for (let ordinal = 0; ordinal < rows.count; ordinal++) size = Math.max(size, rows.numberAt(ordinal) + 1)
  const ordinals = new Uint32Array(size).fill(NONE)
  for (let ordinal = 0; ordinal < rows.count; ordinal++) ordinals[rows.numberAt(ordinal)] = ordinal
  return ordinals
}
