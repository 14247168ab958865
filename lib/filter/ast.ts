import type { FieldPath } from './field-path.js'
import type { LinearPattern } from './regex.js'

/** A value that a condition can order: `$gt` and its kin compare it only with values of its own type. */
export type Comparable = boolean | number | string | Date

/** A value that an index key can hold. */
export type Scalar = null | Comparable

/** A value that a condition can equal: a JSON value or a `Date`, copied from the caller, objects without a prototype. */
export type FilterValue = Scalar | readonly FilterValue[] | { readonly [key: string]: FilterValue }

/** One end of a range. */
export interface Bound {
  readonly value: Comparable
  readonly inclusive: boolean
}

export interface EqualTest {
  readonly operator: '$eq'
  readonly value: FilterValue
}

export interface InTest {
  readonly operator: '$in'
  readonly values: readonly FilterValue[]
}

/** One value within the given ends. As parsed it has one end; the planner joins ends that one value must meet. */
export interface RangeTest {
  readonly operator: 'range'
  readonly lower?: Bound
  readonly upper?: Bound
}

export interface ExistsTest {
  readonly operator: '$exists'
}

export interface SizeTest {
  readonly operator: '$size'
  readonly size: number
}

/** Some element meets `node`: as an object with fields (`query`), or as the value of `element` nodes (`value`). */
export interface ElementMatchTest {
  readonly operator: '$elemMatch'
  readonly form: 'query' | 'value'
  readonly node: FilterNode
}

export interface RegexTest {
  readonly operator: '$regex'
  readonly pattern: LinearPattern
}

export interface ContainsTest {
  readonly operator: '$contains'
  readonly value: FilterValue
}

/** What is asked of the values that a path reaches. All negations are `not` nodes around one of these. */
export type ValueTest =
  | EqualTest
  | InTest
  | RangeTest
  | ExistsTest
  | SizeTest
  | ElementMatchTest
  | RegexTest
  | ContainsTest

/** Every node matches: true for no nodes. */
export interface AndNode {
  readonly kind: 'and'
  readonly nodes: readonly FilterNode[]
}

/** Some node matches: false for no nodes. */
export interface OrNode {
  readonly kind: 'or'
  readonly nodes: readonly FilterNode[]
}

export interface NotNode {
  readonly kind: 'not'
  readonly node: FilterNode
}

/** Some value that `path` reaches passes `test`. */
export interface FieldNode {
  readonly kind: 'field'
  readonly path: FieldPath
  readonly test: ValueTest
}

/** The array element at hand passes `test`; only inside an `$elemMatch` of form `value`. */
export interface ElementNode {
  readonly kind: 'element'
  readonly test: ValueTest
}

/** A parsed filter: few kinds of nodes, every operand checked and copied. */
export type FilterNode = AndNode | OrNode | NotNode | FieldNode | ElementNode

/** The conjunction of `nodes`, without a needless level. */
export function allOf(nodes: readonly FilterNode[]): FilterNode {
  const only = nodes[0]
  return nodes.length === 1 && only !== undefined ? only : { kind: 'and', nodes }
}

/** The disjunction of `nodes`, without a needless level. */
export function anyOf(nodes: readonly FilterNode[]): FilterNode {
  const only = nodes[0]
  return nodes.length === 1 && only !== undefined ? only : { kind: 'or', nodes }
}
