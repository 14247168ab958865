import type { Bitmap } from '../bitmap.js'
import type { Locations } from './locations.js'
import type { Admission, PinnedPart } from './part.js'

/** Fewer than one row in so many: looking each record up is faster than going through all rows. */
const SPARSE = 8

/**
 * What `admit` says of every part, found by looking up where each admitted record lies. That answers for now, so it
 * holds for a view only while every one of the records is still where the view sees it.
 *
 * @param allowed - how many records `allow` has
 * @returns one admission a part, or `undefined` when too many records are admitted or one has moved since
 */
export function admitSparsely(
  parts: readonly PinnedPart[],
  seq: number,
  allow: Bitmap,
  allowed: number,
  locations: Locations,
): Admission[] | undefined {
  let rowCount = 0
  for (const { count } of parts) rowCount += count
  if (allowed * SPARSE > rowCount) return undefined
  const found = parts.map(({ part, count }) => ({
    ...{ rows: part.rows, rowCount: count, mask: new Uint32Array((count + 31) >>> 5), count: 0 },
  }))
  let current = found[0]
  const { words } = allow
  for (let at = 0; at < words.length; at++) {
    for (let word = words[at] as number; word !== 0; word &= word - 1) {
      const number = (at << 5) + 31 - Math.clz32(word & -word)
      const id = locations.rowsOf(number)
      // Most records lie in one and the same segment.
      if (current?.rows.id !== id) current = found.find(({ rows }) => rows.id === id)
      const ordinal = locations.ordinalOf(number)
      if (!current || ordinal >= current.rowCount || current.rows.seqAt(ordinal) > seq) return undefined
      const { mask } = current
      mask[ordinal >>> 5] = (mask[ordinal >>> 5] as number) | (1 << (ordinal & 31))
      current.count += 1
    }
  }
  return found.map(({ mask, count }) => ({ mask, count }))
}
