import type { ContainsTest, FilterValue, RangeTest, RegexTest, Scalar, ValueTest } from './ast.js'
import { type Admission, allBut, intersect, nothing, only, unite } from './admission.js'
import type { FieldIndex } from './field-index.js'
import { Marker } from './field-values.js'
import { boundsRange, encodeIndexKey, type KeyRange, prefixRange } from './index-key.js'
import { intersectRanges } from './range.js'

/** How an index answered: `key` by single keys, `range` by keys in order, `marker` by a fact about the record. */
export type FieldMethod = 'key' | 'range' | 'marker'

/** What the index of one field knows of a test. */
export interface FieldAnswer {
  readonly admission: Admission
  readonly method: FieldMethod
}

/**
 * Asks the index of `field`, which is ready, for the records that may pass `test`. Every test passes only on values
 * (or, for null, on their absence), so an index always has an answer, if a coarse one.
 */
export function answerTest(index: FieldIndex, field: string, test: ValueTest): FieldAnswer {
  switch (test.operator) {
    case '$eq':
      return { admission: equalTo(index, field, test.value), method: 'key' }
    case '$in': {
      const parts = test.values.map((value) => equalTo(index, field, value))
      return { admission: parts.reduce(unite, nothing()), method: 'key' }
    }
    case 'range':
      return answerRange(index, field, test) ?? existing(index, field, false)
    case '$regex':
      return answerRegex(index, field, test)
    case '$contains':
      return answerContains(index, field, test)
    case '$exists':
      return existing(index, field, true)
    case '$size':
    case '$elemMatch':
      return { admission: only(index.lookup(field, Marker.array), false), method: 'marker' }
  }
}

/**
 * Asks for the records in which every one of `ranges` is met. Where a record has one value for the field, that value
 * is in all of them, which is one narrow range; only records with several values may meet them by different ones.
 *
 * @returns `undefined` when the narrow range spans too many keys
 */
export function answerRanges(
  index: FieldIndex,
  field: string,
  ranges: readonly RangeTest[],
): FieldAnswer | undefined {
  const narrow = intersectRanges(ranges)
  const byOne = narrow === undefined ? nothing() : answerRange(index, field, narrow)?.admission
  if (byOne === undefined) return undefined
  let bySeveral = only(index.lookup(field, Marker.array).or(index.lookup(field, Marker.several)), true)
  for (const range of ranges) {
    if (bySeveral.set.isEmpty()) break
    const part = answerRange(index, field, range)?.admission
    bySeveral = part === undefined ? only(bySeveral.set, false) : intersect(bySeveral, part)
  }
  return { admission: unite(byOne, bySeveral), method: 'range' }
}

function answerRange(index: FieldIndex, field: string, test: RangeTest): FieldAnswer | undefined {
  return inKeys(index, field, boundsRange(test))
}

function inKeys(index: FieldIndex, field: string, { start, end, exact }: KeyRange): FieldAnswer | undefined {
  const set = index.lookupRange(field, start, end)
  return set && { admission: only(set, exact), method: 'range' }
}

function existing(index: FieldIndex, field: string, exact: boolean): FieldAnswer {
  return { admission: only(index.lookup(field, Marker.exists), exact), method: 'marker' }
}

function equalTo(index: FieldIndex, field: string, value: FilterValue): Admission {
  if (value === null) return equalToNull(index, field)
  if (!isScalar(value)) {
    const marker = Array.isArray(value) ? Marker.array : Marker.object
    return only(index.lookup(field, marker), false)
  }
  const { key, exact } = encodeIndexKey(value)
  return only(index.lookup(field, key), exact)
}

/** Null matches null, and the path's early end: in all records but those where it is known to go otherwise. */
function equalToNull(index: FieldIndex, field: string): Admission {
  const others = index.lookup(field, Marker.exists).or(index.lookup(field, Marker.silent))
  const nulls = index.lookup(field, encodeIndexKey(null).key)
  return allBut(others.andNot(nulls).andNot(index.lookup(field, Marker.partial)), true)
}

function answerRegex(index: FieldIndex, field: string, { pattern }: RegexTest): FieldAnswer {
  const answer = pattern.prefix === undefined ? undefined : inKeys(index, field, prefixRange(pattern.prefix))
  if (answer === undefined) return existing(index, field, false)
  return { admission: only(answer.admission.set, false), method: answer.method }
}

/**
 * A scalar is an element of an array only where it has a key. A string may also be part of a string, of which keys
 * say nothing: those records have a value that is no array, or several values.
 */
function answerContains(index: FieldIndex, field: string, { value }: ContainsTest): FieldAnswer {
  if (!isScalar(value)) return { admission: only(index.lookup(field, Marker.array), false), method: 'marker' }
  const { key, exact } = encodeIndexKey(value)
  const arrays = index.lookup(field, Marker.array)
  const several = index.lookup(field, Marker.several)
  const others = index.lookup(field, Marker.exists).andNot(arrays).or(several)
  const elements = index.lookup(field, key)
  if (others.isEmpty()) return { admission: only(elements, exact), method: 'key' }
  if (typeof value === 'string') return { admission: only(elements.or(others), false), method: 'marker' }
  return { admission: only(elements.and(arrays), exact && several.isEmpty()), method: 'key' }
}

function isScalar(value: FilterValue): value is Scalar {
  return value === null || typeof value !== 'object' || value instanceof Date
}
