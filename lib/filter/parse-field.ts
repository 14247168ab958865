import { types } from 'node:util'
import { allOf, anyOf, type Bound, type FilterNode, type ValueTest } from './ast.js'
import { isPossiblePath, parseFieldPath } from './field-path.js'
import { readComparable, readList, readValue, requireFields } from './operand.js'
import { readPattern, readRegExp } from './parse-regex.js'
import { describeValue, FILTER_DEPTH_MAX, type Trail } from './trail.js'

/** How many names a dotted path may have. */
export const PATH_SEGMENTS_MAX = 100

const OPERATORS =
  '$eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $exists, $not, $all, $elemMatch, $size, $regex, $options, $contains'

/** What the readers of this file need to know: the place, how a test becomes a node, how to read a whole filter. */
interface Context {
  readonly trail: Trail
  /** Puts a test on the field, or on the array element, that is being read. */
  readonly on: (test: ValueTest) => FilterNode
  readonly readFilter: ReadFilter
}

type ReadFilter = (input: unknown, trail: Trail) => FilterNode

/** Reads the condition on one field: a bare value or an object of operators. */
export function readField(
  name: string,
  condition: unknown,
  trail: Trail,
  readFilter: ReadFilter,
): FilterNode {
  const path = parseFieldPath(name)
  if (path.segments.length > PATH_SEGMENTS_MAX) {
    throw trail.invalid(`a path has at most ${PATH_SEGMENTS_MAX} names, this has ${path.segments.length}`)
  }
  if (!isPossiblePath(name)) {
    throw trail.invalid('metadata has no key that begins with $ or is __proto__, so no record has this path')
  }
  const context: Context = { trail, on: (test) => ({ kind: 'field', path, test }), readFilter }
  if (hasOperators(condition)) return readOperators(condition, context)
  return readMember(condition, context)
}

function hasOperators(condition: unknown): condition is object {
  if (typeof condition !== 'object' || condition === null || Array.isArray(condition)) return false
  return Object.keys(condition).some((key) => key.startsWith('$'))
}

/** A bare value, or an item of `$in` or `$all`: a RegExp is searched for, anything else is compared. */
function readMember(value: unknown, { trail, on }: Context): FilterNode {
  if (types.isRegExp(value)) return on({ operator: '$regex', pattern: readRegExp(value, trail) })
  return on({ operator: '$eq', value: readValue(value, trail) })
}

function readOperators(condition: unknown, context: Context): FilterNode {
  const { trail } = context
  const operators = requireFields(condition, trail, 'an object of operators')
  return trail.inside(operators, () => {
    const keys = Object.keys(operators)
    if (keys.length === 0) throw trail.invalid(`expected at least one operator of ${OPERATORS}`)
    return allOf(
      keys
        .filter((key) => key !== '$options' || !Object.hasOwn(operators, '$regex'))
        .map((key) => trail.at(key, () => readOperator(key, operators, context))),
    )
  })
}

function readOperator(
  operator: string,
  operators: Readonly<Record<string, unknown>>,
  context: Context,
): FilterNode {
  const { trail, on } = context
  const operand = operators[operator]
  switch (operator) {
    case '$eq':
      return on({ operator: '$eq', value: readValue(operand, trail) })
    case '$ne':
      return not(on({ operator: '$eq', value: readValue(operand, trail) }))
    case '$gt':
      return on({ operator: 'range', lower: readBound(operand, false, trail) })
    case '$gte':
      return on({ operator: 'range', lower: readBound(operand, true, trail) })
    case '$lt':
      return on({ operator: 'range', upper: readBound(operand, false, trail) })
    case '$lte':
      return on({ operator: 'range', upper: readBound(operand, true, trail) })
    case '$in':
      return readIn(operand, context)
    case '$nin':
      return not(readIn(operand, context))
    case '$exists':
      if (typeof operand !== 'boolean')
        throw trail.invalid(`expected true or false, got ${describeValue(operand)}`)
      return operand ? on({ operator: '$exists' }) : not(on({ operator: '$exists' }))
    case '$not':
      return not(readNegated(operand, context))
    case '$all':
      return readAll(operand, context)
    case '$elemMatch':
      return readElementMatch(operand, context)
    case '$size':
      return on({ operator: '$size', size: readSize(operand, trail) })
    case '$regex':
      return on({ operator: '$regex', pattern: readPattern(operand, operators, trail) })
    case '$options':
      throw trail.invalid('$options stands beside $regex, which is missing')
    case '$contains':
      return on({ operator: '$contains', value: readValue(operand, trail) })
    default:
      throw trail.invalid(
        operator.startsWith('$')
          ? `unknown operator; expected one of ${OPERATORS}`
          : 'a field name stands among operators; use a dotted path for an inner field, or no operators for equality',
      )
  }
}

