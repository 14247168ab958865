import { decodeMetadata } from './metadata.js'

/** Longer texts are parsed: a pattern keeps a place to come back to for every character. */
const SHORT_CHARACTERS = 4_096

const SCALAR = String.raw`(?:"[^"\\\u0000-\u001f]*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)`
const VALUE = String.raw`(?:${SCALAR}|\[(?:${SCALAR}(?:,(?=["\-\dtfn])|(?=\])))*\])`
/** An object of scalars and of lists of scalars, without white space, and without escapes in its strings. */
const PLAIN = new RegExp(String.raw`^\{(?:"[^"\\\u0000-\u001f]*":${VALUE}(?:,(?=")|(?=\})))*\}$`)

/**
 * Whether a text is a JSON object that can be read, as metadata is stored. Nearly all metadata is known by
 * its looks, which takes a quarter of the time of parsing it and makes nothing for the garbage collector.
 */
export function isStoredMetadata(json: string): boolean {
  if (json.length <= SHORT_CHARACTERS && PLAIN.test(json)) return true
  try {
    const value: unknown = decodeMetadata(json)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    // No JSON, or so deep that nobody can read it.
    return false
  }
}
