import type { Bitmap } from '../bitmap.js'
import type { FieldNode, FilterNode, RangeTest } from './ast.js'
import { type Admission, admitsNothing, everything, intersect, invert, nothing, unite } from './admission.js'
import { recordFilter } from './element-filter.js'
import type { FieldIndex } from './field-index.js'
import { answerRanges, answerTest, type FieldAnswer, type FieldMethod } from './field-plan.js'

/** What was done for one node of a filter. Plain JSON. */
export interface PlanStep {
  readonly node: FilterNode['kind']
  readonly field?: string
  readonly operator?: string
  /** `scan`: no index helps. `skipped`: what came before admits nothing. `combined`: from `parts`. */
  readonly method: FieldMethod | 'combined' | 'scan' | 'skipped'
  /** How many records are admitted; null when nothing narrows them, or when they were not counted. */
  readonly admitted: number | null
  /** Every record admitted does match. */
  readonly exact: boolean
  readonly parts?: readonly PlanStep[]
}

/** What the indexes say of a filter. */
export interface FilterPlan {
  /** A superset of the matching records, owned by the caller; `undefined`: look at all. */
  readonly candidates: Bitmap | undefined
  /** Every candidate (every record, when there are none to narrow to) matches; no need to evaluate the filter. */
  readonly exact: boolean
  /** The indexed fields that were used. */
  readonly fields: string[]
  readonly explain: PlanStep
}

/**
 * Narrows a filter to candidate records by the indexes that are ready. A conjunction takes what helps and leaves the
 * rest to evaluation; a disjunction needs every branch; a negation needs an exact set to be the complement of.
 *
 * @param options.count - false saves counting the records of every step (about as long as combining them)
 */
export function planFilter(
  node: FilterNode,
  index: FieldIndex,
  options: { readonly count?: boolean } = {},
): FilterPlan {
  const planner = new Planner(index, options.count ?? true)
  const { admission, step } = planner.plan(node)
  const fields = [...planner.fields]
  if (admission === undefined) return { candidates: undefined, exact: false, fields, explain: step }
  const { set, inverted, exact } = admission
  if (!inverted) return { candidates: set, exact, fields, explain: step }
  if (set.isEmpty()) return { candidates: undefined, exact, fields, explain: step }
  return { candidates: index.live().andNot(set), exact, fields, explain: step }
}

interface Planned {
  readonly admission: Admission | undefined
  readonly step: PlanStep
}

/** A part of a conjunction that has not run yet; the cheapest and most selective run first. */
interface Part {
  readonly rank: number
  readonly head: Pick<PlanStep, 'node' | 'field' | 'operator'>
  readonly run: () => Planned
}

const Rank = { equality: 0, list: 1, marker: 2, compound: 3, range: 4 } as const

class Planner {
  readonly fields = new Set<string>()
  readonly #index: FieldIndex
  readonly #counting: boolean
  #liveCount: number | undefined

  constructor(index: FieldIndex, counting: boolean) {
    this.#index = index
    this.#counting = counting
  }

  plan(node: FilterNode): Planned {
    switch (node.kind) {
      case 'and':
        return this.#planAnd(node.nodes)
      case 'or':
        return this.#planOr(node.nodes)
      case 'not':
        return this.#planNot(node.node)
      case 'field':
        return this.#planField(node)
      case 'element':
        return this.#planned({ node: 'element' }, undefined, 'scan')
    }
  }

