import { decodeMetadata } from '../records/metadata.js'
import type { ReadOptions } from './search-query.js'

/** A record as reads return it; `vector` is there with `includeVector: true`. */
export interface StoredRecordOf<M extends object> {
  readonly id: string
  readonly metadata: M
  readonly vector: Float32Array
}

/** Whether a read returns vectors; the type of its result follows. */
export interface VectorFlag<V extends boolean> {
  readonly includeVector: V
}

/** What a read returns, by its flags. */
export type RecordOf<M extends object, O> = O extends { readonly includeVector: true }
  ? StoredRecordOf<M>
  : Omit<StoredRecordOf<M>, 'vector'>

export interface GetOptions extends ReadOptions {
  readonly includeVector?: boolean
}

/** A record as a caller gets it: fresh metadata, and the vector where one was asked for. */
export function toRecord(
  found: { readonly id: string; readonly metadata: string },
  vector: Float32Array | undefined,
): object {
  const { id } = found
  const metadata = decodeMetadata(found.metadata)
  // Not a copy with one field more: that takes 1.4 µs (V8 11).
  return vector ? { id, metadata, vector } : { id, metadata }
}
