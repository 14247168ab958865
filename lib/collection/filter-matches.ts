import type { Bitmap } from '../bitmap.js'
import type { FilterNode } from '../filter/ast.js'
import { compileFilter } from '../filter/evaluate.js'
import { type FilterPlan, planFilter } from '../filter/plan.js'
import { decodeMetadata } from '../records/metadata.js'
import type { Clock } from '../runtime/clock.js'
import type { CollectionHost, StoreView } from './collection-host.js'
import type { CollectionState } from './collection-state.js'
import type { MatchingNumbers } from './filter-cache.js'
import { RecordLookup } from './record-lookup.js'
import { storedFieldIndex } from './stored-field-index.js'
import { TimeSlice } from '../runtime/time-slice.js'

/** The records that match a filter, with how they were found. */
export interface FilterMatches {
  readonly numbers: Bitmap
  readonly plan: FilterPlan
  /** Records whose metadata was read and evaluated. */
  readonly evaluated: number
  /** How many of those because the indexes do not have them yet. */
  readonly unapplied: number
}

/**
 * Finds the matching records of a view: the field indexes give candidates as of the record store's instant, what the
 * overlay touched since is evaluated anew, and candidates the indexes cannot vouch for are read and evaluated.
 *
 * @param countsSteps - the plan is to say how many records each step admits, which takes about as long as the steps
 */
export async function findMatches(
  state: CollectionState,
  view: StoreView,
  filter: FilterNode,
  clock: Clock,
  signal: AbortSignal | undefined,
  countsSteps = false,
): Promise<FilterMatches> {
  const matches = compileFilter(filter)
  const lookup = new RecordLookup(state, view)
  const slice = new TimeSlice(clock, signal)
  const plan = planFilter(filter, storedFieldIndex(state, view.records), { count: countsSteps })
  const numbers = plan.candidates ?? view.records.live(state.number)
  let evaluated = 0
  const test = (metadata: string): boolean => {
    evaluated += 1
    return matches(decodeMetadata(metadata))
  }
  if (!plan.exact) {
    for (const number of numbers.toArray()) {
      const pause = slice.step()
      if (pause) await pause
      // Evaluated here also where the overlay has it: it may leave the overlay in a pause, and be passed over below.
      const record = lookup.byNumber(number)
      if (!record || !test(record.metadata)) numbers.delete(number)
    }
  }
  const indexed = evaluated
  for (const version of state.versions.visible(view.seq)) {
    const pause = slice.step()
    if (pause) await pause
    for (let older = version.older; older; older = older.older) numbers.delete(older.number)
    numbers.delete(version.number)
    const metadata = version.alive
      ? (version.metadata ?? lookup.byNumber(version.number)?.metadata)
      : undefined
    if (metadata !== undefined && test(metadata)) numbers.add(version.number)
  }
  return { numbers, plan, evaluated, unapplied: evaluated - indexed }
}

/** What `findMatches` finds in a view that was pinned in this tick, from the filter cache where that has it. */
export function matchingNumbers(
  state: CollectionState,
  view: StoreView,
  filter: FilterNode,
  clock: Clock,
  signal: AbortSignal | undefined,
): MatchingNumbers | Promise<MatchingNumbers> {
  const find = async () => (await findMatches(state, view, filter, clock, signal)).numbers
  return state.filters.matching(filter, find)
}

/** How many records match now. */
export async function countMatching(
  state: CollectionState,
  host: CollectionHost,
  filter: FilterNode,
  signal: AbortSignal | undefined,
): Promise<number> {
  const view = host.pin()
  try {
    return (await matchingNumbers(state, view, filter, host.clock, signal)).count
  } finally {
    view.release()
  }
}
