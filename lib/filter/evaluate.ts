import type { FieldNode, FilterNode } from './ast.js'
import { type Fields, visitPath } from './field-path.js'
import { atPathEnd, compileTest } from './value-test.js'

type Predicate = (subject: unknown) => boolean

/**
 * Compiles a parsed filter to closures, once for many records. Only own fields are read: a path such as
 * `constructor` or `__proto__.x` finds nothing unless the record has such a field.
 *
 * @returns whether a record with the given metadata matches. It keeps no state and may be called for any number of
 *   records; it throws only `FILTER_INVALID`, when the regular expression engine fails on a value
 */
export function compileFilter(node: FilterNode): (metadata: Fields) => boolean {
  return compile(node)
}

function compile(node: FilterNode): Predicate {
  switch (node.kind) {
    case 'and':
      return every(node.nodes.map(compile))
    case 'or':
      return some(node.nodes.map(compile))
    case 'not': {
      const matches = compile(node.node)
      return (subject) => !matches(subject)
    }
    case 'field':
      return compileField(node)
    case 'element':
      return compileTest(node.test, compile).one
  }
}

function compileField({ path, test }: FieldNode): Predicate {
  const passes = atPathEnd(compileTest(test, compile))
  const [segment, ...rest] = path.segments
  if (segment === undefined || rest.length > 0) return (subject) => visitPath(subject, path, passes)
  // Most conditions name one top-level field, and their subject is always an object with fields.
  const { name } = segment
  return (subject) => {
    const fields = subject as Fields
    return passes(Object.hasOwn(fields, name) ? fields[name] : undefined)
  }
}

function every(parts: readonly Predicate[]): Predicate {
  const [first, second] = parts
  if (first !== undefined && second !== undefined && parts.length === 2) {
    return (subject) => first(subject) && second(subject)
  }
  return (subject) => {
    for (let i = 0; i < parts.length; i++) if (!(parts[i] as Predicate)(subject)) return false
    return true
  }
}

function some(parts: readonly Predicate[]): Predicate {
  return (subject) => {
    for (let i = 0; i < parts.length; i++) if ((parts[i] as Predicate)(subject)) return true
    return false
  }
}
