import type { PlanStep } from '../filter/plan.js'
import type { CollectionHost } from './collection-host.js'
import type { CollectionState } from './collection-state.js'
import { findMatches } from './filter-matches.js'
import { candidatesFor } from './search.js'
import type { PreparedQuery } from './search-query.js'

/**
 * How a search would be answered, and why.
 *
 * @example
 * ```ts
 * import type { Collection } from 'replivec'
 *
 * declare const articles: Collection<{ year: number }>
 *
 * const { vectors, index, compared, reason } = await articles.explain({ vector: [0.1, 0.9], filter: { year: 2026 } })
 * console.log(vectors, index.segments, compared, reason)
 * ```
 */
export interface QueryPlan {
  readonly collection: string
  /** The backend that answers. */
  readonly backend: string
  /** `exact-scan` compares with every admitted vector, `index` asks an approximate index, `nothing`: no record matches. */
  readonly vectors: 'exact-scan' | 'index' | 'nothing'
  /** Segments whose index is asked, and the candidates asked for first; more, and in the end a scan, where too few match. */
  readonly index: { readonly segments: number; readonly candidates: number }
  /** About how many vectors are compared one by one: where few match, and those not in a segment yet. */
  readonly compared: number
  /** Records a filter admits, or all. */
  readonly matching: number
  readonly records: number
  readonly filter?: {
    /** Fields whose index was used. */
    readonly indexes: readonly string[]
    /** The indexes alone decide; no metadata is read. */
    readonly exact: boolean
    /** Records whose metadata was read and evaluated to find the matching ones. */
    readonly evaluated: number
    /** What was done for each part of the filter. */
    readonly steps: PlanStep
  }
  /** The plan in a sentence. */
  readonly reason: string
}

/** Plans a query as `search` would, running its filter but not the search. The index must be filled. */
export async function explainQuery(
  state: CollectionState,
  host: CollectionHost,
  query: PreparedQuery,
  signal: AbortSignal | undefined,
): Promise<QueryPlan> {
  const view = host.pin()
  const { index } = state
  const indexView = index.pin(view.seq)
  try {
    // Counted at the instant of the view.
    const records = state.liveCount
    const found = query.filter && (await findMatches(state, view, query.filter, host.clock, signal, true))
    const matching = found ? found.numbers.count() : records
    const { vector, ef, exact: isExact, topK } = query
    const plan =
      matching > 0
        ? index.plan(indexView, {
            vector,
            ef,
            exact: isExact,
            k: candidatesFor(index, topK, matching),
            allow: found?.numbers,
          })
        : { segments: 0, candidates: 0, compared: matching }
    const vectors: QueryPlan['vectors'] =
      matching === 0 ? 'nothing' : plan.segments > 0 ? 'index' : 'exact-scan'
    const base = {
      collection: state.name,
      backend: index.kind,
      vectors,
      matching,
      records,
      ...{ index: { segments: plan.segments, candidates: plan.candidates }, compared: plan.compared },
    }
    const road =
      vectors === 'index'
        ? ` ${plan.segments} ${plan.segments === 1 ? 'segment is' : 'segments are'} asked for ${plan.candidates} candidates, ${plan.compared} vectors are compared one by one.`
        : ` ${plan.compared} vectors are compared one by one.`
    if (!found) return { ...base, reason: `No filter: ${records} vectors are candidates.${road}` }
    const { fields, exact, explain } = found.plan
    const how =
      fields.length > 0
        ? `The ${fields.length === 1 ? 'index' : 'indexes'} on ${fields.join(', ')} narrowed the search`
        : 'No index helps this filter, so metadata was read and evaluated'
    const fresh = found.unapplied > 0 && fields.length > 0 ? ', which were written a moment ago' : ''
    return {
      ...base,
      filter: { indexes: fields, exact, evaluated: found.evaluated, steps: explain },
      reason: `${how}: ${matching} of ${records} records match, ${found.evaluated} were evaluated${fresh}.${road}`,
    }
  } finally {
    indexView.release()
    view.release()
  }
}
