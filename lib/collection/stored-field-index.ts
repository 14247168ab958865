import type { Bitmap } from '../bitmap.js'
import type { FieldIndex } from '../filter/field-index.js'
import type { RecordReader } from '../records/record-reader.js'
import type { CollectionState } from './collection-state.js'

/** The field indexes of a collection as one instant of the record store has them. */
export function storedFieldIndex(state: CollectionState, records: RecordReader): FieldIndex {
  const fields = new Map(state.fields.filter((field) => field.ready).map(({ path, field }) => [path, field]))
  const numberOf = (path: string): number => fields.get(path) as number
  return {
    ready: (path) => fields.has(path),
    live: () => records.live(state.number),
    lookup: (path, key): Bitmap => records.lookup(state.number, numberOf(path), key),
    lookupRange: (path, start, end) => records.lookupRange(state.number, numberOf(path), start, end),
  }
}
