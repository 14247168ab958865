import { Bitmap } from '../../lib/bitmap.js'
import type { FieldIndex } from '../../lib/filter/field-index.js'
import { indexEntries } from '../../lib/filter/field-values.js'

/** A field index in maps, built from the keys that `indexEntries` gives; record numbers are positions in `records`. */
export class MapIndex implements FieldIndex {
  /** The look-ups that were made, in order, as `field` or `field..` for a range. */
  readonly asked: string[] = []
  readonly #count: number
  readonly #fields = new Map<string, Map<string, Bitmap>>()
  readonly #keysMax: number

  /** @param keysMax - a range over more keys than this is not answered */
  constructor(
    records: readonly Readonly<Record<string, unknown>>[],
    fields: readonly string[],
    keysMax: number = Number.POSITIVE_INFINITY,
  ) {
    this.#count = records.length
    this.#keysMax = keysMax
    for (const field of fields) {
      const keys = new Map<string, Bitmap>()
      this.#fields.set(field, keys)
      records.forEach((record, number) => {
        for (const key of indexEntries(record, field)) {
          const text = Buffer.from(key).toString('latin1')
          const bitmap = keys.get(text) ?? new Bitmap()
          bitmap.add(number)
          keys.set(text, bitmap)
        }
      })
    }
  }

  ready(field: string): boolean {
    return this.#fields.has(field)
  }

  live(): Bitmap {
    return Bitmap.range(this.#count)
  }

  lookup(field: string, key: Uint8Array): Bitmap {
    this.asked.push(field)
    return this.#keys(field).get(Buffer.from(key).toString('latin1'))?.clone() ?? new Bitmap()
  }

  lookupRange(field: string, start: Uint8Array, end: Uint8Array): Bitmap | undefined {
    this.asked.push(`${field}..`)
    const [first, last] = [Buffer.from(start).toString('latin1'), Buffer.from(end).toString('latin1')]
    const inside = [...this.#keys(field)].filter(([key]) => key >= first && key < last)
    if (inside.length > this.#keysMax) return undefined
    return inside.reduce((union, [, bitmap]) => union.or(bitmap), new Bitmap())
  }

  #keys(field: string): Map<string, Bitmap> {
    const keys = this.#fields.get(field)
    if (keys === undefined) throw new Error(`the field ${field} has no index, so it must not be asked`)
    return keys
  }
}
