/** The values that `$gt`, `$gte`, `$lt` and `$lte` order; each compares only with values of its own type. */
type Ordered = number | string | boolean | Date

/** A literal type's whole type, because a bound need not be one of the values that occur. */
type Widen<T> = T extends number ? number : T extends string ? string : T extends boolean ? boolean : T

/** The element type of the arrays in `T`. */
type ElementOf<T> = T extends readonly (infer E)[] ? E : never

/** What one value of the field can be: itself or, for arrays, an element. */
type ValueOf<T> = T | ElementOf<T>

type BoundOf<T> = Widen<Extract<ValueOf<T>, Ordered>>

/** A RegExp, where the field can hold a string. */
type PatternOf<T> = Extract<ValueOf<T>, string> extends never ? never : RegExp

/** What a condition can equal. `null` always fits: it also means that the field is missing. */
type OperandOf<T> = ValueOf<T> | null

type IsUnknown<T> = unknown extends T ? true : false

/** Operators of every field. */
export interface EqualityOperators<T> {
  /** Deep equality with the value or, for an array, with one element. The same as the bare value. */
  readonly $eq?: OperandOf<T>
  /** Not `$eq`; matches records without the field, unless the operand is null. */
  readonly $ne?: OperandOf<T>
  /** Equal to one of the values; a RegExp among them is searched for. Empty: matches none. */
  readonly $in?: readonly (OperandOf<T> | PatternOf<T>)[]
  /** Not `$in`; matches records without the field, unless null is listed. */
  readonly $nin?: readonly (OperandOf<T> | PatternOf<T>)[]
  /** The field is there, null included. */
  readonly $exists?: boolean
  /** Not all of these conditions; matches records without the field. */
  readonly $not?: FieldOperators<T> | PatternOf<T>
  /** Has each of the values (an array by its elements). Empty: matches none. */
  readonly $all?: readonly (
    | OperandOf<T>
    | PatternOf<T>
    | { readonly $elemMatch: ElementCondition<ElementOf<T>> }
  )[]
}

/** Operators of fields that hold numbers, strings, booleans or Dates, or arrays of them. */
export interface OrderOperators<B> {
  readonly $gt?: B
  readonly $gte?: B
  readonly $lt?: B
  readonly $lte?: B
}

/** Operators of fields that hold strings or arrays of strings. */
export interface TextOperators {
  /** Found somewhere in the string by RE2 (linear time; no backreferences, no lookaround). */
  readonly $regex?: string | RegExp
  /** Options of `$regex`: `i` ignore case, `m` lines, `s` dot matches a newline. */
  readonly $options?: string
}

/** Operators of fields that hold arrays. */
export interface ArrayOperators<E> {
  /** How many elements there are. */
  readonly $size?: number
  /** One element meets all of this: a filter on its fields, or operators on its value. */
  readonly $elemMatch?: ElementCondition<E>
}

/** The operators that fit a field of type `T`. */
export type FieldOperators<T> =
  IsUnknown<T> extends true
    ? UnknownOperators
    : EqualityOperators<T> &
        ([BoundOf<T>] extends [never] ? unknown : OrderOperators<BoundOf<T>>) &
        ([Extract<ValueOf<T>, string>] extends [never] ? unknown : TextOperators) &
        ([Extract<T, readonly unknown[]>] extends [never] ? unknown : ArrayOperators<ElementOf<T>>) &
        ContainsOperator<T>

/** A substring of a string field, an element of an array field. */
type ContainsOperator<T> = [Extract<T, string | readonly unknown[]>] extends [never]
  ? unknown
  : { readonly $contains?: ElementOf<T> | (Extract<T, string> extends never ? never : string) }

/** The operators of a field of unknown type. */
type UnknownOperators = EqualityOperators<unknown> &
  OrderOperators<Ordered> &
  TextOperators &
  ArrayOperators<unknown> & { readonly $contains?: unknown }

/** The condition on one field of type `T`: a bare value (equality), a RegExp for strings, or operators. */
export type FieldCondition<T> =
  IsUnknown<T> extends true ? unknown : OperandOf<T> | PatternOf<T> | FieldOperators<T>

/** The condition of an `$elemMatch` on elements of type `E`. */
export type ElementCondition<E> =
  IsUnknown<E> extends true
    ? object
    : FieldOperators<E> | ([Extract<E, Fields>] extends [never] ? never : Filter<Extract<E, Fields>>)

/** An object with fields: neither an array nor a Date. */
type Fields = object & { readonly getTime?: never; readonly [Symbol.iterator]?: never }

/** Operators that combine filters. */
export interface LogicalOperators<M extends object> {
  /** Every filter matches; all records do when there are none. */
  readonly $and?: readonly Filter<M>[]
  /** Some filter matches; no record does when there are none. */
  readonly $or?: readonly Filter<M>[]
  /** No filter matches. */
  readonly $nor?: readonly Filter<M>[]
  /** The filter does not match. */
  readonly $not?: Filter<M>
}

/**
 * A condition on the metadata `M` of a record, with the semantics of MongoDB. A bare value is `$eq`, several keys are
 * AND, and a condition on an array field matches if any element does. `$ne`, `$nin` and `$not` match records without the
 * field; `null` matches null and missing.
 *
 * Fields of `M` take the operators that fit their type. Inner fields are reached by dotted paths, which are not
 * typed: `'author.name'`, `'tags.0'`.
 *
 * @example
 * ```ts
 * import type { Filter } from 'replivec'
 *
 * interface Article { section: string; price: number; tags: string[] }
 *
 * const filter: Filter<Article> = {
 *   section: { $in: ['news', 'science'] },
 *   price: { $gte: 10, $lt: 20 },
 *   $or: [{ tags: 'free' }, { tags: { $size: 0 } }],
 * }
 * console.log(Object.keys(filter).length) // 3
 * ```
 */
export type Filter<M extends object = Record<string, unknown>> = LogicalOperators<M> & {
  // An index signature also covers the logical operators, so it must admit what they hold.
  readonly [F in keyof M]?:
    | FieldCondition<Exclude<M[F], undefined>>
    | (string extends F ? readonly Filter<M>[] | Filter<M> : never)
} & { readonly [path: `${string}.${string}`]: unknown }
