import { types } from 'node:util'
import type { Comparable, FilterValue } from './ast.js'
import { describeValue, type Trail } from './trail.js'

/**
 * Copies a value that a condition is compared with. The copy is ours: what the caller does to the original later,
 * and what a getter would answer the next time, changes nothing.
 *
 * @returns a JSON value or `Date`; objects have no prototype, so that any key is an own one
 */
export function readValue(value: unknown, trail: Trail): FilterValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return readNumber(value, trail)
  if (types.isDate(value)) return readDate(value, trail)
  if (Array.isArray(value)) return readList(value, trail, readValue)
  if (types.isRegExp(value)) throw trail.invalid('a RegExp cannot be compared; use $regex')
  if (typeof value === 'object') return readObject(value, trail)
  throw trail.invalid(`expected a JSON value or a Date, got ${describeValue(value)}`)
}

/** Reads an operand that has an order. */
export function readComparable(value: unknown, trail: Trail): Comparable {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return readNumber(value, trail)
  if (types.isDate(value)) return readDate(value, trail)
  throw trail.invalid(`expected a number, string, boolean or Date, got ${describeValue(value)}`)
}

/** Reads an array item by item; a hole reads as `undefined`, which no item may be. */
export function readList<T>(value: unknown, trail: Trail, read: (item: unknown, trail: Trail) => T): T[] {
  if (!Array.isArray(value)) throw trail.invalid(`expected an array, got ${describeValue(value)}`)
  return trail.inside(value, () => {
    const items: T[] = []
    const { length } = value
    for (let i = 0; i < length; i++) items.push(trail.at(i, () => read(value[i], trail)))
    return items
  })
}

/** Checks that a value is a plain object (of any realm) and answers it as fields. */
export function requireFields(
  value: unknown,
  trail: Trail,
  expected: string,
): Readonly<Record<string, unknown>> {
  if (!isPlain(value)) throw trail.invalid(`expected ${expected}, got ${describeKind(value)}`)
  if (Object.getOwnPropertySymbols(value).length > 0) {
    throw trail.invalid('a key is a symbol; keys are field names or operators')
  }
  return value
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  if (types.isDate(value) || types.isRegExp(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // The object prototype of another realm is known by having none itself.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function describeKind(value: unknown): string {
  if (types.isDate(value)) return 'a Date'
  if (types.isRegExp(value)) return 'a RegExp'
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return describeValue(value)
  return 'an instance of a class'
}

function readNumber(value: number, trail: Trail): number {
  if (!Number.isFinite(value)) throw trail.invalid(`expected a finite number, got ${value}`)
  return value
}

function readDate(value: Date, trail: Trail): Date {
  const time = Date.prototype.getTime.call(value)
  if (Number.isNaN(time)) throw trail.invalid('expected a valid Date, got an invalid one')
  return new Date(time)
}

function readObject(value: object, trail: Trail): FilterValue {
  const fields = requireFields(value, trail, 'a JSON value or a Date')
  return trail.inside(fields, () => {
    const copy: Record<string, FilterValue> = Object.create(null)
    for (const key of Object.keys(fields)) {
      copy[key] = trail.at(key, () => {
        // No stored key begins with `$`, so this could never match: it is an operator in the wrong place.
        if (key.startsWith('$')) {
          throw trail.invalid(
            'an operator cannot stand inside a value; reach the inner field by a dotted path',
          )
        }
        return readValue(fields[key], trail)
      })
    }
    return copy
  })
}