function not(node: FilterNode): FilterNode {
  return { kind: 'not', node }
}

function readBound(operand: unknown, inclusive: boolean, trail: Trail): Bound {
  return { value: readComparable(operand, trail), inclusive }
}

function readSize(operand: unknown, trail: Trail): number {
  if (typeof operand === 'number' && Number.isSafeInteger(operand) && operand >= 0) return operand
  throw trail.invalid(`expected a whole number from 0 up, got ${describeValue(operand)}`)
}

/** `$in` is one test however many values it lists; only its RegExps become tests of their own. */
function readIn(operand: unknown, context: Context): FilterNode {
  const { trail, on } = context
  const patterns: FilterNode[] = []
  const items = readList(operand, trail, (item) => {
    if (!types.isRegExp(item)) return { value: readValue(item, trail) }
    patterns.push(readMember(item, context))
    return undefined
  })
  const values = items.flatMap((item) => (item === undefined ? [] : [item.value]))
  return anyOf([on({ operator: '$in', values }), ...patterns])
}

function readNegated(operand: unknown, context: Context): FilterNode {
  if (types.isRegExp(operand)) return readMember(operand, context)
  const { trail } = context
  return readOperators(requireFields(operand, trail, 'an object of operators or a RegExp'), context)
}

function readAll(operand: unknown, context: Context): FilterNode {
  const { trail } = context
  const nodes = readList(operand, trail, (item) => {
    if (!hasOperators(item)) return readMember(item, context)
    const keys = Object.keys(item)
    if (keys.length === 1 && keys[0] === '$elemMatch') return readOperators(item, context)
    throw trail.invalid('expected a value, a RegExp or an object with $elemMatch alone')
  })
  return nodes.length === 0 ? { kind: 'or', nodes } : allOf(nodes)
}

function readElementMatch(operand: unknown, context: Context): FilterNode {
  const { trail, on, readFilter } = context
  const conditions = requireFields(operand, trail, 'an object of operators or of conditions on fields')
  if (asksFields(conditions)) {
    return on({ operator: '$elemMatch', form: 'query', node: readFilter(conditions, trail) })
  }
  const node = readOperators(conditions, {
    trail,
    on: (test) => ({ kind: 'element', test }),
    readFilter,
  })
  return on({ operator: '$elemMatch', form: 'value', node })
}

/**
 * Whether the operand of an `$elemMatch` speaks of the fields of an element, rather than of the element as a value.
 * `$not` stands in both forms, so it is decided by what is under it.
 */
function asksFields(conditions: Readonly<Record<string, unknown>>): boolean {
  let level: unknown = conditions
  for (let depth = 0; depth < FILTER_DEPTH_MAX; depth++) {
    if (typeof level !== 'object' || level === null || types.isRegExp(level)) return false
    const keys = Object.keys(level)
    const other = keys.find((key) => key !== '$not')
    if (other !== undefined) return !other.startsWith('$') || ['$and', '$or', '$nor'].includes(other)
    if (keys.length === 0) return true
    level = Object.getOwnPropertyDescriptor(level, '$not')?.value
  }
  return false
}
