/**
 * Past this much waiting, writers wait too: a part of the machine's memory, within limits. A burst of 200 000 small records, 134 MB
 * of versions, is taken at 58 000/s where it may wait and at 33 000/s where it is applied meanwhile (two busy cores).
 */
const BACKLOG_SHARE = 1 / 64
const BACKLOG_BYTES = { least: 64 * 1024 * 1024, most: 192 * 1024 * 1024 }

/** @param memoryBytes - of the machine */
export function backlogLimit(memoryBytes: number): number {
  return Math.min(BACKLOG_BYTES.most, Math.max(BACKLOG_BYTES.least, Math.floor(memoryBytes * BACKLOG_SHARE)))
}
