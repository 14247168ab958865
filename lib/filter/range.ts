import type { Bound, Comparable, RangeTest } from './ast.js'

/** Whether two operands have the type that makes them comparable. */
export function sameType(a: Comparable, b: Comparable): boolean {
  return a instanceof Date ? b instanceof Date : typeof a === typeof b
}

/**
 * A predicate for one value. Only values of the bound's type qualify; strings go by UTF-16 code unit, Dates by time,
 * and false comes before true.
 */
export function rangePredicate(range: RangeTest): (value: unknown) => boolean {
  const { lower, upper } = range
  if (lower !== undefined && upper !== undefined) {
    const above = lowerPredicate(lower)
    const below = upperPredicate(upper)
    return (value) => above(value) && below(value)
  }
  if (lower !== undefined) return lowerPredicate(lower)
  return upper === undefined ? () => true : upperPredicate(upper)
}

function lowerPredicate({ value: bound, inclusive }: Bound): (value: unknown) => boolean {
  if (bound instanceof Date) {
    const time = bound.getTime()
    return inclusive
      ? (value) => value instanceof Date && value.getTime() >= time
      : (value) => value instanceof Date && value.getTime() > time
  }
  const type = typeof bound
  return inclusive
    ? (value) => typeof value === type && (value as typeof bound) >= bound
    : (value) => typeof value === type && (value as typeof bound) > bound
}

function upperPredicate({ value: bound, inclusive }: Bound): (value: unknown) => boolean {
  if (bound instanceof Date) {
    const time = bound.getTime()
    return inclusive
      ? (value) => value instanceof Date && value.getTime() <= time
      : (value) => value instanceof Date && value.getTime() < time
  }
  const type = typeof bound
  return inclusive
    ? (value) => typeof value === type && (value as typeof bound) <= bound
    : (value) => typeof value === type && (value as typeof bound) < bound
}

/** The range of the values that are in every one of `ranges`; `undefined` when no value can be. */
export function intersectRanges(ranges: readonly RangeTest[]): RangeTest | undefined {
  let lower: Bound | undefined
  let upper: Bound | undefined
  for (const range of ranges) {
    lower = tighter(lower, range.lower, 1)
    upper = tighter(upper, range.upper, -1)
  }
  for (const range of ranges) {
    for (const bound of [range.lower, range.upper]) {
      const kept = lower ?? upper
      if (bound !== undefined && kept !== undefined && !sameType(bound.value, kept.value)) return undefined
    }
  }
  if (lower !== undefined && upper !== undefined) {
    const order = compare(lower.value, upper.value)
    if (order > 0 || (order === 0 && !(lower.inclusive && upper.inclusive))) return undefined
  }
  return {
    operator: 'range',
    ...(lower === undefined ? {} : { lower }),
    ...(upper === undefined ? {} : { upper }),
  }
}

/** The stricter of two bounds of one direction: 1 for lower bounds, −1 for upper ones. */
function tighter(a: Bound | undefined, b: Bound | undefined, direction: 1 | -1): Bound | undefined {
  if (a === undefined) return b
  if (b === undefined || !sameType(a.value, b.value)) return a
  const order = compare(a.value, b.value) * direction
  if (order !== 0) return order > 0 ? a : b
  return a.inclusive ? b : a
}

/** −1, 0 or 1 for two operands of the same type. */
function compare(a: Comparable, b: Comparable): number {
  if (a < b) return -1
  return a > b ? 1 : 0
}
