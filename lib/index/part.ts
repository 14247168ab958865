import { Bitmap } from '../bitmap.js'
import type { VectorIndex } from './backend.js'
import type { Rows } from './rows.js'
import type { SegmentPlace } from './segment-store.js'

/** One searchable run of rows: the memtable, a frozen memtable, or a segment that a backend has indexed. */
export interface Part {
  readonly rows: Rows
  /** What the backend built over the rows; without it they are scanned. */
  index: VectorIndex | undefined
  /** Exact scans of its rows, for a segment whose index is approximate. */
  scans?: RowScans
  /** Where it lies on disk, with the bytes of its rows there. */
  stored?: { readonly place: SegmentPlace; readonly diskBytes: number }
  /** The longest vector among the rows; 1 for cosine, where all have unit length. */
  largestNorm: number
  /** How much the length of a cosine row may differ from 1, beyond rounding; absent: not at all. */
  unitSlack?: number
}

/** Exact scans of rows that stay as they are, one for each piece of them. */
export interface RowScans extends AsyncDisposable {
  /** Bytes held beside the vectors. */
  readonly bytes: number
  of(piece: number): VectorIndex
}

/** A part as one view sees it. */
export interface PinnedPart {
  readonly part: Part
  /** Rows appended later are not part of the view. */
  readonly count: number
}

/** Which ordinals of a part a search may return, and how many those are. */
export interface Admission {
  /** Bitmap words; `undefined` admits every row. */
  readonly mask: Uint32Array | undefined
  readonly count: number
}

/**
 * The rows of a part that a view at `seq` sees and a filter admits.
 *
 * @param allow - admitted record numbers; `undefined` admits all
 */
export function admit(pinned: PinnedPart, seq: number, allow: Bitmap | undefined): Admission {
  const { rows } = pinned.part
  const visible = rows.visible(pinned.count, seq)
  if (!allow) {
    if (visible) return { mask: visible, count: new Bitmap(visible).count() }
    // A memtable may have grown and got its index since the view was pinned: then the index knows more rows.
    const { index, scans } = pinned.part
    const hidesRows = (index ?? scans) !== undefined && pinned.count < rows.count
    return { mask: hidesRows ? Bitmap.range(pinned.count).words : undefined, count: pinned.count }
  }
  const mask = new Uint32Array((pinned.count + 31) >>> 5)
  let count = 0
  for (let ordinal = 0; ordinal < pinned.count; ordinal++) {
    if (!allow.has(rows.numberAt(ordinal))) continue
    const bit = 1 << (ordinal & 31)
    if (visible && ((visible[ordinal >>> 5] as number) & bit) === 0) continue
    mask[ordinal >>> 5] = (mask[ordinal >>> 5] as number) | bit
    count += 1
  }
  return { mask, count }
}
