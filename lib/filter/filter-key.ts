import type { Bound, FilterNode, FilterValue, ValueTest } from './ast.js'
import { isList } from './equality.js'

/**
 * A filter as a text that no filter of another meaning has: every part begins with a mark of its kind, and says where it
 * ends. The same conditions in another order have another text.
 */
export function filterKey(node: FilterNode): string {
  switch (node.kind) {
    case 'and':
      return `&${list(node.nodes, filterKey)}`
    case 'or':
      return `|${list(node.nodes, filterKey)}`
    case 'not':
      return `!${filterKey(node.node)}`
    case 'field':
      return `.${text(node.path.text)}${testKey(node.test)}`
    case 'element':
      return `@${testKey(node.test)}`
  }
}

function testKey(test: ValueTest): string {
  switch (test.operator) {
    case '$eq':
      return `=${valueKey(test.value)}`
    case '$in':
      return `i${list(test.values, valueKey)}`
    case 'range':
      return `r${boundKey(test.lower)}${boundKey(test.upper)}`
    case '$exists':
      return 'e'
    case '$size':
      return `#${test.size};`
    case '$elemMatch':
      return `m${test.form === 'query' ? 'q' : 'v'}${filterKey(test.node)}`
    case '$regex':
      return `x${text(test.pattern.source)}${text(test.pattern.options)}`
    case '$contains':
      return `c${valueKey(test.value)}`
  }
}

function boundKey(bound: Bound | undefined): string {
  if (!bound) return '-'
  return `${bound.inclusive ? '=' : '<'}${valueKey(bound.value)}`
}

function valueKey(value: FilterValue): string {
  if (typeof value === 'string') return `s${text(value)}`
  if (typeof value === 'number') return `n${value};`
  if (typeof value === 'boolean') return value ? 't' : 'f'
  if (value === null) return '0'
  if (value instanceof Date) return `d${value.getTime()};`
  if (isList(value)) return `a${list(value, valueKey)}`
  return `o${list(Object.entries(value), ([name, field]) => `${text(name)}${valueKey(field)}`)}`
}

/** With its length in front, a text may hold any mark. */
function text(content: string): string {
  return `${content.length}:${content}`
}

function list<T>(items: readonly T[], keyOf: (item: T) => string): string {
  let key = `${items.length}(`
  for (const item of items) key += keyOf(item)
  return key
}
