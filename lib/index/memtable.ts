import type { IndexBackend } from './backend.js'
import { normalizeInto, normOf } from './distance.js'
import type { Metric } from './metric.js'
import type { Part } from './part.js'
import { rowsMaxOf } from './segment-builder.js'

/** A memtable is frozen at this many rows or bytes, whichever is less: scanning it exactly stays under a millisecond. */
const MEMTABLE_ROWS_MAX = 4_096
const MEMTABLE_BYTES_MAX = 4 * 1024 * 1024
/** Where every search is a scan, a part is only the unit of pauses: about a millisecond. */
const SCANNED_ROWS_MAX = 65_536
const SCANNED_BYTES_MAX = 16 * 1024 * 1024
/**
 * A vector this close to unit length is kept as it is, so that its record need not be read to know its distance. What an exact
 * backend is given may differ by no more than rounding makes of others; where all is measured again, by what embeddings lose
 * when they are written with few digits.
 */
const UNIT_TOLERANCE_EXACT = 5e-7
const UNIT_TOLERANCE = 1e-3

/** What a memtable is filled for. */
export interface MemtableOptions {
  readonly dimensions: number
  readonly metric: Metric
  readonly backend: IndexBackend
}

/** Rows at which a memtable is full. */
export function memtableRowsOf({ dimensions, backend }: MemtableOptions): number {
  const { exact } = backend.supports
  const rowsMax = exact ? SCANNED_ROWS_MAX : MEMTABLE_ROWS_MAX
  const bytesMax = exact ? SCANNED_BYTES_MAX : MEMTABLE_BYTES_MAX
  const rows = Math.max(64, Math.min(rowsMax, Math.floor(bytesMax / (dimensions * 4))))
  return Math.min(rows, rowsMaxOf(backend, dimensions))
}

/** Appends the vector that operation `seq` gave to a record; returns its ordinal. */
export function appendVector(
  memtable: Part,
  number: number,
  seq: number,
  vector: Float32Array,
  { dimensions, metric, backend }: MemtableOptions,
): number {
  const { rows } = memtable
  const { exact } = backend.supports
  const norm = normOf(vector, 0, dimensions)
  const difference = metric === 'cosine' ? Math.abs(norm - 1) : 0
  const isScaled = difference > (exact ? UNIT_TOLERANCE_EXACT : UNIT_TOLERANCE)
  const ordinal = rows.append(number, seq, isScaled)
  const { vectors } = rows
  if (isScaled) normalizeInto(vectors.pieceOf(ordinal), vectors.offsetOf(ordinal), vector, dimensions, norm)
  else vectors.set(ordinal, vector)
  if (metric !== 'cosine') memtable.largestNorm = Math.max(memtable.largestNorm, norm)
  else if (!isScaled && !exact) memtable.unitSlack = Math.max(memtable.unitSlack ?? 0, difference)
  return ordinal
}
