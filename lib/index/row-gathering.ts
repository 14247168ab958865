import type { Clock } from '../runtime/clock.js'
import { TimeSlice } from '../runtime/time-slice.js'
import type { Locations } from './locations.js'
import type { Part } from './part.js'
import type { Rows } from './rows.js'

/** Copied in one piece before other work gets a turn: about 2 ms. */
const COPY_BYTES = 8 * 1024 * 1024

/** Where each row of a new segment came from. */
export interface Transfer {
  rowsOf(ordinal: number): number
  ordinalOf(ordinal: number): number
}

/** Copies the live rows of all sources together, in slices. */
export async function gather(
  sources: readonly Part[],
  newRows: (capacity: number) => Rows,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ rows: Rows; transfer: Transfer }> {
  const rows = newRows(sources.reduce((sum, source) => sum + source.rows.count - source.rows.deadCount, 0))
  const fromRows: number[] = []
  const fromOrdinals: number[] = []
  const slice = new TimeSlice(clock, signal)
  for (const { rows: source } of sources) {
    for (let ordinal = 0; ordinal < source.count; ordinal++) {
      if (source.isDead(ordinal)) continue
      const isScaled = source.isScaled(ordinal)
      const target = rows.append(source.numberAt(ordinal), source.seqAt(ordinal), isScaled)
      rows.vectors.set(target, source.vectors.at(ordinal))
      fromRows.push(source.id)
      fromOrdinals.push(ordinal)
      const pause = slice.step()
      if (pause) await pause
    }
  }
  rows.shrink()
  const transfer = {
    rowsOf: (ordinal: number) => fromRows[ordinal] as number,
    ordinalOf: (ordinal: number) => fromOrdinals[ordinal] as number,
  }
  return { rows, transfer }
}

/** Lets records be in the rows that were gathered; where they were replaced or deleted since, those rows are dead. */
export function moveRecords(rows: Rows, transfer: Transfer, locations: Locations): void {
  for (let ordinal = 0; ordinal < rows.count; ordinal++) {
    const number = rows.numberAt(ordinal)
    const isThere =
      locations.rowsOf(number) === transfer.rowsOf(ordinal) &&
      locations.ordinalOf(number) === transfer.ordinalOf(ordinal)
    if (isThere) locations.set(number, rows.id, ordinal)
    else rows.kill(ordinal, rows.seqAt(ordinal), false)
  }
}

/** The vectors of all rows in one array, as backends take them: the rows' own, where they lie in one. */
export async function contiguous(rows: Rows, clock: Clock, signal: AbortSignal): Promise<Float32Array> {
  const [first, second] = rows.vectors.pieces
  if (first && !second && first.length === rows.count * rows.dimensions) return first
  const whole = new Float32Array(rows.count * rows.dimensions)
  const step = COPY_BYTES / 4
  let length = 0
  for (const piece of rows.content().vectors) {
    for (let from = 0; from < piece.length; from += step) {
      whole.set(piece.subarray(from, from + step), length + from)
      await clock.yield()
      signal.throwIfAborted()
    }
    length += piece.length
  }
  return whole
}
