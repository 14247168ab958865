import { ReplivecError } from '../errors.js'
import type { FilterNode } from '../filter/ast.js'
import { parseFilter } from '../filter/parse.js'
import type { Filter } from '../filter/types.js'
import { decodeMetadata } from '../records/metadata.js'
import type { CollectionHost } from './collection-host.js'
import type { CollectionState } from './collection-state.js'
import { findMatches } from './filter-matches.js'
import { RecordLookup } from './record-lookup.js'
import { checkOptions, readArguments } from './call-options.js'
import { TimeSlice } from '../runtime/time-slice.js'

/** Which records a call over many is about. */
export interface Selection<M extends object> {
  readonly filter: Filter<M>
}

/** An array has a `filter` too, which is none of ours. */
export function isSelection<M extends object>(
  target: string | readonly string[] | Selection<M>,
): target is Selection<M> {
  return readArguments(
    'selection',
    () => typeof target === 'object' && target !== null && !Array.isArray(target),
  )
}

/** The filter of a count. A slip that would be a filter on a field is told: all other calls take `{ filter }`. */
export function parseCountFilter<M extends object>(filter: Filter<M>): FilterNode {
  const node = parseFilter(filter)
  const [only, more] = Object.entries(filter)
  if (only?.[0] === 'filter' && more === undefined && isObject(only[1])) {
    throw new ReplivecError(
      'OPTIONS_INVALID',
      'count() takes the filter itself: count({ … }), not count({ filter: { … } }). For a field that is called filter write { filter: { $eq: { … } } }.',
    )
  }
  return node
}

function isObject(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && Object.keys(value).every((key) => !key.startsWith('$'))
  )
}

export function parseSelection<M extends object>(target: Selection<M>): FilterNode {
  const filter = readArguments('selection', () => target.filter)
  if (filter === undefined) {
    throw new ReplivecError('OPTIONS_INVALID', 'Give an id or { filter }; { filter: {} } selects all.')
  }
  checkOptions(target, 'selection')
  return parseFilter(filter)
}

/** The ids that match now, found in slices; `stillMatching` checks them again when the call is sequenced. */
export async function idsMatching(
  state: CollectionState,
  host: CollectionHost,
  filter: FilterNode,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const view = host.pin()
  try {
    const { numbers } = await findMatches(state, view, filter, host.clock, signal)
    const lookup = new RecordLookup(state, view)
    const slice = new TimeSlice(host.clock, signal)
    const ids: string[] = []
    for (const number of numbers.toArray()) {
      const pause = slice.step()
      if (pause) await pause
      const record = lookup.byNumber(number)
      if (record) ids.push(record.id)
    }
    return ids
  } finally {
    view.release()
  }
}

/** Those of the ids whose records match in the pending state. */
export function stillMatching(
  state: CollectionState,
  ids: readonly string[],
  matches: (metadata: Record<string, unknown>) => boolean,
): string[] {
  return ids.filter((id) => {
    const metadata = state.pendingMetadata(id)
    return metadata !== undefined && matches(decodeMetadata(metadata))
  })
}
