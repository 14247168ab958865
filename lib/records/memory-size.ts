/** What values take in memory besides their parts, in bytes, as measured on V8 with 64-bit pointers. */
export const ARRAY_BYTES = 48
export const SLOT_BYTES = 8
const OBJECT_BYTES = 40
const DATE_BYTES = 104
const STRING_BYTES = 20

/** About how much memory a JSON value or a date takes, with the slot that holds it. */
export function valueBytes(value: unknown): number {
  if (typeof value === 'string') return SLOT_BYTES + stringBytes(value)
  if (typeof value === 'number') return SLOT_BYTES + (Number.isInteger(value) ? 0 : SLOT_BYTES * 2)
  if (typeof value !== 'object' || value === null) return SLOT_BYTES
  if (value instanceof Date) return SLOT_BYTES + DATE_BYTES
  let bytes = SLOT_BYTES + (Array.isArray(value) ? ARRAY_BYTES : OBJECT_BYTES)
  for (const part of Array.isArray(value) ? value : Object.values(value)) bytes += valueBytes(part)
  return bytes
}

/** About how much memory a string takes: a character one byte where all of the string are of Latin-1, else two. */
export function stringBytes(text: string): number {
  return STRING_BYTES + (/[^\u0000-\u00ff]/.test(text) ? 2 * text.length : text.length)
}
