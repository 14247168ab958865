/** One name of a dotted path, and the array index it also is when it is written like one. */
export interface PathSegment {
  readonly name: string
  readonly index: number | undefined
}

/** A dotted path into metadata, for example `author.name`, `tags.0` or `parts.2.colour`. */
export interface FieldPath {
  readonly text: string
  readonly segments: readonly PathSegment[]
}

/** Fields of an object as it comes from the caller: only own ones count. */
export type Fields = Readonly<Record<string, unknown>>

const arrayIndex = /^(?:0|[1-9]\d{0,8})$/

/** Whether metadata can have such a path: its keys neither contain a dot nor begin with `$`, nor are `__proto__`. */
export function isPossiblePath(text: string): boolean {
  return text.split('.').every((part) => part !== '__proto__' && !part.startsWith('$'))
}

/** Splits a dotted path at its dots; every part counts, the empty one too. */
export function parseFieldPath(text: string): FieldPath {
  const names = text.includes('.') ? text.split('.') : [text]
  const segments = names.map((name) => ({ name, index: arrayIndex.test(name) ? Number(name) : undefined }))
  return { text, segments }
}

/** Whether a metadata value is an object with fields, not an array and not a `Date`. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/**
 * Visits what `path` reaches from `subject`, until `visit` answers true.
 *
 * As in MongoDB, an array on the way is crossed once: the path goes on in every element that is an object, and a
 * name that is a number also addresses the element at that index. Elements of arrays in arrays are reached by index
 * only. A value at the end is visited whole: whether its elements count too is up to the condition.
 *
 * @param visit - gets every value reached, and `undefined` for every object (or scalar in an object's place) in which
 *   the path ends too early. An array in which nothing can be followed is silent: `visit` may never be called
 * @returns whether some visit answered true
 */
export function visitPath(subject: unknown, path: FieldPath, visit: (value: unknown) => boolean): boolean {
  return follow(subject, path.segments, 0, visit)
}

function follow(
  value: unknown,
  segments: readonly PathSegment[],
  depth: number,
  visit: (value: unknown) => boolean,
): boolean {
  const segment = segments[depth]
  if (segment === undefined) return visit(value)
  if (Array.isArray(value)) return followArray(value, segments, depth, visit)
  if (!isFields(value) || !Object.hasOwn(value, segment.name)) return visit(undefined)
  return follow(value[segment.name], segments, depth + 1, visit)
}

function followArray(
  array: readonly unknown[],
  segments: readonly PathSegment[],
  depth: number,
  visit: (value: unknown) => boolean,
): boolean {
  const { name, index } = segments[depth] as PathSegment
  if (index !== undefined && index < array.length) {
    if (follow(array[index], segments, depth + 1, visit)) return true
  }
  for (const element of array) {
    if (!isFields(element)) continue
    // A number most likely means the index, so an element without a field of that name says nothing.
    if (index !== undefined && !Object.hasOwn(element, name)) continue
    if (follow(element, segments, depth, visit)) return true
  }
  return false
}
