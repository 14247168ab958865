import { ARRAY_BYTES, SLOT_BYTES, stringBytes, valueBytes } from '../records/memory-size.js'
import { copyMetadata, type Metadata } from '../records/metadata.js'

/** A hit before its flags are looked at. */
export interface AnyHit {
  id: string
  score: number
  distance: number
  metadata?: Metadata
  vector?: Float32Array
}

/** Hits that share nothing with `hits`: what the owner of one changes, the owner of the other does not see. */
export function copyHits(hits: readonly AnyHit[]): AnyHit[] {
  return hits.map(copyHit)
}

function copyHit({ id, score, distance, metadata, vector }: AnyHit): AnyHit {
  const copy: AnyHit = { id, score, distance }
  if (metadata) copy.metadata = copyMetadata(metadata)
  if (vector) copy.vector = vector.slice()
  return copy
}

/** What a hit and a vector take in memory besides their parts, in bytes, as measured on V8 with 64-bit pointers. */
const HIT_BYTES = 88
const VECTOR_BYTES = 264

/** About how much memory hits take, in bytes, if they share nothing with others. */
export function hitsBytes(hits: readonly AnyHit[]): number {
  let bytes = ARRAY_BYTES
  for (const { id, metadata, vector } of hits) {
    bytes += SLOT_BYTES + HIT_BYTES + stringBytes(id)
    if (metadata) bytes += valueBytes(metadata)
    if (vector) bytes += VECTOR_BYTES + vector.byteLength
  }
  return bytes
}
