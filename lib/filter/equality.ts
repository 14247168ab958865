import type { FilterValue } from './ast.js'
import { isFields } from './field-path.js'

/**
 * Deep equality of a metadata value with an operand: by type and value, objects whatever the order of their keys,
 * arrays in order, Dates by time, −0 as 0. Recursion is as deep as the operand, which the parser bounds.
 */
export function equals(value: unknown, operand: FilterValue): boolean {
  if (operand === null || typeof operand !== 'object') return value === operand
  if (operand instanceof Date) return value instanceof Date && value.getTime() === operand.getTime()
  if (isList(operand)) return Array.isArray(value) && equalElements(value, operand)
  return isFields(value) && equalFields(value, operand)
}

/** `Array.isArray` that also narrows readonly arrays. */
export function isList(value: FilterValue): value is readonly FilterValue[] {
  return Array.isArray(value)
}

function equalElements(value: readonly unknown[], operand: readonly FilterValue[]): boolean {
  if (value.length !== operand.length) return false
  for (let i = 0; i < operand.length; i++) {
    if (!equals(value[i], operand[i] as FilterValue)) return false
  }
  return true
}

function equalFields(
  value: Readonly<Record<string, unknown>>,
  operand: { readonly [key: string]: FilterValue },
): boolean {
  const keys = Object.keys(operand)
  if (Object.keys(value).length !== keys.length) return false
  for (const key of keys) {
    if (!Object.hasOwn(value, key) || !equals(value[key], operand[key] as FilterValue)) return false
  }
  return true
}

/** A list of operands prepared so that membership costs one hash look-up for scalars, however long the list is. */
export class ValueList {
  // Dates are kept by time, apart from numbers. A Set compares like `===`, except that it would find NaN, which no operand is.
  readonly #plain = new Set<unknown>()
  readonly #times = new Set<number>()
  readonly #composite: FilterValue[] = []

  constructor(values: readonly FilterValue[]) {
    for (const value of values) {
      if (value === null || typeof value !== 'object') this.#plain.add(value)
      else if (value instanceof Date) this.#times.add(value.getTime())
      else this.#composite.push(value)
    }
  }

  /** Whether some operand equals `value`. */
  has(value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return this.#plain.has(value)
    if (value instanceof Date) return this.#times.has(value.getTime())
    return this.#composite.some((operand) => equals(value, operand))
  }
}
