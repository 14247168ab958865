import type { Scalar } from './ast.js'
import { type FieldPath, isFields, parseFieldPath, visitPath } from './field-path.js'
import { encodeIndexKey, markerKey } from './index-key.js'

/**
 * Keys that say of a record what no key of a value says. A record in which the field is simply absent has no key
 * at all; the stored format knows these by their numbers.
 */
export const Marker = {
  /** The path reached a value, `null` included. */
  exists: markerKey(1),
  /** The path reached a value, and elsewhere in the same record it ended too early. */
  partial: markerKey(2),
  /** The path neither reached a value nor ended too early: it ran into an array with nothing to follow. */
  silent: markerKey(3),
  /** Some value, or some element of a value, is an object. */
  object: markerKey(4),
  /** Some value is an array. */
  array: markerKey(5),
  /** The path reached more than one value, through an array on the way. */
  several: markerKey(6),
} as const

/**
 * The distinct keys of one record in the index of one field: every scalar that the path reaches, itself or as an
 * element of an array that it reaches, and the markers that apply.
 *
 * The keys of markers are shared: do not write into them.
 *
 * @param metadata - the record's metadata
 * @param path - the field, dotted for an inner one
 */
export function indexEntries(metadata: Readonly<Record<string, unknown>>, path: string): Uint8Array[] {
  const scalars: Scalar[] = []
  const markers: Uint8Array[] = []
  visitEntries(metadata, parseFieldPath(path), {
    scalar: (value) => scalars.push(value),
    marker: (key) => markers.push(key),
  })
  return [...distinctKeys(scalars), ...markers]
}

/** What `visitEntries` calls. */
export interface EntryVisitor {
  /** A value that the path reaches; the same one may come several times. */
  scalar(value: Scalar): void
  /** One of the keys of `Marker`. */
  marker(key: Uint8Array): void
}

/** As `indexEntries`, with values instead of their keys, for a caller that remembers what it encoded. */
export function visitEntries(
  metadata: Readonly<Record<string, unknown>>,
  path: FieldPath,
  visitor: EntryVisitor,
): void {
  let reached = 0
  let endedEarly = false
  let sawObject = false
  let sawArray = false
  const add = (value: unknown): void => {
    if (isScalar(value)) visitor.scalar(value)
    else if (isFields(value)) sawObject = true
  }
  visitPath(metadata, path, (value) => {
    if (value === undefined) {
      endedEarly = true
      return false
    }
    reached++
    if (Array.isArray(value)) {
      sawArray = true
      value.forEach(add)
    } else add(value)
    return false
  })
  if (reached > 0) visitor.marker(Marker.exists)
  if (reached > 0 && endedEarly) visitor.marker(Marker.partial)
  if (reached === 0 && !endedEarly) visitor.marker(Marker.silent)
  if (sawObject) visitor.marker(Marker.object)
  if (sawArray) visitor.marker(Marker.array)
  if (reached > 1) visitor.marker(Marker.several)
}

/** Whether a value has a key. Neither NaN nor an invalid Date has: no condition matches them. */
function isScalar(value: unknown): value is Scalar {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return !Number.isNaN(value)
  return value instanceof Date && !Number.isNaN(value.getTime())
}

function distinctKeys(scalars: readonly Scalar[]): Uint8Array[] {
  if (scalars.length < 2) return scalars.map((scalar) => encodeIndexKey(scalar).key)
  // By the bytes, not by the value: long strings may share a key.
  const keys = new Map<string, Uint8Array>()
  for (const scalar of scalars) {
    const { key } = encodeIndexKey(scalar)
    keys.set(String.fromCharCode(...key), key)
  }
  return [...keys.values()]
}