  #planAnd(nodes: readonly FilterNode[]): Planned {
    const parts = this.#parts(nodes).sort((a, b) => a.rank - b.rank)
    const steps: PlanStep[] = []
    let admission = everything()
    let exact = true
    for (const part of parts) {
      if (admitsNothing(admission)) {
        steps.push({ ...part.head, method: 'skipped', admitted: null, exact: false })
        continue
      }
      const planned = part.run()
      steps.push(planned.step)
      if (planned.admission === undefined) exact = false
      else admission = intersect(admission, planned.admission)
    }
    const helped = steps.length === 0 || steps.some((step) => step.method !== 'scan')
    if (!helped) return this.#planned({ node: 'and' }, undefined, 'scan', steps)
    const whole = exact || admitsNothing(admission) ? admission : { ...admission, exact: false }
    return this.#planned({ node: 'and' }, whole, 'combined', steps)
  }

  /** The parts of a conjunction, nested ones included, ranges on one field joined. */
  #parts(nodes: readonly FilterNode[]): Part[] {
    const parts: Part[] = []
    const ranges = new Map<string, FieldNode[]>()
    const add = (node: FilterNode): void => {
      if (node.kind === 'and') node.nodes.forEach(add)
      else if (node.kind === 'field' && node.test.operator === 'range' && this.#index.ready(node.path.text)) {
        const sameField = ranges.get(node.path.text)
        if (sameField === undefined) ranges.set(node.path.text, [node])
        else sameField.push(node)
      } else parts.push({ rank: rankOf(node), head: headOf(node), run: () => this.plan(node) })
    }
    nodes.forEach(add)
    for (const [field, sameField] of ranges) parts.push(this.#rangePart(field, sameField))
    return parts
  }

  #rangePart(field: string, nodes: readonly FieldNode[]): Part {
    const head = { node: 'field', field, operator: 'range' } as const
    const tests = nodes.flatMap(({ test }) => (test.operator === 'range' ? [test] : []))
    return { rank: Rank.range, head, run: () => this.#planRanges(field, tests) }
  }

  #planRanges(field: string, tests: readonly RangeTest[]): Planned {
    this.fields.add(field)
    const head = { node: 'field', field, operator: 'range' } as const
    const joined = tests.length > 1 ? answerRanges(this.#index, field, tests) : undefined
    if (joined !== undefined) return this.#planned(head, joined.admission, joined.method)
    const answers = tests.map((test) => answerTest(this.#index, field, test))
    const admission = answers.map((answer) => answer.admission).reduce(intersect)
    const method = answers.some((answer) => answer.method === 'range') ? 'range' : 'marker'
    return this.#planned(head, admission, method)
  }

  #planOr(nodes: readonly FilterNode[]): Planned {
    // One branch without an index makes the others useless, so look before asking any.
    if (!nodes.every((node) => this.#mayHelp(node))) {
      return this.#planned({ node: 'or' }, undefined, 'scan')
    }
    const steps: PlanStep[] = []
    let admission = nothing()
    for (const node of nodes) {
      const planned = this.plan(node)
      steps.push(planned.step)
      if (planned.admission === undefined) return this.#planned({ node: 'or' }, undefined, 'scan', steps)
      admission = unite(admission, planned.admission)
    }
    return this.#planned({ node: 'or' }, admission, 'combined', steps)
  }

  #planNot(node: FilterNode): Planned {
    if (node.kind === 'not') return this.plan(node.node)
    if (node.kind === 'or') {
      // None of them: a conjunction, of which any part may help.
      return this.#planAnd(node.nodes.map((part) => ({ kind: 'not', node: part })))
    }
    if (!this.#mayHelp(node)) return this.#planned({ node: 'not' }, undefined, 'scan')
    const { admission, step } = this.plan(node)
    if (!admission?.exact) return this.#planned({ node: 'not' }, undefined, 'scan', [step])
    return this.#planned({ node: 'not' }, invert(admission), 'combined', [step])
  }

  #planField(node: FieldNode): Planned {
    const field = node.path.text
    const { test } = node
    const head = headOf(node)
    if (test.operator === '$elemMatch') return this.#planElementMatch(node)
    if (!this.#index.ready(field)) return this.#planned(head, undefined, 'scan')
    if (test.operator === 'range') return this.#planRanges(field, [test])
    return this.#answered(head, answerTest(this.#index, field, test))
  }

  /** By the array itself and by what its elements must have, in their own indexes too. Never exact. */
  #planElementMatch(node: FieldNode): Planned {
    const { path, test } = node
    const head = headOf(node)
    const inner = test.operator === '$elemMatch' ? recordFilter(test.node, path) : undefined
    const planned = inner === undefined ? undefined : this.plan(inner)
    const steps = planned === undefined ? [] : [planned.step]
    let admission = planned?.admission
    if (this.#index.ready(path.text)) {
      const arrays = this.#answered(head, answerTest(this.#index, path.text, test)).admission
      admission = admission && arrays ? intersect(admission, arrays) : (admission ?? arrays)
    }
    if (admission === undefined) return this.#planned(head, undefined, 'scan', steps)
    const coarse = admitsNothing(admission) ? admission : { ...admission, exact: false }
    return this.#planned(head, coarse, 'combined', steps)
  }

  #answered(head: Part['head'], answer: FieldAnswer): Planned {
    if (head.field !== undefined) this.fields.add(head.field)
    return this.#planned(head, answer.admission, answer.method)
  }

  #planned(
    head: Part['head'],
    admission: Admission | undefined,
    method: PlanStep['method'],
    parts?: readonly PlanStep[],
  ): Planned {
    const step: PlanStep = {
      ...head,
      method,
      admitted: this.#counting && admission !== undefined ? this.#count(admission) : null,
      exact: admission?.exact ?? false,
      ...(parts === undefined || parts.length === 0 ? {} : { parts }),
    }
    return { admission, step }
  }

  #count({ set, inverted }: Admission): number {
    if (!inverted) return set.count()
    this.#liveCount ??= this.#index.live().count()
    return this.#liveCount - set.count()
  }

  /** Whether some index may narrow `node`; it may still turn out that none does. */
  #mayHelp(node: FilterNode): boolean {
    switch (node.kind) {
      case 'and':
        return node.nodes.length === 0 || node.nodes.some((part) => this.#mayHelp(part))
      case 'or':
        return node.nodes.every((part) => this.#mayHelp(part))
      case 'not':
        return node.node.kind === 'or'
          ? node.node.nodes.some((part) => this.#mayHelp(part))
          : this.#mayHelp(node.node)
      case 'field': {
        if (this.#index.ready(node.path.text)) return true
        if (node.test.operator !== '$elemMatch') return false
        const inner = recordFilter(node.test.node, node.path)
        return inner !== undefined && this.#mayHelp(inner)
      }
      case 'element':
        return false
    }
  }
}

function headOf(node: FilterNode): Part['head'] {
  if (node.kind !== 'field') return { node: node.kind }
  return { node: 'field', field: node.path.text, operator: node.test.operator }
}

function rankOf(node: FilterNode): number {
  if (node.kind === 'not') return Math.max(Rank.marker, rankOf(node.node))
  if (node.kind !== 'field') return Rank.compound
  switch (node.test.operator) {
    case '$eq':
      return Rank.equality
    case '$in':
      return Rank.list
    case '$regex':
    case 'range':
      return Rank.range
    case '$elemMatch':
      return Rank.compound
    default:
      return Rank.marker
  }
}
