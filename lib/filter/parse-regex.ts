import { types } from 'node:util'
import { compilePattern, type LinearPattern, optionsOfFlags, type Refuse } from './regex.js'
import { describeValue, type Trail } from './trail.js'

/** Reads `$regex` with the `$options` beside it. Flags of a RegExp and `$options` exclude each other. */
export function readPattern(
  operand: unknown,
  operators: Readonly<Record<string, unknown>>,
  trail: Trail,
): LinearPattern {
  const options = Object.hasOwn(operators, '$options') ? operators.$options : ''
  if (typeof options !== 'string') {
    throw trail.invalid(`$options must be a string of i, m and s, got ${describeValue(options)}`)
  }
  if (types.isRegExp(operand)) {
    if (options === '') return readRegExp(operand, trail)
    if (operand.flags !== '') throw trail.invalid('a RegExp with flags takes no $options; give them once')
    return compilePattern(operand.source, options, refuser(trail))
  }
  if (typeof operand !== 'string') {
    throw trail.invalid(`expected a pattern as a string or a RegExp, got ${describeValue(operand)}`)
  }
  return compilePattern(operand, options, refuser(trail))
}

/** Reads a RegExp by its source and flags. */
export function readRegExp(expression: RegExp, trail: Trail): LinearPattern {
  const refuse = refuser(trail)
  return compilePattern(expression.source, optionsOfFlags(expression.flags, refuse), refuse)
}

function refuser(trail: Trail): Refuse {
  return (problem, cause) => trail.invalid(problem, cause)
}
