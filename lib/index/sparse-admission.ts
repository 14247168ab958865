import type { Bitmap } from '../bitmap.js'
import type { Locations } from './locations.js'
import type { Admission, PinnedPart } from './part.js'

/** Fewer than one row in so many: looking each record up is faster than going through all rows. */
const SPARSE = 8

/**
 * What `admit` says of every part, found by looking up where each admitted record lies. That answers for now, so it
 * holds for a view only while every one of the records is still where the view sees it.
 *
 * @returns one admission a part, or `undefined` when too many records are admitted or one has moved since
 */
export function admitSparsely(
  parts: readonly PinnedPart[],
  seq: number,
  allow: Bitmap,
  locations: Locations,
): Admission[] | undefined {
  const byRows = new Map<number, number>()
  let rowCount = 0
  for (const [index, { part, count }] of parts.entries()) {
    byRows.set(part.rows.id, index)
    rowCount += count
  }
  if (allow.count() * SPARSE > rowCount) return undefined
  const masks = parts.map(({ count }) => new Uint32Array((count + 31) >>> 5))
  const counts = new Uint32Array(parts.length)
  let moved = false
  allow.forEach((number) => {
    const index = byRows.get(locations.rowsOf(number))
    const pinned = index === undefined ? undefined : parts[index]
    const ordinal = locations.ordinalOf(number)
    if (index === undefined || !pinned || ordinal >= pinned.count || pinned.part.rows.seqAt(ordinal) > seq) {
      moved = true
      return
    }
    const mask = masks[index] as Uint32Array
    mask[ordinal >>> 5] = (mask[ordinal >>> 5] as number) | (1 << (ordinal & 31))
    counts[index] = (counts[index] as number) + 1
  })
  if (moved) return undefined
  return masks.map((mask, index) => ({ mask, count: counts[index] as number }))
}
