import type { Bitmap } from '../bitmap.js'

/** What the planner asks of the metadata indexes of one collection. Keys are those that `indexEntries` gives. */
export interface FieldIndex {
  /** The field has a complete index. */
  ready(field: string): boolean
  /** A fresh bitmap of all records. */
  live(): Bitmap
  /** A fresh bitmap of the live records having this key. */
  lookup(field: string, key: Uint8Array): Bitmap
  /**
   * A fresh bitmap of the live records having a key in [start, end); `undefined` when the range spans too many keys to
   * be worth it.
   */
  lookupRange(field: string, start: Uint8Array, end: Uint8Array): Bitmap | undefined
}
