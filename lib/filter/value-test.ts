import type { ContainsTest, ElementMatchTest, FilterNode, FilterValue, ValueTest } from './ast.js'
import { equals, ValueList } from './equality.js'
import { isFields } from './field-path.js'
import { rangePredicate } from './range.js'

/** A compiled test of what a path reached. */
export interface ValuePredicate {
  /** Whether one value passes by itself. */
  readonly one: (value: unknown) => boolean
  /** The elements of an array at the end of a path are tried as well as the array. */
  readonly tryElements: boolean
  /** The answer where the path ends too early. */
  readonly ofMissing: boolean
}

/**
 * Compiles a test to closures.
 *
 * @param compile - compiles the conditions inside an `$elemMatch`
 */
export function compileTest(
  test: ValueTest,
  compile: (node: FilterNode) => (subject: unknown) => boolean,
): ValuePredicate {
  switch (test.operator) {
    case '$eq':
      return { one: equalPredicate(test.value), tryElements: true, ofMissing: test.value === null }
    case '$in': {
      const list = new ValueList(test.values)
      return { one: (value) => list.has(value), tryElements: true, ofMissing: list.has(null) }
    }
    case 'range':
      return { one: rangePredicate(test), tryElements: true, ofMissing: false }
    case '$regex': {
      const { pattern } = test
      return {
        one: (value) => typeof value === 'string' && pattern.test(value),
        tryElements: true,
        ofMissing: false,
      }
    }
    case '$contains':
      return { one: containsPredicate(test), tryElements: false, ofMissing: false }
    case '$exists':
      return { one: () => true, tryElements: false, ofMissing: false }
    case '$size': {
      const { size } = test
      return {
        one: (value) => Array.isArray(value) && value.length === size,
        tryElements: false,
        ofMissing: false,
      }
    }
    case '$elemMatch':
      return { one: elementMatchPredicate(test, compile), tryElements: false, ofMissing: false }
  }
}

/** Applies a compiled test where a path ended; `undefined` stands for a path that ended too early. */
export function atPathEnd({ one, tryElements, ofMissing }: ValuePredicate): (value: unknown) => boolean {
  if (!tryElements) return (value) => (value === undefined ? ofMissing : one(value))
  return (value) => {
    if (value === undefined) return ofMissing
    if (one(value)) return true
    if (!Array.isArray(value)) return false
    for (let i = 0; i < value.length; i++) if (one(value[i])) return true
    return false
  }
}

function equalPredicate(operand: FilterValue): (value: unknown) => boolean {
  if (operand === null || typeof operand !== 'object') return (value) => value === operand
  return (value) => equals(value, operand)
}

function containsPredicate({ value: operand }: ContainsTest): (value: unknown) => boolean {
  const isOperand = equalPredicate(operand)
  if (typeof operand === 'string') {
    return (value) =>
      typeof value === 'string' ? value.includes(operand) : Array.isArray(value) && value.some(isOperand)
  }
  return (value) => Array.isArray(value) && value.some(isOperand)
}

function elementMatchPredicate(
  { form, node }: ElementMatchTest,
  compile: (node: FilterNode) => (subject: unknown) => boolean,
): (value: unknown) => boolean {
  const matches = compile(node)
  if (form === 'value') return (value) => Array.isArray(value) && value.some(matches)
  return (value) => Array.isArray(value) && value.some((element) => isFields(element) && matches(element))
}
