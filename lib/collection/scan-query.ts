import type { FilterNode } from '../filter/ast.js'
import { parseFilter } from '../filter/parse.js'
import type { Filter } from '../filter/types.js'
import { checkFlag, invalid } from './call-options.js'
import type { ReadOptions } from './search-query.js'

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
