/** What the policy knows of a segment. */
export interface SegmentSize {
  readonly count: number
  readonly dead: number
}

/** A tier holds segments within a factor of four of one another; this many of one tier become one of the next. */
const TIER_SEGMENTS = 4
/** Dead rows slow every search; past this share a segment is rebuilt without them. */
const DEAD_SHARE_MAX = 0.2

/**
 * Which segments to rebuild into one, as indexes into `segments`; empty when all is well. Size-tiered merging keeps
 * the number of segments logarithmic and writes each row a logarithmic number of times (O'Neil et al., "The
 * Log-Structured Merge-Tree", 1996).
 *
 * @param rowsMax - the largest segment the backend builds, in rows
 */
export function chooseMerge(segments: readonly SegmentSize[], rowsMax: number): number[] {
  const worn = segments.findIndex(({ count, dead }) => dead > count * DEAD_SHARE_MAX)
  if (worn !== -1) return [worn]
  const tiers = new Map<number, number[]>()
  for (const [index, { count, dead }] of segments.entries()) {
    const live = count - dead
    if (live * 2 > rowsMax) continue
    const tier = Math.floor(Math.log(Math.max(1, live)) / Math.log(TIER_SEGMENTS))
    const members = tiers.get(tier) ?? []
    members.push(index)
    tiers.set(tier, members)
    if (members.length < TIER_SEGMENTS) continue
    const rows = members.reduce((sum, member) => sum + liveRows(segments[member] as SegmentSize), 0)
    if (rows <= rowsMax) return members
    members.shift()
  }
  return []
}

function liveRows({ count, dead }: SegmentSize): number {
  return count - dead
}
