import { ReplivecError } from '../errors.js'
import { allOf, anyOf, type FilterNode } from './ast.js'
import { readList, requireFields } from './operand.js'
import { readField } from './parse-field.js'
import { Trail } from './trail.js'

/**
 * Checks a filter as the caller wrote it and turns it into a tree of few kinds of nodes, with every operand copied.
 *
 * @param input - a plain object; see `Filter` for what may stand in it
 * @throws ReplivecError `FILTER_INVALID` for anything else; the message names the place, for example
 *   `$and[1].price.$gt`, and what is allowed there, and `details.path` is that place
 */
export function parseFilter(input: unknown): FilterNode {
  const trail = new Trail()
  try {
    return readFilter(input, trail)
  } catch (error) {
    if (ReplivecError.is(error, 'FILTER_INVALID')) throw error
    // A getter or a proxy of the caller threw.
    throw trail.invalid('the value here could not be read; pass plain data', error)
  }
}

/** Reads an object of conditions on fields, all of which must hold. */
export function readFilter(input: unknown, trail: Trail): FilterNode {
  const fields = requireFields(input, trail, 'a plain object of conditions')
  return trail.inside(fields, () =>
    allOf(
      Object.keys(fields).map((key) =>
        trail.at(key, () =>
          key.startsWith('$')
            ? readLogical(key, fields[key], trail)
            : readField(key, fields[key], trail, readFilter),
        ),
      ),
    ),
  )
}

function readLogical(operator: string, operand: unknown, trail: Trail): FilterNode {
  switch (operator) {
    case '$and':
      return allOf(readList(operand, trail, readFilter))
    case '$or':
      return anyOf(readList(operand, trail, readFilter))
    case '$nor':
      return { kind: 'not', node: anyOf(readList(operand, trail, readFilter)) }
    case '$not':
      return { kind: 'not', node: readFilter(operand, trail) }
    default:
      throw trail.invalid('expected a field name or one of $and, $or, $nor, $not here')
  }
}
