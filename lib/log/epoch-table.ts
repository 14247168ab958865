import type { EpochRow, Position } from './position.js'

/**
 * The epochs of a history, oldest first: a row says from which operation on which node wrote, until the next row begins.
 * Nothing tells an epoch from another of the same number but its node, so a pair of both is written by one node once.
 */
export type EpochTable = readonly EpochRow[]

/** No epoch is higher: a node that began one every millisecond would need thirty thousand years, and there is always a next one. */
const EPOCH_MAX = 2 ** 50
/** A peer's table is not believed where it is further ahead: each epoch is an open of some node as master. */
const EPOCHS_AHEAD_MAX = 1_000_000

/** Rows kept: those of a node that starts every minute would fill a segment's header in weeks. */
export const EPOCH_ROWS_MAX = 1_024

/** How a position stands to a history. */
export type Standing =
  /** It is part of the history, or so old that nothing can prove otherwise. */
  | 'known'
  /** Its epoch is yet to come here. */
  | 'to come'
  /** The history has other operations in its place. */
  | 'lost'

/** A peer's last operation. */
export interface LastOperation extends Position {
  /** Who wrote it. */
  readonly nodeId: string
}

/** Whether rows can be a table: epochs go up, and so do their beginnings, except over an epoch that wrote nothing. */
export function isEpochTable(rows: EpochTable): boolean {
  if (rows.length === 0 || rows.length > EPOCH_ROWS_MAX) return false
  return rows.every((row, index) => {
    const before = rows[index - 1]
    if (!Number.isSafeInteger(row.epoch) || row.epoch > EPOCH_MAX || !Number.isSafeInteger(row.firstSeq))
      return false
    return row.epoch > (before?.epoch ?? 0) && row.firstSeq >= (before?.firstSeq ?? 1)
  })
}

/** Whether a peer's table can be of the same history as one's own: a lie about its epochs would fence for good. */
export function isCredible(table: EpochTable, own: EpochTable): boolean {
  return highestEpoch(table) <= highestEpoch(own) + EPOCHS_AHEAD_MAX
}

/** 0 for a table without rows. */
export function highestEpoch(table: EpochTable): number {
  return table.at(-1)?.epoch ?? 0
}

/**
 * The epoch an operation was written in. What is older than the table counts to its oldest row: the beginning of a
 * history, or of what is left of its table.
 */
export function epochOf(table: EpochTable, seq: number): number {
  return (table.findLast(({ firstSeq }) => firstSeq <= seq) ?? table[0])?.epoch ?? 1
}

/** Who wrote in an epoch; `undefined` when it has no row. */
export function nodeOf(table: EpochTable, epoch: number): string | undefined {
  return table.findLast((row) => row.epoch === epoch)?.nodeId
}

/**
 * The table of a node that is about to write: with a row for an epoch above all that were seen.
 *
 * Rows that begin where the new one does, or after, are left out: nothing was written in them here. Their numbers count as
 * seen, because something may have been written and lost. Beyond `EPOCH_ROWS_MAX` the oldest rows go.
 *
 * @param firstSeq - the operation that will be written next
 * @param above - the highest epoch that this node heard of in any other way, tables that it has given up included: it may have
 *   written in those, and must never give the same pair of epoch and node again
 */
export function withNewEpoch(
  table: EpochTable,
  { nodeId, firstSeq, above }: { nodeId: string; firstSeq: number; above: number },
): EpochRow[] {
  const epoch = Math.max(highestEpoch(table), above) + 1
  const written = table.filter((row) => row.firstSeq < firstSeq)
  return [...written, { epoch, nodeId, firstSeq }].slice(-EPOCH_ROWS_MAX)
}

/**
 * Whether everything up to a peer's last operation is the beginning of this history, so that it can go on from there.
 *
 * That is so when its epoch has a row here with the same node, and `last.seq` lies in the row: from the point where the epoch
 * begins (`firstSeq - 1`, with nothing of it yet; 0 in an epoch that begins a history) to the end of the row, which is the
 * operation before the next row or, in the last row, `headSeq`. A row in which nothing was written is that one point. An
 * operation that lies before its epoch began, and one whose row was dropped or replaced, proves nothing: `false`.
 *
 * @param headSeq - the last operation of this history
 */
export function continues(table: EpochTable, headSeq: number, last: LastOperation): boolean {
  const at = table.findLastIndex((row) => row.epoch === last.epoch)
  const row = table[at]
  if (!row || row.nodeId !== last.nodeId) return false
  const next = table[at + 1]
  const endSeq = next ? Math.min(next.firstSeq - 1, headSeq) : headSeq
  return last.seq >= row.firstSeq - 1 && last.seq <= endSeq
}

/**
 * How a position whose node nobody knows any more stands to a history.
 *
 * What lies before the oldest row, in its epoch or an older one, counts as known: the rows that could tell may have been dropped,
 * and those of the history that a backup came from never were here.
 */
export function standingOf(table: EpochTable, { epoch, seq }: Position): Standing {
  if (epoch > highestEpoch(table)) return 'to come'
  const at = table.findLastIndex((row) => row.epoch <= epoch)
  const row = table[at]
  const [oldest] = table
  if (oldest && seq < oldest.firstSeq && epoch <= oldest.epoch) return 'known'
  if (row?.epoch !== epoch || seq < row.firstSeq - 1) return 'lost'
  const next = table[at + 1]
  return next && seq >= next.firstSeq ? 'lost' : 'known'
}
