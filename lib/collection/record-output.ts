import type { FilterNode } from '../filter/ast.js'
import { parseFilter } from '../filter/parse.js'
import { checkFlag, invalid } from './call-options.js'
import type { Filter } from '../filter/types.js'
import { decodeMetadata } from '../records/metadata.js'
import type { ReadOptions } from './search-query.js'

/** A record as reads return it; `vector` is there with `includeVector: true`. */
export interface StoredRecordOf<M extends object> {
  readonly id: string
  readonly metadata: M
  readonly vector: Float32Array
}

/** Whether a read returns vectors; the type of its result follows. */
export interface VectorFlag<V extends boolean> {
  readonly includeVector: V
}

/** What a read returns, by its flags. */
export type RecordOf<M extends object, O> = O extends { readonly includeVector: true }
  ? StoredRecordOf<M>
  : Omit<StoredRecordOf<M>, 'vector'>

export interface GetOptions extends ReadOptions {
  readonly includeVector?: boolean
}

export interface ScanOptions<M extends object> extends ReadOptions {
  readonly filter?: Filter<M> | undefined
  /** Records read at a time, 1 000 by default. */
  readonly pageSize?: number | undefined
  readonly includeVector?: boolean
}

/** The options of a scan, checked and with their defaults. */
export function prepareScan<M extends object>(
  options: ScanOptions<M>,
): {
  readonly pageSize: number
  readonly includeVector: boolean
  readonly node: FilterNode | undefined
  readonly signal: AbortSignal | undefined
} {
  const { pageSize = 1_000, filter, signal } = options
  if (!Number.isInteger(pageSize) || pageSize < 1)
    throw invalid('pageSize', 'a whole number from 1', pageSize)
  const includeVector = checkFlag(options as Record<string, unknown>, 'includeVector', false)
  return { pageSize, includeVector, node: filter === undefined ? undefined : parseFilter(filter), signal }
}

/** A record as a caller gets it: fresh metadata, and the vector where one was asked for. */
export function toRecord(
  found: { readonly id: string; readonly metadata: string },
  vector: Float32Array | undefined,
): object {
  const record = { id: found.id, metadata: decodeMetadata(found.metadata) }
  return vector ? { ...record, vector } : record
}
