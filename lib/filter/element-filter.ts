import { allOf, anyOf, type FilterNode, type RangeTest } from './ast.js'
import { type FieldPath, parseFieldPath } from './field-path.js'
import { intersectRanges } from './range.js'

/**
 * What a record must meet when an element of the array at `path` meets `node`: conditions on fields of the record,
 * for which there may be indexes. It is for planning only; a record may meet it by different elements.
 *
 * @returns `undefined` when nothing can be said of the record
 */
export function recordFilter(node: FilterNode, path: FieldPath): FilterNode | undefined {
  switch (node.kind) {
    case 'and':
      return recordConjunction(node.nodes, path)
    case 'or': {
      const branches = node.nodes.map((branch) => recordFilter(branch, path))
      return branches.every((branch) => branch !== undefined) ? anyOf(branches) : undefined
    }
    case 'not':
      // Another element may well meet what this one must not.
      return undefined
    case 'field':
      // From the array, a name that is a number is an index, which it is not from the element.
      if (node.path.segments[0]?.index !== undefined) return undefined
      return { kind: 'field', path: parseFieldPath(`${path.text}.${node.path.text}`), test: node.test }
    case 'element':
      switch (node.test.operator) {
        case '$contains':
        case '$size':
        case '$elemMatch':
          // These ask for the kind of the element, of which the index of the array says nothing.
          return undefined
        default:
          return { kind: 'field', path, test: node.test }
      }
  }
}

function recordConjunction(nodes: readonly FilterNode[], path: FieldPath): FilterNode | undefined {
  const ranges: RangeTest[] = []
  const known: FilterNode[] = []
  for (const node of nodes) {
    if (node.kind === 'element' && node.test.operator === 'range') {
      ranges.push(node.test)
      continue
    }
    const condition = recordFilter(node, path)
    if (condition !== undefined) known.push(condition)
  }
  if (ranges.length > 0) {
    // One element is in all the ranges, so it is in their intersection.
    const test = intersectRanges(ranges)
    if (test === undefined) return { kind: 'or', nodes: [] }
    known.push({ kind: 'field', path, test })
  }
  return known.length === 0 ? undefined : allOf(known)
}
